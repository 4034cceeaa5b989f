//! The text of a file.

use backspin_schema::Collection;
use backspin_schema::collection::CollectionKind;
use backspin_schema_files::{described, read, to_body, to_text};
use expect_test::{Expect, expect};
use serde_json::json;

use crate::collections::{MOVIES, collection, movies};

fn check(collection: &Collection, expected: Expect) {
    let text = to_text(collection).unwrap();
    expected.assert_eq(&text);
    assert_eq!(read("x.json".as_ref(), text.as_bytes()).unwrap(), described(collection));
}

#[test]
fn rules_are_always_written_and_defaults_never() {
    assert_eq!(to_text(&movies()).unwrap(), MOVIES);
    assert_eq!(read("x.json".as_ref(), MOVIES.as_bytes()).unwrap(), movies());
}

#[test]
fn secrets_and_times_are_not_written() {
    let mut people = collection(json!({
        "id": "pbc_2", "name": "people", "type": "auth",
        "authRule": null,
        "otp": { "enabled": true, "length": 6 },
        "oauth2": { "enabled": true, "providers": [{ "name": "google", "clientId": "me", "extra": { "a": 1 } }] },
    }));
    people.created = "2026-01-01 00:00:00.000Z".to_owned();
    if let CollectionKind::Auth(options) = &mut people.kind {
        options.fill_secrets(|| "very-secret".to_owned());
        options.oauth2.providers[0].client_secret = "very-secret".to_owned();
    }
    check(
        &people,
        expect![[r#"
            {
              "id": "pbc_2",
              "name": "people",
              "type": "auth",
              "listRule": null,
              "viewRule": null,
              "createRule": null,
              "updateRule": null,
              "deleteRule": null,
              "authRule": null,
              "manageRule": null,
              "oauth2": {
                "providers": [
                  {
                    "pkce": null,
                    "name": "google",
                    "clientId": "me",
                    "authURL": "",
                    "tokenURL": "",
                    "userInfoURL": "",
                    "displayName": "",
                    "extra": {
                      "a": 1
                    }
                  }
                ],
                "enabled": true
              },
              "otp": {
                "enabled": true,
                "length": 6
              }
            }
        "#]],
    );
}

#[test]
fn a_view_is_its_query_and_who_may_read_it() {
    check(
        &collection(json!({
            "id": "pbc_3", "name": "years", "type": "view", "listRule": "",
            "viewQuery": "SELECT id,\n  year FROM movies",
            "fields": [{ "id": "_clone_1", "name": "year", "type": "number" }],
        })),
        expect![[r#"
            {
              "id": "pbc_3",
              "name": "years",
              "type": "view",
              "viewQuery": "SELECT id,\n  year FROM movies",
              "listRule": "",
              "viewRule": null
            }
        "#]],
    );
}

#[test]
fn the_server_is_told_every_option_and_no_empty_id() {
    let new = collection(json!({
        "name": "notes", "type": "base", "fields": [{ "name": "text", "type": "text" }]
    }));
    let body = to_body(&new).unwrap();
    assert!(body.get("id").is_none() && body.get("created").is_none());
    assert_eq!(body["listRule"], json!(null));
    assert_eq!(body["indexes"], json!([]));
    assert_eq!(
        body["fields"],
        json!([{ "name": "text", "type": "text", "min": 0, "max": 0, "pattern": "", "autogeneratePattern": "",
                 "primaryKey": false, "help": "", "hidden": false, "presentable": false, "required": false,
                 "system": false }])
    );
    let view = collection(json!({ "name": "v", "type": "view", "viewQuery": "SELECT id FROM notes" }));
    assert!(to_body(&view).unwrap().get("fields").is_none());
}
