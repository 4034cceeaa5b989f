//! Who may write what: rules over the proposed record, the stored one and the body.

use backspin_schema::Caller;
use serde_json::{Value as Json, json};

use crate::shop::relation;
use crate::{Backend, alice, refusal, superuser};

fn fields() -> Vec<Json> {
    vec![
        json!({"name": "role", "type": "text"}),
        json!({"name": "code", "type": "text", "autogeneratePattern": "[a-z]{5}"}),
        json!({"name": "n", "type": "number", "max": 50}),
        json!({"name": "sizes", "type": "select", "values": ["s", "m"], "maxSelect": 3}),
        json!({"name": "meta", "type": "json"}),
        json!({"name": "day", "type": "date"}),
        json!({"name": "done", "type": "bool"}),
        json!({"name": "secret", "type": "text", "hidden": true}),
        relation("tag", "tags", 1, json!({})),
        json!({"name": "created", "type": "autodate", "onCreate": true}),
    ]
}

fn backend(rules: Json) -> Backend {
    let backend = Backend::empty();
    backend.open_collection("tags", json!({}), vec![json!({"name": "name", "type": "text"})]);
    backend.open_collection("tasks", rules, fields());
    backend
}

#[track_caller]
fn check_create(rule: &str, body: Json, allowed: bool) {
    let created = backend(json!({"createRule": rule})).create(&Caller::Guest, "tasks", body.clone());
    assert_eq!(created.is_ok(), allowed, "{rule} {body}: {created:?}");
}

#[track_caller]
fn check_update(rule: &str, start: Json, body: Json, allowed: bool) {
    let backend = backend(json!({"updateRule": rule}));
    let id = backend.new_id("tasks", start);
    let updated = backend.update(&Caller::Guest, ("tasks", &id), body.clone());
    assert_eq!(updated.is_ok(), allowed, "{rule} {body}: {updated:?}");
}

#[test]
fn a_create_rule_sees_the_proposed_record() {
    check_create("n > 5", json!({"n": 6}), true);
    check_create("n > 5", json!({"n": 5}), false);
    check_create("n > 5", json!({"n+": 6}), true);
    check_create("role = 'a' && n > 1 || sizes:length = 2", json!({"sizes": ["s", "m"]}), true);
    check_create("sizes:each = 's'", json!({"sizes": ["s"]}), true);
    check_create("meta.a = 1", json!({"meta": "{\"a\":1}"}), true);
    check_create("id != ''", json!({}), true);
    check_create("id = 'aaaaaaaaaaaaaaa'", json!({"id": "aaaaaaaaaaaaaaa"}), true);
}

#[test]
fn a_create_rule_does_not_see_what_the_server_fills_in() {
    check_create("code = ''", json!({}), true);
    check_create("code = 'abc'", json!({"code": "abc"}), true);
    check_create("created = ''", json!({"created": "2020-01-01 00:00:00.000Z"}), true);
}

#[test]
fn rules_see_the_body_as_the_record_gets_it() {
    check_create("@request.body.n = 5", json!({"n+": 5}), true);
    check_create("@request.body.n:isset = true", json!({"n+": 5}), true);
    check_create("@request.body.n = '5'", json!({"n": "5"}), false);
    check_create("@request.body.role:isset = true", json!({"role:autogenerate": ""}), true);
    check_create("@request.body.role:changed = true", json!({"role": "a"}), false);
    check_create("@request.body.other = 5", json!({"other": 5}), true);
    check_create("@request.body.secret:isset = false && secret = ''", json!({"secret": "a"}), true);
    check_update("@request.body.n = 8", json!({"n": 3}), json!({"n+": 5}), true);
    check_update("@request.body.n:changed = true", json!({"n": 3}), json!({"n": "3"}), false);
    check_update("@request.body.n:changed = true", json!({"n": 3}), json!({"n+": 1}), true);
    check_update("@request.body.sizes:length = 2", json!({"sizes": ["s"]}), json!({"sizes+": "m"}), true);
    check_update(
        "@request.body.day = '2020-01-01 00:00:00.000Z'",
        json!({}),
        json!({"day": "2020-01-01"}),
        true,
    );
    check_update("@request.body.meta.a = 1", json!({}), json!({"meta": "{\"a\":1}"}), true);
    check_update("@request.body.done = true", json!({}), json!({"done": "true"}), true);
    check_update("@request.body.n = 0", json!({}), json!({"n": "abc"}), true);
    check_update("@request.body.id:isset = true", json!({}), json!({}), false);
    check_update("@request.body.other:isset = true", json!({}), json!({"other+": 1}), false);
}

#[test]
fn an_update_rule_sees_the_record_as_it_was() {
    check_update("n = 3", json!({"n": 3}), json!({"n": 8}), true);
    check_update("n = 8", json!({"n": 3}), json!({"n": 8}), false);
    check_update("n = 8", json!({"n": 3}), json!({"n+": 5}), false);
}

