//! The records of auth collections: passwords, emails, and who manages them.

use backspin_core::{Error, ParameterPairs};
use backspin_records::{BatchLimits, ReplyShape, RequestInfo};
use backspin_schema::Caller;
use futures::executor::block_on;
use serde_json::{Value as Json, json};

use crate::{Backend, alice, get, object, refusal, superuser};

const PASSWORD: &str = "12345678";

/// `users`, open to everyone, with the manage rule that an account named `boss` manages all but others of that name.
fn users() -> Backend {
    let backend = Backend::empty();
    futures::executor::block_on(backend.app.reload()).unwrap();
    backend.set_collection(
        "users",
        "createRule = '', updateRule = '', deleteRule = '', listRule = '', viewRule = '', options =
         json_set(options, '$.manageRule', '@request.auth.name = \"boss\" && name != \"boss\"')",
    );
    backend
}

fn body(email: &str, more: Json) -> Json {
    let mut body = json!({"email": email, "password": PASSWORD, "passwordConfirm": PASSWORD});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    body
}

fn hash(backend: &Backend, id: &str) -> String {
    backend.text(&format!("SELECT password FROM users WHERE id = '{id}'"))
}

fn token_key(backend: &Backend, id: &str) -> String {
    backend.text(&format!("SELECT tokenKey FROM users WHERE id = '{id}'"))
}

#[test]
fn an_account_is_made_with_a_hashed_password_and_a_key_of_its_own() {
    let backend = users();
    let account = backend.create(&Caller::Guest, "users", body("a@b.co", json!({"name": "Ann"}))).unwrap();
    assert_eq!((&account["name"], &account["verified"]), (&json!("Ann"), &json!(false)));
    assert!(
        ["email", "password", "tokenKey"].iter().all(|secret| account.get(secret).is_none()),
        "{account}"
    );
    let id = account["id"].as_str().unwrap();
    assert!(backspin_password_hash::verify(PASSWORD, &hash(&backend, id)));
    assert_eq!(token_key(&backend, id).len(), 50);
}

#[test]
fn what_a_new_account_needs_is_told_as_pocketbase_tells_it() {
    let backend = users();
    let create = |body| refusal(backend.create(&Caller::Guest, "users", body));
    for (body, expected) in [
        (json!({}), "400 password:validation_required passwordConfirm:validation_required"),
        (json!({"password": PASSWORD}), "400 passwordConfirm:validation_required"),
        (
            json!({"passwordConfirm": PASSWORD}),
            "400 password:validation_required passwordConfirm:validation_values_mismatch",
        ),
        (
            json!({"password": "1", "passwordConfirm": "2", "email": "bad", "verified": true}),
            "400 passwordConfirm:validation_values_mismatch verified:validation_values_mismatch",
        ),
        (
            json!({"password": "123", "passwordConfirm": "123"}),
            "400 email:validation_required password:validation_min_text_constraint",
        ),
        (body("nope", json!({})), "400 email:validation_is_email"),
    ] {
        assert_eq!(create(body.clone()), expected, "{body}");
    }
    backend.create(&Caller::Guest, "users", body("a@b.co", json!({}))).unwrap();
    assert_eq!(create(body("a@b.co", json!({}))), "400 email:validation_not_unique");
    backend.create(&Caller::Guest, "users", body("A@B.co", json!({}))).unwrap();
    assert_eq!(backend.sql("SELECT count(*) FROM users"), [[2_i64.into()]]);
}

#[test]
fn nobody_gets_at_password_and_key_but_by_the_rules() {
    let backend = users();
    let key = "k".repeat(40);
    let given = body("a@b.co", json!({"tokenKey": key}));
    let account = backend.create(&Caller::Guest, "users", given.clone()).unwrap();
    let id = account["id"].as_str().unwrap();
    let (hash_before, key_before) = (hash(&backend, id), token_key(&backend, id));
    assert_ne!(key_before, key);
    let owner = backend.signed_in(id);
    for caller in [Caller::Guest, alice(), owner] {
        let body = json!({"tokenKey": key, "tokenKey:autogenerate": "", "password-": "x", "password+": "x"});
        backend.update(&caller, ("users", id), body).unwrap();
    }
    assert_eq!((hash(&backend, id), token_key(&backend, id)), (hash_before, key_before));
    backend.update(&superuser(), ("users", id), json!({"tokenKey": key})).unwrap();
    assert_eq!(token_key(&backend, id), key);
}

