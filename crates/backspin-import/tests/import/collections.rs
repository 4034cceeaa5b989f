//! Definitions: ids, rules, secrets, order, and what is unknown.

use backspin_core::Value;
use serde_json::json;

use crate::folder::{CREATED, Folder, not_brought, texts};

#[test]
fn definitions_come_with_their_ids_rules_times_and_order() {
    let folder = Folder::new();
    folder.base_with(
        "zebras",
        &[json!({"id": "n1", "name": "stripes", "type": "number", "max": 7})],
        json!({"listRule": "stripes > 3"}),
    );
    folder.base("apes", &[]);
    folder.import().unwrap();
    let rows = folder.imported("SELECT id, name, listRule, created, updated FROM _collections WHERE id LIKE 'pbc\\_%s' ESCAPE '\\' ORDER BY rowid");
    assert_eq!(
        texts(rows),
        [
            "pbc_zebras",
            "zebras",
            "stripes > 3",
            CREATED,
            CREATED,
            "pbc_apes",
            "apes",
            "Null",
            CREATED,
            CREATED,
        ]
    );
    let names = texts(folder.imported("SELECT name FROM _collections ORDER BY rowid"));
    // Those that this source lacks come last; a server cannot do without them.
    assert_eq!(
        names,
        ["_superusers", "users", "zebras", "apes", "_mfas", "_otps", "_externalAuths", "_authOrigins"]
    );
    let field = folder.imported(
        "SELECT fields ->> '$[1].id', fields ->> '$[1].max' FROM _collections WHERE name = 'zebras'",
    );
    assert_eq!(field, [[Value::from("n1"), Value::Integer(7)]]);
}

#[test]
fn secrets_of_tokens_and_providers_stay() {
    let folder = Folder::new();
    let options = json!({
        "authToken": {"secret": "old-secret", "duration": 77},
        "oauth2": {"enabled": true, "providers": [{"name": "gitlab", "clientId": "me", "clientSecret": "hush"}]},
    });
    folder.auth("pbc_1", "members", false, options);
    folder.import().unwrap();
    let sql = "SELECT options ->> '$.authToken.secret', options ->> '$.authToken.duration', options ->> '$.oauth2.providers[0].clientSecret', length(options ->> '$.fileToken.secret') FROM _collections WHERE name = 'members'";
    let expected =
        vec![Value::from("old-secret"), Value::Integer(77), Value::from("hush"), Value::Integer(50)];
    assert_eq!(folder.imported(sql), [expected]);
}

#[test]
fn users_that_were_deleted_do_not_come_back() {
    let folder = Folder::new();
    folder.sql("DELETE FROM _collections WHERE name = 'users'");
    folder.sql("DROP TABLE users");
    folder.import().unwrap();
    assert!(folder.imported("SELECT 1 FROM sqlite_master WHERE name = 'users'").is_empty());
}

#[test]
fn what_is_unknown_is_told() {
    let folder = Folder::new();
    let fields = [
        json!({"id": "v1", "name": "embedding", "type": "vector", "dimensions": 3}),
        json!({"id": "t1", "name": "title", "type": "text", "language": "en", "alias": ""}),
    ];
    folder.base_with("posts", &fields[1..], json!({}));
    folder.sql("UPDATE _collections SET fields = json_insert(fields, '$[#]', json('{\"name\":\"embedding\",\"type\":\"vector\"}')) WHERE name = 'posts'");
    folder.sql("ALTER TABLE posts ADD COLUMN embedding JSON");
    folder.sql("CREATE TABLE stray (x)");
    let told = not_brought(&folder.import().unwrap());
    assert_eq!(told.len(), 5, "{told:#?}");
    assert!(
        told[0].starts_with("the field embedding of the collection posts: unknown variant `vector`"),
        "{told:#?}"
    );
    assert_eq!(
        told[1],
        "the option fields.title.language of the collection posts: Backspin does not know it"
    );
    assert_eq!(told[2], "the table stray: it is no collection");
    assert_eq!(told[3], "the column embedding of the table posts: it belongs to no field that was brought");
    assert_eq!(told[4], "the settings: there are none");
}

