//! The account that a request names, with the schema it was found in.

use std::rc::Rc;

use backspin_core::{Error, FieldErrors, Platform, Result};
use backspin_password::Hashing;
use backspin_records::{Account, AccountKey, RequestInfo, find_account};
use backspin_schema::collection::AuthOptions;
use backspin_schema::{App, Attempt, AuthRecord, Collection, Snapshot};
use backspin_settings::Settings;
use serde_json::{Map, Value as Json};

use crate::client::Client;
use crate::collection::get_auth_collection;
use crate::form::{check_email, refuse};
use crate::record::text;

/// What must hold of a collection, and the error if it does not.
pub(crate) type Gate = fn(&Collection, &AuthOptions) -> Result<()>;

/// An auth collection, and an account of it if there is one.
pub(crate) struct Found {
    pub(crate) snapshot: Rc<Snapshot>,
    pub(crate) collection: Collection,
    pub(crate) account: Option<Account>,
}

impl Found {
    pub(crate) fn options(&self) -> Result<&AuthOptions> {
        self.collection.auth().ok_or_else(Error::not_found)
    }

    pub(crate) fn record(&self) -> Option<&AuthRecord> {
        self.account.as_ref().map(|account| &account.record)
    }

    /// Where mail goes for who gave `email`: to the account's own address, which may be spelled otherwise where the
    /// collection's index ignores case.
    pub(crate) fn address<'a>(&'a self, email: &'a str) -> &'a str {
        self.record().and_then(|record| text(record, "email")).unwrap_or(email)
    }

    /// How passwords are hashed.
    pub(crate) fn hashing(&self) -> Result<Hashing> {
        Ok(backspin_settings::of(&self.snapshot)?.passwords)
    }

    /// The record, or one without values: what is made of it costs the same.
    pub(crate) fn record_or_nobody(&self) -> AuthRecord {
        self.record().cloned().unwrap_or_else(|| AuthRecord {
            collection_id: self.collection.id.clone(),
            collection_name: self.collection.name.clone(),
            fields: Vec::new(),
        })
    }

    pub(crate) fn settings(&self) -> Result<Rc<Settings>> {
        backspin_settings::of(&self.snapshot)
    }

    /// Where the request comes from.
    pub(crate) fn client(&self, request: &RequestInfo<'_>) -> Result<Client> {
        Ok(Client::of(request.parameters, &self.settings()?.trusted_proxy))
    }
}

/// Whether the collection takes such requests at all: asked before their body is looked at.
///
/// Errors: 404 if it is no auth collection; those of `gate`.
pub(crate) async fn open(app: &App<impl Platform>, collection: &str, gate: Gate) -> Result<()> {
    app.with_schema(async |snapshot| {
        let (collection, options) = get_auth_collection(snapshot, collection)?;
        gate(collection, options).map(Attempt::Done)
    })
    .await
}

/// The account with this email. The same statement whether there is one or not.
///
/// Errors: those of [`open`]; 400 for what is no email.
pub(crate) async fn find_by_email(
    app: &App<impl Platform>,
    request: &RequestInfo<'_>,
    collection: &str,
    gate: Gate,
    email: &str,
) -> Result<Found> {
    let fields = ["email".to_owned()];
    app.with_schema(async |snapshot| {
        let (collection, options) = get_auth_collection(snapshot, collection)?;
        gate(collection, options)?;
        let mut errors = FieldErrors::default();
        check_email(snapshot, &mut errors, "email", email)?;
        refuse(errors)?;
        let key = AccountKey::Identity { value: email, fields: &fields };
        found(app, request, snapshot, collection, key, ("default", &Map::new())).await
    })
    .await
}

/// The account of this key. `context` and `body` are what the auth rule sees as such.
pub(crate) async fn found(
    app: &App<impl Platform>,
    request: &RequestInfo<'_>,
    snapshot: &Rc<Snapshot>,
    collection: &Collection,
    key: AccountKey<'_>,
    (context, body): (&str, &Map<String, Json>),
) -> Result<Attempt<Found>> {
    Ok(match find_account(app, snapshot, request, collection, key, context, body).await? {
        Attempt::Stale => Attempt::Stale,
        Attempt::Done(account) => {
            let (snapshot, collection) = (snapshot.clone(), collection.clone());
            Attempt::Done(Found { snapshot, collection, account })
        }
    })
}
