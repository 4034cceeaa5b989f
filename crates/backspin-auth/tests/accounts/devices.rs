//! The devices of an account, and the mail about a new one.

use serde_json::json;

use crate::{Asked, Backend, PASSWORD, token, with_token};

fn headers(user_agent: &str) -> Vec<(String, String)> {
    vec![
        ("user_agent".to_owned(), user_agent.to_owned()),
        ("spin_client_addr".to_owned(), "127.0.0.1:4000".to_owned()),
    ]
}

/// Signs in from a device and returns how many mails there are then.
fn sign_in(backend: &Backend, who: &str, user_agent: &str) -> usize {
    backend.app.env().advance_ms(10);
    let headers = headers(user_agent);
    let body = json!({"identity": who, "password": PASSWORD});
    backend.post_credentials("members", body, Asked { headers: &headers, ..Asked::default() }).unwrap();
    backend.mails().len()
}

fn fingerprints(backend: &Backend) -> Vec<String> {
    let rows = backend.sql("SELECT fingerprint FROM _authOrigins ORDER BY created");
    rows.into_iter().map(|row| format!("{:?}", row[0])).collect()
}

#[test]
fn the_owner_is_told_of_a_second_device_and_not_of_the_first_or_a_known_one() {
    let backend = Backend::with_members(json!({}));
    assert_eq!(sign_in(&backend, "bob", "one"), 0);
    assert_eq!(sign_in(&backend, "bob", "one"), 0);
    assert_eq!(sign_in(&backend, "bob", "<b>two</b>"), 1);
    assert_eq!(sign_in(&backend, "bob", "one"), 1);
    let mail = backend.last_mail();
    assert_eq!(mail.to, "bob@example.com");
    assert!(mail.html.contains("127.0.0.1 &lt;b&gt;two&lt;/b&gt;"), "{}", mail.html);
    assert!(fingerprints(&backend)[0].contains("c6c7546606b52ee2678932c0c03b206a"));
    assert_eq!(sign_in(&backend, "alice", "three"), 1);
}

#[test]
fn five_devices_are_kept_those_that_were_used_last() {
    let backend = Backend::with_members(json!({}));
    for device in ["1", "2", "3", "4", "5"] {
        sign_in(&backend, "bob", device);
    }
    let first = fingerprints(&backend).remove(0);
    sign_in(&backend, "bob", "1");
    sign_in(&backend, "bob", "6");
    let kept = fingerprints(&backend);
    assert_eq!(kept.len(), 5);
    assert!(kept.contains(&first));
}

#[test]
fn an_alert_keeps_nobody_out_whatever_the_account_holds() {
    let alert = json!({"subject": "New", "body": "{ALERT_INFO} {RECORD:name}"});
    let backend = Backend::with_members(json!({"authAlert": {"enabled": true, "emailTemplate": alert}}));
    let name = "<".repeat(400_000);
    backend.sql(&format!("UPDATE members SET name = '{name}', nick = 'bobby' WHERE name = 'bob'"));
    assert_eq!(sign_in(&backend, "bobby", "one"), 0);
    assert_eq!(sign_in(&backend, "bobby", "two"), 1);
    // No mail can go to an address of this length.
    let email = format!("{}@example.com", "b".repeat(300));
    backend.sql(&format!("UPDATE members SET email = '{email}' WHERE nick = 'bobby'"));
    assert_eq!(sign_in(&backend, "bobby", "three"), 1);
    assert!(backend.app.env().log_lines().iter().any(|line| line.contains("an alert")));
}

#[test]
fn without_alerts_nothing_is_kept() {
    let backend = Backend::with_members(json!({"authAlert": {"enabled": false}}));
    sign_in(&backend, "bob", "one");
    assert_eq!(sign_in(&backend, "bob", "two"), 0);
    assert!(fingerprints(&backend).is_empty());
}

#[test]
fn half_a_sign_in_and_a_refresh_are_no_new_device() {
    let mfa = json!({"enabled": true, "duration": 60, "rule": "verified = false"});
    let backend = Backend::with_members(json!({"mfa": mfa, "otp": {"enabled": true}}));
    sign_in(&backend, "alice", "one");
    assert!(fingerprints(&backend).is_empty());
    sign_in(&backend, "bob", "one");
    let session = backend.token("members", "bob");
    let before = fingerprints(&backend).len();
    let other = headers("other");
    let asked = Asked { headers: &other, ..with_token(&session) };
    token(&backend.refresh("members", json!({}), asked).unwrap());
    assert_eq!(fingerprints(&backend).len(), before);
}
