//! Auth collections: the fields, indexes and options that every one of them has.

use serde_json::{Value as Json, json};

use crate::{Backend, refusal, superuser};

fn people(backend: &Backend, more: Json) -> Result<Json, backspin_core::Error> {
    let mut body = json!({"name": "people", "type": "auth"});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let created = backend.create(&superuser(), body);
    if created.is_ok() {
        backend.delete(&superuser(), "people").unwrap();
    }
    created
}

fn names(collection: &Json) -> Vec<&str> {
    collection["fields"].as_array().unwrap().iter().map(|field| field["name"].as_str().unwrap()).collect()
}

const SYSTEM: [&str; 6] = ["id", "password", "tokenKey", "email", "emailVisibility", "verified"];

#[test]
fn what_is_missing_is_added() {
    let backend = Backend::new();
    let collection = people(&backend, json!({})).unwrap();
    assert_eq!(names(&collection), SYSTEM);
    assert_eq!(
        collection["indexes"],
        json!([
            "CREATE UNIQUE INDEX `idx_tokenKey_pbc_1846335439` ON `people` (`tokenKey`)",
            "CREATE UNIQUE INDEX `idx_email_pbc_1846335439` ON `people` (`email`) WHERE `email` != ''",
        ])
    );
    let explicit = people(&backend, json!({"id": "mine"})).unwrap();
    assert_eq!(explicit["indexes"], collection["indexes"]);
    assert_eq!(collection["authRule"], "");
    assert_eq!(collection["otp"]["duration"], 180);
    assert_eq!(collection["authToken"], json!({"duration": 432_000}));
    assert_eq!(collection["passwordAuth"]["identityFields"], json!(["email"]));
}

#[test]
fn fields_of_a_system_name_keep_their_options_but_not_their_type() {
    let backend = Backend::new();
    let fields = json!([
        {"name": "nick", "type": "text"},
        {"name": "email", "type": "email", "hidden": true, "onlyDomains": ["a.b"], "id": "mine"},
        {"name": "password", "type": "text"},
        {"name": "tokenKey", "type": "text", "min": 1, "hidden": false},
    ]);
    let collection = people(&backend, json!({"fields": fields})).unwrap();
    assert_eq!(
        names(&collection),
        ["id", "nick", "email", "password", "tokenKey", "emailVisibility", "verified"]
    );
    let field = |at: usize| &collection["fields"][at];
    assert_eq!((&field(2)["id"], &field(2)["hidden"]), (&json!("mine"), &json!(false)));
    assert_eq!((&field(2)["required"], &field(2)["onlyDomains"]), (&json!(false), &json!(["a.b"])));
    assert_eq!((&field(3)["type"], &field(3)["min"]), (&json!("password"), &json!(8)));
    assert_eq!((&field(4)["min"], &field(4)["hidden"]), (&json!(1), &json!(true)));
}

#[test]
fn unique_indexes_of_ones_own_take_the_place_of_the_usual_ones() {
    let backend = Backend::new();
    let indexes = |index: &str| {
        let collection = people(&backend, json!({"indexes": [index]})).unwrap();
        collection["indexes"].as_array().unwrap().len()
    };
    assert_eq!(indexes("CREATE UNIQUE INDEX `t` ON `people` (`tokenKey`)"), 2);
    assert_eq!(indexes("CREATE INDEX `t` ON `people` (`tokenKey`)"), 3);
    assert_eq!(indexes("CREATE UNIQUE INDEX `e` ON `people` (lower(`email`))"), 3);
}

#[test]
fn options_are_checked() {
    let backend = Backend::new();
    let google = json!({"name": "google", "clientId": "a", "clientSecret": "b"});
    let (low, high) =
        ("validation_min_greater_equal_than_required", "validation_max_less_equal_than_required");
    let required = "validation_required";
    for (options, expected) in [
        (json!({"authRule": "nope = 1"}), "authRule:validation_invalid_rule"),
        (json!({"manageRule": ""}), "manageRule:validation_nil_or_not_empty_required"),
        (json!({"manageRule": "nope = 1"}), "manageRule:validation_invalid_rule"),
        (
            json!({"passwordAuth": {"identityFields": ["nope"]}}),
            "passwordAuth.identityFields:validation_missing_field",
        ),
        (
            json!({"passwordAuth": {"identityFields": ["id"]}}),
            "passwordAuth.identityFields:validation_missing_unique_constraint",
        ),
        (json!({"passwordAuth": {"identityFields": []}}), &format!("passwordAuth.identityFields:{required}")),
        (
            json!({"otp": {"enabled": true, "duration": 5, "length": 2}}),
            &format!("otp.duration:{low} otp.length:{low}"),
        ),
        (
            json!({"otp": {"enabled": true, "duration": 0, "length": 0}}),
            &format!("otp.duration:{required} otp.length:{required}"),
        ),
        (json!({"mfa": {"enabled": true}}), "mfa.enabled:validation_mfa_not_enough_auths"),
        (json!({"mfa": {"enabled": true, "duration": 5}}), &format!("mfa.duration:{low}")),
        (
            json!({"mfa": {"enabled": true, "rule": "nope=1"}, "otp": {"enabled": true}}),
            "mfa.rule:validation_invalid_rule",
        ),
        (json!({"authToken": {"duration": 94_670_857}}), &format!("authToken.duration:{high}")),
        (
            json!({"fileToken": {"duration": 0, "secret": ""}}),
            &format!("fileToken.duration:{required} fileToken.secret:{required}"),
        ),
        (json!({"authToken": {"secret": "short"}}), "authToken.secret:validation_length_out_of_range"),
        (
            json!({"verificationTemplate": {"subject": ""}}),
            &format!("verificationTemplate.subject:{required}"),
        ),
        (
            json!({"authAlert": {"emailTemplate": {"body": ""}}}),
            &format!("authAlert.emailTemplate.body:{required}"),
        ),
        (
            json!({"oauth2": {"enabled": true, "providers": [{"name": "nope"}]}}),
            &format!(
                "oauth2.providers.0.clientId:{required} oauth2.providers.0.clientSecret:{required} oauth2.providers.0.name:validation_missing_provider"
            ),
        ),
        (
            json!({"oauth2": {"enabled": true, "providers": [google, google]}}),
            "oauth2.providers.1.name:validation_duplicated_provider",
        ),
    ] {
        assert_eq!(refusal(people(&backend, options.clone())), format!("400 {expected}"), "{options}");
    }
    for options in [
        json!({"authRule": null, "manageRule": "id = @request.auth.id"}),
        json!({"passwordAuth": {"enabled": false, "identityFields": []}}),
        json!({"otp": {"enabled": false, "duration": 5, "length": 2}}),
        json!({"mfa": {"enabled": true, "rule": "verified = true"}, "otp": {"enabled": true}}),
        json!({"authToken": {"secret": "x".repeat(30), "duration": 94_670_856}}),
        json!({"oauth2": {"enabled": true, "providers": [google]}}),
    ] {
        people(&backend, options).unwrap();
    }
    let mapped = people(&backend, json!({"oauth2": {"mappedFields": {"name": "nope", "id": "id"}}})).unwrap();
    assert_eq!(
        mapped["oauth2"]["mappedFields"],
        json!({"id": "id", "name": "", "username": "", "avatarURL": ""})
    );
}
