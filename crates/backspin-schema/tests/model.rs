//! The models read and write PocketBase's JSON without changing it.

use backspin_schema::{Collection, Field, Schema};
use serde_json::{Value, json};

/// One field of each type, as PocketBase 0.40 returns them.
fn fields_of_every_type() -> Value {
    json!([
        {"autogeneratePattern": "[a-z0-9]{15}", "help": "", "hidden": false, "id": "text3208210256", "max": 15, "min": 15, "name": "id", "pattern": "^[a-z0-9]+$", "presentable": false, "primaryKey": true, "required": true, "system": true, "type": "text"},
        {"help": "how many", "hidden": false, "id": "number1", "max": 3, "min": null, "name": "number1", "onlyInt": false, "presentable": false, "required": false, "system": false, "type": "number"},
        {"help": "", "hidden": false, "id": "number2", "max": null, "min": -0.5, "name": "number2", "onlyInt": false, "presentable": false, "required": false, "system": false, "type": "number"},
        {"help": "", "hidden": false, "id": "bool1", "name": "bool1", "presentable": false, "required": false, "system": false, "type": "bool"},
        {"exceptDomains": [], "help": "", "hidden": false, "id": "email1", "name": "email1", "onlyDomains": ["example.com"], "presentable": false, "required": false, "system": false, "type": "email"},
        {"exceptDomains": [], "help": "", "hidden": false, "id": "url1", "name": "url1", "onlyDomains": [], "presentable": false, "required": false, "system": false, "type": "url"},
        {"convertURLs": false, "help": "", "hidden": false, "id": "editor1", "maxSize": 0, "name": "editor1", "presentable": false, "required": false, "system": false, "type": "editor"},
        {"help": "", "hidden": false, "id": "date1", "max": "", "min": "", "name": "date1", "presentable": false, "required": false, "system": false, "type": "date"},
        {"hidden": false, "id": "autodate1", "name": "autodate1", "onCreate": true, "onUpdate": false, "presentable": false, "system": false, "type": "autodate"},
        {"help": "", "hidden": false, "id": "select1", "maxSelect": 0, "name": "select1", "presentable": false, "required": false, "system": false, "type": "select", "values": ["a", "b"]},
        {"cascadeDelete": false, "collectionId": "_pb_users_auth_", "help": "", "hidden": false, "id": "relation1", "maxSelect": 1, "minSelect": 0, "name": "relation1", "presentable": false, "required": false, "system": false, "type": "relation"},
        {"help": "", "hidden": false, "id": "file1", "maxSelect": 2, "maxSize": 0, "mimeTypes": [], "name": "file1", "presentable": false, "protected": false, "required": false, "system": false, "thumbs": [], "type": "file"},
        {"help": "", "hidden": false, "id": "json1", "maxSize": 0, "name": "json1", "presentable": false, "required": false, "system": false, "type": "json"},
        {"cost": 0, "help": "", "hidden": true, "id": "password1", "max": 0, "min": 8, "name": "password1", "pattern": "", "presentable": false, "required": false, "system": false, "type": "password"},
        {"help": "", "hidden": false, "id": "geoPoint1", "name": "geoPoint1", "presentable": false, "required": false, "system": false, "type": "geoPoint"}
    ])
}

fn auth_collection() -> Value {
    let template = json!({"subject": "S", "body": "B"});
    json!({
        "id": "_pb_users_auth_", "listRule": "id = @request.auth.id", "viewRule": null,
        "createRule": "", "updateRule": null, "deleteRule": null, "name": "users", "type": "auth",
        "fields": fields_of_every_type(),
        "indexes": ["CREATE UNIQUE INDEX `i` ON `users` (`email1`)"],
        "created": "2026-11-22 07:43:17.856Z", "updated": "2026-11-22 07:43:17.864Z",
        "system": false, "authRule": null, "manageRule": null,
        "authAlert": {"enabled": true, "emailTemplate": template},
        "oauth2": {
            "providers": [{"pkce": null, "name": "google", "clientId": "x", "clientSecret": "hush", "authURL": "", "tokenURL": "", "userInfoURL": "", "displayName": "", "extra": {"a": 1}}],
            "mappedFields": {"id": "", "name": "name", "username": "", "avatarURL": "avatar"},
            "enabled": true
        },
        "passwordAuth": {"enabled": true, "identityFields": ["email"]},
        "mfa": {"enabled": false, "duration": 600, "rule": ""},
        "otp": {"enabled": false, "duration": 180, "length": 8, "emailTemplate": template},
        "authToken": {"secret": "hush", "duration": 432000},
        "passwordResetToken": {"secret": "hush", "duration": 1800},
        "emailChangeToken": {"secret": "hush", "duration": 1800},
        "verificationToken": {"secret": "hush", "duration": 86400},
        "fileToken": {"secret": "hush", "duration": 180},
        "verificationTemplate": template, "resetPasswordTemplate": template,
        "confirmEmailChangeTemplate": template
    })
}

