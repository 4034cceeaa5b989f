//! `GET /api/collections`

use backspin_tests::{expect, start};
use serde_json::{Value, json};

#[test]
fn pages_are_sorted_and_counted() {
    let (_app, _anon, root) = start();
    for name in ["b", "a", "c"] {
        root.post("/api/collections", json!({"name": name})).ok();
    }
    let names = |query: &str| {
        let list = root.get(&format!("/api/collections?{query}")).ok();
        list["items"].as_array().unwrap().iter().map(|one| one["name"].clone()).collect::<Vec<Value>>()
    };
    let all = names("sort=name&perPage=100");
    assert_eq!(all.iter().filter(|name| ["a", "b", "c"].contains(&name.as_str().unwrap())).count(), 3);
    let mut backwards = names("sort=-name&perPage=100");
    backwards.reverse();
    assert_eq!(backwards, all);
    assert_eq!(names("sort=name&page=2&perPage=2"), all[2..4]);

    let list = root.get("/api/collections?perPage=2&sort=name").ok();
    assert_eq!((list["perPage"].as_u64(), list["totalItems"].as_u64()), (Some(2), Some(all.len() as u64)));
    let list = root.get("/api/collections?perPage=2&skipTotal=1").ok();
    assert_eq!((list["totalPages"].as_i64(), list["totalItems"].as_i64()), (Some(-1), Some(-1)));
}

#[test]
fn nobody_is_refused() {
    let (_app, anon, _root) = start();
    anon.get("/api/collections").check(expect![[r#"
        401 {
          "data": {},
          "message": "The request requires valid record authorization token.",
          "status": 401
        }"#]]);
}

#[test]
fn numbers_that_are_none_are_refused() {
    let (_app, _anon, root) = start();
    for query in ["page=x", "perPage=1.5", "page=99999999999999999999"] {
        assert_eq!(root.get(&format!("/api/collections?{query}")).refused_with(400), [""; 0], "{query}");
    }
}

#[test]
fn a_filter_chooses_among_them_and_names_what_it_does_not_know() {
    let (_app, anon, root) = start();
    let of = |filter: &str| root.get(&format!("/api/collections?fields=name&sort=name&filter={filter}"));
    assert_eq!(of("type='auth'").ok()["items"], json!([{"name": "_superusers"}, {"name": "users"}]));
    assert_eq!(of("name='users'%20%26%26%20system=true").ok()["totalItems"], 0);
    for filter in ["nope=1", "fields~'a'", "(", "@request.auth.id!=''"] {
        assert_eq!(of(filter).refused_with(400), [""; 0], "{filter}");
        let filter = format!("/api/collections?filter={filter}");
        assert_eq!(anon.get(&filter).refused_with(401), [""; 0], "{filter}");
    }
}
