//! Many attempts at the same moment, by threads that share nothing but the database.

use std::path::Path;
use std::thread;

use backspin_auth::{Credentials, with_password};
use backspin_core::{ParameterPairs, Value};
use backspin_native::{Native, NativeDatabase, SystemEnv};
use backspin_records::ReplyShape;
use backspin_schema::{App, Caller};
use futures::executor::block_on;
use serde_json::{Map, json};

use crate::{Backend, PASSWORD, post};

const AT_ONCE: usize = 32;
const WRONG: &str = "Failed to authenticate.";
const LATER: &str = "Too many failed attempts, please try again later.";

/// Signs bob in on an instance of its own. Returns why he is refused.
fn sign_in(folder: &Path, password: &str) -> Option<String> {
    let database = NativeDatabase::open(folder.join("sqlite_db.db")).unwrap();
    let app = App::new(Native { database, env: SystemEnv });
    let credentials =
        Credentials { identity: "bob".into(), password: password.into(), ..Credentials::default() };
    let (request, shape) = (post(&Caller::Guest, &ParameterPairs::NONE), ReplyShape::default());
    let body = Map::new();
    let signed_in = with_password(&app, &request, "members", Ok(credentials), &body, &shape);
    block_on(signed_in).err().map(|error| error.to_string())
}

fn sign_in_at_once(backend: &Backend, password: &str) -> Vec<Option<String>> {
    let folder = backend.folder.path();
    thread::scope(|scope| {
        let signing_in: Vec<_> = (0..AT_ONCE).map(|_| scope.spawn(|| sign_in(folder, password))).collect();
        signing_in.into_iter().map(|one| one.join().unwrap()).collect()
    })
}

fn count(replies: &[Option<String>], refusal: Option<&str>) -> usize {
    replies.iter().filter(|reply| reply.as_deref() == refusal).count()
}

#[test]
fn all_who_know_the_password_get_in() {
    let backend = Backend::with_members(json!({}));
    let replies = sign_in_at_once(&backend, PASSWORD);
    assert_eq!(count(&replies, None), AT_ONCE, "{replies:?}");
    let left = backend.sql(r#"SELECT sum("count"), sum("pending") FROM "_throttles""#);
    assert_eq!(left, [[Value::Integer(0), Value::Integer(0)]]);
    assert!(backend.sql(r#"SELECT 1 FROM "_hashTurns""#).is_empty());
}

#[test]
fn of_those_who_guess_only_the_free_ones_are_looked_at() {
    let backend = Backend::with_members(json!({}));
    let replies = sign_in_at_once(&backend, "wrong horse");
    assert_eq!(count(&replies, Some(WRONG)), 5, "{replies:?}");
    assert_eq!(count(&replies, Some(LATER)), AT_ONCE - 5, "{replies:?}");
}

#[test]
fn failures_before_do_not_keep_those_out_who_come_together() {
    let backend = Backend::with_members(json!({}));
    for _ in 0..4 {
        assert_eq!(sign_in(backend.folder.path(), "wrong horse").as_deref(), Some(WRONG));
    }
    // The first of them takes the last free attempt.
    let replies = sign_in_at_once(&backend, PASSWORD);
    assert_eq!(count(&replies, None), AT_ONCE, "{replies:?}");
}

#[test]
fn a_table_of_an_earlier_version_is_brought_up_to_date() {
    let backend = Backend::with_members(json!({}));
    backend.sql(
        r#"CREATE TABLE "_throttles" ("key" TEXT PRIMARY KEY NOT NULL, "count" INTEGER NOT NULL,
        "opens" INTEGER NOT NULL, "ends" INTEGER NOT NULL) WITHOUT ROWID"#,
    );
    for refusal in [WRONG, WRONG, WRONG, WRONG, WRONG, LATER] {
        assert_eq!(sign_in(backend.folder.path(), "wrong horse").as_deref(), Some(refusal));
    }
}
