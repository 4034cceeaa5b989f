//! The account whose password hash is compared where there is no account.
//!
//! Accounts may have hashes of several kinds and costs, which take their own time each. Were unknown identities all
//! compared with a hash of today's cost, the others would be known by their time. So an unknown identity has the hash of
//! some account, always the same: of kinds and costs as many as there are among the known ones.

use backspin_core::{Error, Result};
use backspin_records::ignores_case;
use backspin_schema::Collection;
use backspin_schema::collection::AuthOptions;
use hmac::{Hmac, Mac};
use sha2::Sha256;

/// Of ids as they are made for records, in the order in which they are compared.
const ALPHABET: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";
const CHARS: usize = 15;

/// Where among the ids of a collection the decoy of `identity` is, which is looked for in `fields`. Nobody can tell it who
/// does not know the secrets of the collection.
pub(crate) fn place(
    collection: &Collection,
    options: &AuthOptions,
    identity: &str,
    fields: &[String],
) -> Result<String> {
    // Two spellings of a known identity cost the same where they find the same account.
    let is_one = fields.iter().all(|field| ignores_case(collection, field));
    let identity = if is_one { identity.to_ascii_lowercase() } else { identity.to_owned() };
    let named = serde_json::to_vec(&["decoy", &collection.id, &identity]).unwrap_or_default();
    let secret = options.auth_token.secret.as_bytes();
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).map_err(|error| Error::Internal(error.into()))?;
    mac.update(&named);
    let bytes = mac.finalize().into_bytes();
    let char = |byte: &u8| char::from(ALPHABET[usize::from(*byte) % ALPHABET.len()]);
    Ok(bytes.iter().take(CHARS).map(char).collect())
}
