//! `backspin schema`, on the database of an application.

use std::collections::BTreeMap;

use expect_test::expect;

use crate::process::Folder;
use crate::schema_files::{MOVIES, check, pulled, with_movies, without_year};

fn files(folder: &Folder) -> BTreeMap<String, String> {
    let entries = std::fs::read_dir(folder.path().join("schema")).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    paths
        .map(|path| {
            (
                path.display().to_string().replace(&folder.path().display().to_string(), ""),
                std::fs::read_to_string(path).unwrap(),
            )
        })
        .collect()
}

const EVERYTHING: &str = r#"{
  "name": "everything", "type": "base", "listRule": "owner = @request.auth.id", "createRule": "@request.auth.id != ''",
  "fields": [
    {"name": "text", "type": "text", "min": 1, "pattern": "^a\\w+\"$", "presentable": true, "help": "Zwölf\nZeilen"},
    {"name": "number", "type": "number", "min": -1.5, "max": 1e15},
    {"name": "bool", "type": "bool", "required": true},
    {"name": "email", "type": "email", "onlyDomains": ["example.com"]},
    {"name": "url", "type": "url", "exceptDomains": ["example.com"]},
    {"name": "editor", "type": "editor", "convertURLs": true},
    {"name": "date", "type": "date", "min": "2020-01-01 00:00:00.000Z"},
    {"name": "made", "type": "autodate", "onCreate": true},
    {"name": "select", "type": "select", "values": ["a", "b"], "maxSelect": 2},
    {"name": "owner", "type": "relation", "collectionId": "_pb_users_auth_", "cascadeDelete": true},
    {"name": "others", "type": "relation", "collectionId": "pbc_1", "maxSelect": 9, "minSelect": 1},
    {"name": "file", "type": "file", "maxSelect": 3, "mimeTypes": ["image/png"], "thumbs": ["100x100"], "protected": true},
    {"name": "json", "type": "json", "maxSize": 1000},
    {"name": "secret", "type": "password", "min": 8, "hidden": true},
    {"name": "place", "type": "geoPoint"}
  ],
  "indexes": ["create unique index idx_text on everything (text collate nocase, number desc) where text != ''"]
}"#;

const PEOPLE: &str = r#"{
  "name": "people", "type": "auth", "authRule": "verified = true", "manageRule": "verified = true && id = @request.auth.id",
  "fields": [{"name": "nick", "type": "text"}],
  "indexes": ["CREATE UNIQUE INDEX idx_nick ON people (nick) WHERE nick != ''"],
  "passwordAuth": {"enabled": true, "identityFields": ["email", "nick"]},
  "otp": {"enabled": true, "duration": 300, "length": 6},
  "mfa": {"enabled": true, "duration": 900},
  "authToken": {"duration": 3600}
}"#;

