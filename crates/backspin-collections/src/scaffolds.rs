//! `GET /api/collections/meta/scaffolds`

use backspin_core::{Platform, Result, id};
use backspin_schema::collection::{AuthOptions, BaseOptions, CollectionKind, ViewOptions};
use backspin_schema::{App, Caller};
use serde_json::json;

use crate::draft;

const INDEX_ID_CHARS: usize = 10;
const ALPHABET: &[u8] = b"abcdefghijklmnopqrstuvwxyz0123456789";

/// What a new collection of each type begins with, as JSON: `{"auth":{…},"base":{…},"view":{…}}`. None has an
/// id or a name yet, and the indexes of an auth collection are on the table of no name.
///
/// Errors: 401, 403.
pub fn scaffolds(app: &App<impl Platform>, caller: &Caller) -> Result<String> {
    caller.require_superuser()?;
    let index_id = id::random_string(app.env(), INDEX_ID_CHARS, ALPHABET);
    let of = |kind| draft::scaffold(kind, &index_id).without_secrets();
    let scaffolds = json!({
        "auth": of(CollectionKind::Auth(Box::<AuthOptions>::default())),
        "base": of(CollectionKind::Base(BaseOptions {})),
        "view": of(CollectionKind::View(ViewOptions::default())),
    });
    Ok(scaffolds.to_string())
}
