//! Which function a request of a batch calls, by its method and URL.

use backspin_core::limits;

/// What a request of a batch does, and to what.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Route {
    pub(super) action: Action,
    /// A name or an id.
    pub(super) collection: String,
    /// Names and values, decoded.
    pub(super) query: Vec<(String, String)>,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Action {
    Create,
    /// By the id in the body: an update if there is such a record.
    Upsert,
    Update(String),
    Delete(String),
}

impl Route {
    /// Reads `/api/collections/COLLECTION/records` and `…/records/ID`, with or without a query. `None` for
    /// anything else that a URL can be, and for a method that has no place there.
    pub(super) fn find(method: &str, url: &str) -> Option<Self> {
        let (path, query) = url.split_once('?').unwrap_or((url, ""));
        let (collection, rest) = path.strip_prefix("/api/collections/")?.split_once('/')?;
        let id = match rest.strip_prefix("records")? {
            "" => None,
            id => Some(segment(id.strip_prefix('/')?)?),
        };
        let action = match (method, id) {
            ("POST", None) => Action::Create,
            ("PUT", None) => Action::Upsert,
            ("PATCH", Some(id)) => Action::Update(id),
            ("DELETE", Some(id)) => Action::Delete(id),
            _ => return None,
        };
        let query = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        Some(Route { action, collection: segment(collection)?, query })
    }
}

/// One segment of a path, decoded.
fn segment(raw: &str) -> Option<String> {
    if raw.is_empty() || raw.len() > limits::PATH_SEGMENT_BYTES_MAX || raw.contains('/') {
        return None;
    }
    percent_encoding::percent_decode_str(raw).decode_utf8().ok().map(|text| text.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_four_writes_have_a_route() {
        let find = |method, url| Route::find(method, url).map(|route| (route.action, route.collection));
        let posts = "/api/collections/posts/records";
        let of_record = "/api/collections/posts/records/a%20b?x";
        assert_eq!(find("POST", posts), Some((Action::Create, "posts".into())));
        assert_eq!(find("PUT", posts), Some((Action::Upsert, "posts".into())));
        assert_eq!(find("PATCH", of_record), Some((Action::Update("a b".into()), "posts".into())));
        assert_eq!(find("DELETE", of_record), Some((Action::Delete("a b".into()), "posts".into())));
    }

    #[test]
    fn the_query_is_decoded() {
        let route =
            Route::find("POST", "/api/collections/p%C3%BC/records?fields=a%2Cb&expand=c&fields=d").unwrap();
        let query = [("fields", "a,b"), ("expand", "c"), ("fields", "d")];
        assert_eq!(route.collection, "pü");
        assert_eq!(route.query, query.map(|(name, value)| (name.to_owned(), value.to_owned())));
    }

    #[test]
    fn anything_else_has_none() {
        let long = format!("/api/collections/{}/records", "a".repeat(limits::PATH_SEGMENT_BYTES_MAX + 1));
        for (method, url) in [
            ("GET", "/api/collections/posts/records"),
            ("POST", "/api/collections/posts/records/id"),
            ("PATCH", "/api/collections/posts/records"),
            ("PATCH", "/api/collections/posts/records/"),
            ("PATCH", "/api/collections/posts/records/a/b"),
            ("POST", "/api/collections/posts/records/"),
            ("POST", "/api/collections/posts/recordsets"),
            ("POST", "/api/collections//records"),
            ("POST", "/api/collections/%ff/records"),
            ("POST", "/api/collections"),
            ("POST", "/api/batch"),
            ("POST", "api/collections/posts/records"),
            ("POST", "http://localhost/api/collections/posts/records"),
            ("POST", ""),
            ("POST", &long),
        ] {
            assert_eq!(Route::find(method, url), None, "{method} {url}");
        }
    }
}
