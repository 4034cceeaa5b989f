//! A request whose body is read, as the components see it.

use std::borrow::Cow;

use backspin_core::{Error, RequestParameters, Result, limits};
use bytes::Bytes;
use http::Method;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::Headers;
use crate::body::Body;
use crate::form::Texts;
use crate::json::Object;

/// A request.
pub struct Request {
    method: Method,
    path_and_query: String,
    headers: Headers,
    body: Bytes,
}

impl Request {
    pub fn new(method: Method, path_and_query: String, headers: Headers, body: Vec<u8>) -> Self {
        Request { method, path_and_query, headers, body: body.into() }
    }

    /// The method, with HEAD seen as GET: the server leaves the body out of a reply to HEAD.
    pub fn method(&self) -> &Method {
        if self.method == Method::HEAD { &Method::GET } else { &self.method }
    }

    pub fn headers(&self) -> &Headers {
        &self.headers
    }

    /// As it was sent.
    pub(crate) fn path_and_query(&self) -> &str {
        &self.path_and_query
    }

    /// The path without the query. That of a component's request has no surplus slashes.
    pub fn route(&self) -> &str {
        self.path_and_query.split('?').next().unwrap_or_default()
    }

    /// The length of the body in bytes.
    pub fn body_bytes(&self) -> usize {
        self.body.len()
    }

    /// Errors: 400 if the query is longer than [`limits::QUERY_BYTES_MAX`] or is not UTF-8, for then nothing
    /// in it can be relied on.
    pub fn check_query(&self) -> Result<()> {
        let Some((_, query)) = self.path_and_query.split_once('?') else { return Ok(()) };
        if query.len() > limits::QUERY_BYTES_MAX {
            return Err(Error::bad_request("The query string is longer than this server reads."));
        }
        match percent_encoding::percent_decode_str(query).decode_utf8() {
            Ok(_) => Ok(()),
            Err(_) => Err(Error::bad_request("The query string is not UTF-8.")),
        }
    }

    /// The segment of the path that the route calls `:name`, decoded.
    ///
    /// Errors: 404 if it is not UTF-8 or longer than [`limits::PATH_SEGMENT_BYTES_MAX`], for then it
    /// names nothing.
    pub fn path(&self, name: &str) -> Result<Cow<'_, str>> {
        self.find_path(name)?.ok_or_else(|| {
            Error::internal(format!("the route gives no path parameter :{name}; compare spin.toml"))
        })
    }

    /// As [`Request::path`]; `None` if the route has no such segment.
    pub fn find_path(&self, name: &str) -> Result<Option<Cow<'_, str>>> {
        let Some(raw) = self.headers.find_path_match(name) else { return Ok(None) };
        if raw.len() > limits::PATH_SEGMENT_BYTES_MAX {
            return Err(Error::not_found());
        }
        let decoded = percent_encoding::percent_decode_str(raw).decode_utf8();
        decoded.map(Some).map_err(|_| Error::not_found())
    }

    /// Refuses query parameters that have a meaning which is not available here yet, for to ignore them
    /// would give the client something else than it asked for.
    ///
    /// Errors: 400 if one of `names` is given.
    pub fn refuse_query(&self, names: &[&str]) -> Result<()> {
        if !self.path_and_query.contains('?') {
            return Ok(());
        }
        match names.iter().find(|name| self.query(name).is_some_and(|value| !value.is_empty())) {
            Some(name) => Err(Error::bad_request(format!(
                "The query parameter \"{name}\" is not available in this version. Leave it out."
            ))),
            None => Ok(()),
        }
    }

    /// The first value of the query parameter `name`, decoded.
    pub fn query(&self, name: &str) -> Option<Cow<'_, str>> {
        let (_, query) = self.path_and_query.split_once('?')?;
        form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == name).map(|(_, value)| value)
    }

    /// The token of the `Authorization` header, with or without `Bearer `.
    pub fn token(&self) -> Option<&str> {
        let value = self.headers.get("authorization")?;
        let token = match value.split_at_checked(7) {
            Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer ") => token,
            _ => value,
        };
        Some(token.trim()).filter(|token| !token.is_empty())
    }

    /// The fields and files of the body: JSON, `multipart/form-data` or
    /// `application/x-www-form-urlencoded`. Nothing, and JSON's `null`, has no fields.
    ///
    /// Errors: 400 with `message` if it is none of these, is broken, or names a key of JSON twice; 400
    /// and 413 for a form beyond the limits of [`limits`]; 400 for another type of content.
    pub fn body(&self, message: &str) -> Result<Body> {
        self.read_body(Texts::Inferred, message)
    }

    /// The fields of a body that may have no files.
    ///
    /// Errors: as [`Request::body`], and 501 if it has files.
    pub fn object(&self, message: &str) -> Result<Object> {
        self.body(message)?.into_fields()
    }

    /// The fields of the body as a `T`. What a form holds beside `@jsonPayload` are texts here.
    ///
    /// Errors: as [`Request::object`], and 400 with `message` if it is not of that shape.
    pub fn json<T: DeserializeOwned>(&self, message: &str) -> Result<T> {
        let fields = Value::Object(self.read_body(Texts::AsSent, message)?.into_fields()?);
        serde_json::from_value(fields).map_err(|_| Error::bad_request(message))
    }

    fn read_body(&self, texts: Texts, message: &str) -> Result<Body> {
        let content_type = self.headers.get("content-type").unwrap_or_default();
        Body::read(content_type, &self.body, texts, message)
    }
}

