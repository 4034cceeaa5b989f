//! Clients: made when a stream opens, gone when it ends.

use backspin_core::{Env, Error, Platform, Result, Value, id, limits};
use backspin_schema::App;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use sha2::{Digest, Sha256};

use crate::tables::{execute, query, sweep};

const ID_ALPHABET: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
/// 238 bits of randomness: whoever knows the id may subscribe for the client.
const ID_CHARS: usize = 40;

/// One connection in so many sweeps, and takes away more than that many can have left behind.
const SWEEP_EVERY: u8 = 16;

/// How long a client is kept beyond the end of its stream, should the stream be unable to remove it.
const GRACE_MS: i64 = 60_000;

const CONNECT_SQL: &str = r#"INSERT INTO "_realtimeClients" ("key", "ends")
SELECT ?1, ?2
WHERE (SELECT count(*) FROM "_realtimeClients") < ?3
RETURNING 1"#;

const KEEP_SQL: &str = r#"UPDATE "_realtimeClients" SET "ends" = ?2 WHERE "key" = ?1"#;

const IS_KNOWN_SQL: &str = r#"SELECT 1 FROM "_realtimeClients" WHERE "key" = ?1 AND "ends" > ?2"#;

const DISCONNECT_SQL: &str = r#"DELETE FROM "_realtimeClients" WHERE "key" = ?1"#;
const DISCARD_SQL: &str = r#"DELETE FROM "_realtimeMessages" WHERE "client" = ?1"#;

/// The id of a client, which only its browser and the page that it opens know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ClientId(String);

impl ClientId {
    fn random(env: &impl Env) -> Self {
        ClientId(id::random_string(env, ID_CHARS, ID_ALPHABET))
    }

    /// Any text may claim to be one.
    pub(crate) fn claimed(text: &str) -> Self {
        ClientId(text.to_owned())
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// What stands for the id in the database, from which nobody can learn it.
    pub(crate) fn key(&self) -> String {
        BASE64.encode(Sha256::digest(&self.0))
    }
}

/// A client whose stream is about to begin.
#[derive(Clone, Debug)]
pub struct Client {
    id: ClientId,
    key: String,
}

/// Takes in a client. Its stream has to follow: see [`crate::stream`].
///
/// Errors: 503 if there are [`limits::REALTIME_CLIENTS_MAX`] already.
pub async fn connect(app: &App<impl Platform>) -> Result<Client> {
    // On an empty database, the tables of the application come first.
    app.snapshot().await?;
    let id = ClientId::random(app.env());
    let client = Client { key: id.key(), id };
    let mut turn = [0];
    app.env().fill_random(&mut turn);
    if turn[0].is_multiple_of(SWEEP_EVERY) {
        sweep(app).await?;
    }
    if client.insert(app).await? {
        return Ok(client);
    }
    sweep(app).await?;
    match client.insert(app).await? {
        true => Ok(client),
        false => Err(Error::Unavailable("Too many realtime connections. Try again later.".to_owned())),
    }
}

impl Client {
    /// 40 letters and digits.
    pub fn id(&self) -> &str {
        self.id.as_str()
    }

    pub(crate) fn client_id(&self) -> &ClientId {
        &self.id
    }

    pub(crate) fn key(&self) -> &str {
        &self.key
    }

    async fn insert(&self, app: &App<impl Platform>) -> Result<bool> {
        let parameters = vec![self.key().into(), ends(app), limits::REALTIME_CLIENTS_MAX.into()];
        Ok(!execute(app, CONNECT_SQL, parameters).await?.rows.is_empty())
    }

    /// The client's stream goes on for another idle time.
    pub(crate) async fn keep(&self, app: &App<impl Platform>) -> Result<()> {
        execute(app, KEEP_SQL, vec![self.key().into(), ends(app)]).await?;
        Ok(())
    }

    /// Forgets the client and what is on its way to it.
    pub(crate) async fn disconnect(&self, app: &App<impl Platform>) -> Result<()> {
        execute(app, DISCONNECT_SQL, vec![self.key().into()]).await?;
        execute(app, DISCARD_SQL, vec![self.key().into()]).await?;
        Ok(())
    }
}

/// Whether there is a client of this key.
pub(crate) async fn is_known(app: &App<impl Platform>, key: &str) -> Result<bool> {
    let parameters = vec![key.into(), app.env().now().unix_ms().into()];
    Ok(!query(app, IS_KNOWN_SQL, parameters).await?.rows.is_empty())
}

fn ends(app: &App<impl Platform>) -> Value {
    (app.env().now().unix_ms() + limits::STREAM_IDLE_MS_MAX + GRACE_MS).into()
}
