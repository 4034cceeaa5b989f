//! `[[trigger.http]]`: which path goes to which component, or to an answer written in the manifest.

use std::collections::HashSet;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

use super::component::Component;
use super::error::{Located, ManifestError, Position};
use super::fields::{Field, Fields};
use super::identifier::check_component_id;

/// One `[[trigger.http]]`.
#[derive(Clone, Debug, PartialEq)]
pub struct HttpTrigger {
    /// As written, or the one that Spin would give it.
    pub id: String,
    pub at: Position,
    pub route: TriggerRoute,
    pub target: TriggerTarget,
}

/// The `route` of a trigger.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum TriggerRoute {
    /// A pattern such as `/api/:name/...`, as written.
    Public(Located<String>),
    /// `{ private = true }`: only other components reach it, as `http://ID.spin.internal`.
    Private,
}

/// What answers a trigger's requests.
#[derive(Clone, Debug, PartialEq)]
pub enum TriggerTarget {
    /// The id of a component.
    Component(Located<String>),
    StaticResponse(StaticResponse),
}

/// `static_response = { status_code, headers, body }`.
#[derive(Clone, Debug, PartialEq)]
pub struct StaticResponse {
    /// 200 unless written otherwise.
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

/// A trigger as written: its id may be empty, its component written in place.
pub(super) struct WrittenTrigger {
    pub(super) id: String,
    pub(super) at: Position,
    pub(super) route: TriggerRoute,
    pub(super) target: WrittenTarget,
}

pub(super) enum WrittenTarget {
    Component(Located<String>),
    Inline(Box<Component>),
    StaticResponse(StaticResponse),
}

impl WrittenTrigger {
    /// Reads `[[trigger.http]]` and refuses every other kind of trigger by name.
    pub(super) fn read_all(triggers: Field<'_>) -> Result<Vec<Self>, ManifestError> {
        let mut http = Vec::new();
        for (kind, field) in triggers.table("[trigger]")?.into_named() {
            if kind.value != "http" {
                return Err(field.error(format!(
                    "[[trigger.{}]] is not supported by this runtime, which serves HTTP only: run this application with `spin up`",
                    kind.value
                )));
            }
            http = field.list()?;
        }
        http.into_iter().map(|trigger| Self::read(trigger.table("[[trigger.http]]")?)).collect()
    }

