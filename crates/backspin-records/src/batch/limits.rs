//! What a batch may be, by the settings and within the limits of the server.

use backspin_core::{Error, Platform, Result, limits};
use backspin_schema::{App, Attempt};
use backspin_settings::Batch;

/// How large a batch may be, and how long it may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BatchLimits {
    pub(super) requests_max: usize,
    pub(super) ms_max: i64,
    body_bytes_max: usize,
}

impl BatchLimits {
    /// Those of the settings as they are now. One statement.
    ///
    /// Errors: 403 if they allow no batches.
    pub async fn of(app: &App<impl Platform>) -> Result<Self> {
        app.with_schema(async |snapshot| {
            if !app.is_current(snapshot).await? {
                return Ok(Attempt::Stale);
            }
            let batch = &backspin_settings::of(snapshot)?.batch;
            match batch.enabled {
                true => Ok(Attempt::Done(BatchLimits::from(batch))),
                false => Err(Error::Forbidden("Batch requests are not allowed.".to_owned())),
            }
        })
        .await
    }

    /// Errors: 413 for a body that is longer.
    pub fn check_size(&self, body_bytes: usize) -> Result<()> {
        match body_bytes <= self.body_bytes_max {
            true => Ok(()),
            false => Err(Error::PayloadTooLarge("Request entity too large.".to_owned())),
        }
    }
}

/// Those of new settings that allow batches.
impl Default for BatchLimits {
    fn default() -> Self {
        BatchLimits::from(&Batch::default())
    }
}

impl From<&Batch> for BatchLimits {
    fn from(batch: &Batch) -> Self {
        let within = |number: i64, max: usize| usize::try_from(number).unwrap_or_default().min(max);
        let body_bytes_max = match batch.max_body_size {
            0 => limits::BODY_BYTES_MAX,
            bytes => within(bytes, limits::BODY_BYTES_MAX),
        };
        BatchLimits {
            requests_max: within(batch.max_requests, limits::BATCH_REQUESTS_MAX),
            ms_max: batch.timeout.saturating_mul(1000).min(limits::BATCH_MS_MAX),
            body_bytes_max,
        }
    }
}
