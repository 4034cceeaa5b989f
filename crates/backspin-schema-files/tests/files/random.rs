//! Whatever a collection is like, its file says all of it.

use backspin_schema::{Collection, Field};
use backspin_schema_files::{compare, described, from_json, read, to_body, to_text};
use proptest::prelude::*;
use serde_json::{Value, json};

fn text() -> impl Strategy<Value = String> {
    "[ -~äß\n\"\\\\]{0,12}"
}

fn rule() -> impl Strategy<Value = Option<String>> {
    prop::option::of(text())
}

fn options() -> impl Strategy<Value = Value> {
    let whole = -3_i64..4;
    prop_oneof![
        (whole.clone(), whole.clone(), text()).prop_map(|(min, max, pattern)| json!({
            "type": "text", "min": min, "max": max, "pattern": pattern, "autogeneratePattern": pattern })),
        (prop::option::of(-9.5_f64..9.5), any::<bool>())
            .prop_map(|(min, only_int)| json!({ "type": "number", "min": min, "onlyInt": only_int })),
        Just(json!({ "type": "bool" })),
        Just(json!({ "type": "geoPoint" })),
        prop::collection::vec(text(), 0..3)
            .prop_map(|domains| json!({ "type": "email", "onlyDomains": domains })),
        prop::collection::vec(text(), 0..3)
            .prop_map(|domains| json!({ "type": "url", "exceptDomains": domains })),
        any::<bool>().prop_map(|convert| json!({ "type": "editor", "convertURLs": convert })),
        text().prop_map(|min| json!({ "type": "date", "min": min })),
        any::<bool>()
            .prop_map(|update| json!({ "type": "autodate", "onCreate": !update, "onUpdate": update })),
        (prop::collection::vec(text(), 0..4), whole.clone())
            .prop_map(|(values, max)| json!({ "type": "select", "values": values, "maxSelect": max })),
        (text(), any::<bool>(), whole.clone()).prop_map(|(id, cascade, min)| json!({
            "type": "relation", "collectionId": id, "cascadeDelete": cascade, "minSelect": min })),
        (any::<bool>(), whole.clone(), prop::collection::vec(text(), 0..3))
            .prop_map(|(hidden, max, list)| json!({
            "type": "file", "protected": hidden, "maxSelect": max, "thumbs": list, "mimeTypes": list })),
        whole.clone().prop_map(|size| json!({ "type": "json", "maxSize": size })),
        whole.prop_map(|cost| json!({ "type": "password", "cost": cost })),
    ]
}

fn field() -> impl Strategy<Value = Value> {
    let flags = (any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>());
    ("[a-z]{1,8}", "[a-z0-9]{0,8}", options(), flags, text()).prop_map(
        |(name, id, mut field, (system, hidden, presentable, required), help)| {
            for (key, value) in [("system", system), ("hidden", hidden), ("presentable", presentable)] {
                field[key] = json!(value);
            }
            if field["type"] != "autodate" {
                field["required"] = json!(required);
                field["help"] = json!(help);
            }
            field["name"] = json!(name);
            field["id"] = json!(id);
            field
        },
    )
}

/// Fields of distinct names and ids, some of them without an id.
fn fields() -> impl Strategy<Value = Vec<Value>> {
    prop::collection::vec(field(), 0..6).prop_map(|mut fields| {
        for (place, field) in fields.iter_mut().enumerate() {
            field["name"] = format!("{}{place}", field["name"].as_str().unwrap()).into();
            if field["id"] != "" {
                field["id"] = format!("{}{place}", field["id"].as_str().unwrap()).into();
            }
        }
        fields
    })
}

/// No two are the same, whatever their order.
fn indexes() -> impl Strategy<Value = Vec<String>> {
    let numbered =
        |texts: Vec<String>| texts.iter().enumerate().map(|(n, text)| format!("{n}{text}")).collect();
    prop::collection::vec(text(), 0..3).prop_map(numbered)
}

fn collection() -> impl Strategy<Value = Collection> {
    let kind = prop_oneof![
        Just(json!({ "type": "base" })),
        text().prop_map(|query| json!({ "type": "view", "viewQuery": query })),
        (rule(), rule(), text(), any::<bool>(), 0_i64..9, prop::collection::vec(text(), 0..3)).prop_map(
            |(auth, manage, text, on, number, list)| json!({
                "type": "auth", "authRule": auth, "manageRule": manage,
                "otp": { "enabled": on, "length": number, "emailTemplate": { "subject": text } },
                "mfa": { "enabled": on, "rule": text, "duration": 600 + number },
                "authToken": { "duration": number }, "passwordAuth": { "enabled": on, "identityFields": list },
                "authAlert": { "enabled": on },
                "oauth2": { "enabled": on, "mappedFields": { "name": text },
                    "providers": list.iter().map(|name| json!({ "name": name, "pkce": on })).collect::<Vec<_>>() },
            })
        ),
    ];
    let rules = (rule(), rule(), rule());
    let lists = (fields(), indexes());
    ("[a-zA-Z_]{1,9}", text(), kind, rules, lists, any::<bool>()).prop_map(
        |(name, id, mut json, (list, view, create), (fields, indexes), system)| {
            let rest = json!({ "id": id, "name": name, "listRule": list, "viewRule": view, "createRule": create,
                "fields": fields, "indexes": indexes, "system": system });
            json.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
            from_json(&json).unwrap()
        },
    )
}

proptest! {
    #[test]
    fn a_file_read_again_is_the_collection(collection in collection()) {
        let text = to_text(&collection).unwrap();
        let again = read("x.json".as_ref(), text.as_bytes()).unwrap();
        prop_assert_eq!(&again, &described(&collection));
        prop_assert_eq!(to_text(&again).unwrap(), text);
    }

    #[test]
    fn what_the_server_is_sent_is_the_collection(collection in collection()) {
        prop_assert_eq!(from_json(&to_body(&collection).unwrap()).unwrap(), described(&collection));
    }

    #[test]
    fn equal_files_mean_no_difference_and_others_do(one in collection(), other in collection()) {
        // A database gives every field its id.
        let with_ids = |collection: Collection| Collection {
            fields: collection.fields.into_iter().map(|field| Field { id: field.name.clone(), ..field }).collect(),
            ..collection
        };
        let one = with_ids(one);
        let other = Collection { id: one.id.clone(), name: one.name.clone(), ..with_ids(other) };
        prop_assert!(compare(std::slice::from_ref(&one), std::slice::from_ref(&one)).is_empty());
        if described(&one) != described(&other) && !one.fields.iter().any(|field| field.system) {
            prop_assert!(!compare(&[one], &[other]).is_empty());
        }
    }
}
