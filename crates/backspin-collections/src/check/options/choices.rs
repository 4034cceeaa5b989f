//! Options of fields of one or several values: selects, relations and files.

use backspin_core::{FieldError, FieldErrors};
use backspin_schema::field::{FileOptions, RelationOptions, SelectOptions};

use super::super::name::no_word;
use super::{Draft, add, between, required, safe_size};

pub(super) fn select(options: &SelectOptions, errors: &mut FieldErrors) {
    if options.values.is_empty() {
        errors.add("values", required());
    } else {
        add(errors, "maxSelect", between(options.max_select, 0, options.values.len() as i64));
    }
}

pub(super) fn relation(draft: &Draft<'_>, options: &RelationOptions, errors: &mut FieldErrors) {
    add(errors, "collectionId", collection(draft, &options.collection_id));
    add(errors, "minSelect", between(options.min_select, 0, i64::MAX));
    if options.min_select > 0 && options.max_select == 0 {
        errors.add("maxSelect", required());
    } else {
        add(errors, "maxSelect", between(options.max_select, options.min_select.max(0), i64::MAX));
    }
}

/// A collection may refer to itself at once; PocketBase wants it to exist before.
fn collection(draft: &Draft<'_>, id: &str) -> Result<(), FieldError> {
    if id.is_empty() {
        return Err(required());
    }
    let Some(target) = draft.wanted.find_by_id(id) else {
        let message = "The relation collection doesn't exist.";
        return Err(FieldError::new("validation_field_relation_missing_collection", message));
    };
    if target.is_view() && !draft.collection.is_view() {
        let message = "Only view collections are allowed to have relations to other views.";
        return Err(FieldError::new("validation_relation_field_non_view_base_collection", message));
    }
    Ok(())
}

pub(super) fn file(options: &FileOptions, errors: &mut FieldErrors) {
    add(errors, "maxSelect", safe_size(options.max_select, 0));
    add(errors, "maxSize", safe_size(options.max_size, 0));
    let wrong =
        options.thumbs.iter().enumerate().filter_map(|(position, thumb)| {
            self::thumb(thumb).err().map(|error| (position.to_string(), error))
        });
    let wrong: FieldErrors = wrong.collect();
    add(errors, "thumbs", if wrong.is_empty() { Ok(()) } else { Err(FieldError::Nested(wrong)) });
}

/// A width and a height, one of which may be 0, and how to fit them: `100x100`, `0x50f`.
fn thumb(thumb: &str) -> Result<(), FieldError> {
    if thumb.is_empty() {
        return Ok(());
    }
    let sizes = thumb.strip_suffix(['t', 'b', 'f']).unwrap_or(thumb);
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    match sizes.split_once('x') {
        Some(("0", "0")) => Err(FieldError::new("validation_not_in_invalid", "Must not be in list.")),
        Some((width, height)) if is_number(width) && is_number(height) => Ok(()),
        _ => Err(no_word()),
    }
}
