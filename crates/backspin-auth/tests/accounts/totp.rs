//! Authenticator apps, asked for at sign-in.

mod owner;

use backspin_auth::*;
use backspin_core::{Env, Error};
use backspin_schema::Caller;
use futures::executor::block_on;
use serde_json::{Value as Json, json};

use crate::{Asked, Backend, PASSWORD, object, parse, post, refusal, token, with_token};

const WRONG: &str = "400 Invalid or expired code.";
const UNKNOWN: &str = "400 Invalid or expired MFA session.";
const LATER: &str = "429 Too many failed attempts, please try again later.";
const BOB: &str = "bobbbbbbbbbbbbb";

fn shape<T: serde::de::DeserializeOwned>(body: Json) -> Result<T, Error> {
    serde_json::from_value(body).map_err(|error| Error::bad_request(error.to_string()))
}

impl Backend {
    /// One of the requests under `…/totp`, or `auth-with-totp`.
    fn totp(&self, action: &str, body: Json, asked: Asked<'_>) -> Result<Json, Error> {
        let identified = block_on(identify_session(&self.app, asked.token)).unwrap();
        let parameters = asked.parameters();
        let (app, request, of) = (&self.app, post(&identified.caller, &parameters), "members");
        block_on(async {
            match action {
                "" => view_totp(app, &request, of, None).await.map(parse),
                "request" => request_totp(app, &request, &identified, of, shape(body)).await.map(parse),
                "confirm" => confirm_totp(app, &request, of, shape(body)).await.map(parse),
                "recovery-codes" => renew_recovery_codes(app, &request, of, shape(body)).await.map(parse),
                "disable" => disable_totp(app, &request, of, shape(body)).await.map(|()| Json::Null),
                "sign in" => {
                    let fields = object(body.clone());
                    let reply = with_totp(app, &request, of, shape(body), &fields, &asked.shape).await;
                    reply.map(|(SignIn::Done(json) | SignIn::SecondFactor(json))| parse(json))
                }
                other => panic!("{other}"),
            }
        })
    }

    /// The code that an app shows now, by an implementation of its own of RFC 4226.
    fn code(&self, secret: &str) -> String {
        code_at(secret, self.app.env().now().unix_seconds() / 30)
    }

    /// Bob takes up an app. Returns his token, the secret and the recovery codes.
    fn take_up(&self) -> (String, String, Vec<String>) {
        let bob = self.token("members", "bob");
        let made = self.totp("request", json!({"password": PASSWORD}), with_token(&bob)).unwrap();
        let secret = made["secret"].as_str().unwrap().to_owned();
        let confirmed = self.totp("confirm", json!({"code": self.code(&secret)}), with_token(&bob)).unwrap();
        let codes = confirmed["recoveryCodes"].as_array().unwrap().iter();
        let codes = codes.map(|code| code.as_str().unwrap().to_owned()).collect();
        self.next_step();
        (bob, secret, codes)
    }

    fn next_step(&self) {
        self.app.env().advance_ms(30_000);
    }

    /// The id of bob's first factor.
    fn first_factor(&self) -> String {
        let reply = self.sign_in("members", "bob", PASSWORD).unwrap();
        assert_eq!(reply.as_object().unwrap().keys().collect::<Vec<_>>(), ["mfaId"]);
        reply["mfaId"].as_str().unwrap().to_owned()
    }

    fn complete(&self, mfa_id: &str, code: &str) -> Result<Json, Error> {
        self.totp("sign in", json!({"mfaId": mfa_id, "code": code}), Asked::default())
    }

    fn recover(&self, mfa_id: &str, code: &str) -> Result<Json, Error> {
        self.totp("sign in", json!({"mfaId": mfa_id, "recoveryCode": code}), Asked::default())
    }
}

fn code_at(secret: &str, step: i64) -> String {
    use hmac::{Hmac, Mac};
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let bits: String =
        secret.chars().map(|c| format!("{:05b}", alphabet.find(c).unwrap())).collect::<Vec<_>>().concat();
    let key: Vec<u8> =
        (0..bits.len() / 8).map(|at| u8::from_str_radix(&bits[at * 8..at * 8 + 8], 2).unwrap()).collect();
    let mut mac = Hmac::<sha1::Sha1>::new_from_slice(&key).unwrap();
    mac.update(&step.to_be_bytes());
    let digest = mac.finalize().into_bytes();
    let offset = usize::from(digest[19] & 15);
    let number = u32::from_be_bytes(digest[offset..offset + 4].try_into().unwrap()) & 0x7fff_ffff;
    format!("{:06}", number % 1_000_000)
}

#[test]
fn a_code_completes_a_sign_in_once() {
    let backend = Backend::with_members(json!({}));
    let (_, secret, _) = backend.take_up();
    let (first, second) = (backend.first_factor(), backend.first_factor());
    let code = backend.code(&secret);
    let reply = backend.complete(&first, &code).unwrap();
    assert_eq!(reply["record"]["id"], BOB);
    assert_ne!(backend.identify(Some(token(&reply))), Caller::Guest);
    assert_eq!(refusal(backend.complete(&second, &code)), WRONG, "a code that was used");
    backend.next_step();
    assert_eq!(
        refusal(backend.complete(&first, &backend.code(&secret))),
        UNKNOWN,
        "a first factor that was used"
    );
    backend.complete(&second, &backend.code(&secret)).unwrap();
}

