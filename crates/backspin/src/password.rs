//! Passwords for people to copy.

use backspin_core::{Env, id};

/// Without what is easily mistaken: no 0 and O, no 1, l and I.
const ALPHABET: &[u8] = b"ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789";

/// 24 characters of 57: 139 bits.
const LENGTH: usize = 24;

pub(crate) fn generate(env: &impl Env) -> String {
    id::random_string(env, LENGTH, ALPHABET)
}
