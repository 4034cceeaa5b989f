//! Ids of other records. Whether these exist is for the writer to see, in the database.

use backspin_core::{FieldError, Value};
use serde_json::{Value as Json, json};

use super::{list, required};
use crate::field::{Field, RelationOptions};

pub(super) fn to_stored(field: &Field, options: &RelationOptions, input: &Json) -> Result<Value, FieldError> {
    let ids = list::texts(field, input);
    if ids.is_empty() {
        return if field.required { Err(required()) } else { Ok(list::stored(field, ids)) };
    }
    if (ids.len() as i64) < options.min_select {
        return Err(FieldError::with_params(
            "validation_not_enough_values",
            format!("Select at least {}.", options.min_select),
            json!({ "minSelect": options.min_select }),
        ));
    }
    list::check_max("validation_too_many_values", "Select no more than", &ids, options.max_select)?;
    Ok(list::stored(field, ids))
}
