//! What the rules of rate limits call the requests of a collection.

use std::borrow::Cow;

/// Which counter a request belongs to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Route<'a> {
    /// A request of a collection, by its name or id, and what it does.
    Collection {
        name: Cow<'a, str>,
        actions: &'static [&'static str],
    },
    /// It is counted where it is carried out.
    CountsItself,
    Other,
}

impl<'a> Route<'a> {
    /// `path` as sent.
    pub(super) fn of(method: &str, path: &'a str) -> Self {
        let Some((collection, rest)) =
            path.strip_prefix("/api/collections/").and_then(|rest| rest.split_once('/'))
        else {
            return Route::Other;
        };
        let actions: &[&str] = match (method, rest) {
            ("GET", "records") => &["list"],
            ("POST", "records") => &["create"],
            // Only within a batch: whether it creates or changes a record is seen later.
            ("PUT", "records") => &["update"],
            ("GET", "auth-methods") => &["listAuthMethods"],
            (
                "POST",
                "auth-with-password"
                | "auth-with-oauth2"
                | "auth-with-otp"
                | "auth-with-totp"
                | "auth-refresh"
                | "request-otp"
                | "request-verification"
                | "confirm-verification"
                | "request-password-reset"
                | "confirm-password-reset"
                | "request-email-change"
                | "confirm-email-change",
            ) => return Route::CountsItself,
            (method, rest) => match (method, rest.strip_prefix("records/")) {
                (_, Some(id)) if id.is_empty() || id.contains('/') => return Route::Other,
                ("GET", Some(_)) => &["view"],
                ("PATCH", Some(_)) => &["update"],
                ("DELETE", Some(_)) => &["delete"],
                _ => return Route::Other,
            },
        };
        match percent_encoding::percent_decode_str(collection).decode_utf8() {
            Ok(name) => Route::Collection { name, actions },
            Err(_) => Route::Other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_requests_of_a_collection_have_actions() {
        for (method, path, name, action) in [
            ("GET", "/api/collections/posts/records", "posts", "list"),
            ("POST", "/api/collections/p%6Fsts/records", "posts", "create"),
            ("GET", "/api/collections/posts/records/a", "posts", "view"),
            ("PATCH", "/api/collections/posts/records/a", "posts", "update"),
            ("DELETE", "/api/collections/posts/records/a", "posts", "delete"),
            ("GET", "/api/collections/users/auth-methods", "users", "listAuthMethods"),
        ] {
            match Route::of(method, path) {
                Route::Collection { name: found, actions } => {
                    assert_eq!((&*found, actions[0]), (name, action), "{method} {path}");
                }
                other => panic!("{method} {path}: {other:?}"),
            }
        }
        assert_eq!(Route::of("POST", "/api/collections/users/auth-refresh"), Route::CountsItself);
        for (method, path) in [
            ("GET", "/api/settings"),
            ("GET", "/api/collections"),
            ("GET", "/api/collections/posts"),
            ("PUT", "/api/collections/posts/records/a"),
            ("GET", "/api/collections/posts/records/"),
            ("GET", "/api/collections/posts/records/a/history"),
            ("GET", "/api/collections/users/auth-refresh"),
            ("POST", "/api/collections/users/impersonate/a"),
            ("GET", "/api/collections/%ff/records"),
        ] {
            assert_eq!(Route::of(method, path), Route::Other, "{method} {path}");
        }
    }
}
