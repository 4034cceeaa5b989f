//! `/api/collections/:collection/records/:id/history`

use backspin_tests::start;
use serde_json::json;

const TASK: &str = "/api/collections/tasks/records/taskaaaaaaaaaaa";

#[test]
fn a_deleted_record_is_written_again_from_its_history() {
    let (_app, anon, root) = start();
    root.post("/api/collections", json!({"name": "tasks", "fields": [{"type": "text", "name": "title"}]}))
        .ok();
    root.post("/api/collections/tasks/records", json!({"id": "taskaaaaaaaaaaa", "title": "a"})).ok();
    root.patch(TASK, json!({"title": "b"})).ok();
    root.delete(TASK);
    let history = root.get(&format!("{TASK}/history")).ok();
    assert_eq!(history["items"][0]["action"], "delete");
    assert_eq!(history["items"][1]["changes"], json!({"title": {"from": "a", "to": "b"}}));
    let restore = format!("{TASK}/history/{}/restore", history["items"][2]["seq"]);
    anon.post(&restore, json!({})).refused_with(401);
    root.post(&restore, json!({"acceptedLosses": "all"})).refused_with(400);
    assert_eq!(root.post(&restore, json!({})).ok()["title"], "a");
    assert_eq!(root.get(TASK).ok()["title"], "a");
    anon.get(&format!("{TASK}/history")).refused_with(401);
    root.get("/api/collections/tasks/records/nothing/history").refused_with(404);
    root.post(&format!("{TASK}/history/999999/restore"), json!({})).refused_with(404);
}
