//! `POST /api/settings/test/email`: one mail, sent at once, to see whether it arrives.

use backspin_core::{Env, Error, FieldError, FieldErrors, Network, Outbound, Platform, Result};
use backspin_mail::{Message, Values, render};
use backspin_schema::value::required;
use backspin_schema::{App, Caller, SUPERUSERS_ID, Snapshot};
use backspin_settings::Settings;
use backspin_smtp::{SendError, Session, to_bytes};
use serde_json::{Map, Value as Json};

use crate::transport::Transport;

const FAILED: &str = "Failed to send the test email.";
const UNREADABLE: &str = "An error occurred while loading the submitted data.";
const TEMPLATES: [&str; 5] = ["verification", "password-reset", "email-change", "otp", "login-alert"];

/// Sends the mail `template` of the auth collection `collection` (that of the superusers if it is not given) to
/// `email`, with made-up values, through the mail server or the mail API of the settings.
///
/// Errors: 401 and 403 for anyone but superusers; 400 with the refused fields, or with what the mail server said.
pub async fn send_test_email(
    app: &App<impl Platform>,
    network: &impl Network,
    outbound: &impl Outbound,
    caller: &Caller,
    body: &Map<String, Json>,
) -> Result<()> {
    caller.require_superuser()?;
    let snapshot = app.reload().await?;
    let settings = backspin_settings::of(&snapshot)?;
    let message = message(&snapshot, &settings, app.env(), body)?;
    let refused = |reason: String| Error::bad_request(format!("{FAILED} Raw error: \n{reason}"));
    let transport = match Transport::of(&settings, app.env()).await? {
        Ok(transport) => transport,
        Err(unready) => return Err(refused(format!("{}.", unready.reason()))),
    };
    let sent = match &transport {
        Transport::Api(api) => api.send(outbound, &message).await,
        Transport::Smtp(target) => {
            let data = to_bytes(&message, &settings.meta, app.env())?;
            let sent = async {
                let mut session = Session::open(network, target).await?;
                session.send(&settings.meta.sender_address, message.to(), &data).await?;
                session.close().await;
                Ok::<_, SendError>(())
            };
            sent.await
        }
    };
    sent.map_err(|error| refused(transport.explain(&error)))
}

fn message(
    snapshot: &Snapshot,
    settings: &Settings,
    env: &impl Env,
    body: &Map<String, Json>,
) -> Result<Message> {
    let text = |name: &str| match body.get(name) {
        None | Some(Json::Null) => Ok(""),
        Some(Json::String(text)) => Ok(text.as_str()),
        Some(_) => Err(Error::bad_request(UNREADABLE)),
    };
    let (template, email, collection) = (text("template")?, text("email")?, text("collection")?);
    let mut errors = FieldErrors::default();
    if template.is_empty() {
        errors.add("template", required());
    } else if !TEMPLATES.contains(&template) {
        errors.add("template", FieldError::new("validation_in_invalid", "Must be a valid value."));
    }
    if email.is_empty() {
        errors.add("email", required());
    } else if Message::new(email, "", "").is_err() {
        errors.add("email", FieldError::new("validation_is_email", "Must be a valid email address."));
    }
    let collection = if collection.is_empty() { SUPERUSERS_ID } else { collection };
    let Some(options) = snapshot.find(collection).and_then(|collection| collection.auth()) else {
        let reason = "Must be a valid auth collection id or name.";
        errors.add("collection", FieldError::new("validation_invalid_auth_collection", reason));
        return Err(Error::BadRequest { message: FAILED.to_owned(), fields: errors });
    };
    errors.into_result(FAILED)?;
    let template = match template {
        "verification" => &options.verification_template,
        "password-reset" => &options.reset_password_template,
        "email-change" => &options.confirm_email_change_template,
        "otp" => &options.otp.email_template,
        _ => &options.auth_alert.email_template,
    };
    let alert_info = format!("{} - TEST_IP TEST_USER_AGENT", env.now());
    let values = Values {
        token: Some("TEST_TOKEN"),
        otp: Some("123456"),
        otp_id: Some("test_otp_id"),
        alert_info: Some(&alert_info),
        record: None,
    };
    render(template, email, settings, &values)
}
