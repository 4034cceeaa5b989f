//! Whether a new collection may be created, with PocketBase's codes.

mod fields;

use backspin_core::{Error, FieldError, FieldErrors, Result, limits};
use serde_json::json;

use backspin_schema::Index;
use backspin_schema::{Collection, Snapshot};

pub(super) const FAILED: &str = "Failed to create collection.";
/// Tables of ours that are no collections; `sqlite_` is SQLite's own prefix.
const INTERNAL_TABLES: [&str; 4] = ["_backspin", "_params", "_collections", "_migrations"];
const ID_CHARS_MAX: usize = 100;

/// Errors: 400 with everything that is wrong.
pub(super) fn new_collection(collection: &Collection, snapshot: &Snapshot) -> Result<()> {
    let mut errors = FieldErrors::default();
    let mut add = |part: &str, result: Result<(), FieldError>| {
        if let Err(error) = result {
            errors.add(part, error);
        }
    };
    add("id", id(collection, snapshot));
    add("name", name(collection, snapshot));
    add("type", kind(collection));
    add("fields", fields::check(&collection.fields));
    add("indexes", indexes(collection, snapshot));
    for (part, rule) in [
        ("listRule", &collection.list_rule),
        ("viewRule", &collection.view_rule),
        ("createRule", &collection.create_rule),
        ("updateRule", &collection.update_rule),
        ("deleteRule", &collection.delete_rule),
    ] {
        add(part, self::rule(rule.as_deref()));
    }
    errors.into_result(FAILED)
}

/// The name is taken by a table that is no collection's.
pub(super) fn name_of_internal_table() -> Error {
    let message = "The name shouldn't match with an existing internal table.";
    Error::field(FAILED, "name", "validation_collection_name_invalid", message)
}

fn id(collection: &Collection, snapshot: &Snapshot) -> Result<(), FieldError> {
    length(&collection.id, ID_CHARS_MAX)?;
    word(&collection.id)?;
    if snapshot.find_by_id(&collection.id).is_some() {
        // An id that was made from the name is taken because the name is, and that is told already.
        let made =
            collection.id == backspin_core::id::collection_id(collection.type_name(), &collection.name);
        if !(made && snapshot.find_by_name(&collection.name).is_some()) {
            let message = "The model id is invalid or already exists.";
            return Err(FieldError::new("validation_invalid_or_existing_id", message));
        }
    }
    Ok(())
}

fn name(collection: &Collection, snapshot: &Snapshot) -> Result<(), FieldError> {
    let name = &collection.name;
    length(name, limits::COLLECTION_NAME_CHARS_MAX)?;
    word(name)?;
    without_via(name)?;
    if snapshot.find_by_name(name).is_some() {
        let message = "Collection name must be unique (case insensitive).";
        return Err(FieldError::new("validation_collection_name_exists", message));
    }
    let lower = name.to_ascii_lowercase();
    if INTERNAL_TABLES.contains(&lower.as_str()) || lower.starts_with("sqlite_") {
        let message = "The name shouldn't match with an existing internal table.";
        return Err(FieldError::new("validation_collection_name_invalid", message));
    }
    Ok(())
}

fn kind(collection: &Collection) -> Result<(), FieldError> {
    if collection.is_base() {
        return Ok(());
    }
    let message = format!("Collections of the type {} cannot be created yet.", collection.type_name());
    Err(FieldError::new("validation_unsupported_type", message))
}

fn rule(rule: Option<&str>) -> Result<(), FieldError> {
    if rule.is_none_or(str::is_empty) {
        return Ok(());
    }
    let message = "Rules with a condition are not available yet: use null (superusers only) or an empty rule (everyone).";
    Err(FieldError::new("validation_invalid_rule", message))
}

fn indexes(collection: &Collection, snapshot: &Snapshot) -> Result<(), FieldError> {
    let mut errors = FieldErrors::default();
    let mut names: Vec<String> = Vec::new();
    for (position, index) in collection.indexes.iter().enumerate() {
        if let Err(error) = self::index(index, &names, snapshot) {
            errors.add(position.to_string(), error);
        }
        names.extend(Index::parse(index).map(|index| index.name.to_lowercase()));
    }
    if errors.is_empty() { Ok(()) } else { Err(FieldError::Nested(errors)) }
}

fn index(sql: &str, names: &[String], snapshot: &Snapshot) -> Result<(), FieldError> {
    let Some(index) = Index::parse(sql) else {
        let message = "Invalid CREATE INDEX expression.";
        return Err(FieldError::new("validation_invalid_index_expression", message));
    };
    if names.contains(&index.name.to_lowercase()) {
        return Err(FieldError::new("validation_duplicated_index_name", "The index name already exists."));
    }
    let uses_name = |sql: &String| {
        Index::parse(sql).is_some_and(|other| other.name.to_lowercase() == index.name.to_lowercase())
    };
    match snapshot.collections().iter().find(|other| other.indexes.iter().any(uses_name)) {
        Some(other) => Err(FieldError::with_params(
            "validation_existing_index_name",
            format!("The index name is already used in {} collection.", other.name),
            json!({ "usedTableName": other.name }),
        )),
        None => Ok(()),
    }
}

fn length(text: &str, max: usize) -> Result<(), FieldError> {
    if text.is_empty() {
        return Err(FieldError::new("validation_required", "Cannot be blank."));
    }
    if text.chars().count() > max {
        return Err(FieldError::with_params(
            "validation_length_out_of_range",
            format!("The length must be between 1 and {max}."),
            json!({ "max": max, "min": 1 }),
        ));
    }
    Ok(())
}

/// Letters, digits and underscores only.
fn word(text: &str) -> Result<(), FieldError> {
    if text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
        return Ok(());
    }
    Err(FieldError::new("validation_match_invalid", "Must be in a valid format."))
}

/// `_via_` marks back-relations in filters.
fn without_via(text: &str) -> Result<(), FieldError> {
    if text.to_ascii_lowercase().contains("_via_") {
        return Err(FieldError::new("validation_found_via", "The value cannot contain \"_via_\"."));
    }
    Ok(())
}
