//! `PATCH`: what changes at once, and what is refused.

use backspin_core::Value;
use serde_json::{Value as Json, json};

use crate::{Backend, refusal, superuser};

/// A backend with the collection `posts` and two posts of the same title.
fn backend() -> Backend {
    let backend = Backend::new();
    let fields = json!([
        {"name": "title", "type": "text"},
        {"name": "stars", "type": "number"},
        {"name": "author", "type": "relation", "collectionId": "_pb_users_auth_"},
    ]);
    let body =
        json!({"name": "posts", "fields": fields, "indexes": ["CREATE INDEX by_title ON posts (title)"]});
    backend.create(&superuser(), body).unwrap();
    backend.sql("INSERT INTO posts (id, title) VALUES ('p1', 'Same'), ('p2', 'Same')");
    backend
}

fn indexes(backend: &Backend) -> String {
    let sql = "SELECT group_concat(name) FROM sqlite_master WHERE type = 'index' AND tbl_name = 'posts' AND sql IS NOT NULL";
    format!("{:?}", backend.sql(sql)[0][0])
}

#[test]
fn rules_options_and_indexes_change_at_once() {
    let backend = backend();
    let update = |body: Json| backend.update("posts", body);
    assert_eq!(update(json!({"listRule": "title != ''"})).unwrap()["listRule"], "title != ''");
    let unchanged = update(json!({})).unwrap();
    assert_eq!(unchanged["listRule"], "title != ''");
    assert_eq!(update(json!({"listRule": null, "viewRule": ""})).unwrap()["listRule"], Json::Null);

    let mut fields = unchanged["fields"].clone();
    fields[1] = json!({"name": "title", "type": "text", "max": 7});
    let changed = update(json!({"fields": fields})).unwrap();
    assert_eq!(
        (&changed["fields"][1]["max"], &changed["fields"][1]["id"]),
        (&json!(7), &unchanged["fields"][1]["id"])
    );

    update(json!({"indexes": ["CREATE INDEX by_stars ON elsewhere (stars)"]})).unwrap();
    assert_eq!(indexes(&backend), r#"Text("by_stars")"#);
    update(json!({"indexes": ["CREATE INDEX by_stars ON posts (stars, title)"]})).unwrap();
    assert_eq!(indexes(&backend), r#"Text("by_stars")"#);
    update(json!({"indexes": []})).unwrap();
    assert_eq!(indexes(&backend), "Null");
    assert_eq!(changed["created"], unchanged["created"]);
}

#[test]
fn a_new_field_gets_a_column_with_its_zero_value() {
    let backend = backend();
    let before = backend.update("posts", json!({})).unwrap();
    let mut fields = before["fields"].clone();
    fields.as_array_mut().unwrap().push(json!({"name": "open", "type": "bool"}));
    fields.as_array_mut().unwrap().push(json!({"name": "place", "type": "geoPoint"}));
    let body = json!({"fields": fields, "listRule": "open = true", "indexes": ["CREATE INDEX by_open ON posts (open)"]});
    let after = backend.update("posts", body).unwrap();
    assert_eq!(after["fields"].as_array().unwrap().len(), 6);
    let stored = backend.sql("SELECT open, place FROM posts WHERE id = 'p1'");
    assert_eq!(format!("{stored:?}"), r#"[[Integer(0), Text("{\"lon\":0,\"lat\":0}")]]"#);
    assert_eq!(indexes(&backend), r#"Text("by_open")"#);
}

#[test]
fn what_is_wrong_changes_nothing() {
    let backend = backend();
    let before = backend.update("posts", json!({})).unwrap();
    let fields = before["fields"].clone();
    let with = |at: usize, key: &str, value: Json| {
        let mut fields = fields.clone();
        fields[at][key] = value;
        json!({"fields": fields})
    };
    for (body, expected) in [
        (json!({"listRule": "nope = 1"}), "400 listRule:validation_invalid_rule"),
        (json!({"type": "auth"}), ""),
        (json!({"type": "nope"}), "400 type:validation_in_invalid"),
        (json!({"system": true}), "400 system:validation_collection_system_flag_change"),
        (json!({"name": "users"}), "400 name:validation_collection_name_exists"),
        (json!({"name": ""}), "400 name:validation_required"),
        (json!({"id": "other"}), "404"),
        (json!({"id": null}), "404"),
        (json!({"id": "_pb_users_auth_"}), "400 id:validation_values_mismatch"),
        (json!({"id": "posts"}), "400 id:validation_values_mismatch"),
        (json!({"listRule": 1}), "400"),
        (json!({"fields": "x"}), "400"),
        (with(1, "type", json!("number")), "400 fields.1:validation_field_type_change"),
        (
            with(3, "collectionId", json!("pbc_3142635823")),
            "400 fields.3.collectionId:validation_field_relation_change",
        ),
        (with(0, "name", json!("key")), "400 fields:validation_missing_primary_key"),
        (with(2, "name", json!("Title")), "400 fields.2.name:validation_duplicated_field_name"),
        (
            json!({"indexes": ["CREATE UNIQUE INDEX one ON posts (title)"]}),
            "400 indexes.0:validation_invalid_index_expression",
        ),
        (json!({"indexes": ["bad"]}), "400 indexes.0:validation_invalid_index_expression"),
        (
            json!({"indexes": ["CREATE INDEX idx_mfas_collectionRef_recordRef ON posts (title)"]}),
            "400 indexes.0:validation_existing_index_name",
        ),
    ] {
        let found = refusal(backend.update("posts", body.clone()));
        assert!(found == expected || expected.is_empty() && found.starts_with("400 "), "{body}: {found}");
    }
    assert_eq!(refusal(backend.update("nowhere", json!({}))), "404");
    assert_eq!(backend.get("posts")["fields"], before["fields"]);
    assert_eq!(indexes(&backend), r#"Text("by_title")"#);
}

#[test]
fn options_of_accounts_are_merged_and_secrets_kept() {
    let backend = Backend::new();
    let update = |body: Json| backend.update("users", body);
    let secret =
        || backend.sql("SELECT options ->> '$.authToken.secret' FROM _collections WHERE name = 'users'");
    let shown = backend.get("users");
    let before = secret();
    let after = update(json!({"authToken": {"duration": 77}, "otp": {"enabled": true}})).unwrap();
    assert_ne!(shown["authToken"], after["authToken"]);
    assert_eq!(after["authToken"], json!({"duration": 77}));
    assert_eq!((&after["otp"]["enabled"], &after["otp"]["length"]), (&json!(true), &json!(8)));
    assert_eq!(secret(), before);
    assert_eq!(update(json!({"indexes": []})).unwrap()["indexes"].as_array().unwrap().len(), 2);

    let google = json!({"name": "google", "clientId": "a", "clientSecret": "hush"});
    update(json!({"oauth2": {"providers": [google]}})).unwrap();
    let again = json!({"oauth2": {"enabled": true, "providers": [{"name": "google", "clientId": "b"}]}});
    let shown = update(again).unwrap();
    assert!(!shown.to_string().contains("hush"));
    let stored = backend.sql(
        "SELECT options ->> '$.oauth2.providers[0].clientSecret' FROM _collections WHERE name = 'users'",
    );
    assert_eq!(format!("{stored:?}"), r#"[[Text("hush")]]"#);
}

#[test]
fn another_rule_for_signing_in_ends_every_session() {
    let backend = Backend::new();
    backend.list(&superuser(), "").unwrap();
    let secrets = || {
        let secret = |token| format!("options ->> '$.{token}.secret'");
        let sql = format!(
            "SELECT {}, {} FROM _collections WHERE name = 'users'",
            secret("authToken"),
            secret("fileToken")
        );
        backend.sql(&sql).remove(0)
    };
    let first = secrets();
    for body in [
        json!({"authRule": null}),
        json!({"authRule": ""}),
        json!({"manageRule": "id = ''", "mfa": {"enabled": false}, "passwordAuth": {"enabled": false}}),
    ] {
        backend.update("users", body.clone()).unwrap();
        assert_eq!(secrets(), first, "{body}");
    }
    let mut before = first.clone();
    for body in [
        json!({"authRule": "verified = true"}),
        json!({"authRule": "id != ''", "authToken": {"secret": "y".repeat(40)}}),
        json!({"authRule": null}),
    ] {
        backend.update("users", body.clone()).unwrap();
        let after = secrets();
        assert_ne!(after[0], before[0], "{body}");
        assert_ne!(after[0], Value::from("y".repeat(40)), "{body}");
        assert_eq!(after[1], first[1], "{body}");
        before = after;
    }
}

#[test]
fn collections_of_the_system_keep_their_names_and_rules() {
    let backend = Backend::new();
    for (name, body, expected) in [
        ("_mfas", json!({"name": "mfas"}), "400 name:validation_collection_system_name_change"),
        ("_mfas", json!({"listRule": ""}), "400 listRule:validation_collection_system_rule_change"),
        ("_superusers", json!({"authRule": null}), "400 authRule:validation_collection_system_rule_change"),
    ] {
        assert_eq!(refusal(backend.update(name, body)), expected);
    }
    let superusers = json!({"passwordAuth": {"enabled": false}, "oauth2": {"enabled": true}, "authToken": {"duration": 1000}});
    let superusers = backend.update("_superusers", superusers).unwrap();
    assert_eq!(superusers["passwordAuth"]["enabled"], true);
    assert_eq!(superusers["oauth2"]["enabled"], false);
    assert_eq!(superusers["authToken"]["duration"], 1000);
}

#[test]
fn the_query_of_a_view_stays_while_its_rules_change() {
    let backend = backend();
    let view = json!({"name": "v", "type": "view", "viewQuery": "select id, title from posts"});
    let view = backend.create(&superuser(), view).unwrap();
    let after = backend.update("v", json!({"listRule": "title != ''", "fields": []})).unwrap();
    assert_eq!(after["fields"], view["fields"]);
    let other =
        backend.update("v", json!({"viewQuery": "select id, stars from posts", "listRule": "stars > 1"}));
    assert_eq!(other.unwrap()["fields"][1]["name"], "stars");
}
