//! What `tests/conformance/run.mjs` recorded.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde::Deserialize;

/// One run against one server.
#[derive(Deserialize)]
pub(crate) struct Transcript {
    /// Times from here on are the server's own: RFC 3339 with milliseconds and `Z`.
    pub(crate) generated_after: String,
    /// Until here.
    pub(crate) generated_before: String,
    pub(crate) exchanges: Vec<Exchange>,
}

/// One request and its reply, in the order in which the requests were sent.
#[derive(Clone, Deserialize)]
pub(crate) struct Exchange {
    /// The step that sent it: `SUITE / STEP`. One step may send several.
    pub(crate) label: String,
    /// The HTTP method, or `NOTE` for a fact that the script noted.
    pub(crate) method: String,
    /// Path and query.
    pub(crate) path: String,
    /// The body as sent, where it was text.
    pub(crate) request: Option<String>,
    /// 0 when no reply came.
    pub(crate) status: u16,
    /// The reply headers that are compared.
    #[serde(default)]
    pub(crate) headers: BTreeMap<String, String>,
    /// The body as received.
    pub(crate) reply: String,
    /// When the reply came, in seconds since 1970.
    #[serde(default)]
    pub(crate) at_seconds: i64,
}

impl Transcript {
    /// Reads a transcript file.
    ///
    /// # Errors
    /// When it is missing or of another shape.
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let text = fs::read_to_string(path).with_context(|| format!("{} is missing", path.display()))?;
        serde_json::from_str(&text).with_context(|| format!("{} is no transcript", path.display()))
    }
}
