//! Changes that no plan can make.

use backspin_core::{Error, FieldError, Result};
use backspin_schema::{Collection, Field};

use super::pairs::{Pairs, Table};
use crate::conversion;

const MESSAGE: &str = "The change cannot be planned.";

/// Errors: 400 with the name of the collection and the first reason.
pub(super) fn impossible(pairs: &Pairs<'_>) -> Result<()> {
    for (old, new) in pairs.both() {
        if old.type_name() != new.type_name() {
            return refused(old, "validation_collection_type_change", "Collection type cannot be changed.");
        }
        if old.system && old.name != new.name {
            let reason = "System collections cannot be renamed.";
            return refused(old, "validation_collection_system_name_change", reason);
        }
    }
    if let Some(system) = pairs.dropped.iter().find(|collection| collection.system) {
        return refused(system, "validation_system_collection", "System collections cannot be deleted.");
    }
    let tables = pairs.tables.iter().try_for_each(table);
    let new = pairs.both().map(|(_, new)| new).chain(pairs.created.iter().copied());
    tables.and_then(|()| new.filter(|collection| !collection.is_view()).try_for_each(distinct))
}

fn table(table: &Table<'_>) -> Result<()> {
    let (collection, is_fixed) = (table.old, |field: &Field| field.system || field.is_primary_key());
    if table.dropped.iter().any(|field| is_fixed(field))
        || table.fields.iter().any(|(old, new)| is_fixed(old) && old.name != new.name)
    {
        let reason = "System fields cannot be deleted or renamed.";
        return refused(collection, "validation_system_field_change", reason);
    }
    for (old, new) in &table.fields {
        let possible = conversion::is_possible(old, new)
            && (!old.system || old.type_name() == new.type_name())
            && old.is_primary_key() == new.is_primary_key();
        if !possible {
            let (from, to) = (old.type_name(), new.type_name());
            let reason = format!(
                "The field {} cannot change from {from} to {to}: add a field with another id in its place.",
                old.name
            );
            return refused(collection, "validation_field_type_change", reason);
        }
        let target = |field: &Field| field.relation().map(|relation| relation.collection_id.clone());
        if target(old) != target(new) {
            let reason = "The relation collection cannot be changed.";
            return refused(collection, "validation_field_relation_change", reason);
        }
    }
    if table.added.iter().any(|field| field.is_primary_key()) {
        let reason = "The collection must have only 1 PK.";
        return refused(collection, "validation_unsupported_composite_pk", reason);
    }
    Ok(())
}

/// Two fields of one id would be one field, and two columns may not differ in case alone.
fn distinct(collection: &Collection) -> Result<()> {
    for (position, field) in collection.fields.iter().enumerate() {
        let is_same = |other: &Field| other.id == field.id || other.name.eq_ignore_ascii_case(&field.name);
        if collection.fields[..position].iter().any(is_same) {
            let reason = format!("Duplicated or invalid field name {}.", field.name);
            return refused(collection, "validation_duplicated_field_name", reason);
        }
    }
    Ok(())
}

fn refused(collection: &Collection, code: &str, reason: impl Into<String>) -> Result<()> {
    let fields = [(collection.name.clone(), FieldError::new(code, reason))].into_iter().collect();
    Err(Error::BadRequest { message: MESSAGE.to_owned(), fields })
}
