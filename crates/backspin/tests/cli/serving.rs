//! `backspin up`, from its start to its end.

use crate::itself::{backspin_itself, repository, talking};
use crate::process::{Folder, Serving};

#[test]
fn an_application_is_served_until_it_is_told_to_stop() {
    for signal in ["TERM", "INT"] {
        let folder = Folder::hello();
        let serving = folder.backspin("up --listen localhost:0").serve();
        assert_eq!(serving.request("GET", "/hello", ""), (200, "hi".to_owned()));
        assert_eq!(serving.request("GET", "/other", "").0, 404);
        assert_eq!(serving.stop(signal), Some(0), "{signal}");
    }
}

#[test]
fn the_manifest_is_found() {
    let folder = Folder::hello();
    let inner = folder.path().join("a/b");
    std::fs::create_dir_all(&inner).unwrap();
    let elsewhere = Folder::empty();
    let up = "up --listen 127.0.0.1:0";
    for backspin in [
        folder.backspin(up).folder(&inner),
        elsewhere.backspin(up).argument("-f").argument(folder.path()),
        elsewhere.backspin(up).argument("--from").argument(folder.path().join("spin.toml")),
    ] {
        assert_eq!(backspin.serve().request("GET", "/hello", "").0, 200);
    }
}

fn sign_in(serving: &Serving, email: &str, password: &str) -> u16 {
    let credentials = format!("{{\"identity\":{email:?},\"password\":{password:?}}}");
    serving.request("POST", "/api/collections/_superusers/auth-with-password", &credentials).0
}

#[test]
fn the_first_start_makes_a_superuser_and_tells_its_password_once() {
    let folder = Folder::empty();
    let first = backspin_itself(&folder, "").serve();
    let printed = |name: &str| {
        let line = first.output.lines().find_map(|line| line.strip_prefix(name));
        line.unwrap_or_else(|| panic!("no {name} in {}", first.output)).trim().to_owned()
    };
    let (email, password) = (printed("  email "), printed("  password "));
    assert_eq!(email, "admin@example.com");
    assert_eq!(sign_in(&first, &email, &password), 200);
    assert_eq!(sign_in(&first, &email, "another password"), 400);
    let (code, errors) = first.stop_with_errors("TERM");
    assert_eq!(code, Some(0));
    assert!(!errors.contains("an instance failed"), "{errors}");

    let second = backspin_itself(&folder, "").serve();
    let lines: Vec<&str> = second.output.lines().collect();
    assert_eq!(lines[0], "Links in mail lead to http://localhost:3000 (meta.appURL of the settings)");
    assert!(lines.len() == 2 && lines[1].starts_with("Serving "), "{}", second.output);
    assert_eq!(sign_in(&second, &email, &password), 200);

    let upsert = folder.backspin("superuser upsert admin@example.com correct-horse --state-dir state --from");
    assert_eq!(upsert.argument(repository()).run().code, Some(0));
    assert_eq!(sign_in(&second, &email, "correct-horse"), 200);
    assert_eq!(sign_in(&second, &email, &password), 400);
}

#[test]
fn mail_that_waits_is_looked_after_from_the_start() {
    let folder = Folder::empty();
    let first = backspin_itself(&folder, "").serve();
    let sign_up = r#"{"email":"a@example.com","password":"12345678","passwordConfirm":"12345678"}"#;
    assert_eq!(first.request("POST", "/api/collections/users/records", sign_up).0, 200);
    let ask = r#"{"email":"a@example.com"}"#;
    assert_eq!(first.request("POST", "/api/collections/users/request-verification", ask).0, 204);
    assert_eq!(first.stop("TERM"), Some(0));
    let second = talking(&folder, "").serve();
    assert_eq!(sign_in(&second, "nobody@example.com", "12345678"), 400);
    let (_, errors) = second.stop_with_errors("TERM");
    assert!(errors.contains("1 mail(s) wait in the outbox"), "{errors}");
}

#[test]
fn a_superuser_that_is_given_is_made_without_telling_its_password() {
    let folder = Folder::empty();
    let arguments = "--variable superuser_email=me@example.com --variable superuser_password=correct-horse";
    let serving = backspin_itself(&folder, arguments).serve();
    assert!(serving.output.contains("me@example.com"), "{}", serving.output);
    assert!(!serving.output.contains("correct-horse"), "{}", serving.output);
    assert_eq!(sign_in(&serving, "me@example.com", "correct-horse"), 200);
}

#[test]
fn a_superuser_that_cannot_be_made_is_told_at_the_start() {
    let ended = backspin_itself(&Folder::empty(), "--variable superuser_password=short").run();
    assert_eq!(ended.code, Some(1), "{}", ended.stderr);
    let message = "error: the variables superuser_email and superuser_password cannot be used\n  \
                   because: password: Must be at least 8 character(s).\n";
    assert!(ended.stderr.ends_with(message), "{}", ended.stderr);
}
