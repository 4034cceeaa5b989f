//! One route's pattern: exact segments, `:name` for one segment, `/...` for the rest.
//!
//! Patterns are parsed and ordered by the crate `routefinder`, as in Spin. They are matched here, by the rules
//! of its release 0.5, which Spin uses: 0.6 also finds `/foo/:name` for `/foobar`.

use routefinder::{RouteSpec, Segment};

/// A pattern that paths are matched against.
#[derive(Clone, Debug)]
pub(super) struct Pattern {
    pieces: Vec<Piece>,
    /// The names of the `:name` segments, in order.
    parameters: Vec<String>,
}

#[derive(Clone, Debug, Eq, PartialEq)]
enum Piece {
    /// Texts, slashes and dots in a row.
    Literal(String),
    /// Up to the next slash, or dot if the next literal begins with one.
    Parameter,
    /// `/...`, or at the start of a pattern without its slash: also matches nothing.
    Rest,
}

impl Pattern {
    /// Parses a route as the manifest has it, with its base and without a slash at the end.
    ///
    /// # Errors
    /// A route that could match nothing, or that would hand over two values under one name.
    pub(super) fn parse(route: &str) -> Result<(RouteSpec, Self), String> {
        if !route.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err("it has characters that URLs do not: write them percent-encoded".to_owned());
        }
        if route.contains(['?', '#']) {
            return Err("routes match the path only: remove what follows `?` or `#`".to_owned());
        }
        let (prefix, rest) = match route.strip_suffix("/...").or_else(|| route.strip_suffix("/*")) {
            Some(prefix) => (prefix, "/*"),
            None => (route, ""),
        };
        if prefix.split('/').any(|segment| segment == "..." || segment.starts_with('*')) {
            return Err("`...` can only be the last segment".to_owned());
        }
        let spec: RouteSpec = format!("{prefix}{rest}").parse()?;
        let mut pieces = Vec::new();
        let mut parameters = Vec::new();
        for segment in spec.segments() {
            match segment {
                Segment::Exact(text) => push_literal(&mut pieces, text),
                Segment::Slash => push_literal(&mut pieces, "/"),
                Segment::Dot => push_literal(&mut pieces, "."),
                Segment::Param(name) => {
                    parameters.push(check_parameter(name, &parameters)?);
                    pieces.push(Piece::Parameter);
                }
                Segment::Wildcard => {
                    take_slash(&mut pieces);
                    pieces.push(Piece::Rest);
                }
            }
        }
        if let Some(position) = pieces.iter().position(|piece| *piece == Piece::Rest)
            && position + 1 != pieces.len()
        {
            return Err("`...` can only be the last segment".to_owned());
        }
        Ok((spec, Self { pieces, parameters }))
    }

    pub(super) fn parameters(&self) -> &[String] {
        &self.parameters
    }

    pub(super) fn has_rest(&self) -> bool {
        self.pieces.last() == Some(&Piece::Rest)
    }

    /// Whether both match the same paths, whatever their parameters are called.
    pub(super) fn matches_same_as(&self, other: &Self) -> bool {
        self.pieces == other.pieces
    }

    /// Matches a path without the slashes at its ends: fills `captures` with the values of the parameters, and
    /// the rest at the end.
    pub(super) fn matches<'p>(&self, path: &'p str, captures: &mut Vec<&'p str>) -> bool {
        captures.clear();
        let mut path = path;
        for (index, piece) in self.pieces.iter().enumerate() {
            let after = match piece {
                Piece::Literal(text) => path.strip_prefix(text.as_str()),
                Piece::Parameter => self.parameter_end(index, path).map(|end| {
                    captures.push(&path[..end]);
                    &path[end..]
                }),
                Piece::Rest if index == 0 || path.is_empty() => {
                    captures.push(path);
                    Some("")
                }
                Piece::Rest => path.strip_prefix('/').map(|rest| {
                    captures.push(rest);
                    ""
                }),
            };
            match after {
                Some(after) => path = after,
                None => return false,
            }
        }
        path.is_empty()
    }

    /// Where the parameter ends that `path` begins with; `None` if it is none.
    fn parameter_end(&self, index: usize, path: &str) -> Option<usize> {
        match self.pieces.get(index + 1) {
            Some(Piece::Literal(next)) if next.starts_with('.') => {
                path.find(['.', '/']).filter(|end| path[*end..].starts_with('.'))
            }
            _ if path.is_empty() => None,
            _ => Some(path.find('/').unwrap_or(path.len())),
        }
    }
}

fn push_literal(pieces: &mut Vec<Piece>, text: &str) {
    match pieces.last_mut() {
        Some(Piece::Literal(literal)) => literal.push_str(text),
        _ => pieces.push(Piece::Literal(text.to_owned())),
    }
}

/// The slash in front of the rest belongs to it: a path may end without it.
fn take_slash(pieces: &mut Vec<Piece>) {
    if let Some(Piece::Literal(literal)) = pieces.last_mut() {
        if literal.ends_with('/') {
            literal.pop();
        }
        if literal.is_empty() {
            pieces.pop();
        }
    }
}

/// Names become part of a header, so they are compared as headers are.
fn check_parameter(name: &str, others: &[String]) -> Result<String, String> {
    if name.is_empty()
        || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
    {
        return Err(format!("the name `:{name}` may only have letters, digits, `_` and `-`"));
    }
    match others.iter().find(|other| header_form(other) == header_form(name)) {
        Some(other) => Err(format!("`:{other}` and `:{name}` would come in the same header")),
        None => Ok(name.to_owned()),
    }
}

/// How a parameter's name stands in `spin-path-match-NAME`.
pub(super) fn header_form(name: &str) -> String {
    name.replace('_', "-").to_ascii_lowercase()
}
