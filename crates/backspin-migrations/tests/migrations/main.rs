//! Migrations on real SQLite.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod apply;
mod convert;
mod database;
mod plan;
mod random;
mod refusals;
mod revert;
mod schemas;
mod steps;
