//! Hashes of passwords that are made before a transaction: while it lasts, others cannot write.

use std::cell::RefCell;
use std::collections::{HashMap, VecDeque};

use backspin_core::{Platform, Result};
use backspin_password::Hashing;

/// Hashes by their passwords, for the changes of a transaction.
#[derive(Debug, Default)]
pub struct PasswordHashes {
    known: RefCell<HashMap<String, VecDeque<String>>>,
    /// Passwords that came without a hash, where the transaction is to be begun again with them; else `None`.
    missing: Option<RefCell<Vec<String>>>,
}

impl PasswordHashes {
    /// None as yet. Those that turn out to be needed are told by [`PasswordHashes::take_missing`], and what was written
    /// without them must not stay.
    pub(crate) fn to_be_found() -> Self {
        PasswordHashes { known: RefCell::default(), missing: Some(RefCell::default()) }
    }

    /// One hash more of a password.
    pub fn insert(&self, password: String, hash: String) {
        self.known.borrow_mut().entry(password).or_default().push_back(hash);
    }

    pub fn has(&self, password: &str) -> bool {
        self.known.borrow().contains_key(password)
    }

    /// The hash of `password`: of several one after the other, so that accounts with the same password have salts of
    /// their own. One that is not known is made in turn, or is missing and that of no password.
    ///
    /// Errors: 429 if too many are being made.
    pub(crate) async fn hash(
        &self,
        password: &str,
        hashing: Hashing,
        platform: &impl Platform,
    ) -> Result<String> {
        if let Some(known) = self.known.borrow_mut().get_mut(password) {
            known.rotate_left(1);
            return Ok(known.back().cloned().unwrap_or_default());
        }
        match &self.missing {
            None => hashing.hash_in_turn(password, platform).await,
            Some(missing) => {
                missing.borrow_mut().push(password.to_owned());
                Ok(hashing.nobody())
            }
        }
    }

    /// The passwords, each as often as it was asked for, that had no hash.
    pub(crate) fn take_missing(&self) -> Vec<String> {
        self.missing.as_ref().map(RefCell::take).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use backspin_native::{FixedEnv, Native, NativeDatabase};
    use futures::executor::block_on;

    use super::*;

    #[test]
    fn accounts_with_the_same_password_have_hashes_of_their_own() {
        let folder = tempfile::tempdir().unwrap();
        let database = NativeDatabase::open(folder.path().join("db")).unwrap();
        let platform = Native { database, env: FixedEnv::new() };
        let hashes = PasswordHashes::to_be_found();
        let hash = || block_on(hashes.hash("p", Hashing::default(), &platform)).unwrap();
        assert_eq!([hash(), hash()], [Hashing::default().nobody(), Hashing::default().nobody()]);
        assert_eq!(hashes.take_missing(), ["p", "p"]);
        hashes.insert("p".to_owned(), "1".to_owned());
        hashes.insert("p".to_owned(), "2".to_owned());
        assert_eq!([hash(), hash(), hash()], ["1", "2", "1"]);
        assert!(hashes.take_missing().is_empty() && hashes.has("p") && !hashes.has("q"));
    }
}
