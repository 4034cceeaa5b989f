//! The settings on real SQLite: what is kept, what is refused, who sees what.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use backspin_core::{Database, Error, Result, Value};
use backspin_native::{FixedEnv, Native, NativeDatabase, Recorder};
use backspin_schema::{App, AuthRecord, Caller, SUPERUSERS_ID};
use backspin_secrets::SecretKey;
use backspin_settings::{Settings, update, view};
use futures::executor::block_on;
use proptest::prelude::*;
use serde_json::{Map, Value as Json, json};

struct Backend {
    app: App<Native<Recorder<NativeDatabase>, FixedEnv>>,
    folder: tempfile::TempDir,
}

impl Backend {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let backend = Backend { app: app(&folder), folder };
        block_on(backend.app.snapshot()).unwrap();
        backend
    }

    /// The same database under an application with this variable `secret_key`.
    fn with_key(self, key: &str) -> Self {
        let app = open(&self.folder, FixedEnv::new().with_variable("secret_key", key));
        Backend { app, folder: self.folder }
    }

    /// The settings as the database has them.
    fn stored(&self) -> String {
        let sql = r#"SELECT "value" FROM "_params" WHERE "id" = 'settings'"#;
        match block_on(self.app.database().query(sql, Vec::new())).unwrap().into_first() {
            Some(Value::Text(json)) => json,
            other => panic!("{other:?}"),
        }
    }

    fn patch(&self, body: Json) -> Result<Json> {
        parsed(block_on(update(&self.app, &superuser(), object(body), "")))
    }

    fn view(&self) -> Json {
        parsed(block_on(view(&self.app, &superuser(), ""))).unwrap()
    }

    fn current(&self) -> Settings {
        block_on(async {
            let snapshot = self.app.reload().await.unwrap();
            (*backspin_settings::of(&snapshot).unwrap()).clone()
        })
    }

    #[track_caller]
    fn refuses(&self, body: Json, reason: &str) {
        let before = self.view();
        match self.patch(body.clone()) {
            Err(Error::BadRequest { fields, message }) => {
                let told = format!("{} {message}", serde_json::to_string(&fields).unwrap());
                assert!(told.contains(reason), "{body}: {told}");
            }
            other => panic!("{body}: {other:?}"),
        }
        assert_eq!(self.view(), before);
    }
}

fn app(folder: &tempfile::TempDir) -> App<Native<Recorder<NativeDatabase>, FixedEnv>> {
    open(folder, FixedEnv::new())
}

fn open(folder: &tempfile::TempDir, env: FixedEnv) -> App<Native<Recorder<NativeDatabase>, FixedEnv>> {
    let database = NativeDatabase::open(folder.path().join("test.db")).unwrap();
    App::new(Native { database: Recorder::new(database), env })
}

fn record(collection_id: &str) -> Caller {
    let fields = vec![("id".to_owned(), Value::from("a"))];
    let collection_name = String::new();
    Caller::Record(AuthRecord { collection_id: collection_id.to_owned(), collection_name, fields })
}

fn superuser() -> Caller {
    record(SUPERUSERS_ID)
}

fn object(json: Json) -> Map<String, Json> {
    json.as_object().unwrap().clone()
}

fn parsed(bytes: Result<Vec<u8>>) -> Result<Json> {
    bytes.map(|bytes| serde_json::from_slice(&bytes).unwrap())
}

#[test]
fn a_new_application_has_pocketbases_settings() {
    let settings = Backend::new().view();
    assert_eq!(settings["meta"]["appURL"], "http://localhost:3000");
    assert_eq!(settings["smtp"]["port"], 587);
    assert_eq!(settings["rateLimits"]["rules"].as_array().unwrap().len(), 4);
    let keys: Vec<&str> = settings.as_object().unwrap().keys().map(String::as_str).collect();
    let expected = "superuserIPs smtp mailApi passwords backups s3 meta rateLimits trustedProxy batch logs";
    assert_eq!(keys.join(" "), expected);
}

#[test]
fn a_change_keeps_what_it_does_not_name() {
    let backend = Backend::new();
    let s3 = json!({"bucket": "b", "secret": "s3cret"});
    backend.patch(json!({"meta": {"appName": "Shop"}, "s3": s3, "unknown": 1})).unwrap();
    let settings = backend.patch(json!({"smtp": {"username": "u"}})).unwrap();
    assert_eq!(settings["meta"]["appName"], "Shop");
    assert_eq!(settings["s3"]["bucket"], "b");
    assert_eq!(settings["unknown"], Json::Null);
    assert_eq!(backend.current().s3.secret, "s3cret");
}

