//! `GET /api/migrations`

use backspin_core::{Platform, Result};
use backspin_migrations::{Migration, count, fingerprint};
use backspin_schema::{App, Caller, Page};
use serde::Serialize;

use super::to_text;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct History {
    page: i64,
    per_page: u32,
    total_items: i64,
    total_pages: i64,
    current: Current,
    items: Vec<Migration>,
}

#[derive(Serialize)]
struct Current {
    schema: String,
}

/// A page of the migrations, newest first, and the fingerprint of the schema as it is:
/// `{"page","perPage","totalItems","totalPages","current":{"schema"},"items":[{"number","applied","author",
/// "schemaBefore","schemaAfter","checksum","steps","reverted","forgotten"}]}`.
///
/// Errors: 401, 403.
pub async fn history(app: &App<impl Platform>, caller: &Caller, page: Page) -> Result<String> {
    caller.require_superuser()?;
    let current = Current { schema: fingerprint(app.reload().await?.collections())? };
    let (total_items, total_pages) = match page.skip_total {
        true => (-1, -1),
        false => {
            let total = count(app).await?;
            (total, total.unsigned_abs().div_ceil(u64::from(page.size)) as i64)
        }
    };
    let items = backspin_migrations::history(app, page.size, page.offset()).await?;
    to_text(&History { page: page.number, per_page: page.size, total_items, total_pages, current, items })
}
