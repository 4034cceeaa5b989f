//! What a client may subscribe to, and who may do so for it.

use super::*;

const NOT_THE_SAME: &str = "The current and the previous request authorization don't match.";

fn told(result: Result<()>) -> String {
    match result {
        Ok(()) => "ok".to_owned(),
        Err(error) => format!("{} {}", error.status(), serde_json::to_value(error.envelope()).unwrap()),
    }
}

#[track_caller]
fn check(body: Json, expected: &str) {
    let backend = Backend::new();
    let form: Subscriptions = serde_json::from_value(body).unwrap();
    let told = told(block_on(subscribe(&backend.app, &Caller::Guest, &form)));
    assert!(told.contains(expected), "{told:.300}");
}

#[test]
fn bodies_are_refused_in_pocketbases_words() {
    let blank = r#""clientId":{"code":"validation_required","message":"Cannot be blank."}"#;
    check(json!({}), blank);
    check(json!({"clientId": null, "subscriptions": null}), blank);
    let length = r#"{"clientId":{"code":"validation_length_out_of_range","message":"The length must be between 1 and 255.","params":{"max":255,"min":1}}}"#;
    check(json!({"clientId": "é".repeat(128)}), length);
    let many = r#""subscriptions":{"code":"validation_length_too_long","message":"The length must be no more than 1000.","params":{"max":1000,"min":0}}"#;
    check(json!({"clientId": "x", "subscriptions": vec!["@oauth2"; 1001]}), many);
    let long = r#""subscriptions":{"1":{"code":"validation_length_too_long","message":"The length must be no more than 2500.","params":{"max":2500,"min":0}}}"#;
    check(json!({"clientId": "x", "subscriptions": ["@oauth2", "é".repeat(1251)]}), long);
    let unknown = "404 {\"data\":{},\"message\":\"Missing or invalid client id.\"";
    check(json!({"clientId": "a".repeat(255), "subscriptions": vec!["@oauth2"; 1000]}), unknown);
    check(json!({"clientId": "x", "subscriptions": ["", null]}), unknown);
}

#[test]
fn changes_of_records_are_not_promised() {
    let backend = Backend::new();
    let client = backend.waiting();
    for topics in [&["posts/*"][..], &["@oauth2", "posts/abc?options=x"]] {
        let told = told(backend.subscribe(&Caller::Guest, client.id(), topics));
        assert!(told.starts_with("501") && told.contains("@oauth2"), "{told}");
    }
    assert_eq!(backend.land(client.id(), "1", ""), Landing::Success, "what was subscribed before stays");
}

#[test]
fn the_set_is_replaced() {
    let backend = Backend::new();
    let client = backend.waiting();
    backend.subscribe(&Caller::Guest, client.id(), &[]).unwrap();
    assert_eq!(backend.land(client.id(), "1", ""), Landing::Failure);
}

#[test]
fn a_client_belongs_to_the_first_who_subscribes_with_a_token() {
    let backend = Backend::new();
    let client = backend.connect();
    let id = client.id();
    let (ann, ben) = (user("ann"), user("ben"));
    assert_eq!(told(backend.subscribe(&Caller::Guest, id, &[])), "ok");
    assert_eq!(told(backend.subscribe(&ann, id, &["@oauth2"])), "ok");
    assert_eq!(told(backend.subscribe(&ann, id, &["@oauth2"])), "ok");
    let Caller::Record(mut namesake) = user("ann") else { unreachable!("a user is a record") };
    namesake.collection_id = "pbc_1".to_owned();
    for other in [&Caller::Guest, &ben, &Caller::Record(namesake)] {
        let told = told(backend.subscribe(other, id, &[]));
        assert!(told.starts_with("403") && told.contains(NOT_THE_SAME), "{told}");
    }
    assert_eq!(backend.land(id, "1", ""), Landing::Success, "nobody has taken the subscription away");
}

#[test]
fn to_subscribe_is_one_statement() {
    let backend = Backend::new();
    let client = backend.connect();
    backend.app.database().take();
    backend.subscribe(&Caller::Guest, client.id(), &["@oauth2"]).unwrap();
    assert_eq!(backend.app.database().take().len(), 1);
}
