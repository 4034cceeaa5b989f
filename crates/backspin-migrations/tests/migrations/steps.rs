//! Each kind of step on data: what it does, and that it is taken back whole.

use backspin_core::Value;
use backspin_migrations::Grade;
use expect_test::expect;
use serde_json::{Value as Json, json};

use crate::database::{TestDatabase, collection, field, refusal, renamed, select};

/// Applies the change, lets `look` see the result, and takes it back.
fn there_and_back(
    old: &[Json],
    data: &[&str],
    new: &[Json],
    accepted: &[&str],
    look: impl FnOnce(&TestDatabase),
) {
    let database = TestDatabase::with(old);
    data.iter().for_each(|sql| drop(database.sql(sql)));
    let before = database.state();
    let migration = database.apply(new, accepted).unwrap();
    assert_eq!(migration.number, 2);
    look(&database);
    database.revert(2, &[]).unwrap();
    assert_eq!(database.state(), before);
}

fn posts(fields: Json, extra: Json) -> Json {
    collection("posts", fields, extra)
}

const ROWS: [&str; 2] = [
    "INSERT INTO posts (id, title, views) VALUES ('one', 'first', 1), ('two', 'second', 2.5), ('three', '', 0)",
    "DELETE FROM posts WHERE id = 'none'",
];

fn title_and_views() -> [Json; 1] {
    [posts(json!([field("title", "text"), field("views", "number")]), json!({}))]
}

#[test]
fn a_field_is_removed_and_its_values_come_back() {
    let new = [posts(json!([field("title", "text")]), json!({}))];
    there_and_back(&title_and_views(), &ROWS, &new, &["posts.views"], |database| {
        assert_eq!(
            database.texts("SELECT name FROM pragma_table_info('posts') WHERE name NOT LIKE '%~'"),
            ["id", "title"]
        );
    });
}

#[test]
fn a_field_is_replaced_by_another_of_its_name() {
    let new =
        [posts(json!([field("title", "text"), {"id": "x", "name": "views", "type": "json"}]), json!({}))];
    there_and_back(&title_and_views(), &ROWS, &new, &["posts.views"], |database| {
        assert_eq!(database.texts("SELECT views FROM posts"), ["NULL"; 3]);
    });
}

#[test]
fn fields_trade_their_names() {
    let new =
        [posts(json!([renamed("title", "views", "text"), renamed("views", "title", "number")]), json!({}))];
    there_and_back(&title_and_views(), &ROWS, &new, &[], |database| {
        assert_eq!(database.texts("SELECT views || title FROM posts"), ["first1", "second2.5", "0"]);
    });
}

#[test]
fn a_name_changes_in_case_alone() {
    let new = [collection(
        "Posts",
        json!([renamed("title", "Title", "text"), field("views", "number")]),
        json!({"id": "c_posts"}),
    )];
    there_and_back(&title_and_views(), &ROWS, &new, &[], |database| {
        assert_eq!(
            database.texts("SELECT name FROM pragma_table_info('posts') WHERE name NOT LIKE '%~'"),
            ["id", "Title", "views"]
        );
        assert_eq!(database.texts("SELECT name FROM sqlite_master WHERE name LIKE 'posts'"), ["Posts"]);
    });
}

#[test]
fn collections_trade_their_names() {
    let old = [
        collection("a", json!([field("x", "text")]), json!({"indexes": ["CREATE INDEX i_a ON a (x)"]})),
        collection("b", json!([field("y", "text")]), json!({})),
    ];
    let new = [
        collection(
            "b",
            json!([field("x", "text")]),
            json!({"id": "c_a", "indexes": ["CREATE INDEX i_a ON a (x)"]}),
        ),
        collection("a", json!([field("y", "text")]), json!({"id": "c_b"})),
    ];
    let data = ["INSERT INTO a (id, x) VALUES ('1', 'of a')", "INSERT INTO b (id, y) VALUES ('1', 'of b')"];
    there_and_back(&old, &data, &new, &[], |database| {
        assert_eq!(database.texts("SELECT x FROM b"), ["of a"]);
        assert_eq!(database.texts("SELECT y FROM a"), ["of b"]);
        assert_eq!(database.texts("SELECT tbl_name FROM sqlite_master WHERE name = 'i_a'"), ["b"]);
        assert_eq!(
            database.snapshot().find_by_id("c_a").unwrap().indexes,
            ["CREATE INDEX `i_a` ON `b` (`x`)"]
        );
    });
}

#[test]
fn a_collection_is_removed_and_another_takes_its_name_and_that_of_its_index() {
    let index = json!({"indexes": ["CREATE UNIQUE INDEX i ON posts (title)"]});
    let old = [posts(json!([field("title", "text"), field("views", "number")]), index.clone())];
    let mut other = posts(json!([field("title", "text")]), index);
    other["id"] = "c_other".into();
    there_and_back(&old, &ROWS, &[other], &["posts"], |database| {
        assert_eq!(database.texts("SELECT COUNT(*) FROM posts"), ["0"]);
        database.sql("INSERT INTO posts (title) VALUES ('first')");
        assert_eq!(refusal(database.revert(2, &[])), "400 posts:validation_data_loss");
        database.sql("DELETE FROM posts");
    });
}