impl RequestParameters for Request {
    fn query(&self, name: &str) -> Option<Cow<'_, str>> {
        Request::query(self, name)
    }

    fn header(&self, name: &str) -> Option<Cow<'_, str>> {
        self.headers.find_as_named_in_filters(name).map(Cow::Borrowed)
    }

    fn last_header(&self, name: &str) -> Option<Cow<'_, str>> {
        self.headers.find_last_as_named_in_filters(name).map(Cow::Borrowed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(path_and_query: &str, headers: &[(&str, &str)], body: &str) -> Request {
        let headers = headers.iter().map(|(name, value)| (name.to_string(), value.as_bytes().to_vec()));
        Request::new(Method::HEAD, path_and_query.into(), Headers::new(headers.collect()), body.into())
    }

    #[test]
    fn head_is_handled_as_get() {
        assert_eq!(request("/", &[], "").method(), Method::GET);
    }

    #[test]
    fn query_parameters_are_decoded() {
        let request = request("/x?sort=%2Btitle&filter=a+%26%26+b", &[], "");
        assert_eq!(request.query("sort").as_deref(), Some("+title"));
        assert_eq!(request.query("filter").as_deref(), Some("a && b"));
        assert_eq!(request.query("page"), None);
    }

    #[test]
    fn a_query_has_a_limit_and_is_utf_8() {
        let long = format!("/x?{}", "a".repeat(limits::QUERY_BYTES_MAX + 1));
        for (path_and_query, is_fine) in [
            ("/x", true),
            ("/x?a=%C3%BC%00", true),
            (&long[..long.len() - 1], true),
            (&long, false),
            ("/x?a=%ff", false),
            ("/x?%c3=a", false),
        ] {
            assert_eq!(
                request(path_and_query, &[], "").check_query().is_ok(),
                is_fine,
                "{path_and_query:.20}"
            );
        }
    }

    #[test]
    fn path_parameters_are_decoded_and_limited() {
        let long = "a".repeat(limits::PATH_SEGMENT_BYTES_MAX + 1);
        let headers = [
            ("spin-path-match-id", "forged"),
            ("Spin-Path-Match-id", "a%20b"),
            ("spin-path-match-bad", "%ff"),
            ("spin-path-match-long", &long),
        ];
        let request = request("/", &headers, "");
        assert_eq!(request.path("id").ok().as_deref(), Some("a b"));
        assert_eq!(request.path("bad").map_err(|error| error.status()), Err(404));
        assert_eq!(request.path("long").map_err(|error| error.status()), Err(404));
        assert_eq!(request.path("other").map_err(|error| error.status()), Err(500));
    }

    #[test]
    fn headers_are_found_as_filters_name_them() {
        let request = request("/", &[("X-Plan", "a"), ("x-plan", "b"), ("x_other", "c")], "");
        assert_eq!(request.header("x_plan").as_deref(), Some("a"));
        assert_eq!(request.header("x_other").as_deref(), Some("c"));
        assert_eq!(request.last_header("x_plan").as_deref(), Some("b"));
        for name in ["x-plan", "X_Plan", "x_pla", ""] {
            assert_eq!(request.header(name), None, "{name}");
        }
    }

    #[test]
    fn a_token_may_follow_bearer() {
        for value in ["abc", "Bearer abc", "bearer  abc "] {
            assert_eq!(request("/", &[("authorization", value)], "").token(), Some("abc"));
        }
        assert_eq!(request("/", &[("authorization", "Bearer ")], "").token(), None);
        assert_eq!(request("/", &[], "").token(), None);
    }
}
