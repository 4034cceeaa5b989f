//! The program as people run it: real processes, their output and exit codes.

#![allow(clippy::unwrap_used, reason = "what goes wrong here fails the test")]

mod arguments;
mod build;
mod faults;
mod itself;
mod migrate;
mod process;
mod schema;
mod schema_files;
mod server;
mod serving;
mod superuser;
