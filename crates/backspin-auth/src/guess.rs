//! Limits on guessing who somebody is, by passwords or codes.
//!
//! Each attempt is counted before it is looked at, by what the client says and where it comes from, never by whether
//! there is such an account: so no limit tells whether there is. Counters that others can fill do not hold up an account
//! on a device from which it has signed in before: nobody can shut the owner out by failing on purpose. A success begins
//! the attempt's own counters anew and is not counted on the shared ones.

use backspin_core::{Error, Platform, Result};
use backspin_schema::App;

use crate::client::Client;
use crate::throttle::{Counter, Device, Policy, forgive, take};

const SECOND_MS: i64 = 1_000;
const MINUTE_MS: i64 = 60 * SECOND_MS;
const HOUR_MS: i64 = 60 * MINUTE_MS;

/// Passwords for one identity from one network.
const OF_IDENTITY_FROM_NETWORK: Policy =
    Policy { free: 5, pause_ms: SECOND_MS, pause_ms_max: 15 * MINUTE_MS, kept_ms: 15 * MINUTE_MS };
/// Passwords for one identity, whoever tries.
const OF_IDENTITY: Policy =
    Policy { free: 50, pause_ms: SECOND_MS, pause_ms_max: 5 * MINUTE_MS, kept_ms: HOUR_MS };
/// Passwords, or codes, from one network, whatever it tries.
const FROM_NETWORK: Policy =
    Policy { free: 100, pause_ms: SECOND_MS, pause_ms_max: 5 * MINUTE_MS, kept_ms: 15 * MINUTE_MS };
/// Tries of one code, as in PocketBase; it has run out before there are more.
const OF_CODE: Policy =
    Policy { free: 5, pause_ms: 24 * HOUR_MS, pause_ms_max: 24 * HOUR_MS, kept_ms: 24 * HOUR_MS };

/// The error of who has to wait.
pub(crate) fn too_many_failures() -> Error {
    Error::TooManyRequests("Too many failed attempts, please try again later.".to_owned())
}

/// An attempt that was counted.
pub(crate) struct Guess {
    own: Vec<Counter>,
    shared: Vec<Counter>,
}

impl Guess {
    /// A password for `identity`, which may name no account.
    pub(crate) fn of_password(collection_id: &str, identity: &str, client: &Client) -> Self {
        let (identity, network) = (identity.to_lowercase(), client.network());
        let own = Counter::of(&["password", collection_id, &identity, &network], OF_IDENTITY_FROM_NETWORK);
        let of_identity = Counter::of(&["password", collection_id, &identity], OF_IDENTITY);
        let from_network = Counter::of(&["password", &network], FROM_NETWORK);
        Guess { own: vec![own], shared: vec![of_identity.passing_known(), from_network.passing_known()] }
    }

    /// A code with this id, which there may not be.
    pub(crate) fn of_code(collection_id: &str, otp_id: &str, client: &Client) -> Self {
        let own = Counter::of(&["code", collection_id, otp_id], OF_CODE);
        let from_network = Counter::of(&["code", &client.network()], FROM_NETWORK);
        Guess { own: vec![own], shared: vec![from_network.passing_known()] }
    }

    /// Counts the attempt. Tells whether it may be made now.
    pub(crate) async fn is_admitted(&self, app: &App<impl Platform>, device: Device<'_>) -> Result<bool> {
        let counters = [self.own.as_slice(), &self.shared].concat();
        take(app, &counters, device).await
    }

    /// The attempt was a success, and so were those that `also` counted.
    pub(crate) async fn was_right(self, app: &App<impl Platform>, also: Option<Counter>) -> Result<()> {
        let own: Vec<Counter> = self.own.into_iter().chain(also).collect();
        forgive(app, &own, &self.shared).await
    }
}
