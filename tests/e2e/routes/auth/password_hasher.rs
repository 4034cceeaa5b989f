//! The component that computes hashes for the others.

use std::fs;
use std::sync::{Arc, Mutex};

use backspin_host::Output;
use backspin_tests::{App, SUPERUSER_EMAIL, SUPERUSER_PASSWORD, start_with};
use serde_json::json;

use super::{create_members, sign_in};

/// What the components have logged.
type Log = Arc<Mutex<Vec<String>>>;

fn logged(log: &Log) -> Vec<String> {
    log.lock().unwrap().clone()
}

/// The application, with its manifest changed.
fn start_logged(change: impl FnOnce(String) -> String) -> (App, Log) {
    let log = Log::default();
    let (lines, folder) = (log.clone(), tempfile::tempdir().unwrap());
    let app = start_with(|options| {
        let root = options.manifest.parent().unwrap();
        let absolute = format!("source = \"{}/target/", root.display());
        let manifest =
            fs::read_to_string(&options.manifest).unwrap().replace("source = \"target/", &absolute);
        options.manifest = folder.path().join("spin.toml");
        fs::write(&options.manifest, change(manifest)).unwrap();
        options.output = Output::Function(Arc::new(move |component, line| {
            lines.lock().unwrap().push(format!("[{component}] {line}"));
        }));
    });
    (app, log)
}

#[test]
fn it_is_asked_by_all_who_hash_and_has_no_route() {
    let (app, log) = start_logged(|manifest| manifest);
    let root = app.superuser();
    create_members(&root, &[]);
    sign_in(&app.anonymous(), "bob").ok();
    let member = json!({
        "requests": [{"method": "POST", "url": "/api/collections/members/records", "body": {
            "email": "carol@example.com", "password": "correct horse", "passwordConfirm": "correct horse",
        }}],
    });
    root.patch("/api/settings", json!({"batch": {"enabled": true}})).ok();
    root.post("/api/batch", member).ok();
    assert_eq!(logged(&log), [""; 0], "one that hashes by itself says so");
    for path in ["/password-hasher", "/api/password-hasher", "/.wagi/password-hasher"] {
        let question = json!({"verify": {"password": "a", "hash": "b"}});
        assert_eq!(root.post(path, question).refused_with(404), [""; 0], "{path}");
    }
}

/// As on a platform whose components cannot call each other.
#[test]
fn without_it_people_sign_in_too() {
    let (app, log) = start_logged(|manifest| {
        let changed =
            manifest.replace("\"http://password-hasher.spin.internal\"", "\"http://mail.spin.internal\"");
        assert_ne!(manifest, changed);
        changed
    });
    let credentials = json!({"identity": SUPERUSER_EMAIL, "password": SUPERUSER_PASSWORD});
    let path = "/api/collections/_superusers/auth-with-password";
    app.anonymous().post(path, credentials).ok();
    let wrong = json!({"identity": SUPERUSER_EMAIL, "password": "wrong"});
    assert_eq!(app.anonymous().post(path, wrong).refused_with(400), [""; 0]);
    let said = logged(&log);
    let warning =
        "[auth-with-password] warning: password-hasher cannot be reached, so hashes are computed here";
    assert!(said.iter().any(|line| line.starts_with(warning)), "{said:?}");
}
