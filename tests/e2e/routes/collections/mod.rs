//! `/api/collections`

mod create;
mod delete;
mod import;
mod list;
mod meta;
mod truncate;
mod update;
mod view;
mod views;
