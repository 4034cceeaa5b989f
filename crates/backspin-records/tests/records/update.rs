use backspin_schema::Caller;
use serde_json::json;

use crate::{Backend, alice, refusal, superuser};

const ALIEN: (&str, &str) = ("movies", "abcdefghijklmno");

fn with_alien() -> Backend {
    let backend = Backend::new();
    let body = json!({"id": ALIEN.1, "title": "Alien", "rating": 8, "meta": [1]});
    backend.create(&superuser(), "movies", body).unwrap();
    backend.app.database().take();
    backend
}

#[test]
fn only_the_given_fields_change_and_the_date_of_the_update() {
    let backend = with_alien();
    backend.app.env().advance_ms(1000);
    let record =
        backend.update(&Caller::Guest, ALIEN, json!({"rating": 9, "created": "x", "nope": 1})).unwrap();
    assert_eq!(
        (&record["title"], &record["rating"], &record["meta"]),
        (&json!("Alien"), &json!(9), &json!([1]))
    );
    assert_eq!(record["created"], json!("2026-01-02 03:04:05.678Z"));
    assert_eq!(record["updated"], json!("2026-01-02 03:04:06.678Z"));
    assert_eq!(backend.app.database().take().len(), 1);
}

#[test]
fn an_empty_body_touches_the_record() {
    let backend = with_alien();
    backend.app.env().advance_ms(1000);
    let record = backend.update(&Caller::Guest, ALIEN, json!({})).unwrap();
    assert_eq!(record["updated"], json!("2026-01-02 03:04:06.678Z"));
    let note = backend.create(&superuser(), "notes", json!({"text": "a"})).unwrap();
    let path = ("notes", note["id"].as_str().unwrap());
    assert_eq!(backend.update(&superuser(), path, json!({})).unwrap(), note);
}

#[test]
fn bad_input_is_refused_with_its_code_and_changes_nothing() {
    let backend = with_alien();
    let before = backend.view(&superuser(), ALIEN.0, ALIEN.1).unwrap();
    let update = |body| refusal(backend.update(&Caller::Guest, ALIEN, body));
    assert_eq!(update(json!({"title": ""})), "400 title:validation_required");
    assert_eq!(update(json!({"title": null, "rating": 2})), "400 title:validation_required");
    assert_eq!(update(json!({"rating": 11})), "400 rating:validation_max_number_constraint");
    assert_eq!(update(json!({"id": "bbbbbbbbbbbbbbb"})), "400 id:validation_pk_change");
    backend.create(&superuser(), "movies", json!({"title": "Aliens"})).unwrap();
    assert_eq!(update(json!({"title": "Aliens"})), "400 title:validation_not_unique");
    assert_eq!(backend.view(&superuser(), ALIEN.0, ALIEN.1).unwrap(), before);
}

#[test]
fn a_record_that_does_not_exist_is_not_found_whatever_the_body() {
    let backend = with_alien();
    let update = |body| refusal(backend.update(&Caller::Guest, ("movies", "nothing"), body));
    assert_eq!(update(json!({"rating": 1})), "404");
    assert_eq!(update(json!({"title": ""})), "404");
}

#[test]
fn what_the_rule_does_not_allow_is_refused() {
    let backend = with_alien();
    let note = backend.create(&superuser(), "notes", json!({"text": "mine"})).unwrap();
    let path = ("notes", note["id"].as_str().unwrap());
    for caller in [Caller::Guest, alice()] {
        assert_eq!(refusal(backend.update(&caller, path, json!({"text": "yours"}))), "403");
    }
    assert_eq!(backend.view(&superuser(), path.0, path.1).unwrap(), note);
}

/// `title` is 1 to 5 long and required, `n` at most 50, `place` required: as they became after records were stored.
fn tightened() -> Backend {
    let backend = Backend::empty();
    let title = json!({"name": "title", "type": "text", "required": true, "min": 2, "max": 5});
    let n = json!({"name": "n", "type": "number", "max": 50});
    let place = json!({"name": "place", "type": "geoPoint", "required": true});
    backend.open_collection(
        "spots",
        json!({}),
        vec![title, n, place, json!({"name": "note", "type": "text"})],
    );
    backend
}

#[test]
fn what_is_stored_must_fit_too_though_it_does_not_change() {
    let backend = tightened();
    backend.sql("INSERT INTO spots (id, title, n) VALUES ('one', '', 0), ('two', 'too long', 99)");
    let update = |id, body| refusal(backend.update(&Caller::Guest, ("spots", id), body));
    assert_eq!(
        update("one", json!({"note": "x"})),
        "400 place:validation_required title:validation_required"
    );
    assert_eq!(
        update("two", json!({"place": {"lon": 1, "lat": 2}})),
        "400 n:validation_max_number_constraint title:validation_max_text_constraint"
    );
    let body = json!({"title": "fine", "n": 1, "place": {"lon": 1, "lat": 2}});
    backend.update(&Caller::Guest, ("spots", "two"), body).unwrap();
    backend.update(&Caller::Guest, ("spots", "two"), json!({"note": "x"})).unwrap();
}

#[test]
fn what_raw_sql_has_stored_keeps_nobody_from_writing() {
    let backend = tightened();
    let body = json!({"title": "a\u{0}bcd", "place": {"lon": 1, "lat": 2}});
    let id = backend.new_id("spots", body);
    backend.sql("UPDATE spots SET n = 'text'");
    let updated = backend.update(&Caller::Guest, ("spots", &id), json!({"note": "x"})).unwrap();
    assert_eq!(updated["note"], json!("x"));
    backend.sql("UPDATE spots SET place = '{broken'");
    let update = |body| refusal(backend.update(&Caller::Guest, ("spots", &id), body));
    assert_eq!(update(json!({"note": "y"})), "400 place:validation_required");
}
