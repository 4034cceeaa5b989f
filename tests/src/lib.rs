//! The application under test: real Wasm components, served in this process over HTTP.
//!
//! ```no_run
//! let (app, anon, root) = backspin_tests::start();
//! root.post("/api/collections", serde_json::json!({"name": "posts"})).ok();
//! anon.get("/api/collections/posts/records").check(backspin_tests::expect![[r#"…"#]]);
//! # drop(app);
//! ```
//!
//! Every test has an application of its own, on a free port and an empty state folder, so tests run in parallel. What
//! they share is built once: the components, and their compiled code under the target folder.

// A harness for tests: what goes wrong here fails the test with a message.
#![allow(clippy::unwrap_used)]

mod app;
mod build;
mod client;
mod process;
mod redact;
mod reply;

pub use app::{App, SUPERUSER_EMAIL, SUPERUSER_PASSWORD, secret_key, start, start_with, value};
pub use client::Client;
pub use expect_test::expect;
pub use process::BackspinProcess;
pub use reply::Reply;