#[test]
fn secrets_are_kept_and_shown_to_nobody() {
    let backend = Backend::new();
    let shown = backend.patch(json!({"smtp": {"password": "pa55word"}})).unwrap();
    assert_eq!(shown["smtp"]["password"], Json::Null);
    assert!(!backend.view().to_string().contains("pa55word"));
    backend.patch(json!({"smtp": {"username": "u"}})).unwrap();
    assert_eq!(backend.current().smtp.password, "pa55word");
    backend.patch(json!({"smtp": {"password": ""}})).unwrap();
    assert_eq!(backend.current().smtp.password, "");
}

#[test]
fn secrets_are_sealed_where_the_operator_has_set_a_key() {
    const KEY: &str = "0123456789abcdef0123456789abcdef";
    let longest = "t0ken".repeat(819);
    let secrets = ["pa55word", "s3cret", "ba5kup", &longest];
    let is_sealed = |backend: &Backend| secrets.iter().all(|secret| !backend.stored().contains(secret));
    let opened = |backend: &Backend, key: &str| {
        let env = FixedEnv::new().with_variable("secret_key", key);
        let (key, settings) = (block_on(SecretKey::of(&env)).unwrap(), backend.current());
        let headers = settings.mail_api.opened(&key)?.headers;
        Ok::<_, Error>([settings.smtp.opened(&key)?.password, headers[0].value.clone()])
    };
    let entered = json!({
        "smtp": {"password": secrets[0]}, "s3": {"secret": secrets[1]}, "backups": {"s3": {"secret": secrets[2]}},
        "mailApi": {"headers": [{"name": "X-Token", "value": longest}]},
    });

    // Entered before there was a key, they are sealed by the next change.
    let backend = Backend::new();
    backend.patch(entered.clone()).unwrap();
    assert!(!is_sealed(&backend));
    let backend = backend.with_key(KEY);
    assert_eq!(opened(&backend, KEY).unwrap(), ["pa55word", &longest]);
    backend.patch(json!({"smtp": {"username": "u"}})).unwrap();
    assert!(is_sealed(&backend));
    assert_eq!(opened(&backend, KEY).unwrap(), ["pa55word", &longest]);

    // What a change does not name stays, and what was checked once is no longer for being sealed.
    let before = backend.stored();
    let again = json!({"smtp": {"username": "u"}, "mailApi": {"headers": [{"name": "x-token"}]}});
    backend.patch(again).unwrap();
    backend.patch(json!({"mailApi": {"headers": [{"name": "X-Token"}]}})).unwrap();
    assert_eq!(backend.stored(), before);

    // Under another key they are of no use, are kept as they are, and can be entered again.
    let other = "0123456789abcdef0123456789abcdeF";
    let backend = backend.with_key(other);
    assert!(opened(&backend, other).is_err());
    backend.patch(json!({"smtp": {"username": "v"}})).unwrap();
    assert_eq!(backend.stored(), before.replace("\"u\"", "\"v\""));
    backend.patch(entered).unwrap();
    assert!(is_sealed(&backend));
    assert_eq!(opened(&backend, other).unwrap(), ["pa55word", &longest]);
}

#[test]
fn a_text_that_looks_like_a_sealed_one_is_a_text() {
    for key in ["", "0123456789abcdef0123456789abcdef"] {
        let backend = Backend::new().with_key(key);
        for _ in 0..2 {
            backend.patch(json!({"smtp": {"password": "sealed:AAAA"}})).unwrap();
            backend.patch(json!({"smtp": {"username": "u"}})).unwrap();
            let env = FixedEnv::new().with_variable("secret_key", key);
            let opened = backend.current().smtp.opened(&block_on(SecretKey::of(&env)).unwrap()).unwrap();
            assert_eq!(opened.password, "sealed:AAAA");
        }
    }
}

