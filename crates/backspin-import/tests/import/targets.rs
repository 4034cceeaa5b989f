//! Databases that are there already, and imports that do not end well.

use std::fs;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::thread;

use backspin_core::{Database, Value};
use backspin_import::{ImportError, Progress};
use backspin_native::{FixedEnv, Native, NativeDatabase};
use backspin_schema::App;
use futures::executor::block_on;
use serde_json::json;

use crate::folder::{Folder, import, texts};

fn folder() -> Folder {
    let folder = Folder::new();
    folder.base("notes", &[json!({"id": "t", "name": "text", "type": "text"})]);
    folder.sql("INSERT INTO notes (id, text) VALUES ('a', 'new')");
    folder
}

/// A new database of Backspin with this done to it.
fn prepare(folder: &Folder, sql: &[&str]) {
    fs::create_dir_all(folder.target().parent().unwrap()).unwrap();
    let database = NativeDatabase::open(folder.target()).unwrap();
    let app = App::new(Native { database, env: FixedEnv::new() });
    block_on(async {
        app.reload().await.unwrap();
        for sql in sql {
            app.database().execute(sql, Vec::new()).await.unwrap();
        }
    });
}

fn names(folder: &Folder) -> Vec<String> {
    let entries = fs::read_dir(folder.target().parent().unwrap()).unwrap().flatten();
    let mut names: Vec<String> = entries.map(|entry| entry.file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_new_database_with_its_first_superuser_gives_way() {
    let folder = folder();
    prepare(&folder, &["INSERT INTO _superusers (id, email, tokenKey) VALUES ('s', 'a@b.co', 'k')"]);
    let report = folder.import().unwrap();
    assert_eq!(report.previous, None);
    assert_eq!(names(&folder), ["sqlite_db.db"]);
    assert_eq!(folder.imported("SELECT count(*) FROM _superusers"), [[Value::Integer(0)]]);
}

#[test]
fn what_holds_something_is_refused_and_told() {
    for (sql, holds) in [
        ("INSERT INTO users (id, email, tokenKey) VALUES ('u', 'a@b.co', 'k')", "1 user"),
        (
            "INSERT INTO _superusers (id, email, tokenKey) VALUES ('s', 'a@b.co', 'k'), ('t', 'b@b.co', 'l')",
            "2 superusers",
        ),
        ("INSERT INTO _collections (id, name) VALUES ('x', 'movies')", "1 collection (movies)"),
        ("INSERT INTO _params (id, value) VALUES ('settings', '{}')", "changed settings"),
        ("INSERT INTO _apiKeys VALUES (1), (2)", "2 API keys"),
        ("INSERT INTO _totps VALUES (1)", "1 authenticator app"),
        ("INSERT INTO _outbox VALUES (1)", "1 unsent message"),
        (
            "UPDATE _collections SET updated = '2099-01-01 00:00:00.000Z' WHERE name IN ('users', '_superusers')",
            "changed options of _superusers, users",
        ),
        (
            "INSERT INTO _changes (time, collection, record, action) VALUES ('', '_pb_users_auth_', 'u', 'delete')",
            "1 logged change",
        ),
    ] {
        let folder = folder();
        // Tables that are made when they are first written.
        let tables = ["_apiKeys", "_totps", "_outbox"].map(|name| format!("CREATE TABLE {name} (x)"));
        let [api_keys, totps, outbox] = &tables;
        prepare(&folder, &[api_keys, totps, outbox, sql]);
        let before = fs::read(folder.target()).unwrap();
        let error = folder.import().unwrap_err();
        assert!(error.to_string().contains(&format!("it holds {holds}. ")), "{error}");
        assert!(error.to_string().contains("--replace"), "{error}");
        assert!(fs::read(folder.target()).unwrap() == before);
        assert_eq!(names(&folder), ["sqlite_db.db"]);
    }
}

#[test]
fn a_database_of_something_else_is_refused() {
    let folder = folder();
    fs::create_dir_all(folder.target().parent().unwrap()).unwrap();
    let other = NativeDatabase::open(folder.target()).unwrap();
    block_on(other.execute("CREATE TABLE todo (x)", Vec::new())).unwrap();
    drop(other);
    let error = folder.import().unwrap_err();
    assert!(error.to_string().contains("tables of something else (todo)"), "{error}");
}

#[test]
fn what_is_replaced_is_kept() {
    let folder = folder();
    prepare(&folder, &["INSERT INTO users (id, email, tokenKey) VALUES ('u', 'a@b.co', 'k')"]);
    let report = folder.import_with(true, &mut ()).unwrap();
    let previous = report.previous.unwrap();
    assert_eq!(names(&folder), ["sqlite_db.before-import-20260102030405.db", "sqlite_db.db"]);
    let previous = NativeDatabase::open(previous).unwrap();
    let users = block_on(previous.query("SELECT id FROM users", Vec::new())).unwrap();
    assert_eq!(users.into_first(), Some("u".into()));
    assert_eq!(texts(folder.imported("SELECT text FROM notes")), ["new"]);
    // Once more in the same second: nothing that is kept is overwritten.
    folder.import_with(true, &mut ()).unwrap();
    assert_eq!(names(&folder).len(), 3);
}

#[test]
fn a_database_that_is_open_is_left_alone() {
    let folder = folder();
    prepare(&folder, &[]);
    let server = NativeDatabase::open(folder.target()).unwrap();
    block_on(server.query("SELECT 1 FROM _collections", Vec::new())).unwrap();
    let error = folder.import_with(true, &mut ()).unwrap_err();
    assert!(matches!(error, ImportError::InUse(_)), "{error}");
}

/// Stops after the first records.
struct Impatient;

impl Progress for Impatient {
    fn collection(&mut self, _name: &str, _records: u64) {}

    fn records(&mut self, _records: u64) -> ControlFlow<()> {
        ControlFlow::Break(())
    }
}

#[test]
fn an_import_that_is_stopped_leaves_nothing_and_can_be_repeated() {
    let folder = folder();
    let error = folder.import_with(false, &mut Impatient).unwrap_err();
    assert!(matches!(error, ImportError::Stopped), "{error}");
    assert!(names(&folder).is_empty());
    folder.import().unwrap();
    assert_eq!(names(&folder), ["sqlite_db.db"]);
}

#[test]
fn what_a_killed_import_left_is_cleared() {
    let folder = folder();
    let work = folder.target().with_file_name(".backspin-import~");
    fs::create_dir_all(&work).unwrap();
    for name in ["new.db", "new.db-journal", "data.db", "data.db-wal", "lock"] {
        fs::write(work.join(name), "half of something").unwrap();
    }
    // A log whose database is gone would be taken for one of the new database.
    fs::write(folder.target().with_file_name("sqlite_db.db-wal"), "old").unwrap();
    folder.import().unwrap();
    assert_eq!(names(&folder), ["sqlite_db.db"]);
    assert_eq!(texts(folder.imported("SELECT text FROM notes")), ["new"]);
}

#[test]
fn two_imports_at_once_do_not_meet() {
    let folder = folder();
    /// Imports once more in the middle of an import.
    struct Twice(PathBuf, PathBuf, Option<String>);
    impl Progress for Twice {
        fn collection(&mut self, _name: &str, _records: u64) {
            let again = || import(&self.0, &self.1, false, &mut ()).err().map(|error| error.to_string());
            self.2 = thread::scope(|scope| scope.spawn(again).join().unwrap());
        }
        fn records(&mut self, _records: u64) -> ControlFlow<()> {
            ControlFlow::Continue(())
        }
    }
    let mut twice = Twice(folder.source(), folder.target(), None);
    folder.import_with(false, &mut twice).unwrap();
    let refusal = twice.2.unwrap();
    assert!(refusal.starts_with("another import into "), "{refusal}");
}

#[test]
fn a_database_opened_by_a_server_afterwards_is_whole() {
    let folder = folder();
    folder.import().unwrap();
    let check = folder.imported("PRAGMA integrity_check");
    assert_eq!(check, [[Value::from("ok")]]);
    assert_eq!(folder.imported("PRAGMA journal_mode"), [[Value::from("wal")]]);
    let database = NativeDatabase::open(folder.target()).unwrap();
    let app = App::new(Native { database, env: FixedEnv::new() });
    let snapshot = block_on(app.snapshot()).unwrap();
    assert!(snapshot.find_by_name("notes").is_some());
}
