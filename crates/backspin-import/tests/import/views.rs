//! Views are made anew, in the order in which they read each other.

use serde_json::json;

use crate::folder::{CREATED, Folder, not_brought, texts};

#[test]
fn views_of_views_come_whatever_their_order() {
    let folder = Folder::new();
    folder.base("posts", &[json!({"id": "t", "name": "title", "type": "text"})]);
    folder.sql("INSERT INTO posts (id, title) VALUES ('a', 'one')");
    folder.sql("CREATE VIEW second AS SELECT 1");
    folder.sql("DROP VIEW second");
    let fields = [
        json!({"id": "_clone_id", "name": "id", "type": "text"}),
        json!({"id": "_clone_title", "name": "title", "type": "text"}),
    ];
    folder.sql("CREATE VIEW first AS SELECT id, title FROM posts");
    folder.view("third", "SELECT id, title FROM second_of_none", &[]);
    folder.view("second", "SELECT id, title FROM first", &fields);
    folder.sql("DROP VIEW first");
    folder.view("first", "SELECT id, title FROM posts", &fields);
    let told = not_brought(&folder.import().unwrap());
    assert_eq!(texts(folder.imported("SELECT * FROM second")), ["a", "one"]);
    let rows = folder.imported("SELECT name, listRule, updated, fields ->> '$[1].id' FROM _collections WHERE type = 'view' ORDER BY rowid");
    assert_eq!(texts(rows), ["second", "", CREATED, "_clone_title", "first", "", CREATED, "_clone_title"]);
    assert!(
        told.iter().any(|note| note.starts_with("the view third: ") && note.contains("second_of_none")),
        "{told:#?}"
    );
}

#[test]
fn a_view_of_secrets_is_told_and_leaves_nothing() {
    let folder = Folder::new();
    folder.view("hashes", "SELECT id, password FROM users", &[]);
    let told = not_brought(&folder.import().unwrap());
    assert!(told.iter().any(|note| note.starts_with("the view hashes: ")), "{told:#?}");
    assert!(folder.imported("SELECT 1 FROM sqlite_master WHERE name = 'hashes'").is_empty());
    assert!(folder.imported("SELECT 1 FROM _collections WHERE name = 'hashes'").is_empty());
}

#[test]
fn the_history_of_the_schema_begins_after_the_import() {
    let folder = Folder::new();
    folder.view("people", "SELECT id, email FROM users", &[]);
    folder.import().unwrap();
    let tables = folder.imported("SELECT name FROM sqlite_master WHERE name = '_migrations'");
    if !tables.is_empty() {
        assert!(folder.imported("SELECT 1 FROM _migrations").is_empty());
    }
}
