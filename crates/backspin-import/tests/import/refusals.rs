//! What is no data folder that can be read. The target is never made.

use std::fs;
use std::path::Path;

use backspin_core::Database;
use backspin_import::ImportError;
use backspin_native::NativeDatabase;
use futures::executor::block_on;

use crate::folder::{Folder, import};

/// The message for a folder with these files, and that nothing was left behind.
fn refusal(prepare: impl FnOnce(&Path)) -> ImportError {
    let root = tempfile::tempdir().unwrap();
    let source = root.path().join("pb_data");
    fs::create_dir(&source).unwrap();
    prepare(&source);
    let target = root.path().join("state").join("sqlite_db.db");
    let error = import(&source, &target, false, &mut ()).unwrap_err();
    let left: Vec<_> = fs::read_dir(target.parent().unwrap()).into_iter().flatten().flatten().collect();
    assert!(left.is_empty(), "{left:?}");
    error
}

fn with_tables(folder: &Path, sql: &[&str]) {
    let database = NativeDatabase::open(folder.join("data.db")).unwrap();
    for sql in sql {
        block_on(database.execute(sql, Vec::new())).unwrap();
    }
}

#[test]
fn a_folder_without_a_database_is_refused() {
    let error = refusal(|_| {});
    assert!(matches!(error, ImportError::NotPocketBase(..)), "{error}");
    let error = refusal(|folder| {
        fs::create_dir(folder.join("pb_data")).unwrap();
        fs::write(folder.join("pb_data/data.db"), "").unwrap();
    });
    assert!(error.to_string().contains("its folder pb_data has: name that one"), "{error}");
}

#[test]
fn other_files_and_databases_are_refused() {
    for contents in ["", "no database at all, but long enough to be looked at as one: ".repeat(20).as_str()] {
        let error = refusal(|folder| fs::write(folder.join("data.db"), contents).unwrap());
        assert!(matches!(error, ImportError::NotPocketBase(..)), "{error}");
    }
    let error = refusal(|folder| with_tables(folder, &["CREATE TABLE t (x)"]));
    assert!(matches!(error, ImportError::NotPocketBase(..)), "{error}");
}

#[test]
fn a_folder_from_before_0_23_is_refused_with_what_to_do() {
    let table = "CREATE TABLE `_collections` (`id` TEXT PRIMARY KEY NOT NULL, `system` BOOLEAN DEFAULT FALSE NOT NULL, `type` TEXT DEFAULT \"base\" NOT NULL, `name` TEXT UNIQUE NOT NULL, `schema` JSON DEFAULT \"[]\" NOT NULL, `indexes` JSON DEFAULT \"[]\" NOT NULL, `options` JSON DEFAULT \"{}\" NOT NULL)";
    let error = refusal(|folder| with_tables(folder, &[table]));
    assert!(matches!(error, ImportError::TooOld(_)), "{error}");
    assert!(error.to_string().contains("pocketbase serve --dir COPY"), "{error}");
}

#[test]
fn a_damaged_database_is_refused() {
    let folder = Folder::new();
    folder.base("notes", &[]);
    folder.sql("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000) INSERT INTO notes (id) SELECT 'record' || i FROM n");
    folder.sql("PRAGMA wal_checkpoint(TRUNCATE)");
    let file = folder.source().join("data.db");
    let mut bytes = fs::read(&file).unwrap();
    let middle = bytes.len() * 3 / 4 / 4096 * 4096;
    bytes[middle..middle + 4096].fill(0xAB);
    fs::write(&file, bytes).unwrap();
    let error = folder.import().unwrap_err();
    assert!(matches!(error, ImportError::Damaged(..)), "{error}");
    assert!(!folder.target().exists());
}

#[test]
fn an_unfinished_journal_is_refused() {
    let error = refusal(|folder| {
        with_tables(folder, &["CREATE TABLE _collections (fields)"]);
        fs::write(folder.join("data.db-journal"), "unfinished").unwrap();
    });
    assert!(error.to_string().contains("was not closed cleanly"), "{error}");
}