#[test]
fn an_index_on_a_renamed_column_still_serves_and_one_with_odd_quotes_too() {
    let old = [posts(
        json!([field("title", "text"), field("views", "number")]),
        json!({"indexes": [
            "CREATE UNIQUE INDEX i ON posts (title, lower(title)) WHERE title != \"\"",
            "CREATE INDEX j ON posts (views desc)",
        ]}),
    )];
    let new = [posts(
        json!([renamed("title", "name", "text"), renamed("views", "count", "number")]),
        json!({"indexes": old[0]["indexes"]}),
    )];
    there_and_back(&old, &ROWS, &new, &[], |database| {
        let indexes = database.snapshot().find("posts").unwrap().indexes.clone();
        assert_eq!(
            indexes[0],
            "CREATE UNIQUE INDEX `i` ON `posts` (\n  `name`,\n  lower(`name`)\n) WHERE `name` != \"\""
        );
        assert_eq!(indexes[1], "CREATE INDEX `j` ON `posts` (`count` desc)");
        let error = database.try_sql("INSERT INTO posts (id, name) VALUES ('x', 'first')", vec![]);
        assert!(error.is_err());
        let plan = database.texts("EXPLAIN QUERY PLAN SELECT 1 FROM posts ORDER BY count DESC");
        assert_eq!(plan.len(), 1);
    });
}

