//! Names of stored files. Whether such files exist is for the writer to see.

use backspin_core::{FieldError, Value};
use serde_json::Value as Json;

use super::{list, required};
use crate::field::{Field, FileOptions};

pub(super) fn to_stored(field: &Field, options: &FileOptions, input: &Json) -> Result<Value, FieldError> {
    let names = list::texts(field, input);
    if names.is_empty() {
        return if field.required { Err(required()) } else { Ok(list::stored(field, names)) };
    }
    list::check_max("validation_too_many_files", "The maximum allowed files is", &names, options.max_select)?;
    Ok(list::stored(field, names))
}
