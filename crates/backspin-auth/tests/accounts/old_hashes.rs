//! Passwords that are kept as bcrypt hashes, as PocketBase keeps them.

use std::cell::RefCell;

use backspin_auth::{Credentials, with_password};
use backspin_core::{Error, HashCost, ParameterPairs, PasswordHasher, Platform, SALT_BYTES, Value};
use backspin_native::{FixedEnv, Native, NativeDatabase};
use backspin_password::Hashing;
use backspin_records::ReplyShape;
use backspin_schema::{App, Caller};
use futures::executor::block_on;
use serde_json::{Map, json};

use crate::{Backend, PASSWORD, post, refusal};

/// Of the usual password, with the lowest cost.
fn bcrypt_hash() -> String {
    bcrypt::hash_with_salt(PASSWORD, 4, [7; 16]).unwrap().to_string()
}

fn stored_hash(backend: &Backend) -> String {
    match backend.sql("SELECT password FROM members WHERE name = 'bob'").remove(0).remove(0) {
        Value::Text(hash) => hash,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_bcrypt_hash_is_accepted_once_and_kept_as_argon2_from_then_on() {
    let backend = Backend::with_members(json!({}));
    backend.sql(&format!("UPDATE members SET password = '{}'", bcrypt_hash()));
    let session = backend.token("members", "bob");
    let renewed = stored_hash(&backend);
    assert!(renewed.starts_with("$argon2id$"), "{renewed}");
    assert_ne!(backend.identify(Some(&session)), backspin_schema::Caller::Guest);
    backend.token("members", "bob");
    assert_eq!(stored_hash(&backend), renewed);
    // It is logged as what the account itself has done.
    let sql = "SELECT actor = collection || '/' || record, secrets LIKE '%password%' FROM _changes WHERE action = 'update' ORDER BY seq DESC LIMIT 1";
    assert_eq!(backend.sql(sql), [[Value::Integer(1), Value::Integer(1)]]);
}

#[test]
fn a_wrong_password_changes_nothing() {
    let backend = Backend::with_members(json!({}));
    backend.sql(&format!("UPDATE members SET password = '{}'", bcrypt_hash()));
    assert_eq!(refusal(backend.sign_in("members", "bob", "wrong horse")), "400 Failed to authenticate.");
    assert_eq!(stored_hash(&backend), bcrypt_hash());
}

/// Computes as the native platform does, and tells which hashes were compared.
struct Spy {
    native: Native<NativeDatabase, FixedEnv>,
    compared: Compared,
}

#[derive(Default)]
struct Compared(RefCell<Vec<String>>);

impl PasswordHasher for Compared {
    async fn hash(&self, _: &str, _: [u8; SALT_BYTES], _: HashCost) -> Result<String, Error> {
        panic!("nothing is hashed")
    }

    async fn verify(&self, _: &str, hash: &str) -> Result<bool, Error> {
        self.0.borrow_mut().push(hash.to_owned());
        // As if the password were that of whatever it is compared with.
        Ok(true)
    }
}

impl Platform for Spy {
    type Database = NativeDatabase;
    type Env = FixedEnv;
    type Hasher = Compared;

    fn database(&self) -> &NativeDatabase {
        &self.native.database
    }

    fn env(&self) -> &FixedEnv {
        &self.native.env
    }

    fn hasher(&self) -> &Compared {
        &self.compared
    }
}

/// The hash that is compared when somebody who is not there signs in.
fn compared_for(backend: &Backend, identity: &str) -> String {
    let database = NativeDatabase::open(backend.folder.path().join("sqlite_db.db")).unwrap();
    let native = Native { database, env: FixedEnv::new() };
    let app = App::new(Spy { native, compared: Compared::default() });
    let credentials =
        Credentials { identity: identity.into(), password: PASSWORD.into(), ..Credentials::default() };
    let (request, shape) = (post(&Caller::Guest, &ParameterPairs::NONE), ReplyShape::default());
    let body = Map::new();
    let signed_in = block_on(with_password(&app, &request, "members", Ok(credentials), &body, &shape));
    assert_eq!(signed_in.unwrap_err().to_string(), "Failed to authenticate.");
    app.platform().compared.0.take().pop().unwrap()
}

#[test]
fn who_is_not_there_is_compared_with_hashes_as_others_have_them_and_never_let_in() {
    let backend = Backend::with_members(json!({}));
    for at in 0..8 {
        backend.create("members", json!({"email": format!("member{at}@example.com")}));
    }
    backend.sql(&format!("UPDATE members SET password = '{}' WHERE rowid % 2", bcrypt_hash()));
    let unknown: Vec<_> = (0..20).map(|at| format!("nobody{at}@example.com")).collect();
    let compared: Vec<_> = unknown.iter().map(|who| compared_for(&backend, who)).collect();
    let of_accounts = backend.sql("SELECT password FROM members");
    assert!(compared.iter().all(|hash| of_accounts.contains(&vec![hash.as_str().into()])), "{compared:?}");
    let is_old = |hash: &&String| **hash == bcrypt_hash();
    assert!((1..20).contains(&compared.iter().filter(is_old).count()), "{compared:?}");
    let again: Vec<_> = unknown.iter().map(|who| compared_for(&backend, who)).collect();
    assert_eq!(again, compared);
    backend.sql("DELETE FROM members");
    assert_eq!(compared_for(&backend, "nobody"), Hashing::default().nobody());
}

#[test]
fn spellings_that_would_find_one_account_are_compared_with_one_hash() {
    let backend = Backend::with_members(json!({
        "passwordAuth": {"enabled": true, "identityFields": ["nick"]},
    }));
    for at in 0..20 {
        let hashes = [format!("nobody{at}"), format!("NOBODY{at}")].map(|who| compared_for(&backend, &who));
        assert_eq!(hashes[0], hashes[1]);
    }
}