#[test]
fn a_password_is_changed_by_who_knows_the_old_one() {
    let backend = users();
    let id = backend.new_id("users", body("a@b.co", json!({})));
    let owner = backend.signed_in(&id);
    let update = |body| refusal(backend.update(&owner, ("users", &id), body));
    for (body, expected) in [
        (
            json!({"password": "87654321"}),
            "400 oldPassword:validation_required passwordConfirm:validation_required",
        ),
        (
            json!({"passwordConfirm": "87654321"}),
            "400 oldPassword:validation_required password:validation_required passwordConfirm:validation_values_mismatch",
        ),
        (
            json!({"oldPassword": PASSWORD}),
            "400 password:validation_required passwordConfirm:validation_required",
        ),
        (
            json!({"password": "87654321", "passwordConfirm": "87654321", "oldPassword": "wrong"}),
            "400 oldPassword:validation_invalid_old_password",
        ),
        (
            json!({"password": "1", "passwordConfirm": "1", "oldPassword": PASSWORD}),
            "400 password:validation_min_text_constraint",
        ),
        (
            json!({"password": "", "passwordConfirm": "", "oldPassword": ""}),
            "400 password:validation_required",
        ),
        (json!({"password": null}), "400 password:validation_required"),
    ] {
        assert_eq!(update(body.clone()), expected, "{body}");
    }
    assert!(backspin_password_hash::verify(PASSWORD, &hash(&backend, &id)));

    let key = token_key(&backend, &id);
    let change = json!({"password": "87654321", "passwordConfirm": "87654321", "oldPassword": PASSWORD});
    backend.update(&owner, ("users", &id), change).unwrap();
    assert!(backspin_password_hash::verify("87654321", &hash(&backend, &id)));
    assert_ne!(token_key(&backend, &id), key);
}

#[test]
fn only_managers_change_emails_verification_and_the_passwords_of_others() {
    let backend = users();
    let id = backend.new_id("users", body("a@b.co", json!({"name": "Ann"})));
    let boss = backend.new_id("users", body("boss@b.co", json!({"name": "boss"})));
    let other_boss = backend.new_id("users", body("boss2@b.co", json!({"name": "boss"})));
    let manager = backend.signed_in(&boss);
    let new_password = json!({"password": "87654321", "passwordConfirm": "87654321"});
    let changes = [
        (json!({"email": "new@b.co"}), "400 email:validation_values_mismatch"),
        (json!({"email": "A@b.co"}), "400 email:validation_values_mismatch"),
        (
            json!({"email": "", "verified": true}),
            "400 email:validation_values_mismatch verified:validation_values_mismatch",
        ),
        (new_password.clone(), "400 oldPassword:validation_required"),
    ];
    for (body, expected) in changes {
        for caller in [Caller::Guest, backend.signed_in(&id)] {
            assert_eq!(refusal(backend.update(&caller, ("users", &id), body.clone())), expected, "{body}");
        }
        assert_eq!(
            refusal(backend.update(&manager, ("users", &other_boss), body.clone())),
            expected,
            "{body}"
        );
    }
    for same in [json!({"email": "a@b.co", "verified": false}), json!({"emailVisibility": false})] {
        backend.update(&Caller::Guest, ("users", &id), same).unwrap();
    }
    let updated =
        backend.update(&manager, ("users", &id), json!({"email": "new@b.co", "verified": true})).unwrap();
    assert_eq!((&updated["email"], &updated["verified"]), (&json!("new@b.co"), &json!(true)));
    backend.update(&manager, ("users", &id), new_password).unwrap();
    assert!(backspin_password_hash::verify("87654321", &hash(&backend, &id)));
    // Who manages it is asked of the record as it was, what is shown of the record as it is.
    let updated =
        backend.update(&manager, ("users", &id), json!({"name": "boss", "email": "b@b.co"})).unwrap();
    assert_eq!(updated.get("email"), None);
    assert_eq!(backend.text(&format!("SELECT email FROM users WHERE id = '{id}'")), "b@b.co");
}

#[test]
fn only_managers_make_verified_accounts() {
    let backend = users();
    let boss = backend.new_id("users", body("boss@b.co", json!({"name": "boss"})));
    let manager = backend.signed_in(&boss);
    let create = |caller: &Caller, email: &str, name: &str| {
        backend.create(caller, "users", body(email, json!({"verified": true, "name": name})))
    };
    assert_eq!(refusal(create(&Caller::Guest, "g@b.co", "x")), "400 verified:validation_values_mismatch");
    assert_eq!(refusal(create(&manager, "g@b.co", "boss")), "400 verified:validation_values_mismatch");
    let account = create(&manager, "g@b.co", "x").unwrap();
    assert_eq!((&account["verified"], &account["email"]), (&json!(true), &json!("g@b.co")));
    assert_eq!(create(&superuser(), "h@b.co", "x").unwrap()["verified"], json!(true));
}

