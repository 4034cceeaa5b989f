//! Statements that commit by themselves: counters, groups, isolation, cancelling.

use futures::future::join_all;

use super::*;
use crate::stores::sqlite::Synchronous;

#[tokio::test]
async fn returning_gives_rows() {
    let database = TestDatabase::open().await;
    let connection = database.connect();
    run(&connection, "CREATE TABLE t (id INTEGER PRIMARY KEY, a)").await;
    for id in 1..4 {
        let sql = "INSERT INTO t (a) VALUES (?) RETURNING id, a AS b";
        let result = connection.execute(sql, vec![text("x")]).await.unwrap();
        assert_eq!(result.columns, ["id", "b"]);
        assert_eq!(result.rows, [[Value::Integer(id), text("x")]]);
    }
}

/// Both ways to ask, beside a plain connection that does the same, with others writing in between.
#[tokio::test]
async fn counters_are_those_of_the_connection() {
    let database = TestDatabase::open().await;
    let (one, other) = (database.connect(), database.connect());
    run(&other, "CREATE TABLE o (a)").await;
    let spin = rusqlite::Connection::open_in_memory().unwrap();
    let counters = "SELECT last_insert_rowid(), changes(), total_changes()";
    for sql in [
        "CREATE TABLE t (a UNIQUE, b)",
        "INSERT INTO t VALUES (1, 1), (2, 2), (3, 3)",
        "UPDATE t SET b = 0 WHERE a < 3",
        "INSERT INTO t VALUES (1, 1)",
        "INSERT OR IGNORE INTO t VALUES (1, 1)",
        "CREATE INDEX i ON t (b)",
        "UPDATE t SET b = changes() + total_changes() + last_insert_rowid() WHERE a = 1",
        "INSERT INTO t SELECT 10 + a, last_insert_rowid() FROM t",
        "BEGIN",
        "DELETE FROM t WHERE a = 2",
        "INSERT INTO t VALUES (50, changes())",
        "COMMIT",
        "DELETE FROM t WHERE a = 2",
        "SELECT count(*), sum(a), sum(b) FROM t",
        "BEGIN",
        "SELECT changes()",
        "ROLLBACK",
        "PRAGMA case_sensitive_like = 1",
        "SELECT changes()",
        "INSERT INTO t VALUES (60, changes())",
        "SELECT count(*), sum(a), sum(b) FROM t",
    ] {
        if spin.is_autocommit() {
            run(&other, "INSERT INTO o VALUES (1), (2), (3), (4), (5)").await;
        }
        let expected = plain(&spin, sql);
        let result = one.execute(sql, Vec::new()).await.map(|result| result.rows);
        assert_eq!(result.map_err(|error| error.to_string()), expected, "{sql}");
        let expected = plain(&spin, counters).unwrap();
        assert_eq!(rows(&one, counters).await, expected, "after {sql}");
        assert_eq!(one.last_insert_rowid(), spin.last_insert_rowid(), "after {sql}");
        assert_eq!(one.changes(), spin.changes(), "after {sql}");
    }
    assert_eq!(database.connect().last_insert_rowid(), 0);
    assert_eq!(rows(&database.connect(), counters).await, [vec![Value::Integer(0); 3]]);
}

