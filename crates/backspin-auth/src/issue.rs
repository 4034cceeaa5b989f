//! The end of every way to sign in: a token, and the record as its owner sees it.

use backspin_core::{Env, Error, Platform, Result, Timestamp};
use backspin_query::Fields;
use backspin_records::{ReplyShape, RequestInfo, view_account};
use backspin_schema::collection::AuthOptions;
use backspin_schema::{App, AuthRecord, Caller};
use serde_json::Value as Json;

use crate::token::{Claims, TokenType};
use crate::token_keys::TokenKeys;

/// A token for an account.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Grant {
    /// How long it lasts.
    pub(crate) seconds: i64,
    /// Whether it may be exchanged for a later one.
    pub(crate) refreshable: bool,
}

impl Grant {
    /// The usual token of a collection.
    pub(crate) fn of(options: &AuthOptions) -> Self {
        Grant { seconds: options.auth_token.duration, refreshable: true }
    }

    /// When a token that is issued now ends.
    pub(crate) fn ends(self, env: &impl Env) -> Timestamp {
        env.now().plus_ms(self.seconds.saturating_mul(1000))
    }

    /// The signed token of a session, which lasts until the session is ended or the record's token key or the
    /// collection's secret changes, at most.
    pub(crate) async fn issue(
        self,
        app: &App<impl Platform>,
        record: &AuthRecord,
        options: &AuthOptions,
        session_id: &str,
    ) -> Result<String> {
        let keys = TokenKeys::of(app, &*app.snapshot().await?).await?;
        let key = keys.signing_key(record, &options.auth_token).ok_or_else(|| {
            Error::internal(format!("a record of {} has no token key", record.collection_name))
        })?;
        let claims = Claims {
            collection_id: record.collection_id.clone(),
            email: None,
            exp: app.env().now().unix_seconds().saturating_add(self.seconds),
            id: record.id().to_owned(),
            new_email: None,
            refreshable: Some(self.refreshable),
            session_id: Some(session_id.to_owned()),
            kind: TokenType::Auth,
        };
        Ok(claims.sign(&key))
    }
}

/// The reply to whoever has become `record`: `{"record":{…},"token":"…"}`, or of it what was asked for.
///
/// Errors: 400 for an `expand` or `fields` that cannot be read, 404 if the record was deleted meanwhile.
pub(crate) async fn reply(
    app: &App<impl Platform>,
    request: &RequestInfo<'_>,
    record: AuthRecord,
    token: &str,
    shape: &ReplyShape<'_>,
) -> Result<Vec<u8>> {
    reply_with_meta(app, request, record, token, shape, None).await
}

/// As [`reply`], with `"meta":{…}` in front.
pub(crate) async fn reply_with_meta(
    app: &App<impl Platform>,
    request: &RequestInfo<'_>,
    record: AuthRecord,
    token: &str,
    shape: &ReplyShape<'_>,
    meta: Option<&Json>,
) -> Result<Vec<u8>> {
    let fields = Fields::parse(&shape.fields)?;
    let caller = Caller::Record(record);
    let request = RequestInfo { caller: &caller, ..*request };
    let record = app.with_schema(async |snapshot| view_account(app, snapshot, &request, &shape.expand).await);
    let record = record.await?.ok_or_else(Error::not_found)?;
    reply_with_record(&record, token, meta, &fields)
}

/// As [`reply_with_meta`], of a record that has been rendered.
pub(crate) fn reply_with_record(
    record: &str,
    token: &str,
    meta: Option<&Json>,
    fields: &Fields,
) -> Result<Vec<u8>> {
    // A token holds only letters, digits, `-`, `_` and points.
    let meta = meta.map(|meta| format!(r#""meta":{meta},"#)).unwrap_or_default();
    let reply = format!(r#"{{{meta}"record":{record},"token":"{token}"}}"#);
    if fields.is_empty() {
        return Ok(reply.into_bytes());
    }
    let fault = |error: serde_json::Error| Error::Internal(error.into());
    serde_json::to_vec(&fields.pick(serde_json::from_str(&reply).map_err(fault)?)).map_err(fault)
}
