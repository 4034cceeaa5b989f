//! The program as people run it: real processes, their output and exit codes.

#![allow(clippy::unwrap_used, reason = "what goes wrong here fails the test")]

mod arguments;
mod build;
mod faults;
mod import;
mod itself;
mod migrate;
#[allow(dead_code, reason = "the import's own tests need more of it")]
#[path = "../../../backspin-import/tests/import/pocketbase_data.rs"]
mod pocketbase_data;
mod process;
mod schema;
mod schema_files;
mod server;
mod serving;
mod superuser;
