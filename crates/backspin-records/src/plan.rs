//! A compiled statement that reads records, kept in the instance and run for many requests.

use std::rc::Rc;

use backspin_core::{Error, Result, Timestamp, Value};
use backspin_query::{Fields, Parameters};
use backspin_schema::Snapshot;
use backspin_schema::quote::Literal;
use serde_json::{Map, Value as Json};

use crate::expand::TOO_LARGE;
use crate::request::RequestInfo;

/// A plan's statement, at most. A longer one comes of an `expand` of many wide collections.
const STATEMENT_BYTES_MAX: usize = 500_000;
/// What is kept for the next request of its shape, key and statement together. With
/// [`backspin_schema::Memo::ENTRIES_MAX`] plans this bounds the memory.
const KEPT_BYTES_MAX: usize = 32_000;

/// One statement, and what to do with its result.
pub(crate) struct Plan {
    pub(crate) sql: String,
    pub(crate) parameters: Parameters,
    /// What to keep of the records, where the statement renders more.
    cut_to: Option<Fields>,
    /// Whether the statement counts what it expands to, and so may yield [`TOO_LARGE`].
    counts_expanded: bool,
}

impl Plan {
    pub(crate) fn new(sql: String, parameters: Parameters, cut_to: Option<Fields>) -> Self {
        let counts_expanded = sql.contains(&Literal(TOO_LARGE).to_string());
        Plan { sql, parameters, cut_to, counts_expanded }
    }

    /// The plan of this key, which says all that `make` depends on beside the schema.
    ///
    /// Errors: those of `make`; 400 for too long a statement.
    pub(crate) fn get(
        snapshot: &Snapshot,
        key: &str,
        make: impl FnOnce() -> Result<Plan>,
    ) -> Result<Rc<Plan>> {
        if let Some(plan) = snapshot.memo().find(key) {
            return Ok(plan);
        }
        let plan = make()?;
        if plan.sql.len() > STATEMENT_BYTES_MAX {
            return Err(Error::bad_request("The filter, sort and expand reach too many fields at once."));
        }
        if key.len() + plan.sql.len() > KEPT_BYTES_MAX {
            return Ok(Rc::new(plan));
        }
        snapshot.memo().get_or_make(key, || Ok(plan))
    }

    /// The statement's parameters: its `own`, then those of rules, filter and sort.
    pub(crate) fn values(
        &self,
        own: impl IntoIterator<Item = Value>,
        request: &RequestInfo<'_>,
        now: Timestamp,
        literals: &[Value],
    ) -> Vec<Value> {
        let body = Map::new();
        let request = request.values(now, &body, literals);
        own.into_iter().chain(self.parameters.evaluate(&request)).collect()
    }

    /// The record's JSON, cut to what was asked for.
    ///
    /// Errors: 400 if it expands to too many records.
    pub(crate) fn finish_record(&self, json: String) -> Result<Vec<u8>> {
        self.check_size(&json)?;
        let Some(fields) = &self.cut_to else { return Ok(json.into_bytes()) };
        to_bytes(&fields.pick(parse(&json)?))
    }

    /// The list's JSON, with its items cut to what was asked for.
    ///
    /// Errors: 400 if it expands to too many records.
    pub(crate) fn finish_list(&self, json: String) -> Result<Vec<u8>> {
        self.check_size(&json)?;
        let Some(fields) = &self.cut_to else { return Ok(json.into_bytes()) };
        let mut list = parse(&json)?;
        if let Some(Json::Array(items)) = list.get_mut("items") {
            for item in items {
                *item = fields.pick(item.take());
            }
        }
        to_bytes(&list)
    }

    fn check_size(&self, json: &str) -> Result<()> {
        if self.counts_expanded && json.contains(&format!("\"expand\":{TOO_LARGE}")) {
            return Err(Error::bad_request(
                "The expand leads to too many records: expand fewer levels at once.",
            ));
        }
        Ok(())
    }
}

fn parse(json: &str) -> Result<Json> {
    serde_json::from_str(json).map_err(|error| Error::Internal(error.into()))
}

fn to_bytes(json: &Json) -> Result<Vec<u8>> {
    serde_json::to_vec(json).map_err(|error| Error::Internal(error.into()))
}
