//! One file for each route.

mod account_pages;
mod auth;
mod batch;
mod changes;
mod collections;
mod health;
mod mail;
mod migrations;
pub(crate) mod node;
mod not_found;
mod realtime;
mod records;
mod settings;
