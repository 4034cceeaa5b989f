//! `/api/oauth2-redirect`: the page to which identity providers send the user back.

use backspin_core::{Database, Env, Platform, Result, Transaction, Value, limits};
use backspin_oauth2::keep_redirect_name;
use backspin_schema::App;
use serde::{Deserialize, Deserializer};
use serde_json::{Value as Json, json};

use crate::client::ClientId;
use crate::mailbox::send_in;
use crate::tables::query;
use crate::topic::OAUTH2;

/// What the provider sends with the user. What is absent is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Arrival {
    /// The id of the client that has opened the provider's page.
    pub state: String,
    pub code: String,
    pub error: String,
    /// Who the user is, as JSON, which Apple tells with the first redirect and nowhere else. Not for the client: the name
    /// waits for the code. What is no text in a body of JSON is none.
    #[serde(deserialize_with = "text_only")]
    pub user: String,
}

/// Where the user is sent on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Landing {
    Success,
    Failure,
}

/// So that whoever calls the page for nothing takes no turn at writing.
const IS_WAITING_SQL: &str = r#"SELECT 1 FROM "_realtimeClients"
WHERE "key" = ?1 AND "ends" > ?2 AND ?3 IN (SELECT "value" FROM json_each("subscriptions"))"#;

/// Takes the topic from what the client subscribes to, as it is good for one message.
const USE_UP_SQL: &str = r#"UPDATE "_realtimeClients"
SET "subscriptions" = (SELECT json_group_array("value") FROM json_each("subscriptions") WHERE "value" <> ?3)
WHERE "key" = ?1 AND "ends" > ?2 AND ?3 IN (SELECT "value" FROM json_each("subscriptions"))
RETURNING 1"#;

impl Landing {
    /// Relative to the page, and never made of what a client has sent. The same as PocketBase's.
    pub fn target(self) -> &'static str {
        match self {
            Landing::Success => "../_/#/auth/oauth2-redirect-success",
            Landing::Failure => "../_/#/auth/oauth2-redirect-failure",
        }
    }
}

/// Sends code and error to the client that the state names, if it waits for them: each subscription is good for one
/// message, so a page that is loaded again changes nothing. A success is a code without an error.
///
/// Errors: those of the database only.
pub async fn land(app: &App<impl Platform>, arrival: &Arrival) -> Result<Landing> {
    if !arrival.is_readable() || !deliver(app, arrival).await? {
        return Ok(Landing::Failure);
    }
    Ok(if arrival.is_success() { Landing::Success } else { Landing::Failure })
}

async fn deliver(app: &App<impl Platform>, arrival: &Arrival) -> Result<bool> {
    let key = ClientId::claimed(&arrival.state).key();
    let parameters: Vec<Value> = vec![key.as_str().into(), app.env().now().unix_ms().into(), OAUTH2.into()];
    if query(app, IS_WAITING_SQL, parameters.clone()).await?.rows.is_empty() {
        return Ok(false);
    }
    // Before the client gets the code, for it may use it at once.
    if arrival.is_success() {
        keep_redirect_name(app, &arrival.code, &arrival.user).await?;
    }
    app.database()
        .transact(async |transaction| {
            let used_up = transaction.execute(USE_UP_SQL, parameters).await?;
            if used_up.rows.is_empty() {
                return Ok(false);
            }
            send_in(transaction, app.env(), &key, OAUTH2, arrival.to_json()).await?;
            Ok(true)
        })
        .await
}

impl Arrival {
    fn is_readable(&self) -> bool {
        (1..=limits::CLIENT_ID_BYTES_MAX).contains(&self.state.len())
            && self.code.len() <= limits::REDIRECT_VALUE_BYTES_MAX
            && self.error.len() <= limits::REDIRECT_VALUE_BYTES_MAX
    }

    fn is_success(&self) -> bool {
        self.error.is_empty() && !self.code.is_empty()
    }

    fn to_json(&self) -> String {
        let mut data = json!({ "state": self.state, "code": self.code });
        if !self.error.is_empty() {
            data["error"] = Json::from(self.error.as_str());
        }
        data.to_string()
    }
}

fn text_only<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Ok(match Json::deserialize(deserializer)? {
        Json::String(text) => text,
        _ => String::new(),
    })
}
