//! What tokens are signed with: the record's token key, the secret of its collection, and where the operator has set the
//! variable `secret_key`, that too, so that a stolen database signs nothing.

use std::rc::Rc;

use backspin_core::{Platform, Result};
use backspin_schema::collection::Token;
use backspin_schema::{App, AuthRecord, Snapshot};
use backspin_secrets::SecretKey;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;

use crate::record::text;
use crate::token::{TokenType, Unverified};

/// What [`SecretKey::derive`] makes this key for.
const PURPOSE: &[u8] = b"backspin: tokens, 1";

/// What is needed beside a record and its collection.
pub(crate) struct TokenKeys {
    /// Of the variable; empty without it.
    operators: String,
    /// When the database came from PocketBase, in seconds since 1970.
    imported: Option<i64>,
}

impl TokenKeys {
    /// Those of the application. The variable is read once for each version of the schema.
    ///
    /// Errors: 500 if the variable is too short to be a key.
    pub(crate) async fn of(app: &App<impl Platform>, snapshot: &Snapshot) -> Result<Rc<Self>> {
        if let Some(keys) = snapshot.memo().find("") {
            return Ok(keys);
        }
        let key = SecretKey::of(app.env()).await?.derive(PURPOSE)?;
        let operators = key.map(|key| BASE64.encode(key)).unwrap_or_default();
        snapshot.memo().get_or_make("", || {
            let imported = snapshot.imported().map(|imported| imported.unix_seconds());
            Ok(TokenKeys { operators, imported })
        })
    }

    /// The key of the record's tokens for `purpose`; `None` if it has no token key, and so none.
    pub(crate) fn signing_key(&self, record: &AuthRecord, purpose: &Token) -> Option<String> {
        Some(peers_key(record, purpose)? + &self.operators)
    }

    /// Whether the token is the record's, for `purpose`.
    ///
    /// PocketBase signs without the variable and names no session. Its tokens are good in a database that came from it, and
    /// where the variable is set, for as long as they last by the collection's options: a thief of the database could
    /// make them without end.
    pub(crate) fn have_signed(&self, token: &Unverified<'_>, record: &AuthRecord, purpose: &Token) -> bool {
        let Some(peers_key) = peers_key(record, purpose) else { return false };
        let is_ours = token.is_signed_with(&format!("{peers_key}{}", self.operators));
        let names_session = token.claims.kind != TokenType::Auth || token.claims.session_id.is_some();
        if is_ours && names_session {
            return true;
        }
        let Some(imported) = self.imported else { return false };
        let lasts =
            self.operators.is_empty() || token.claims.exp <= imported.saturating_add(purpose.duration);
        token.claims.session_id.is_none() && lasts && token.is_signed_with(&peers_key)
    }
}

/// As PocketBase makes it.
fn peers_key(record: &AuthRecord, purpose: &Token) -> Option<String> {
    text(record, "tokenKey").map(|key| format!("{key}{}", purpose.secret))
}
