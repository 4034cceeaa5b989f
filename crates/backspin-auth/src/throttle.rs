//! Counters that make whoever guesses, or asks for too much mail, wait ever longer. They are in the database, so they
//! hold for all instances; each is counted before the attempt is made, so that many at once gain nothing. Attempts that
//! turn out right are taken back, so what many at once have closed may open again: they wait for each other.

mod statements;

use backspin_core::{Database, DatabaseError, Env, Error, Platform, Result, Rows, Transaction, Value};
use backspin_schema::App;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use serde_json::{Value as Json, json};
use sha2::{Digest, Sha256};

use crate::internal_table::or_nothing;

use statements::{CLOSED_SQL, COUNT_SQL, FORGET_SQL, FORGIVE_SQL, SETTLE_SQL, SWEEP_SQL, TAKE_SQL, repair};

/// One attempt in so many sweeps, and takes away more than that many attempts can have brought.
const SWEEP_EVERY: u8 = 16;
const SWEEP_ROWS_MAX: i64 = 100;
/// Of tables of an earlier version, one may lack columns and another be missing.
const REPAIRS_MAX: usize = 2;

/// How a counter makes wait.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Policy {
    /// Attempts without a pause after them.
    pub(crate) free: i64,
    /// The pause after the next one; each further one doubles it.
    pub(crate) pause_ms: i64,
    pub(crate) pause_ms_max: i64,
    /// Without attempts for so long, it is forgotten. If it is no longer than `pause_ms_max`, whoever waits for the longest
    /// pause begins anew.
    pub(crate) kept_ms: i64,
}

/// What is counted, and how.
#[derive(Clone, Debug)]
pub(crate) struct Counter {
    key: String,
    policy: Policy,
    passes_known: bool,
}

/// A device of an account, which may have been used before.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Device<'a> {
    pub(crate) collection_id: &'a str,
    pub(crate) record_id: &'a str,
    pub(crate) fingerprint: &'a str,
}

impl Counter {
    /// The counter of whatever `parts` name together. Nothing of them can be read from the database.
    pub(crate) fn of(parts: &[&str], policy: Policy) -> Self {
        Counter { key: key(parts), policy, passes_known: false }
    }

    /// It does not hold up an account on a device from which it has signed in before.
    pub(crate) fn passing_known(self) -> Self {
        Counter { passes_known: true, ..self }
    }

    fn to_json(&self) -> Json {
        let Policy { free, pause_ms, pause_ms_max, kept_ms } = self.policy;
        json!({
            "key": self.key, "free": free, "pause": pause_ms, "pause_max": pause_ms_max, "kept": kept_ms,
            "passes_known": self.passes_known,
        })
    }
}

/// What comes of an attempt before it is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Admission {
    Admitted,
    /// Others that are being looked at may make room for it.
    Waits,
    Refused,
}

/// Counts an attempt of which nobody tells how it ended, unless one of the counters is closed. Tells whether it may be
/// made.
pub(crate) async fn take(app: &App<impl Platform>, counters: &[Counter], device: Device<'_>) -> Result<bool> {
    let taken = execute(app, TAKE_SQL, taking(app.env(), counters, device, 0)).await?;
    Ok(!taken.rows.is_empty())
}

/// Counts an attempt that [`forgive`] or [`settle`] follows within `pending_ms`, unless one of the counters is closed.
pub(crate) async fn take_pending(
    app: &App<impl Platform>,
    counters: &[Counter],
    device: Device<'_>,
    pending_ms: i64,
) -> Result<Admission> {
    let taken = execute(app, TAKE_SQL, taking(app.env(), counters, device, pending_ms)).await?;
    if !taken.rows.is_empty() {
        return Ok(Admission::Admitted);
    }
    // What has opened in between is tried again, like what waits.
    Ok(match look(app, counters, device).await? {
        Admission::Refused => Admission::Refused,
        _ => Admission::Waits,
    })
}

/// What [`take_pending`] would say now. Counts nothing.
pub(crate) async fn look(
    app: &App<impl Platform>,
    counters: &[Counter],
    device: Device<'_>,
) -> Result<Admission> {
    let closed = app.database().query(CLOSED_SQL, parameters(app.env(), counters, device)).await;
    let closed = match closed {
        // The first attempt makes what is missing.
        Err(DatabaseError::NoSuchTable(_) | DatabaseError::NoSuchColumn(_)) => None,
        closed => closed?.into_first(),
    };
    Ok(match closed {
        Some(Value::Integer(0)) => Admission::Waits,
        Some(Value::Integer(_)) => Admission::Refused,
        _ => Admission::Admitted,
    })
}