#[test]
fn the_files_of_one_database_make_another_with_the_same_files() {
    let folder = pulled();
    folder.write("schema/movies.json", MOVIES);
    folder.write("schema/everything.json", EVERYTHING);
    folder.write("schema/people.json", PEOPLE);
    folder.write("schema/latest.json", r#"{"name": "latest", "type": "view", "listRule": "", "viewQuery": "SELECT id, title FROM movies ORDER BY year DESC LIMIT 10"}"#);
    check(&folder, "schema push --yes", 0);
    check(&folder, "schema diff", 0);
    check(&folder, "schema pull", 0);
    let first = files(&folder);
    assert_eq!(first.len(), 10);
    assert_eq!(first["/schema/movies.json"], MOVIES);
    assert!(check(&folder, "schema pull", 0).stdout.ends_with("0 written, 10 unchanged, 0 removed.\n"));

    let other = pulled();
    for (path, text) in &first {
        other.write(&path[1..], text);
    }
    check(&other, "schema push --yes", 0);
    for file in first.keys() {
        other.remove(&file[1..]);
    }
    check(&other, "schema pull", 0);
    assert_eq!(files(&other), first);
    check(&other, "migrate plan", 0);
}

#[test]
fn what_differs_is_told_part_by_part() {
    let folder = with_movies();
    folder.write("schema/movies.json", &without_year().replace("\"listRule\": \"\"", "\"listRule\": null"));
    folder.write("schema/notes.json", r#"{"name": "notes", "type": "base"}"#);
    expect![[r#"
        movies
          - listRule: ""
          + listRule: null
          - indexes: "CREATE INDEX `idx_year` ON `movies` (`year`)"
          - field year: number
        + notes: only in the files
    "#]]
    .assert_eq(&check(&folder, "schema diff", 2).stdout);
    let json: serde_json::Value =
        serde_json::from_str(&check(&folder, "schema diff --json", 2).stdout).unwrap();
    assert_eq!((&json["inStep"], &json["collections"][1]["presence"]), (&false.into(), &"files".into()));
}

#[test]
fn a_collection_without_a_file_goes_only_when_told() {
    let folder = with_movies();
    folder.remove("schema/movies.json");
    assert_eq!(check(&folder, "schema diff", 2).stdout, "- movies: only in the database\n");
    check(&folder, "schema push --yes", 0);
    let refused = check(&folder, "schema push --yes --delete-missing", 1).stderr;
    assert!(refused.contains("--accept-loss movies"), "{refused}");
    check(&folder, "schema push --yes --delete-missing --accept-loss movies", 0);
    check(&folder, "schema diff", 0);
}

/// CI plans, applies, and plans again: what names a collection or field by its old name is told before anything is done.
#[test]
fn after_a_rename_in_the_files_the_database_is_in_step_with_all_of_them() {
    let folder = with_movies();
    let view = |table: &str| {
        format!(r#"{{"name": "titles", "type": "view", "viewQuery": "SELECT id, title FROM {table}"}}"#)
    };
    folder.write("schema/titles.json", &view("movies"));
    check(&folder, "schema push --yes", 0);

    let films = MOVIES.replace(r#""name": "movies""#, r#""name": "films""#);
    folder.write("schema/movies.json", &films.replace(r#""name": "year""#, r#""name": "made""#));
    let told = check(&folder, "migrate plan", 1).stderr;
    assert!(
        told.contains("films.indexes.0: Failed to create index idx_year") && told.contains("(`made`)"),
        "{told}"
    );
    folder.write("schema/movies.json", &films);
    for arguments in ["migrate plan", "migrate apply --yes"] {
        let told = check(&folder, arguments, 1).stderr;
        assert!(told.contains("titles.viewQuery: Invalid query - movies is named films now."), "{told}");
    }
    folder.write("schema/titles.json", &view("films"));
    check(&folder, "migrate apply --yes", 0);
    // The index of the file is still said to be on `movies`; where it is follows from the file that it is in.
    assert!(films.contains("ON `movies`"));
    check(&folder, "schema diff", 0);
    check(&folder, "migrate plan", 0);
}

#[test]
fn a_pull_removes_the_files_that_it_made_and_no_others() {
    let folder = with_movies();
    folder.write("schema/mine.json", r#"{"name": "mine", "type": "base"}"#);
    folder.write("schema/README.md", "Mine.");
    check(&folder, "migrate revert --yes --accept-loss movies", 0);
    let pulled = check(&folder, "schema pull", 0).stdout;
    expect![[r#"
        removed schema/movies.json
        left as it is, for the database knows nothing of it: schema/mine.json
        6 collections: 0 written, 6 unchanged, 1 removed.
    "#]]
    .assert_eq(&pulled);
    assert!(files(&folder).contains_key("/schema/README.md"));
}

#[test]
fn wrong_files_are_named_and_nothing_is_changed() {
    let folder = pulled();
    let wrong = |name: &str, text: &str, message: &str| {
        folder.write(name, text);
        for arguments in ["schema push --yes", "schema diff", "migrate plan", "migrate apply --yes"] {
            let ended = check(&folder, arguments, 1);
            assert!(ended.stderr.contains(message), "{arguments}: {message} in {}", ended.stderr);
        }
        folder.remove(name);
    };
    wrong(
        "schema/a.json",
        "{\n  \"name\": \"a\",\n  \"type\" \"base\"\n}",
        "error: schema/a.json:3:10: expected `:`",
    );
    wrong(
        "schema/a.json",
        r#"{"name": "a", "type": "base", "rules": {}}"#,
        "schema/a.json: there is no option rules",
    );
    wrong(
        "schema/a.json",
        r#"{"name": "Users", "type": "auth"}"#,
        "schema/a.json and schema/users.json are both the collection with the name",
    );
    check(&folder, "migrate plan", 0);
    assert!(check(&folder, "migrate status", 0).stdout.contains("No migration was applied yet."));
}

#[cfg(unix)]
#[test]
fn links_are_not_followed() {
    let folder = pulled();
    folder.write("outside.json", MOVIES);
    std::os::unix::fs::symlink(folder.path().join("outside.json"), folder.path().join("schema/movies.json"))
        .unwrap();
    for arguments in ["schema push --yes", "migrate plan"] {
        let refused = check(&folder, arguments, 1).stderr;
        assert!(refused.contains("schema/movies.json is a symbolic link"), "{refused}");
    }
}

#[test]
fn a_database_that_is_missing_is_made_by_a_push_only() {
    let folder = Folder::hello();
    for arguments in ["schema pull", "migrate status", "migrate revert --yes"] {
        let refused = check(&folder, arguments, 1).stderr;
        assert!(refused.contains("there is no database DIR/.spin/sqlite_db.db"), "{refused}");
    }
    let refused = check(&folder, "schema push --yes", 1).stderr;
    assert!(refused.contains("there is no folder schema: make it"), "{refused}");
    std::fs::create_dir(folder.path().join("schema")).unwrap();
    folder.write("schema/movies.json", MOVIES);
    check(&folder, "schema diff", 1);
    assert!(!folder.path().join(".spin").exists());
    check(&folder, "schema push --yes", 0);
    // What is new in it, such as users, has no file.
    assert_eq!(check(&folder, "schema diff", 2).stdout, "- users: only in the database\n");
}

#[test]
fn files_and_database_can_be_elsewhere() {
    let folder = with_movies();
    check(&folder, "schema pull --dir deep/er/files --state-dir .spin", 0);
    assert_eq!(folder.read("deep/er/files/movies.json"), MOVIES);
    check(&folder, "schema push --dir deep/er/files --state-dir other --yes", 0);
    check(&folder, "schema diff --dir deep/er/files --state-dir other", 0);
    assert!(folder.path().join("other/sqlite_db.db").exists());
}
