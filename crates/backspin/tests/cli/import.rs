//! `backspin import pocketbase`, from a data folder into the database of an application.

use std::io::{BufRead, BufReader};
use std::path::Path;

use backspin_core::{Database, Value};
use backspin_native::NativeDatabase;
use expect_test::expect;
use serde_json::json;

use crate::pocketbase_data::PocketBaseData;
use crate::process::{Ended, Folder};
use crate::schema_files::{check, sql};

const IMPORT: &str = "import pocketbase pb_data";
const HASH: &str = "$2a$10$hashhashhashhashhashhashhashhashhashhashhashhashhashh";

/// An application with `pb_data` beside it: one superuser, one user, and this many notes.
fn with_pb_data(notes: u32) -> Folder {
    let folder = Folder::hello();
    let data = PocketBaseData::new(&folder.path().join("pb_data"));
    data.base("notes", &[json!({"id": "t", "name": "text", "type": "text"})]);
    data.sql(&format!(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {notes}) \
         INSERT INTO notes (id, text) SELECT printf('note%011d', i), 'note ' || i FROM n"
    ));
    for (table, id) in [("users", "user00000000001"), ("_superusers", "super0000000001")] {
        data.sql(&format!(
            "INSERT INTO `{table}` (id, email, password, tokenKey) VALUES ('{id}', 'a@b.co', '{HASH}', 'key')"
        ));
    }
    data.view("texts", "SELECT id, text FROM notes", &[]);
    folder
}

