//! Statements that only read: values, errors, limits, and slow ones.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use super::*;

#[tokio::test]
async fn every_kind_of_value_comes_back_as_it_went_in() {
    let database = TestDatabase::open().await;
    let connection = database.connect();
    run(&connection, "CREATE TABLE t (a, b, c, d, e, f, g, h)").await;
    let values = vec![
        Value::Null,
        Value::Integer(i64::MIN),
        Value::Integer(i64::MAX),
        Value::Real(-0.1),
        text("Grüße \0 🌍"),
        text(""),
        Value::Blob(vec![0, 159, 146, 150]),
        Value::Blob(Vec::new()),
    ];
    connection.execute("INSERT INTO t VALUES (?, ?, ?, ?, ?, ?, ?, ?)", values.clone()).await.unwrap();

    let result = connection.execute("SELECT * FROM t", Vec::new()).await.unwrap();
    assert_eq!(result.columns, ["a", "b", "c", "d", "e", "f", "g", "h"]);
    assert_eq!(result.rows, [values]);
}

#[tokio::test]
async fn not_a_number_is_stored_as_null() {
    let database = TestDatabase::open().await;
    let result = database.connect().execute("SELECT ?", vec![Value::Real(f64::NAN)]).await.unwrap();
    assert_eq!(result.rows, [[Value::Null]]);
}

#[tokio::test]
async fn a_result_without_rows_has_its_columns() {
    let database = TestDatabase::open().await;
    let result = database.connect().execute("SELECT 1 AS one, 2 WHERE 0", Vec::new()).await.unwrap();
    assert_eq!((result.columns, result.rows), (vec!["one".to_owned(), "2".to_owned()], vec![]));
}

/// The errors' texts, first and second time, beside those of a plain connection.
#[tokio::test]
async fn errors_are_those_of_a_plain_connection() {
    let database = TestDatabase::open().await;
    let connection = database.connect();
    run(&connection, "CREATE TABLE t (a UNIQUE, b CHECK (b > 0), c NOT NULL DEFAULT 1)").await;
    run(&connection, "CREATE TRIGGER r BEFORE DELETE ON t BEGIN SELECT raise(ABORT, 'kept'); END").await;
    run(&connection, "INSERT INTO t (a) VALUES (1)").await;
    let spin = database.spin();
    for (sql, parameters) in [
        ("SELEC 1", vec![]),
        ("SELECT x FROM t", vec![]),
        ("SELECT * FROM absent", vec![]),
        ("SELECT 1; SELECT 2", vec![]),
        ("INSERT INTO t (a) VALUES (5); INSERT INTO t (a) VALUES (6)", vec![]),
        ("", vec![]),
        ("-- nothing", vec![]),
        ("SELECT ?, ?", vec![Value::Null]),
        ("SELECT 1", vec![Value::Null]),
        ("INSERT INTO t (a) VALUES (?)", vec![]),
        ("INSERT INTO t (a) VALUES (?)", vec![Value::Integer(1)]),
        ("INSERT INTO t (b) VALUES (-1)", vec![]),
        ("INSERT INTO t (c) VALUES (NULL)", vec![]),
        ("INSERT OR ROLLBACK INTO t (a) VALUES (1)", vec![]),
        ("INSERT OR FAIL INTO t (a) VALUES (2), (1)", vec![]),
        ("DELETE FROM t", vec![]),
        ("SELECT json('{')", vec![]),
        ("SELECT abs(-9223372036854775808)", vec![]),
        ("UPDATE t SET a = json('{')", vec![]),
        ("COMMIT", vec![]),
        ("ROLLBACK", vec![]),
        ("RELEASE s", vec![]),
        ("DETACH other", vec![]),
        ("DROP TABLE absent", vec![]),
        ("CREATE TABLE t (a)", vec![]),
        ("PRAGMA user_version = 'x", vec![]),
    ] {
        let expected = spin
            .prepare_cached(sql)
            .and_then(|mut statement| {
                let mut rows = statement.query(rusqlite::params_from_iter(&parameters))?;
                while rows.next()?.is_some() {}
                Ok(())
            })
            .map_err(|error| error.to_string());
        spin.execute("DELETE FROM t WHERE 0", []).unwrap();
        for attempt in ["first", "second"] {
            let result = connection.execute(sql, parameters.clone()).await;
            let result = result.map(|_| ()).map_err(|error| error.to_string());
            assert_eq!(result, expected, "{sql}, {attempt} time");
        }
    }
}

