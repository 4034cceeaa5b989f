//! Whether the fields of a collection are sound.

use backspin_core::{Env, FieldError, FieldErrors, limits};
use backspin_schema::{Field, FieldOptions};
use serde_json::json;

use super::name::{length, length_between, without_via, word};
use super::{Draft, add, nested, options};

const NAME_CHARS_MAX: usize = 100;
const ID_CHARS_MAX: usize = 100;
const HELP_CHARS_MAX: usize = 300;
/// Names with a meaning of their own in records, filters or SQLite.
const RESERVED_NAMES: [&str; 7] =
    ["null", "true", "false", "_rowid_", "expand", "collectionId", "collectionName"];

pub(super) fn check(draft: &Draft<'_>, env: &impl Env) -> Result<(), FieldError> {
    let fields = &draft.collection.fields;
    if fields.len() > limits::COLLECTION_FIELDS_MAX {
        let message = format!("A collection can have at most {} fields.", limits::COLLECTION_FIELDS_MAX);
        return Err(FieldError::new("validation_length_too_long", message));
    }
    if !fields.iter().any(|field| field.name == "id" && field.is_primary_key()) {
        let message = "Missing or invalid \"id\" PK field.";
        return Err(FieldError::new("validation_missing_primary_key", message));
    }
    system_fields_stay(draft)?;
    for (position, field) in fields.iter().enumerate() {
        if let Err(error) = unlike(field, &fields[..position]) {
            return Err(nested(position.to_string(), nested("name", error)));
        }
    }
    let mut errors = FieldErrors::default();
    for (position, field) in fields.iter().enumerate() {
        if let Err(error) = self::field(draft, field, env) {
            errors.add(position.to_string(), error);
        }
    }
    if errors.is_empty() { Ok(()) } else { Err(FieldError::Nested(errors)) }
}

fn field(draft: &Draft<'_>, field: &Field, env: &impl Env) -> Result<(), FieldError> {
    // A view has the fields of its query, whatever it had before.
    let before = draft.before.filter(|_| !draft.collection.is_view());
    let before = before.and_then(|before| before.find_field_by_id(&field.id));
    if !draft.converts && before.is_some_and(|before| before.type_name() != field.type_name()) {
        return Err(FieldError::new("validation_field_type_change", "Field type cannot be changed."));
    }
    let mut errors = FieldErrors::default();
    add(&mut errors, "id", length(&field.id, ID_CHARS_MAX));
    add(&mut errors, "name", name(&field.name));
    if !field.help.is_empty() {
        add(&mut errors, "help", length_between(&field.help, 1, HELP_CHARS_MAX));
    }
    add(&mut errors, "collectionId", same_relation(field, before));
    options::check(draft, field, env, &mut errors);
    if errors.is_empty() { Ok(()) } else { Err(FieldError::Nested(errors)) }
}

/// Whether a field may have this name.
pub(crate) fn name(name: &str) -> Result<(), FieldError> {
    length(name, NAME_CHARS_MAX)?;
    word(name)?;
    without_via(name)?;
    if RESERVED_NAMES.contains(&name) {
        return Err(FieldError::new("validation_not_in_invalid", "Must not be in list."));
    }
    Ok(())
}

fn system_fields_stay(draft: &Draft<'_>) -> Result<(), FieldError> {
    let before = draft.before.map_or(&[][..], |before| &before.fields);
    let stays = |field: &&Field| {
        draft.collection.find_field_by_id(&field.id).is_some_and(|other| other.name == field.name)
    };
    if before.iter().filter(|field| field.system).all(|field| stays(&field)) {
        return Ok(());
    }
    let message = "System fields cannot be deleted or renamed.";
    Err(FieldError::new("validation_system_field_change", message))
}

/// No two columns of a table may differ in case alone.
fn unlike(field: &Field, before: &[Field]) -> Result<(), FieldError> {
    let lower = field.name.to_lowercase();
    if before.iter().any(|other| other.name.to_lowercase() == lower) {
        return Err(FieldError::with_params(
            "validation_duplicated_field_name",
            format!("Duplicated or invalid field name {}.", field.name),
            json!({ "fieldName": field.name }),
        ));
    }
    Ok(())
}

fn same_relation(field: &Field, before: Option<&Field>) -> Result<(), FieldError> {
    match (&field.options, before.map(|before| &before.options)) {
        (FieldOptions::Relation(new), Some(FieldOptions::Relation(old)))
            if new.collection_id != old.collection_id && !new.collection_id.is_empty() =>
        {
            let message = "The relation collection cannot be changed.";
            Err(FieldError::new("validation_field_relation_change", message))
        }
        _ => Ok(()),
    }
}
