//! Sign-in through identity providers: OAuth 2.0 (RFC 6749) with PKCE (RFC 7636), and OpenID Connect.
//!
//! Nothing here speaks to the network: functions make the requests and read the replies, so that each of them can be
//! tested with what a provider says.
//!
//! ```text
//! Provider::of(the collection's settings)    what is known of a provider, with what the collection says over it
//!   → Authorization::new                     where the user is sent, with state and PKCE
//!   → token_request → Tokens::read           the code becomes an access token
//!   → user_request → read_user               who it is; id_token::verify for a provider of OpenID
//! discovery_request → read_discovery         the settings of an OpenID provider, from its issuer alone
//! ```
//!
//! `redirect_name` alone has to do with the database: names wait there that come before the code is used.

mod authorization;
mod discovery;
pub mod id_token;
mod logo;
mod provider;
mod redirect_name;
mod token;
mod user;

pub use authorization::{Authorization, nonce};
pub use discovery::{DiscoveryError, URL_BYTES_MAX, discovery_request, read_discovery};
pub use logo::logo;
pub use provider::{Provider, SecretIn, offered};
pub use redirect_name::{keep_redirect_name, take_redirect_name};
pub use token::{Tokens, token_request};
pub use user::{ProvidedUser, email_request, read_email, read_user, user_request, withholds_emails};