fn parse(json: Value) -> Collection {
    serde_json::from_value(json).expect("a valid collection")
}

#[test]
fn collections_of_every_type_keep_their_json() {
    let view = json!({
        "id": "pbc_1", "listRule": null, "viewRule": null, "createRule": null, "updateRule": null,
        "deleteRule": null, "name": "v", "type": "view", "fields": [], "indexes": [],
        "created": "", "updated": "", "system": false, "viewQuery": "SELECT id FROM users"
    });
    let mut base = view.clone();
    base["type"] = json!("base");
    base.as_object_mut().expect("an object").remove("viewQuery");
    base["fields"] = fields_of_every_type();
    for json in [auth_collection(), view, base] {
        let collection = parse(json.clone());
        assert_eq!(serde_json::to_value(&collection).expect("JSON"), json);
    }
}

#[test]
fn clients_never_get_secrets() {
    let collection = parse(auth_collection());
    let public = serde_json::to_string(&collection.without_secrets()).expect("JSON");
    assert!(!public.contains("hush") && !public.contains("ecret"), "{public}");
    assert!(public.contains("432000"));
}

#[test]
fn absent_and_null_options_take_their_defaults() {
    let field: Field =
        serde_json::from_value(json!({"name": "t", "type": "text", "max": null, "nonsense": 1}))
            .expect("a field");
    assert_eq!(field.zero_value(), json!(""));
    let auth = parse(json!({"name": "people", "type": "auth"}));
    let options = auth.auth().expect("auth options");
    assert_eq!(options.auth_rule.as_deref(), Some(""));
    assert_eq!(options.auth_token.duration, 432_000);
    let auth = parse(json!({"name": "people", "type": "auth", "authRule": null}));
    assert_eq!(auth.auth().expect("auth options").auth_rule, None);
}

#[test]
fn unknown_types_and_wrong_options_are_errors_that_say_what() {
    let error = serde_json::from_value::<Field>(json!({"name": "x", "type": "nope"}));
    let message = error.expect_err("unknown type").to_string();
    assert!(message.contains("`nope`") && message.contains("`geoPoint`"), "{message}");
    for wrong in [json!({"name": "x", "type": "text", "max": "3"}), json!({"name": "x"}), json!([])] {
        assert!(serde_json::from_value::<Field>(wrong).is_err());
    }
    assert!(serde_json::from_value::<Collection>(json!({"name": "x", "type": "nope"})).is_err());
}

#[test]
fn lists_and_zero_values_follow_the_type() {
    let collection = parse(auth_collection());
    let zero = |name: &str| collection.find_field(name).expect("a field").zero_value();
    assert_eq!(zero("number1"), json!(0));
    assert_eq!(zero("bool1"), json!(false));
    assert_eq!(zero("relation1"), json!(""));
    assert_eq!(zero("file1"), json!([]));
    assert_eq!(zero("json1"), Value::Null);
    assert_eq!(zero("geoPoint1"), json!({"lon": 0, "lat": 0}));
    assert!(collection.find_field_by_id("file1").expect("a field").is_multiple());
    assert!(collection.fields[0].is_primary_key());
}

#[test]
fn a_schema_finds_collections_by_id_and_by_name_in_any_case() {
    let schema = Schema::new(vec![parse(auth_collection())]);
    assert!(schema.find("USERS").is_some_and(Collection::is_auth));
    assert!(schema.find("_pb_users_auth_").is_some());
    assert!(schema.find("_PB_users_auth_").is_none());
}
