//! What a client says beside the path and the body of its request.

use std::borrow::Cow;

/// The query and the headers of a request, looked up by name: few requests are asked for any, so nothing is
/// decoded or copied before.
pub trait RequestParameters {
    /// The first value of the query parameter `name`, decoded.
    fn query(&self, name: &str) -> Option<Cow<'_, str>>;

    /// The first value of a header that is UTF-8. `name` is in lower case with `_` for `-`, as rules and filters
    /// name headers.
    fn header(&self, name: &str) -> Option<Cow<'_, str>>;

    /// The value of the last of the headers `name`, named as above; `None` if it is not UTF-8. What a proxy adds to
    /// that which a client has sent comes last.
    fn last_header(&self, name: &str) -> Option<Cow<'_, str>>;
}

/// Parameters that are read already, in their order.
#[derive(Clone, Copy, Debug)]
pub struct ParameterPairs<'a> {
    /// Decoded.
    pub query: &'a [(String, String)],
    /// Names in lower case with `_` for `-`.
    pub headers: &'a [(String, String)],
}

impl ParameterPairs<'static> {
    /// The parameters of a request that has none.
    pub const NONE: Self = ParameterPairs { query: &[], headers: &[] };
}

impl RequestParameters for ParameterPairs<'_> {
    fn query(&self, name: &str) -> Option<Cow<'_, str>> {
        find(self.query, name)
    }

    fn header(&self, name: &str) -> Option<Cow<'_, str>> {
        find(self.headers, name)
    }

    fn last_header(&self, name: &str) -> Option<Cow<'_, str>> {
        let (_, value) = self.headers.iter().rev().find(|(other, _)| other == name)?;
        Some(Cow::Borrowed(value))
    }
}

fn find<'a>(pairs: &'a [(String, String)], name: &str) -> Option<Cow<'a, str>> {
    pairs.iter().find(|(other, _)| other == name).map(|(_, value)| Cow::Borrowed(value.as_str()))
}
