//! A plan is carried out: all of it, or nothing.

use backspin_core::{DatabaseError, Env, Error, FieldError, FieldErrors, Result, Transaction, Value, limits};
use backspin_schema::{Collection, Snapshot, log, store, system};

use crate::history::{self, Before, Migration};
use crate::indexes_made::Made;
use crate::measure::{count, count_sql};
use crate::{Failure, Losses, Plan, Step, StepFailure, Terms, fingerprint, kept};

const LOSES: &str = "The change would lose data.";

/// What came of a plan.
#[derive(Clone, Debug)]
pub struct Applied {
    /// As it is in the history now.
    pub migration: Migration,
    /// All collections as they are now.
    pub collections: Vec<Collection>,
}

/// Applies a plan made for `snapshot`, which is the schema of the database, and records it in the history.
/// The transaction is one of [`backspin_schema::change_schema`], to be rolled back after a failure.
///
/// Errors: 409 for a plan that was made for another version of the schema; 400 if there is nothing to
/// change or a problem to solve first, if a step would lose data and is not accepted; [`Failure::Step`] if
/// a step fails on the data.
pub async fn apply(
    transaction: &impl Transaction,
    env: &impl Env,
    snapshot: &Snapshot,
    plan: &Plan,
    terms: Terms<'_>,
) -> Result<Applied, Failure> {
    check(snapshot, plan, terms)?;
    let mut plan = plan.clone();
    // What is accepted is counted when it is done: that costs nothing.
    let is_to_count = |step: &Step| step.kept.is_none() || !terms.accepted_losses.contain(&step.target);
    plan.measure_if(is_to_count, async |sql| transaction.execute(sql, Vec::new()).await).await?;
    refuse_losses(LOSES, losses(&plan.steps), terms.accepted_losses)?;

    let before = before(transaction, &plan).await?;
    let indexes = Made::read(transaction).await?;
    plan.steps.iter_mut().for_each(|step| indexes.restored_by(step));
    log::pause(transaction, &plan.old, &plan.new).await?;
    for (position, step) in plan.steps.iter_mut().enumerate() {
        run(transaction, &step.up, (position, step)).await?;
        if let Some(kept) = &step.kept {
            let lost = count(transaction, Some(&count_sql(kept))).await?;
            step.loses(lost);
            if lost == 0
                && let Some(empty) = step.keeps_nothing()
            {
                transaction.execute(&kept::drop(&empty), Vec::new()).await?;
            }
        }
    }
    refuse_losses(LOSES, losses(&plan.steps), terms.accepted_losses)?;
    Made::read(transaction).await?.check_renamed(&plan.old, &plan.new)?;
    log::resume(transaction, &plan.old, &plan.new).await?;
    let now = env.now();
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
    let made = made(&plan.old, &plan.new);
    for collection in &made {
        log::begin_anew(transaction, collection).await?;
    }
    let migration = Migration {
        number: history::next_number(transaction).await?,
        applied: now.to_string(),
        author: terms.author.to_owned(),
        schema_before: fingerprint(&plan.old)?,
        schema_after: fingerprint(&plan.new)?,
        checksum: history::checksum(&plan.steps),
        steps: plan.steps,
        before,
        made,
        reverted: String::new(),
        forgotten: String::new(),
    };
    history::insert(transaction, &migration).await?;
    Ok(Applied { migration, collections: plan.new })
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
    plan.refuse_problems()
}

fn losses(steps: &[Step]) -> impl Iterator<Item = (&Step, i64)> {
    steps.iter().map(|step| (step, step.lost.unwrap_or_default()))
}

/// Errors: 400 with each step that loses data and whose target is not accepted, under `message`.
pub(crate) fn refuse_losses<'s>(
    message: &str,
    losses: impl Iterator<Item = (&'s Step, i64)>,
    accepted: Losses<'_>,
) -> Result<()> {
    let mut fields = FieldErrors::default();
    for (step, lost) in losses.filter(|(step, lost)| *lost > 0 && !accepted.contain(&step.target)) {
        let message = format!("{}: {lost} would be lost. Name {} to accept it.", step.summary, step.target);
        let params = serde_json::json!({ "lost": lost });
        fields.add(&step.target, FieldError::with_params("validation_data_loss", message, params));
    }
    fields.into_result(message)
}

/// Errors: [`Failure::Step`] if its SQL fails by what users wrote or by the data.
pub(crate) async fn run(
    transaction: &impl Transaction,
    statements: &[String],
    (position, step): (usize, &Step),
) -> Result<(), Failure> {
    for sql in statements {
        match transaction.execute(sql, Vec::new()).await {
            Ok(_) => {}
            Err(error) if is_of_the_store(&error) => return Err(Error::from(error).into()),
            Err(error) => {
                let (step, sql) = (step.clone(), sql.clone());
                return Err(Failure::Step(Box::new(StepFailure { position, step, sql, error })));
            }
        }
    }
    Ok(())
}

/// Whether the database or its disk is at fault, not the statement or the data.
fn is_of_the_store(error: &DatabaseError) -> bool {
    const FAULTS: [&str; 3] = ["disk I/O error", "disk image is malformed", "readonly database"];
    match error {
        DatabaseError::Busy | DatabaseError::Full => true,
        DatabaseError::Other(text) => FAULTS.iter().any(|fault| text.contains(fault)),
        _ => false,
    }
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
