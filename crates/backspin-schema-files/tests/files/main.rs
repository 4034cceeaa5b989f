//! Schema files: their text, their folder, what differs, plans as tables.

#![allow(clippy::unwrap_used, reason = "what goes wrong here fails the test")]

mod collections;
mod compare;
mod folder;
mod plan;
mod random;
mod read;
mod write;
