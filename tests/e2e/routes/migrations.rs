//! `/api/migrations`, `…/plan`, `…/apply`, `…/revert` and `…/forget`

use backspin_tests::start;
use serde_json::{Value as Json, json};

const PATH: &str = "/api/migrations";

fn movies(fields: Json) -> Json {
    json!({"collections": [{"name": "movies", "fields": fields}]})
}

#[test]
fn a_change_is_seen_before_it_is_made_and_taken_back_afterwards() {
    let (_app, _anon, root) = start();
    let fields = json!([{"name": "title", "type": "text"}, {"name": "year", "type": "number"}]);
    let before = root.post("/api/collections", json!({"name": "movies", "fields": fields})).ok();
    root.post("/api/collections/movies/records", json!({"title": "M", "year": 1931})).ok();

    let mut change = movies(json!([{"name": "title", "type": "text"}]));
    let plan = root.post("/api/migrations/plan", change.clone()).ok();
    let step = &plan["steps"][0];
    assert_eq!((&step["kind"], &step["target"]), (&json!("dropField"), &json!("movies.year")));
    assert_eq!((&step["rows"], &step["lost"]), (&json!(1), &json!(1)));
    assert_eq!(root.get("/api/collections/movies").ok(), before);

    change["fingerprint"] = plan["fingerprint"].clone();
    let refused = root.post("/api/migrations/apply", change.clone());
    assert_eq!(refused.refused_with(400), ["movies.year: validation_data_loss"]);
    change["acceptedLosses"] = json!(["movies.year"]);
    let applied = root.post("/api/migrations/apply", change.clone()).ok();
    assert_eq!(applied["number"], 2);
    assert_eq!(root.post("/api/migrations/apply", change).refused_with(409), [""; 0]);
    let history = root.get(PATH).ok();
    assert_eq!((&history["totalItems"], &history["items"][0]), (&json!(2), &applied));
    let numbers = root.get(&format!("{PATH}?fields=number")).ok();
    assert_eq!(numbers["items"], json!([{"number": 2}, {"number": 1}]));

    root.post("/api/migrations/revert", json!({})).ok();
    assert_eq!(root.get("/api/collections/movies").ok(), before);
    let list = root.get("/api/collections/movies/records?fields=year").ok();
    assert_eq!(list["items"], json!([{"year": 1931}]));
}

#[test]
fn what_was_taken_away_can_be_forgotten() {
    let (_app, _anon, root) = start();
    root.post("/api/collections", json!({"name": "movies"})).ok();
    root.post("/api/collections/movies/records", json!({})).ok();
    root.delete("/api/collections/movies").ok();
    assert_eq!(root.post("/api/migrations/forget", json!({"before": 2})).refused_with(404), [""; 0]);
    root.post("/api/migrations/forget", json!({"before": 3})).ok();
    assert_eq!(root.post("/api/migrations/forget", json!({"number": 2})).refused_with(404), [""; 0]);
    assert_eq!(root.post("/api/migrations/revert", json!({})).refused_with(409), [""; 0]);
}

#[test]
fn bad_input_is_refused_at_each_door() {
    let (_app, anon, root) = start();
    let post = |action: &str, body: Json| root.post(&format!("{PATH}/{action}"), body);
    assert_eq!(post("plan", json!({})).refused_with(400), ["collections: validation_required"]);
    assert_eq!(post("apply", movies(json!([]))).refused_with(400), ["fingerprint: validation_required"]);
    assert_eq!(
        post("revert", json!({"number": "x"})).refused_with(400),
        ["number: validation_invalid_value"]
    );
    assert_eq!(post("forget", json!({})).refused_with(400), ["number: validation_required"]);
    assert_eq!(post("revert", json!({})).refused_with(404), [""; 0]);
    assert_eq!(post("elsewhere", json!({})).refused_with(404), [""; 0]);
    assert_eq!(anon.get(PATH).refused_with(401), [""; 0]);
    for action in ["plan", "apply", "revert", "forget"] {
        assert_eq!(anon.post(&format!("{PATH}/{action}"), json!({})).refused_with(401), [""; 0]);
    }
}
