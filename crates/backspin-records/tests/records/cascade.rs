//! What becomes of the records that refer to a deleted one.

use backspin_schema::Caller;
use serde_json::{Value as Json, json};

use crate::shop::relation;
use crate::{Backend, refusal, superuser};

/// `parents`, and `children` that refer to them.
fn family(max_select: i64, options: Json) -> Backend {
    let backend = Backend::empty();
    backend.open_collection("parents", json!({}), vec![json!({"name": "name", "type": "text"})]);
    let updated = json!({"name": "updated", "type": "autodate", "onCreate": true, "onUpdate": true});
    let parent = relation("parent", "parents", max_select, options);
    backend.open_collection("children", json!({}), vec![parent, updated]);
    backend
}

fn parent(backend: &Backend, id: &str) -> Json {
    backend.view(&superuser(), "children", id).unwrap()["parent"].clone()
}

#[test]
fn an_id_is_taken_out_of_what_refers_to_it() {
    let backend = family(1, json!({}));
    let (a, b) = (backend.new_id("parents", json!({})), backend.new_id("parents", json!({})));
    let (of_a, of_b) =
        (backend.new_id("children", json!({"parent": a})), backend.new_id("children", json!({"parent": b})));
    backend.app.env().advance_ms(1000);
    backend.delete(&Caller::Guest, "parents", &a).unwrap();
    assert_eq!((parent(&backend, &of_a), parent(&backend, &of_b)), (json!(""), json!(b)));
    let child = backend.view(&superuser(), "children", &of_a).unwrap();
    assert_eq!(child["updated"], json!("2026-01-02 03:04:06.678Z"));
}

#[test]
fn an_id_is_taken_out_of_lists_and_the_rest_stays_in_order() {
    let backend = family(5, json!({"required": true, "minSelect": 2}));
    let ids: Vec<String> = (0..3).map(|_| backend.new_id("parents", json!({}))).collect();
    let child = backend.new_id("children", json!({"parent": ids}));
    backend.delete(&Caller::Guest, "parents", &ids[1]).unwrap();
    assert_eq!(parent(&backend, &child), json!([ids[0], ids[2]]));
    backend.delete(&Caller::Guest, "parents", &ids[0]).unwrap();
    assert_eq!(refusal(backend.delete(&Caller::Guest, "parents", &ids[2])), "400");
    assert_eq!(parent(&backend, &child), json!([ids[2]]));
}

#[test]
fn a_required_relation_holds_its_record() {
    let backend = family(1, json!({"required": true}));
    let id = backend.new_id("parents", json!({}));
    let child = backend.new_id("children", json!({"parent": id}));
    assert_eq!(refusal(backend.delete(&Caller::Guest, "parents", &id)), "400");
    assert_eq!(parent(&backend, &child), json!(id));
    backend.delete(&Caller::Guest, "children", &child).unwrap();
    backend.delete(&Caller::Guest, "parents", &id).unwrap();
}

#[test]
fn records_go_with_the_one_they_hang_on() {
    let backend = family(1, json!({"required": true, "cascadeDelete": true}));
    let id = backend.new_id("parents", json!({}));
    let other = backend.new_id("parents", json!({}));
    backend.new_id("children", json!({"parent": id}));
    let stays = backend.new_id("children", json!({"parent": other}));
    backend.delete(&Caller::Guest, "parents", &id).unwrap();
    assert_eq!(backend.text("SELECT group_concat(id) FROM children"), stays);
}

#[test]
fn records_that_hang_on_several_go_with_the_last() {
    let backend = family(5, json!({"cascadeDelete": true}));
    let (a, b) = (backend.new_id("parents", json!({})), backend.new_id("parents", json!({})));
    let child = backend.new_id("children", json!({"parent": [a, b]}));
    let free = backend.new_id("children", json!({}));
    backend.delete(&Caller::Guest, "parents", &a).unwrap();
    assert_eq!(parent(&backend, &child), json!([b]));
    backend.delete(&Caller::Guest, "parents", &b).unwrap();
    assert_eq!(backend.text("SELECT group_concat(id) FROM children"), free);
}

#[test]
fn lists_that_raw_sql_has_stored_are_read_for_what_they_are() {
    let backend = family(5, json!({}));
    let id = backend.new_id("parents", json!({}));
    let list = backend.new_id("children", json!({"parent": [id]}));
    backend.sql(&format!("INSERT INTO children (id, parent) VALUES ('single', '{id}'), ('broken', '[')"));
    backend.delete(&Caller::Guest, "parents", &id).unwrap();
    let stored = |id: &str| backend.text(&format!("SELECT parent FROM children WHERE id = '{id}'"));
    assert_eq!([stored(&list), stored("single"), stored("broken")], ["[]", "[]", "["]);
}

