//! `/api/collections/:collection/totp` and `…/auth-with-totp`

use std::time::{SystemTime, UNIX_EPOCH};

use backspin_core::DatabaseError;
use backspin_native::NativeDatabase;
use backspin_tests::{Client, secret_key, start, start_with};
use serde_json::{Value, json};
use totp_rs::{Algorithm, Secret, TOTP};

use super::{BOB, MEMBERS, PASSWORD, as_member, create_members, sign_in, with_token_of};

/// The code that an authenticator app shows so many steps from now.
fn code(made: &Value, steps: u64) -> String {
    let secret = Secret::Encoded(made["secret"].as_str().unwrap().to_owned()).to_bytes().unwrap();
    let totp = TOTP::new(Algorithm::SHA1, 6, 1, 30, secret).unwrap();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    totp.generate(now + steps * 30)
}

/// Bob takes up an app. Returns what it was made with, and the recovery codes.
fn take_up(bob: &Client) -> (Value, Value) {
    let made = bob.post(&format!("{MEMBERS}/totp"), json!({"password": PASSWORD})).ok();
    let confirmed = bob.post(&format!("{MEMBERS}/totp/confirm"), json!({"code": code(&made, 0)})).ok();
    (made, confirmed["recoveryCodes"].clone())
}

fn first_factor(client: &Client) -> Value {
    let reply = sign_in(client, "bob");
    assert_eq!(reply.status, 401);
    reply.json()["mfaId"].clone()
}

#[test]
fn an_app_is_taken_up_asked_for_and_given_up() {
    let (_app, anon, root) = start();
    create_members(&root, &[]);
    let bob = as_member(&anon, "bob");
    let (made, recovery_codes) = take_up(&bob);
    let (totp, complete) = (format!("{MEMBERS}/totp"), format!("{MEMBERS}/auth-with-totp"));
    assert_eq!(bob.get(&totp).ok()["recoveryCodes"], 10);

    let mfa_id = first_factor(&anon);
    let body = json!({"mfaId": mfa_id, "code": code(&made, 1)});
    let signed_in = anon.post(&complete, body.clone()).ok();
    assert_eq!(signed_in["record"]["id"], BOB);
    with_token_of(&anon, &signed_in).post(&format!("{MEMBERS}/auth-refresh"), json!({})).ok();
    assert_eq!(anon.post(&complete, body).refused_with(400), [""; 0]);
    let body = json!({"mfaId": first_factor(&anon), "recoveryCode": recovery_codes[0]});
    anon.post(&complete, body).ok();

    assert_eq!(bob.delete(&format!("{totp}/{BOB}")).refused_with(403), [""; 0]);
    assert_eq!(root.delete(&format!("{totp}/{BOB}")).status, 204);
    assert_eq!(root.delete(&format!("{totp}/{BOB}")).refused_with(404), [""; 0]);
    sign_in(&anon, "bob").ok();
}

#[test]
fn what_is_asked_of_no_one_or_wrongly_is_refused() {
    let (_app, anon, root) = start();
    create_members(&root, &[]);
    let (bob, totp) = (as_member(&anon, "bob"), format!("{MEMBERS}/totp"));
    for path in [totp.clone(), format!("{totp}/confirm"), format!("{totp}/disable")] {
        assert_eq!(anon.post(&path, json!({})).refused_with(401), [""; 0], "{path}");
        assert_eq!(root.post(&path, json!({})).refused_with(403), [""; 0], "{path}");
    }
    assert_eq!(bob.post(&totp, json!({})).refused_with(400), ["password: validation_required"]);
    assert_eq!(bob.post(&format!("{totp}/nothing"), json!({})).refused_with(404), [""; 0]);
    assert_eq!(bob.post("/api/collections/nowhere/totp", json!({})).refused_with(404), [""; 0]);
    let complete = format!("{MEMBERS}/auth-with-totp");
    assert_eq!(
        anon.post(&complete, json!({})).refused_with(400),
        ["code: validation_required", "mfaId: validation_required"]
    );
    assert_eq!(anon.post(&complete, json!({"mfaId": "x", "code": "123456"})).refused_with(400), [""; 0]);
    assert_eq!(anon.get(&complete).refused_with(404), [""; 0]);
}

#[test]
fn with_the_variable_secrets_are_sealed() {
    let app = start_with(|options| options.variables.push(secret_key()));
    let (anon, root) = (app.anonymous(), app.superuser());
    create_members(&root, &[]);
    let (made, _) = take_up(&as_member(&anon, "bob"));
    let body = json!({"mfaId": first_factor(&anon), "code": code(&made, 1)});
    anon.post(&format!("{MEMBERS}/auth-with-totp"), body).ok();
    let mut stored = Vec::new();
    let database = NativeDatabase::open(app.database_file()).unwrap();
    let each = |row| -> Result<(), DatabaseError> {
        stored.push(format!("{row:?}"));
        Ok(())
    };
    database.for_each_row(r#"SELECT "secret" FROM "_totps""#, each).unwrap();
    assert!(stored.len() == 1 && stored[0].contains("sealed:"), "{stored:?}");
}
