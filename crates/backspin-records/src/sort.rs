//! `sort=-created,+title`: the order of a list.

use backspin_core::{Error, Result, limits};
use backspin_schema::Collection;
use backspin_schema::quote::Quoted;

use crate::render::Sight;

/// The terms of `ORDER BY` over the collection's own table.
///
/// Without a `sort`, records come in the order of their creation. Errors: 400 for a field that does
/// not exist or that the reader may not see, and beyond [`limits::SORT_FIELDS_MAX`].
pub(crate) fn order_by_sql(collection: &Collection, sort: &str, sight: Sight) -> Result<String> {
    if sort.is_empty() {
        return Ok("\"_rowid_\"".to_owned());
    }
    let fields = sort.split(',');
    if sort.len() > limits::SORT_BYTES_MAX || fields.clone().count() > limits::SORT_FIELDS_MAX {
        return Err(invalid());
    }
    let terms: Vec<String> = fields.map(|field| term(collection, field, sight)).collect::<Result<_>>()?;
    Ok(terms.join(", "))
}

fn term(collection: &Collection, field: &str, sight: Sight) -> Result<String> {
    let field = field.trim();
    let (direction, name) = match field.strip_prefix('-') {
        Some(name) => (" DESC", name),
        None => ("", field.strip_prefix('+').unwrap_or(field)),
    };
    match name {
        "@random" => Ok("random()".to_owned()),
        "@rowid" => Ok(format!("\"_rowid_\"{direction}")),
        name => {
            let field = collection.find_field(name).ok_or_else(invalid)?;
            if field.hidden && sight != Sight::Everything {
                return Err(invalid());
            }
            Ok(format!("{}{direction}", Quoted(&field.name)))
        }
    }
}

fn invalid() -> Error {
    Error::bad_request("Something went wrong while processing your request.")
}
