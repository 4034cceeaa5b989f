//! A step that the database refuses, told as what the client has sent.

use backspin_core::{DatabaseError, Error, FieldError, FieldErrors, Transaction};
use backspin_migrations::{Failure, StepFailure, StepKind};
use backspin_schema::{Collection, Index};

use super::prepare::Prepared;
use super::view_checks;
use super::wanted::Told;
use crate::check::{self, Change};

/// The refusal of a change that failed, within its transaction, which is then to be rolled back.
pub(super) async fn explain(
    transaction: &impl Transaction,
    prepared: &Prepared,
    failure: StepFailure,
) -> Error {
    let (Told::One(change), Some(subject)) = (prepared.told, prepared.subject()) else {
        return Failure::Step(Box::new(failure)).into();
    };
    if let Some(index) = Index::parse(&failure.sql)
        && index.table.eq_ignore_ascii_case(&subject.name)
    {
        return indexes(transaction, prepared, subject, change, &failure).await;
    }
    let is_taken = failure.error.to_string().contains("already");
    match failure.step.kind {
        StepKind::CreateCollection | StepKind::CreateView | StepKind::RenameCollections if is_taken => {
            check::name_of_internal_table(change)
        }
        StepKind::CreateView if failure.step.target == subject.name => {
            check::broken_view(change, &view_checks::reason(&failure.error), false)
        }
        StepKind::CreateView => {
            let part = format!("{}.viewQuery", failure.step.target);
            let message = format!("Invalid query - {}.", view_checks::reason(&failure.error));
            Error::field(change.failed(), &part, "validation_broken_reference", message)
        }
        _ => Failure::Step(Box::new(failure)).into(),
    }
}

/// All indexes of the collection that cannot be made, not just the first.
async fn indexes(
    transaction: &impl Transaction,
    prepared: &Prepared,
    subject: &Collection,
    change: Change,
    failure: &StepFailure,
) -> Error {
    let mut errors = FieldErrors::default();
    add(&mut errors, subject, &failure.sql, &failure.error);
    let later = prepared.plan.steps()[failure.position..].iter().flat_map(|step| &step.up);
    for sql in later.skip_while(|sql| **sql != failure.sql).skip(1) {
        if Index::parse(sql).is_some_and(|index| index.table.eq_ignore_ascii_case(&subject.name))
            && let Err(error) = transaction.execute(sql, Vec::new()).await
        {
            add(&mut errors, subject, sql, &error);
        }
    }
    let fields = FieldErrors::from_iter([("indexes", FieldError::Nested(errors))]);
    Error::BadRequest { message: change.failed().to_owned(), fields }
}

fn add(errors: &mut FieldErrors, subject: &Collection, sql: &str, error: &DatabaseError) {
    let Some(index) = Index::parse(sql) else { return };
    let is_meant = |other: &String| Index::parse(other).is_some_and(|other| other.name == index.name);
    let position = subject.indexes.iter().position(is_meant).unwrap_or_default();
    let message = format!("Failed to create index {} - {}.", index.name, view_checks::reason(error));
    errors.add(position.to_string(), FieldError::new("validation_invalid_index_expression", message));
}
