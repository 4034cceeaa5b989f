//! The way of a code from the provider's page to the client that waits for it.

use backspin_oauth2::take_redirect_name;

use super::*;

#[test]
fn the_code_reaches_the_client_that_the_state_names_and_no_other() {
    let backend = Backend::new();
    let (one, other) = (backend.waiting(), backend.waiting());
    assert_eq!(backend.land(one.id(), "a\"b\n<é>&", ""), Landing::Success);
    let text = backend.read_for(&one, 5000);
    assert!(text.contains(&format!("id:{}\nevent:@oauth2\ndata:", one.id())), "{text}");
    let data = json!({ "state": one.id(), "code": "a\"b\n<é>&" });
    assert_eq!(messages(&text), [("@oauth2".to_owned(), data)]);
    assert_eq!(messages(&backend.read_for(&other, 5000)), []);
}

#[test]
fn a_code_that_comes_while_the_stream_goes_on_is_delivered_once() {
    let backend = Backend::new();
    let client = backend.waiting();
    let (env, other_instance) = (backend.app.env(), Board::default());
    let ((body, screen), (copy, copied)) = (backend.body(30_000), backend.body(30_000));
    let arrival = Arrival { state: client.id().to_owned(), code: "c0de".to_owned(), ..Arrival::default() };
    block_on(async {
        futures::join!(
            stream(&backend.app, &backend.board, &client, body),
            stream(&backend.app, &other_instance, &client, copy),
            async {
                env.sleep_ms(5000).await;
                assert_eq!(land(&backend.app, &arrival).await.unwrap(), Landing::Success);
            }
        )
    });
    let delivered = [messages(&screen.take()), messages(&copied.take())].concat();
    assert_eq!(delivered, [("@oauth2".to_owned(), json!({ "state": client.id(), "code": "c0de" }))]);
}

#[test]
fn a_subscription_is_good_for_one_message() {
    let backend = Backend::new();
    let client = backend.waiting();
    assert_eq!(backend.land(client.id(), "1", ""), Landing::Success);
    assert_eq!(backend.land(client.id(), "1", ""), Landing::Failure);
    backend.subscribe(&Caller::Guest, client.id(), &["@oauth2"]).unwrap();
    assert_eq!(backend.land(client.id(), "2", ""), Landing::Success);
    let codes: Vec<Json> =
        messages(&backend.read_for(&client, 5000)).iter().map(|(_, data)| data["code"].clone()).collect();
    assert_eq!(codes, [json!("1"), json!("2")]);
}

#[test]
fn an_error_of_the_provider_is_told_to_the_client() {
    for (code, error, data) in [
        ("", "access_denied", json!({"code": "", "error": "access_denied"})),
        ("7", "access_denied", json!({"code": "7", "error": "access_denied"})),
        ("", "", json!({"code": ""})),
    ] {
        let backend = Backend::new();
        let client = backend.waiting();
        assert_eq!(backend.land(client.id(), code, error), Landing::Failure);
        let told = messages(&backend.read_for(&client, 5000));
        let mut expected = data.clone();
        expected["state"] = json!(client.id());
        assert_eq!(told, [("@oauth2".to_owned(), expected)]);
    }
}

#[test]
fn whoever_waits_for_nothing_gets_nothing() {
    let backend = Backend::new();
    assert_eq!(backend.land("x", "1", ""), Landing::Failure, "nobody has ever connected");
    let client = backend.connect();
    let id = client.id();
    let long = "x".repeat(9000);
    let cased = id.to_ascii_lowercase();
    for (state, code, error) in
        [(id, "1", ""), ("", "1", ""), ("unknown", "1", ""), (&cased, "1", ""), (&long, "1", "")]
    {
        assert_eq!(backend.land(state, code, error), Landing::Failure);
    }
    backend.subscribe(&Caller::Guest, id, &["@oauth2?options=%7B%7D"]).unwrap();
    assert_eq!(backend.land(id, "1", ""), Landing::Failure, "with options it is another topic");
    backend.subscribe(&Caller::Guest, id, &["@oauth2"]).unwrap();
    assert_eq!(backend.land(id, &long, ""), Landing::Failure);
    assert_eq!(backend.land(id, "1", &long), Landing::Failure);
    assert_eq!(backend.count("_realtimeMessages"), 0);
    backend.app.database().take();
    assert_eq!(backend.land("unknown", "1", ""), Landing::Failure);
    assert_eq!(backend.app.database().take().len(), 1, "one read, and no turn at writing");
    assert_eq!(backend.land(id, "1", ""), Landing::Success, "what was too long has used up nothing");
}

#[test]
fn the_database_does_not_hold_what_a_stolen_copy_could_be_used_for() {
    let backend = Backend::new();
    let client = backend.waiting();
    let stored = format!("{:?}", backend.sql(r#"SELECT * FROM "_realtimeClients""#));
    assert!(!stored.contains(client.id()), "{stored}");
}

#[test]
fn targets_are_fixed_and_relative() {
    for landing in [Landing::Success, Landing::Failure] {
        assert!(landing.target().starts_with("../_/#/auth/oauth2-redirect-"), "{landing:?}");
    }
}

#[test]
fn the_name_in_a_form_waits_for_its_code_and_is_not_told_to_the_client() {
    let backend = Backend::new();
    let client = backend.waiting();
    let user = r#"{"name":{"firstName":"Ann","lastName":"Lee"}}"#;
    let form = |state: &str, code: &str, error: &str| -> Arrival {
        let form = json!({ "state": state, "code": code, "error": error, "user": user });
        serde_json::from_value(form).unwrap()
    };
    let land = |arrival: &Arrival| block_on(land(&backend.app, arrival)).unwrap();
    let name = |code: &str| block_on(take_redirect_name(&backend.app, code)).unwrap();
    // Whoever waits for nothing, or was refused, leaves no name behind.
    assert_eq!(land(&form("nobody", "c0de", "")), Landing::Failure);
    assert_eq!(land(&form(backend.waiting().id(), "c0de", "access_denied")), Landing::Failure);
    assert_eq!(name("c0de"), "");
    assert_eq!(land(&form(client.id(), "c0de", "")), Landing::Success);
    let told = messages(&backend.read_for(&client, 5000));
    assert_eq!(told, [("@oauth2".to_owned(), json!({ "state": client.id(), "code": "c0de" }))]);
    assert_eq!(name("c0de"), "Ann Lee");
}

#[test]
fn what_is_no_text_in_a_body_of_json_is_no_name() {
    let backend = Backend::new();
    let body =
        json!({ "state": backend.waiting().id(), "code": "c0de", "user": {"name": {"firstName": "Ann"}} });
    let arrival: Arrival = serde_json::from_value(body).unwrap();
    assert_eq!(block_on(land(&backend.app, &arrival)).unwrap(), Landing::Success);
    assert_eq!(block_on(take_redirect_name(&backend.app, "c0de")).unwrap(), "");
}
