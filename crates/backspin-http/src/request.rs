//! A request whose body is read, as the components see it.

use std::borrow::Cow;

use backspin_core::{Error, Result, limits};
use http::Method;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::json::{self, Object};

/// Header names and values in the order they came. Names are compared without regard to case.
#[derive(Clone, Debug, Default)]
pub struct Headers(Vec<(String, Vec<u8>)>);

impl Headers {
    pub fn new(headers: Vec<(String, Vec<u8>)>) -> Self {
        Headers(headers)
    }

    /// The first value of `name` that is UTF-8.
    pub fn get(&self, name: &str) -> Option<&str> {
        let (_, value) = self.0.iter().find(|(key, _)| key.eq_ignore_ascii_case(name))?;
        std::str::from_utf8(value).ok()
    }

    fn find_path_match(&self, name: &str) -> Option<&str> {
        const PREFIX: &str = "spin-path-match-";
        let is_match = |key: &str| {
            key.split_at_checked(PREFIX.len())
                .is_some_and(|(prefix, rest)| rest == name && prefix.eq_ignore_ascii_case(PREFIX))
        };
        let (_, value) = self.0.iter().find(|(key, _)| is_match(key))?;
        std::str::from_utf8(value).ok()
    }

    /// The length of the body as announced.
    pub fn content_length(&self) -> Option<u64> {
        self.get("content-length")?.parse().ok()
    }
}

/// A request.
pub struct Request {
    method: Method,
    path_and_query: String,
    headers: Headers,
    body: Vec<u8>,
}

impl Request {
    pub fn new(method: Method, path_and_query: String, headers: Headers, body: Vec<u8>) -> Self {
        Request { method, path_and_query, headers, body }
    }

    /// The method, with HEAD seen as GET: the server leaves the body out of a reply to HEAD.
    pub fn method(&self) -> &Method {
        if self.method == Method::HEAD { &Method::GET } else { &self.method }
    }

    pub fn headers(&self) -> &Headers {
        &self.headers
    }

    /// The path without the query, for the log.
    pub fn route(&self) -> &str {
        self.path_and_query.split('?').next().unwrap_or_default()
    }

    /// Whether the query exceeds [`limits::QUERY_BYTES_MAX`].
    pub fn query_is_too_long(&self) -> bool {
        self.path_and_query.len() > limits::QUERY_BYTES_MAX
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

    /// All names and values of the query, decoded.
    pub fn query_pairs(&self) -> Vec<(String, String)> {
        let query = self.path_and_query.split_once('?').map_or("", |(_, query)| query);
        form_urlencoded::parse(query.as_bytes()).into_owned().collect()
    }

    /// All headers that are UTF-8, as filters name them: in lower case with `_` for `-`.
    pub fn header_pairs(&self) -> Vec<(String, String)> {
        let pairs = self.headers.0.iter().filter_map(|(name, value)| {
            let value = std::str::from_utf8(value).ok()?;
            Some((name.to_ascii_lowercase().replace('-', "_"), value.to_owned()))
        });
        pairs.collect()
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

    /// The body as a JSON object; without a body, and for `null`, an empty one.
    ///
    /// Errors: 400 with `message` if it is no JSON, no object, or names a key twice; 400 for another type
    /// of content.
    pub fn object(&self, message: &str) -> Result<Object> {
        if self.body.is_empty() {
            return Ok(Object::new());
        }
        self.require_json()?;
        json::object(&self.body).ok_or_else(|| Error::bad_request(message))
    }

    /// The body as a JSON object of the shape `T`, as [`Request::object`] reads it.
    ///
    /// Errors: as [`Request::object`], and 400 with `message` if it is not of that shape.
    pub fn json<T: DeserializeOwned>(&self, message: &str) -> Result<T> {
        let object = Value::Object(self.object(message)?);
        serde_json::from_value(object).map_err(|_| Error::bad_request(message))
    }

    fn require_json(&self) -> Result<()> {
        let content_type = self.headers.get("content-type").unwrap_or_default();
        let media_type = content_type.split(';').next().unwrap_or_default().trim();
        if media_type.eq_ignore_ascii_case("application/json") {
            return Ok(());
        }
        Err(Error::bad_request("Unsupported Content-Type."))
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
    fn path_parameters_are_decoded_and_limited() {
        let long = "a".repeat(limits::PATH_SEGMENT_BYTES_MAX + 1);
        let headers = [
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
    fn a_token_may_follow_bearer() {
        for value in ["abc", "Bearer abc", "bearer  abc "] {
            assert_eq!(request("/", &[("authorization", value)], "").token(), Some("abc"));
        }
        assert_eq!(request("/", &[("authorization", "Bearer ")], "").token(), None);
        assert_eq!(request("/", &[], "").token(), None);
    }

    #[test]
    fn a_body_is_a_json_object_or_a_400() {
        let json = [("content-type", "application/json; charset=utf-8")];
        for (body, keys) in [(r#"{"a":1}"#, 1), ("", 0), (" null ", 0)] {
            assert_eq!(request("/", &json, body).object("no").unwrap().len(), keys);
        }
        let nested = format!("{}1{}", "[".repeat(10_000), "]".repeat(10_000));
        let nested = format!(r#"{{"a":{nested}}}"#);
        for bad in ["[]", "{", r#"{"a":1,"a":2}"#, r#"{"a":1} x"#, r#"{"a":1e400}"#, "\"x\"", &nested] {
            assert_eq!(request("/", &json, bad).object("no").unwrap_err().status(), 400, "{bad:.40}");
        }
        assert_eq!(
            request("/", &[("content-type", "text/plain")], "{}").object("no").unwrap_err().to_string(),
            "Unsupported Content-Type."
        );
    }
}
