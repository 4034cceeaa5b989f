//! Signing in with an identity provider: whose account it is, and that nothing is half made.

mod links;
mod new_accounts;
mod provider;

use std::path::Path;
use std::thread;

use backspin_core::{Error, Value};
use backspin_native::{Native, NativeDatabase, SystemEnv};
use backspin_oauth2::keep_redirect_name;
use backspin_password::Hashing;
use backspin_schema::{App, Caller};
use futures::executor::block_on;
use serde_json::{Value as Json, json};

use crate::{Backend, PASSWORD, refusal, token};
use provider::{ISSUER, TestProvider, discover, sign_in_on};

const ALICE: &str = "aliceaaaaaaaaaa";
const AT_ONCE: usize = 8;
const NO_TOKEN: &str = "400 Failed to fetch OAuth2 token.";
const NO_USER: &str = "400 Failed to fetch OAuth2 user.";

fn ann() -> Json {
    json!({"sub": "ann", "email": "ann@example.com", "email_verified": true, "name": "Ann Lee"})
}

fn count(backend: &Backend) -> Value {
    backend.sql("SELECT count(*) FROM members").remove(0).remove(0)
}

/// Signs the user in on an instance of its own, whose clock is the system's: no `id_token` is sent with a time.
fn sign_up(folder: &Path) -> Result<Json, Error> {
    let database = NativeDatabase::open(folder.join("sqlite_db.db")).unwrap();
    let app = App::new(Native { database, env: SystemEnv });
    let provider = TestProvider::default();
    let code = provider.code_with_claims(ann(), json!({"exp": 4_000_000_000_i64}));
    sign_in_on(&app, &Caller::Guest, &provider, code)
}

#[test]
fn sign_ups_of_one_user_at_once_make_one_account_and_one_link() {
    let backend = Backend::with_provider(json!({}));
    let folder = backend.folder.path();
    let replies: Vec<_> = thread::scope(|scope| {
        let coming: Vec<_> = (0..AT_ONCE).map(|_| scope.spawn(|| sign_up(folder).unwrap())).collect();
        coming.into_iter().map(|one| one.join().unwrap()).collect()
    });
    let id = replies[0]["record"]["id"].as_str().unwrap();
    assert!(replies.iter().all(|reply| reply["record"]["id"] == id), "{replies:?}");
    assert_eq!(replies.iter().filter(|reply| reply["meta"]["isNew"] == true).count(), 1);
    assert_eq!(count(&backend), Value::Integer(3));
    assert_eq!(backend.links(), [["ann", id]]);
}

#[test]
fn a_sign_up_that_the_rules_refuse_leaves_nothing_behind() {
    for options in [
        json!({"createRule": null}),
        json!({"createRule": "@request.context != 'oauth2'"}),
        json!({"authRule": "verified = false"}),
    ] {
        let is_made = options.get("authRule").is_some();
        let backend = Backend::with_provider(options);
        let provider = TestProvider::default();
        let refused = backend.with_oauth2(&provider, provider.code_for(ann()), None).unwrap_err();
        assert!([400, 403].contains(&refused.status()), "{refused}");
        // The auth rule is about signing in: the account is made, as in PocketBase.
        assert_eq!(count(&backend), Value::Integer(2 + i64::from(is_made)));
        assert_eq!(backend.links().len(), usize::from(is_made));
    }
}