#[tokio::test]
async fn a_result_over_the_limit_is_an_error() {
    let database = TestDatabase::open().await;
    let connection = database.connect();
    let sql = "SELECT zeroblob(1 << 20) FROM (\
        WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < ?) SELECT i FROM n)";
    let of_mebibytes = async |count| connection.execute(sql, vec![Value::Integer(count)]).await;
    assert_eq!(of_mebibytes(20).await.unwrap().rows.len(), 20);
    let error = of_mebibytes(128).await.unwrap_err();
    assert_eq!(error.to_string(), "query result exceeds limit of 134217728 bytes");
    assert_eq!(of_mebibytes(127).await.unwrap().rows.len(), 127);
}

#[tokio::test]
async fn text_that_is_not_utf8_is_an_error() {
    let database = TestDatabase::open().await;
    let message = error(&database.connect(), "SELECT 1, CAST(X'ff' AS TEXT)").await;
    assert_eq!(message, "the text in column 1 is not UTF-8: cast it to a BLOB");
}

#[tokio::test]
async fn a_change_of_the_schema_is_seen_by_all() {
    let database = TestDatabase::open().await;
    let (one, other) = (database.connect(), database.connect());
    run(&one, "CREATE TABLE t (a)").await;
    run(&one, "INSERT INTO t VALUES (1)").await;
    for _ in 0..3 {
        assert_eq!(other.execute("SELECT * FROM t", Vec::new()).await.unwrap().columns, ["a"]);
    }
    run(&one, "ALTER TABLE t ADD COLUMN b DEFAULT 2").await;
    for _ in 0..3 {
        let result = other.execute("SELECT * FROM t", Vec::new()).await.unwrap();
        assert_eq!(result.columns, ["a", "b"]);
        assert_eq!(result.rows, [[Value::Integer(1), Value::Integer(2)]]);
    }
    run(&one, "DROP TABLE t").await;
    let message = error(&other, "SELECT * FROM t").await;
    assert_eq!(message, "no such table: t");
}

/// On a runtime with a single thread, which a read that stays on it would block.
#[tokio::test(flavor = "current_thread")]
async fn a_slow_read_lets_others_go_on() {
    let database = TestDatabase::open().await;
    let connection = database.connect();
    run(&connection, "CREATE TABLE t (a)").await;
    for attempt in 0..3 {
        let slow = connection.execute(ENDLESS_READ, Vec::new());
        tokio::pin!(slow);
        // The endless read is under way when the others are served.
        for number in 0..20 {
            tokio::select! {
                biased;
                result = &mut slow => panic!("ended: {result:?}"),
                () = tokio::time::sleep(Duration::from_millis(1)) => {}
            }
            run(&database.connect(), "INSERT INTO t VALUES (1)").await;
            assert_eq!(integer(&connection, "SELECT count(*) FROM t").await, attempt * 20 + number + 1);
        }
    }
}

#[tokio::test]
async fn a_slow_read_ends_with_the_same_rows() {
    let database = TestDatabase::open().await;
    let connection = database.connect();
    for _ in 0..3 {
        assert_eq!(integer(&connection, SLOW_READ).await, 2_000_000);
    }
}

#[tokio::test]
async fn dropped_slow_reads_make_room_for_others() {
    let options = Options { slow_reads_max: 2, ..Options::default() };
    let database = TestDatabase::open_with(options).await;
    let connection = database.connect();
    for _ in 0..10 {
        let read = connection.execute(ENDLESS_READ, Vec::new());
        assert!(tokio::time::timeout(Duration::from_millis(5), read).await.is_err());
    }
    // Would wait for ever if one of the ten still ran.
    assert_eq!(integer(&connection, SLOW_READ).await, 2_000_000);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn reads_see_whole_commits_while_others_write() {
    let database = TestDatabase::open().await;
    let connection = database.connect();
    run(&connection, "CREATE TABLE t (a, b)").await;
    run(&connection, "INSERT INTO t VALUES (0, 0)").await;
    let reads = Arc::new(AtomicUsize::new(0));
    let writing = tokio::spawn(async move {
        for _ in 0..300 {
            run(&connection, "UPDATE t SET a = a + 1, b = b - 1").await;
        }
    });
    let reading = (0..8).map(|_| {
        let (connection, reads) = (database.connect(), Arc::clone(&reads));
        tokio::spawn(async move {
            for _ in 0..200 {
                assert_eq!(integer(&connection, "SELECT a + b FROM t").await, 0);
                reads.fetch_add(1, Ordering::Relaxed);
            }
        })
    });
    for task in reading.chain([writing]).collect::<Vec<_>>() {
        task.await.unwrap();
    }
    assert_eq!(reads.load(Ordering::Relaxed), 1_600);
}
