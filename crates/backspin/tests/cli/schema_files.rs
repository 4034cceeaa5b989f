//! An application with a database, and schema files beside it.

use backspin_core::{Database, Value};
use backspin_native::NativeDatabase;

use crate::process::{Ended, Folder};

/// The collection `movies` with `title` and `year`, as a file.
pub(crate) const MOVIES: &str = include_str!("../../../backspin-schema-files/tests/files/movies.json");

/// The file without the field `year` and its index.
pub(crate) fn without_year() -> String {
    let mut json: serde_json::Value = serde_json::from_str(MOVIES).unwrap();
    json["fields"].as_array_mut().unwrap().pop();
    json["indexes"] = serde_json::json!([]);
    format!("{json:#}\n")
}

/// An application with an empty database, and the files of its schema.
pub(crate) fn pulled() -> Folder {
    let folder = Folder::hello();
    assert_eq!(folder.backspin("superuser upsert a@example.com correct-horse").run().code, Some(0));
    check(&folder, "schema pull", 0);
    folder
}

/// As [`pulled`], with the collection `movies` and three records in it.
pub(crate) fn with_movies() -> Folder {
    let folder = pulled();
    folder.write("schema/movies.json", MOVIES);
    check(&folder, "schema push --yes", 0);
    for year in 1990..1993 {
        sql(
            &folder,
            &format!("INSERT INTO movies (id, title, year) VALUES ('movie0000{year}00', 'Film', {year})"),
        );
    }
    folder
}

/// Runs the program to its end, which must have this exit code.
#[track_caller]
pub(crate) fn check(folder: &Folder, arguments: &str, code: i32) -> Ended {
    let ended = folder.backspin(arguments).run();
    assert_eq!(ended.code, Some(code), "{arguments}: {}{}", ended.stdout, ended.stderr);
    ended
}

/// The first value that the statement returns from the database in `.spin`.
pub(crate) fn sql(folder: &Folder, sql: &str) -> Option<Value> {
    let database = NativeDatabase::open(folder.path().join(".spin/sqlite_db.db")).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(database.execute(sql, Vec::new())).unwrap().into_first()
}