#[test]
fn the_values_of_headers_for_the_mail_api_are_secrets_too() {
    let backend = Backend::new();
    let headers = json!([{"name": "X-Token", "value": "s3cret"}, {"name": "X-Other", "value": "0ther"}]);
    let shown = backend.patch(json!({"mailApi": {"headers": headers}})).unwrap();
    assert_eq!(shown["mailApi"]["headers"], json!([{"name": "X-Token"}, {"name": "X-Other"}]));
    let kept = |backend: &Backend| {
        let headers = backend.current().mail_api.headers;
        headers.into_iter().map(|header| format!("{}={}", header.name, header.value)).collect::<Vec<_>>()
    };
    backend.patch(json!({"mailApi": {"headers": [{"name": "x-token"}]}})).unwrap();
    assert_eq!(kept(&backend), ["x-token=s3cret"]);
    backend.patch(shown).unwrap_err();
    backend.patch(json!({"mailApi": {"headers": [{"name": "X-Token", "value": "new"}]}})).unwrap();
    assert_eq!(kept(&backend), ["X-Token=new"]);
    backend.patch(json!({"mailApi": {"body": {"a": "{TO}"}, "headers": []}})).unwrap();
    let settings = backend.patch(json!({"mailApi": {"body": {"b": null}}})).unwrap();
    assert_eq!((&settings["mailApi"]["body"], kept(&backend)), (&json!({"b": null}), vec![]));
}

#[test]
fn only_superusers_see_and_change_them() {
    let backend = Backend::new();
    for (caller, status) in [(Caller::Guest, 401), (record("_pb_users_auth_"), 403)] {
        assert_eq!(block_on(view(&backend.app, &caller, "")).unwrap_err().status(), status);
        let change = update(&backend.app, &caller, object(json!({"meta": {"appName": "x"}})), "");
        assert_eq!(block_on(change).unwrap_err().status(), status);
    }
    assert_eq!(backend.current().meta.app_name, "Acme");
}

