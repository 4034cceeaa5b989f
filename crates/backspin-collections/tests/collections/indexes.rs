//! Which indexes a collection may have.

use serde_json::json;

use crate::{Backend, refusal, superuser};

#[test]
fn no_two_indexes_are_the_same_but_for_their_names() {
    let backend = Backend::new();
    let create = |first: &str, second: &str| {
        let fields = json!([{"name": "a", "type": "text"}, {"name": "b", "type": "text"}]);
        let body = json!({"name": "t", "fields": fields, "indexes": [first, second]});
        let created = backend.create(&superuser(), body);
        match created {
            Ok(_) => backend.delete(&superuser(), "t").map(|()| "made".to_owned()).unwrap(),
            refused => refusal(refused),
        }
    };
    let first = "CREATE INDEX i1 ON t (a)";
    for (second, told) in [
        ("create index i2 on t ( `a` )", "400 indexes.1:validation_duplicated_index_definition"),
        ("CREATE INDEX i2 ON other (a)", "400 indexes.1:validation_duplicated_index_definition"),
        ("CREATE INDEX I1 ON t (b)", "400 indexes.1:validation_duplicated_index_name"),
        ("CREATE UNIQUE INDEX i2 ON t (a)", "made"),
        ("CREATE INDEX i2 ON t (a DESC)", "made"),
        ("CREATE INDEX i2 ON t (a) WHERE a != ''", "made"),
        ("CREATE INDEX i2 ON t (a, b)", "made"),
    ] {
        assert_eq!(create(first, second), told, "{second}");
    }
}

#[test]
fn what_the_system_relies_on_to_be_unique_stays_so() {
    let backend = Backend::new();
    let missing = "400 indexes:validation_invalid_unique_system_field_index";
    let unique =
        |name: &str, columns: &str| format!("CREATE UNIQUE INDEX {name} ON _authOrigins ({columns})");
    for indexes in [
        json!([]),
        json!([unique("a", "fingerprint")]),
        json!([unique("a", "recordRef, collectionRef, fingerprint")]),
        json!(["CREATE INDEX a ON _authOrigins (collectionRef, recordRef, fingerprint)"]),
    ] {
        let told = refusal(backend.update("_authOrigins", json!({"indexes": indexes})));
        assert_eq!(told, missing, "{indexes}");
    }
    let other_name = json!({"indexes": [unique("a", "`collectionRef`, recordRef, fingerprint")]});
    backend.update("_authOrigins", other_name).unwrap();
    backend.update("_mfas", json!({"indexes": []})).unwrap();
}
