//! The database of a state folder, by the library that the server itself uses. A server may use it at the same
//! time: each change is one transaction.

use anyhow::{Context, anyhow};
use backspin_collections::migrate;
use backspin_core::{Error, Value as Sql};
use backspin_native::Native;
use backspin_schema::{App, AuthRecord, Caller, Collection, Page, SUPERUSERS_ID};
use serde_json::{Map, Value};
use tokio::runtime::{Builder, Runtime};

use super::refusal::explain;
use super::{Missing, Target};
use crate::application::ApplicationPath;

/// Who the history says has made a change.
const AUTHOR: &str = "command line";

pub(super) struct State {
    app: App<Native>,
    runtime: Runtime,
    caller: Caller,
}

impl State {
    /// Errors: no application here; no database, if one is not to be made.
    pub(super) fn open(application: &ApplicationPath, missing: Missing) -> anyhow::Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let app = runtime.block_on(async {
            match missing {
                Missing::Make => application.open().await,
                Missing::Refuse => application.open_existing().await,
            }
        })?;
        let email = ("email".to_owned(), Sql::from(AUTHOR));
        let caller = Caller::Record(AuthRecord {
            collection_id: SUPERUSERS_ID.to_owned(),
            collection_name: "_superusers".to_owned(),
            fields: vec![email],
        });
        Ok(State { app, runtime, caller })
    }
}

impl Target for State {
    fn collections(&self) -> anyhow::Result<Vec<Collection>> {
        let snapshot = self.runtime.block_on(self.app.reload()).map_err(|error| anyhow!(error.chain()))?;
        Ok(snapshot.collections().to_vec())
    }

    fn history(&self, count: u32) -> anyhow::Result<Value> {
        let page = Page { number: 1, size: count, skip_total: false };
        reply(self.runtime.block_on(migrate::history(&self.app, &self.caller, page)), &Value::Null)
    }

    fn plan(&self, wanted: &Value) -> anyhow::Result<Value> {
        reply(self.runtime.block_on(migrate::plan(&self.app, &self.caller, object(wanted))), wanted)
    }

    fn apply(&self, wanted: &Value) -> anyhow::Result<Value> {
        reply(self.runtime.block_on(migrate::apply(&self.app, &self.caller, object(wanted))), wanted)
    }

    fn revert(&self, terms: &Value) -> anyhow::Result<Value> {
        reply(self.runtime.block_on(migrate::revert(&self.app, &self.caller, object(terms))), terms)
    }

    fn forget(&self, terms: &Value) -> anyhow::Result<()> {
        let forgotten = self.runtime.block_on(migrate::forget(&self.app, &self.caller, object(terms)));
        reply(forgotten.map(|()| Value::Null.to_string()), terms).map(drop)
    }
}

fn object(body: &Value) -> Map<String, Value> {
    body.as_object().cloned().unwrap_or_default()
}

/// What the API would reply; a fault is told whole, for here nobody reads a log.
fn reply(result: Result<String, Error>, body: &Value) -> anyhow::Result<Value> {
    match result {
        Ok(json) => serde_json::from_str(&json).context("the reply of the library cannot be read"),
        Err(error @ Error::Internal(_)) => Err(anyhow!(error.chain())),
        Err(error) => Err(explain(&serde_json::to_value(error.envelope())?, body)),
    }
}