#[test]
fn a_definition_that_cannot_be_read_is_told_and_the_others_come() {
    let folder = Folder::new();
    folder.base("posts", &[]);
    folder.sql("UPDATE _collections SET fields = '[' WHERE name = 'posts'");
    folder.base("tags", &[]);
    let told = not_brought(&folder.import().unwrap());
    assert!(told[0].starts_with("the collection posts and its records: "), "{told:#?}");
    assert_eq!(folder.imported("SELECT count(*) FROM tags"), [[Value::Integer(0)]]);
}

#[test]
fn indexes_are_made_and_kept_as_written() {
    let folder = Folder::new();
    let title = json!({"id": "t1", "name": "title", "type": "text"});
    let indexes = json!([
        "create unique index posts_title on posts (title collate nocase) where title <> ''",
        "CREATE INDEX elsewhere ON users (email)",
        "DROP TABLE posts",
        "CREATE UNIQUE INDEX posts_one ON posts (length(title))",
    ]);
    folder.base_with("posts", &[title], json!({"indexes": indexes}));
    folder.sql("INSERT INTO posts (id, title) VALUES ('a', 'one'), ('b', 'two')");
    let told = not_brought(&folder.import().unwrap());
    assert_eq!(
        texts(folder.imported("SELECT indexes FROM _collections WHERE name = 'posts'")),
        [r#"["create unique index posts_title on posts (title collate nocase) where title <> ''"]"#]
    );
    assert_eq!(
        texts(folder.imported(
            "SELECT name FROM sqlite_master WHERE type = 'index' AND sql <> '' AND tbl_name = 'posts'"
        )),
        ["posts_title"]
    );
    assert_eq!(
        told[0],
        "the index CREATE INDEX elsewhere ON users (email): it is on users, not on posts, where it stands"
    );
    assert_eq!(told[1], "the index DROP TABLE posts: it is no statement that makes an index");
    assert!(told[2].starts_with("the index CREATE UNIQUE INDEX posts_one"), "{told:#?}");
}

#[test]
fn what_raw_sql_has_made_is_told() {
    let folder = Folder::new();
    let title = json!({"id": "t1", "name": "title", "type": "text"});
    let index = "CREATE INDEX `Posts_Title` ON `posts` (`title`)";
    folder.base_with("posts", &[title], json!({"indexes": [index]}));
    folder.sql("CREATE INDEX posts_title ON posts (title)");
    folder.sql("CREATE INDEX posts_raw ON posts (lower(title))");
    folder.sql("CREATE INDEX idx__collections_type ON _collections (type)");
    folder.sql("CREATE TRIGGER audit AFTER INSERT ON posts BEGIN SELECT 1; END");
    folder.sql("CREATE TABLE stray (x UNIQUE)");
    folder.sql("CREATE INDEX stray_x ON stray (x)");
    folder.sql("CREATE VIEW strayed AS SELECT 1");
    assert_eq!(
        not_brought(&folder.import().unwrap()),
        [
            "the table stray: it is no collection",
            "the table strayed: it is no collection",
            "the index posts_raw of posts: the collection's definition does not have it",
            "the trigger audit of posts: PocketBase has none: raw SQL has made it",
            "the settings: there are none",
        ]
    );
}

#[test]
fn a_rule_that_is_not_understood_is_kept_and_told() {
    let folder = Folder::new();
    folder.base_with("posts", &[], json!({"listRule": "gone = 1"}));
    let report = folder.import().unwrap();
    assert_eq!(report.remarks.len(), 1);
    assert_eq!(report.remarks[0].what, "the listRule of posts");
    assert_eq!(
        texts(folder.imported("SELECT listRule FROM _collections WHERE name = 'posts'")),
        ["gone = 1"]
    );
}

#[test]
fn settings_come_unless_they_are_encrypted() {
    let folder = Folder::new();
    let insert = "INSERT INTO _params (id, value, created, updated) VALUES ('settings', ?1, ?2, ?2)";
    folder.sql_with(
        insert,
        vec![Value::Blob(br#"{"meta":{"appName":"Zoo"},"s3":{"enabled":true}}"#.to_vec()), CREATED.into()],
    );
    let report = folder.import().unwrap();
    assert!(report.settings);
    assert_eq!(not_brought(&report), ["the files of records in S3: Backspin stores no files yet"]);
    let name = folder.imported(
        "SELECT typeof(value), value ->> '$.meta.appName', updated FROM _params WHERE id = 'settings'",
    );
    assert_eq!(texts(name), ["text", "Zoo", CREATED]);

    let folder = Folder::new();
    folder.sql_with(insert, vec!["bm8ganNvbg==".into(), CREATED.into()]);
    let report = folder.import().unwrap();
    assert!(!report.settings);
    assert!(not_brought(&report)[0].starts_with("the settings: they are encrypted"));
}

#[test]
fn a_collection_with_the_name_of_a_table_of_ours_is_told_and_the_others_come() {
    let folder = Folder::new();
    let names = ["_sessions", "_Throttles", "_totps", "_apiKeys", "_signIns", "_outbox", "_hashTurns"];
    for name in names.iter().chain(&["_redirectNames", "_realtimeClients", "_changes", "_backspin"]) {
        folder.base(name, &[json!({"id": "t", "name": "title", "type": "text"})]);
        let told = not_brought(&folder.import_with(true, &mut ()).unwrap());
        let expected = format!(
            "the collection {name} and its records: Backspin has a table of its own of this name: rename it in \
             PocketBase first"
        );
        assert!(told.contains(&expected), "{told:#?}");
        let sql = format!("SELECT 1 FROM _collections WHERE name = '{name}'");
        assert!(folder.imported(&sql).is_empty());
        let sql = format!("SELECT 1 FROM pragma_table_info('{name}') WHERE name = 'title'");
        assert!(folder.imported(&sql).is_empty());
    }
    let folder = Folder::new();
    folder.base("_sessions_of_mine", &[]);
    folder.import().unwrap();
    assert_eq!(folder.imported("SELECT count(*) FROM _sessions_of_mine"), [[Value::Integer(0)]]);
}

#[test]
fn a_relation_to_a_collection_that_does_not_come_is_told() {
    let folder = Folder::new();
    folder.base("_sessions", &[]);
    let of = json!({"id": "r", "name": "of", "type": "relation", "collectionId": "pbc__sessions"});
    folder.base("visits", &[of]);
    folder.sql("INSERT INTO visits (id, of) VALUES ('a', 'gone')");
    let report = folder.import().unwrap();
    let remarks: Vec<_> = report.remarks.iter().map(|note| format!("{}: {}", note.what, note.why)).collect();
    assert_eq!(remarks, ["the field of of visits: it leads to a collection that was not brought"]);
    assert_eq!(texts(folder.imported("SELECT of FROM visits")), ["gone"]);
}

#[test]
fn a_collection_wider_than_any_that_can_be_made_here_comes() {
    let folder = Folder::new();
    let field = |i| json!({"id": format!("f{i}"), "name": format!("f{i}"), "type": "text"});
    folder.base("wide", &(0..1050).map(field).collect::<Vec<_>>());
    folder.base("notes", &[]);
    folder.sql("INSERT INTO wide (id, f0, f1049) VALUES ('a', 'first', 'last')");
    let report = folder.import().unwrap();
    assert_eq!(texts(folder.imported("SELECT f0, f1049 FROM wide")), ["first", "last"]);
    assert_eq!(report.remarks.len(), 1, "{:#?}", report.remarks);
    assert_eq!(report.remarks[0].what, "the collection wide");
    assert!(
        report.remarks[0].why.starts_with("it has 1051 fields, and Backspin makes none with more than 500")
    );
    let logged = "SELECT count(*) FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'wide'";
    assert_eq!(folder.imported(logged), [[Value::Integer(5)]]);
}

#[test]
fn a_collection_too_wide_for_sqlite_is_told_and_the_others_come() {
    let folder = Folder::new();
    // As many columns as a table can have: here is one more, for the change log.
    let field = |i| json!({"id": format!("f{i}"), "name": format!("f{i}"), "type": "text"});
    folder.base("wide", &(0..1999).map(field).collect::<Vec<_>>());
    folder.base("notes", &[]);
    let told = not_brought(&folder.import().unwrap());
    assert!(told[0].starts_with("the collection wide and its records: too many columns"), "{told:#?}");
    assert_eq!(folder.imported("SELECT count(*) FROM notes"), [[Value::Integer(0)]]);
    assert!(folder.imported("SELECT 1 FROM _collections WHERE name = 'wide'").is_empty());
}