/// The attempt was a failure, and stays counted.
pub(crate) async fn settle(app: &App<impl Platform>, counters: &[Counter]) -> Result<()> {
    app.database().execute(SETTLE_SQL, vec![keys(counters)]).await?;
    Ok(())
}

/// Counts so many requests more of whatever `parts` name together, in windows of `window_ms`, each of which begins with a
/// request. Returns how many the present one has.
pub(crate) async fn count_in_window(
    app: &App<impl Platform>,
    parts: &[&str],
    window_ms: i64,
    requests: i64,
) -> Result<i64> {
    let now_ms = app.env().now().unix_ms();
    let parameters: Vec<Value> = vec![key(parts).into(), now_ms.into(), window_ms.into(), requests.into()];
    match execute(app, COUNT_SQL, parameters).await?.into_first() {
        Some(Value::Integer(count)) => Ok(count),
        _ => Err(Error::internal("a counter has no count")),
    }
}

/// Runs a statement on the counters, which are made if they are missing; now and then, what has ended is swept away.
async fn execute(app: &App<impl Platform>, sql: &str, parameters: Vec<Value>) -> Result<Rows> {
    let database = app.database();
    let mut rows = database.execute(sql, parameters.clone()).await;
    for _ in 0..REPAIRS_MAX {
        let Err(error) = rows else { break };
        for sql in repair(error)? {
            // Others may do it at the same time; the statement itself tells whether it is done.
            let _done = database.execute(sql, Vec::new()).await;
        }
        rows = database.execute(sql, parameters.clone()).await;
    }
    let rows = rows?;
    if sweeps(app.env()) {
        database.execute(SWEEP_SQL, swept(app.env())).await?;
    }
    Ok(rows)
}

/// As [`take`], within a transaction.
pub(crate) async fn take_in(
    transaction: &impl Transaction,
    env: &impl Env,
    counters: &[Counter],
    device: Device<'_>,
) -> Result<bool> {
    let parameters = taking(env, counters, device, 0);
    let mut taken = transaction.execute(TAKE_SQL, parameters.clone()).await;
    for _ in 0..REPAIRS_MAX {
        let Err(error) = taken else { break };
        for sql in repair(error)? {
            transaction.execute(sql, Vec::new()).await?;
        }
        taken = transaction.execute(TAKE_SQL, parameters.clone()).await;
    }
    let taken = taken?;
    if sweeps(env) {
        transaction.execute(SWEEP_SQL, swept(env)).await?;
    }
    Ok(!taken.rows.is_empty())
}

/// The attempt was a success: `whole` begin anew, and of `counted` it is taken back.
pub(crate) async fn forgive(app: &App<impl Platform>, whole: &[Counter], counted: &[Counter]) -> Result<()> {
    app.database().execute(FORGIVE_SQL, vec![keys(whole), keys(counted)]).await?;
    Ok(())
}

/// All of these begin anew, whoever has filled them.
pub(crate) async fn forget(app: &App<impl Platform>, counters: &[Counter]) -> Result<()> {
    or_nothing(app.database().execute(FORGET_SQL, vec![keys(counters)]).await)?;
    Ok(())
}

fn keys(counters: &[Counter]) -> Value {
    Json::from_iter(counters.iter().map(|counter| counter.key.as_str())).to_string().into()
}

fn key(parts: &[&str]) -> String {
    let named = serde_json::to_vec(parts).unwrap_or_default();
    BASE64.encode(&Sha256::digest(named)[..16])
}

fn parameters(env: &impl Env, counters: &[Counter], device: Device<'_>) -> Vec<Value> {
    let policies = Json::from_iter(counters.iter().map(Counter::to_json)).to_string();
    vec![
        policies.into(),
        env.now().unix_ms().into(),
        device.collection_id.into(),
        device.record_id.into(),
        device.fingerprint.into(),
    ]
}

fn taking(env: &impl Env, counters: &[Counter], device: Device<'_>, pending_ms: i64) -> Vec<Value> {
    let settles = env.now().unix_ms().saturating_add(pending_ms);
    [parameters(env, counters, device), vec![settles.into()]].concat()
}

/// Whether it is this attempt's turn to sweep.
fn sweeps(env: &impl Env) -> bool {
    let mut random = [0];
    env.fill_random(&mut random);
    random[0].is_multiple_of(SWEEP_EVERY)
}

fn swept(env: &impl Env) -> Vec<Value> {
    vec![env.now().unix_ms().into(), SWEEP_ROWS_MAX.into()]
}
