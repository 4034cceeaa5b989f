//! Signing in, and tokens.

mod api_keys;
mod attacks;
mod flows;
mod impersonate;
mod members;
mod methods;
mod password_hasher;
mod refresh;
mod sessions;
mod tokens;
mod totp;
mod with_oauth2;
mod with_password;

use backspin_tests::{Client, Reply};
use serde_json::{Value, json};

const MEMBERS: &str = "/api/collections/members";
const BOB: &str = "bobbbbbbbbbbbbb";
const PASSWORD: &str = "correct horse";

/// `members`, of whom `bob` is verified and `alice` is not, with these options.
fn create_members(root: &Client, options: &[(&str, Value)]) {
    let mut members = json!({
        "name": "members", "type": "auth", "listRule": "", "viewRule": "",
        "fields": [{"type": "text", "name": "name"}, {"type": "text", "name": "secret", "hidden": true}],
        "indexes": ["CREATE UNIQUE INDEX idx_members_name ON members (name COLLATE NOCASE)"],
        "passwordAuth": {"enabled": true, "identityFields": ["email", "name"]},
    });
    for (name, option) in options {
        members[*name] = option.clone();
    }
    root.post("/api/collections", members).ok();
    for (id, name, verified) in [("aliceaaaaaaaaaa", "alice", false), (BOB, "bob", true)] {
        let member = json!({
            "id": id, "name": name, "email": format!("{name}@example.com"), "verified": verified,
            "password": PASSWORD, "passwordConfirm": PASSWORD, "secret": "s3cret",
        });
        root.post(&format!("{MEMBERS}/records"), member).ok();
    }
}

fn sign_in(client: &Client, identity: &str) -> Reply {
    let credentials = json!({"identity": identity, "password": PASSWORD});
    client.post(&format!("{MEMBERS}/auth-with-password"), credentials)
}

/// The client, signed in as a member.
fn as_member(client: &Client, identity: &str) -> Client {
    with_token_of(client, &sign_in(client, identity).ok())
}

/// The client with the token of a reply.
fn with_token_of(client: &Client, reply: &Value) -> Client {
    client.with_token(reply["token"].as_str().unwrap_or_else(|| panic!("no token in {reply}")))
}