#[test]
fn the_code_of_the_confirmation_and_older_ones_are_not_taken_again() {
    let backend = Backend::with_members(json!({}));
    let (_, secret, _) = backend.take_up();
    let mfa_id = backend.first_factor();
    let step = backend.app.env().now().unix_seconds() / 30;
    assert_eq!(refusal(backend.complete(&mfa_id, &code_at(&secret, step - 1))), WRONG, "the confirmation's");
    assert_eq!(refusal(backend.complete(&mfa_id, &code_at(&secret, step + 2))), WRONG, "too early");
    backend.complete(&mfa_id, &code_at(&secret, step + 1)).unwrap();
    let mfa_id = backend.first_factor();
    assert_eq!(
        refusal(backend.complete(&mfa_id, &code_at(&secret, step))),
        WRONG,
        "before one that was used"
    );
}

#[test]
fn a_first_factor_is_of_its_time_account_and_collection() {
    let backend = Backend::with_members(json!({}));
    let (_, secret, _) = backend.take_up();
    let mfa_id = backend.first_factor();
    let now = backend.app.env().now().to_string();
    for (id, collection, record, method) in [
        ("alices000000000", backend.members_id(), "aliceaaaaaaaaaa", "password"),
        ("elsewhere000000", "_pb_users_auth_".to_owned(), BOB, "password"),
        ("itself000000000", backend.members_id(), BOB, "totp"),
    ] {
        backend.sql(&format!(
            "INSERT INTO _mfas (id, collectionRef, recordRef, method, created, updated) \
             VALUES ('{id}', '{collection}', '{record}', '{method}', '{now}', '{now}')"
        ));
    }
    let code = backend.code(&secret);
    assert_eq!(refusal(backend.complete("alices000000000", &code)), WRONG);
    for id in ["elsewhere000000", "itself000000000", "nothing"] {
        assert_eq!(refusal(backend.complete(id, &code)), UNKNOWN, "{id}");
    }
    backend.app.env().advance_ms(30 * 60_000);
    assert_eq!(refusal(backend.complete(&mfa_id, &backend.code(&secret))), UNKNOWN);
    for (body, refused) in [
        (json!({}), "400 code:validation_required mfaId:validation_required"),
        (json!({"mfaId": "x", "code": "1".repeat(256)}), "400 code:validation_length_out_of_range"),
        (json!({"mfaId": 5, "code": "1"}), "400 Failed to read MFA Id."),
    ] {
        assert_eq!(refusal(backend.totp("sign in", body, Asked::default())), refused);
    }
}

#[test]
fn codes_are_guessed_five_times_whatever_the_first_factor() {
    let backend = Backend::with_members(json!({}));
    let (bob, secret, codes) = backend.take_up();
    for _ in 0..5 {
        assert_eq!(refusal(backend.complete(&backend.first_factor(), "1")), WRONG);
    }
    let mfa_id = backend.first_factor();
    assert_eq!(refusal(backend.complete(&mfa_id, &backend.code(&secret))), LATER);
    assert_eq!(refusal(backend.recover(&mfa_id, &codes[0])), LATER);
    let disabled = backend.totp("disable", json!({"code": backend.code(&secret)}), with_token(&bob));
    assert_eq!(refusal(disabled), LATER);
    backend.app.env().advance_ms(1_000);
    backend.complete(&mfa_id, &backend.code(&secret)).unwrap();
}

#[test]
fn a_recovery_code_is_good_for_one_time() {
    let backend = Backend::with_members(json!({}));
    let (bob, secret, codes) = backend.take_up();
    let spelled = codes[3].to_uppercase().replace('-', " ");
    backend.recover(&backend.first_factor(), &spelled).unwrap();
    let mfa_id = backend.first_factor();
    assert_eq!(refusal(backend.recover(&mfa_id, &codes[3])), WRONG);
    backend.recover(&mfa_id, &codes[4]).unwrap();
    assert_eq!(backend.totp("", json!({}), with_token(&bob)).unwrap()["recoveryCodes"], 8);
    // New ones take the place of all old ones.
    let renewed = json!({"code": backend.code(&secret)});
    let renewed = backend.totp("recovery-codes", renewed, with_token(&bob)).unwrap();
    let mfa_id = backend.first_factor();
    assert_eq!(refusal(backend.recover(&mfa_id, &codes[5])), WRONG);
    backend.recover(&mfa_id, renewed["recoveryCodes"][9].as_str().unwrap()).unwrap();
}

#[test]
fn an_app_is_the_second_factor_of_a_collection_that_asks_for_one_and_no_other_method_is() {
    let mfa = json!({"enabled": true, "duration": 600});
    let backend = Backend::with_members(json!({"mfa": mfa, "otp": {"enabled": true}}));
    // Without an app, two methods.
    let code = |backend: &Backend, mfa_id: &str| {
        backend.app.env().advance_ms(180_000);
        let asked = backend.flow("members", "request-otp", json!({"email": "bob@example.com"})).unwrap();
        let password = backend.last_mail().code();
        let body = json!({"otpId": asked["otpId"], "password": password, "mfaId": mfa_id});
        backend.flow("members", "auth-with-otp", body)
    };
    let reply = code(&backend, &backend.first_factor()).unwrap();
    let bob = token(&reply).to_owned();
    let made = backend.totp("request", json!({"password": PASSWORD}), with_token(&bob)).unwrap();
    let secret = made["secret"].as_str().unwrap();
    backend.totp("confirm", json!({"code": backend.code(secret)}), with_token(&bob)).unwrap();
    let mfa_id = backend.first_factor();
    assert_eq!(refusal(code(&backend, &mfa_id)), "400 A code of the authenticator app is required.");
    backend.complete(&mfa_id, &backend.code(secret)).unwrap();
    let first = code(&backend, "").unwrap()["mfaId"].as_str().unwrap().to_owned();
    backend.complete(&first, &backend.code(secret)).unwrap();
}
