//! Recovery codes: for who has lost the authenticator app. Each is good for one time.

use backspin_core::{Env, id};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use sha2::{Digest, Sha256};

/// Codes at a time.
const COUNT: usize = 10;
/// Of each code: 79 bits, so a plain hash keeps them well enough.
const CHARS: usize = 16;
const CHARS_BETWEEN_DASHES: usize = 4;
/// Letters and digits that nobody takes for each other.
const ALPHABET: &[u8] = b"abcdefghjkmnpqrstuvwxyz23456789";

/// New codes, as people are shown them: `abcd-efgh-jkmn-pqrs`.
pub(crate) fn new_codes(env: &impl Env) -> Vec<String> {
    (0..COUNT).map(|_| dashed(&id::random_string(env, CHARS, ALPHABET))).collect()
}

/// As it is stored: of no use elsewhere. Dashes, spaces and upper case make no difference.
pub(crate) fn hash(collection_id: &str, record_id: &str, code: &str) -> String {
    let is_kept = |c: &char| !c.is_whitespace() && *c != '-';
    let code: String = code.chars().filter(is_kept).map(|c| c.to_ascii_lowercase()).collect();
    let named = serde_json::to_vec(&["recovery code", collection_id, record_id, &code]).unwrap_or_default();
    BASE64.encode(Sha256::digest(named))
}

fn dashed(code: &str) -> String {
    let mut dashed = String::with_capacity(CHARS + CHARS / CHARS_BETWEEN_DASHES);
    for (at, c) in code.chars().enumerate() {
        if at > 0 && at % CHARS_BETWEEN_DASHES == 0 {
            dashed.push('-');
        }
        dashed.push(c);
    }
    dashed
}
