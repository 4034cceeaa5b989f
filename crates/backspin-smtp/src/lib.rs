//! SMTP: a conversation with the mail server of the settings, through TLS.

mod channel;
mod mime;
mod reply;
mod session;
mod target;
mod tls;

pub use mime::to_bytes;
pub use session::{SendError, Session};
pub use target::Target;
