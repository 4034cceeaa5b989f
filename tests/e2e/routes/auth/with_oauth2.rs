//! `POST /api/collections/:collection/auth-with-oauth2`, with a real OpenID provider that runs in Node.js.

use std::net::TcpListener;
use std::process::Command;

use backspin_tests::{SUPERUSER_EMAIL, SUPERUSER_PASSWORD, secret_key, start, start_with, value};
use serde_json::json;

use crate::routes::node::{NODE_HINT, free_port, scripts, succeeded};

const FILES: [(&str, &str); 3] = [
    ("package.json", include_str!("../../../oidc/package.json")),
    ("provider.mjs", include_str!("../../../oidc/provider.mjs")),
    ("flow.mjs", include_str!("../../../oidc/flow.mjs")),
];

/// As in `provider.mjs`.
const CLIENT_SECRET: &str = "a secret of the client";

#[test]
fn a_real_provider_signs_users_in_and_attacks_fail() {
    let script = scripts("oidc", &FILES).join("flow.mjs");
    let port = free_port().to_string();
    let origin = format!("http://127.0.0.1:{port}");
    let app = start_with(|options| options.variables.extend([value("oauth2_origin", &origin), secret_key()]));
    let url = app.url();
    let arguments = [url.as_str(), port.as_str(), SUPERUSER_EMAIL, SUPERUSER_PASSWORD];
    succeeded(&Command::new("node").arg(script).args(arguments).output().expect(NODE_HINT));
    assert!(FILES[1].1.contains(CLIENT_SECRET), "the provider has another secret");
    assert!(app.stores("clientSecret") && !app.stores(CLIENT_SECRET), "a stolen database holds the secret");
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
