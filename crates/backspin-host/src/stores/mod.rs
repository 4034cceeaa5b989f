//! What the capabilities `sqlite` and `key-value` store in, as plain asynchronous Rust: no Wasm in sight.
//!
//! A store is a module of its own with its own `open`, so that a further kind (libSQL, Redis) is a
//! further module beside these.

pub mod key_value;
pub mod sqlite;
