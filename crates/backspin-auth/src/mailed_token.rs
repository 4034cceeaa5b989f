//! Tokens that go out by mail: whoever brings one back can read the mail of the account.

use backspin_core::{Env, FieldError, Platform, Result};
use backspin_schema::collection::{AuthOptions, Token};
use backspin_schema::{App, Attempt, AuthRecord, Collection, Snapshot};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use serde_json::{Map, Value as Json};

use crate::session::{Reading, TokenHolder, find_bearer};
use crate::token::{Claims, TokenType, Unverified};
use crate::token_keys::TokenKeys;

/// What a mailed token is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    Verification,
    PasswordReset,
    EmailChange,
}

impl Purpose {
    fn kind(self) -> TokenType {
        match self {
            Purpose::Verification => TokenType::Verification,
            Purpose::PasswordReset => TokenType::PasswordReset,
            Purpose::EmailChange => TokenType::EmailChange,
        }
    }

    fn options(self, options: &AuthOptions) -> &Token {
        match self {
            Purpose::Verification => &options.verification_token,
            Purpose::PasswordReset => &options.password_reset_token,
            Purpose::EmailChange => &options.email_change_token,
        }
    }

    /// A token for the record, whose email is `email`. Without a record that has a token key it is one that nobody
    /// accepts, at the same cost.
    pub(crate) async fn issue(
        self,
        app: &App<impl Platform>,
        (collection, options): (&Collection, &AuthOptions),
        record: Option<&AuthRecord>,
        email: &str,
        new_email: Option<&str>,
    ) -> Result<String> {
        let token = self.options(options);
        let keys = TokenKeys::of(app, &*app.snapshot().await?).await?;
        let key = record.and_then(|record| keys.signing_key(record, token));
        let claims = Claims {
            collection_id: collection.id.clone(),
            email: Some(email.to_owned()),
            exp: app.env().now().unix_seconds().saturating_add(token.duration),
            id: record.map_or("", AuthRecord::id).to_owned(),
            new_email: new_email.map(str::to_owned),
            refreshable: None,
            session_id: None,
            kind: self.kind(),
        };
        Ok(claims.sign(&key.unwrap_or_default()))
    }

    /// The account of `collection` that the token was mailed to, with what the token says; or why it is refused.
    pub(crate) async fn find(
        self,
        app: &App<impl Platform>,
        snapshot: &Snapshot,
        collection: &Collection,
        token: &str,
    ) -> Result<Attempt<Result<Bearer, FieldError>>> {
        let parsed = Unverified::parse(token, app.env().now());
        let Some(token) = parsed.filter(|token| token.claims.kind == self.kind()) else {
            return Ok(Attempt::Done(Err(invalid())));
        };
        let of = snapshot.find_by_id(&token.claims.collection_id).and_then(|of| Some((of, of.auth()?)));
        let Some((of, options)) = of else { return Ok(Attempt::Done(Err(invalid()))) };
        let bearer =
            match find_bearer(app, snapshot, of, self.options(options), &token, Reading::Record).await? {
                Attempt::Stale => return Ok(Attempt::Stale),
                Attempt::Done(bearer) => bearer,
            };
        let Some(TokenHolder { record, .. }) = bearer else { return Ok(Attempt::Done(Err(invalid()))) };
        if of.id != collection.id {
            let message = "The provided token is for different auth collection.";
            return Ok(Attempt::Done(Err(FieldError::new("validation_token_collection_mismatch", message))));
        }
        let email = token.claims.email.unwrap_or_default();
        Ok(Attempt::Done(Ok(Bearer { record, email, new_email: token.claims.new_email })))
    }
}

/// Who brings a token back.
pub(crate) struct Bearer {
    pub(crate) record: AuthRecord,
    /// Where the token was mailed to, if that was the account's own address.
    pub(crate) email: String,
    pub(crate) new_email: Option<String>,
}

/// A text that the token says, true or not: it may be signed by anybody, or not at all.
pub(crate) fn claim(token: &str, name: &str) -> Option<String> {
    let mut parts = token.split('.').skip(1);
    let (Some(claims), Some(_), None) = (parts.next(), parts.next(), parts.next()) else { return None };
    let claims: Map<String, Json> = serde_json::from_slice(&BASE64.decode(claims).ok()?).ok()?;
    claims.get(name)?.as_str().filter(|text| !text.is_empty()).map(str::to_owned)
}

/// The reason of a token that is over, was changed, or is none.
pub(crate) fn invalid() -> FieldError {
    FieldError::new("validation_invalid_token", "Invalid or expired token.")
}
