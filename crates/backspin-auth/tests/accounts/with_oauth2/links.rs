//! Which users of a provider an account is linked to, and who is told of it.

use backspin_schema::Caller;
use serde_json::{Value as Json, json};

use super::ALICE;
use super::provider::TestProvider;
use crate::{Backend, PASSWORD, refusal};

const BOB: &str = "bobbbbbbbbbbbbb";
const NOT_UNIQUE: &str = "400 collectionRef:validation_not_unique provider:validation_not_unique \
    recordRef:validation_not_unique";

fn user(sub: &str, email: &str) -> Json {
    json!({"sub": sub, "email": email, "email_verified": true})
}

/// All that a sign-in could change.
fn contents(backend: &Backend) -> Vec<Vec<backspin_core::Value>> {
    let tables = ["members", "_externalAuths", "_sessions"];
    tables.iter().flat_map(|table| backend.sql(&format!("SELECT * FROM \"{table}\""))).collect()
}

#[test]
fn an_account_with_a_user_of_the_provider_gets_no_other_one() {
    let backend = Backend::with_provider(json!({}));
    let provider = TestProvider::default();
    let by = |sub: &str, email: &str, token: Option<&str>| {
        backend.with_oauth2(&provider, provider.code_for(user(sub, email)), token)
    };
    let first = by("old-owner", "bob@example.com", None).unwrap();
    assert_eq!(first["record"]["id"], BOB);
    let session = backend.token("members", "bob");
    let before = contents(&backend);
    // The email has passed to somebody else at the provider. A stolen session does not help either.
    for (email, token) in [
        ("bob@example.com", None),
        ("bob@example.com", Some(&*session)),
        ("eve@example.com", Some(&*session)),
    ] {
        assert_eq!(refusal(by("new-owner", email, token)), NOT_UNIQUE);
        assert_eq!(contents(&backend), before);
    }
    assert!(matches!(backend.identify(Some(&session)), Caller::Record(_)));
    assert_eq!(backend.links(), [["old-owner", BOB]]);
    assert_eq!(by("old-owner", "bob@example.com", None).unwrap()["record"]["id"], BOB);

    backend.sql(r#"DELETE FROM "_externalAuths""#);
    by("new-owner", "bob@example.com", None).unwrap();
    assert_eq!(backend.links(), [["new-owner", BOB]]);
}

#[test]
fn a_link_to_an_account_that_is_gone_gives_way() {
    let backend = Backend::with_provider(json!({}));
    let provider = TestProvider::default();
    let bob = || provider.code_for(user("b", "bob@example.com"));
    backend.with_oauth2(&provider, bob(), None).unwrap();
    backend.sql(r#"UPDATE "_externalAuths" SET "recordRef" = 'goneeeeeeeeeeee'"#);
    backend.with_oauth2(&provider, bob(), None).unwrap();
    assert_eq!(backend.links(), [["b", BOB]]);
}

#[test]
fn an_unverified_account_is_taken_back_by_an_email_that_differs_by_case_where_case_is_ignored() {
    let backend = Backend::with_provider(json!({}));
    backend.ignore_case_of_emails();
    let provider = TestProvider::default();
    let session = backend.token("members", "alice@example.com");
    let attacker = user("attacker", "eve@example.com");
    backend.with_oauth2(&provider, provider.code_for(attacker.clone()), Some(&session)).unwrap();

    let mut code = provider.code_for(user("owner", "ALICE@EXAMPLE.com"));
    code["provider"] = "oidc2".into();
    let reply = backend.with_oauth2(&provider, code, None).unwrap();
    assert_eq!((&reply["record"]["id"], &reply["record"]["verified"]), (&json!(ALICE), &json!(true)));
    assert_eq!(backend.links(), [["owner", ALICE]]);
    assert!(matches!(backend.identify(Some(&session)), Caller::Guest));
    assert!(backend.sign_in("members", "alice@example.com", PASSWORD).is_err());
    let reply = backend.with_oauth2(&provider, provider.code_for(attacker), None).unwrap();
    assert_ne!(reply["record"]["id"], ALICE);
}

#[test]
fn an_email_that_another_account_has_is_not_adopted() {
    let backend = Backend::with_emails_left_out();
    let provider = TestProvider::default();
    let nobody = provider.code_for(json!({"sub": "nobody"}));
    let reply = backend.with_oauth2(&provider, nobody, None).unwrap();
    assert_eq!(reply["record"]["email"], "");
    let before = contents(&backend);
    let taken = provider.code_for(user("nobody", "bob@example.com"));
    assert_eq!(refusal(backend.with_oauth2(&provider, taken, None)), "400 email:validation_not_unique");
    assert_eq!(contents(&backend), before);
}

#[test]
fn the_owner_of_a_verified_account_is_told_of_a_new_link_and_of_no_other_sign_in() {
    let backend = Backend::with_provider(json!({}));
    let provider = TestProvider::default();
    let mails = |sub: &str, email: &str, token: Option<&str>| {
        backend.with_oauth2(&provider, provider.code_for(user(sub, email)), token).unwrap();
        backend.mails().len()
    };
    let session = backend.token("members", "bob");
    assert_eq!(mails("b", "elsewhere@example.com", Some(&session)), 1);
    let mail = backend.last_mail();
    assert_eq!(mail.to, "bob@example.com");
    assert!(mail.html.contains("OIDC can sign in to it from now on"), "{}", mail.html);
    assert_eq!(mails("b", "elsewhere@example.com", None), 1);
    assert_eq!(mails("new", "new@example.com", None), 1);
    // Nobody knows whose email that of an unverified account is.
    let session = backend.token("members", "alice");
    assert_eq!(mails("a", "elsewhere@example.com", Some(&session)), 1);
}

#[test]
fn nobody_is_told_of_a_link_where_there_are_no_alerts() {
    let backend = Backend::with_provider(json!({"authAlert": {"enabled": false}}));
    let provider = TestProvider::default();
    let bob = provider.code_for(user("b", "bob@example.com"));
    backend.with_oauth2(&provider, bob, None).unwrap();
    assert_eq!((backend.links().len(), backend.mails().len()), (1, 0));
}
