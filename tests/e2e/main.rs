//! End to end: real Wasm over HTTP. The folder `routes` mirrors the URLs.

// Outside of `#[test]` too: what goes wrong here fails a test.
#![allow(clippy::unwrap_used)]

mod bad_input;
mod crash;
mod first_use;
mod injection;
mod migrations_crash;
mod routes;
