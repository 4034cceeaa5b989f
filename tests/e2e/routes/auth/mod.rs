//! Signing in, and tokens.

mod tokens;
mod with_password;
