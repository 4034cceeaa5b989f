//! Limits on guessing who somebody is, by passwords or codes.
//!
//! Each attempt is counted before it is looked at, by what the client says and where it comes from, never by whether
//! there is such an account: so no limit tells whether there is. Counters that others can fill do not hold up an account
//! on a device from which it has signed in before: nobody can shut the owner out by failing on purpose. A success begins
//! the attempt's own counters anew and is not counted on the shared ones.

use backspin_core::{Env, Error, Platform, Result};
use backspin_password::Hashing;
use backspin_schema::App;

use crate::client::Client;
use crate::code::Requests;
use crate::throttle::{Admission, Counter, Device, Policy, forget, forgive, look, settle, take_pending};

const TOO_MANY_FAILURES: &str = "Too many failed attempts, please try again later.";
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

/// Codes of one account's authenticator app from one network, and whoever tries: three of a million are right at any time.
const OF_TOTP_FROM_NETWORK: Policy =
    Policy { free: 5, pause_ms: SECOND_MS, pause_ms_max: 15 * MINUTE_MS, kept_ms: 24 * HOUR_MS };
const OF_TOTP: Policy =
    Policy { free: 20, pause_ms: MINUTE_MS, pause_ms_max: 15 * MINUTE_MS, kept_ms: 24 * HOUR_MS };

/// How long an attempt is being looked at, at the most.
const PENDING_MS: i64 = 5_000;
/// How long an attempt waits for others that may turn out right, and how often it looks: ever less.
const PATIENCE_MS: i64 = 5_000;
const PAUSE_MS_MIN: i64 = 20;
const PAUSE_MS_MAX: i64 = 320;

/// An attempt, and what counts it.
pub(crate) struct Guess<'a> {
    own: Vec<Counter>,
    shared: Vec<Counter>,
    /// What was counted before the attempt and ends with its success.
    requests: Option<Requests>,
    device: Device<'a>,
    refusal: &'static str,
}

impl<'a> Guess<'a> {
    /// A password for `identity`, which may name no account.
    pub(crate) fn of_password(
        collection_id: &str,
        identity: &str,
        client: &Client,
        device: Device<'a>,
    ) -> Self {
        let counters = of_identity("password", collection_id, &identity.to_lowercase(), client);
        Guess::of_either_password(counters, client, device)
    }

    /// The password of an account, given by who is let this far by a token of it; `whose` tells the account. Nobody else
    /// can fill these counters, so those who sign in under its name do not count.
    pub(crate) fn of_own_password(
        collection_id: &str,
        whose: &str,
        client: &Client,
        device: Device<'a>,
    ) -> Self {
        let counters = of_identity("own password", collection_id, whose, client);
        Guess::of_either_password(counters, client, device)
    }

    fn of_either_password(
        [from_here, by_device, by_all]: [Counter; 3],
        client: &Client,
        device: Device<'a>,
    ) -> Self {
        let from_network = Counter::of(&["password", &client.network()], FROM_NETWORK);
        let shared = vec![by_all.passing_known(), from_network.passing_known()];
        Guess {
            own: vec![from_here.passing_known(), by_device],
            shared,
            requests: None,
            device,
            refusal: TOO_MANY_FAILURES,
        }
    }

    /// A code with this id, which there may not be. If it is right, `requests` are forgiven.
    pub(crate) fn of_code(
        collection_id: &str,
        otp_id: &str,
        client: &Client,
        requests: Option<Requests>,
        device: Device<'a>,
    ) -> Self {
        let own = Counter::of(&["code", collection_id, otp_id], OF_CODE);
        let from_network = Counter::of(&["code", &client.network()], FROM_NETWORK);
        let refusal = "Too many attempts, please try again later with a new OTP.";
        Guess { own: vec![own], shared: vec![from_network.passing_known()], requests, device, refusal }
    }

