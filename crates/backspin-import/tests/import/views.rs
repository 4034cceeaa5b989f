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

#[test]
fn rules_of_views_are_kept_as_they_are_written() {
    let folder = Folder::new();
    let fields = [json!({"id": "_clone_id", "name": "id", "type": "text"})];
    let rule = |name: &str, rule: &str| {
        let sql = "UPDATE _collections SET listRule = ?1, viewRule = ?1 WHERE name = ?2";
        folder.sql_with(sql, vec![rule.into(), name.into()]);
    };
    // Each names the other; PocketBase takes the second when the first is there.
    for (name, other) in [("one", "two"), ("two", "one")] {
        folder.view(name, "SELECT id FROM users", &fields);
        rule(name, &format!("@collection.{other}.id ?= id"));
    }
    let author = json!({"id": "r", "name": "author", "type": "relation", "collectionId": "_pb_users_auth_"});
    folder.base_with("notes", &[author], json!({"listRule": "gone = 1"}));
    folder.view("three", "SELECT id, author FROM notes", &fields);
    rule("three", "@request.body.author.nothere = 1");
    let report = folder.import().unwrap();
    assert_eq!(not_brought(&report), ["the settings: there are none"]);
    let sql = "SELECT listRule, viewRule FROM _collections WHERE type = 'view' ORDER BY rowid";
    let (one, two) = ("@collection.one.id ?= id", "@collection.two.id ?= id");
    let three = "@request.body.author.nothere = 1";
    assert_eq!(texts(folder.imported(sql)), [two, two, one, one, three, three]);
    let remarks: Vec<_> = report.remarks.iter().map(|note| note.what.as_str()).collect();
    assert_eq!(remarks, ["the listRule of notes", "the listRule of three", "the viewRule of three"]);
    assert!(report.remarks[0].why.starts_with("it is not understood: "), "{:?}", report.remarks);
}
