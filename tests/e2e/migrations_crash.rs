//! A change of the schema that is killed, refused by the disk or met by another one: the database is as before or as
//! after, never between, and the history agrees.

use std::path::Path;
use std::thread;
use std::time::Instant;

use backspin_core::{Database, Value};
use backspin_native::NativeDatabase;
use backspin_tests::{BackspinProcess, Client, start};
use serde_json::{Value as Json, json};
use ureq::http::Method;

const ROWS: i64 = 200_000;
const KILLS: u32 = 9;
/// The pages that the change writes take more than twice as much.
const FILE_BYTES_MAX: u64 = 4 << 20;
const ITEMS: &str = "/api/collections/items";

#[test]
fn a_kill_in_the_middle_of_a_rewriting_change_leaves_all_or_nothing() {
    let state = tempfile::tempdir().unwrap();
    make_items(state.path());
    let whole = {
        let process = BackspinProcess::start(state.path());
        let started = Instant::now();
        process.superuser().patch(ITEMS, several(2)).ok();
        started.elapsed()
    };
    let mut stands = stand(state.path());
    assert_eq!(stands, Stand { several: true, lists: ROWS, migrations: 2 });

    let mut interrupted = 0;
    for round in 0..KILLS {
        let mut process = BackspinProcess::start(state.path());
        let root = process.superuser();
        let wanted = if stands.several { 1 } else { 2 };
        let acknowledged = thread::scope(|scope| {
            let change = scope.spawn(|| {
                let body = several(wanted).to_string();
                root.try_send(Method::PATCH, ITEMS, &[("content-type", "application/json")], body)
            });
            // From shortly after the start to well after the end.
            thread::sleep(whole * 3 * (round + 1) / KILLS);
            process.kill();
            change.join().unwrap().is_ok_and(|reply| reply.status == 200)
        });
        let now = stand(state.path());
        let after = Stand {
            several: wanted == 2,
            lists: if wanted == 2 { ROWS } else { 0 },
            migrations: stands.migrations + 1,
        };
        assert!(now == stands || now == after, "round {round}: between {stands:?} and {after:?}: {now:?}");
        assert!(now == after || !acknowledged, "round {round}: an acknowledged change is lost");
        interrupted += u32::from(now == stands);
        stands = now;
    }
    assert!(interrupted > 0, "each of {KILLS} kills came too late to show anything");
    // It can be changed and taken back as ever.
    let process = BackspinProcess::start(state.path());
    process.superuser().patch(ITEMS, several(if stands.several { 1 } else { 2 })).ok();
    process.superuser().post("/api/migrations/revert", json!({})).ok();
    drop(process);
    let reverted = stand(state.path());
    assert_eq!((reverted.several, reverted.lists), (stands.several, stands.lists));
}

#[test]
fn a_disk_that_is_full_refuses_the_change_and_the_server_goes_on() {
    let state = tempfile::tempdir().unwrap();
    make_items(state.path());
    let before = stand(state.path());
    {
        let process = BackspinProcess::start_with_files_of_at_most(state.path(), FILE_BYTES_MAX);
        let root = process.superuser();
        let fields = collection(&root)["fields"].clone();
        for _ in 0..2 {
            let refused = root.patch(ITEMS, several(2));
            assert!(matches!(refused.status, 500 | 507), "{}: {}", refused.status, refused.text);
            assert!(refused.json()["message"].as_str().is_some_and(|message| !message.is_empty()));
            assert_eq!(collection(&root)["fields"], fields);
        }
        assert_eq!(root.get(&format!("{ITEMS}/records?perPage=1")).ok()["totalItems"], ROWS);
        root.post(&format!("{ITEMS}/records"), json!({"choice": "a"})).ok();
    }
    assert_eq!(Stand { lists: before.lists, ..stand(state.path()) }, before);
    let process = BackspinProcess::start(state.path());
    process.superuser().patch(ITEMS, several(2)).ok();
    drop(process);
    assert_eq!(stand(state.path()), Stand { several: true, lists: ROWS + 1, migrations: 2 });
}

#[test]
fn of_two_changes_at_once_one_wins_and_the_other_is_told() {
    let (_app, _anon, root) = start();
    root.post("/api/collections", json!({"name": "items", "fields": []})).ok();
    let wanted =
        |name: &str| json!({"collections": [{"name": "items", "fields": [{"type": "text", "name": name}]}]});
    let plans = ["one", "other"].map(|name| {
        let mut body = wanted(name);
        let plan = root.post("/api/migrations/plan", body.clone()).ok();
        body["fingerprint"] = plan["fingerprint"].clone();
        body
    });
    let replies = thread::scope(|scope| {
        let sent = plans.map(|body| scope.spawn(|| root.post("/api/migrations/apply", body)));
        sent.map(|reply| reply.join().unwrap())
    });
    let mut statuses = replies.map(|reply| reply.status);
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409]);
    let own = collection(&root)["fields"].as_array().unwrap().len();
    assert_eq!(own, 2, "the id, and the field of one of the two");
    // The one that lost can be planned again.
    let mut again = wanted("again");
    again["fingerprint"] = root.post("/api/migrations/plan", again.clone()).ok()["fingerprint"].clone();
    root.post("/api/migrations/apply", again).ok();
}

/// What a change would leave halfway if it could.
#[derive(Debug, PartialEq, Eq)]
struct Stand {
    /// What the schema says of the field.
    several: bool,
    /// Records whose value is a list.
    lists: i64,
    migrations: i64,
}

fn stand(state: &Path) -> Stand {
    let number = |sql: &str| number(state, sql);
    assert_eq!(number("SELECT COUNT(*) FROM pragma_integrity_check WHERE integrity_check = 'ok'"), 1);
    Stand {
        several: number(
            "SELECT COUNT(*) FROM _collections, json_each(_collections.fields)
            WHERE _collections.name = 'items' AND value ->> 'name' = 'choice' AND value ->> 'maxSelect' = 2",
        ) == 1,
        lists: number("SELECT COUNT(*) FROM items WHERE substr(choice, 1, 1) = '['"),
        migrations: number("SELECT COUNT(*) FROM _migrations"),
    }
}

/// A collection of [`ROWS`] records, written beside the server.
fn make_items(state: &Path) {
    let process = BackspinProcess::start(state);
    let fields = several(1)["fields"].clone();
    process.superuser().post("/api/collections", json!({"name": "items", "fields": fields})).ok();
    drop(process);
    run(
        state,
        &format!(
            "WITH RECURSIVE at(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM at WHERE n < {ROWS})
            INSERT INTO items (id, choice, text) SELECT printf('item%011d', n), substr('abc', n % 3 + 1, 1), 'text ' || n FROM at"
        ),
    );
}

/// The change: how many choices a record may have.
fn several(max_select: i64) -> Json {
    let choice = json!({
        "id": "choice_field", "type": "select", "name": "choice", "values": ["a", "b", "c"], "maxSelect": max_select,
    });
    json!({"fields": [choice, {"type": "text", "name": "text"}]})
}

fn collection(root: &Client) -> Json {
    root.get(ITEMS).ok()
}

fn number(state: &Path, sql: &str) -> i64 {
    match run(state, sql) {
        Some(Value::Integer(number)) => number,
        other => panic!("{sql} gave {other:?}"),
    }
}

fn run(state: &Path, sql: &str) -> Option<Value> {
    let database = NativeDatabase::open(state.join("sqlite_db.db")).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(database.query(sql, Vec::new())).unwrap().into_first()
}
