//! `/_/`: the page that links in mail and sign-ins with a provider lead to.

use std::process::Command;

use backspin_tests::{App, Client, start};
use serde_json::json;

use super::node::{NODE_HINT, scripts, succeeded};

const USERS: &str = "/api/collections/users";
const ALICE: &str = "alice@example.com";
const PASSWORD: &str = "correct horse";
const FILES: [(&str, &str); 2] = [
    ("package.json", include_str!("../../pages/package.json")),
    ("press.mjs", include_str!("../../pages/press.mjs")),
];

/// An application whose links lead to it, with an account that is not verified.
fn start_with_alice() -> (App, Client, Client) {
    let (app, anon, root) = start();
    root.patch("/api/settings", json!({"meta": {"appURL": app.url()}})).ok();
    let alice = json!({"email": ALICE, "password": PASSWORD, "passwordConfirm": PASSWORD});
    anon.post(&format!("{USERS}/records"), alice).ok();
    (app, anon, root)
}

/// The link in the mail that a flow sends.
fn link(client: &Client, root: &Client, flow: &str, field: &str, email: &str) -> String {
    assert_eq!(client.post(&format!("{USERS}/request-{flow}"), json!({ field: email })).status, 204);
    let mail = root.get("/api/outbox").ok()["items"][0].clone();
    assert_eq!(mail["to"], email);
    mail["links"][0].as_str().unwrap().to_owned()
}

/// What a browser shows that opens the link: before and, with `--press` among the arguments, after the button is pressed.
fn read(link: &str, arguments: &[&str]) -> String {
    let folder = scripts("pages", &FILES);
    let mut command = Command::new("node");
    command.arg(folder.join("press.mjs")).args(["--link", link]).args(arguments);
    let output = command.output().expect(NODE_HINT);
    succeeded(&output);
    String::from_utf8(output.stdout).expect("text")
}

fn sign_in(client: &Client, identity: &str, password: &str) -> u16 {
    let credentials = json!({"identity": identity, "password": password});
    client.post(&format!("{USERS}/auth-with-password"), credentials).status
}

#[test]
fn the_page_runs_its_own_script_alone_and_is_framed_by_nobody() {
    let (_app, anon, _root) = start();
    let page = anon.get("/_/");
    assert_eq!((page.status, page.header("content-type")), (200, Some("text/html; charset=utf-8")));
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.starts_with("default-src 'none'; script-src 'sha256-"), "{policy}");
    assert!(policy.ends_with("form-action 'none'; frame-ancestors 'none'"), "{policy}");
    assert!(!policy.contains("unsafe"), "{policy}");
    assert_eq!(page.header("referrer-policy"), Some("no-referrer"));
    assert!(page.text.contains("id=\"/auth/oauth2-redirect-success\""), "{}", page.text);
    assert_eq!(anon.post("/_/", json!({})).refused_with(404), [""; 0]);
}

#[test]
fn an_email_is_verified_by_the_button_and_not_by_opening_the_link() {
    let (_app, anon, root) = start_with_alice();
    let link = link(&anon, &root, "verification", "email", ALICE);
    let is_verified = || root.get(&format!("{USERS}/records")).ok()["items"][0]["verified"].clone();
    let asked = read(&link, &[]);
    assert_eq!(asked, format!("Confirm your email address\nIs {ALICE} yours?\n"));
    assert_eq!(is_verified(), false);
    let done = read(&link, &["--press"]);
    assert!(done.contains("---\nYour email address is confirmed\n"), "{done}");
    assert_eq!(is_verified(), true);
}

#[test]
fn a_password_is_set_by_a_link_that_is_good_once() {
    let (_app, anon, root) = start_with_alice();
    let link = link(&anon, &root, "password-reset", "email", ALICE);
    let typed = |one, two| read(&link, &["--password", one, "--passwordConfirm", two, "--press"]);
    let different = typed("another horse", "another hose");
    assert!(different.ends_with("The two passwords are not the same.\n"), "{different}");
    let short = typed("short", "short");
    assert!(short.contains("---\nChoose a new password\n") && short.contains("between 8"), "{short}");
    let done = typed("another horse", "another horse");
    assert!(done.contains("---\nYour password is changed\n"), "{done}");
    assert_eq!((sign_in(&anon, ALICE, PASSWORD), sign_in(&anon, ALICE, "another horse")), (400, 200));
    let again = typed("a third horse", "a third horse");
    assert!(again.contains("---\nThis link is no longer good\n"), "{again}");
}

#[test]
fn an_email_is_changed_by_who_knows_the_password() {
    let (_app, anon, root) = start_with_alice();
    let credentials = json!({"identity": ALICE, "password": PASSWORD});
    let session = anon.post(&format!("{USERS}/auth-with-password"), credentials).ok();
    let alice = anon.with_token(session["token"].as_str().unwrap());
    let link = link(&alice, &root, "email-change", "newEmail", "new@example.com");
    let wrong = read(&link, &["--password", "wrong", "--press"]);
    assert!(
        wrong.starts_with("Confirm your new email address\nYour account will use new@example.com."),
        "{wrong}"
    );
    assert!(wrong.ends_with("That is not the password of the account.\n"), "{wrong}");
    let done = read(&link, &["--password", PASSWORD, "--press"]);
    assert!(done.contains("---\nYour email address is changed\n"), "{done}");
    assert_eq!(sign_in(&anon, "new@example.com", PASSWORD), 200);
}

#[test]
fn a_link_that_is_not_whole_is_told_and_other_addresses_show_nothing() {
    let (app, _anon, _root) = start();
    let url = app.url();
    for end in ["TEST_TOKEN", "", "a.b.c", "a.eyJjb2xsZWN0aW9uSWQiOiIuLi8uLiJ9.c"] {
        let text = read(&format!("{url}/_/#/auth/confirm-password-reset/{end}"), &[]);
        assert!(text.starts_with("This link is no longer good\n"), "{end}: {text}");
    }
    for end in ["", "#/auth/confirm-other/TOKEN", "#/login"] {
        assert!(read(&format!("{url}/_/{end}"), &[]).starts_with("Nothing to see here\n"), "{end}");
    }
}
