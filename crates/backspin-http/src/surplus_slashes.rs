//! Paths with more slashes than they need. The runtime's routes take them as if they had fewer, so who looks at the path
//! itself, to tell one endpoint from another or what a limit applies to, would be misled: no component sees one.

use backspin_core::{Error, Result};

use crate::{Reply, Request};

/// Below it are the paths that mean something.
const API: &str = "/api/";

impl Request {
    /// The reply to a path with surplus slashes, as PocketBase gives it: a redirect to the path without doubled ones, and
    /// 404 for one that ends with a slash. `None` for every other path.
    pub fn surplus_slashes(&self) -> Option<Result<Reply>> {
        let path = self.route();
        let is_doubled = path.contains("//");
        let has_end = path.starts_with(API) && path.ends_with('/');
        if !is_doubled && !has_end {
            return None;
        }
        let mut target = String::with_capacity(self.path_and_query().len());
        for (at, character) in path.char_indices() {
            if character != '/' || !path[..at].ends_with('/') {
                target.push(character);
            }
        }
        // Anything else might lead a browser to another site.
        if !is_doubled || !target.starts_with(API) {
            return Some(Err(Error::NotFound("File not found.".to_owned())));
        }
        target.push_str(&self.path_and_query()[path.len()..]);
        Some(Ok(Reply::redirect(307, target)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Headers, Method};

    /// The target of the redirect, or the status.
    fn of(path_and_query: &str) -> Option<std::result::Result<String, u16>> {
        let request = Request::new(Method::GET, path_and_query.into(), Headers::new(Vec::new()), Vec::new());
        let reply = request.surplus_slashes()?.map_err(|error| error.status());
        Some(reply.map(|reply| {
            let location = reply.headers().into_iter().find(|(name, _)| name == "location");
            String::from_utf8(location.unwrap().1).unwrap()
        }))
    }

    #[test]
    fn other_paths_are_left_alone() {
        for path in ["/", "/_/", "/api", "/api/health", "/api/health?url=http://a/", "/api/a%2F%2Fb"] {
            assert_eq!(of(path), None, "{path}");
        }
    }

    #[test]
    fn doubled_slashes_lead_to_the_path_without_them() {
        for path in ["//api/health", "/api//health", "///api///health"] {
            assert_eq!(of(path), Some(Ok("/api/health".to_owned())), "{path}");
        }
        assert_eq!(of("//api/a//?x=//&y"), Some(Ok("/api/a/?x=//&y".to_owned())));
    }

    #[test]
    fn a_slash_at_the_end_and_ways_to_other_sites_are_not_found() {
        for path in
            ["/api/", "/api/health/", "//other.test/api/", "//\\other.test", "/x//api/health", "//_/", "//"]
        {
            assert_eq!(of(path), Some(Err(404)), "{path}");
        }
    }
}