    fn read(mut fields: Fields<'_>) -> Result<Self, ManifestError> {
        fields.refuse(&[
            ("components", "name one component, as `component`"),
            ("dependencies", "compose the components when they are built, or use `spin up`"),
        ])?;
        let id = fields.text("id")?;
        let route = TriggerRoute::read(fields.get("route")?)?;
        let target = match (fields.find("component"), fields.find("static_response")) {
            (Some(component), None) => WrittenTarget::read_component(component)?,
            (None, Some(response)) if route == TriggerRoute::Private => {
                return Err(
                    response.error("a private `static_response` can never be reached: give it a route")
                );
            }
            (None, Some(response)) => {
                WrittenTarget::StaticResponse(StaticResponse::read(response.table("`static_response`")?)?)
            }
            (Some(_), Some(response)) => {
                return Err(response.error("a trigger has a `component` or a `static_response`, not both"));
            }
            (None, None) => {
                return Err(fields.error("[[trigger.http]] needs a `component` or a `static_response`"));
            }
        };
        if let Some(executor) = fields.find("executor") {
            check_executor(executor.table("`executor`")?)?;
        }
        let at = fields.at;
        fields.finish(&["route", "component", "static_response", "id", "executor"])?;
        Ok(Self { id, at, route, target })
    }
}

impl TriggerRoute {
    fn read(field: Field<'_>) -> Result<Self, ManifestError> {
        if !field.is_table() {
            return field.string().map(Self::Public);
        }
        let refusal = field.error("`route` must be a path such as \"/api/...\", or { private = true }");
        let mut fields = field.table("`route`")?;
        let private = fields.boolean("private")?;
        fields.finish(&["private"])?;
        if private { Ok(Self::Private) } else { Err(refusal) }
    }
}

impl WrittenTarget {
    fn read_component(field: Field<'_>) -> Result<Self, ManifestError> {
        let at = field.at;
        if field.is_table() {
            let id = Located { value: String::new(), at };
            let fields = field.table("the component of [[trigger.http]]")?;
            return Ok(Self::Inline(Box::new(Component::read(id, fields)?)));
        }
        Ok(Self::Component(field.string()?))
    }
}

fn check_executor(mut fields: Fields<'_>) -> Result<(), ManifestError> {
    let kind = fields.get("type")?;
    let refusal = kind.error("this runtime has only the executor { type = \"http\" }: remove the field");
    // `spin` is the former name of `http`.
    if !matches!(kind.string()?.value.as_str(), "http" | "spin") {
        return Err(refusal);
    }
    fields.finish(&["type"])
}

impl StaticResponse {
    fn read(mut fields: Fields<'_>) -> Result<Self, ManifestError> {
        let status = fields.find("status_code").map_or(Ok(StatusCode::OK), read_status)?;
        let headers = fields.find("headers").map_or_else(|| Ok(HeaderMap::new()), read_headers)?;
        let body = Bytes::from(fields.text("body")?);
        fields.finish(&["status_code", "headers", "body"])?;
        Ok(Self { status, headers, body })
    }
}

fn read_status(field: Field<'_>) -> Result<StatusCode, ManifestError> {
    let refusal = field.error("`status_code` must be the number of a final answer, from 200 to 599");
    let code = u16::try_from(field.integer()?.value).unwrap_or_default();
    StatusCode::from_u16(code).ok().filter(|status| (200..600).contains(&status.as_u16())).ok_or(refusal)
}

fn read_headers(field: Field<'_>) -> Result<HeaderMap, ManifestError> {
    let mut headers = HeaderMap::new();
    for (name, value) in field.table("`headers`")?.into_named() {
        let invalid =
            value.error(format!("the header `{}` has characters that HTTP does not allow", name.value));
        let Ok(name) = HeaderName::try_from(name.value) else { return Err(invalid) };
        let Ok(value) = HeaderValue::try_from(value.string()?.value) else { return Err(invalid) };
        headers.insert(name, value);
    }
    Ok(headers)
}

/// Gives every trigger and inline component the id that Spin gives it, and moves the components to the others.
pub(super) fn name_triggers(
    written: Vec<WrittenTrigger>,
    mut components: Vec<Component>,
) -> (Vec<HttpTrigger>, Vec<Component>) {
    let mut ids: HashSet<String> = written.iter().map(|trigger| trigger.id.clone()).collect();
    let triggers = written
        .into_iter()
        .map(|WrittenTrigger { mut id, at, route, target }| {
            if id.is_empty() {
                id = trigger_id(&target, &ids);
                ids.insert(id.clone());
            }
            let target = match target {
                WrittenTarget::Component(component) => TriggerTarget::Component(component),
                WrittenTarget::StaticResponse(response) => TriggerTarget::StaticResponse(response),
                WrittenTarget::Inline(mut component) => {
                    component.id.value = inline_component_id(&id, &components);
                    let reference = component.id.clone();
                    components.push(*component);
                    TriggerTarget::Component(reference)
                }
            };
            HttpTrigger { id, at, route, target }
        })
        .collect();
    (triggers, components)
}

fn trigger_id(target: &WrittenTarget, taken: &HashSet<String>) -> String {
    let natural = match target {
        WrittenTarget::Component(component) => Some(format!("{}-http-trigger", component.value)),
        WrittenTarget::Inline(_) | WrittenTarget::StaticResponse(_) => None,
    };
    natural
        .into_iter()
        .chain((1_u32..).map(|number| format!("http-trigger{number}")))
        .find(|id| !taken.contains(id))
        .unwrap_or_default()
}

fn inline_component_id(trigger_id: &str, components: &[Component]) -> String {
    std::iter::once(format!("{trigger_id}-component"))
        .chain((1_u32..).map(|number| format!("inline-component{number}")))
        .find(|id| check_component_id(id).is_ok() && components.iter().all(|other| other.id.value != *id))
        .unwrap_or_default()
}