#[test]
fn an_account_that_cannot_be_linked_is_not_made() {
    let backend = Backend::with_provider(json!({}));
    backend.sql(
        r#"CREATE TRIGGER "no_links" BEFORE INSERT ON "_externalAuths"
        BEGIN SELECT RAISE(ABORT, 'no links'); END"#,
    );
    let provider = TestProvider::default();
    let refused = backend.with_oauth2(&provider, provider.code_for(ann()), None).unwrap_err();
    assert_eq!(refused.status(), 500);
    assert_eq!((count(&backend), backend.links().len()), (Value::Integer(2), 0));
    backend.sql(r#"DROP TRIGGER "no_links""#);
    let reply = backend.with_oauth2(&provider, provider.code_for(ann()), None).unwrap();
    assert_eq!(reply["meta"]["isNew"], true);
}

#[test]
fn an_unverified_account_is_taken_back_from_who_made_it() {
    let backend = Backend::with_provider(json!({}));
    let provider = TestProvider::default();
    let session = backend.token("members", "alice");
    let eve = json!({"sub": "eve", "email": "eve@example.com", "email_verified": true});
    backend.with_oauth2(&provider, provider.code_for(eve.clone()), Some(&session)).unwrap();
    assert_eq!(backend.links(), [["eve", ALICE]]);

    // An email that the provider does not vouch for opens nothing.
    let unsure = json!({"sub": "unsure", "email": "alice@example.com", "email_verified": false});
    backend.with_oauth2(&provider, provider.code_for(unsure), None).unwrap_err();
    assert!(backend.sign_in("members", "alice", PASSWORD).is_ok());

    let owner = json!({"sub": "alice", "email": "Alice@example.com", "email_verified": true});
    let reply = backend.with_oauth2(&provider, provider.code_for(owner), None).unwrap();
    assert_eq!((&reply["record"]["id"], &reply["record"]["verified"]), (&json!(ALICE), &json!(true)));
    assert_eq!(backend.links(), [["alice", ALICE]]);
    assert!(matches!(backend.identify(Some(&session)), Caller::Guest));
    assert!(matches!(backend.identify(Some(token(&reply))), Caller::Record(_)));
    assert_eq!(refusal(backend.sign_in("members", "alice", PASSWORD)), "400 Failed to authenticate.");
    let hash = backend.sql(&format!("SELECT password FROM members WHERE id = '{ALICE}'")).remove(0);
    assert_eq!(hash, [Hashing::default().nobody().into()]);
    let eve = backend.with_oauth2(&provider, provider.code_for(eve), None).unwrap();
    assert_ne!(eve["record"]["id"], ALICE);
}

#[test]
fn a_verified_account_keeps_its_password_and_sessions() {
    let backend = Backend::with_provider(json!({}));
    let provider = TestProvider::default();
    let session = backend.token("members", "bob");
    let bob = json!({"sub": "b", "email": "bob@example.com", "email_verified": true});
    let reply = backend.with_oauth2(&provider, provider.code_for(bob), None).unwrap();
    assert_eq!(reply["record"]["id"], "bobbbbbbbbbbbbb");
    assert!(matches!(backend.identify(Some(&session)), Caller::Record(_)));
    assert!(backend.sign_in("members", "bob", PASSWORD).is_ok());
}

#[test]
fn a_swapped_id_token_is_refused() {
    let backend = Backend::with_provider(json!({}));
    let provider = TestProvider::default();
    for swapped in [
        json!({"sub": "eve"}),
        json!({"nonce": "of another sign-in"}),
        json!({"aud": "another client"}),
        json!({"iss": "https://other.example"}),
        json!({"exp": 1}),
    ] {
        let code = provider.code_with_claims(ann(), swapped.clone());
        assert_eq!(refusal(backend.with_oauth2(&provider, code, None)), NO_USER, "{swapped}");
    }
    // Nor does it help to say that the sign-in began without a verifier.
    let mut code = provider.code_for(ann());
    code["codeVerifier"] = "".into();
    assert_eq!(refusal(backend.with_oauth2(&provider, code, None)), NO_USER);
    assert_eq!((count(&backend), backend.links().len()), (Value::Integer(2), 0));
    assert!(backend.with_oauth2(&provider, provider.code_for(ann()), None).is_ok());
}

#[test]
fn a_code_is_good_once() {
    let backend = Backend::with_provider(json!({}));
    let provider = TestProvider::default();
    let code = provider.code_for(ann());
    backend.with_oauth2(&provider, code.clone(), None).unwrap();
    assert_eq!(refusal(backend.with_oauth2(&provider, code, None)), NO_TOKEN);
    let invented = json!({"provider": "oidc", "code": "invented", "redirectURL": ""});
    assert_eq!(refusal(backend.with_oauth2(&provider, invented, None)), NO_TOKEN);
    assert!(!backend.app.env().log_lines().join("").contains("code-"));
}

#[test]
fn the_name_that_apple_sends_with_the_redirect_is_used_where_it_tells_none() {
    let backend = Backend::with_provider(json!({}));
    let provider = TestProvider::default();
    let keep = |code: &Json| {
        let user = r#"{"name":{"firstName":"Ann","lastName":"Lee"}}"#;
        block_on(keep_redirect_name(&backend.app, code["code"].as_str().unwrap(), user)).unwrap();
    };
    let sign_in = |name: &str, user: Json, issuer: &str| {
        let mut code = provider.code_with_claims(user, json!({ "iss": issuer }));
        code["provider"] = name.into();
        keep(&code);
        backend.with_oauth2(&provider, code, None).unwrap()
    };
    let user = |sub: &str| json!({"sub": sub, "email": format!("{sub}@example.com"), "email_verified": true});
    let reply = sign_in("apple", user("ann"), "https://appleid.apple.com");
    assert_eq!((&reply["meta"]["name"], &reply["record"]["name"]), (&json!("Ann Lee"), &json!("Ann Lee")));
    // Another provider would have told it by itself.
    let reply = sign_in("oidc", user("eve"), ISSUER);
    assert_eq!((&reply["meta"]["name"], &reply["record"]["name"]), (&json!(""), &json!("")));
}

#[test]
fn a_provider_is_set_up_from_its_issuer() {
    let backend = Backend::with_provider(json!({}));
    let mut provider = TestProvider::default();
    let mut settings = discover(&provider, &backend.root(), json!({ "issuer": ISSUER })).unwrap();
    for (name, value) in [("name", "oidc"), ("clientId", "us"), ("clientSecret", "secret")] {
        settings[name] = value.into();
    }
    backend.update_collection("members", json!({"oauth2": {"providers": [settings]}}));
    let reply = backend.with_oauth2(&provider, provider.code_for(ann()), None).unwrap();
    assert_eq!(reply["record"]["email"], "ann@example.com");

    provider.document = json!({"issuer": "https://other.example"});
    let refused = |issuer: Json| refusal(discover(&provider, &backend.root(), json!({ "issuer": issuer })));
    for (issuer, code) in [
        (json!(null), "validation_required"),
        (json!("id.example"), "validation_is_url"),
        (json!("http://id.example"), "validation_is_url"),
        (json!("https://denied.example"), "validation_host_not_allowed"),
        (json!("https://silent.example"), "validation_unreachable"),
        (json!("https://moved.example"), "validation_unreachable"),
        (json!("https://empty.example"), "validation_unreachable"),
        (json!(ISSUER), "validation_invalid_discovery"),
    ] {
        assert_eq!(refused(issuer), format!("400 issuer:{code}"));
    }
}

#[test]
fn only_superusers_discover_providers() {
    let backend = Backend::with_provider(json!({}));
    let bob = backend.identify(Some(&backend.token("members", "bob")));
    for (caller, status) in [(Caller::Guest, 401), (bob, 403)] {
        let refused = discover(&TestProvider::default(), &caller, json!({ "issuer": ISSUER }));
        assert_eq!(refused.unwrap_err().status(), status);
    }
}
