//! Files that cannot be opened, and a disk that fills up.

use std::fs;
use std::process::Command;
use std::time::Duration;

use super::*;
use crate::stores::sqlite::OpenError;

async fn refusal(path: &std::path::Path) -> OpenError {
    let options = Options { busy_timeout: Duration::from_millis(50), ..Options::default() };
    Database::open(path, options).await.err().expect("the file was opened")
}

#[tokio::test]
async fn a_folder_that_cannot_be_made_is_named() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("file"), "").unwrap();
    let path = folder.path().join("file/state/test.db");
    let error = refusal(&path).await;
    assert!(matches!(error, OpenError::Folder { .. }), "{error:?}");
    let folder = path.parent().unwrap().display().to_string();
    assert!(error.to_string().starts_with(&format!("cannot create the folder {folder}")), "{error}");
}

#[tokio::test]
async fn a_path_that_is_a_folder_is_not_writable() {
    let folder = tempfile::tempdir().unwrap();
    let error = refusal(folder.path()).await;
    assert!(matches!(error, OpenError::NotWritable { .. }), "{error:?}");
}

#[tokio::test]
async fn a_file_that_is_something_else_stays_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("test.db");
    let content = "these are my notes, not a database\n".repeat(100);
    fs::write(&path, &content).unwrap();
    let error = refusal(&path).await;
    assert!(matches!(error, OpenError::NotADatabase { .. }), "{error:?}");
    assert_eq!(fs::read_to_string(&path).unwrap(), content);
}

#[tokio::test]
async fn a_damaged_file_is_reported() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("test.db");
    let plain = rusqlite::Connection::open(&path).unwrap();
    plain.execute_batch("CREATE TABLE t (a); INSERT INTO t VALUES (zeroblob(100000))").unwrap();
    drop(plain);
    let mut bytes = fs::read(&path).unwrap();
    bytes[100..400].fill(0xff);
    fs::write(&path, &bytes).unwrap();
    let error = refusal(&path).await;
    assert!(matches!(error, OpenError::Corrupt { .. }), "{error:?}");
    assert_eq!(fs::read(&path).unwrap(), bytes);
}

#[tokio::test]
async fn a_newer_file_is_told_from_a_damaged_one() {
    for (offset, version) in [(18, 3), (19, 3), (47, 5)] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("test.db");
        let plain = rusqlite::Connection::open(&path).unwrap();
        plain.execute_batch("CREATE TABLE t (a)").unwrap();
        drop(plain);
        let mut bytes = fs::read(&path).unwrap();
        bytes[offset] = version;
        fs::write(&path, bytes).unwrap();
        let error = refusal(&path).await;
        assert!(matches!(error, OpenError::Newer { .. }), "{error:?}");
    }
}

#[tokio::test]
async fn a_file_locked_by_another_process_is_refused_after_the_timeout() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("test.db");
    let plain = rusqlite::Connection::open(&path).unwrap();
    plain.execute_batch("CREATE TABLE t (a); BEGIN EXCLUSIVE").unwrap();
    let error = refusal(&path).await;
    assert!(matches!(error, OpenError::Locked { .. }), "{error:?}");
    plain.execute_batch("ROLLBACK; PRAGMA journal_mode = WAL; BEGIN IMMEDIATE").unwrap();
    let error = refusal(&path).await;
    assert!(matches!(error, OpenError::Locked { .. }), "{error:?}");
}

/// A lock of another process is waited for, off the calling thread.
#[tokio::test(flavor = "current_thread")]
async fn writes_wait_for_another_process() {
    let database = TestDatabase::open().await;
    let connection = database.connect();
    run(&connection, "CREATE TABLE t (a)").await;
    let plain = database.spin();
    plain.execute_batch("BEGIN IMMEDIATE; INSERT INTO t VALUES (1)").unwrap();
    {
        let other = database.connect();
        let mut write = Box::pin(run(&connection, "INSERT INTO t VALUES (2)"));
        let mut begin = Box::pin(run(&other, "BEGIN IMMEDIATE"));
        assert!(futures::poll!(&mut write).is_pending());
        assert!(futures::poll!(&mut begin).is_pending());
        assert_eq!(integer(&database.connect(), "SELECT count(*) FROM t").await, 0);
        plain.execute_batch("COMMIT").unwrap();
        write.await;
        begin.await;
    }
    assert_eq!(integer(&connection, "SELECT count(*) FROM t").await, 2);
}

