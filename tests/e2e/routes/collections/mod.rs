//! `/api/collections`

mod create;
mod delete;
mod list;
mod view;
