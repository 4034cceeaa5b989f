//! Who is there: tokens, the ways to sign in, sessions, superusers.

mod collection;
mod impersonate;
mod issue;
mod methods;
mod refresh;
mod second_factor;
mod session;
mod superuser;
mod token;
mod with_password;

pub use impersonate::impersonate;
pub use methods::auth_methods;
pub use refresh::refresh;
pub use session::identify;
pub use superuser::{any_superuser, create_superuser, delete_superuser, list_superusers, upsert_superuser};
pub use token::{Claims, TokenType};
pub use with_password::{Credentials, SignIn, with_password};
