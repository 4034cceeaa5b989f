//! Which collections are listed, in which order, and what of each.

use backspin_collections as collections;
use backspin_collections::ListQuery;
use backspin_query::Fields;
use backspin_schema::{Caller, Page};
use futures::executor::block_on;
use serde_json::{Value as Json, json};

use crate::{Backend, caller, refusal, superuser};

#[test]
fn chosen_fields_are_all_that_is_shown() {
    let backend = Backend::new();
    let fields = Fields::parse("name,fields.name").unwrap();
    let page = Page { number: 1, size: 1, skip_total: true };
    let query = ListQuery { page, filter: "", sort: "-name", fields: &fields };
    let list = block_on(collections::list(&backend.app, &superuser(), query)).unwrap();
    let list: Json = serde_json::from_str(&list).unwrap();
    assert_eq!(list["totalItems"], -1);
    assert_eq!(list["items"][0]["name"], "users");
    assert_eq!(list["items"][0]["fields"][0], json!({"name": "id"}));
    assert_eq!(list["items"][0].as_object().unwrap().len(), 2);
    let picked = collections::pick(r#"{"id":"a","name":"b"}"#.to_owned(), &Fields::parse("id").unwrap());
    assert_eq!(picked.unwrap(), r#"{"id":"a"}"#);
}

#[test]
fn they_are_listed_in_every_order() {
    let backend = Backend::new();
    backend.create(&superuser(), json!({"name": "aaa"})).unwrap();
    assert_eq!(backend.list(&superuser(), "name").unwrap()[6], "users");
    assert_eq!(backend.list(&superuser(), "-system,name").unwrap()[5..], ["aaa", "users"]);
    assert_eq!(backend.list(&superuser(), "").unwrap()[6], "aaa");
    assert_eq!(refusal(backend.list(&superuser(), "nope")), "400");
    assert_eq!(refusal(backend.list(&superuser(), "listRule")), "400");
}

#[test]
fn a_filter_chooses_among_them() {
    let backend = Backend::new();
    backend.create(&superuser(), json!({"name": "movies"})).unwrap();
    let found = |filter: &str| backend.find(&superuser(), "name", filter).unwrap().join(" ");
    for (filter, names) in [
        ("name = 'users'", "users"),
        ("name ~ 'users'", "_superusers users"),
        ("type = 'auth'", "_superusers users"),
        ("system = false", "movies users"),
        ("system = false && (id ~ 'pbc_' || type = 'view')", "movies"),
        ("created <= @now && updated > '2026-01-02 03:04:06' && name != 'users'", ""),
        ("created > '2020' && system != true", "movies users"),
        ("name > 'n' // the last", "users"),
        ("'a' = 'b'", ""),
    ] {
        assert_eq!(found(filter), names, "{filter}");
    }
}

#[test]
fn what_is_no_column_or_no_filter_is_refused() {
    let backend = Backend::new();
    let long = format!("name = '{}'", "a".repeat(4000));
    for filter in [
        "listRule = null",
        "fields ~ 'email'",
        "options ~ 'secret'",
        "nope = 1",
        "name",
        "(",
        "  ",
        "name.a = 1",
        "rowid = 1",
        "@request.auth.id != ''",
        "@collection.users.id != ''",
        &long,
    ] {
        assert_eq!(refusal(backend.find(&superuser(), "", filter)), "400", "{filter}");
        assert_eq!(refusal(backend.find(&Caller::Guest, "", filter)), "401", "{filter}");
        assert_eq!(refusal(backend.find(&caller("_pb_users_auth_"), "", filter)), "403", "{filter}");
    }
    for sort in ["fields", "name,", "--name", "@request.method", "id,id,id,id,id,id,id,id,id"] {
        assert_eq!(refusal(backend.find(&superuser(), sort, "")), "400", "{sort}");
    }
}

#[test]
fn pages_are_counted_over_what_is_found() {
    let backend = Backend::new();
    let page = |number, skip_total| {
        let page = Page { number, size: 2, skip_total };
        let query = ListQuery { page, filter: "system = true", sort: "name", fields: &Fields::default() };
        let list = block_on(collections::list(&backend.app, &superuser(), query)).unwrap();
        let list: Json = serde_json::from_str(&list).unwrap();
        let names: Vec<Json> =
            list["items"].as_array().unwrap().iter().map(|it| it["name"].clone()).collect();
        json!([names, list["page"], list["perPage"], list["totalItems"], list["totalPages"]])
    };
    assert_eq!(page(1, false), json!([["_authOrigins", "_externalAuths"], 1, 2, 5, 3]));
    assert_eq!(page(3, false), json!([["_superusers"], 3, 2, 5, 3]));
    assert_eq!(page(4, true), json!([[], 4, 2, -1, -1]));
    assert_eq!(page(i64::MAX, false), json!([[], i64::MAX, 2, 5, 3]));
}

#[test]
fn a_list_shows_what_another_instance_has_made() {
    let backend = Backend::new();
    assert_eq!(backend.list(&superuser(), "").unwrap().len(), 6);
    let other = crate::connect(&backend.folder, 2);
    let body = json!({"name": "movies"}).as_object().unwrap().clone();
    block_on(collections::create(&other, &superuser(), body)).unwrap();
    assert_eq!(backend.list(&superuser(), "").unwrap()[6], "movies");
    assert_eq!(backend.find(&superuser(), "", "name = 'movies'").unwrap(), ["movies"]);
}
