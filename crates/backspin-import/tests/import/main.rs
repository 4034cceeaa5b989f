//! Data folders as PocketBase leaves them, brought and refused.

mod collections;
mod folder;
mod open_folders;
mod records;
mod refusals;
mod targets;
mod views;
