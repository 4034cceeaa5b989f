//! Changes relative to what is stored, with the results of PocketBase.

use backspin_schema::Caller;
use serde_json::{Value as Json, json};

use crate::{Backend, refusal, superuser};

/// What `field` is after `body` has changed an item that began as `start`.
#[track_caller]
fn check(field: &str, start: Json, body: Json, expected: Json) {
    let backend = Backend::shop();
    let mut first = json!({"title": "t"});
    first.as_object_mut().unwrap().extend(start.as_object().unwrap().clone());
    let id = backend.new_id("items", first);
    let updated = backend.update(&Caller::Guest, ("items", &id), body.clone()).unwrap();
    assert_eq!(updated[field], expected, "{start} {body}");
}

#[test]
fn numbers_are_added_and_subtracted() {
    let of =
        |start: Json, body: Json, expected: Json| check("stock", json!({"stock": start}), body, expected);
    of(json!(3), json!({"stock+": 5}), json!(8));
    of(json!(3), json!({"stock+": 5, "stock-": 1}), json!(7));
    of(json!(3), json!({"stock+": 5, "stock": 10}), json!(15));
    of(json!(3), json!({"stock+": "5", "stock": "x"}), json!(5));
    of(json!(3), json!({"stock+": "x"}), json!(3));
    of(json!(3), json!({"stock+": true}), json!(4));
    of(json!(3), json!({"stock-": 3}), json!(0));
    of(json!(3), json!({"+stock": 3}), json!(3));
    of(json!(0.1), json!({"stock+": 0.2}), json!(0.30000000000000004));
}

#[test]
fn values_are_appended_prepended_and_removed() {
    let of =
        |start: Json, body: Json, expected: Json| check("sizes", json!({"sizes": start}), body, expected);
    of(json!(["s"]), json!({"sizes+": "m"}), json!(["s", "m"]));
    of(json!(["s"]), json!({"+sizes": "m"}), json!(["m", "s"]));
    of(json!(["s"]), json!({"sizes+": ["m", "s"]}), json!(["s", "m"]));
    of(json!(["s", "m"]), json!({"+sizes": ["l", "m"]}), json!(["l", "m", "s"]));
    of(json!(["s", "m", "l"]), json!({"sizes-": "m", "sizes+": "xl"}), json!(["s", "l", "xl"]));
    of(json!(["s"]), json!({"sizes+": "l", "sizes": ["m"]}), json!(["m", "l"]));
    of(json!(["s"]), json!({"sizes+": "[\"m\",\"l\"]"}), json!(["s", "m", "l"]));
    for nothing in [json!([]), json!(null), json!(""), json!({"x": 1})] {
        of(json!(["s"]), json!({"sizes+": nothing}), json!(["s"]));
    }
}

#[test]
fn of_a_field_for_one_value_the_last_stays() {
    let of = |start: Json, body: Json, expected: Json| check("size", json!({"size": start}), body, expected);
    of(json!("s"), json!({"size+": "m"}), json!("m"));
    of(json!("s"), json!({"+size": "m"}), json!("s"));
    of(json!("s"), json!({"size-": "s"}), json!(""));
    of(json!("s"), json!({"size-": ["m", "s"]}), json!(""));
    of(json!("s"), json!({"size-": "m"}), json!("s"));
    of(json!("s"), json!({"size+": ["m", "l"]}), json!("l"));
}

#[test]
fn texts_are_made_after_a_prefix() {
    let backend = Backend::shop();
    let body = json!({"title": "t", "code": "given", "code:autogenerate": "pre-"});
    let item = backend.create(&Caller::Guest, "items", body).unwrap();
    let code = item["code"].as_str().unwrap();
    assert!(code.starts_with("pre-") && code.len() == 9, "{code}");
    let path = ("items", item["id"].as_str().unwrap());
    let updated = backend.update(&Caller::Guest, path, json!({"code:autogenerate": ""})).unwrap();
    assert_eq!(updated["code"].as_str().unwrap().len(), 5);
    let updated = backend.update(&Caller::Guest, path, json!({"title:autogenerate": "new"})).unwrap();
    assert_eq!(updated["title"], json!("new"));
    assert_eq!(backend.update(&Caller::Guest, path, json!({"code": ""})).unwrap()["code"], json!(""));
}

#[test]
fn they_start_from_nothing_in_a_new_record() {
    let backend = Backend::shop();
    let body =
        json!({"title": "t", "stock-": 5, "sizes+": ["s", "m"], "+size": "l", "meta+": 1, "title+": "x"});
    let item = backend.create(&Caller::Guest, "items", body).unwrap();
    assert_eq!(
        (&item["stock"], &item["sizes"], &item["size"], &item["meta"], &item["title"]),
        (&json!(-5), &json!(["s", "m"]), &json!("l"), &Json::Null, &json!("t"))
    );
}

#[test]
fn what_comes_out_is_checked() {
    let backend = Backend::shop();
    let id = backend.new_id("items", json!({"title": "t", "stock": 3, "sizes": ["s", "m", "l"]}));
    let update = |body| refusal(backend.update(&Caller::Guest, ("items", &id), body));
    assert_eq!(update(json!({"stock+": 98})), "400 stock:validation_max_number_constraint");
    assert_eq!(update(json!({"stock+": "1e308", "stock-": "-1e308"})), "400 stock:validation_not_a_number");
    assert_eq!(update(json!({"sizes+": "xl"})), "400 sizes:validation_too_many_values");
    assert_eq!(update(json!({"sizes-": "s", "sizes+": "xxl"})), "400 sizes:validation_invalid_value");
    assert_eq!(update(json!({"tags+": "nothing"})), "400 tags:validation_missing_rel_records");
    assert_eq!(
        update(json!({"title:autogenerate": "0123456789"})),
        "400 title:validation_max_text_constraint"
    );
}

#[test]
fn they_cost_one_statement_more() {
    let backend = Backend::shop();
    let id = backend.new_id("items", json!({"title": "t"}));
    backend.app.database().take();
    backend.update(&superuser(), ("items", &id), json!({"stock+": 1})).unwrap();
    assert_eq!(backend.app.database().take().len(), 2);
}

#[test]
fn names_of_files_can_be_kept_and_removed_but_not_made_up() {
    let backend = Backend::shop();
    let id = backend.new_id("items", json!({"title": "t"}));
    backend.sql("UPDATE items SET photos = '[\"a.png\",\"b.png\"]'");
    let update = |body| backend.update(&Caller::Guest, ("items", &id), body);
    assert_eq!(refusal(update(json!({"photos+": "c.png"}))), "400 photos:validation_invalid_file");
    assert_eq!(refusal(update(json!({"photos": ["a.png", "c.png"]}))), "400 photos:validation_invalid_file");
    assert_eq!(update(json!({"photos": ["b.png", "a.png"]})).unwrap()["photos"], json!(["b.png", "a.png"]));
    assert_eq!(update(json!({"photos-": "a.png"})).unwrap()["photos"], json!(["b.png"]));
    assert_eq!(update(json!({"photos": ""})).unwrap()["photos"], json!([]));
    let create = |body| refusal(backend.create(&Caller::Guest, "items", body));
    assert_eq!(create(json!({"title": "t", "photos": "a.png"})), "400 photos:validation_invalid_file");
}
