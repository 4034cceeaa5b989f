//! `POST /api/realtime`: what a client wants to hear of.

use backspin_core::{Env, Error, FieldError, FieldErrors, Platform, Result, Value, limits};
use backspin_schema::{App, Caller};
use serde::{Deserialize, Deserializer};
use serde_json::{Value as Json, json};

use crate::client::{ClientId, is_known};
use crate::tables::execute;
use crate::topic;

/// The body of the request. Absent and null are the same, for each field and each topic.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Subscriptions {
    #[serde(deserialize_with = "null_is_default")]
    client_id: String,
    #[serde(deserialize_with = "null_is_default")]
    subscriptions: Vec<Topic>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
struct Topic(#[serde(deserialize_with = "null_is_default")] String);

/// Binds the client to the caller and replaces its subscriptions, if it is nobody's or the caller's already.
const SUBSCRIBE_SQL: &str = r#"UPDATE "_realtimeClients"
SET "collectionRef" = ?3, "recordRef" = ?4, "subscriptions" = ?5
WHERE "key" = ?1 AND "ends" > ?2 AND ("recordRef" = '' OR ("collectionRef" = ?3 AND "recordRef" = ?4))
RETURNING 1"#;

/// Replaces what a client subscribes to. Who does so first with a token is the only one who may do so again. One
/// statement.
///
/// Errors: 400 if the body is out of its limits; 501 for topics that this version does not know; 404 if there is no
/// such client; 403 if it is somebody else's.
pub async fn subscribe(app: &App<impl Platform>, caller: &Caller, form: &Subscriptions) -> Result<()> {
    form.check()?;
    let topics: Vec<&str> = form.subscriptions.iter().map(|topic| topic.0.as_str()).collect();
    let topics = Json::from(topic::audible(&topics)?).to_string();
    let owner = caller.record();
    let (collection, record) = owner.map_or(("", ""), |record| (record.collection_id.as_str(), record.id()));
    let (key, now) = (ClientId::claimed(&form.client_id).key(), app.env().now().unix_ms());
    let parameters: Vec<Value> =
        vec![key.as_str().into(), now.into(), collection.into(), record.into(), topics.into()];
    if !execute(app, SUBSCRIBE_SQL, parameters).await?.rows.is_empty() {
        return Ok(());
    }
    match is_known(app, &key).await? {
        true => Err(Error::Forbidden(
            "The current and the previous request authorization don't match.".to_owned(),
        )),
        false => Err(Error::NotFound("Missing or invalid client id.".to_owned())),
    }
}

impl Subscriptions {
    /// In PocketBase's words. Lengths are in bytes.
    fn check(&self) -> Result<()> {
        let mut errors = FieldErrors::default();
        let id_bytes = self.client_id.len();
        if id_bytes == 0 {
            errors.add("clientId", FieldError::new("validation_required", "Cannot be blank."));
        } else if id_bytes > limits::CLIENT_ID_BYTES_MAX {
            let max = limits::CLIENT_ID_BYTES_MAX;
            let message = format!("The length must be between 1 and {max}.");
            let params = json!({ "max": max, "min": 1 });
            errors
                .add("clientId", FieldError::with_params("validation_length_out_of_range", message, params));
        }
        let long = self.subscriptions.iter().enumerate();
        let long: FieldErrors = long
            .filter(|(_, topic)| topic.0.len() > limits::TOPIC_BYTES_MAX)
            .map(|(i, _)| (i.to_string(), too_long(limits::TOPIC_BYTES_MAX)))
            .collect();
        if self.subscriptions.len() > limits::SUBSCRIPTIONS_MAX {
            errors.add("subscriptions", too_long(limits::SUBSCRIPTIONS_MAX));
        } else if !long.is_empty() {
            errors.add("subscriptions", FieldError::Nested(long));
        }
        errors.into_result("Something went wrong while processing your request.")
    }
}

fn too_long(max: usize) -> FieldError {
    let message = format!("The length must be no more than {max}.");
    FieldError::with_params("validation_length_too_long", message, json!({ "max": max, "min": 0 }))
}

fn null_is_default<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(
    deserializer: D,
) -> Result<T, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}
