//! `kill -9` in the middle of writing, again and again: what was acknowledged is there afterwards.

use std::collections::HashSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use backspin_core::{Database, Value};
use backspin_native::NativeDatabase;
use backspin_tests::{BackspinProcess, Client};
use serde_json::json;
use ureq::http::Method;

const KILLS: u64 = 20;
const WRITERS: usize = 16;
const PER_PAGE: usize = 1000;
const RECORDS: &str = "/api/collections/entries/records";

#[test]
fn no_acknowledged_record_is_lost_by_twenty_kills() {
    let state = tempfile::tempdir().unwrap();
    let mut acknowledged = HashSet::new();
    for round in 0..KILLS {
        let mut process = BackspinProcess::start(state.path());
        if round == 0 {
            let definition = json!({
                "name": "entries", "fields": [{"type": "text", "name": "text"}], "listRule": "", "createRule": "",
            });
            process.superuser().post("/api/collections", definition).ok();
        }
        assert_are_stored(&acknowledged, &process.anonymous());
        // Other moments each time: while it warms up, and well after.
        let delay = Duration::from_millis(20 + round * 37 % 400);
        acknowledged.extend(write_until_killed(&mut process, delay));
    }
    assert!(
        acknowledged.len() > 1000,
        "only {} records were written: no load to speak of",
        acknowledged.len()
    );
    assert_are_stored(&acknowledged, &BackspinProcess::start(state.path()).anonymous());
    assert_eq!(integrity(&state.path().join("sqlite_db.db")), "ok");
}

/// Writes from many threads until the process is killed under them; returns the ids that it acknowledged.
fn write_until_killed(process: &mut BackspinProcess, delay: Duration) -> Vec<String> {
    let acknowledged = Mutex::new(Vec::new());
    let killed = AtomicBool::new(false);
    let clients = (0..WRITERS).map(|_| process.anonymous()).collect::<Vec<_>>();
    thread::scope(|scope| {
        for client in &clients {
            scope.spawn(|| {
                while let Some(id) = create(client, &killed) {
                    acknowledged.lock().unwrap().push(id);
                }
            });
        }
        thread::sleep(delay);
        killed.store(true, Ordering::SeqCst);
        process.kill();
    });
    acknowledged.into_inner().unwrap()
}

/// The id of a new record; `None` once the server is gone.
fn create(client: &Client, killed: &AtomicBool) -> Option<String> {
    let body = json!({"text": "x".repeat(200)}).to_string();
    match client.try_send(Method::POST, RECORDS, &[("content-type", "application/json")], body) {
        Ok(reply) => Some(reply.ok()["id"].as_str().unwrap().to_owned()),
        Err(fault) => {
            assert!(killed.load(Ordering::SeqCst), "a living server gave no reply: {fault}");
            None
        }
    }
}

fn assert_are_stored(acknowledged: &HashSet<String>, client: &Client) {
    let mut stored = HashSet::new();
    for page in 1.. {
        let path = format!("{RECORDS}?page={page}&perPage={PER_PAGE}&sort=id&skipTotal=1");
        let list = client.get(&path).ok();
        let items = list["items"].as_array().unwrap();
        stored.extend(items.iter().map(|record| record["id"].as_str().unwrap().to_owned()));
        if items.len() < PER_PAGE {
            break;
        }
    }
    let lost = acknowledged.difference(&stored).count();
    assert_eq!(lost, 0, "of {} acknowledged records {lost} are lost", acknowledged.len());
}

fn integrity(database_file: &std::path::Path) -> String {
    let database = NativeDatabase::open(database_file).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let rows = runtime.block_on(database.query("PRAGMA integrity_check", Vec::new())).unwrap();
    match rows.into_first() {
        Some(Value::Text(text)) => text,
        other => panic!("PRAGMA integrity_check gave {other:?}"),
    }
}