#[test]
fn a_create_rule_sees_no_key_and_no_verification() {
    for (rule, allowed) in [
        ("tokenKey = ''", true),
        ("verified = false", true),
        ("@request.body.password = '12345678'", true),
        ("password = '12345678'", false),
        ("@request.body.tokenKey:isset = true", false),
    ] {
        let backend = users();
        backend.set_collection("users", &format!("createRule = '{}'", rule.replace('\'', "''")));
        let created = backend.create(&Caller::Guest, "users", body("a@b.co", json!({"tokenKey": "x"})));
        assert_eq!(created.is_ok(), allowed, "{rule}: {created:?}");
    }
}

#[test]
fn sessions_end_and_traces_go_with_what_made_them_unsafe() {
    let traces = ["_authOrigins", "_externalAuths", "_mfas", "_otps"];
    for (change, renews_key, left) in [
        (json!({"name": "x"}), false, traces.join(" ")),
        (json!({"email": "a@b.co", "verified": false}), false, traces.join(" ")),
        (json!({"password": "87654321", "passwordConfirm": "87654321"}), true, "_externalAuths".to_owned()),
        (json!({"email": "new@b.co"}), true, "_externalAuths".to_owned()),
        (json!({"verified": true}), true, String::new()),
        (json!({"tokenKey": "k".repeat(40)}), true, "_externalAuths".to_owned()),
    ] {
        let backend = users();
        let id = backend.new_id("users", body("a@b.co", json!({})));
        for (table, columns) in
            traces.iter().zip(["fingerprint", "provider, providerId", "method", "password"])
        {
            let values = columns.split(", ").map(|_| "'x'").collect::<Vec<_>>().join(", ");
            backend.sql(&format!(
                "INSERT INTO {table} (id, collectionRef, recordRef, {columns})
                 VALUES ('x', '_pb_users_auth_', '{id}', {values})"
            ));
        }
        let key = token_key(&backend, &id);
        backend.update(&superuser(), ("users", &id), change.clone()).unwrap();
        assert_eq!(token_key(&backend, &id) != key, renews_key, "{change}");
        let kept = |table: &&str| backend.sql(&format!("SELECT count(*) FROM {table}")) == [[1_i64.into()]];
        assert_eq!(traces.into_iter().filter(kept).collect::<Vec<_>>().join(" "), left, "{change}");
    }
}

#[test]
fn a_verification_ends_sessions_only_with_a_provider_that_is_unlinked() {
    let backend = users();
    let id = backend.new_id("users", body("a@b.co", json!({})));
    let key = token_key(&backend, &id);
    for verified in [true, false, true] {
        backend.update(&superuser(), ("users", &id), json!({"verified": verified})).unwrap();
        assert_eq!(token_key(&backend, &id), key);
    }
}

#[test]
fn no_two_accounts_have_one_id_whatever_their_collections() {
    let backend = users();
    let id = "aaaaaaaaaaaaaaa";
    let create = |collection: &str, email: &str| {
        refusal(backend.create(&superuser(), collection, body(email, json!({"id": id}))))
    };
    backend.create(&Caller::Guest, "users", body("a@b.co", json!({"id": id}))).unwrap();
    assert_eq!(create("_superusers", "s@b.co"), "400 id:validation_invalid_auth_id");
    assert_eq!(create("_superusers", "bad"), "400 email:validation_is_email");
    assert_eq!(create("users", "b@b.co"), "400 id:validation_not_unique");
    let free = body("s@b.co", json!({"id": "bbbbbbbbbbbbbbb"}));
    backend.create(&superuser(), "_superusers", free).unwrap();
    let taken = body("b@b.co", json!({"id": "bbbbbbbbbbbbbbb"}));
    assert_eq!(
        refusal(backend.create(&Caller::Guest, "users", taken.clone())),
        "400 id:validation_invalid_auth_id"
    );
    backend.set_collection("users", "createRule = 'name = \"x\"'");
    assert_eq!(refusal(backend.create(&Caller::Guest, "users", taken)), "400");
}

#[test]
fn superusers_are_always_verified() {
    let backend = users();
    let account =
        backend.create(&superuser(), "_superusers", body("s@b.co", json!({"verified": false}))).unwrap();
    assert_eq!(account["verified"], json!(true));
    let path = ("_superusers", account["id"].as_str().unwrap());
    let updated = backend.update(&superuser(), path, json!({"verified": false, "email": "t@b.co"})).unwrap();
    assert_eq!((&updated["verified"], &updated["email"]), (&json!(true), &json!("t@b.co")));
    assert_eq!(refusal(backend.create(&alice(), "_superusers", body("u@b.co", json!({})))), "403");
}

