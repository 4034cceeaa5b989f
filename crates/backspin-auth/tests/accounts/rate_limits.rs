//! The limits of the settings on what accounts are asked.

use backspin_core::Error;
use futures::executor::block_on;
use serde_json::{Value as Json, json};

use crate::{Asked, Backend, PASSWORD, ROOT, object, refusal, with_token};

const TOO_MANY: &str = "429 Too Many Requests.";

/// A backend whose settings have these rules: label, audience, how many in two seconds.
fn backend(rules: &[(&str, &str, i64)], excluded: &[&str]) -> Backend {
    let backend = Backend::with_members(json!({"otp": {"enabled": true}}));
    let rules: Vec<Json> = rules
        .iter()
        .map(|(label, audience, max)| {
            json!({"label": label, "audience": audience, "maxRequests": max, "duration": 2})
        })
        .collect();
    let limits = json!({"rateLimits": {"enabled": true, "rules": rules, "excludedIPs": excluded}});
    block_on(backspin_settings::update(&backend.app, &backend.root(), object(limits), "")).unwrap();
    backend
}

fn sign_in(backend: &Backend, token: Option<&str>) -> Result<Json, Error> {
    let headers = [("spin_client_addr".to_owned(), "10.0.0.1:1".to_owned())];
    let body = json!({"identity": "bob", "password": PASSWORD});
    backend.post_credentials("members", body, Asked { token, headers: &headers, ..Asked::default() })
}

/// How many sign-ins are let in before one is not.
fn admitted(backend: &Backend, token: Option<&str>) -> usize {
    (0..7).take_while(|_| sign_in(backend, token).is_ok()).count()
}

#[test]
fn an_action_has_its_limit_in_a_window_of_its_own() {
    let backend = backend(&[("*:auth", "", 2)], &[]);
    assert_eq!(admitted(&backend, None), 2);
    assert_eq!(refusal(sign_in(&backend, None)), TOO_MANY);
    backend.app.env().advance_ms(2_000);
    assert_eq!(admitted(&backend, None), 2);
    backend.flow("members", "request-otp", json!({"email": "bob@example.com"})).unwrap();
}

#[test]
fn the_rule_that_names_the_collection_goes_before_others_and_actions_before_paths() {
    for (rules, expected) in [
        (&[("*:auth", "", 1), ("members:auth", "", 3)][..], 3),
        (&[("*:auth", "", 1), ("members:authWithPassword", "", 3)], 3),
        (&[("/api/", "", 1), ("*:auth", "", 3)], 3),
        (&[("/api/", "", 4), ("/api/collections/", "", 1)], 4),
        (&[("POST /api/collections/members/auth-with-password", "", 2)], 2),
        (&[("GET /api/", "", 1), ("users:auth", "", 1)], 7),
    ] {
        assert_eq!(admitted(&backend(rules, &[]), None), expected, "{rules:?}");
    }
}

#[test]
fn audiences_are_told_apart_and_superusers_and_excluded_networks_have_no_limit() {
    let limited = backend(&[("*:auth", "@auth", 1), ("*:auth", "@guest", 3)], &[]);
    let root = limited.token("_superusers", ROOT);
    assert_eq!(admitted(&limited, Some(&root)), 7);
    let member = limited.token("members", "bob");
    assert_eq!(admitted(&limited, Some(&member)), 1);
    assert_eq!(admitted(&backend(&[("*:auth", "", 1)], &["10.0.0.0/8"]), None), 7);
}

#[test]
fn every_flow_is_an_action() {
    let flows = [
        ("request-verification", "requestVerification"),
        ("confirm-verification", "confirmVerification"),
        ("request-password-reset", "requestPasswordReset"),
        ("confirm-password-reset", "confirmPasswordReset"),
        ("request-email-change", "requestEmailChange"),
        ("confirm-email-change", "confirmEmailChange"),
        ("request-otp", "requestOTP"),
        ("auth-with-otp", "authWithOTP"),
    ];
    for (flow, action) in flows {
        let backend = backend(&[(&format!("members:{action}"), "", 1)], &[]);
        assert_ne!(refusal(backend.flow("members", flow, json!({}))), TOO_MANY);
        assert_eq!(refusal(backend.flow("members", flow, json!({}))), TOO_MANY, "{flow}");
    }
    let backend = backend(&[("members:authRefresh", "", 1)], &[]);
    let session = backend.token("members", "bob");
    backend.refresh("members", json!({}), with_token(&session)).unwrap();
    assert_eq!(refusal(backend.refresh("members", json!({}), with_token(&session))), TOO_MANY);
}
