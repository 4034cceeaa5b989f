//! `GET /api/collections`

use std::cmp::Ordering;

use backspin_core::{Error, Platform, Result, limits};

use crate::{pick, to_json};
use backspin_query::Fields;
use backspin_schema::{App, Caller, Collection, Page};

/// A page of the collections as JSON, in the order of `sort` (`-` for descending; `id`, `name`, `type`,
/// `system`, `created`, `updated`), else of their creation. `fields` picks from each.
///
/// Errors: 400 for an unknown sort field, 401, 403.
pub async fn list(
    app: &App<impl Platform>,
    caller: &Caller,
    page: Page,
    sort: &str,
    fields: &Fields,
) -> Result<String> {
    caller.require_superuser()?;
    let snapshot = app.reload().await?;
    let mut collections: Vec<&Collection> = snapshot.collections().iter().collect();
    let keys = sort_keys(sort)?;
    collections.sort_by(|a, b| keys.iter().fold(Ordering::Equal, |order, key| order.then_with(|| key(a, b))));

    let offset = usize::try_from(page.offset()).unwrap_or(usize::MAX);
    let shown: Vec<String> = collections
        .iter()
        .skip(offset)
        .take(page.size as usize)
        .map(|collection| pick(to_json(collection)?, fields))
        .collect::<Result<_>>()?;
    let (total, pages) = match page.skip_total {
        true => (-1, -1),
        false => (collections.len() as i64, collections.len().div_ceil(page.size as usize) as i64),
    };
    Ok(format!(
        r#"{{"items":[{}],"page":{},"perPage":{},"totalItems":{total},"totalPages":{pages}}}"#,
        shown.join(","),
        page.number,
        page.size
    ))
}

type SortKey = Box<dyn Fn(&Collection, &Collection) -> Ordering>;

fn sort_keys(sort: &str) -> Result<Vec<SortKey>> {
    if sort.is_empty() {
        return Ok(Vec::new());
    }
    if sort.len() > limits::SORT_BYTES_MAX || sort.split(',').count() > limits::SORT_FIELDS_MAX {
        return Err(invalid());
    }
    sort.split(',').map(sort_key).collect()
}

fn sort_key(field: &str) -> Result<SortKey> {
    let field = field.trim();
    let (descending, name) = match field.strip_prefix('-') {
        Some(name) => (true, name),
        None => (false, field.strip_prefix('+').unwrap_or(field)),
    };
    let ascending: fn(&Collection, &Collection) -> Ordering = match name {
        "id" => |a, b| a.id.cmp(&b.id),
        "name" => |a, b| a.name.cmp(&b.name),
        "type" => |a, b| a.type_name().cmp(b.type_name()),
        "system" => |a, b| a.system.cmp(&b.system),
        "created" => |a, b| a.created.cmp(&b.created),
        "updated" => |a, b| a.updated.cmp(&b.updated),
        // They are in the order of their rows already.
        "@rowid" if !descending => |_, _| Ordering::Equal,
        _ => return Err(invalid()),
    };
    Ok(if descending { Box::new(move |a, b| ascending(b, a)) } else { Box::new(ascending) })
}

fn invalid() -> Error {
    Error::bad_request("Something went wrong while processing your request.")
}
