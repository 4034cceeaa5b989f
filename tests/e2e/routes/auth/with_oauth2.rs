//! `POST /api/collections/:collection/auth-with-oauth2`, with a real OpenID provider that runs in Node.js.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use backspin_tests::{SUPERUSER_EMAIL, SUPERUSER_PASSWORD, start, start_with, value};
use serde_json::json;

const NODE_HINT: &str =
    "Install Node.js 18 or newer with npm (https://nodejs.org; Debian: apt-get install nodejs npm)";
const FILES: [(&str, &str); 3] = [
    ("package.json", include_str!("../../../oidc/package.json")),
    ("provider.mjs", include_str!("../../../oidc/provider.mjs")),
    ("flow.mjs", include_str!("../../../oidc/flow.mjs")),
];

/// A folder under `target/` with the scripts of `tests/oidc` and their packages.
fn scripts() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("oidc");
    fs::create_dir_all(&folder).expect("a folder");
    let installed = fs::read_to_string(folder.join("package.json")).is_ok_and(|text| text == FILES[0].1)
        && folder.join("node_modules/.package-lock.json").is_file();
    for (name, text) in FILES {
        fs::write(folder.join(name), text).expect("a file");
    }
    if !installed {
        let install = ["install", "--silent", "--no-audit", "--no-fund", "--ignore-scripts"];
        let output = Command::new("npm").args(install).current_dir(&folder).output().expect(NODE_HINT);
        succeeded(&output);
    }
    folder
}

#[track_caller]
fn succeeded(output: &Output) {
    let (out, errors) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{out}{errors}");
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("an address").port()
}

#[test]
fn a_real_provider_signs_users_in_and_attacks_fail() {
    let script = scripts().join("flow.mjs");
    let port = free_port().to_string();
    let origin = format!("http://127.0.0.1:{port}");
    let app = start_with(|options| options.variables.extend([value("oauth2_origin", &origin)]));
    let url = app.url();
    let arguments = [url.as_str(), port.as_str(), SUPERUSER_EMAIL, SUPERUSER_PASSWORD];
    succeeded(&Command::new("node").arg(script).args(arguments).output().expect(NODE_HINT));
}

#[test]
fn no_provider_is_reached_that_the_operator_has_not_named() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.set_nonblocking(true).expect("an option");
    let origin = format!("http://{}", listener.local_addr().expect("an address"));
    let (_app, anon, root) = start();
    let provider = json!({
        "name": "oidc", "clientId": "a", "clientSecret": "b", "authURL": format!("{origin}/auth"),
        "tokenURL": format!("{origin}/token"), "userInfoURL": format!("{origin}/me"),
    });
    let oauth2 = json!({"oauth2": {"enabled": true, "providers": [provider]}});
    root.patch("/api/collections/users", oauth2).ok();
    let code = json!({"provider": "oidc", "code": "c", "redirectURL": "http://127.0.0.1:1/"});
    let reply = anon.post("/api/collections/users/auth-with-oauth2", code);
    assert_eq!(reply.refused_with(400), [""; 0]);
    assert!(listener.accept().is_err(), "the provider was reached");
}
