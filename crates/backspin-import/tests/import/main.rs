//! Data folders as PocketBase leaves them, brought and refused.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod collections;
mod folder;
mod open_folders;
mod pocketbase_data;
mod records;
mod refusals;
mod targets;
mod views;
mod work_folder;
