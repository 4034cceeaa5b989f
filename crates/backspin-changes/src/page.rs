//! A part of the log, bounded in rows and bytes.

use backspin_core::{Database, Platform, Result, Value, limits};
use backspin_schema::App;

use crate::change::{Change, columns, read};
use crate::invalid;

/// What a statement for a page selects of each row; SQLite knows a size without reading the text.
pub(crate) const SIZED: &str =
    r#""seq", coalesce(octet_length("before"), 0) + coalesce(octet_length("after"), 0) AS "bytes""#;
/// What it yields of such rows.
pub(crate) const SIZED_ARRAY: &str = r#"json_group_array(json_array("seq", "bytes"))"#;

/// As many changes as the client wants, by the query parameter `limit`.
///
/// Errors: 400 for what is no number above 0.
pub(crate) fn limit(text: Option<&str>) -> Result<usize> {
    match text.filter(|text| !text.is_empty()) {
        None => Ok(limits::CHANGES_DEFAULT),
        Some(text) => match text.parse::<usize>() {
            Ok(limit @ 1..) => Ok(limit.min(limits::CHANGES_MAX)),
            _ => Err(invalid("limit", "Must be a whole number above 0.")),
        },
    }
}

/// The `seq`s of a page, from [`SIZED_ARRAY`].
pub(crate) struct Page {
    pub(crate) seqs: Vec<i64>,
    /// Whether there may be more.
    pub(crate) is_cut: bool,
}

impl Page {
    pub(crate) fn of(sized: Option<&Value>, limit: usize) -> Self {
        let sized: Vec<(i64, i64)> = match sized {
            Some(Value::Text(json)) => serde_json::from_str(json).unwrap_or_default(),
            _ => vec![],
        };
        let mut bytes = 0;
        let fits = |(_, size): &&(i64, i64)| {
            let is_first = bytes == 0;
            bytes += size.max(&1);
            is_first || bytes <= limits::CHANGES_BYTES_MAX
        };
        let seqs: Vec<i64> = sized.iter().take_while(fits).map(|(seq, _)| *seq).collect();
        let is_cut = seqs.len() < sized.len() || sized.len() == limit;
        Page { seqs, is_cut }
    }

    /// The changes, the oldest first. Fewer if some were removed meanwhile.
    pub(crate) async fn load(&self, app: &App<impl Platform>) -> Result<Vec<Change>> {
        if self.seqs.is_empty() {
            return Ok(vec![]);
        }
        let sql = format!(
            r#"SELECT {} FROM "_changes" WHERE "seq" IN (SELECT "value" FROM json_each(?1)) ORDER BY "seq""#,
            columns()
        );
        let seqs = serde_json::Value::from(self.seqs.as_slice()).to_string();
        read(app.database().query(&sql, vec![seqs.into()]).await?)
    }
}
