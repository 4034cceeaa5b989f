//! What one connection does to itself stays with it.

use super::*;
use crate::stores::sqlite::Synchronous;

#[tokio::test]
async fn temporary_tables_belong_to_their_connection() {
    let database = TestDatabase::open().await;
    let (one, other) = (database.connect(), database.connect());
    run(&one, "CREATE TEMP TABLE t (a)").await;
    run(&one, "INSERT INTO t VALUES (1)").await;
    run(&other, "CREATE TEMPORARY TABLE t (a, b)").await;
    for _ in 0..2 {
        assert_eq!(rows(&one, "SELECT * FROM t").await, [[Value::Integer(1)]]);
        assert!(rows(&other, "SELECT * FROM t").await.is_empty());
        let message = error(&database.connect(), "SELECT * FROM t").await;
        assert_eq!(message, "no such table: t");
    }
    drop((one, other));
    for _ in 0..20 {
        assert_eq!(integer(&database.connect(), "SELECT count(*) FROM sqlite_temp_schema").await, 0);
    }
}

#[tokio::test]
async fn a_dedicated_connection_still_writes_in_turn() {
    let database = TestDatabase::open().await;
    let (one, other) = (database.connect(), database.connect());
    run(&one, "CREATE TEMP TABLE mine (a)").await;
    run(&one, "CREATE TABLE t (a)").await;
    for number in 0..5 {
        run(&one, "INSERT INTO t VALUES (1)").await;
        run(&other, "INSERT INTO t VALUES (2)").await;
        assert_eq!(integer(&one, "SELECT count(*) FROM t").await, 2 * number + 2);
    }
    run(&one, "BEGIN").await;
    run(&one, "INSERT INTO mine SELECT a FROM t").await;
    run(&one, "COMMIT").await;
    assert_eq!(integer(&one, "SELECT count(*) FROM mine").await, 10);
}

#[tokio::test]
async fn pragmas_change_their_connection_only() {
    let database = TestDatabase::open().await;
    let (one, other) = (database.connect(), database.connect());
    run(&one, "CREATE TABLE t (a REFERENCES t)").await;
    run(&one, "PRAGMA foreign_keys = OFF").await;
    run(&one, "INSERT INTO t VALUES (99)").await;
    assert_eq!(integer(&one, "PRAGMA foreign_keys").await, 0);
    assert_eq!(integer(&other, "PRAGMA foreign_keys").await, 1);
    assert_eq!(
        error(&other, "INSERT INTO t VALUES (99)").await,
        "foreign key mismatch - \"t\" referencing \"t\""
    );
    run(&one, "PRAGMA foreign_keys = ON").await;
    assert_eq!(integer(&one, "PRAGMA foreign_keys").await, 1);

    run(&one, "PRAGMA cache_size = 77").await;
    assert_eq!(integer(&one, "PRAGMA cache_size").await, 77);
    assert_eq!(integer(&other, "PRAGMA cache_size").await, -2000);
    assert_eq!(integer(&other, "PRAGMA busy_timeout").await, 5_000);
    drop(one);
    for _ in 0..20 {
        let fresh = database.connect();
        assert_eq!(integer(&fresh, "PRAGMA foreign_keys").await, 1);
        assert_eq!(integer(&fresh, "PRAGMA cache_size").await, -2000);
    }
}

/// Components set this when they open a connection; it must not cost them the shared path.
#[tokio::test]
async fn a_commit_is_never_less_safe_than_the_option_says() {
    for (synchronous, level) in [(Synchronous::Normal, 1), (Synchronous::Full, 2)] {
        let options = Options { synchronous, pinned_max: 1, ..Options::default() };
        let database = TestDatabase::open_with(options).await;
        let pinned = database.connect();
        run(&pinned, "PRAGMA synchronous = EXTRA").await;
        assert_eq!(integer(&pinned, "PRAGMA synchronous").await, 3);
        // No room for another with settings of its own, and none is needed.
        let connections = [database.connect(), database.connect()];
        for connection in &connections {
            for value in ["OFF", "normal", "1"] {
                assert!(rows(connection, &format!("PRAGMA synchronous = {value}")).await.is_empty());
            }
            run(connection, "PRAGMA foreign_keys = ON").await;
            run(connection, "PRAGMA journal_mode = WAL").await;
        }
        run(&pinned, "PRAGMA synchronous = OFF").await;
        assert_eq!(integer(&pinned, "PRAGMA synchronous").await, 3);
        drop(pinned);
        assert_eq!(integer(&connections[0], "PRAGMA synchronous").await, level);
    }
}

#[tokio::test]
async fn pragmas_of_the_file_are_seen_by_all() {
    let database = TestDatabase::open().await;
    let (one, other) = (database.connect(), database.connect());
    run(&one, "PRAGMA user_version = 7").await;
    assert_eq!(integer(&other, "PRAGMA user_version").await, 7);
    run(&one, "CREATE TABLE t (a PRIMARY KEY)").await;
    assert_eq!(rows(&other, "PRAGMA table_info(t)").await.len(), 1);
    assert_eq!(
        rows(&other, "SELECT name FROM pragma_index_list('t')").await,
        [[text("sqlite_autoindex_t_1")]]
    );
    assert_eq!(rows(&other, "PRAGMA wal_checkpoint(TRUNCATE)").await[0][0], Value::Integer(0));
    run(&other, "PRAGMA optimize").await;
    run(&other, "VACUUM").await;
    assert_eq!(rows(&one, "PRAGMA integrity_check").await, [[text("ok")]]);
}

/// The mode of the file belongs to all who have it open.
#[tokio::test]
async fn the_journal_mode_stays_and_nobody_locks_out_others() {
    let database = TestDatabase::open().await;
    let connection = database.connect();
    for _ in 0..2 {
        assert_eq!(rows(&connection, "PRAGMA journal_mode = DELETE").await, [[text("wal")]]);
        assert_eq!(rows(&connection, "PRAGMA journal_mode=WAL").await, [[text("wal")]]);
        assert_eq!(rows(&connection, "PRAGMA locking_mode = EXCLUSIVE").await, [[text("normal")]]);
        run(&connection, "BEGIN").await;
        assert_eq!(rows(&connection, "PRAGMA main.journal_mode = OFF").await, [[text("wal")]]);
        run(&connection, "COMMIT").await;
    }
}

#[tokio::test]
async fn nothing_outside_the_file_is_reached() {
    let database = TestDatabase::open().await;
    let connection = database.connect();
    let file = database.folder.path().join("other.db");
    for sql in [
        format!("ATTACH '{}' AS other", file.display()),
        format!("ATTACH 'file:{}?mode=rwc' AS other", file.display()),
        format!("ATTACH '{}' || '' AS other", file.display()),
        format!("PRAGMA temp_store_directory = '{}'", database.folder.path().display()),
        "PRAGMA hard_heap_limit = 1".to_owned(),
    ] {
        assert_eq!(error(&connection, &sql).await, "not authorized", "{sql}");
        run(&connection, "BEGIN").await;
        assert_eq!(error(&connection, &sql).await, "not authorized", "{sql}");
        run(&connection, "ROLLBACK").await;
    }
    let message = error(&connection, &format!("VACUUM INTO '{}'", file.display())).await;
    assert_eq!(message, "authorization denied");
    assert!(error(&connection, "SELECT load_extension('x')").await.starts_with("not authorized"));
    assert!(!file.exists());
}
