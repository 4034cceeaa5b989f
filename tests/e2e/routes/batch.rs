//! `POST /api/batch`

use backspin_tests::{Client, expect, start};
use serde_json::{Value, json};
use ureq::http::Method;

const BATCH: &str = "/api/batch";
const TASKS: &str = "/api/collections/tasks/records";
const TASK: &str = "taskaaaaaaaaaaa";

/// Allows batches, and makes something to write to.
fn create_tasks(root: &Client) {
    root.patch("/api/settings", json!({"batch": {"enabled": true}})).ok();
    let open = json!({
        "name": "tasks",
        "listRule": "", "viewRule": "", "createRule": "", "updateRule": "", "deleteRule": "",
        "fields": [
            {"type": "text", "name": "title", "required": true},
            {"type": "number", "name": "rank", "max": 10},
        ],
    });
    root.post("/api/collections", open).ok();
    root.post("/api/collections", json!({"name": "secrets", "fields": [{"type": "text", "name": "x"}]})).ok();
}

fn create(title: &str) -> Value {
    json!({"method": "POST", "url": TASKS, "body": {"title": title}})
}

fn count(client: &Client) -> Value {
    client.get(TASKS).ok()["totalItems"].clone()
}

#[test]
fn every_kind_of_write_is_done_in_its_order() {
    let (_app, anon, root) = start();
    create_tasks(&root);
    let of_task = format!("{TASKS}/{TASK}");
    let requests = json!([
        {"method": "PUT", "url": TASKS, "body": {"id": TASK, "title": "made"}},
        {"method": "PUT", "url": TASKS, "body": {"id": TASK, "rank": 2}},
        {"method": "PATCH", "url": of_task, "body": {"title": "changed"}},
        {"method": "DELETE", "url": of_task},
        create("last"),
    ]);
    anon.post(BATCH, json!({ "requests": requests })).check(expect![[r#"
        200 [
          {
            "body": {
              "collectionId": "pbc_2602490748",
              "collectionName": "tasks",
              "id": "[id]",
              "rank": 0,
              "title": "made"
            },
            "status": 200
          },
          {
            "body": {
              "collectionId": "pbc_2602490748",
              "collectionName": "tasks",
              "id": "[id]",
              "rank": 2,
              "title": "made"
            },
            "status": 200
          },
          {
            "body": {
              "collectionId": "pbc_2602490748",
              "collectionName": "tasks",
              "id": "[id]",
              "rank": 2,
              "title": "changed"
            },
            "status": 200
          },
          {
            "body": null,
            "status": 204
          },
          {
            "body": {
              "collectionId": "pbc_2602490748",
              "collectionName": "tasks",
              "id": "[id]",
              "rank": 0,
              "title": "last"
            },
            "status": 200
          }
        ]"#]]);
    assert_eq!(count(&anon), 1);
}

#[test]
fn one_failure_undoes_all() {
    let (_app, anon, root) = start();
    create_tasks(&root);
    let wrong = json!({"method": "POST", "url": TASKS, "body": {"rank": 11}});
    let requests = json!([create("a"), create("b"), wrong, create("c"), wrong]);
    anon.post(BATCH, json!({ "requests": requests })).check(expect![[r#"
        400 {
          "data": {
            "requests": {
              "2": {
                "code": "batch_request_failed",
                "message": "Batch request failed.",
                "response": {
                  "data": {
                    "rank": {
                      "code": "validation_max_number_constraint",
                      "message": "Must be less or equal than 10.",
                      "params": {
                        "max": 10
                      }
                    },
                    "title": {
                      "code": "validation_required",
                      "message": "Cannot be blank."
                    }
                  },
                  "message": "Failed to create record.",
                  "status": 400
                }
              }
            }
          },
          "message": "Batch transaction failed.",
          "status": 400
        }"#]]);
    assert_eq!(count(&anon), 0);
}

#[test]
fn a_batch_may_no_more_than_its_sender() {
    let (_app, anon, root) = start();
    create_tasks(&root);
    let secret = |headers: Value| {
        let url = "/api/collections/secrets/records";
        json!({"method": "POST", "url": url, "headers": headers, "body": {"x": "1"}})
    };
    let as_root = json!({"Authorization": root.token().unwrap()});
    for headers in [json!({}), as_root] {
        let reply = anon.post(BATCH, json!({"requests": [create("a"), secret(headers)]}));
        assert_eq!(reply.json()["data"]["requests"]["1"]["response"]["status"], 403);
        assert_eq!(reply.refused_with(400), ["requests: ?"]);
    }
    assert_eq!(count(&anon), 0);
    root.post(BATCH, json!({"requests": [create("a"), secret(json!({}))]})).ok();
    assert_eq!(count(&anon), 1);
}

#[test]
fn a_form_may_carry_the_batch_and_no_files_yet() {
    let (_app, anon, root) = start();
    create_tasks(&root);
    let headers = [("content-type", "multipart/form-data; boundary=edge")];
    let batch = json!({"requests": [create("a")]});
    let payload =
        format!("--edge\r\nContent-Disposition: form-data; name=\"@jsonPayload\"\r\n\r\n{batch}\r\n");
    let file = "--edge\r\nContent-Disposition: form-data; name=\"requests.0.doc\"; filename=\"a.txt\"\r\n\r\nhello\r\n";
    anon.send(Method::POST, BATCH, &headers, format!("{payload}{file}--edge--")).refused_with(501);
    assert_eq!(count(&anon), 0);
    anon.send(Method::POST, BATCH, &headers, format!("{payload}--edge--")).ok();
    assert_eq!(count(&anon), 1);
}

#[test]
fn what_is_no_batch_is_refused() {
    let (_app, anon, root) = start();
    create_tasks(&root);
    for empty in [json!({}), json!({"requests": []}), json!({"requests": null})] {
        assert_eq!(anon.post(BATCH, empty).refused_with(400), ["requests: validation_required"]);
    }
    let many = json!({"requests": vec![create("a"); 51]});
    assert_eq!(anon.post(BATCH, many).refused_with(400), ["requests: validation_length_too_long"]);
    for broken in [json!([]), json!({"requests": {}}), json!({"requests": ["a"]})] {
        assert_eq!(anon.post(BATCH, broken).refused_with(400), [""; 0]);
    }
    anon.get(BATCH).refused_with(404);
    anon.delete(BATCH).refused_with(404);
    assert_eq!(count(&anon), 0);
}

#[test]
fn the_settings_say_whether_and_how_large() {
    let (_app, anon, root) = start();
    anon.post(BATCH, json!({})).check(expect![[r#"
        403 {
          "data": {},
          "message": "Batch requests are not allowed.",
          "status": 403
        }"#]]);
    create_tasks(&root);
    root.patch("/api/settings", json!({"batch": {"maxRequests": 2}})).ok();
    let three = json!({"requests": vec![create("a"); 3]});
    assert_eq!(anon.post(BATCH, three.clone()).refused_with(400), ["requests: validation_length_too_long"]);
    root.patch("/api/settings", json!({"batch": {"maxRequests": 60, "maxBodySize": 100}})).ok();
    assert_eq!(anon.post(BATCH, three.clone()).refused_with(413), [""; 0]);
    root.patch("/api/settings", json!({"batch": {"maxBodySize": 0}})).ok();
    anon.post(BATCH, json!({"requests": vec![create("a"); 60]})).ok();
    root.patch("/api/settings", json!({"batch": {"enabled": false}})).ok();
    assert_eq!(anon.post(BATCH, three).refused_with(403), [""; 0]);
    assert_eq!(count(&anon), 60);
}

#[test]
fn batches_that_come_at_once_are_each_whole() {
    let (_app, anon, root) = start();
    create_tasks(&root);
    std::thread::scope(|scope| {
        for batch in 0..8 {
            let anon = &anon;
            scope.spawn(move || {
                let requests: Vec<Value> = (0..20).map(|_| create(&batch.to_string())).collect();
                anon.post(BATCH, json!({ "requests": requests })).ok();
            });
        }
    });
    let list = anon.get(&format!("{TASKS}?perPage=200&sort=@rowid")).ok();
    let titles: Vec<&str> =
        list["items"].as_array().unwrap().iter().filter_map(|task| task["title"].as_str()).collect();
    assert_eq!(titles.len(), 160);
    assert!(titles.chunks(20).all(|batch| batch.iter().all(|title| *title == batch[0])), "{titles:?}");
}
