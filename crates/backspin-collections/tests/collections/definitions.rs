//! Collections of every type of field, their options, and rules with conditions. Every code was seen at
//! PocketBase.

use serde_json::{Value as Json, json};

use crate::{Backend, refusal, superuser};

/// What becomes of a collection with this one field `f`, without `fields.1.` before each part.
fn field(backend: &Backend, mut field: Json) -> String {
    field["name"] = json!("f");
    match backend.create(&superuser(), json!({"name": "a", "fields": [field]})) {
        Ok(_) => {
            backend.delete(&superuser(), "a").unwrap();
            "ok".to_owned()
        }
        error => refusal(error).replace("fields.1.", ""),
    }
}

#[test]
fn options_of_every_type_are_checked() {
    let backend = Backend::new();
    let relation = |more: Json| {
        let mut field = json!({"type": "relation", "collectionId": "_pb_users_auth_"});
        field.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        field
    };
    let (low, high) =
        ("validation_min_greater_equal_than_required", "validation_max_less_equal_than_required");
    for (options, expected) in [
        (json!({"type": "select"}), "400 values:validation_required"),
        (json!({"type": "select", "values": ["a"], "maxSelect": 2}), &format!("400 maxSelect:{high}")),
        (json!({"type": "select", "values": ["a"], "maxSelect": -1}), &format!("400 maxSelect:{low}")),
        (json!({"type": "select", "values": ["a", ""], "maxSelect": 2}), "ok"),
        (json!({"type": "select", "values": [1]}), "400"),
        (json!({"type": "relation"}), "400 collectionId:validation_required"),
        (
            relation(json!({"collectionId": "users"})),
            "400 collectionId:validation_field_relation_missing_collection",
        ),
        (relation(json!({"minSelect": -1})), &format!("400 minSelect:{low}")),
        (relation(json!({"minSelect": 1})), "400 maxSelect:validation_required"),
        (relation(json!({"minSelect": 3, "maxSelect": 2})), &format!("400 maxSelect:{low}")),
        (relation(json!({"minSelect": 1, "maxSelect": 2})), "ok"),
        (
            json!({"type": "email", "onlyDomains": ["a.b"], "exceptDomains": ["c.d"]}),
            "400 exceptDomains:validation_empty onlyDomains:validation_empty",
        ),
        (
            json!({"type": "url", "onlyDomains": ["A.b", "x y", "", "1.2"]}),
            "400 onlyDomains.1:validation_is_domain onlyDomains.3:validation_is_domain",
        ),
        (json!({"type": "editor", "maxSize": -1}), &format!("400 maxSize:{low}")),
        (json!({"type": "json", "maxSize": 9_007_199_254_740_992_i64}), &format!("400 maxSize:{high}")),
        (
            json!({"type": "file", "maxSelect": -1, "maxSize": -1}),
            &format!("400 maxSelect:{low} maxSize:{low}"),
        ),
        (
            json!({"type": "file", "thumbs": ["100x100", "0x50f", "0x0", "1x1z", ""]}),
            "400 thumbs.2:validation_not_in_invalid thumbs.3:validation_match_invalid",
        ),
        (json!({"type": "password", "min": 72}), &format!("400 min:{high}")),
        (json!({"type": "password", "min": 10, "max": 5}), &format!("400 max:{low}")),
        (json!({"type": "password", "cost": 3}), &format!("400 cost:{low}")),
        (json!({"type": "password", "pattern": "["}), "400 pattern:validation_invalid_regex"),
        (json!({"type": "date", "min": "x", "max": "2019-01-01"}), "ok"),
        (json!({"type": "geoPoint", "required": true}), "ok"),
        (json!({"type": "autodate"}), "400 onCreate:validation_required onUpdate:validation_required"),
        (json!({"type": "text", "help": "x".repeat(301)}), "400 help:validation_length_out_of_range"),
        (json!({"type": "text", "id": "x".repeat(101)}), "400 id:validation_length_out_of_range"),
        (
            json!({"type": "text", "primaryKey": true}),
            "400 fields.0.primaryKey:validation_unsupported_composite_pk name:validation_in_invalid \
             pattern:validation_required primaryKey:validation_unsupported_composite_pk \
             required:validation_required",
        ),
        (
            json!({"type": "text", "autogeneratePattern": "[a-z]{5}", "max": 3}),
            "400 autogeneratePattern:validation_invalid_autogenerate_pattern_value",
        ),
    ] {
        assert_eq!(field(&backend, options.clone()), expected, "{options}");
    }
}

#[test]
fn a_collection_may_refer_to_itself() {
    let backend = Backend::new();
    let parent = json!({"name": "parent", "type": "relation", "collectionId": "tree"});
    backend.create(&superuser(), json!({"name": "nodes", "id": "tree", "fields": [parent]})).unwrap();
    backend.delete(&superuser(), "nodes").unwrap();
}