fn plain(connection: &rusqlite::Connection, sql: &str) -> Result<Vec<Vec<Value>>, String> {
    let query = || {
        let mut statement = connection.prepare(sql)?;
        let columns = statement.column_count();
        let rows = statement.query_map([], |row| {
            (0..columns)
                .map(|column| Ok(row.get::<_, Option<i64>>(column)?.map_or(Value::Null, Value::Integer)))
                .collect()
        })?;
        rows.collect::<rusqlite::Result<_>>()
    };
    query().map_err(|error| error.to_string())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sixty_four_writers_are_never_locked_out() {
    for synchronous in [Synchronous::Normal, Synchronous::Full] {
        let options = Options { synchronous, wal_pages_max: 50, ..Options::default() };
        let database = TestDatabase::open_with(options).await;
        run(&database.connect(), "CREATE TABLE t (id INTEGER PRIMARY KEY, writer, number)").await;
        let writers = (0..64).map(|writer| {
            let connection = database.connect();
            tokio::spawn(async move {
                for number in 0..25 {
                    if number % 5 == 4 {
                        run(&connection, "BEGIN").await;
                        assert!(integer(&connection, "SELECT 1").await == 1);
                        run(&connection, "ROLLBACK").await;
                        run(&connection, "BEGIN IMMEDIATE").await;
                    }
                    let parameters = vec![Value::Integer(writer), Value::Integer(number)];
                    let sql = "INSERT INTO t (writer, number) VALUES (?, ?) RETURNING id";
                    let result = connection.execute(sql, parameters).await.unwrap();
                    assert_eq!(result.rows, [[Value::Integer(connection.last_insert_rowid())]]);
                    assert_eq!(connection.changes(), 1);
                    if number % 5 == 4 {
                        run(&connection, "COMMIT").await;
                    }
                }
            })
        });
        for writer in writers.collect::<Vec<_>>() {
            writer.await.unwrap();
        }
        let connection = database.connect();
        let counts =
            rows(&connection, "SELECT count(*), count(DISTINCT writer || '-' || number) FROM t").await;
        assert_eq!(counts, [[Value::Integer(1_600), Value::Integer(1_600)]]);
        assert_eq!(rows(&connection, "PRAGMA integrity_check").await, [[text("ok")]]);
    }
}

/// Writes that wait together, of every kind of fate: each has the reply that it would have had alone.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn writes_in_one_commit_do_not_disturb_each_other() {
    const UNIQUE: &str = "UNIQUE constraint failed: t.a";
    const FOREIGN: &str = "FOREIGN KEY constraint failed";
    for synchronous in [Synchronous::Normal, Synchronous::Full] {
        let database = TestDatabase::open_with(Options { synchronous, ..Options::default() }).await;
        let connection = database.connect();
        run(&connection, "CREATE TABLE t (a UNIQUE, b)").await;
        run(&connection, "INSERT INTO t VALUES (-1, 0)").await;
        run(&connection, "CREATE TABLE child (a REFERENCES t (a) DEFERRABLE INITIALLY DEFERRED)").await;
        run(
            &connection,
            "CREATE TRIGGER r BEFORE INSERT ON t WHEN NEW.b = 13 BEGIN SELECT raise(ROLLBACK, 'thirteen'); END",
        )
        .await;

        for round in 0..5 {
            let number = round * 1_000;
            let writes = (number..number + 200).map(|a| {
                let (sql, expected) = match a % 10 {
                    1 => ("INSERT INTO t SELECT ?1, 0 UNION ALL SELECT -1, 0".to_owned(), Err(UNIQUE)),
                    2 => ("INSERT INTO t VALUES (?1, 13)".to_owned(), Err("thirteen")),
                    3 => ("INSERT OR ROLLBACK INTO t SELECT -1, -?1".to_owned(), Err(UNIQUE)),
                    4 => ("INSERT INTO child VALUES (-?1 - 10)".to_owned(), Err(FOREIGN)),
                    5 => {
                        ("INSERT OR FAIL INTO t SELECT ?1, 0 UNION ALL SELECT -1, 0".to_owned(), Err(UNIQUE))
                    }
                    6 => ("UPDATE t SET b = json('{') WHERE a <= ?1".to_owned(), Err("malformed JSON")),
                    7 => ("INSERT INTO absent VALUES (?1)".to_owned(), Err("no such table: absent")),
                    8 if a % 100 == 8 => ("VACUUM".to_owned(), Ok(())),
                    9 if a % 100 == 9 => (format!("CREATE TABLE t{a} (a DEFAULT 'x')"), Ok(())),
                    _ => ("INSERT INTO t VALUES (?1, 0)".to_owned(), Ok(())),
                };
                let parameters = if sql.contains("?1") { vec![Value::Integer(a)] } else { Vec::new() };
                let connection = database.connect();
                tokio::spawn(async move {
                    let result = connection.execute(&sql, parameters).await;
                    match (&result, expected) {
                        (Ok(_), Ok(())) => {}
                        (Err(error), Err(expected)) if error.to_string().starts_with(expected) => {}
                        _ => panic!("{sql} with {a} gave {result:?}, not {expected:?}"),
                    }
                    if sql.starts_with("INSERT INTO t VALUES") && result.is_ok() {
                        assert_eq!(connection.changes(), 1);
                        let sql = "SELECT a FROM t WHERE rowid = ?";
                        let rowid = vec![Value::Integer(connection.last_insert_rowid())];
                        assert_eq!(connection.execute(sql, rowid).await.unwrap().rows, [[Value::Integer(a)]]);
                    }
                })
            });
            for write in writes.collect::<Vec<_>>() {
                write.await.unwrap();
            }
            // Of OR FAIL the row before the failing one stays, as it does alone.
            let expected = (number..number + 200)
                .filter(|a| [0, 5].contains(&(a % 10)) || a % 10 >= 8 && ![8, 9].contains(&(a % 100)))
                .count() as i64;
            let stored = format!("SELECT count(*) FROM t WHERE a BETWEEN {number} AND {number} + 199");
            assert_eq!(integer(&connection, &stored).await, expected);
        }
        assert_eq!(integer(&connection, "SELECT count(*) FROM child").await, 0);
        assert_eq!(integer(&connection, "SELECT count(*) FROM t WHERE b <> 0").await, 0);
        let tables = "SELECT count(*) FROM sqlite_schema WHERE name GLOB 't[0-9]*'";
        assert_eq!(integer(&connection, tables).await, 10);
    }
}

