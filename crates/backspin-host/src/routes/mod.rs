//! Which trigger answers a path: Spin's routes, with Spin's precedence.

mod headers;
mod pattern;

#[cfg(test)]
mod tests;

pub use headers::{client_address, full_url};

use crate::manifest::{Located, Manifest, ManifestError, TriggerRoute, TriggerTarget};
use headers::RouteHeaders;
use pattern::Pattern;

/// Paths below this belong to the runtime: `health` and `info`.
pub const RESERVED_PREFIX: &str = "/.well-known/spin/";

/// All routes of an application.
#[derive(Debug)]
pub struct Router {
    /// The first that matches is the one.
    routes: Vec<Route>,
    /// By component: what a call to `http://ID.spin.internal` matches.
    internal: Vec<Route>,
}

/// Who answers.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum RouteTarget {
    /// Index in [`Manifest::components`].
    Component(usize),
    /// Index in [`Manifest::triggers`] of the one that has the response.
    StaticResponse(usize),
}

/// A public route.
#[derive(Debug)]
pub struct Route {
    pub target: RouteTarget,
    /// As the manifest has it.
    written: String,
    pattern: Pattern,
    headers: RouteHeaders,
}

/// A path, the route it took and what the route took from the path.
#[derive(Debug)]
pub struct RouteMatch<'router, 'path> {
    pub route: &'router Route,
    /// What `/...` matched: empty, or with the slash in front of it and the one at its end, if there is one.
    /// `None` if the route does not end in `/...`.
    pub trailing: Option<&'path str>,
    /// The values of the route's parameters, in order.
    values: Vec<&'path str>,
}

impl Router {
    /// The routes of `manifest`.
    ///
    /// # Errors
    /// A route that is not valid, that repeats another one, or that can never be reached.
    pub fn new(manifest: &Manifest) -> Result<Self, ManifestError> {
        let mut ordered = routefinder::Router::new();
        let mut routes: Vec<(Option<Route>, &Located<String>)> = Vec::new();
        for (index, trigger) in manifest.triggers.iter().enumerate() {
            let TriggerRoute::Public(written) = &trigger.route else { continue };
            let target = match &trigger.target {
                TriggerTarget::StaticResponse(_) => RouteTarget::StaticResponse(index),
                TriggerTarget::Component(id) => match component_index(manifest, &id.value) {
                    Some(component) => RouteTarget::Component(component),
                    None => {
                        return Err(manifest.error(id.at, format!("there is no component `{}`", id.value)));
                    }
                },
            };
            let refuse = |reason: String| {
                manifest.error(written.at, format!("the route {:?}: {reason}", written.value))
            };
            let absolute = absolute(&written.value);
            if absolute.starts_with(RESERVED_PREFIX) {
                return Err(refuse(format!("paths below {RESERVED_PREFIX} belong to the runtime")));
            }
            let (spec, pattern) = Pattern::parse(&absolute).map_err(refuse)?;
            for (other, other_written) in &routes {
                if other.as_ref().is_some_and(|other| other.pattern.matches_same_as(&pattern)) {
                    return Err(refuse(format!(
                        "it takes the same paths as {:?} on line {}: remove one of them",
                        other_written.value, other_written.at.line
                    )));
                }
            }
            let headers =
                RouteHeaders::new(&absolute, &written.value, pattern.parameters()).map_err(refuse)?;
            let route = Route { target, written: written.value.clone(), pattern, headers };
            let Ok(()) = ordered.add(spec, routes.len());
            routes.push((Some(route), written));
        }
        let routes = ordered.iter().filter_map(|(_, index)| routes[*index].0.take()).collect();
        let internal = (0..manifest.components.len()).map(Route::internal).collect::<Result<_, _>>();
        let internal = internal.map_err(|reason: String| ManifestError::of_file(&manifest.file, reason))?;
        Ok(Self { routes, internal })
    }

    /// The route of a path: `path` as in a request line, without the query.
    pub fn find<'router, 'path>(&'router self, path: &'path str) -> Option<RouteMatch<'router, 'path>> {
        let trimmed = path.trim_matches('/');
        let mut values = Vec::new();
        let route = self.routes.iter().find(|route| route.pattern.matches(trimmed, &mut values))?;
        let trailing =
            if route.pattern.has_rest() { values.pop().map(|rest| with_slashes(rest, path)) } else { None };
        Some(RouteMatch { route, trailing, values })
    }

    /// The match of a call between components: whatever the path, as if `/...` were the component's route.
    /// `None` if there is no such component.
    pub fn internal<'router, 'path>(
        &'router self,
        component: usize,
        path: &'path str,
    ) -> Option<RouteMatch<'router, 'path>> {
        Some(RouteMatch { route: self.internal.get(component)?, trailing: Some(path), values: Vec::new() })
    }

    /// The public routes, the one that is tried first first.
    pub fn routes(&self) -> impl Iterator<Item = &Route> {
        self.routes.iter()
    }
}

impl Route {
    /// The route as the manifest has it.
    pub fn written(&self) -> &str {
        &self.written
    }

    fn internal(component: usize) -> Result<Self, String> {
        let (_, pattern) = Pattern::parse("/...")?;
        Ok(Self {
            target: RouteTarget::Component(component),
            written: "/...".to_owned(),
            pattern,
            headers: RouteHeaders::new("/...", "/...", &[])?,
        })
    }
}

impl<'path> RouteMatch<'_, 'path> {
    /// The `:name` segments with the text they matched, percent-encoded as in the path.
    pub fn parameters(&self) -> impl Iterator<Item = (&str, &'path str)> {
        self.route.pattern.parameters().iter().map(String::as_str).zip(self.values.iter().copied())
    }
}

/// `rest`, a part of `path`, with the slash in front of it and the one that ends the path.
fn with_slashes<'path>(rest: &'path str, path: &'path str) -> &'path str {
    let ends_with_slash = path.ends_with('/');
    if rest.is_empty() {
        return if ends_with_slash { "/" } else { "" };
    }
    let start = rest.as_ptr().addr() - path.as_ptr().addr();
    let end = start + rest.len() + usize::from(ends_with_slash);
    path.get(start.saturating_sub(1)..end).unwrap_or(rest)
}

fn component_index(manifest: &Manifest, id: &str) -> Option<usize> {
    manifest.components.iter().position(|component| component.id.value == id)
}

/// A route with a slash in front and none at the end.
fn absolute(route: &str) -> String {
    let route = route.strip_suffix('/').unwrap_or(route);
    if route.is_empty() || route.starts_with('/') { route.to_owned() } else { format!("/{route}") }
}
