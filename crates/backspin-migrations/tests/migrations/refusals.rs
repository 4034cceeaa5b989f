//! What is found before anything runs: problems of the wanted schema, and changes that no step can make.

use expect_test::expect;
use serde_json::{Value as Json, json};

use crate::database::{TestDatabase, collection, field, refusal, renamed, select, select_of};
use crate::plan::outline;

fn posts(fields: Json) -> Json {
    collection("posts", fields, json!({}))
}

#[test]
fn a_view_that_cannot_be_made_is_a_problem_and_one_that_could_not_can_be_removed() {
    let view = |query: &str| collection("v", json!([]), json!({"type": "view", "viewQuery": query}));
    let database = TestDatabase::with(&[view("SELECT 1 AS id")]);
    let plan = database.plan(&[view("SELECT id FROM secrets")]).unwrap();
    expect![[r#"
        [BreaksClients] v: Remove the view v
        ! v viewQuery: secrets are secret
    "#]]
    .assert_eq(&outline(&plan));
    assert_eq!(refusal(database.apply_plan(&plan, &[])), "400 v.viewQuery:validation_broken_reference");

    database.sql(
        "UPDATE _collections SET options = '{\"viewQuery\":\"SELECT id FROM secrets\"}' WHERE name = 'v'",
    );
    assert_eq!(database.apply(&[], &[]).unwrap().number, 2);
}

#[test]
fn what_refers_to_a_field_that_goes_is_a_problem() {
    let tags = || collection("tags", json!([field("word", "text")]), json!({}));
    let relation = || json!([{"name": "tag", "type": "relation", "collectionId": "c_tags", "maxSelect": 1}]);
    let with_rule =
        || collection("posts", relation(), json!({"listRule": "tag.word != ''", "viewRule": "id != ''"}));
    let database = TestDatabase::with(&[tags(), with_rule()]);
    let renamed_word = collection(
        "tags",
        json!([renamed("word", "label", "text")]),
        json!({"indexes": ["CREATE INDEX i ON tags (nothing)"]}),
    );
    let plan = database.plan(&[renamed_word, with_rule()]).unwrap();
    expect![[r#"
        [BreaksClients] tags.word: Rename the field word to label in tags
        [Rewrites] tags: Make the index i of tags
        ! tags indexes.0: There is no field nothing for the index.
        ! posts listRule: Invalid rule. Raw error: "tags" has no field "word" (at 0).
    "#]]
    .assert_eq(&outline(&plan));
    assert_eq!(
        refusal(database.apply_plan(&plan, &[])),
        "400 posts.listRule:validation_broken_reference tags.indexes.0:validation_broken_reference"
    );
    let plan = database.plan(&[with_rule()]).unwrap();
    expect![[r#"
        [BreaksClients, LosesData] tags: Remove the collection tags and its records
        ! posts listRule: Invalid rule. Raw error: The collection that "tag" refers to does not exist (at 0).
        ! posts fields: The field tag relates to tags, which is removed.
    "#]]
    .assert_eq(&outline(&plan));
}

#[test]
fn what_no_step_can_do_is_refused_with_its_reason() {
    let relation =
        |target: &str| json!({"name": "r", "type": "relation", "collectionId": target, "maxSelect": 1});
    let old = [
        posts(json!([field("title", "text"), relation("c_a")])),
        collection("a", json!([]), json!({})),
        collection("b", json!([]), json!({})),
    ];
    let database = TestDatabase::with(&old);
    let refused = |posts: Json| {
        refusal(database.plan(&[
            posts,
            collection("a", json!([]), json!({})),
            collection("b", json!([]), json!({})),
        ]))
    };
    let as_auth = collection("posts", json!([]), json!({"type": "auth"}));
    assert_eq!(refused(as_auth), "400 posts:validation_collection_type_change");
    let to_password = posts(json!([renamed("title", "title", "password"), relation("c_a")]));
    assert_eq!(refused(to_password), "400 posts:validation_field_type_change");
    let other_target = posts(json!([field("title", "text"), relation("c_b")]));
    assert_eq!(refused(other_target), "400 posts:validation_field_relation_change");
    let twice = posts(json!([field("title", "text"), relation("c_a"), {"name": "TITLE", "type": "text"}]));
    assert_eq!(refused(twice), "400 posts:validation_duplicated_field_name");
    let mut without_id = posts(json!([]));
    without_id["fields"] = json!([{"id": "x", "name": "x", "type": "text"}]);
    assert_eq!(refused(without_id), "400 posts:validation_system_field_change");

    let no_system = backspin_schema::Schema::new(vec![]);
    let refusal = refusal(backspin_migrations::plan(&database.snapshot(), &no_system, &select_of));
    assert_eq!(refusal, "400 _mfas:validation_system_collection");
}

/// Auth collections with a role, notes about them, and the rule for all that is listed.
fn guarded(rule: &str, member_fields: Json) -> Vec<Json> {
    let owner = |name: &str, max: u32| json!({"name": name, "type": "relation", "collectionId": "c_members", "maxSelect": max});
    let fields = json!([owner("owner", 1), owner("readers", 3), select("status", 1), field("kind", "text")]);
    vec![
        collection("members", member_fields, json!({"type": "auth"})),
        collection("guests", json!([field("role", "text")]), json!({"type": "auth"})),
        collection("notes", fields, json!({"listRule": rule})),
    ]
}

fn member_fields() -> Json {
    json!([field("role", "text"), field("banned", "bool")])
}

#[test]
fn a_rule_that_can_still_be_read_but_names_what_is_changed_is_a_problem() {
    let notes = |fields: Json, rule: &str| {
        let mut after = guarded(rule, member_fields());
        after[2] = collection("notes", fields, json!({ "listRule": rule }));
        after
    };
    let owner = |max: u32| json!({"name": "owner", "type": "relation", "collectionId": "c_members", "maxSelect": max});
    let readers = json!({"name": "readers", "type": "relation", "collectionId": "c_members", "maxSelect": 3});
    let (status, kind) = (select("status", 1), field("kind", "text"));
    let traded = json!([owner(1), readers, renamed("kind", "status", "text"), {"id": "f_status", "name": "kind", "type": "select", "values": ["a"], "maxSelect": 1}]);
    let with_status = |status: Json| json!([owner(1), readers, status, kind]);
    let replaced = with_status(json!({"id": "other", "name": "status", "type": "text"}));
    for (rule, fields, expected) in [
        (
            "@request.body.kind:isset = false",
            json!([owner(1), readers, status, renamed("kind", "sort", "text")]),
            "notes.kind, which is renamed to sort",
        ),
        ("@request.body.kind = ''", json!([owner(1), readers, status]), "notes.kind, which is removed"),
        (
            "status != 'a' && id != ''",
            with_status(renamed("status", "status", "number")),
            "notes.status, which is converted from select to number",
        ),
        (
            "id = status",
            with_status(select("status", 2)),
            "notes.status, which is converted to several values",
        ),
        ("@request.body.status:lower = 'a'", replaced, "notes.status, which is removed"),
        ("status = 'a'", traded, "notes.status, which is renamed to kind"),
        (
            "owner = @request.auth.id",
            json!([owner(2), readers, status, kind]),
            "notes.owner, which is converted to several values",
        ),
        ("owner.id = @request.auth.id", json!([owner(2), readers, status, kind]), ""),
        ("owner.role = 'x'", json!([owner(2), readers, status, kind]), ""),
        ("kind = 'status'", with_status(select("status", 2)), ""),
    ] {
        let database = TestDatabase::with(&guarded(rule, member_fields()));
        let plan = database.plan(&notes(fields.clone(), rule)).unwrap();
        let told: Vec<&str> = plan.problems().iter().map(|problem| problem.message.as_str()).collect();
        let expected: Vec<String> = Some(expected)
            .filter(|what| !what.is_empty())
            .map(|what| format!("The rule names {what}. Change the rule together with it."))
            .into_iter()
            .collect();
        assert_eq!(told, expected, "{rule}");
        // One that is changed too is taken as it is meant.
        let other = format!("({rule}) || id = 'x'");
        assert!(
            database
                .plan(&notes(fields, &other))
                .unwrap()
                .problems()
                .iter()
                .all(|problem| problem.message.starts_with("Invalid rule"))
        );
    }
}

#[test]
fn a_rule_of_another_collection_is_followed_along_its_paths() {
    let renamed_role = || json!([renamed("role", "kind", "text"), field("banned", "bool")]);
    let no_ban = || json!([field("role", "text")]);
    for (rule, fields, expected) in [
        ("@request.auth.role = 'admin'", renamed_role(), "members.role, which is renamed to kind"),
        ("@request.auth.banned != true", no_ban(), "members.banned, which is removed"),
        ("@request.auth.id != '' && @request.auth.verified = true", no_ban(), ""),
        (
            "@request.auth.notes_via_owner.owner.banned ?= false",
            json!([field("role", "text"), renamed("banned", "banned", "text")]),
            "members.banned, which is converted from bool to text",
        ),
        (
            "@request.body.readers.banned = false",
            json!([field("role", "text"), renamed("banned", "banned", "text")]),
            "members.banned, which is converted from bool to text",
        ),
        (
            "@collection.members:m.role ?= 'x'",
            json!([renamed("banned", "role", "bool"), renamed("role", "banned", "text")]),
            "members.role, which is renamed to banned",
        ),
        (
            "strftime('%Y', owner.role) = '1'",
            json!([renamed("role", "role", "number"), field("banned", "bool")]),
            "members.role, which is converted from text to number",
        ),
    ] {
        let database = TestDatabase::with(&guarded(rule, member_fields()));
        let plan = database.plan(&guarded(rule, fields)).unwrap();
        let told: Vec<String> = plan
            .problems()
            .iter()
            .map(|problem| format!("{} {}: {}", problem.collection, problem.part, problem.message))
            .collect();
        let expected: Vec<String> = Some(expected)
            .filter(|what| !what.is_empty())
            .map(|what| format!("notes listRule: The rule names {what}. Change the rule together with it."))
            .into_iter()
            .collect();
        assert_eq!(told, expected, "{rule}");
    }
}

#[test]
fn a_rule_over_a_collection_that_trades_its_name_is_a_problem() {
    let rule = json!({"listRule": "@collection.a.x ?= 'y' || b_via_to.x ?= 'y'"});
    let fields = || json!([field("x", "text"), {"name": "to", "type": "relation", "collectionId": "c_c", "maxSelect": 1}]);
    let schema = |a: &str, b: &str| {
        [
            collection(a, fields(), json!({"id": "c_a"})),
            collection(b, fields(), json!({"id": "c_b"})),
            collection("c", json!([]), rule.clone()),
        ]
    };
    let database = TestDatabase::with(&schema("a", "b"));
    let plan = database.plan(&schema("b", "a")).unwrap();
    assert_eq!(
        plan.problems()[0].message,
        "The rule names a, which is renamed to b. Change the rule together with it."
    );
}

#[test]
fn an_index_on_what_the_table_will_not_have_is_a_problem_wherever_it_is_named() {
    let database = TestDatabase::with(&[posts(json!([field("title", "text")]))]);
    let indexed = |sql: &str| collection("posts", json!([field("title", "text")]), json!({"indexes": [sql]}));
    for (sql, missing) in [
        ("CREATE INDEX i ON posts (title, nix)", "nix"),
        ("CREATE INDEX i ON posts (lower(`nix`) DESC)", "nix"),
        ("CREATE INDEX i ON posts (title) WHERE nix > 1", "nix"),
        ("CREATE INDEX i ON posts (title, \"desc\" COLLATE nocase)", ""),
        ("CREATE INDEX i ON posts (id, title) WHERE title != \"\" AND true AND rowid > 1", ""),
    ] {
        let plan = database.plan(&[indexed(sql)]).unwrap();
        let told: Vec<&str> = plan.problems().iter().map(|problem| problem.message.as_str()).collect();
        let expected = format!("There is no field {missing} for the index.");
        assert_eq!(told.join(" "), if missing.is_empty() { "" } else { &expected }, "{sql}");
    }
}

#[test]
fn a_unique_index_that_the_records_stand_against_is_a_problem() {
    let fields = || json!([field("title", "text"), field("n", "text"), field("meta", "json")]);
    let database = TestDatabase::with(&[posts(fields())]);
    database.sql("INSERT INTO posts (id, title, n) VALUES ('1', 'a', '1'), ('2', 'A', '1.0'), ('3', '', '2'), ('4', '', '3')");
    let told = |fields: Json, index: &str| -> String {
        let sql = format!("CREATE UNIQUE INDEX i ON posts {index}");
        let plan = database.measured(&[collection("posts", fields, json!({"indexes": [sql]}))]);
        let told = plan.problems().iter().map(|problem| format!("{} {}", problem.part, problem.message));
        told.collect::<Vec<_>>().join("; ")
    };
    let number = json!([field("title", "text"), renamed("n", "count", "number"), field("meta", "json")]);
    let mut added = fields().as_array().unwrap().clone();
    added.extend([field("slug", "text"), field("rank", "number"), field("more", "json")]);
    let refused = |reason: &str| format!("indexes.0 The unique index i cannot be made: {reason}.");
    let one = refused("a value is there more than once");
    for (fields, index, expected) in [
        (fields(), "(title)", one.as_str()),
        (fields(), "(title DESC) WHERE title != ''", ""),
        (fields(), "(title COLLATE nocase) WHERE title != ''", &one),
        (fields(), "(lower(title) DESC)", &refused("2 values are there more than once")),
        (fields(), "(title, `id`)", ""),
        (fields(), "(meta)", ""),
        (fields(), "(n)", ""),
        (number.clone(), "(count)", &one),
        (number, "(title, count)", ""),
        (added.clone().into(), "(slug)", &one),
        (added.clone().into(), "(rank)", &one),
        (added.clone().into(), "(more)", ""),
        (added.into(), "(slug, id)", ""),
        (fields(), "(nope(title))", &refused("no such function: nope")),
    ] {
        let found = told(fields.clone(), index);
        assert_eq!(found, expected, "{index}");
        let sql = format!("CREATE UNIQUE INDEX i ON posts {index}");
        // It is made if and only if nothing was told.
        let applied = database.apply(&[collection("posts", fields, json!({"indexes": [sql]}))], &["posts.n"]);
        assert_eq!(applied.is_ok(), expected.is_empty(), "{index}");
        if let Ok(migration) = applied {
            database.revert(migration.number, &[]).unwrap();
        }
    }
}
