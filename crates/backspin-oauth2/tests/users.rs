//! Who a provider's reply tells about: replies as the providers document them, and who PocketBase takes them for.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use backspin_oauth2::{
    ProvidedUser, Provider, SecretIn, Tokens, email_request, offered, read_email, read_user, token_request,
    user_request, withholds_emails,
};
use backspin_schema::collection::OAuth2Provider;
use http::StatusCode;
use serde_json::{Map, Value as Json, json};

fn provider(name: &str) -> Provider {
    let settings = OAuth2Provider {
        name: name.into(),
        client_id: "our id".into(),
        client_secret: "s&cret".into(),
        token_url: "https://id.example/token".into(),
        user_info_url: "https://id.example/user".into(),
        ..OAuth2Provider::default()
    };
    Provider::of(&settings).unwrap()
}

fn tokens(more: &Json) -> Tokens {
    let mut reply = json!({ "access_token": "AT", "expires_in": "100" });
    let more = more.as_object().cloned().unwrap_or_default();
    reply.as_object_mut().unwrap().extend(more);
    Tokens::read(reply.to_string().as_bytes()).unwrap()
}

fn read(name: &str, reply: Json) -> Option<ProvidedUser> {
    read_user(&provider(name), &tokens(&Json::Null), reply).ok()
}

/// The members that are not empty, without the reply itself.
fn shown(user: &ProvidedUser) -> Json {
    let shown: Map<String, Json> = serde_json::to_value(user).unwrap().as_object().unwrap().clone();
    shown.into_iter().filter(|(name, value)| name != "rawUser" && *value != "").collect()
}

#[test]
fn the_users_of_every_provider_are_read() {
    let documented: Map<String, Json> = serde_json::from_str(include_str!("users.json")).unwrap();
    for (name, case) in &documented {
        let provider = provider(name);
        let tokens = tokens(&case["token"]);
        let mut user = read_user(&provider, &tokens, case["reply"].clone()).unwrap();
        if user.email.is_empty() {
            assert_eq!(email_request(&provider, &tokens).is_some(), case.get("emails").is_some(), "{name}");
            user.email = read_email(&provider, &case["emails"]);
        }
        assert_eq!(shown(&user), case["user"], "{name}");
    }
    // Apple tells its users by the id_token alone.
    let missing = offered().map(|(name, _)| name).filter(|name| !documented.contains_key(*name));
    assert_eq!(missing.collect::<Vec<_>>(), ["apple", "oidc2", "oidc3"]);
}

#[test]
fn an_email_that_is_not_verified_is_none() {
    for (name, reply) in [
        ("google", json!({ "sub": "1", "email": "a@b.co", "email_verified": false })),
        ("oidc", json!({ "sub": "1", "email": "a@b.co" })),
        ("oidc", json!({ "sub": "1", "email": "a@b.co", "email_verified": "false" })),
        ("gitlab", json!({ "id": 1, "email": "a@b.co", "confirmed_at": null })),
        ("discord", json!({ "id": "1", "email": "a@b.co", "verified": false })),
        ("kakao", json!({ "id": 1, "kakao_account": { "email": "a@b.co", "is_email_verified": false } })),
        ("github", json!({ "id": 1, "email": "a@b.co" })),
        ("microsoft", json!({ "id": "1", "mail": "a@b.co" })),
    ] {
        assert_eq!(read(name, reply).unwrap().email, "", "{name}");
    }
    for doubtful in ["", "False", "FALSE", "false", "f", "F", "n", "no", "yes", "on", "0", "2", " true"] {
        let reply = json!({ "sub": "1", "email": "a@b.co", "email_verified": doubtful });
        assert_eq!(read("oidc", reply).unwrap().email, "", "{doubtful}");
    }
    for doubtful in [json!(0), json!(0.0), json!(null), json!([true]), json!({ "value": true })] {
        let reply = json!({ "sub": "1", "email": "a@b.co", "email_verified": doubtful });
        assert_eq!(read("oidc", reply).unwrap().email, "");
    }
    for (valid, verified) in [(json!(false), true), (json!(null), true), (json!(true), false)] {
        let account = json!({ "email": "a@b.co", "is_email_valid": valid, "is_email_verified": verified });
        assert_eq!(read("kakao", json!({ "id": 1, "kakao_account": account })).unwrap().email, "");
    }
    for no_date in
        [json!(""), json!("true"), json!("1"), json!(true), json!(1), json!("0001-01-01T00:00:00Z")]
    {
        let reply = json!({ "id": 1, "email": "a@b.co", "confirmed_at": no_date });
        assert_eq!(read("gitlab", reply).unwrap().email, "");
    }
    let github = provider("github");
    let emails = json!([{ "email": "a@b.co", "primary": true, "verified": false }, { "email": "c@d.co", "verified": true }]);
    assert_eq!(read_email(&github, &emails), "");
    assert_eq!(read("microsoft", json!({ "id": "1", "mail": "a@b.co" })).unwrap().unverified_email, "a@b.co");
}

