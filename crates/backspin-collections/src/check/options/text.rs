//! Options of text: bounds, patterns, and values made from a pattern.

use backspin_core::{Env, FieldError, FieldErrors};
use backspin_schema::field::TextOptions;
use backspin_schema::{Field, value};

use super::{Draft, add, pattern, required, safe_size};

/// How many values are made from a pattern to see whether the field takes them.
const SAMPLES: usize = 8;

pub(super) fn check(
    draft: &Draft<'_>,
    field: &Field,
    options: &TextOptions,
    env: &impl Env,
    errors: &mut FieldErrors,
) {
    if options.primary_key {
        primary_key(draft, field, options, errors);
    }
    add(errors, "min", safe_size(options.min, 0));
    if options.max != 0 {
        add(errors, "max", safe_size(options.max, options.min));
    }
    add(errors, "pattern", pattern(&options.pattern));
    add(errors, "autogeneratePattern", autogenerate(draft, field, options, env));
}

fn primary_key(draft: &Draft<'_>, field: &Field, options: &TextOptions, errors: &mut FieldErrors) {
    if field.name != "id" {
        let message = "The primary key must be named \"id\".";
        errors.add("name", FieldError::new("validation_in_invalid", message));
    }
    if options.pattern.is_empty() {
        errors.add("pattern", required());
    }
    if !field.required {
        errors.add("required", required());
    }
    if draft.collection.fields.iter().filter(|field| field.is_primary_key()).count() > 1 {
        let message = "Composite PKs are not supported and the collection must have only 1 PK.";
        errors.add("primaryKey", FieldError::new("validation_unsupported_composite_pk", message));
    }
}

/// What is made from the pattern must be what the field takes.
fn autogenerate(
    draft: &Draft<'_>,
    field: &Field,
    options: &TextOptions,
    env: &impl Env,
) -> Result<(), FieldError> {
    let source = &options.autogenerate_pattern;
    pattern(source)?;
    if source.is_empty() || pattern(&options.pattern).is_err() {
        return Ok(());
    }
    for _ in 0..SAMPLES {
        let Ok(sample) = value::autogenerate(source, env) else { continue };
        let stored = value::to_stored(draft.snapshot, field, &sample.as_str().into());
        if stored.is_ok_and(|stored| stored.is_err()) {
            let message = format!(
                "The provided autogenerate pattern could produce invalid field values, ex.: {sample:?}."
            );
            return Err(FieldError::new("validation_invalid_autogenerate_pattern_value", message));
        }
    }
    Ok(())
}
