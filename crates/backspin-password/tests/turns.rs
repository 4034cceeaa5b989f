//! The bound on hashes at once, on real SQLite.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use backspin_core::{Database, Env, Error, Platform, Result, Value};
use backspin_native::{FixedEnv, Native, NativeDatabase, SystemEnv};
use backspin_password::Hashing;
use futures::executor::block_on;

fn open<E: Env>(folder: &Path, env: E) -> Native<NativeDatabase, E> {
    Native { database: NativeDatabase::open(folder.join("db")).unwrap(), env }
}

/// In turn, with so many at once.
async fn in_turn<T>(
    platform: &impl Platform,
    hashes_at_once: u32,
    work: impl AsyncFnOnce() -> Result<T>,
) -> Result<T> {
    Hashing { hashes_at_once, ..Hashing::default() }.in_turn(platform, work).await
}

async fn nothing() -> Result<()> {
    Ok(())
}

/// One who has taken a number and is gone; the number lasts for so many milliseconds.
fn leave_behind(platform: &Native<NativeDatabase, FixedEnv>, ms: i64) {
    block_on(in_turn(platform, 1, nothing)).unwrap();
    let ends = platform.env.now().unix_ms() + ms;
    let sql = r#"INSERT INTO "_hashTurns" ("ends") VALUES (?1)"#;
    block_on(platform.database.execute(sql, vec![ends.into()])).unwrap();
}

fn numbers(platform: &Native<NativeDatabase, FixedEnv>) -> Value {
    let rows = block_on(platform.database.query(r#"SELECT count(*) FROM "_hashTurns""#, Vec::new()));
    rows.unwrap().into_first().unwrap()
}

#[test]
fn no_more_than_the_bound_compute_at_once_and_all_do_in_the_end() {
    let folder = tempfile::tempdir().unwrap();
    let (now, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
    thread::scope(|scope| {
        for _ in 0..24 {
            scope.spawn(|| {
                let platform = open(folder.path(), SystemEnv);
                let done = in_turn(&platform, 3, async || {
                    most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                    thread::sleep(Duration::from_millis(20));
                    now.fetch_sub(1, Ordering::SeqCst);
                    Ok(())
                });
                block_on(done).unwrap();
            });
        }
    });
    assert!((2..=3).contains(&most.load(Ordering::SeqCst)), "{most:?}");
    assert_eq!(numbers(&open(folder.path(), FixedEnv::new())), Value::Integer(0));
}

#[test]
fn one_who_is_gone_holds_up_the_others_until_the_number_ends() {
    let folder = tempfile::tempdir().unwrap();
    let platform = open(folder.path(), FixedEnv::new());
    leave_behind(&platform, 5_000);
    let since = platform.env.now().unix_ms();
    block_on(in_turn(&platform, 1, nothing)).unwrap();
    let waited = platform.env.now().unix_ms() - since;
    assert!((5_000..5_500).contains(&waited), "{waited}");
    assert_eq!(numbers(&platform), Value::Integer(0), "what has ended is taken away");
}

#[test]
fn nobody_waits_for_longer_than_ten_seconds() {
    let folder = tempfile::tempdir().unwrap();
    let platform = open(folder.path(), FixedEnv::new());
    leave_behind(&platform, 60_000);
    let since = platform.env.now().unix_ms();
    let refused = block_on(in_turn(&platform, 1, nothing)).unwrap_err();
    assert!(matches!(refused, Error::Crowded { retry_after_seconds: 5, .. }), "{refused:?}");
    let waited = platform.env.now().unix_ms() - since;
    assert!((10_000..11_000).contains(&waited), "{waited}");
    assert_eq!(numbers(&platform), Value::Integer(1), "who gives up does not keep a number");
    // There is room beside the one who is gone.
    block_on(in_turn(&platform, 2, nothing)).unwrap();
}

#[test]
fn where_too_many_wait_others_are_refused_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let platform = open(folder.path(), FixedEnv::new());
    leave_behind(&platform, 0);
    for _ in 0..256 {
        let sql = r#"INSERT INTO "_hashTurns" ("ends") VALUES (?1)"#;
        let ends = platform.env.now().unix_ms() + 4_000;
        block_on(platform.database.execute(sql, vec![ends.into()])).unwrap();
    }
    let since = platform.env.now();
    assert_eq!(block_on(in_turn(&platform, 2, nothing)).unwrap_err().status(), 429);
    assert_eq!(platform.env.now(), since);
}

#[test]
fn one_who_fails_gives_the_turn_back() {
    let folder = tempfile::tempdir().unwrap();
    let platform = open(folder.path(), FixedEnv::new());
    let failed = block_on(in_turn(&platform, 1, async || Err::<(), _>(Error::not_found())));
    assert_eq!(failed.unwrap_err().status(), 404);
    assert_eq!(numbers(&platform), Value::Integer(0));
}

#[test]
fn a_number_lasts_for_a_second_and_a_half_and_is_renewed_meanwhile() {
    let folder = tempfile::tempdir().unwrap();
    let platform = open(folder.path(), FixedEnv::new());
    let left = async || {
        let sql = r#"SELECT max("ends") FROM "_hashTurns""#;
        let Some(Value::Integer(ends)) = platform.database.query(sql, Vec::new()).await.unwrap().into_first()
        else {
            panic!("there is no number");
        };
        Ok(ends - platform.env.now().unix_ms())
    };
    assert_eq!(block_on(in_turn(&platform, 1, left)).unwrap(), 1_500);
    // One who waits does so for long, and keeps the place meanwhile.
    leave_behind(&platform, 8_000);
    let left = block_on(in_turn(&platform, 1, left)).unwrap();
    assert!((1_000..=1_500).contains(&left), "{left}");
    let number = r#"SELECT "seq" FROM sqlite_sequence WHERE "name" = '_hashTurns'"#;
    let rows = block_on(platform.database.query(number, Vec::new())).unwrap();
    assert_eq!(rows.into_first(), Some(Value::Integer(4)), "one number each");
}
