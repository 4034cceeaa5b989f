//! Cross-origin requests: allowed from everywhere, as tokens travel in a header and never in a cookie.

use crate::{Reply, Request};

const METHODS: &str = "GET,HEAD,PUT,PATCH,POST,DELETE";

/// The reply to OPTIONS, whatever the path.
pub fn preflight(request: &Request) -> Reply {
    let asked = request.headers().get("access-control-request-headers").unwrap_or_default();
    let reply = Reply::no_content()
        .with_header("access-control-allow-methods", METHODS)
        .with_header("access-control-allow-origin", "*")
        .with_header("access-control-max-age", "86400")
        .with_header("vary", "Origin, Access-Control-Request-Method, Access-Control-Request-Headers");
    if asked.is_empty() { reply } else { reply.with_header("access-control-allow-headers", asked) }
}

impl Reply {
    /// Lets scripts of the origin that asked read this reply.
    pub fn allow_origin(self, request: &Request) -> Self {
        if request.headers().get("origin").is_none() {
            return self;
        }
        self.with_header("access-control-allow-origin", "*").with_header("vary", "Origin")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Headers, Method};

    fn request(headers: &[(&str, &str)]) -> Request {
        let headers = headers.iter().map(|(name, value)| (name.to_string(), value.as_bytes().to_vec()));
        Request::new(Method::OPTIONS, "/".into(), Headers::new(headers.collect()), Vec::new())
    }

    fn has(reply: &Reply, name: &str, value: &str) -> bool {
        reply.headers().contains(&(name.to_owned(), value.as_bytes().to_vec()))
    }

    #[test]
    fn a_preflight_allows_every_method_and_the_headers_asked_for() {
        let reply = preflight(&request(&[("Access-Control-Request-Headers", "authorization,content-type")]));
        assert_eq!(reply.status(), 204);
        assert!(has(&reply, "access-control-allow-methods", METHODS));
        assert!(has(&reply, "access-control-allow-headers", "authorization,content-type"));
    }

    #[test]
    fn only_requests_with_an_origin_get_the_header() {
        let reply = Reply::ok("{}");
        assert_eq!(reply.clone().allow_origin(&request(&[])), reply);
        assert!(has(
            &reply.allow_origin(&request(&[("origin", "https://a")])),
            "access-control-allow-origin",
            "*"
        ));
    }
}
