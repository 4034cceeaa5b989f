//! What an account has that is made for the user of a provider.

use backspin_password::Hashing;
use serde_json::{Value as Json, json};

use super::provider::TestProvider;
use super::{ALICE, NO_USER, ann};
use crate::{Backend, PASSWORD, refusal};

#[test]
fn a_new_account_has_the_password_that_it_was_given_or_none() {
    let backend = Backend::with_provider(json!({}));
    let provider = TestProvider::default();
    let mut code = provider.code_for(ann());
    code["createData"] = json!({"password": PASSWORD, "passwordConfirm": PASSWORD});
    // Nobody takes a turn at hashing within a transaction, in which none is needed.
    let takes_turns = || backend.app.database().take().iter().any(|sql| sql.contains("_hashTurns"));
    backend.app.database().take();
    backend.with_oauth2(&provider, code, None).unwrap();
    assert!(takes_turns());
    assert!(backend.sign_in("members", "ann@example.com", PASSWORD).is_ok());
    let eve = json!({"sub": "eve", "email": "eve@example.com", "email_verified": true});
    backend.app.database().take();
    backend.with_oauth2(&provider, provider.code_for(eve), None).unwrap();
    assert!(!takes_turns());
    let hash = backend.sql("SELECT password FROM members WHERE email = 'eve@example.com'").remove(0);
    assert_eq!(hash, [Hashing::default().nobody().into()]);
    for password in ["", "A", PASSWORD] {
        assert!(backend.sign_in("members", "eve@example.com", password).is_err());
    }
    let mut code = provider.code_for(json!({"sub": "x", "email": "x@example.com", "email_verified": true}));
    code["createData"] = json!({"password": "x".repeat(100), "passwordConfirm": "x".repeat(100)});
    assert!(refusal(backend.with_oauth2(&provider, code, None)).starts_with("400 password:"));
}

#[test]
fn a_password_that_is_no_text_is_hashed_before_the_lock_too() {
    let backend = Backend::with_provider(json!({}));
    let provider = TestProvider::default();
    let mut code = provider.code_for(ann());
    code["createData"] = json!({"password": 12_345_678, "passwordConfirm": 12_345_678});
    backend.app.database().take();
    backend.with_oauth2(&provider, code, None).unwrap();
    let statements = backend.app.database().take();
    let at = |part: &str| statements.iter().position(|sql| sql.contains(part)).unwrap();
    assert!(at("_hashTurns") < at("_externalAuths"), "{statements:#?}");
    let last = statements.iter().rposition(|sql| sql.contains("_hashTurns")).unwrap();
    assert!(last < at("_externalAuths"), "{statements:#?}");
    assert!(backend.sign_in("members", "ann@example.com", "12345678").is_ok());
}

#[test]
fn a_user_name_that_somebody_has_is_left_out_where_no_two_can_have_it() {
    let user = |sub: &str, username: &str| {
        let email = format!("{sub}@example.com");
        json!({"sub": sub, "email": email, "email_verified": true, "preferred_username": username})
    };
    // `name` compares exactly, `nick` ignores case, and many may have one `word`.
    for (field, somebodys, kept) in
        [("name", "alice", ""), ("name", "ALICE", "ALICE"), ("nick", "ali", ""), ("word", "alice", "alice")]
    {
        let backend = Backend::with_emails_left_out();
        backend.update("members", ALICE, json!({"word": "alice"}));
        let oauth2 = json!({"mappedFields": {"username": field, "name": ""}});
        backend.update_collection("members", json!({ "oauth2": oauth2 }));
        let provider = TestProvider::default();
        let code = provider.code_for(user("eve", somebodys));
        let reply = backend.with_oauth2(&provider, code, None).unwrap();
        assert_eq!(reply["record"][field], kept, "{field} {somebodys}");
    }
}

#[test]
fn an_email_that_differs_by_case_is_verified_where_case_is_ignored() {
    for (ignores_case, verified) in [(true, true), (false, false)] {
        let backend = Backend::with_provider(json!({}));
        if ignores_case {
            backend.ignore_case_of_emails();
        }
        let provider = TestProvider::default();
        let mut code = provider.code_for(ann());
        code["createData"] = json!({"email": "Ann@Example.com"});
        let reply = backend.with_oauth2(&provider, code, None).unwrap();
        assert_eq!(reply["record"]["verified"], verified);
    }
}

/// Signs in with a provider that lists the addresses of its users apart.
fn with_emails(emails: (u16, Json)) -> Result<Json, backspin_core::Error> {
    let backend = Backend::with_emails_left_out();
    let mut provider = TestProvider::default();
    provider.emails = Some(emails);
    let mut code = provider.code_for(json!({"id": 7, "login": "ann", "sub": "7"}));
    code["provider"] = "github".into();
    backend.with_oauth2(&provider, code, None)
}

#[test]
fn who_does_not_let_us_see_addresses_signs_in_without_one() {
    let list = json!([{"email": "ann@example.com", "primary": true, "verified": true}]);
    assert_eq!(with_emails((200, list)).unwrap()["meta"]["email"], "ann@example.com");
    for status in [401, 403, 404] {
        let reply = with_emails((status, json!({"message": "no"}))).unwrap();
        assert_eq!((&reply["meta"]["id"], &reply["meta"]["email"]), (&json!("7"), &json!("")));
    }
    for status in [429, 500, 503] {
        assert_eq!(refusal(with_emails((status, json!({})))), NO_USER, "{status}");
    }
}