#[test]
fn an_email_that_is_told_to_be_verified_is_one() {
    for yes in [json!(true), json!("true"), json!("True"), json!("1"), json!(1), json!(2), json!(-1)] {
        let reply = json!({ "sub": "1", "email": "a@b.co", "email_verified": yes });
        assert_eq!(read("oidc", reply).unwrap().email, "a@b.co", "{yes}");
    }
}

#[test]
fn the_id_of_a_user_is_a_text_or_a_whole_number_that_is_read_exactly() {
    let id = |sub: &str| read("oidc", serde_json::from_str(&format!(r#"{{"sub":{sub}}}"#)).unwrap());
    assert_eq!(id("12345678901234567890").unwrap().id, "12345678901234567890");
    // Two ids as doubles could be one.
    for refused in ["1.5", "1.0", "1e3", "123456789012345678901234", "true", "[1]", "{}"] {
        assert_eq!(id(refused), None, "{refused}");
    }
}

#[test]
fn an_avatar_that_is_not_public_is_not_shown() {
    for public in [json!(false), json!(null)] {
        let reply =
            json!({ "data": { "id": "1", "photo": "https://wakatime.com/p", "photo_public": public } });
        assert_eq!(read("wakatime", reply).unwrap().avatar_url, "");
    }
}

#[test]
fn emails_are_withheld_by_a_refusal_and_not_by_a_failure() {
    let withheld = |status| withholds_emails(StatusCode::from_u16(status).unwrap());
    assert!([401, 403, 404].into_iter().all(withheld));
    assert!(![200, 400, 429, 500, 502, 503].into_iter().any(withheld));
}

#[test]
fn a_reply_without_a_user_or_with_a_closed_account_is_refused() {
    for (name, reply) in [
        ("google", json!({})),
        ("google", json!({ "sub": "" })),
        ("google", json!({ "sub": null })),
        ("google", json!([])),
        ("google", json!("sub")),
        ("gitea", json!({ "id": 1, "active": false })),
        ("box", json!({ "id": "1", "status": "inactive" })),
        ("bitbucket", json!({ "uuid": "{1}", "account_status": "inactive" })),
        ("linear", json!({ "data": { "viewer": { "id": "1", "active": false } } })),
        ("monday", json!({ "data": { "me": { "id": "1", "enabled": false } } })),
        ("mailcow", json!({ "id": "1", "active": 0 })),
        ("notion", json!({ "id": "b", "bot": { "owner": { "type": "workspace", "workspace": true } } })),
    ] {
        assert_eq!(read(name, reply.clone()), None, "{name} {reply}");
    }
}

#[test]
fn the_code_is_sent_with_the_secret_in_the_header_or_in_the_body() {
    let ask = |secret_in| {
        token_request(&provider("oidc"), "c&de", "verifier", "https://a.example/r", secret_in).unwrap()
    };
    let begin = "grant_type=authorization_code&code=c%26de&redirect_uri=https%3A%2F%2Fa.example%2Fr&code_verifier=verifier";
    let request = ask(SecretIn::Header);
    assert_eq!(String::from_utf8_lossy(request.body()), begin);
    // "our+id:s%26cret"
    assert_eq!(request.headers()["authorization"], "Basic b3VyK2lkOnMlMjZjcmV0");
    let request = ask(SecretIn::Body);
    let secret = "&client_id=our+id&client_secret=s%26cret";
    assert_eq!(String::from_utf8_lossy(request.body()), format!("{begin}{secret}"));
    assert!(request.headers().get("authorization").is_none());
}

#[test]
fn the_user_is_asked_for_with_the_access_token() {
    let request = user_request(&provider("twitch"), &tokens(&Json::Null)).unwrap();
    assert_eq!(
        (request.method().as_str(), request.headers()["authorization"].to_str().unwrap()),
        ("GET", "Bearer AT")
    );
    assert_eq!(request.headers()["client-id"], "our id");
    let request = user_request(&provider("linear"), &tokens(&Json::Null)).unwrap();
    assert_eq!(
        (request.method().as_str(), &request.headers()["content-type"] == "application/json"),
        ("POST", true)
    );
    let request = email_request(&provider("github"), &tokens(&Json::Null)).unwrap().unwrap();
    assert_eq!(request.uri(), "https://id.example/user/emails");
}

#[test]
fn a_reply_without_an_access_token_is_refused() {
    for reply in [
        "",
        "{}",
        "[]",
        r#"{"access_token":""}"#,
        r#"{"access_token":1}"#,
        r#"{"error":"bad_verification_code"}"#,
    ] {
        assert!(Tokens::read(reply.as_bytes()).is_err(), "{reply}");
    }
    assert_eq!(tokens(&Json::Null).seconds, 100);
    for (seconds, read) in [
        (json!(-1), -1),
        (json!(60.5), 60),
        (json!("60"), 60),
        (json!("soon"), 0),
        (json!(true), 0),
        (json!(null), 0),
        (json!(1e300), i64::from(i32::MAX)),
        (json!("99999999999"), i64::from(i32::MAX)),
    ] {
        assert_eq!(tokens(&json!({ "expires_in": seconds })).seconds, read, "{seconds}");
    }
}
