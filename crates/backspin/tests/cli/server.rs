//! `backspin migrate` and `backspin schema` on a running server, which is Backspin itself.

use serde_json::{Value, json};

use crate::itself::backspin_itself;
use crate::process::{Backspin, Ended, Folder, Serving};
use crate::schema_files::{MOVIES, without_year};

const EMAIL: &str = "me@example.com";
const PASSWORD: &str = "correct-horse";

/// The program, which is to work on the server.
fn remote(folder: &Folder, serving: &Serving, arguments: &str) -> Backspin {
    folder.backspin(arguments).env("BACKSPIN_SERVER", serving.url())
}

#[track_caller]
fn check(folder: &Folder, serving: &Serving, arguments: &str, code: i32) -> Ended {
    let signed_in =
        remote(folder, serving, arguments).env("BACKSPIN_EMAIL", EMAIL).env("BACKSPIN_PASSWORD", PASSWORD);
    let ended = signed_in.run();
    assert_eq!(ended.code, Some(code), "{arguments}: {}{}", ended.stdout, ended.stderr);
    assert!(!format!("{}{}", ended.stdout, ended.stderr).contains(PASSWORD));
    ended
}

fn token(serving: &Serving) -> String {
    let credentials = json!({ "identity": EMAIL, "password": PASSWORD }).to_string();
    let (_, reply) = serving.request("POST", "/api/collections/_superusers/auth-with-password", &credentials);
    serde_json::from_str::<Value>(&reply).unwrap()["token"].as_str().unwrap().to_owned()
}

#[test]
fn a_running_server_is_changed_and_taken_back() {
    let folder = Folder::empty();
    let arguments = format!("--variable superuser_email={EMAIL} --variable superuser_password={PASSWORD}");
    let serving = backspin_itself(&folder, &arguments).serve();
    check(&folder, &serving, "schema pull", 0);
    check(&folder, &serving, "migrate status", 0);
    folder.write("schema/movies.json", MOVIES);
    check(&folder, &serving, "migrate plan", 2);
    assert_eq!(serving.request("GET", "/api/collections/movies/records", "").0, 404);
    check(&folder, &serving, "schema push --yes", 0);
    assert_eq!(serving.request("GET", "/api/collections/movies/records", "").0, 200);
    check(&folder, &serving, "schema diff", 0);

    let token = token(&serving);
    let movie = json!({ "title": "Film", "year": 1990 }).to_string();
    assert_eq!(serving.request_as(&token, "POST", "/api/collections/movies/records", &movie).0, 200);
    folder.write("schema/movies.json", &without_year());
    let refused = check(&folder, &serving, "migrate apply --yes", 1).stderr;
    assert!(refused.contains("--accept-loss movies.year"), "{refused}");
    check(&folder, &serving, "migrate apply --yes --accept-loss movies.year", 0);
    let list = || serving.request("GET", "/api/collections/movies/records?fields=title,year", "").1;
    assert!(!list().contains("1990"), "{}", list());
    let status = check(&folder, &serving, "migrate status", 0).stdout;
    assert!(status.contains(EMAIL), "{status}");
    check(&folder, &serving, "migrate revert --yes", 0);
    assert!(list().contains("1990"), "{}", list());
    let none = check(&folder, &serving, "migrate forget 2 --yes", 1).stderr;
    assert!(none.contains("No migration 2 is in force that keeps anything."), "{none}");
    check(&folder, &serving, "migrate apply --yes --accept-loss movies.year", 0);
    check(&folder, &serving, "migrate forget 3 --yes", 0);
    folder.write("schema/movies.json", MOVIES);
    check(&folder, &serving, "schema push --yes", 0);
    assert_eq!(serving.request_as(&token, "POST", "/api/collections/movies/records", &movie).0, 200);
    folder.write("schema/movies.json", &without_year());

    // Secrets have stayed, so the token is still good, and signs in by itself.
    let signed_in = remote(&folder, &serving, "migrate status").env("BACKSPIN_TOKEN", &token).run();
    assert_eq!(signed_in.code, Some(2), "{}", signed_in.stderr);
    assert!(!format!("{}{}", signed_in.stdout, signed_in.stderr).contains(&token));
    let files = std::fs::read_dir(folder.path().join("schema")).unwrap();
    for file in files {
        assert!(!std::fs::read_to_string(file.unwrap().path()).unwrap().contains("secret"));
    }

    // The same database without the server, which goes on.
    let native = folder
        .backspin("migrate status --state-dir state --from")
        .argument(crate::itself::repository())
        .run();
    assert_eq!(native.code, Some(2), "{}", native.stderr);
    let native = folder.backspin("schema push --yes --accept-loss movies.year --state-dir state --from");
    let native = native.argument(crate::itself::repository()).run();
    assert_eq!(native.code, Some(0), "{}", native.stderr);
    assert!(!list().contains("1990"), "{}", list());
    who_may_not_is_told(&folder, &serving);
}

