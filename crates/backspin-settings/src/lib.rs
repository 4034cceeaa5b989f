//! The settings of the application: what it is called, how it sends mail, how often it may be asked.
//!
//! They are PocketBase's, in its JSON, where it keeps them. Parts that Backspin has no use for yet are checked and
//! kept, so that nothing is lost by saving them.

mod api;
mod check;
mod client_address;
mod model;
mod patch;
mod secrets;
mod store;

pub use api::{update, view};
pub use client_address::ClientAddress;
pub use model::{
    Backups, Batch, Logs, MailApi, MailApiHeader, Meta, RateLimitRule, RateLimits, S3, Settings, Smtp,
    TrustedProxy,
};
pub use store::of;
