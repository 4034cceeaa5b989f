//! Whose account the user of a provider is let into.

use backspin_core::{Error, FieldErrors, Platform, Result};
use backspin_oauth2::ProvidedUser;
use backspin_records::{AccountKey, RequestInfo, is_same_identity};
use backspin_schema::{App, Attempt, AuthRecord, Caller, Collection};
use serde_json::{Map, Value as Json};

use super::METHOD;
use super::link::{ProviderUser, taken};
use super::link_alert::tell_owner;
use super::new_account::{Credentials, make_account};
use crate::account_change::{AccountChange, Changed, change_account};
use crate::collection::get_auth_collection;
use crate::form::check_email;
use crate::found::found;
use crate::record::{is_verified, text};

/// Who comes by way of a provider.
pub(super) struct Comer<'a> {
    /// The name of the provider.
    pub(super) provider: &'a str,
    /// As people know the provider.
    pub(super) display_name: &'a str,
    pub(super) user: &'a ProvidedUser,
    pub(super) create_data: &'a Map<String, Json>,
    pub(super) credentials: Credentials,
}

/// The account of a provider's user.
pub(super) struct Owner {
    pub(super) id: String,
    pub(super) is_new: bool,
}

/// Finds the account or makes it, takes it back if it was not verified, and links it. To be run in a transaction.
///
/// Errors: those of creating a record; 400 if the account has another user of the provider, or another account has the email
/// that it would get.
pub(super) async fn find_or_make_owner(
    app: &App<impl Platform>,
    request: &RequestInfo<'_>,
    collection: &str,
    comer: &Comer<'_>,
) -> Result<Owner> {
    let Comer { provider, display_name, user, .. } = *comer;
    let snapshot = app.snapshot().await?;
    let collection_id = get_auth_collection(&snapshot, collection)?.0.id.clone();
    let provider_user = ProviderUser { collection_id: &collection_id, provider, id: &user.id };
    let linked = match provider_user.find_linked(app).await? {
        None => None,
        Some(id) => {
            let account = find(app, request, &collection_id, AccountKey::Id(&id)).await?;
            if account.is_none() {
                provider_user.forget(app).await?;
            }
            account
        }
    };
    let existing = match (linked, request.caller) {
        (Some(record), _) => Some(record),
        (None, Caller::Record(caller)) if caller.collection_id == collection_id => {
            find(app, request, &collection_id, AccountKey::Id(caller.id())).await?
        }
        (None, _) if user.email.is_empty() => None,
        (None, _) => {
            let fields = ["email".to_owned()];
            let key = AccountKey::Identity { value: &user.email, fields: &fields };
            find(app, request, &collection_id, key).await?
        }
    };
    let owner = match existing {
        Some(record) => {
            let change = change_of_existing(app, request, &record, user).await?;
            apply(app, &record, change).await?;
            Owner { id: record.id().to_owned(), is_new: false }
        }
        None => {
            let id = make_account(app, request, &collection_id, comer).await?;
            let made = find(app, request, &collection_id, AccountKey::Id(&id)).await?;
            let made = made.ok_or_else(|| Error::internal("an account that was made is not there"))?;
            let verifies = !is_verified(&made) && is_own_email(app, &made, &user.email).await?;
            apply(app, &made, AccountChange { verifies, ..AccountChange::default() }).await?;
            Owner { id, is_new: true }
        }
    };
    let is_linked_now = provider_user.link(app, &owner.id).await?;
    if is_linked_now && !owner.is_new {
        tell_owner(app, request, &provider_user, &owner.id, display_name).await?;
    }
    Ok(owner)
}

async fn find(
    app: &App<impl Platform>,
    request: &RequestInfo<'_>,
    collection_id: &str,
    key: AccountKey<'_>,
) -> Result<Option<AuthRecord>> {
    let account = app.with_schema(async |snapshot| {
        let (collection, _) = get_auth_collection(snapshot, collection_id)?;
        found(app, request, snapshot, collection, key, (METHOD, &Map::new())).await
    });
    Ok(account.await?.account.map(|account| account.record))
}

/// As in PocketBase: whoever comes to an account whose email is not verified, and is not signed in to it, may be another
/// than the one who set its password (CVE-2024-38351).
async fn change_of_existing<'a>(
    app: &App<impl Platform>,
    request: &RequestInfo<'_>,
    record: &AuthRecord,
    user: &'a ProvidedUser,
) -> Result<AccountChange<'a>> {
    // Whoever has only an API key of an account is not its owner.
    let is_caller = matches!(request.caller, Caller::Record(caller)
        if caller.id() == record.id() && caller.collection_id == record.collection_id);
    let own = text(record, "email");
    let given = Some(user.email.as_str()).filter(|email| own.is_none() && !email.is_empty());
    let adopted = match given {
        Some(email) if is_email(app, email).await? => Some(email),
        _ => None,
    };
    // The hash of no password: nothing has to be computed under the lock, and whoever tries one learns nothing by time.
    let password_hash = match own {
        Some(_) if !is_caller && !is_verified(record) => {
            Some(backspin_settings::of(&*app.snapshot().await?)?.passwords.nobody())
        }
        _ => None,
    };
    let verifies =
        !is_verified(record) && (adopted.is_some() || is_own_email(app, record, &user.email).await?);
    Ok(AccountChange { email: adopted, password_hash, verifies })
}

/// Whether it is the account's own email, as the collection compares emails: what finds an account also verifies it.
async fn is_own_email(app: &App<impl Platform>, record: &AuthRecord, email: &str) -> Result<bool> {
    let snapshot = app.snapshot().await?;
    let (collection, _) = get_auth_collection(&snapshot, &record.collection_id)?;
    Ok(is_same_identity(collection, "email", text(record, "email").unwrap_or_default(), email))
}

async fn is_email(app: &App<impl Platform>, email: &str) -> Result<bool> {
    let mut errors = FieldErrors::default();
    check_email(&*app.snapshot().await?, &mut errors, "email", email)?;
    Ok(errors.is_empty())
}

async fn apply(app: &App<impl Platform>, record: &AuthRecord, change: AccountChange<'_>) -> Result<()> {
    if change.email.is_none() && change.password_hash.is_none() && !change.verifies {
        return Ok(());
    }
    let changed = app.with_schema(async |snapshot| {
        let (collection, _): (&Collection, _) = get_auth_collection(snapshot, &record.collection_id)?;
        match change_account(app, snapshot, collection, record, change.clone()).await? {
            Attempt::Stale => Ok(Attempt::Stale),
            Attempt::Done(Changed::Done) => Ok(Attempt::Done(())),
            Attempt::Done(Changed::Taken) => Err(taken(["email".to_owned()])),
            Attempt::Done(Changed::Outdated) => Err(Error::Busy),
        }
    });
    changed.await
}