#[test]
fn what_a_rule_forbids_is_told_before_what_is_wrong_with_the_values() {
    let rules = json!({"createRule": "n > 5", "updateRule": "n > 5", "deleteRule": "n > 5"});
    let backend = backend(rules);
    let create = |body| refusal(backend.create(&Caller::Guest, "tasks", body));
    assert_eq!(create(json!({"n": 1, "id": "short"})), "400");
    assert_eq!(create(json!({"n": 99})), "400 n:validation_max_number_constraint");
    assert_eq!(create(json!({"n": 9, "tag": "x"})), "400 tag:validation_missing_rel_records");
    assert_eq!(
        create(json!({"n": 99, "tag": "x"})),
        "400 n:validation_max_number_constraint tag:validation_missing_rel_records"
    );
    let (low, high) = (backend.new_id("tasks", json!({"n": 1})), backend.new_id("tasks", json!({"n": 9})));
    let update = |id: &str, body| refusal(backend.update(&Caller::Guest, ("tasks", id), body));
    for body in [json!({"n": 99}), json!({"n": 9}), json!({"n+": 9}), json!({"tag": "x"}), json!({})] {
        assert_eq!(update(&low, body.clone()), "404");
        assert_eq!(update("nothing", body), "404");
    }
    assert_eq!(update(&high, json!({"n": 99})), "400 n:validation_max_number_constraint");
    assert_eq!(update(&high, json!({"tag": "x"})), "400 tag:validation_missing_rel_records");
    assert_eq!(refusal(backend.delete(&Caller::Guest, "tasks", &low)), "404");
    backend.delete(&Caller::Guest, "tasks", &high).unwrap();
}

#[test]
fn one_statement_writes_where_a_rule_allows_it() {
    let rules = json!({"createRule": "tag.name = 'red'", "updateRule": "tag.name = 'red'", "deleteRule": "tag.name = 'red'"});
    let backend = backend(rules);
    let tag = backend.new_id("tags", json!({"name": "red"}));
    let first = backend.create(&Caller::Guest, "tasks", json!({"tag": tag})).unwrap();
    backend.app.database().take();
    let task = backend.create(&Caller::Guest, "tasks", json!({"tag": tag})).unwrap();
    let path = ("tasks", task["id"].as_str().unwrap());
    backend.update(&Caller::Guest, path, json!({"n": 5, "tag": tag})).unwrap();
    backend.delete(&Caller::Guest, path.0, path.1).unwrap();
    assert_eq!(backend.app.database().take().len(), 3);
    backend.update(&superuser(), ("tags", &tag), json!({"name": "blue"})).unwrap();
    assert_eq!(refusal(backend.create(&Caller::Guest, "tasks", json!({"tag": tag}))), "400");
    let path = ("tasks", first["id"].as_str().unwrap());
    assert_eq!(refusal(backend.update(&Caller::Guest, path, json!({"n": 1}))), "404");
    assert_eq!(refusal(backend.delete(&Caller::Guest, path.0, path.1)), "404");
}

#[test]
fn only_superusers_set_hidden_fields() {
    let backend = backend(json!({}));
    for caller in [Caller::Guest, alice()] {
        let task =
            backend.create(&caller, "tasks", json!({"secret": "a", "secret:autogenerate": "b"})).unwrap();
        let path = ("tasks", task["id"].as_str().unwrap());
        backend.update(&caller, path, json!({"secret": "a"})).unwrap();
        assert_eq!(backend.view(&superuser(), path.0, path.1).unwrap()["secret"], json!(""));
        let updated = backend.update(&superuser(), path, json!({"secret": "a"})).unwrap();
        assert_eq!(updated["secret"], json!("a"));
    }
}

#[test]
fn the_records_of_a_view_are_not_written() {
    let backend = backend(json!({}));
    backend.insert_collection(json!({
        "id": "pbc_1", "name": "titles", "type": "view", "listRule": "", "viewRule": "", "indexes": [],
        "viewQuery": "SELECT id, role FROM tasks", "fields": [{"name": "id", "type": "text"}, {"name": "role", "type": "text"}],
    }));
    backend.set_collection("titles", "createRule = ''");
    let id = backend.new_id("tasks", json!({"role": "a"}));
    for caller in [Caller::Guest, superuser()] {
        assert_eq!(refusal(backend.create(&caller, "titles", json!({}))), "400");
        assert_eq!(refusal(backend.update(&caller, ("titles", &id), json!({"role": "b"}))), "400");
        assert_eq!(refusal(backend.delete(&caller, "titles", &id)), "400");
    }
    assert_eq!(backend.view(&superuser(), "tasks", &id).unwrap()["role"], json!("a"));
}