#[tokio::test]
async fn another_process_that_keeps_the_lock_is_an_error() {
    let options = Options { busy_timeout: Duration::from_millis(50), ..Options::default() };
    let database = TestDatabase::open_with(options).await;
    let connection = database.connect();
    run(&connection, "CREATE TABLE t (a)").await;
    let plain = database.spin();
    plain.execute_batch("BEGIN IMMEDIATE").unwrap();
    assert_eq!(error(&connection, "INSERT INTO t VALUES (2)").await, "database is locked");
    assert_eq!(error(&connection, "BEGIN IMMEDIATE").await, "database is locked");
    let writes = (0..20).map(async |_| error(&database.connect(), "INSERT INTO t VALUES (2)").await);
    assert_eq!(futures::future::join_all(writes).await, ["database is locked"; 20]);
    plain.execute_batch("COMMIT").unwrap();
    run(&connection, "INSERT INTO t VALUES (3)").await;
}

/// A small file system of its own, where the user may mount one.
struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    fn mount() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let mount =
            Command::new("mount").args(["-t", "tmpfs", "-o", "size=1m", "tmpfs"]).arg(folder.path()).output();
        mount.is_ok_and(|output| output.status.success()).then_some(Self(folder))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(self.0.path()).output();
    }
}

/// Fills the database until writes fail, and proves that what was acknowledged is there. `make_room`
/// lets writes succeed again.
async fn fill_up(database: &Database, make_room: impl AsyncFnOnce()) {
    let connection = database.connect();
    run(&connection, "CREATE TABLE t (a INTEGER PRIMARY KEY, b)").await;
    let insert = async |a: i64| {
        let parameters = vec![Value::Integer(a), Value::Blob(vec![7; 3_000])];
        database.connect().execute("INSERT INTO t VALUES (?, ?)", parameters).await
    };
    let mut acknowledged = Vec::new();
    let mut failed = 0;
    for round in 0..100 {
        let writes = (round * 16..round * 16 + 16).map(async |a| (a, insert(a).await));
        for (a, result) in futures::future::join_all(writes).await {
            match result {
                Ok(_) => acknowledged.push(a),
                Err(error) => {
                    assert_eq!(error.to_string(), "database or disk is full");
                    failed += 1;
                }
            }
        }
        if failed > 64 {
            break;
        }
    }
    assert!(failed > 64, "the disk did not fill up");
    let is_stored = async || rows(&connection, "SELECT a FROM t ORDER BY a").await;
    acknowledged.sort_unstable();
    let expected: Vec<_> = acknowledged.iter().map(|a| vec![Value::Integer(*a)]).collect();
    assert_eq!(is_stored().await, expected);

    make_room().await;
    insert(1_000_000).await.unwrap();
    assert_eq!(is_stored().await.len(), expected.len() + 1);
    assert_eq!(rows(&connection, "PRAGMA integrity_check").await, [[text("ok")]]);
}

#[tokio::test]
async fn a_full_disk_loses_nothing_that_was_acknowledged() {
    let Some(disk) = SmallDisk::mount() else {
        eprintln!("not run: mounting a small disk needs root");
        return;
    };
    let ballast = disk.0.path().join("ballast");
    fs::write(&ballast, vec![0; 300_000]).unwrap();
    let database = Database::open(disk.0.path().join("test.db"), Options::default()).await.unwrap();
    fill_up(&database, async || fs::remove_file(&ballast).unwrap()).await;
    database.close().await;
}

/// The same without a disk of its own: a connection that may not make the file larger.
#[tokio::test]
async fn a_full_file_loses_nothing_that_was_acknowledged() {
    let database = TestDatabase::open().await;
    let (connection, other) = (database.connect(), database.connect());
    run(&connection, "CREATE TABLE t (a)").await;
    run(&connection, "PRAGMA max_page_count = 20").await;
    let insert = "INSERT INTO t VALUES (zeroblob(3000))";
    let mut acknowledged = 0;
    while connection.execute(insert, Vec::new()).await.is_ok() {
        acknowledged += 1;
    }
    assert!(acknowledged > 0);
    assert_eq!(error(&connection, insert).await, "database or disk is full");
    assert_eq!(integer(&other, "SELECT count(*) FROM t").await, acknowledged);
    run(&connection, "PRAGMA max_page_count = 1000").await;
    run(&connection, insert).await;
    run(&other, insert).await;
    assert_eq!(integer(&connection, "SELECT count(*) FROM t").await, acknowledged + 2);
}

#[tokio::test]
async fn no_room_at_the_start_is_reported() {
    let Some(disk) = SmallDisk::mount() else {
        eprintln!("not run: mounting a small disk needs root");
        return;
    };
    let error = fs::write(disk.0.path().join("ballast"), vec![0; 2_000_000]).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::StorageFull);
    let error = refusal(&disk.0.path().join("test.db")).await;
    assert!(matches!(error, OpenError::DiskFull { .. }), "{error:?}");
}
