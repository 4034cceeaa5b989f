//! Ids: random ones for records, stable ones for collections and fields.

use crate::Env;

/// The length of a record id.
pub const RECORD_ID_CHARS: usize = 15;
const ALPHABET: &[u8; 36] = b"abcdefghijklmnopqrstuvwxyz0123456789";

/// A new record id: 15 characters of `[a-z0-9]`, 77 bits of randomness.
pub fn record_id(env: &impl Env) -> String {
    random_string(env, RECORD_ID_CHARS, ALPHABET)
}

/// `length` characters drawn evenly from `alphabet` (2 to 256 ASCII characters).
pub fn random_string(env: &impl Env, length: usize, alphabet: &[u8]) -> String {
    // Bytes at or above the greatest multiple of the alphabet's length would favour its first letters.
    let fair = 256 - 256 % alphabet.len();
    let mut text = String::with_capacity(length);
    let mut buffer = [0_u8; 32];
    while text.len() < length {
        env.fill_random(&mut buffer);
        let fair_bytes = buffer.iter().map(|byte| usize::from(*byte)).filter(|byte| *byte < fair);
        text.extend(
            fair_bytes.take(length - text.len()).map(|byte| char::from(alphabet[byte % alphabet.len()])),
        );
    }
    text
}

/// The id of a collection: `pbc_` and the CRC-32 of its type and name, so that the same schema made
/// twice has the same ids.
pub fn collection_id(kind: &str, name: &str) -> String {
    format!("pbc_{}", checksum(&[kind, name]))
}

/// The id of a field: its type and the CRC-32 of its name, as in `text3208210256`.
pub fn field_id(kind: &str, name: &str) -> String {
    format!("{kind}{}", checksum(&[name]))
}

fn checksum(parts: &[&str]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    parts.iter().for_each(|part| hasher.update(part.as_bytes()));
    hasher.finalize()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::env::fixed::FixedEnv;

    #[test]
    fn record_ids_are_15_lower_case_letters_and_digits() {
        let env = FixedEnv::new(0);
        let id = record_id(&env);
        assert_eq!(id.len(), 15);
        assert!(id.bytes().all(|byte| ALPHABET.contains(&byte)));
        assert_ne!(id, record_id(&env));
    }

    #[test]
    fn every_letter_of_the_alphabet_is_drawn_about_as_often() {
        let text = random_string(&FixedEnv::new(1), 36_000, ALPHABET);
        for letter in ALPHABET {
            let count = text.bytes().filter(|byte| byte == letter).count();
            assert!((850..1150).contains(&count), "{}: {count}", char::from(*letter));
        }
    }

    #[test]
    fn ids_of_collections_and_fields_are_those_of_pocketbase() {
        assert_eq!(collection_id("auth", "_superusers"), "pbc_3142635823");
        assert_eq!(collection_id("base", "_mfas"), "pbc_2279338944");
        assert_eq!(field_id("text", "id"), "text3208210256");
        assert_eq!(field_id("autodate", "created"), "autodate2990389176");
    }
}
