//! Every change of the schema goes through here: checked, planned, carried out, recorded.

pub(crate) mod conflict;
mod failure;
mod prepare;
mod shadow;
mod view_checks;
mod views;
mod wanted;

pub(crate) use prepare::{Prepared, prepare};
pub(crate) use wanted::{Missing, Wanted, check_limits, find_defined};

use backspin_core::{Env, Error, Platform, Result, Transaction, Value, limits};
use backspin_migrations::{Failure, Losses, Migration, Terms, apply};
use backspin_schema::{App, Attempt, Caller, Collection, Snapshot, change_schema, store};

/// What came of a change.
#[derive(Debug)]
pub(crate) struct Changed {
    /// `None` if there was nothing to do but to note the time.
    pub(crate) migration: Option<Migration>,
    /// All collections as they are now.
    collections: Vec<Collection>,
    /// The positions of those that were defined, as the client has sent them.
    defined: Vec<usize>,
}

impl Changed {
    /// The JSON of the first collection that was defined, as clients see it.
    pub(crate) fn json(&self) -> Result<String> {
        let first = self.defined.first().map(|position| &self.collections[*position]);
        crate::to_json(first.ok_or_else(Error::not_found)?)
    }
}

/// Makes the schema what `wanted` says, given the schema as it is; again if somebody else was first.
/// One transaction, recorded in the history under the caller's name.
///
/// Errors: those of `wanted`; 400 with everything that is wrong in what it defines, with what the change
/// would break elsewhere, with the losses that are not accepted, or with what the data stand against.
pub(crate) async fn change(
    app: &App<impl Platform>,
    caller: &Caller,
    accepted_losses: Losses<'_>,
    wanted: impl Fn(&Snapshot) -> Result<Wanted>,
) -> Result<Changed> {
    let author = author(caller);
    let terms = Terms { author: &author, accepted_losses };
    app.with_schema(async |snapshot| {
        let prepared = prepare(app, snapshot, wanted(snapshot)?).await?;
        carry_out(app, snapshot, &prepared, terms).await
    })
    .await
}

/// Carries out what was prepared for `snapshot`.
///
/// Errors: as for [`change`].
pub(crate) async fn carry_out(
    app: &App<impl Platform>,
    snapshot: &Snapshot,
    prepared: &Prepared,
    terms: Terms<'_>,
) -> Result<Attempt<Changed>> {
    prepared.refuse_problems()?;
    let ids_are_sound = view_checks::check_ids_before(app, prepared).await?;
    change_schema(app, snapshot, async |transaction| {
        if prepared.plan.is_empty() {
            return touch(transaction, app.env(), prepared).await;
        }
        match apply(transaction, app.env(), snapshot, &prepared.plan, terms).await {
            Ok(applied) => {
                if !ids_are_sound {
                    view_checks::check_ids(transaction, prepared).await?;
                }
                let (migration, defined) = (Some(applied.migration), prepared.defined.clone());
                Ok(Changed { migration, collections: applied.collections, defined })
            }
            Err(Failure::Step(failure)) => Err(failure::explain(transaction, prepared, *failure).await),
            Err(Failure::Other(error)) => Err(error),
        }
    })
    .await
}

/// Nothing that a plan knows of changes, but what was defined anew has a new time.
async fn touch(transaction: &impl Transaction, env: &impl Env, prepared: &Prepared) -> Result<Changed> {
    let mut collections = prepared.plan.collections().to_vec();
    for position in &prepared.defined {
        collections[*position].updated = env.now().to_string();
        store::update(transaction, &collections[*position]).await?;
    }
    Ok(Changed { migration: None, collections, defined: prepared.defined.clone() })
}

/// The name that the history knows the caller by: the email, or else the id.
pub(crate) fn author(caller: &Caller) -> String {
    let Caller::Record(record) = caller else { return String::new() };
    let name = match record.get("email") {
        Some(Value::Text(email)) if !email.is_empty() => email,
        _ => record.id(),
    };
    name.chars().take(limits::IDENTITY_CHARS_MAX).collect()
}
