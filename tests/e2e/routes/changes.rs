//! `/api/changes`

use backspin_tests::{Client, start};
use serde_json::{Value, json};

const CHANGES: &str = "/api/changes";
const TASKS: &str = "/api/collections/tasks/records";

fn create_tasks(root: &Client) {
    let open = json!({
        "name": "tasks",
        "listRule": "", "viewRule": "public = true", "createRule": "", "updateRule": "", "deleteRule": "",
        "fields": [{"type": "text", "name": "title"}, {"type": "bool", "name": "public"}],
    });
    root.post("/api/collections", open).ok();
}

fn titles(changes: &Value) -> Vec<Value> {
    let items = changes["items"].as_array().expect("a list").iter();
    items.map(|item| json!([item["action"], item["actor"], item["after"]["title"]])).collect()
}

#[test]
fn each_write_is_listed_with_who_did_it_for_those_who_may_see_it() {
    let (_app, anon, root) = start();
    create_tasks(&root);
    root.patch("/api/settings", json!({"batch": {"enabled": true}})).ok();
    let since = root.get(CHANGES).ok()["nextSince"].clone();
    let task = anon.post(TASKS, json!({"title": "a", "public": true})).ok();
    let task = format!("{TASKS}/{}", task["id"].as_str().expect("an id"));
    let batch =
        json!({"requests": [{"method": "PATCH", "url": task, "body": {"title": "b", "public": false}}]});
    anon.post("/api/batch", batch).ok();
    anon.delete(&task);
    let changes = root.get(&format!("{CHANGES}?since={since}")).ok();
    let expected =
        [json!(["create", "guest", "a"]), json!(["update", "guest", "b"]), json!(["delete", "guest", null])];
    assert_eq!(titles(&changes), expected);
    let seen = anon.get(&format!("{CHANGES}?since={since}")).ok();
    assert_eq!(titles(&seen), [json!(["create", null, "a"]), json!(["update", null, null])]);
    assert_eq!(seen["nextSince"], changes["nextSince"]);
    anon.get(&format!("{CHANGES}?since=1000000")).refused_with(409);
    anon.get(&format!("{CHANGES}?limit=0")).refused_with(400);
}

#[test]
fn a_collection_is_put_back_after_a_plan() {
    let (_app, anon, root) = start();
    create_tasks(&root);
    anon.post(TASKS, json!({"id": "taskaaaaaaaaaaa", "title": "good"})).ok();
    let well = root.get(CHANGES).ok()["nextSince"].clone();
    anon.patch(&format!("{TASKS}/taskaaaaaaaaaaa"), json!({"title": "defaced"})).ok();
    anon.post(TASKS, json!({"title": "spam"})).ok();
    let mut body = json!({"collections": ["tasks"], "to": well});
    let plan = root.post("/api/changes/restore/plan", body.clone()).ok();
    assert_eq!(plan["collections"], json!([{"name": "tasks", "created": 0, "changed": 1, "deleted": 1}]));
    body["fingerprint"] = plan["fingerprint"].clone();
    let refused = root.post("/api/changes/restore/apply", body.clone()).refused_with(400);
    assert_eq!(refused, ["tasks: validation_data_loss"]);
    body["acceptedLosses"] = json!(["tasks"]);
    root.post("/api/changes/restore/apply", body.clone()).ok();
    let tasks = root.get(TASKS).ok();
    assert_eq!((&tasks["totalItems"], &tasks["items"][0]["title"]), (&json!(1), &json!("good")));
    root.post("/api/changes/restore/apply", body.clone()).refused_with(409);
    root.post("/api/changes/restore", body.clone()).refused_with(409);
    let again = json!({"collections": ["tasks"], "to": well, "plan": true});
    body["fingerprint"] = root.post("/api/changes/restore", again).ok()["fingerprint"].clone();
    root.post("/api/changes/restore", body.clone()).ok();
    anon.post("/api/changes/restore", body.clone()).refused_with(401);
    anon.post("/api/changes/restore/plan", body).refused_with(401);
}

#[test]
fn how_much_is_kept_is_a_setting() {
    let (_app, anon, root) = start();
    let settings = "/api/changes/settings";
    assert_eq!(root.patch(settings, json!({"maxDays": 30})).ok()["maxDays"], 30);
    root.patch(settings, json!({"maxDays": -1})).refused_with(400);
    assert_eq!(root.get(settings).ok()["maxDays"], 30);
    anon.get(settings).refused_with(401);
    assert_eq!(root.post("/api/changes/compact", json!({})).ok(), json!({"removed": 0, "isDone": true}));
    anon.post("/api/changes/compact", json!({})).refused_with(401);
}