#[test]
fn a_relation_that_may_be_empty_once_is_not_emptied_twice() {
    let backend = family(1, json!({}));
    backend.sql("CREATE UNIQUE INDEX one_child ON children (parent)");
    let ids: Vec<String> = (0..2).map(|_| backend.new_id("parents", json!({}))).collect();
    ids.iter().for_each(|id| drop(backend.new_id("children", json!({"parent": id}))));
    backend.delete(&Caller::Guest, "parents", &ids[0]).unwrap();
    assert_eq!(refusal(backend.delete(&Caller::Guest, "parents", &ids[1])), "400");
    backend.view(&superuser(), "parents", &ids[1]).unwrap();
}

/// `nodes` that hang on one another.
fn tree(max_select: i64) -> Backend {
    let backend = Backend::empty();
    let parent = relation("parent", "nodes", max_select, json!({"cascadeDelete": true}));
    backend.open_collection("nodes", json!({}), vec![parent]);
    backend
}

#[test]
fn a_tree_goes_with_its_root_and_the_statements_grow_with_its_levels_only() {
    let backend = tree(1);
    let root = backend.new_id("nodes", json!({}));
    for _ in 0..20 {
        let child = backend.new_id("nodes", json!({"parent": root}));
        (0..3).for_each(|_| drop(backend.new_id("nodes", json!({"parent": child}))));
    }
    let other = backend.new_id("nodes", json!({}));
    backend.app.database().take();
    backend.delete(&Caller::Guest, "nodes", &root).unwrap();
    assert!(backend.app.database().take().len() <= 6);
    assert_eq!(backend.text("SELECT group_concat(id) FROM nodes"), other);
}

#[test]
fn circles_end() {
    for max_select in [1, 5] {
        let backend = tree(max_select);
        let (a, b) = (backend.new_id("nodes", json!({})), backend.new_id("nodes", json!({})));
        backend.update(&Caller::Guest, ("nodes", &a), json!({"parent": b})).unwrap();
        backend.update(&Caller::Guest, ("nodes", &b), json!({"parent": a})).unwrap();
        let own = backend.new_id("nodes", json!({}));
        backend.update(&Caller::Guest, ("nodes", &own), json!({"parent": own})).unwrap();
        backend.delete(&Caller::Guest, "nodes", &a).unwrap();
        assert_eq!(backend.text("SELECT group_concat(id) FROM nodes"), own);
        backend.delete(&Caller::Guest, "nodes", &own).unwrap();
        assert_eq!(backend.sql("SELECT count(*) FROM nodes"), [[0_i64.into()]]);
    }
}

#[test]
fn a_deletion_that_is_refused_further_down_changes_nothing() {
    let backend = family(1, json!({"cascadeDelete": true}));
    let child = relation("child", "children", 1, json!({"required": true}));
    backend.open_collection("toys", json!({}), vec![child]);
    let parent = backend.new_id("parents", json!({}));
    let child = backend.new_id("children", json!({"parent": parent}));
    let toy = backend.new_id("toys", json!({"child": child}));
    assert_eq!(refusal(backend.delete(&Caller::Guest, "parents", &parent)), "400");
    assert_eq!(backend.view(&superuser(), "children", &child).unwrap()["parent"], json!(parent));
    backend.delete(&Caller::Guest, "toys", &toy).unwrap();
    backend.delete(&Caller::Guest, "parents", &parent).unwrap();
    assert_eq!(backend.sql("SELECT count(*) FROM children"), [[0_i64.into()]]);
}

#[test]
fn a_record_that_goes_too_holds_nothing() {
    let backend = family(1, json!({"cascadeDelete": true}));
    let (child, owner) = (
        relation("child", "children", 1, json!({"required": true})),
        relation("owner", "parents", 1, json!({"cascadeDelete": true})),
    );
    backend.open_collection("toys", json!({}), vec![child, owner]);
    let parent = backend.new_id("parents", json!({}));
    let child = backend.new_id("children", json!({"parent": parent}));
    backend.new_id("toys", json!({"child": child, "owner": parent}));
    backend.delete(&Caller::Guest, "parents", &parent).unwrap();
    assert_eq!(backend.sql("SELECT count(*) FROM toys"), [[0_i64.into()]]);
}

#[test]
fn what_the_system_keeps_of_an_account_goes_with_it() {
    let backend = Backend::empty();
    let password = json!({"email": "a@b.co", "password": "12345678", "passwordConfirm": "12345678"});
    let account = backend.new_id("users", password);
    for (table, column) in [("_mfas", "method"), ("_otps", "password"), ("_authOrigins", "fingerprint")] {
        for (id, record) in [("one", account.as_str()), ("two", "another")] {
            backend.sql(&format!(
                "INSERT INTO {table} (id, collectionRef, recordRef, {column})
                 VALUES ('{id}', '_pb_users_auth_', '{record}', 'x')"
            ));
        }
    }
    backend.delete(&superuser(), "users", &account).unwrap();
    for table in ["_mfas", "_otps", "_authOrigins"] {
        assert_eq!(backend.text(&format!("SELECT group_concat(id) FROM {table}")), "two");
    }
}
