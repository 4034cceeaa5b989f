//! Mail's way out: from the outbox to the mail server or the mail API of the settings.

mod api;
mod deliver;
mod test_email;
mod transport;

pub use deliver::deliver;
pub use test_email::send_test_email;