#[test]
fn passwords_are_hashed_in_turn_with_the_parameters_of_the_settings() {
    let (backend, root) = (users(), superuser());
    let settings = json!({"passwords": {"memoryKiB": 7168, "iterations": 5, "hashesAtOnce": 1}});
    block_on(backspin_settings::update(&backend.app, &root, object(settings), "")).unwrap();
    let created = backend.create(&Caller::Guest, "users", body("a@b.co", json!({}))).unwrap();
    let id = created["id"].as_str().unwrap();
    assert!(hash(&backend, id).starts_with("$argon2id$v=19$m=7168,t=5,p=1$"));
    backend.sql(r#"INSERT INTO "_hashTurns" ("ends") VALUES (9000000000000)"#);
    let waited = refusal(backend.create(&Caller::Guest, "users", body("c@b.co", json!({}))));
    assert!(waited.starts_with("429"), "{waited}");
    // One who has the lock waits for nobody: the others could not go on.
    let shape = ReplyShape::default();
    let made = block_on(backspin_records::in_transaction(&backend.app, async |app| {
        let request = RequestInfo::new(&root, "POST", &ParameterPairs::NONE);
        let body = object(body("d@b.co", json!({})));
        backspin_records::create(app, &request, "users", &body, &shape).await
    }));
    made.unwrap();
}

/// Carries out a batch of these requests, each a method, what follows `/records`, and a body.
fn batch(backend: &Backend, caller: &Caller, requests: &[(&str, &str, Json)]) -> Result<Json, Error> {
    let request = |(method, path, body): &(&str, &str, Json)| {
        let url = format!("/api/collections/users/records{path}");
        json!({"method": method, "url": url, "body": body})
    };
    let requests: Vec<Json> = requests.iter().map(request).collect();
    let (body, info) = (object(json!({ "requests": requests })), get(caller));
    let reply = block_on(backspin_records::batch(&backend.app, &info, body, BatchLimits::default()));
    reply.map(|reply| serde_json::from_slice(&reply).unwrap())
}

#[test]
fn the_passwords_of_a_batch_are_hashed_before_it_has_the_lock_each_with_its_own_salt() {
    let backend = users();
    let change = json!({"password": "another horse", "passwordConfirm": "another horse"});
    let requests = [
        ("POST", "", body("a@b.co", json!({"id": "aaaaaaaaaaaaaaa"}))),
        ("POST", "", body("b@b.co", json!({"id": "bbbbbbbbbbbbbbb"}))),
        ("PUT", "", body("c@b.co", json!({"id": "ccccccccccccccc"}))),
        ("PATCH", "/ccccccccccccccc", change),
    ];
    let reply = batch(&backend, &superuser(), &requests).unwrap();
    assert_eq!(reply.as_array().map(Vec::len), Some(4));
    let [a, b, c] = ["aaaaaaaaaaaaaaa", "bbbbbbbbbbbbbbb", "ccccccccccccccc"].map(|id| hash(&backend, id));
    assert_ne!(a, b);
    for (hash, password) in [(&a, PASSWORD), (&b, PASSWORD), (&c, "another horse")] {
        assert!(backspin_password_hash::verify(password, hash));
    }
    backend.sql(r#"INSERT INTO "_hashTurns" ("ends") VALUES (9000000000000), (9000000000000)"#);
    let later = [("POST", "", body("d@b.co", json!({})))];
    let refused = refusal(batch(&backend, &Caller::Guest, &later));
    assert!(refused.starts_with("429"), "{refused}");
    assert_eq!(backend.sql("SELECT 1 FROM users").len(), 3);
}

#[test]
fn a_batch_that_is_refused_costs_no_hash() {
    let backend = users();
    backend.create(&Caller::Guest, "users", body("first@b.co", json!({}))).unwrap();
    backend.sql(r#"INSERT INTO "_hashTurns" ("ends") VALUES (9000000000000), (9000000000000)"#);
    let requests = [("POST", "", body("a@b.co", json!({}))), ("POST", "", body("no email", json!({})))];
    let refused = refusal(batch(&backend, &Caller::Guest, &requests));
    assert!(refused.starts_with("400"), "{refused}");
    backend.set_collection("users", "createRule = 'name = \"boss\"'");
    let refused = refusal(batch(&backend, &Caller::Guest, &requests[..1]));
    assert!(refused.starts_with("400"), "{refused}");
}
