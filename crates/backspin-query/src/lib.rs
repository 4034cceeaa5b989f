//! The query language: filters, rules, sorts, `fields` and `expand` are parsed, matched with the schema
//! and compiled to SQL. Pure: no database, no clock.
//!
//! ```text
//! "owner = @request.auth.id && tags.name ?= 'new'"
//!   → Filter::parse → Query::compile → a WHERE with placeholders → Parameters::evaluate → its values
//! ```
//!
//! PocketBase 0.40 is the reference for what an expression means. Its quirks that are kept are written
//! at the code that keeps them.

mod ast;
mod clock;
mod condition;
mod error;
mod expand;
mod fields;
mod geo;
mod index;
mod join;
mod lexer;
mod like;
pub mod limits;
mod parameter;
mod parser;
mod query;
mod resolve;
mod sort;
mod value;
mod write;

pub use ast::Filter;
pub use clock::Clock;
pub use error::{QueryError, QueryErrorKind, Result};
pub use expand::{Expand, ExpandStep};
pub use fields::{Excerpt, FieldPick, Fields, Part};
pub use limits::FilterLimits;
pub use parameter::{Parameter, Parameters, RequestSource, RequestValues};
pub use query::{Compiled, OrderTerm, Predicate, Query, Target};
pub use sort::Sort;
pub use write::Reach;
