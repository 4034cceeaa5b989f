//! Whether a collection may be made or changed as asked, with PocketBase's codes.

mod account;
mod fields;
mod indexes;
mod name;
mod options;
mod rules;
mod system;

pub(crate) use fields::name as field_name;
pub(crate) use name::no_word;

pub use name::is_internal_table;

use backspin_core::{Env, Error, FieldError, FieldErrors, Result};
use backspin_schema::{Collection, Schema, Snapshot};

use crate::view_query::ViewQueryError;

/// What stands before the reason why a view query cannot be.
pub(crate) const INVALID_QUERY: &str = "Invalid query - ";

/// What a collection is checked for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Change {
    Create,
    Update,
    Delete,
}

impl Change {
    /// The message above all that is wrong.
    pub(crate) fn failed(self) -> &'static str {
        match self {
            Change::Create => "Failed to create collection.",
            Change::Update => "Failed to update collection.",
            Change::Delete => "Failed to delete collection.",
        }
    }
}

/// A collection as it shall be.
pub(crate) struct Draft<'a> {
    pub(crate) collection: &'a Collection,
    /// As it is now; `None` for a new one.
    pub(crate) before: Option<&'a Collection>,
    pub(crate) snapshot: &'a Snapshot,
    /// All collections as they shall be, `collection` among them.
    pub(crate) wanted: &'a Schema,
    /// Whether fields may change their type, for their values are converted.
    pub(crate) converts: bool,
    /// What is wrong with the query of a view.
    pub(crate) view: Option<&'a ViewQueryError>,
}

impl Draft<'_> {
    pub(crate) fn change(&self) -> Change {
        if self.before.is_some() { Change::Update } else { Change::Create }
    }

    /// The other collections.
    fn others(&self) -> impl Iterator<Item = &Collection> {
        self.wanted.collections().iter().filter(|other| !std::ptr::eq(*other, self.collection))
    }

    /// Errors: 400 with everything that is wrong.
    pub(crate) fn check(&self, env: &impl Env) -> Result<()> {
        let mut errors = FieldErrors::default();
        system::check(self, &mut errors);
        add(&mut errors, "id", name::id(self));
        add(&mut errors, "name", name::of_collection(self));
        match self.view {
            Some(view) => of_view(self.collection.view_query().unwrap_or_default(), view, &mut errors),
            None => add(&mut errors, "fields", fields::check(self, env)),
        }
        add(&mut errors, "indexes", indexes::check(self));
        rules::check(self.collection, self.wanted, &mut errors);
        account::check(self.collection, self.wanted, &mut errors);
        errors.into_result(self.change().failed())
    }
}

/// The query of a view yields no fields, or none that may be.
fn of_view(text: &str, error: &ViewQueryError, errors: &mut FieldErrors) {
    if text.is_empty() {
        errors.add("fields", required());
        errors.add("viewQuery", required());
        return;
    }
    let fields = match error {
        ViewQueryError::Unusable(_) => required(),
        ViewQueryError::NoId { .. } => {
            FieldError::new("validation_missing_primary_key", "Missing or invalid \"id\" PK field.")
        }
        ViewQueryError::Column { position, reason, .. } => {
            nested(position.to_string(), nested("name", (**reason).clone()))
        }
    };
    errors.add("fields", fields);
    errors.add("viewQuery", invalid_view_query(&error.reason()));
}

fn invalid_view_query(reason: &str) -> FieldError {
    let reason = reason.trim_end_matches('.');
    FieldError::new("validation_invalid_view_query", format!("{INVALID_QUERY}{reason}."))
}

/// The database refuses the query of a view.
pub(crate) fn broken_view(change: Change, reason: &str, has_fields: bool) -> Error {
    let mut fields = FieldErrors::from_iter([("viewQuery", invalid_view_query(reason))]);
    if !has_fields {
        fields.add("fields", required());
    }
    Error::BadRequest { message: change.failed().to_owned(), fields }
}

/// The name is taken by a table that is no collection's.
pub(crate) fn name_of_internal_table(change: Change) -> Error {
    let fields = FieldErrors::from_iter([("name", name::internal_table())]);
    Error::BadRequest { message: change.failed().to_owned(), fields }
}

fn add(errors: &mut FieldErrors, part: &str, result: Result<(), FieldError>) {
    if let Err(error) = result {
        errors.add(part, error);
    }
}

fn nested(part: impl Into<String>, error: FieldError) -> FieldError {
    FieldError::Nested(FieldErrors::from_iter([(part, error)]))
}

fn required() -> FieldError {
    backspin_schema::value::required()
}
