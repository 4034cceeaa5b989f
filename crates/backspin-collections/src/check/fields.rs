//! Whether the fields of a new collection are sound.

use backspin_core::{FieldError, FieldErrors, limits};
use serde_json::json;

use super::{length, without_via, word};
use backspin_schema::field::{AutodateOptions, Field, FieldOptions, NumberOptions, TextOptions, number_json};
use backspin_schema::value;

const NAME_CHARS_MAX: usize = 100;
/// Names with a meaning of their own in records, filters or SQLite.
const RESERVED_NAMES: [&str; 7] =
    ["null", "true", "false", "_rowid_", "expand", "collectionId", "collectionName"];
/// The greatest whole number that every JavaScript client reads exactly.
const SAFE_INTEGER_MAX: i64 = 9_007_199_254_740_991;

pub(super) fn check(fields: &[Field]) -> Result<(), FieldError> {
    if fields.len() > limits::COLLECTION_FIELDS_MAX {
        let message = format!("A collection can have at most {} fields.", limits::COLLECTION_FIELDS_MAX);
        return Err(FieldError::new("validation_length_too_long", message));
    }
    for (position, field) in fields.iter().enumerate() {
        if let Err(error) = unlike(field, &fields[..position]) {
            return Err(nested(position.to_string(), nested("name", error)));
        }
    }
    let mut errors = FieldErrors::default();
    for (position, field) in fields.iter().enumerate() {
        let mut of_field = FieldErrors::default();
        if let Err(error) = name(field) {
            of_field.add("name", error);
        }
        options(field, &mut of_field);
        if !of_field.is_empty() {
            errors.add(position.to_string(), FieldError::Nested(of_field));
        }
    }
    if errors.is_empty() { Ok(()) } else { Err(FieldError::Nested(errors)) }
}

fn nested(part: impl Into<String>, error: FieldError) -> FieldError {
    FieldError::Nested(FieldErrors::from_iter([(part, error)]))
}

fn name(field: &Field) -> Result<(), FieldError> {
    length(&field.name, NAME_CHARS_MAX)?;
    word(&field.name)?;
    without_via(&field.name)?;
    if RESERVED_NAMES.contains(&field.name.as_str()) {
        return Err(FieldError::new("validation_not_in_invalid", "Must not be in list."));
    }
    Ok(())
}

/// No two columns of a table may differ in case alone.
fn unlike(field: &Field, before: &[Field]) -> Result<(), FieldError> {
    if before.iter().any(|other| other.name.eq_ignore_ascii_case(&field.name)) {
        return Err(FieldError::with_params(
            "validation_duplicated_field_name",
            format!("Duplicated or invalid field name {}.", field.name),
            json!({ "fieldName": field.name }),
        ));
    }
    Ok(())
}

fn options(field: &Field, errors: &mut FieldErrors) {
    match &field.options {
        FieldOptions::Text(options) => text(field, options, errors),
        FieldOptions::Number(options) => number(options, errors),
        FieldOptions::Json(options) => add(errors, "maxSize", safe_size(options.max_size, 0)),
        FieldOptions::Autodate(options) => autodate(options, errors),
        FieldOptions::Bool(_) | FieldOptions::Date(_) => {}
        other => {
            let message = format!("Fields of the type {} cannot be created yet.", other.type_name());
            errors.add("type", FieldError::new("validation_unsupported_type", message));
        }
    }
}

fn text(field: &Field, options: &TextOptions, errors: &mut FieldErrors) {
    if options.primary_key && field.name != "id" {
        let message = "The primary key must be named \"id\".";
        add(errors, "name", Err(FieldError::new("validation_in_invalid", message)));
        let message = "Composite PKs are not supported and the collection must have only 1 PK.";
        add(errors, "primaryKey", Err(FieldError::new("validation_unsupported_composite_pk", message)));
    }
    add(errors, "min", safe_size(options.min, 0));
    if options.max != 0 {
        add(errors, "max", safe_size(options.max, options.min));
    }
    add(errors, "pattern", pattern(&options.pattern));
    add(errors, "autogeneratePattern", pattern(&options.autogenerate_pattern));
}

fn pattern(pattern: &str) -> Result<(), FieldError> {
    value::check_pattern(pattern).map_err(|error| {
        let line = error.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
        FieldError::new("validation_invalid_regex", format!("Error parsing regexp: {line}."))
    })
}

fn number(options: &NumberOptions, errors: &mut FieldErrors) {
    for (part, bound) in [("min", options.min), ("max", options.max)] {
        if options.only_int && bound.is_some_and(|bound| bound.fract() != 0.0) {
            let message = "Decimal numbers are not allowed.";
            errors.add(part, FieldError::new("validation_only_int_constraint", message));
        }
    }
    if let (Some(min), Some(max)) = (options.min, options.max)
        && max < min
    {
        let message = format!("Must be greater or equal than {min}.");
        let error = FieldError::with_params(
            "validation_min_number_constraint",
            message,
            json!({ "min": number_json(min) }),
        );
        errors.add("max", error);
    }
}

fn autodate(options: &AutodateOptions, errors: &mut FieldErrors) {
    if !options.on_create && !options.on_update {
        for part in ["onCreate", "onUpdate"] {
            let message = "Either onCreate or onUpdate must be enabled.";
            errors.add(part, FieldError::new("validation_required", message));
        }
    }
}

fn safe_size(size: i64, min: i64) -> Result<(), FieldError> {
    if size < min {
        return Err(FieldError::with_params(
            "validation_min_greater_equal_than_required",
            format!("Must be no less than {min}."),
            json!({ "threshold": min }),
        ));
    }
    if size > SAFE_INTEGER_MAX {
        return Err(FieldError::with_params(
            "validation_max_less_equal_than_required",
            format!("Must be no greater than {SAFE_INTEGER_MAX}."),
            json!({ "threshold": SAFE_INTEGER_MAX }),
        ));
    }
    Ok(())
}

fn add(errors: &mut FieldErrors, part: &str, result: Result<(), FieldError>) {
    if let Err(error) = result {
        errors.add(part, error);
    }
}
