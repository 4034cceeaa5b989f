use backspin_schema::Caller;
use serde_json::json;

use crate::{Backend, alice, refusal, superuser};

#[test]
fn a_guest_deletes_a_record_in_one_statement() {
    let backend = Backend::new();
    backend.create(&superuser(), "movies", json!({"id": "abcdefghijklmno", "title": "Alien"})).unwrap();
    backend.app.database().take();
    backend.delete(&Caller::Guest, "movies", "abcdefghijklmno").unwrap();
    assert_eq!(backend.app.database().take().len(), 1);
    assert_eq!(refusal(backend.delete(&Caller::Guest, "movies", "abcdefghijklmno")), "404");
}

#[test]
fn what_the_rule_does_not_allow_is_refused() {
    let backend = Backend::new();
    let note = backend.create(&superuser(), "notes", json!({"text": "mine"})).unwrap();
    let id = note["id"].as_str().unwrap();
    for caller in [Caller::Guest, alice()] {
        assert_eq!(refusal(backend.delete(&caller, "notes", id)), "403");
        assert_eq!(refusal(backend.delete(&caller, "notes", "nothing")), "403");
    }
    assert_eq!(refusal(backend.delete(&Caller::Guest, "nowhere", id)), "404");
    assert!(backend.view(&superuser(), "notes", id).is_ok());
}

#[test]
fn the_last_superuser_stays() {
    let backend = Backend::new();
    backend.sql("INSERT INTO _superusers (id, email, tokenKey) VALUES ('aliceaaaaaaaaaa', 'a@b.c', 'k')");
    assert_eq!(refusal(backend.delete(&superuser(), "_superusers", "aliceaaaaaaaaaa")), "400");
    backend.sql("INSERT INTO _superusers (id, email, tokenKey) VALUES ('other', 'b@b.c', 'l')");
    backend.delete(&superuser(), "_superusers", "other").unwrap();
    assert_eq!(backend.sql("SELECT count(*) FROM _superusers"), [[1_i64.into()]]);
}
