//! A plan is carried out: all of it, or nothing.

use backspin_core::{DatabaseError, Env, Error, FieldError, FieldErrors, Platform, Result, Transaction};
use backspin_core::{Value, limits};
use backspin_schema::{App, Attempt, Collection, Snapshot, change_schema, store, system};

use crate::history::{self, Before, Migration};
use crate::{Plan, Step, fingerprint};

/// Who changes the schema, and what that may cost.
#[derive(Clone, Copy, Debug, Default)]
pub struct Terms<'a> {
    /// For the history; at most 255 characters.
    pub author: &'a str,
    /// The [`Step::target`]s that may lose data.
    pub accepted_losses: &'a [String],
}

/// Applies a plan made for `snapshot`, which is the schema of the database unless the attempt is stale,
/// and records it in the history. One transaction: a failure changes nothing.
///
/// Errors: 409 for a plan that was made for another version of the schema; 400 if there is nothing to
/// change or a problem to solve first, if a step would lose data and is not accepted, if a step fails on
/// the data (`steps.N`, counted from 0).
pub async fn apply(
    app: &App<impl Platform>,
    snapshot: &Snapshot,
    plan: &Plan,
    terms: Terms<'_>,
) -> Result<Attempt<Migration>> {
    check(snapshot, plan, terms)?;
    change_schema(app, snapshot, async |transaction| {
        let mut plan = plan.clone();
        plan.measure(transaction).await?;
        let losses = plan.steps.iter().map(|step| (step, step.lost.unwrap_or_default()));
        refuse_losses(losses, terms.accepted_losses)?;

        let before = before(transaction, &plan).await?;
        for (position, step) in plan.steps.iter().enumerate() {
            run(transaction, &step.up, (position, step)).await?;
        }
        let now = app.env().now();
        for collection in &mut plan.new {
            match plan.old.iter().find(|old| old.id == collection.id) {
                None => system::stamp(collection, now),
                Some(old) => {
                    collection.created.clone_from(&old.created);
                    collection.updated.clone_from(&old.updated);
                    if collection != old {
                        collection.updated = now.to_string();
                    }
                }
            }
        }
        write_collections(transaction, &plan.old, &plan.new).await?;
        let migration = Migration {
            number: history::next_number(transaction).await?,
            applied: now.to_string(),
            author: terms.author.to_owned(),
            schema_before: fingerprint(&plan.old)?,
            schema_after: fingerprint(&plan.new)?,
            steps: plan.steps,
            before,
            made: made(&plan.old, &plan.new),
            reverted: String::new(),
            forgotten: String::new(),
        };
        history::insert(transaction, &migration).await?;
        Ok(migration)
    })
    .await
}

fn check(snapshot: &Snapshot, plan: &Plan, terms: Terms<'_>) -> Result<()> {
    if !plan.is_for(snapshot) {
        let message = "The schema has changed since the change was planned. Plan it again.";
        return Err(Error::Conflict(message.to_owned()));
    }
    if plan.is_empty() {
        return Err(Error::bad_request("The schema is as wanted: there is nothing to change."));
    }
    if terms.author.chars().count() > limits::IDENTITY_CHARS_MAX {
        return Err(Error::bad_request("The name of the author is too long."));
    }
    let mut fields = FieldErrors::default();
    for problem in plan.problems() {
        let part = format!("{}.{}", problem.collection, problem.part);
        fields.add(part, FieldError::new("validation_broken_reference", problem.message.as_str()));
    }
    fields.into_result("The change would break a part of the schema.")
}

/// Errors: 400 with each step that loses data and whose target is not in `accepted`.
pub(crate) fn refuse_losses<'s>(
    losses: impl Iterator<Item = (&'s Step, i64)>,
    accepted: &[String],
) -> Result<()> {
    let mut fields = FieldErrors::default();
    for (step, lost) in losses.filter(|(step, lost)| *lost > 0 && !accepted.contains(&step.target)) {
        let message = format!("{}: {lost} would be lost. Name {} to accept it.", step.summary, step.target);
        let params = serde_json::json!({ "lost": lost });
        fields.add(&step.target, FieldError::with_params("validation_data_loss", message, params));
    }
    fields.into_result("The change would lose data.")
}

/// Errors: 400 that names the step, if its SQL fails by what users wrote or by the data.
pub(crate) async fn run(
    transaction: &impl Transaction,
    statements: &[String],
    (position, step): (usize, &Step),
) -> Result<()> {
    for sql in statements {
        match transaction.execute(sql, Vec::new()).await {
            Ok(_) => {}
            Err(error @ (DatabaseError::Busy | DatabaseError::Full)) => return Err(error.into()),
            Err(error) => {
                let message = format!("{}: {error}.", step.summary);
                let step = FieldError::new("validation_step_failed", message);
                let steps = FieldErrors::from_iter([(position.to_string(), step)]);
                let fields = FieldErrors::from_iter([("steps", FieldError::Nested(steps))]);
                return Err(Error::BadRequest {
                    message: "The change failed. Nothing was changed.".into(),
                    fields,
                });
            }
        }
    }
    Ok(())
}

/// The collections that the plan changes or removes, as they are.
async fn before(transaction: &impl Transaction, plan: &Plan) -> Result<Vec<Before>> {
    let mut before = Vec::new();
    let sql = r#"SELECT "rowid" FROM "_collections" WHERE "id" = ?1"#;
    for collection in plan.old.iter().filter(|old| !plan.new.contains(old)) {
        let rows = transaction.execute(sql, vec![collection.id.as_str().into()]).await?;
        if let Some(Value::Integer(rowid)) = rows.into_first() {
            before.push(Before { rowid, collection: collection.clone() });
        }
    }
    Ok(before)
}

/// The ids of the collections that are in `new` only.
fn made(old: &[Collection], new: &[Collection]) -> Vec<String> {
    let is_made = |collection: &&Collection| old.iter().all(|other| other.id != collection.id);
    new.iter().filter(is_made).map(|collection| collection.id.clone()).collect()
}

/// Makes `_collections` from `old` to `new`, touching only what differs.
pub(crate) async fn write_collections(
    transaction: &impl Transaction,
    old: &[Collection],
    new: &[Collection],
) -> Result<()> {
    let is_in =
        |list: &[Collection], collection: &Collection| list.iter().any(|other| other.id == collection.id);
    for collection in old.iter().filter(|collection| !is_in(new, collection)) {
        store::delete(transaction, collection).await?;
    }
    let changed = || new.iter().filter(|collection| !old.contains(collection));
    for collection in changed().filter(|collection| is_in(old, collection)) {
        // Names are unique at every moment, and two collections may trade theirs.
        let sql = r#"UPDATE "_collections" SET "name" = "id" || '~' WHERE "id" = ?1"#;
        transaction.execute(sql, vec![collection.id.as_str().into()]).await?;
    }
    for collection in changed() {
        if is_in(old, collection) {
            store::update(transaction, collection).await?;
        } else {
            store::insert(transaction, collection).await?;
        }
    }
    Ok(())
}
