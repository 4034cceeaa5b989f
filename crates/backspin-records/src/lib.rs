//! The records API: every function checks the collection's rule and reads or writes in one statement,
//! which renders the reply.

mod access;
mod account;
mod actor;
mod batch;
mod conditions;
mod create;
mod delete;
mod expand;
mod images;
mod in_transaction;
mod input;
mod list;
mod object;
mod password_hashes;
mod plan;
mod proposed;
mod render;
mod request;
mod returning;
mod traces;
mod truncate;
mod update;
mod verdict;
mod view;

pub use account::{
    Account, AccountKey, Claimed, find_account, find_account_or_decoy, ignores_case, is_same_identity,
    is_unique, view_account,
};
pub use batch::{BatchLimits, batch, changes_of_passwords, request_failed as batch_request_failed};
pub use create::create;
pub use delete::delete;
pub use images::{Asked, show_images};
pub use in_transaction::{InTransaction, OpenTransaction, Part, in_transaction};
pub use input::old_password;
pub use list::{ListQuery, list};
pub use password_hashes::PasswordHashes;
pub use render::own_record_sql;
pub use request::{CheckedPassword, ReplyShape, RequestInfo};
pub use truncate::truncate;
pub use update::update;
pub use view::view;
