//! Mail's way out: from the outbox to the mail server of the settings, by SMTP over TLS.

mod channel;
mod deliver;
mod mime;
mod reply;
mod session;
mod target;
mod test_email;
mod tls;

pub use deliver::deliver;
pub use session::{SendError, Session};
pub use target::Target;
pub use test_email::send_test_email;