#[tokio::test]
async fn a_dropped_write_is_done_as_a_whole_or_not_at_all() {
    let database = TestDatabase::open().await;
    let connection = database.connect();
    run(&connection, "CREATE TABLE t (a)").await;
    let sql = "INSERT INTO t \
        WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 300000) SELECT i FROM n";
    for microseconds in [0, 50, 500, 5_000, 20_000] {
        let write = connection.execute(sql, Vec::new());
        let pause = std::time::Duration::from_micros(microseconds);
        let _ = tokio::time::timeout(pause, write).await;
        // Comes after it in the queue, so it is over by then.
        run(&connection, "DELETE FROM t WHERE a = 0").await;
        assert_eq!(integer(&connection, "SELECT count(*) % 300000 FROM t").await, 0);
    }
}

#[tokio::test]
async fn an_endless_write_ends_when_nobody_waits_for_it() {
    let database = TestDatabase::open().await;
    let connection = database.connect();
    run(&connection, "CREATE TABLE t (a)").await;
    let sql = "INSERT INTO t SELECT 1 WHERE 0 = (\
        WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n)";
    for _ in 0..3 {
        let write = connection.execute(sql, Vec::new());
        assert!(tokio::time::timeout(std::time::Duration::from_millis(20), write).await.is_err());
        run(&connection, "INSERT INTO t VALUES (1)").await;
    }
    assert_eq!(integer(&connection, "SELECT count(*) FROM t").await, 3);
}

#[tokio::test]
async fn writes_over_the_limit_of_the_queue_are_refused() {
    let database = TestDatabase::open_with(Options { writes_waiting_max: 3, ..Options::default() }).await;
    let connection = database.connect();
    run(&connection, "CREATE TABLE t (a)").await;
    let holder = database.connect();
    run(&holder, "BEGIN IMMEDIATE").await;
    let mut writes = Vec::new();
    for _ in 0..3 {
        let connection = database.connect();
        let mut write = Box::pin(async move { run(&connection, "INSERT INTO t VALUES (1)").await });
        assert!(futures::poll!(&mut write).is_pending());
        writes.push(write);
    }
    assert_eq!(
        error(&connection, "INSERT INTO t VALUES (2)").await,
        "3 writes wait already: try again later"
    );
    run(&holder, "COMMIT").await;
    join_all(writes).await;
    assert_eq!(integer(&connection, "SELECT sum(a) FROM t").await, 3);
}

#[tokio::test]
async fn closing_writes_what_waits_and_leaves_one_whole_file() {
    let database = TestDatabase::open().await;
    let connection = database.connect();
    run(&connection, "CREATE TABLE t (a)").await;
    let writes: Vec<_> = (0..50)
        .map(|_| {
            let connection = database.connect();
            tokio::spawn(async move { run(&connection, "INSERT INTO t VALUES (1)").await })
        })
        .collect();
    join_all(writes).await;
    let TestDatabase { database, folder, .. } = database;
    database.close().await;
    assert_eq!(error(&connection, "SELECT 1").await, "the database is closed");
    assert_eq!(error(&connection, "INSERT INTO t VALUES (1)").await, "the database is closed");
    let path = folder.path().join("test.db");
    assert!(!path.with_extension("db-wal").exists());
    let plain = rusqlite::Connection::open(path).unwrap();
    assert_eq!(plain.query_row("SELECT count(*) FROM t", [], |row| row.get(0)), Ok(50));
}
