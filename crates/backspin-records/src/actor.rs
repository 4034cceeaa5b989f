//! Who writes, for the change log: `collectionId/recordId`, or [`log::GUEST`].

use backspin_query::{Parameter, Parameters, RequestSource};
use backspin_schema::quote::Literal;
use backspin_schema::{Caller, log};

use crate::request::RequestInfo;

/// As an expression in a statement whose key holds [`RequestInfo::auth_collection_id`].
pub(crate) fn expression(request: &RequestInfo<'_>, parameters: &mut Parameters) -> String {
    match request.auth_collection_id() {
        "" => Literal(log::GUEST).to_string(),
        collection => {
            let id = parameters.bind(Parameter::Request(RequestSource::Auth("id".to_owned())));
            format!("{} || {id}", Literal(&format!("{collection}/")))
        }
    }
}

/// As a value.
pub(crate) fn of(caller: &Caller) -> String {
    match caller.record() {
        None => log::GUEST.to_owned(),
        Some(record) => format!("{}/{}", record.collection_id, record.id()),
    }
}