#[test]
fn words_of_an_index_that_are_no_columns_stay_whatever_the_fields_are_called() {
    let indexes = json!([
        "CREATE INDEX i1 ON posts (title DESC)",
        "CREATE UNIQUE INDEX i2 ON posts (date(title), `desc` desc)",
        "CREATE INDEX i3 ON posts (CAST(title AS text) COLLATE nocase, lower)",
        "CREATE INDEX i4 ON posts (CASE WHEN desc THEN `title` ELSE 'desc' END) WHERE posts.`date` > '' AND date IS NOT NULL",
        "CREATE INDEX i5 ON posts ('text' DESC, [nocase])",
    ]);
    let names = ["title", "desc", "date", "text", "nocase", "lower"];
    let fields = |name: &dyn Fn(&str) -> String| -> Json {
        names.iter().map(|field| renamed(field, &name(field), "text")).collect()
    };
    let extra = json!({ "indexes": indexes });
    let old = [posts(fields(&str::to_owned), extra.clone())];
    let new = [collection(
        "articles",
        fields(&|field| format!("{field}_1")),
        json!({"id": "c_posts", "indexes": indexes}),
    )];
    let data = ["INSERT INTO posts (id, title) VALUES ('1', 'a')"];
    there_and_back(&old, &data, &new, &[], |database| {
        assert_eq!(database.indexes(), database.indexes_of_schema());
        expect![[r#"
            CREATE INDEX `i1` ON `articles` (`title_1` DESC)
            CREATE UNIQUE INDEX `i2` ON `articles` (
              date(`title_1`),
              `desc_1` desc
            )
            CREATE INDEX `i3` ON `articles` (
              CAST(`title_1` AS text) COLLATE nocase,
              `lower_1`
            )
            CREATE INDEX `i4` ON `articles` (CASE WHEN `desc_1` THEN `title_1` ELSE 'desc' END) WHERE `articles`.`date_1` > '' AND `date_1` IS NOT NULL
            CREATE INDEX `i5` ON `articles` (
              `text_1` DESC,
              `nocase_1`
            )"#]]
        .assert_eq(&database.snapshot().find("articles").unwrap().indexes.join("\n"));
        // Renamed, they are the same indexes: none is made anew.
        assert!(database.history()[1].steps.iter().all(|step| !step.grades.contains(&Grade::Rewrites)));
    });

    // What is called as such a word may go, and another field may change its type.
    let without: Json = ["title", "text", "nocase", "lower"].iter().map(|name| field(name, "text")).collect();
    let still = json!({"indexes": [indexes[0], "CREATE INDEX i3 ON posts (CAST(title AS text) COLLATE nocase, lower)"]});
    there_and_back(&old, &data, &[posts(without, still)], &["posts.desc", "posts.date"], |database| {
        assert_eq!(database.indexes(), database.indexes_of_schema());
    });
}

#[test]
fn an_index_of_the_database_comes_back_as_it_was_whatever_the_schema_says() {
    let index = json!({"indexes": ["CREATE INDEX i ON posts (title DESC)"]});
    let database = TestDatabase::with(&[posts(json!([field("title", "text")]), index.clone())]);
    let damage = "UPDATE _collections SET indexes = '[\"CREATE INDEX `i` ON `posts` (`title` `description`)\"]' WHERE name = 'posts'";
    database.sql(damage);
    let before = database.state();
    database.apply(&[], &["posts"]).unwrap();
    database.revert(2, &[]).unwrap();
    assert_eq!(database.state(), before);
    // A rename that would leave it so is refused, until it is put right.
    let after = |extra: Json| [posts(json!([renamed("title", "name", "text")]), extra)];
    let damaged = json!({"indexes": ["CREATE INDEX `i` ON `posts` (`title` `description`)"]});
    assert_eq!(refusal(database.apply(&after(damaged), &[])), "400 posts.indexes.0:validation_index_differs");
    assert_eq!(database.state(), before);
    database.apply(&after(index), &[]).unwrap();
    assert_eq!(database.indexes(), database.indexes_of_schema());
}

#[test]
fn indexes_come_and_go() {
    let old = [posts(
        json!([field("title", "text"), field("views", "number")]),
        json!({"indexes": ["CREATE INDEX i ON posts (title)"]}),
    )];
    let new = [posts(
        json!([field("title", "text"), field("views", "number")]),
        json!({"indexes": ["CREATE UNIQUE INDEX i ON posts (views)"]}),
    )];
    there_and_back(&old, &ROWS, &new, &[], |database| {
        assert!(database.try_sql("INSERT INTO posts (views) VALUES (1)", vec![]).is_err());
    });
}

#[test]
fn one_value_becomes_several_and_back() {
    let old = [posts(
        json!([select("tag", 1), select("tags", 2)]),
        json!({"indexes": ["CREATE INDEX i ON posts (tag)", "CREATE INDEX j ON posts (tags)"]}),
    )];
    let new = [posts(json!([select("tag", 2), select("tags", 1)]), json!({"indexes": old[0]["indexes"]}))];
    let data = [
        r#"INSERT INTO posts (id, tag, tags) VALUES ('1', 'a', '["a","b"]'), ('2', '', '[]'), ('3', 'c', '["c"]')"#,
    ];
    there_and_back(&old, &data, &new, &["posts.tags"], |database| {
        assert_eq!(database.texts("SELECT tag FROM posts ORDER BY id"), [r#"["a"]"#, "[]", r#"["c"]"#]);
        assert_eq!(database.texts("SELECT tags FROM posts ORDER BY id"), ["b", "", "c"]);
        assert_eq!(database.history()[1].steps.iter().filter_map(|step| step.lost).sum::<i64>(), 1);
    });
}

#[test]
fn a_view_follows_its_table() {
    let view = |query: &str| {
        let fields = json!([field("title", "text")]);
        let mut view = collection("v", fields, json!({"type": "view", "viewQuery": query}));
        view["fields"][0]["primaryKey"] = true.into();
        view
    };
    let [old_posts] = title_and_views();
    let old = [old_posts, view("SELECT id, title FROM posts;")];
    let new = [
        posts(
            json!([renamed("title", "name", "text"), field("views", "number"), field("more", "text")]),
            json!({}),
        ),
        view("SELECT id, name AS title FROM posts;"),
    ];
    there_and_back(&old, &ROWS, &new, &[], |database| {
        assert_eq!(database.texts("SELECT title FROM v"), ["first", "second", ""]);
    });
}

#[test]
fn rules_and_options_change_without_sql() {
    let mut old = title_and_views();
    old[0]["listRule"] = "".into();
    let new = [posts(
        json!([field("views", "number"), {"name": "title", "type": "text", "max": 10}]),
        json!({"listRule": "id != ''"}),
    )];
    there_and_back(&old, &ROWS, &new, &[], |database| {
        let snapshot = database.snapshot();
        let posts = snapshot.find("posts").unwrap();
        assert_eq!(posts.list_rule.as_deref(), Some("id != ''"));
        assert_eq!(posts.fields[1].name, "views");
    });
}

#[test]
fn what_is_written_in_between_stays() {
    let old = [posts(json!([select("tags", 3), field("title", "text"), field("gone", "text")]), json!({}))];
    let new = [posts(
        json!([select("tags", 1), renamed("title", "title", "number"), field("extra", "text")]),
        json!({}),
    )];
    let database = TestDatabase::with(&old);
    database.sql(
        r#"INSERT INTO posts (id, tags, title, gone) VALUES
        ('1', '["a","b"]', 'x', 'g1'), ('2', '["b","c"]', 'y', 'g2'), ('3', '["a","c"]', '7', 'g3')"#,
    );
    database.apply(&new, &["posts.tags", "posts.title", "posts.gone"]).unwrap();
    database.sql("UPDATE posts SET tags = 'a', title = 5 WHERE id = '2'");
    database.sql("DELETE FROM posts WHERE id = '3'");
    database.sql("INSERT INTO posts (id, tags, title, extra) VALUES ('4', 'a', 1.5, 'new')");
    assert_eq!(refusal(database.revert(2, &[])), "400 posts.extra:validation_data_loss");
    database.revert(2, &["posts.extra"]).unwrap();
    let row = |row: &[&str]| row.iter().map(|text| Value::from(*text)).collect::<Vec<_>>();
    assert_eq!(
        database.sql("SELECT id, tags, title, gone FROM posts ORDER BY id"),
        [
            row(&["1", r#"["a","b"]"#, "x", "g1"]),
            row(&["2", r#"["a"]"#, "5", "g2"]),
            row(&["4", r#"["a"]"#, "1.5", ""]),
        ]
    );
}
