//! An empty state: system tables and the first superuser are made on first use, once.

use std::thread;

use backspin_host::Spread;
use backspin_tests::{SUPERUSER_EMAIL, SUPERUSER_PASSWORD, start_with};
use serde_json::json;

const AT_ONCE: usize = 32;

#[test]
fn many_first_requests_at_once_all_succeed() {
    // One request an instance: every one of them meets the empty database for the first time.
    let app = start_with(|options| options.instance_reuse_count_max = Spread::Exact(1));
    let credentials = json!({"identity": SUPERUSER_EMAIL, "password": SUPERUSER_PASSWORD});
    let ids = thread::scope(|scope| {
        let signing_in =
            (0..AT_ONCE).map(|at| {
                let (client, credentials) = (app.anonymous(), credentials.clone());
                scope.spawn(move || match at % 4 {
                    0 | 1 => client.post("/api/collections/_superusers/auth-with-password", credentials).ok()
                        ["record"]["id"]
                        .clone(),
                    2 => client.get("/api/collections/users/auth-methods").ok()["mfa"]["enabled"].clone(),
                    _ => client.get("/api/health").ok()["code"].clone(),
                })
            });
        signing_in.collect::<Vec<_>>().into_iter().map(|one| one.join().unwrap()).collect::<Vec<_>>()
    });
    let superusers = ids.iter().filter(|id| id.is_string()).collect::<std::collections::HashSet<_>>();
    assert_eq!(superusers.len(), 1, "there is one superuser, made once: {superusers:?}");
}

#[test]
fn without_the_variables_there_is_no_superuser() {
    let app = start_with(|options| options.variables.clear());
    let credentials = json!({"identity": SUPERUSER_EMAIL, "password": SUPERUSER_PASSWORD});
    let reply = app.anonymous().post("/api/collections/_superusers/auth-with-password", credentials);
    assert_eq!(reply.refused_with(400), [""; 0]);
}
