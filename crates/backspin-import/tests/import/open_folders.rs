//! Folders that are served, were not closed cleanly, or cannot be written to. Not a byte of them changes.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::SystemTime;

use backspin_core::{Database, Value};
use backspin_native::NativeDatabase;
use futures::executor::block_on;
use serde_json::json;

use crate::folder::{Folder, import, not_brought};

/// Every file with its contents and the time of its last change.
fn files(folder: &Path) -> BTreeMap<String, (Vec<u8>, SystemTime)> {
    let entries = fs::read_dir(folder).unwrap().flatten();
    let read = |path: &Path| (fs::read(path).unwrap(), fs::metadata(path).unwrap().modified().unwrap());
    entries.map(|entry| (entry.file_name().into_string().unwrap(), read(&entry.path()))).collect()
}

fn folder() -> Folder {
    let folder = Folder::new();
    folder.base("notes", &[json!({"id": "t", "name": "text", "type": "text"})]);
    folder.sql("PRAGMA wal_checkpoint(TRUNCATE)");
    folder.sql("INSERT INTO notes (id, text) VALUES ('a', 'only in the log')");
    folder
}

#[test]
fn what_is_only_in_the_log_of_an_open_database_comes() {
    let folder = folder();
    let before = files(&folder.source());
    assert!(!before["data.db-wal"].0.is_empty());
    folder.import().unwrap();
    assert_eq!(folder.imported("SELECT text FROM notes"), [[Value::from("only in the log")]]);
    assert!(files(&folder.source()) == before);
}

#[test]
fn a_folder_that_was_not_closed_cleanly_comes_without_a_change() {
    let served = folder();
    // As a crash leaves it: the log without its index.
    let crashed = tempfile::tempdir().unwrap();
    for name in ["data.db", "data.db-wal"] {
        fs::copy(served.source().join(name), crashed.path().join(name)).unwrap();
    }
    let before = files(crashed.path());
    import(crashed.path(), &served.target(), false, &mut ()).unwrap();
    assert_eq!(served.imported("SELECT text FROM notes"), [[Value::from("only in the log")]]);
    assert!(files(crashed.path()) == before);
}

#[test]
fn a_folder_that_cannot_be_written_to_comes() {
    use std::os::unix::fs::PermissionsExt;
    let folder = folder();
    let set = |mode| fs::set_permissions(folder.source(), fs::Permissions::from_mode(mode)).unwrap();
    set(0o555);
    let imported = folder.import();
    set(0o755);
    imported.unwrap();
    assert_eq!(folder.imported("SELECT count(*) FROM notes"), [[Value::Integer(1)]]);
}

#[test]
fn an_import_beside_a_busy_writer_holds_whole_transactions() {
    let folder = folder();
    let (file, is_done) = (folder.source().join("data.db"), AtomicBool::new(false));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let writer = NativeDatabase::open(&file).unwrap();
            let mut number = 0;
            while !is_done.load(Ordering::Relaxed) {
                // Always two records at once.
                number += 1;
                let sql = "INSERT INTO notes (id, text) VALUES ('x' || ?1, ''), ('y' || ?1, '')";
                block_on(writer.execute(sql, vec![Value::Integer(number)])).unwrap();
            }
        });
        let _end = SetOnDrop(&is_done);
        for _ in 0..3 {
            match import(&folder.source(), &folder.target(), true, &mut ()) {
                Ok(_) => {
                    let sql = "SELECT count(*) % 2, sum(id LIKE 'x%') - sum(id LIKE 'y%') FROM notes";
                    assert_eq!(folder.imported(sql), [[1, 0].map(Value::Integer)]);
                }
                // A log that is begun anew all the time cannot be copied, which is said.
                Err(error) => assert!(error.to_string().contains("written to faster"), "{error}"),
            }
        }
    });
}

/// Ends the writer, also when an assertion fails.
struct SetOnDrop<'a>(&'a AtomicBool);

impl Drop for SetOnDrop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[test]
fn what_lies_beside_the_database_is_counted() {
    let folder = folder();
    let record = folder.source().join("storage/pbc_notes/a");
    fs::create_dir_all(record.join("thumbs_x.png")).unwrap();
    fs::write(record.join("x.png"), "12345").unwrap();
    fs::write(record.join("x.png.attrs"), "{}").unwrap();
    fs::write(record.join("thumbs_x.png/100x100_x.png"), "1").unwrap();
    fs::write(folder.source().join("auxiliary.db"), "").unwrap();
    for name in ["pb_hooks", "pb_migrations", "pb_public"] {
        fs::create_dir(folder.source().with_file_name(name)).unwrap();
    }
    let told = not_brought(&folder.import().unwrap());
    assert_eq!(
        told,
        [
            "1 file of records, 5 bytes: Backspin stores no files yet; their names in the records are kept",
            "the request log (auxiliary.db): it is of no use elsewhere",
            "the hooks (pb_hooks): Backspin runs components instead of scripts",
            "the migrations (pb_migrations): what they did is in the collections, which `backspin schema pull` writes into files",
            "the public files (pb_public): Backspin serves the API; let a component of yours serve them",
            "the settings: there are none",
        ]
    );
}
