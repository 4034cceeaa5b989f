//! The program as people run it: real processes, their output and exit codes.

#![allow(clippy::unwrap_used, reason = "what goes wrong here fails the test")]

mod arguments;
mod build;
mod faults;
mod process;
mod serving;
mod superuser;
