//! What every other crate of Backspin speaks: values, ids, timestamps, limits, errors, and the
//! ports to the outside ([`Database`], [`Env`], [`Network`], [`Outbound`], [`PasswordHasher`]), each implemented once for Spin
//! and once natively.

mod body_writer;
mod database;
mod env;
mod envelope;
mod error;
pub mod id;
pub mod json;
pub mod limits;
mod network;
mod outbound;
mod password_hasher;
mod platform;
mod request_parameters;
mod timestamp;
mod value;

pub use body_writer::{BodyWriter, ClientGone};
pub use database::{Database, DatabaseError, Row, Rows, Transaction};
pub use env::{Env, LogLevel};
pub use envelope::Envelope;
pub use error::{Error, FieldError, FieldErrors, Result};
pub use network::{Connection, Network, NetworkError};
pub use outbound::{Outbound, OutboundReply, OutboundRequest, check_url};
pub use password_hasher::{HashCost, PasswordHasher, SALT_BYTES};
pub use platform::Platform;
pub use request_parameters::{ParameterPairs, RequestParameters};
pub use timestamp::Timestamp;
pub use value::Value;
