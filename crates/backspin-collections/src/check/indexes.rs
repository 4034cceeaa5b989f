//! Definitions of indexes.

use backspin_core::{FieldError, FieldErrors};
use backspin_migrations::follow_renames;
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
    let mut before: Vec<Index> = Vec::new();
    let followed = followed(draft);
    for (position, sql) in draft.collection.indexes.iter().enumerate() {
        if let Err(error) = self::index(sql, &before, draft) {
            errors.add(position.to_string(), error);
        } else if followed[position] != *sql {
            errors.add(position.to_string(), old_name(sql, &followed[position]));
        }
        before.extend(Index::parse(sql));
    }
    if !errors.is_empty() {
        return Err(FieldError::Nested(errors));
    }
    system_indexes_stay(draft, &before)
}

/// The indexes as they would be, had they followed the new names of fields.
fn followed(draft: &Draft<'_>) -> Vec<String> {
    let mut collections = [draft.collection.clone()];
    if let Some(before) = draft.before {
        follow_renames(std::slice::from_ref(before), &mut collections);
    }
    let [followed] = collections;
    followed.indexes
}

fn old_name(sql: &str, followed: &str) -> FieldError {
    let name = Index::parse(sql).map(|index| index.name).unwrap_or_default();
    let message = format!(
        "Failed to create index {name} - it names a field by its old name. With the new one: {followed}"
    );
    FieldError::new("validation_invalid_index_expression", message)
}

fn index(sql: &str, before: &[Index], draft: &Draft<'_>) -> Result<(), FieldError> {
    let Some(index) = Index::parse(sql) else {
        let message = "Invalid CREATE INDEX expression.";
        return Err(FieldError::new("validation_invalid_index_expression", message));
    };
    if before.iter().any(|other| other.name.to_lowercase() == index.name.to_lowercase()) {
        return Err(FieldError::new("validation_duplicated_index_name", "The index name already exists."));
    }
    if before.iter().any(|other| other.is_like(&index)) {
        let message = "The index definition already exists.";
        return Err(FieldError::new("validation_duplicated_index_definition", message));
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

/// What the system relies on to be unique stays so, under any name.
fn system_indexes_stay(draft: &Draft<'_>, indexes: &[Index]) -> Result<(), FieldError> {
    let Some(before) = draft.before.filter(|before| before.system) else { return Ok(()) };
    let uniques = before.indexes.iter().filter_map(|sql| Index::parse(sql)).filter(|index| index.unique);
    for columns in uniques.map(|index| index.column_names()) {
        let is_system = |name: &&String| before.find_field(name).is_some_and(|field| field.system);
        let Some(name) = columns.iter().find(is_system) else { continue };
        if !indexes.iter().any(|index| index.unique && index.column_names() == columns) {
            return Err(FieldError::with_params(
                "validation_invalid_unique_system_field_index",
                format!("Unique index definition on system fields ({name}) is invalid or missing."),
                json!({ "fieldName": name }),
            ));
        }
    }
    Ok(())
}
