//! The values of a compiled statement: known when it is compiled, or taken from each request.

use std::borrow::Cow;

use backspin_core::{RequestParameters, Timestamp, Value};
use backspin_schema::AuthRecord;
use serde_json::{Map, Value as Json};

use crate::clock::Clock;
use crate::{geo, like};

/// Where a parameter's value comes from, so that one compiled statement serves many requests.
#[derive(Clone, Debug, PartialEq)]
pub enum Parameter {
    /// Fixed when the statement was compiled.
    Value(Value),
    /// The value at this position of [`crate::Filter::literals`] of the client's filter.
    Literal(usize),
    Request(RequestSource),
    /// The pattern of `~`: wrapped in `%` unless it holds one.
    Like(Box<Parameter>),
    /// `''` in place of null.
    OrEmpty(Box<Parameter>),
    /// As a number if it is one or reads as one, else null.
    Number(Box<Parameter>),
    /// The cosine of degrees.
    Cosine(Box<Parameter>),
    /// The haversine of a distance in km; of what is no number, it is left as it is.
    Haversine(Box<Parameter>),
}

/// A part of the request.
#[derive(Clone, Debug, PartialEq)]
pub enum RequestSource {
    Method,
    Clock(Clock),
    /// A field of the signed-in record, or its `collectionId` or `collectionName`.
    Auth(String),
    Query(String),
    QueryIsSet(String),
    /// Names in lower case with `_` for `-`.
    Header(String),
    HeaderIsSet(String),
    /// The names of the path into the body.
    Body(Vec<String>),
    BodyIsSet(String),
    /// The count of values of a field that can hold several.
    BodyLength(String),
    /// The values of such a field as a JSON array.
    BodyList(String),
}

/// What a statement's parameters can be taken from in one request.
#[derive(Clone, Copy)]
pub struct RequestValues<'a> {
    /// `GET`, `POST`, …
    pub method: &'a str,
    pub now: Timestamp,
    pub auth: Option<&'a AuthRecord>,
    /// The query and the headers.
    pub parameters: &'a dyn RequestParameters,
    /// The fields sent, in the form in which the record would have them (after modifiers such as
    /// `f+`), and whatever else was sent as it came.
    pub body: &'a Map<String, Json>,
    /// [`crate::Filter::literals`] of the client's filter.
    pub literals: &'a [Value],
}

/// The parameters of one statement, numbered from 1 or after those that the statement has of its own.
/// Equal ones share a number, so the parts of a statement may be compiled apart and put together in any
/// order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Parameters {
    own: usize,
    list: Vec<Parameter>,
}

impl Parameters {
    pub fn new() -> Self {
        Self::default()
    }

    /// The parameters that come after `own` others, `?1` to `?own`, which the statement binds itself.
    pub fn after(own: usize) -> Self {
        Self { own, list: vec![] }
    }

    /// The placeholder of a parameter: `?1`, `?2`, …
    pub fn bind(&mut self, parameter: Parameter) -> String {
        let known = self.list.iter().position(|other| *other == parameter);
        let index = known.unwrap_or_else(|| {
            self.list.push(parameter);
            self.list.len() - 1
        });
        format!("?{}", self.own + index + 1)
    }

    pub fn iter(&self) -> std::slice::Iter<'_, Parameter> {
        self.list.iter()
    }

    pub fn len(&self) -> usize {
        self.list.len()
    }

    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The values to bind for this request, in order, after the statement's own.
    pub fn evaluate(&self, request: &RequestValues<'_>) -> Vec<Value> {
        self.list.iter().map(|parameter| parameter.evaluate(request)).collect()
    }
}

impl Parameter {
    /// Its value in this request. What the request does not have is null.
    pub fn evaluate(&self, request: &RequestValues<'_>) -> Value {
        match self {
            Self::Value(value) => value.clone(),
            Self::Literal(index) => request.literals.get(*index).cloned().unwrap_or(Value::Null),
            Self::Request(source) => source.evaluate(request),
            Self::Like(inner) => match inner.text(request) {
                Some(text) => Value::Text(like::pattern(&text)),
                None => Value::Null,
            },
            Self::OrEmpty(inner) => match inner.evaluate(request) {
                Value::Null => Value::from(""),
                value => value,
            },
            Self::Number(inner) => match inner.evaluate(request) {
                Value::Integer(number) => Value::Real(number as f64),
                Value::Real(number) => Value::Real(number),
                Value::Text(text) => match text.trim().parse::<f64>() {
                    Ok(number) if number.is_finite() => Value::Real(number),
                    _ => Value::Null,
                },
                Value::Null | Value::Blob(_) => Value::Null,
            },
            Self::Cosine(degrees) => degrees.calculate(request, |degrees| degrees.to_radians().cos()),
            // A text is more than any number for SQLite, and so it stays one.
            Self::Haversine(distance) => match distance.evaluate(request) {
                Value::Text(text) => Value::Text(text),
                _ => distance.calculate(request, geo::haversine_of_km),
            },
        }
    }