fn who_may_not_is_told(folder: &Folder, serving: &Serving) {
    let refused = |backspin: Backspin, message: &str| {
        let ended = backspin.run();
        assert_eq!(ended.code, Some(1), "{}", ended.stdout);
        assert!(ended.stderr.contains(message), "{message} in {}", ended.stderr);
        assert!(!ended.stderr.contains("wrong-horse"), "{}", ended.stderr);
    };
    let status = || remote(folder, serving, "migrate status");
    refused(status(), "set BACKSPIN_EMAIL and BACKSPIN_PASSWORD");
    let wrong = status().env("BACKSPIN_EMAIL", EMAIL).env("BACKSPIN_PASSWORD", "wrong-horse");
    refused(wrong, "refuses the email or the password");
    refused(status().env("BACKSPIN_TOKEN", "wrong-horse"), "--email and --password");
    refused(status().env("BACKSPIN_TOKEN", "wrong-horse\n"), "characters that no token has");
}

#[test]
fn what_is_no_backspin_is_told() {
    let folder = Folder::hello();
    let serving = folder.backspin("up --listen 127.0.0.1:0").serve();
    let pull = || folder.backspin("schema pull").env("BACKSPIN_TOKEN", "x");
    let ended =
        pull().env("BACKSPIN_SERVER", format!("{}/hello?", serving.url()).trim_end_matches('?')).run();
    assert_eq!(ended.code, Some(1));
    assert!(ended.stderr.contains("is it a Backspin?"), "{}", ended.stderr);
    assert!(!folder.path().join("schema").exists());
    let url = serving.url();
    assert_eq!(serving.stop("TERM"), Some(0));
    let ended = pull().env("BACKSPIN_SERVER", &url).run();
    assert_eq!(ended.code, Some(1));
    assert!(ended.stderr.contains("cannot be reached"), "{}", ended.stderr);
}

/// A server that gives each request too little time.
#[test]
fn a_change_that_takes_too_long_can_be_made_otherwise() {
    let history = json!({ "totalItems": 1, "current": { "schema": "" }, "items": [
        { "number": 1, "applied": "", "author": "", "steps": [], "reverted": "" },
    ] });
    let route = |path: &str, response: &str| {
        format!("[[trigger.http]]\nroute = \"/api/migrations{path}\"\nstatic_response = {{ {response} }}\n")
    };
    let late = "status_code = 504, body = \"Gateway Timeout\"";
    let manifest =
        [route("", &format!("body = '{history}'")), route("/plan", late), route("/revert", late)].concat();
    let folder = Folder::new(&manifest);
    std::fs::create_dir(folder.path().join("schema")).unwrap();
    folder.write("schema/movies.json", MOVIES);
    let serving = folder.backspin("up --listen 127.0.0.1:0").serve();
    let told = |arguments: &str| {
        let ended = remote(&folder, &serving, arguments).env("BACKSPIN_TOKEN", "x").run();
        assert_eq!(ended.code, Some(1), "{}", ended.stdout);
        ended.stderr
    };
    let plan = told("migrate plan");
    assert!(plan.contains("answers 504: that took longer") && plan.contains("--state-dir"), "{plan}");
    let revert = told("migrate revert --yes");
    for part in ["it is not known whether the change was made", "backspin migrate status", "--state-dir"] {
        assert!(revert.contains(part), "{part} in {revert}");
    }
}