#[test]
fn only_views_refer_to_views() {
    let backend = Backend::new();
    let view = json!({"name": "v", "id": "v", "type": "view", "viewQuery": "select id from users"});
    backend.create(&superuser(), view).unwrap();
    let relation = json!({"type": "relation", "collectionId": "v"});
    let expected = "400 collectionId:validation_relation_field_non_view_base_collection";
    assert_eq!(field(&backend, relation), expected);
}

#[test]
fn rules_are_filters_that_fit_the_new_schema() {
    let backend = Backend::new();
    let fields = json!([
        {"name": "title", "type": "text"},
        {"name": "author", "type": "relation", "collectionId": "_pb_users_auth_"},
    ]);
    for rule in [
        "title = 1",
        "author.name = 'x' && title != ''",
        "@request.auth.id != '' && @request.body.title:isset = true",
        "@collection.users.id ?= id // a comment",
        "@request.auth.nothing = 1",
    ] {
        let body = json!({"name": "a", "fields": fields, "listRule": rule, "createRule": rule});
        backend.create(&superuser(), body).unwrap();
        backend.delete(&superuser(), "a").unwrap();
    }
    for rule in
        ["nope = 1", "author.nope = 1", "title =", "(", "title", "t:nope = 1", "@collection.no.id = 1", " "]
    {
        let body = json!({"name": "a", "fields": fields, "viewRule": rule, "deleteRule": rule});
        let expected = "400 deleteRule:validation_invalid_rule viewRule:validation_invalid_rule";
        assert_eq!(refusal(backend.create(&superuser(), body)), expected, "{rule}");
    }
}

#[test]
fn the_field_id_stays_where_it_is_put() {
    let backend = Backend::new();
    let fields = json!([{"name": "t", "type": "text"}, {"name": "id", "type": "text", "hidden": true}]);
    let collection = backend.create(&superuser(), json!({"name": "a", "fields": fields})).unwrap();
    assert_eq!(collection["fields"][1]["name"], "id");
    assert_eq!(collection["fields"][1]["hidden"], false);
    let fields = json!([{"name": "t", "type": "text", "id": "text3208210256"}]);
    let result = backend.create(&superuser(), json!({"name": "b", "fields": fields}));
    assert_eq!(refusal(result), "400 fields:validation_missing_primary_key");
}

#[test]
fn null_clears_an_option_and_leaves_a_type() {
    let backend = Backend::new();
    let people = json!({"name": "people", "type": "auth", "passwordAuth": null, "authRule": null});
    let people = backend.create(&superuser(), people).unwrap();
    assert_eq!(people["passwordAuth"], json!({"enabled": false, "identityFields": []}));
    assert_eq!(people["authRule"], json!(null));
    for (body, told) in [
        (json!({"name": null}), "400 name:validation_required"),
        (json!({"authToken": {"duration": null}}), "400 authToken.duration:validation_required"),
        (json!({"fields": [null]}), "400"),
        (json!({"fields": [{"name": "a", "type": 1}]}), "400"),
        (json!({"authToken": []}), "400"),
        (json!({"created": 1}), "400"),
        (json!({"id": null}), "404"),
    ] {
        assert_eq!(refusal(backend.update("people", body.clone())), told, "{body}");
    }
    for kind in [json!(null), json!(""), json!("auth")] {
        assert_eq!(backend.update("people", json!({"type": kind})).unwrap()["type"], "auth");
    }
    let values = json!([{"name": "a", "type": "select", "values": ["x", null]}]);
    let made = backend.create(&superuser(), json!({"name": "blanks", "fields": values})).unwrap();
    assert_eq!(made["fields"][1]["values"], json!(["x", ""]));
}

#[test]
fn fields_and_collections_keep_out_of_each_others_names() {
    let backend = Backend::new();
    let fields = |fields| json!({"name": "t", "fields": fields});
    for (body, told) in [
        (
            fields(
                json!([{"id": "x", "name": "a", "type": "text"}, {"id": "y", "name": "a", "type": "text"}]),
            ),
            "400 fields.2.name:validation_duplicated_field_name",
        ),
        (json!({"name": "_pb_users_auth_"}), "400 name:validation_collection_name_id_duplicate"),
        (json!({"name": "_changes"}), "400 name:validation_collection_name_invalid"),
        (json!({"name": "_outbox"}), "400 name:validation_collection_name_invalid"),
    ] {
        assert_eq!(refusal(backend.create(&superuser(), body.clone())), told, "{body}");
    }
    let same_id = json!([{"id": "x", "name": "a", "type": "text"}, {"id": "x", "name": "b", "type": "text"}]);
    let made = backend.create(&superuser(), fields(same_id)).unwrap();
    assert_eq!(made["fields"].as_array().unwrap().len(), 2);
    assert_eq!(made["fields"][1]["name"], "b");
}

#[test]
fn superusers_who_sign_in_by_code_need_their_password_too() {
    let backend = Backend::new();
    let superusers = backend.update("_superusers", json!({"otp": {"enabled": true}})).unwrap();
    assert_eq!(superusers["mfa"]["enabled"], true);
}
