//! `POST /api/collections/:collection/request-otp`: an address in, a code to it by mail.

use backspin_core::{Env, Error, Platform, Result, Value, id};
use backspin_mail::{Values, render};
use backspin_query::Fields;
use backspin_records::RequestInfo;
use backspin_schema::App;
use serde_json::json;

use crate::code::{ADD_SQL, FORGET_OLD_SQL, Requests, digits, has_codes, oldest};
use crate::found::{find_by_email, open};
use crate::mail_request::{MailRequest, admit, send};
use crate::rate_limit::{Endpoint, check_rate};
use crate::throttle::Device;
use crate::verification::Address;

const ENDPOINT: Endpoint = Endpoint { path: "request-otp", actions: &["requestOTP"] };

/// Mails a one-time password to the account with this email, and returns `{"otpId":"…"}` to bring back with it, or of it
/// what `fields` asks for. The same comes back for an email without an account, and for one that was sent too many.
///
/// Errors: 404 if it is no auth collection, 403 if it has no one-time passwords; 400 for a body or `fields` that cannot
/// be read and for what is no email; 429 for too much mail asked for from one network.
pub async fn request_code(
    app: &App<impl Platform>,
    request: &RequestInfo<'_>,
    collection: &str,
    body: Result<Address>,
    fields: &str,
) -> Result<Vec<u8>> {
    check_rate(app, request, collection, ENDPOINT).await?;
    open(app, collection, has_codes).await?;
    let email = body?.email;
    let fields = Fields::parse(fields)?;
    let found = find_by_email(app, request, collection, has_codes, &email).await?;
    let (collection, options) = (&found.collection, found.options()?);
    let email = found.address(&email);
    let client = found.client(request)?;
    admit(app, &client).await?;
    let (otp_id, code) = (id::record_id(app.env()), digits(app.env(), &options.otp));
    let hash = found.hashing()?.hash_in_turn(&code, app.platform()).await?;

    let record = found.record_or_nobody();
    let values = Values {
        otp: Some(&code),
        otp_id: Some(&otp_id),
        record: Some((collection, &record)),
        ..Values::default()
    };
    let message = render(&options.otp.email_template, email, &*found.settings()?, &values)?;
    let now = app.env().now().to_string();
    let (of, record_id) = (collection.id.as_str(), record.id());
    let forget: [Value; 3] = [of.into(), record_id.into(), oldest(app.env(), &options.otp).into()];
    let add = [otp_id.as_str(), of, record_id, &hash, email, &now].map(Value::from);
    let fingerprint = client.fingerprint();
    let mail = MailRequest {
        message,
        is_wanted: found.account.is_some(),
        repeated: Requests::of(of, email, &client).counters(),
        device: Device { collection_id: of, record_id, fingerprint: &fingerprint },
        writes: vec![(FORGET_OLD_SQL, forget.into()), (ADD_SQL, add.into())],
    };
    send(app, mail).await?;
    let reply = fields.pick(json!({ "otpId": otp_id }));
    serde_json::to_vec(&reply).map_err(|error| Error::Internal(error.into()))
}
