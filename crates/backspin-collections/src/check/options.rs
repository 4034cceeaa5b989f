//! The options of each type of field.

mod choices;
mod domains;
mod text;

use backspin_core::{Env, FieldError, FieldErrors};
use backspin_schema::field::{AutodateOptions, NumberOptions, PasswordOptions, number_json};
use backspin_schema::{Field, FieldOptions, value};
use serde_json::json;

use super::{Draft, add, required};

/// The greatest whole number that every JavaScript client reads exactly.
const SAFE_INTEGER_MAX: i64 = 9_007_199_254_740_991;
const PASSWORD_CHARS_MAX: i64 = 71;
const PASSWORD_COST_MIN: i64 = 4;
const PASSWORD_COST_MAX: i64 = 31;

pub(super) fn check(draft: &Draft<'_>, field: &Field, env: &impl Env, errors: &mut FieldErrors) {
    match &field.options {
        FieldOptions::Text(options) => text::check(draft, field, options, env, errors),
        FieldOptions::Number(options) => number(options, errors),
        FieldOptions::Email(options) | FieldOptions::Url(options) => domains::check(options, errors),
        FieldOptions::Editor(options) => add(errors, "maxSize", safe_size(options.max_size, 0)),
        FieldOptions::Autodate(options) => autodate(options, errors),
        FieldOptions::Select(options) => choices::select(options, errors),
        FieldOptions::Relation(options) => choices::relation(draft, options, errors),
        FieldOptions::File(options) => choices::file(options, errors),
        FieldOptions::Json(options) => add(errors, "maxSize", safe_size(options.max_size, 0)),
        FieldOptions::Password(options) => password(options, errors),
        FieldOptions::Bool(_) | FieldOptions::Date(_) | FieldOptions::GeoPoint(_) => {}
    }
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

fn password(options: &PasswordOptions, errors: &mut FieldErrors) {
    if options.min != 0 {
        add(errors, "min", between(options.min, 1, PASSWORD_CHARS_MAX));
    }
    if options.max != 0 {
        add(errors, "max", between(options.max, options.min, PASSWORD_CHARS_MAX));
    }
    if options.cost != 0 {
        add(errors, "cost", between(options.cost, PASSWORD_COST_MIN, PASSWORD_COST_MAX));
    }
    add(errors, "pattern", pattern(&options.pattern));
}

fn pattern(pattern: &str) -> Result<(), FieldError> {
    value::check_pattern(pattern).map_err(|error| {
        let line = error.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
        FieldError::new("validation_invalid_regex", format!("Error parsing regexp: {line}."))
    })
}

fn safe_size(size: i64, min: i64) -> Result<(), FieldError> {
    between(size, min, SAFE_INTEGER_MAX)
}

pub(super) fn between(number: i64, min: i64, max: i64) -> Result<(), FieldError> {
    if number < min {
        return Err(FieldError::with_params(
            "validation_min_greater_equal_than_required",
            format!("Must be no less than {min}."),
            json!({ "threshold": min }),
        ));
    }
    if number > max {
        return Err(FieldError::with_params(
            "validation_max_less_equal_than_required",
            format!("Must be no greater than {max}."),
            json!({ "threshold": max }),
        ));
    }
    Ok(())
}