    /// What a function makes of a number; null of anything else.
    fn calculate(&self, request: &RequestValues<'_>, function: impl Fn(f64) -> f64) -> Value {
        match self.evaluate(request) {
            Value::Integer(number) => Value::Real(function(number as f64)),
            Value::Real(number) => Value::Real(function(number)),
            Value::Null | Value::Text(_) | Value::Blob(_) => Value::Null,
        }
    }

    /// Its value as text, for a pattern.
    fn text(&self, request: &RequestValues<'_>) -> Option<String> {
        let boolean = match self {
            Self::Request(RequestSource::Body(path)) => find(request.body, path).and_then(Json::as_bool),
            Self::Request(RequestSource::Auth(field))
                if matches!(field.as_str(), "verified" | "emailVisibility") =>
            {
                request.auth.and_then(|auth| auth.get(field)).map(|value| *value == Value::Integer(1))
            }
            _ => None,
        };
        if let Some(boolean) = boolean {
            return Some(boolean.to_string());
        }
        match self.evaluate(request) {
            Value::Text(text) => Some(text),
            Value::Integer(number) => Some(number.to_string()),
            Value::Real(number) => Some(number.to_string()),
            Value::Null | Value::Blob(_) => None,
        }
    }
}

impl RequestSource {
    fn evaluate(&self, request: &RequestValues<'_>) -> Value {
        match self {
            Self::Method => Value::from(request.method),
            Self::Clock(clock) => clock.at(request.now),
            Self::Auth(field) => match (request.auth, field.as_str()) {
                (Some(auth), "collectionId") => Value::from(auth.collection_id.as_str()),
                (Some(auth), "collectionName") => Value::from(auth.collection_name.as_str()),
                (Some(auth), field) => auth.get(field).cloned().unwrap_or(Value::Null),
                (None, _) => Value::Null,
            },
            Self::Query(name) => Value::from(request.parameters.query(name).map(Cow::into_owned)),
            Self::QueryIsSet(name) => Value::from(request.parameters.query(name).is_some()),
            Self::Header(name) => Value::from(request.parameters.header(name).map(Cow::into_owned)),
            Self::HeaderIsSet(name) => Value::from(request.parameters.header(name).is_some()),
            Self::Body(path) => find(request.body, path).map_or(Value::Null, sql_value),
            Self::BodyIsSet(name) => Value::from(request.body.contains_key(name)),
            Self::BodyLength(name) => Value::Integer(list(request.body.get(name)).len() as i64),
            Self::BodyList(name) => Value::Text(Json::Array(list(request.body.get(name))).to_string()),
        }
    }
}

/// The value at the end of a path of object keys and array positions.
fn find<'a>(body: &'a Map<String, Json>, path: &[String]) -> Option<&'a Json> {
    let (first, rest) = path.split_first()?;
    rest.iter().try_fold(body.get(first)?, |value, segment| match value {
        Json::Object(map) => map.get(segment),
        Json::Array(items) => items.get(segment.parse::<usize>().ok()?),
        _ => None,
    })
}

/// A JSON value as SQL compares it: objects and arrays as their JSON text.
fn sql_value(json: &Json) -> Value {
    match json {
        Json::Null => Value::Null,
        Json::Bool(boolean) => Value::from(*boolean),
        Json::Number(number) => match number.as_i64() {
            Some(integer) => Value::Integer(integer),
            None => number.as_f64().map_or(Value::Null, Value::Real),
        },
        Json::String(text) => Value::from(text.as_str()),
        Json::Array(_) | Json::Object(_) => Value::Text(json.to_string()),
    }
}

/// The values of a field that may hold one or several; nothing and `""` are none.
fn list(value: Option<&Json>) -> Vec<Json> {
    match value {
        None | Some(Json::Null) => vec![],
        Some(Json::String(text)) if text.is_empty() => vec![],
        Some(Json::Array(items)) => items.clone(),
        Some(single) => vec![single.clone()],
    }
}
