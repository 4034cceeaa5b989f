//! From a request's body to the values of a record's columns.

use backspin_core::{Env, Error, FieldError, FieldErrors, Result, Value};
use backspin_schema::field::FieldOptions;
use backspin_schema::value::{autogenerate, to_stored};
use backspin_schema::{Collection, Field, Snapshot};
use serde_json::{Map, Value as Json};

/// A column and what goes into it.
pub(crate) struct Assignment<'a> {
    pub(crate) field: &'a Field,
    pub(crate) value: Value,
}

/// The values of all columns of a new record. Keys of the body that are no fields are ignored.
///
/// Errors: 400 with every refused field.
pub(crate) fn of_new_record<'a>(
    snapshot: &Snapshot,
    collection: &'a Collection,
    body: &Map<String, Json>,
    env: &impl Env,
) -> Result<Vec<Assignment<'a>>> {
    refuse_modifiers(collection, body)?;
    let now = env.now().to_string();
    collect(&collection.fields, "Failed to create record.", |field| {
        Ok(match &field.options {
            FieldOptions::Autodate(options) => {
                let set = options.on_create || options.on_update;
                Ok(Some(Value::from(if set { now.as_str() } else { "" })))
            }
            FieldOptions::Text(options)
                if !options.autogenerate_pattern.is_empty() && is_blank(body.get(&field.name)) =>
            {
                Ok(Some(autogenerate(&options.autogenerate_pattern, env)?.into()))
            }
            _ => to_stored(snapshot, field, body.get(&field.name).unwrap_or(&Json::Null))?.map(Some),
        })
    })
}

/// The values of the columns that an update changes.
///
/// Errors: 400 with every refused field.
pub(crate) fn of_update<'a>(
    snapshot: &Snapshot,
    collection: &'a Collection,
    id: &str,
    body: &Map<String, Json>,
    env: &impl Env,
) -> Result<Vec<Assignment<'a>>> {
    refuse_modifiers(collection, body)?;
    let now = env.now().to_string();
    collect(&collection.fields, "Failed to update record.", |field| {
        Ok(match (&field.options, body.get(&field.name)) {
            (FieldOptions::Autodate(options), _) => Ok(options.on_update.then(|| now.as_str().into())),
            (_, None) => Ok(None),
            (_, Some(input)) if field.is_primary_key() => same_id(id, input).map(|()| None),
            (_, Some(input)) => to_stored(snapshot, field, input)?.map(Some),
        })
    })
}

/// A modifier that did nothing would lose what the client counts on.
///
/// Errors: 501 for keys such as `score+`, `+tags`, `tags-` and `code:autogenerate`.
fn refuse_modifiers(collection: &Collection, body: &Map<String, Json>) -> Result<()> {
    let modified = |key: &str| {
        key.strip_suffix(['+', '-'])
            .or_else(|| key.strip_prefix('+'))
            .or_else(|| key.strip_suffix(":autogenerate"))
            .is_some_and(|name| collection.find_field(name).is_some())
    };
    match body.keys().find(|key| modified(key)) {
        Some(key) => Err(Error::Unsupported(format!(
            "This version cannot apply the modifier \"{key}\" yet: send the field's new value."
        ))),
        None => Ok(()),
    }
}

fn collect<'a>(
    fields: &'a [Field],
    message: &str,
    mut value: impl FnMut(&'a Field) -> Result<Result<Option<Value>, FieldError>>,
) -> Result<Vec<Assignment<'a>>> {
    let (mut assignments, mut errors) = (Vec::with_capacity(fields.len()), FieldErrors::default());
    for field in fields {
        match value(field)? {
            Ok(Some(value)) => assignments.push(Assignment { field, value }),
            Ok(None) => {}
            Err(error) => errors.add(&field.name, error),
        }
    }
    errors.into_result(message).map(|()| assignments)
}

fn is_blank(input: Option<&Json>) -> bool {
    input.is_none_or(|input| input.is_null() || input == "")
}

fn same_id(id: &str, input: &Json) -> Result<(), FieldError> {
    if input == id {
        return Ok(());
    }
    Err(FieldError::new("validation_pk_change", "The record primary key cannot be changed."))
}

/// A broken constraint as errors of the fields it is on.
pub(crate) fn constraint_error(error: backspin_core::DatabaseError, message: &str) -> Error {
    let backspin_core::DatabaseError::Unique { columns, .. } = error else {
        return Error::bad_request(message);
    };
    let not_unique = || FieldError::new("validation_not_unique", "Value must be unique.");
    let fields = columns.into_iter().map(|column| (column, not_unique())).collect();
    Error::BadRequest { message: message.to_owned(), fields }
}

/// Errors: 501 for a collection whose records this version cannot write.
pub(crate) fn check_writable(collection: &Collection) -> Result<()> {
    if collection.is_base() {
        return Ok(());
    }
    let kind = collection.type_name();
    Err(Error::Unsupported(format!("This version cannot write records of {kind} collections yet.")))
}
