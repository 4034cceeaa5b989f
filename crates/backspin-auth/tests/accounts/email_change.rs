//! Another email, by mail and password.

use backspin_core::Error;
use backspin_schema::Caller;
use serde_json::{Value as Json, json};

use crate::{Backend, PASSWORD, ROOT, refusal, with_token};

fn ask(backend: &Backend, session: &str, email: &str) -> Result<Json, Error> {
    let body = json!({"newEmail": email});
    backend.flow_asked("members", "request-email-change", body, with_token(session))
}

fn confirm(backend: &Backend, token: &str, password: &str) -> Result<Json, Error> {
    backend.flow("members", "confirm-email-change", json!({"token": token, "password": password}))
}

#[test]
fn the_token_from_the_mail_and_the_password_change_the_email_and_end_sessions() {
    let backend = Backend::with_members(json!({}));
    let session = backend.token("members", "alice");
    ask(&backend, &session, "new@example.com").unwrap();
    let mail = backend.last_mail();
    assert_eq!(mail.to, "new@example.com");
    backend.half_sign_in("members", "aliceaaaaaaaaaa");
    confirm(&backend, &mail.token(), PASSWORD).unwrap();
    assert_eq!(backend.known_of_accounts(), 0);
    assert_eq!(backend.identify(Some(&session)), Caller::Guest);
    let reply = backend.sign_in("members", "new@example.com", PASSWORD).unwrap();
    assert_eq!(
        (&reply["record"]["email"], &reply["record"]["verified"]),
        (&json!("new@example.com"), &json!(true))
    );
    assert_eq!(
        refusal(confirm(&backend, &mail.token(), PASSWORD)),
        "400 password:validation_invalid_password token:validation_invalid_token"
    );
}

#[test]
fn only_a_member_asks_and_for_an_email_that_nobody_has() {
    let backend = Backend::with_members(json!({}));
    let session = backend.token("members", "alice");
    let refused = |email: &str| refusal(ask(&backend, &session, email));
    assert_eq!(refused(""), "400 newEmail:validation_required");
    assert_eq!(refused("x"), "400 newEmail:validation_is_email");
    assert_eq!(refused("Alice@example.com"), "400 newEmail:validation_not_in_invalid");
    assert_eq!(refused("bob@example.com"), "400 newEmail:validation_invalid_new_email");
    let guest = backend.flow("members", "request-email-change", json!({"newEmail": "n@example.com"}));
    assert_eq!(refusal(guest), "401 The request requires valid record authorization token.");
    let body = json!({"newEmail": "n@example.com"});
    let elsewhere = backend.flow_asked("users", "request-email-change", body, with_token(&session));
    assert_eq!(refusal(elsewhere), "403 The request requires auth record from members collection.");
    let root = backend.token("_superusers", ROOT);
    let body = json!({"newEmail": "n@example.com"});
    let superuser = backend.flow_asked("_superusers", "request-email-change", body, with_token(&root));
    assert_eq!(refusal(superuser), "400 All superusers can change their emails directly.");
    assert!(backend.mails().is_empty());
}

#[test]
fn a_wrong_password_another_token_and_a_taken_email_are_refused() {
    let backend = Backend::with_members(json!({}));
    let session = backend.token("members", "alice");
    ask(&backend, &session, "new@example.com").unwrap();
    let mailed = backend.last_mail().token();
    let wrong = "400 password:validation_invalid_password";
    assert_eq!(refusal(confirm(&backend, &mailed, "wrong horse")), wrong);
    let no_payload = "400 password:validation_invalid_password token:validation_invalid_token_payload";
    for token in ["junk", &session, &backend.mailed_token("request-verification", "Alice@example.com")] {
        assert_eq!(refusal(confirm(&backend, token, PASSWORD)), no_payload);
    }
    let body = json!({"token": mailed, "password": PASSWORD});
    assert_eq!(
        refusal(backend.flow("users", "confirm-email-change", body)),
        "400 password:validation_invalid_password token:validation_token_collection_mismatch"
    );
    backend.create("members", json!({"email": "new@example.com", "name": "carl"}));
    assert_eq!(
        refusal(confirm(&backend, &mailed, PASSWORD)),
        "400 password:validation_invalid_password token:validation_invalid_token_email"
    );
    backend.app.env().advance_ms(1_800_000);
    assert_eq!(
        refusal(confirm(&backend, &mailed, PASSWORD)),
        "400 password:validation_invalid_password token:validation_invalid_token"
    );
}