    /// A code of the account's authenticator app, or a recovery code. Only who has the first factor comes so far.
    pub(crate) fn of_totp(collection_id: &str, record_id: &str, client: &Client, device: Device<'a>) -> Self {
        let from_network = ["totp", collection_id, record_id, &client.network()];
        let own = Counter::of(&from_network, OF_TOTP_FROM_NETWORK);
        let shared = vec![Counter::of(&["totp", collection_id, record_id], OF_TOTP).passing_known()];
        Guess { own: vec![own], shared, requests: None, device, refusal: TOO_MANY_FAILURES }
    }

    /// As [`Guess::check`], where `looks` computes hashes: in turn.
    ///
    /// Errors: also 429 if it does not get its turn soon.
    pub(crate) async fn check_by_hash(
        self,
        app: &App<impl Platform>,
        hashing: Hashing,
        looks: impl AsyncFnOnce() -> Result<bool>,
    ) -> Result<bool> {
        // One who would be refused anyway takes nobody's turn.
        if look(app, &self.counters(), self.device).await? == Admission::Refused {
            return Err(self.refused());
        }
        hashing.in_turn(app.platform(), async || self.check(app, looks).await).await
    }

    /// Counts the attempt, then `looks` whether it is right, and tells so. While it does, others wait whom a success
    /// would let in.
    ///
    /// Errors: those of `looks`; 429 if there were too many.
    pub(crate) async fn check(
        self,
        app: &App<impl Platform>,
        looks: impl AsyncFnOnce() -> Result<bool>,
    ) -> Result<bool> {
        let counters = self.counters();
        self.admit(app, &counters).await?;
        if !looks().await? {
            settle(app, &counters).await?;
            return Ok(false);
        }
        let (mut whole, mut counted) = (self.own, self.shared);
        if let Some(requests) = self.requests {
            whole.extend(requests.own);
            counted.push(requests.shared);
        }
        forgive(app, &whole, &counted).await?;
        Ok(true)
    }

    async fn admit(&self, app: &App<impl Platform>, counters: &[Counter]) -> Result<()> {
        let since = app.env().now().unix_ms();
        let mut pause_ms = PAUSE_MS_MIN;
        loop {
            match take_pending(app, counters, self.device, PENDING_MS).await? {
                Admission::Admitted => return Ok(()),
                Admission::Waits if app.env().now().unix_ms() - since < PATIENCE_MS => {}
                Admission::Waits | Admission::Refused => return Err(self.refused()),
            }
            app.env().sleep_ms(pause_ms.unsigned_abs()).await;
            pause_ms = (pause_ms * 2).min(PAUSE_MS_MAX);
        }
    }

    fn counters(&self) -> Vec<Counter> {
        [self.own.as_slice(), &self.shared].concat()
    }

    fn refused(&self) -> Error {
        Error::TooManyRequests(self.refusal.to_owned())
    }
}

/// Passwords for `identity` begin anew from everywhere, and from where `client` is. Only for an identity that nobody but
/// the client can have: what it has proved must not forgive guesses at somebody else.
pub(crate) async fn forget_passwords(
    app: &App<impl Platform>,
    collection_id: &str,
    identity: &str,
    client: &Client,
) -> Result<()> {
    forget(app, &of_identity("password", collection_id, &identity.to_lowercase(), client)).await
}

/// What counts passwords for an identity: from where the client is, by its device, and from everywhere. A device that the
/// account knows is held up by what is tried on it alone, not by others behind the same address.
fn of_identity(kind: &str, collection_id: &str, identity: &str, client: &Client) -> [Counter; 3] {
    let of = |from: &[&str], policy| Counter::of(&[&[kind, collection_id, identity], from].concat(), policy);
    let from_network = of(&[&client.network()], OF_IDENTITY_FROM_NETWORK);
    let by_device = of(&["device", &client.fingerprint()], OF_IDENTITY_FROM_NETWORK);
    [from_network, by_device, of(&[], OF_IDENTITY)]
}
