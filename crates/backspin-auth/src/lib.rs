//! Who is there: tokens, sign-in, sessions, superusers.

mod session;
mod sign_in;
mod superuser;
mod token;

pub use session::identify;
pub use sign_in::{Credentials, with_password};
pub use superuser::{any_superuser, create_superuser, delete_superuser, list_superusers, upsert_superuser};
pub use token::{Claims, TokenType};
