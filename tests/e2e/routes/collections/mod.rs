//! `/api/collections`

mod create;
mod delete;
mod list;
mod update;
mod view;
mod views;
