use backspin_core::{Error, Value};
use backspin_schema::log;
use backspin_schema::quote::Quoted;
use futures::executor::block_on;

use super::Backend;

/// A database as format 1 had it: the tables without the column for the actor, and no log.
fn format_1() -> Backend {
    let backend = Backend::new();
    let snapshot = backend.snapshot();
    for collection in snapshot.collections() {
        let table = Quoted(&collection.name);
        backend.sql(&format!("DROP TABLE {table}"));
        let columns: Vec<_> = collection
            .fields
            .iter()
            .map(|field| format!("{} {}", Quoted(&field.name), field.column().declaration()))
            .collect();
        backend.sql(&format!("CREATE TABLE {table} ({})", columns.join(", ")));
        for index in &collection.indexes {
            backend.sql(index);
        }
    }
    backend.sql("DROP TABLE _changes");
    backend.sql("DELETE FROM _backspin WHERE name LIKE 'changes_%'");
    backend.sql("UPDATE _backspin SET value = '1' WHERE name = 'format'");
    backend.sql("INSERT INTO users (id, email, tokenKey, name) VALUES ('u', 'a@b.co', 'k', 'Ann')");
    backend
}

#[test]
fn an_older_database_gets_its_log_and_keeps_its_records() {
    let backend = format_1();
    let version = "SELECT value FROM _backspin WHERE name = 'schema_version'";
    let before = backend.sql(version);
    backend.snapshot();
    assert_ne!(backend.sql(version), before, "instances that know the old tables look again");
    assert_eq!(backend.sql("SELECT value FROM _backspin WHERE name = 'format'"), [["2".into()]]);
    assert_eq!(backend.sql("SELECT id, name FROM users"), [vec![Value::from("u"), "Ann".into()]]);
    let by = log::by_update("users", "'guest'");
    backend.sql(&format!("UPDATE users SET name = 'Bob', {by}"));
    let logged = backend.logged();
    assert_eq!(logged.len(), 1);
    assert_eq!((&logged[0][0], &logged[0][2]), (&"update".into(), &"guest".into()));
    for collection in backend.snapshot().collections() {
        let triggers = format!(
            "SELECT count(*) FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'changes~{}~%'",
            collection.id
        );
        let expected = if log::is_logged(collection) { 5 } else { 1 };
        assert_eq!(backend.sql(&triggers), [[Value::Integer(expected)]], "{}", collection.name);
    }
    let after = backend.sql(version);
    backend.snapshot();
    assert_eq!(backend.sql(version), after, "once is enough");
}

#[test]
fn an_upgrade_that_fails_changes_nothing() {
    let backend = format_1();
    backend.sql("CREATE TABLE idx__changes_record (x)");
    let before = backend.sql("SELECT * FROM sqlite_master");
    assert!(block_on(backend.app.reload()).is_err());
    assert_eq!(backend.sql("SELECT * FROM sqlite_master"), before);
    assert_eq!(backend.sql("SELECT value FROM _backspin WHERE name = 'format'"), [["1".into()]]);
}

#[test]
fn a_newer_format_is_refused() {
    let backend = Backend::new();
    backend.sql("UPDATE _backspin SET value = '3' WHERE name = 'format'");
    assert!(matches!(block_on(backend.app.reload()), Err(Error::Unavailable(_))));
}
