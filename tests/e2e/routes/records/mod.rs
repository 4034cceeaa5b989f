//! `/api/collections/{collection}/records`

mod create;
mod delete;
mod forms;
mod history;
mod list;
mod update;
mod view;

use backspin_tests::Client;
use serde_json::{Value, json};

const POSTS: &str = "/api/collections/posts/records";
const OPEN: [&str; 5] = ["listRule", "viewRule", "createRule", "updateRule", "deleteRule"];

/// Makes the collection `posts` with these rules open to everybody, the others closed.
fn create_posts(root: &Client, open: &[&str]) {
    let mut definition = json!({
        "name": "posts",
        "fields": [
            {"type": "text", "name": "title", "required": true, "max": 20},
            {"type": "number", "name": "rank", "max": 100},
            {"type": "bool", "name": "published"},
            {"type": "json", "name": "extra"},
            {"type": "date", "name": "due"},
            {"type": "autodate", "name": "created", "onCreate": true},
            {"type": "autodate", "name": "updated", "onCreate": true, "onUpdate": true},
        ],
    });
    for rule in open {
        definition[*rule] = json!("");
    }
    root.post("/api/collections", definition).ok();
}

/// The path of a record.
fn path_of(record: &Value) -> String {
    format!("{POSTS}/{}", record["id"].as_str().unwrap())
}
