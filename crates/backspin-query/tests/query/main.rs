//! The query language on real SQLite: what expressions mean, what SQL they become, and that no input
//! can do harm.

mod blog;
mod expand;
mod fields;
mod geo;
mod guards;
mod language;
mod meaning;
mod naive;
mod plans;
mod random;
mod requests;
mod sort;
mod sql;