/// The files of the state folder, in their order.
fn state(folder: &Folder) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(folder.path().join(".spin")) else { return vec![] };
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_data_folder_is_brought_and_counted() {
    let folder = with_pb_data(3);
    std::fs::create_dir_all(folder.path().join("pb_data/storage/notes/note")).unwrap();
    folder.write("pb_data/storage/notes/note/a.txt", "four");
    let ended = check(&folder, IMPORT, 0);
    expect![[r#"
        _superusers  auth             1
        users        auth             1
        notes        base             3
        texts        view             -
        records                       5

        Not brought:
          1 file of records, 4 bytes: Backspin stores no files yet; their names in the records are kept
          the settings: there are none

        The new database is DIR/.spin/sqlite_db.db. Start it with `backspin up`.
    "#]]
    .assert_eq(&ended.stdout);
    // No bar where nobody watches.
    assert_eq!(ended.stderr, "_superusers: 1 record\nusers: 1 record\nnotes: 3 records\n");
    assert_eq!(state(&folder), ["sqlite_db.db"]);
    assert_eq!(sql(&folder, "SELECT password FROM users"), Some(Value::from(HASH)));
    assert_eq!(check(&folder, "superuser list", 0).stdout, "a@b.co\n");
    check(&folder, "schema pull", 0);
    assert!(folder.read("schema/notes.json").contains("pbc_notes"));
}

#[test]
fn what_is_there_is_replaced_only_when_told_and_kept() {
    let folder = with_pb_data(1);
    check(&folder, IMPORT, 0);
    sql(&folder, "UPDATE notes SET text = 'mine'");
    let refused = check(&folder, IMPORT, 1).stderr;
    assert!(refused.contains("it holds 2 collections (notes, texts), 1 user. "), "{refused}");
    assert!(refused.contains("--replace"), "{refused}");
    assert_eq!(sql(&folder, "SELECT text FROM notes"), Some(Value::from("mine")));
    check(&folder, &format!("{IMPORT} --state-dir elsewhere"), 0);
    assert!(folder.path().join("elsewhere/sqlite_db.db").exists());

    let replaced = check(&folder, &format!("{IMPORT} --replace"), 0).stdout;
    assert!(replaced.contains("\nThe database that was there is kept as DIR/.spin/sqlite_db.before-import-"));
    assert_eq!(sql(&folder, "SELECT text FROM notes"), Some(Value::from("note 1")));
    let kept = state(&folder).into_iter().find(|name| name.contains("before-import")).unwrap();
    assert_eq!(text(&folder.path().join(".spin").join(kept), "SELECT text FROM notes"), "mine");
}

/// The first value of the first row.
fn text(file: &Path, sql: &str) -> String {
    let database = NativeDatabase::open(file).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    match runtime.block_on(database.query(sql, Vec::new())).unwrap().into_first() {
        Some(Value::Text(text)) => text,
        other => panic!("no text: {other:?}"),
    }
}

#[test]
fn what_cannot_be_brought_is_told_with_a_way_out() {
    let folder = with_pb_data(1);
    let refused = |arguments: &str, message: &str| {
        let ended = check(&folder, arguments, 1);
        assert!(ended.stderr.starts_with("error: ") && ended.stderr.contains(message), "{}", ended.stderr);
        assert_eq!(ended.stdout, "");
        assert_eq!(state(&folder), Vec::<String>::new());
    };
    refused("import pocketbase nowhere", "nowhere is not a data folder of PocketBase: it has no data.db");
    refused("import pocketbase .", "its folder pb_data has: name that one");
    folder.write("data.db", &"nothing ".repeat(1000));
    refused("import pocketbase .", "its data.db is no SQLite database");
    for (arguments, named) in
        [("import", "Usage"), ("import pocketbase", "<PB_DATA_DIR>"), ("import mysql x", "'mysql'")]
    {
        assert!(check(&folder, arguments, 2).stderr.contains(named), "{arguments}");
    }
}

#[test]
fn a_database_in_use_is_left_alone() {
    let folder = with_pb_data(1);
    check(&folder, "superuser upsert me@example.com correct-horse", 0);
    let server = NativeDatabase::open(folder.path().join(".spin/sqlite_db.db")).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(server.query("SELECT 1 FROM _collections", Vec::new())).unwrap();
    let refused = check(&folder, IMPORT, 1).stderr;
    assert!(refused.contains("is in use: stop the server"), "{refused}");
    drop(server);
    check(&folder, IMPORT, 0);
}

/// Sends a signal in the middle of an import.
fn interrupted(folder: &Folder, signal: &str) -> Ended {
    let mut import = folder.backspin(IMPORT).start();
    let mut stderr = BufReader::new(import.stderr.take().unwrap());
    let mut told = String::new();
    while !told.ends_with("notes: 300000 records\n") {
        assert!(stderr.read_line(&mut told).unwrap() > 0, "it has ended: {told}");
    }
    let kill = format!("kill -{signal} {}", import.id());
    assert!(std::process::Command::new("sh").args(["-c", &kill]).status().unwrap().success());
    std::io::Read::read_to_string(&mut stderr, &mut told).unwrap();
    Ended { code: import.wait().unwrap().code(), stdout: String::new(), stderr: told }
}

#[cfg(unix)]
#[test]
fn an_import_that_is_interrupted_or_killed_brings_nothing_and_can_be_repeated() {
    let folder = with_pb_data(300_000);
    let ended = interrupted(&folder, "INT");
    assert_eq!(ended.code, Some(1), "{}", ended.stderr);
    assert!(ended.stderr.ends_with("error: stopped: nothing was imported\n"), "{}", ended.stderr);
    assert_eq!(state(&folder), Vec::<String>::new());

    assert_eq!(interrupted(&folder, "KILL").code, None);
    assert_eq!(state(&folder), [".backspin-import~"]);
    let none = check(&folder, "migrate status", 1).stderr;
    assert!(none.contains("there is no database"), "{none}");

    // What was there before is as it was.
    check(&folder, "superuser upsert me@example.com correct-horse", 0);
    assert_eq!(interrupted(&folder, "KILL").code, None);
    assert_eq!(check(&folder, "superuser list", 0).stdout, "me@example.com\n");

    check(&folder, IMPORT, 0);
    assert_eq!(state(&folder), ["sqlite_db.db"]);
    assert_eq!(sql(&folder, "SELECT count(*) FROM notes"), Some(Value::Integer(300_000)));
}

#[cfg(target_os = "linux")]
#[test]
fn at_a_terminal_there_is_a_bar_that_goes_and_a_table_that_stays() {
    let ended = with_pb_data(300_000).backspin(IMPORT).answer("");
    assert_eq!(ended.code, Some(0), "{}", ended.stdout);
    assert!(ended.stdout.contains("/300,000 records"), "{}", ended.stdout);
    // The line of the bar is wiped before the table begins.
    let (_, after_bar) = ended.stdout.rsplit_once("\u{1b}[2K").unwrap();
    assert!(after_bar.starts_with("_superusers  auth             1\n"), "{after_bar:?}");
    assert!(!after_bar.contains('\u{1b}'), "{after_bar:?}");
}
