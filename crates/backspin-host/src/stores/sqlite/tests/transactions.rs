//! BEGIN to COMMIT, by one or several tasks, and those that are left open.

use std::time::Duration;

use super::*;

#[tokio::test]
async fn a_transaction_is_seen_by_others_when_it_is_committed() {
    let database = TestDatabase::open().await;
    let (one, other) = (database.connect(), database.connect());
    run(&one, "CREATE TABLE t (a)").await;
    for (begin, end, expected) in [
        ("BEGIN", "COMMIT", 1),
        ("BEGIN DEFERRED", "ROLLBACK", 1),
        ("BEGIN IMMEDIATE", "END", 2),
        ("BEGIN EXCLUSIVE TRANSACTION", "COMMIT TRANSACTION", 3),
        ("SAVEPOINT s", "RELEASE s", 4),
    ] {
        run(&one, begin).await;
        let before = integer(&other, "SELECT count(*) FROM t").await;
        run(&one, "INSERT INTO t VALUES (1)").await;
        assert_eq!(integer(&one, "SELECT count(*) FROM t").await, before + 1, "{begin}");
        assert_eq!(integer(&other, "SELECT count(*) FROM t").await, before, "{begin}");
        run(&one, end).await;
        assert_eq!(integer(&one, "SELECT count(*) FROM t").await, expected, "{begin}");
        assert_eq!(integer(&other, "SELECT count(*) FROM t").await, expected, "{begin}");
    }
    assert_eq!(error(&one, "COMMIT").await, "cannot commit - no transaction is active");
}

#[tokio::test]
async fn an_error_leaves_the_transaction_open_unless_it_says_otherwise() {
    let database = TestDatabase::open().await;
    let connection = database.connect();
    run(&connection, "CREATE TABLE t (a UNIQUE)").await;
    run(&connection, "BEGIN").await;
    run(&connection, "INSERT INTO t VALUES (1)").await;
    assert_eq!(error(&connection, "INSERT INTO t VALUES (1)").await, "UNIQUE constraint failed: t.a");
    assert_eq!(error(&connection, "BEGIN").await, "cannot start a transaction within a transaction");
    assert_eq!(error(&connection, "VACUUM").await, "cannot VACUUM from within a transaction");
    run(&connection, "INSERT INTO t VALUES (2)").await;
    let message = error(&connection, "INSERT OR ROLLBACK INTO t VALUES (1)").await;
    assert_eq!(message, "UNIQUE constraint failed: t.a");
    assert_eq!(error(&connection, "COMMIT").await, "cannot commit - no transaction is active");
    assert_eq!(integer(&connection, "SELECT count(*) FROM t").await, 0);
}

