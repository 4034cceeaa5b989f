//! Definitions of indexes.

use backspin_core::{FieldError, FieldErrors};
use backspin_schema::Index;
use serde_json::json;

use super::Draft;

pub(super) fn check(draft: &Draft<'_>) -> Result<(), FieldError> {
    if draft.collection.is_view() {
        if draft.collection.indexes.is_empty() {
            return Ok(());
        }
        let message = "View collections don't support indexes.";
        return Err(FieldError::new("validation_indexes_not_supported", message));
    }
    let mut errors = FieldErrors::default();
    let mut names: Vec<String> = Vec::new();
    for (position, index) in draft.collection.indexes.iter().enumerate() {
        if let Err(error) = self::index(index, &names, draft) {
            errors.add(position.to_string(), error);
        }
        names.extend(Index::parse(index).map(|index| index.name.to_lowercase()));
    }
    if errors.is_empty() { Ok(()) } else { Err(FieldError::Nested(errors)) }
}

fn index(sql: &str, names: &[String], draft: &Draft<'_>) -> Result<(), FieldError> {
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
    match draft.others().find(|other| other.indexes.iter().any(uses_name)) {
        Some(other) => Err(FieldError::with_params(
            "validation_existing_index_name",
            format!("The index name is already used in {} collection.", other.name),
            json!({ "usedTableName": other.name }),
        )),
        None => Ok(()),
    }
}
