//! What keeps an application from being served, and what the user is told to do.

use std::net::TcpListener;

use expect_test::{Expect, expect};

use crate::process::{Backspin, Folder};

/// Needs a database, and a component that is not built.
const UNBUILT: &str = "\
[[trigger.http]]
route = \"/...\"
component = \"api\"
[component.api]
source = \"api.wasm\"
sqlite_databases = [\"default\"]
";

#[track_caller]
fn check(backspin: Backspin, expected: Expect) {
    let ended = backspin.run();
    expected.assert_eq(&ended.stderr);
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(1), ""));
}

#[test]
fn no_manifest() {
    let folder = Folder::empty();
    // The search ends at the root of a repository.
    std::fs::create_dir(folder.path().join(".git")).unwrap();
    check(
        folder.backspin("up"),
        expect![[r#"
            error: there is no spin.toml in this folder or above it; go to your application, or name it with --from PATH
        "#]],
    );
    check(
        folder.backspin("up --from other.toml"),
        expect![[r#"
            error: other.toml: there is no such file: run in the folder of your spin.toml, or name it with `--from PATH`
        "#]],
    );
}

#[test]
fn a_wrong_manifest_is_told_with_its_line() {
    let folder = Folder::new("[component.api]\nsource = \"api.wasm\"\nsqlite_database = [\"default\"]\n");
    let ended = folder.backspin("up").run();
    assert_eq!(ended.code, Some(1));
    assert!(
        ended.stderr.starts_with("error: spin.toml:6: unknown field `sqlite_database`"),
        "{}",
        ended.stderr
    );
}

#[test]
fn a_variable_without_a_value() {
    let folder = Folder::new(
        "[variables]\ntoken = { required = true }\n[[trigger.http]]\nroute = \"/\"\nstatic_response = {}\n",
    );
    check(
        folder.backspin("up"),
        expect![[r#"
            error: these variables need a value:
              token: set SPIN_VARIABLE_TOKEN (in .env or the environment), or --variable token=…
        "#]],
    );
}

#[test]
fn a_port_that_is_taken() {
    let other = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = other.local_addr().unwrap().to_string();
    let ended = Folder::hello().backspin("up --listen").argument(&address).run();
    assert_eq!(ended.code, Some(1));
    expect![[r#"
        error: ADDRESS is in use by another program; stop it, or choose an address with --listen
    "#]]
    .assert_eq(&ended.stderr.replace(&address, "ADDRESS"));
}

#[test]
fn a_component_that_is_not_built() {
    check(
        Folder::new(UNBUILT).backspin("up --listen 127.0.0.1:0"),
        expect![[r#"
            error: component `api` is not built: DIR/api.wasm is missing; start with --build
        "#]],
    );
}

#[test]
fn a_state_folder_that_cannot_be_one() {
    let folder = Folder::new(UNBUILT);
    folder.write("state", "a file");
    let ended = folder.backspin("up --listen 127.0.0.1:0 --state-dir state").run();
    assert_eq!(ended.code, Some(1));
    assert!(ended.stderr.starts_with("error: cannot create the folder state: "), "{}", ended.stderr);
    assert!(ended.stderr.contains("--state-dir"), "{}", ended.stderr);
}

#[test]
fn a_database_that_is_none() {
    let folder = Folder::new(UNBUILT);
    std::fs::create_dir(folder.path().join(".spin")).unwrap();
    folder.write(".spin/sqlite_db.db", &"no database ".repeat(100));
    for command in ["up --listen 127.0.0.1:0", "superuser list"] {
        check(
            folder.backspin(command),
            expect![[r#"
                error: DIR/.spin/sqlite_db.db is not a SQLite database. Move the file away to start with an empty one, or restore a backup in its place
            "#]],
        );
    }
}