#[tokio::test]
async fn a_read_transaction_keeps_its_view_and_may_not_write_over_a_newer_one() {
    let database = TestDatabase::open().await;
    let (one, other) = (database.connect(), database.connect());
    run(&one, "CREATE TABLE t (a)").await;
    run(&one, "BEGIN").await;
    assert_eq!(integer(&one, "SELECT count(*) FROM t").await, 0);
    run(&other, "INSERT INTO t VALUES (1)").await;
    assert_eq!(integer(&one, "SELECT count(*) FROM t").await, 0);
    assert_eq!(error(&one, "INSERT INTO t VALUES (2)").await, "database is locked");
    run(&one, "ROLLBACK").await;
    assert_eq!(integer(&one, "SELECT count(*) FROM t").await, 1);
    run(&other, "INSERT INTO t VALUES (3)").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tasks_that_share_a_connection_share_its_transaction() {
    let database = TestDatabase::open().await;
    let connection = database.connect();
    run(&connection, "CREATE TABLE t (a)").await;
    run(&connection, "BEGIN").await;
    let tasks = (0..2).map(|task| {
        let connection = connection.clone();
        tokio::spawn(async move {
            for _ in 0..20 {
                let sql = "INSERT INTO t VALUES (?)";
                connection.execute(sql, vec![Value::Integer(task)]).await.unwrap();
                integer(&connection, "SELECT count(*) FROM t").await;
            }
        })
    });
    for task in tasks.collect::<Vec<_>>() {
        task.await.unwrap();
    }
    assert_eq!(integer(&connection, "SELECT count(*) FROM t").await, 40);
    assert_eq!(integer(&database.connect(), "SELECT count(*) FROM t").await, 0);
    run(&connection, "ROLLBACK").await;
    assert_eq!(integer(&connection, "SELECT count(*) FROM t").await, 0);
}

#[tokio::test]
async fn others_wait_for_a_transaction_that_writes() {
    let database = TestDatabase::open().await;
    let (one, other) = (database.connect(), database.connect());
    run(&one, "CREATE TABLE t (a)").await;
    run(&one, "BEGIN").await;
    run(&one, "INSERT INTO t VALUES (1)").await;
    let mut write = Box::pin(run(&other, "INSERT INTO t VALUES (2)"));
    assert!(futures::poll!(&mut write).is_pending());
    let third = database.connect();
    let mut begin = Box::pin(run(&third, "BEGIN IMMEDIATE"));
    assert!(futures::poll!(&mut begin).is_pending());
    run(&one, "COMMIT").await;
    write.await;
    begin.await;
    assert_eq!(integer(&third, "SELECT count(*) FROM t").await, 2);
    run(&third, "ROLLBACK").await;
}

#[tokio::test]
async fn waiting_for_the_turn_can_be_given_up() {
    let database = TestDatabase::open().await;
    let (one, other) = (database.connect(), database.connect());
    run(&one, "CREATE TABLE t (a)").await;
    run(&one, "BEGIN IMMEDIATE").await;
    for sql in ["BEGIN IMMEDIATE", "INSERT INTO t VALUES (2)", "DROP TABLE t"] {
        let mut waiting = Box::pin(run(&other, sql));
        assert!(futures::poll!(&mut waiting).is_pending());
    }
    run(&one, "COMMIT").await;
    run(&database.connect(), "INSERT INTO t VALUES (1)").await;
    assert_eq!(integer(&other, "SELECT count(*) FROM t").await, 1);
    assert_eq!(error(&other, "COMMIT").await, "cannot commit - no transaction is active");
}

#[tokio::test]
async fn a_connection_that_goes_leaves_nothing_open() {
    let database = TestDatabase::open().await;
    let one = database.connect();
    run(&one, "CREATE TABLE t (a)").await;
    run(&one, "BEGIN").await;
    run(&one, "INSERT INTO t VALUES (1)").await;
    drop(one);
    run(&database.connect(), "INSERT INTO t VALUES (2)").await;
    assert_eq!(integer(&database.connect(), "SELECT sum(a) FROM t").await, 2);
    let reports = database.reports.lock().unwrap();
    let path = database.path();
    let expected = format!(
        "database {}: a transaction was still open when its connection was closed: rolled back",
        path.display()
    );
    assert_eq!(*reports, [expected]);
}

#[tokio::test]
async fn a_connection_that_goes_stops_its_statement() {
    let database = TestDatabase::open().await;
    let one = database.connect();
    run(&one, "CREATE TABLE t (a)").await;
    run(&one, "BEGIN IMMEDIATE").await;
    let endless = format!("INSERT INTO t {ENDLESS_READ}");
    assert!(tokio::time::timeout(Duration::from_millis(20), run(&one, &endless)).await.is_err());
    drop(one);
    run(&database.connect(), "INSERT INTO t VALUES (2)").await;
    assert_eq!(integer(&database.connect(), "SELECT sum(a) FROM t").await, 2);
}

#[tokio::test]
async fn a_transaction_left_alone_does_not_hold_up_others() {
    let options = Options { idle_transaction_max: Duration::from_millis(50), ..Options::default() };
    let database = TestDatabase::open_with(options).await;
    let (one, other) = (database.connect(), database.connect());
    run(&one, "CREATE TABLE t (a)").await;
    run(&one, "BEGIN").await;
    run(&one, "INSERT INTO t VALUES (1)").await;
    run(&other, "INSERT INTO t VALUES (2)").await;
    let message = error(&one, "INSERT INTO t VALUES (3)").await;
    assert_eq!(message, "the transaction was rolled back because no statement came for 0.05 seconds");
    run(&one, "INSERT INTO t VALUES (4)").await;
    assert_eq!(integer(&one, "SELECT sum(a) FROM t").await, 6);
    assert!(database.reports.lock().unwrap()[0].ends_with("was left alone for 0.05 seconds: rolled back"));
}

#[tokio::test(flavor = "current_thread")]
async fn a_slow_read_in_a_transaction_neither_ends_nor_blocks() {
    let database = TestDatabase::open().await;
    let one = database.connect();
    run(&one, "CREATE TABLE t (a)").await;
    run(&one, "BEGIN").await;
    run(&one, "INSERT INTO t VALUES (1)").await;
    let slow = integer(&one, SLOW_READ);
    tokio::pin!(slow);
    assert!(futures::poll!(&mut slow).is_pending());
    assert_eq!(integer(&database.connect(), "SELECT count(*) FROM t").await, 0);
    assert_eq!(slow.await, 2_000_000);
    run(&one, "COMMIT").await;
    assert_eq!(integer(&one, "SELECT count(*) FROM t").await, 1);
}

#[tokio::test]
async fn transactions_over_the_limit_are_refused() {
    let options = Options { pinned_max: 2, busy_timeout: Duration::from_millis(20), ..Options::default() };
    let database = TestDatabase::open_with(options).await;
    let connections = [database.connect(), database.connect(), database.connect()];
    run(&connections[0], "BEGIN").await;
    run(&connections[1], "BEGIN").await;
    let message = error(&connections[2], "BEGIN").await;
    let expected = "2 connections have a transaction open, or settings of their own: try again later";
    assert_eq!(message, expected);
    run(&connections[0], "COMMIT").await;
    run(&connections[2], "BEGIN").await;
}

#[tokio::test]
async fn those_who_wait_to_write_share_a_session() {
    let database = TestDatabase::open().await;
    run(&database.connect(), "CREATE TABLE t (a)").await;
    let transactions = (0..12).map(|_| {
        let connection = database.connect();
        tokio::spawn(async move {
            run(&connection, "BEGIN IMMEDIATE").await;
            tokio::time::sleep(Duration::from_millis(5)).await;
            run(&connection, "INSERT INTO t VALUES (1)").await;
            run(&connection, "COMMIT").await;
        })
    });
    futures::future::try_join_all(transactions).await.unwrap();
    assert_eq!(integer(&database.connect(), "SELECT count(*) FROM t").await, 12);
    // The other one reads.
    assert_eq!(database.idle_sessions(), 2);
}