#[test]
fn what_is_refused_is_named_with_pocketbases_codes() {
    let backend = Backend::new();
    for (body, reason) in [
        (json!({"meta": {"appName": "", "appURL": ""}}), r#"{"appName":{"code":"validation_required""#),
        (json!({"meta": {"appName": null}}), "validation_required"),
        (json!({"meta": null}), "senderName"),
        (json!({"meta": {"appName": "a".repeat(256)}}), "validation_length_out_of_range"),
        (json!({"meta": {"appURL": "javascript:alert(1)"}}), "validation_is_url"),
        (json!({"meta": {"senderAddress": "a b@c.d"}}), "validation_is_email"),
        (json!({"meta": {"accentColor": "#12"}}), "validation_length_invalid"),
        (json!({"meta": {"accentColor": "zzzzzzz"}}), "validation_is_hex_color"),
        (json!({"smtp": {"enabled": true, "host": ""}}), r#"{"smtp":{"host":{"code":"validation_required""#),
        (json!({"smtp": {"host": "a\r\nb"}}), "validation_is_host"),
        (json!({"smtp": {"port": -1}}), "validation_min_greater_equal_than_required"),
        (json!({"smtp": {"authMethod": "NTLM"}}), "validation_in_invalid"),
        (json!({"mailApi": {"enabled": true}}), r#"{"mailApi":{"url":{"code":"validation_required""#),
        (json!({"mailApi": {"enabled": true, "url": "https://a.b", "body": {"x": "y"}}}), "placeholder {TO}"),
        (json!({"mailApi": {"url": "http://mail.example.com"}}), "validation_is_url"),
        (json!({"mailApi": {"url": "https://u:p@mail.example.com"}}), "validation_is_url"),
        (json!({"mailApi": {"url": "x".repeat(3000)}}), "validation_is_url"),
        (json!({"mailApi": {"method": "GET"}}), "validation_in_invalid"),
        (json!({"mailApi": {"body": "{TO}"}}), "validation_invalid_json"),
        (json!({"mailApi": {"headers": [{"name": "Host", "value": "a"}]}}), "validation_invalid_header"),
        (json!({"mailApi": {"headers": [{"name": "a b", "value": "a"}]}}), "validation_invalid_header"),
        (json!({"mailApi": {"headers": [{"name": "a", "value": "a\r\nb: c"}]}}), "control characters"),
        (json!({"mailApi": {"headers": [{"name": "a"}]}}), r#"{"0":{"value":{"code":"validation_required""#),
        (
            json!({"mailApi": {"headers": [{"name": "a", "value": "1"}, {"name": "A", "value": "2"}]}}),
            "given once",
        ),
        (json!({"mailApi": {"headers": [{"name": "a", "value": "a".repeat(5000)}]}}), "too_long"),
        (json!({"mailApi": 1}), "An error occurred while loading the submitted data."),
        (json!({"rateLimits": {"enabled": true, "rules": []}}), "validation_required"),
        (json!({"rateLimits": {"rules": [{}]}}), r#"{"rateLimits":{"rules":{"0":{"duration""#),
        (json!({"rateLimits": {"excludedIPs": ["x"]}}), "validation_invlaid_ip_or_subnet"),
        (json!({"batch": {"enabled": true, "timeout": 0}}), "validation_required"),
        (json!({"logs": {"maxDays": -1}}), "validation_min_greater"),
        (json!({"superuserIPs": [""]}), "validation_required"),
        (json!({"backups": {"cron": "x"}}), "validation_invalid_cron"),
        (json!({"s3": {"enabled": true}}), r#""secret":{"code":"validation_required""#),
        (json!({"meta": {"appName": 1}}), "An error occurred while loading the submitted data."),
        (json!({"meta": []}), "An error occurred while loading the submitted data."),
        (json!({"smtp": {"port": 587.5}}), "An error occurred while loading the submitted data."),
        (json!({"superuserIPs": vec!["1.2.3.4"; 40_000]}), "256 KiB"),
    ] {
        backend.refuses(body, reason);
    }
}

#[test]
fn rules_for_the_same_requests_conflict() {
    let backend = Backend::new();
    let rule = |audience| json!({"label": "/api/", "audience": audience, "duration": 1, "maxRequests": 1});
    let rules = |rules: [Json; 2]| json!({"rateLimits": {"enabled": true, "rules": rules}});
    backend.refuses(rules([rule(""), rule("@guest")]), "validation_conflicting_rate_limit_rule");
    backend.refuses(rules([rule("@auth"), rule("@auth")]), "conflicts with another rule.");
    backend.patch(rules([rule("@auth"), rule("@guest")])).unwrap();
}

#[test]
fn a_change_is_seen_by_other_instances_with_their_next_request() {
    let backend = Backend::new();
    let other = app(&backend.folder);
    let name = || {
        block_on(other.with_schema(async |snapshot| {
            let settings = backspin_settings::of(snapshot)?;
            Ok(match other.is_current(snapshot).await? {
                true => backspin_schema::Attempt::Done(settings.meta.app_name.clone()),
                false => backspin_schema::Attempt::Stale,
            })
        }))
        .unwrap()
    };
    assert_eq!(name(), "Acme");
    backend.patch(json!({"meta": {"appName": "Shop"}})).unwrap();
    assert_eq!(name(), "Shop");
    other.database().take();
    assert_eq!(name(), "Shop");
    assert_eq!(other.database().take().len(), 1, "only the version is asked for");
}

#[test]
fn unreadable_settings_are_a_fault_and_not_forgotten() {
    let backend = Backend::new();
    let sql = r#"INSERT INTO "_params" ("id", "value") VALUES ('settings', 'encrypted')"#;
    block_on(backend.app.database().execute(sql, vec![])).unwrap();
    assert_eq!(block_on(view(&backend.app, &superuser(), "")).unwrap_err().status(), 500);
    assert_eq!(backend.patch(json!({"meta": {"appName": "x"}})).unwrap_err().status(), 500);
}

fn any_json() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        any::<i64>().prop_map(Json::from),
        "[a-z@./:# ]{0,12}".prop_map(Json::from),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        let keys = "(meta|smtp|appName|port|host|rules|rateLimits|password|s3|backups|cron|headers|name|value|body|x)";
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Json::from),
            prop::collection::hash_map(keys, inner, 0..4)
                .prop_map(|map| Json::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    /// Whatever is sent, it is either refused with a 400 and changes nothing, or leaves settings that are accepted
    /// as they are.
    #[test]
    fn any_change_is_refused_whole_or_leaves_sound_settings(
        patch in prop::collection::hash_map("(meta|smtp|mailApi|rateLimits|batch|backups|s3|logs)", any_json(), 0..3)
    ) {
        let backend = Backend::new();
        let before = backend.view();
        match backend.patch(Json::Object(patch.into_iter().collect())) {
            Ok(after) => prop_assert_eq!(backend.patch(after.clone()).unwrap(), after),
            Err(error) => {
                prop_assert_eq!(error.status(), 400);
                prop_assert_eq!(backend.view(), before);
            }
        }
    }
}
