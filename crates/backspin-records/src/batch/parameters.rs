//! What a request of a batch says beside its path and body.

use std::borrow::Cow;

use backspin_core::{ParameterPairs, RequestParameters};

/// The query of a request of a batch, and its headers over those of the batch.
pub(super) struct InnerParameters<'a> {
    pub(super) own: ParameterPairs<'a>,
    pub(super) outer: &'a dyn RequestParameters,
}

impl RequestParameters for InnerParameters<'_> {
    fn query(&self, name: &str) -> Option<Cow<'_, str>> {
        self.own.query(name)
    }

    fn header(&self, name: &str) -> Option<Cow<'_, str>> {
        self.own.header(name).or_else(|| self.outer.header(name))
    }

    fn last_header(&self, name: &str) -> Option<Cow<'_, str>> {
        self.own.last_header(name).or_else(|| self.outer.last_header(name))
    }
}
