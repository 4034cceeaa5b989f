use backspin_schema::Caller;
use expect_test::expect;
use serde_json::json;

use crate::{Backend, alice, refusal, superuser};

#[test]
fn a_guest_views_a_record_in_one_statement() {
    let backend = Backend::new();
    backend.create(&superuser(), "movies", json!({"id": "abcdefghijklmno", "title": "Alien"})).unwrap();
    backend.app.database().take();
    let record = backend.view(&Caller::Guest, "movies", "abcdefghijklmno").unwrap();
    assert_eq!(record["title"], json!("Alien"));
    expect![[r#"
        [
            "SELECT (SELECT \"value\" FROM \"_backspin\" WHERE \"name\" = 'schema_version'), (\n    SELECT format('{\"collectionId\":\"pbc_4044198014\",\"collectionName\":\"movies\",\"created\":%s,\"id\":%s,\"meta\":%s,\"rating\":%s,\"released\":%s,\"seen\":%s,\"title\":%s,\"updated\":%s}', json_quote(\"record\".\"created\"), json_quote(\"record\".\"id\"), iif(json_valid(\"record\".\"meta\"), json(\"record\".\"meta\"), json_quote(\"record\".\"meta\")), json_quote(\"record\".\"rating\"), json_quote(\"record\".\"released\"), iif(\"record\".\"seen\", 'true', 'false'), json_quote(\"record\".\"title\"), json_quote(\"record\".\"updated\"))\n    FROM \"movies\" AS record\n    WHERE record.\"id\" = ?1\n)",
        ]
    "#]]
    .assert_debug_eq(&backend.app.database().take());
}

#[test]
fn the_collection_is_found_by_its_id_and_in_any_case() {
    let backend = Backend::new();
    backend.create(&superuser(), "movies", json!({"id": "abcdefghijklmno", "title": "Alien"})).unwrap();
    for collection in ["pbc_4044198014", "MOVIES"] {
        assert!(backend.view(&Caller::Guest, collection, "abcdefghijklmno").is_ok());
    }
}

#[test]
fn hidden_fields_are_for_superusers() {
    let backend = Backend::new();
    let body = json!({"id": "abcdefghijklmno", "title": "Alien", "secret": "s"});
    backend.create(&superuser(), "movies", body).unwrap();
    let secret = |caller| backend.view(&caller, "movies", "abcdefghijklmno").unwrap().get("secret").cloned();
    assert_eq!(secret(Caller::Guest), None);
    assert_eq!(secret(alice()), None);
    assert_eq!(secret(superuser()), Some(json!("s")));
}

#[test]
fn what_does_not_exist_or_is_not_allowed_is_told_apart_as_pocketbase_does() {
    let backend = Backend::new();
    assert_eq!(refusal(backend.view(&Caller::Guest, "movies", "nothing")), "404");
    assert_eq!(refusal(backend.view(&Caller::Guest, "nowhere", "nothing")), "404");
    assert_eq!(refusal(backend.view(&Caller::Guest, "notes", "nothing")), "403");
    assert_eq!(refusal(backend.view(&alice(), "notes", "nothing")), "403");
    assert_eq!(refusal(backend.view(&superuser(), "notes", "nothing")), "404");
    assert_eq!(refusal(backend.view(&Caller::Guest, "movies", "' OR 1=1 --")), "404");
}

#[test]
fn emails_are_shown_where_their_owners_allow_it_and_secrets_never() {
    let backend = Backend::new();
    backend.sql(
        "INSERT INTO _superusers (id, email, emailVisibility, password, tokenKey)
         VALUES ('one', 'one@example.com', 0, 'hash', 'key1'), ('two', 'two@example.com', 1, 'hash', 'key2')",
    );
    backend.sql("UPDATE _collections SET viewRule = '' WHERE name = '_superusers'");
    backend.sql("UPDATE _backspin SET value = 'changed' WHERE name = 'schema_version'");
    let view = |caller, id| backend.view(&caller, "_superusers", id).unwrap();
    assert_eq!(view(Caller::Guest, "one").get("email"), None);
    assert_eq!(view(Caller::Guest, "two")["email"], json!("two@example.com"));
    let whole = view(superuser(), "one");
    assert_eq!(whole["email"], json!("one@example.com"));
    assert_eq!((whole.get("password"), whole.get("tokenKey")), (None, None));
}

#[test]
fn a_record_written_by_raw_sql_is_shown_whatever_it_holds() {
    let backend = Backend::new();
    backend.sql(r#"INSERT INTO movies (id, title, meta, rating) VALUES ('raw', 'a"b', '{broken', 'text')"#);
    let record = backend.view(&Caller::Guest, "movies", "raw").unwrap();
    assert_eq!(
        (&record["title"], &record["meta"], &record["rating"]),
        (&json!("a\"b"), &json!("{broken"), &json!("text"))
    );
}
