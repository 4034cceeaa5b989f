//! Random pieces of SQL and of the query language, wherever a request holds text: the request is answered or refused,
//! never a fault of ours, and reads change nothing.

mod text;

use backspin_core::{Error, Value};
use backspin_schema::Caller;
use futures::executor::block_on;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Map, Value as Json, json};

use crate::blog::{Ask, blog, user};
use crate::{Backend, get, superuser};
use text::{filter, text};

const CASES: u32 = 500;

fn callers() -> [Caller; 3] {
    [Caller::Guest, user("u1"), superuser()]
}

/// Everything in every table, with the schema.
fn everything(backend: &Backend) -> Vec<Vec<Vec<Value>>> {
    let tables = backend.sql("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name");
    let mut all = vec![backend.sql("SELECT * FROM sqlite_master")];
    for table in tables {
        let [Value::Text(table)] = &table[..] else { panic!("{table:?}") };
        all.push(backend.sql(&format!("SELECT * FROM \"{table}\"")));
    }
    all
}

fn check<T>(result: &Result<T, Error>, asked: &str) -> Result<(), TestCaseError> {
    match result {
        Err(error) if error.status() >= 500 => {
            Err(TestCaseError::fail(format!("{asked}: {}", error.chain())))
        }
        _ => Ok(()),
    }
}

fn run<S: Strategy>(strategy: S, test: impl Fn(S::Value) -> Result<(), TestCaseError>) {
    let config = Config { cases: CASES, failure_persistence: None, ..Config::default() };
    TestRunner::new(config).run(&strategy, test).unwrap();
}

#[test]
fn reads_are_answered_or_refused_and_change_nothing() {
    let blog = blog();
    let before = everything(&blog);
    run((filter(), text(), text(), text()), |(filter, sort, expand, fields)| {
        let all = Ask { filter: &filter, sort: &sort, expand: &expand, fields: &fields, ..Ask::default() };
        let none = Ask::default();
        let asks = [
            all,
            Ask { filter: &filter, ..none },
            Ask { sort: &sort, ..none },
            Ask { expand: &expand, ..none },
            Ask { fields: &fields, ..none },
        ];
        for caller in callers() {
            for ask in asks {
                let asked = format!("{:?} {:?} {:?} {:?}", ask.filter, ask.sort, ask.expand, ask.fields);
                check(&blog.ask_list(&caller, "posts", ask), &asked)?;
                check(&blog.ask_view(&caller, ("posts", "p1"), ask), &asked)?;
            }
        }
        Ok(())
    });
    assert_eq!(everything(&blog), before);
}

#[test]
fn names_and_ids_find_what_is_there_or_nothing() {
    let blog = blog();
    let before = everything(&blog);
    run((text(), text()), |(name, id)| {
        for caller in callers() {
            for (collection, id) in
                [(name.as_str(), "p1"), ("posts", id.as_str()), (name.as_str(), id.as_str())]
            {
                let asked = format!("{collection:?} {id:?}");
                check(&blog.ask_list(&caller, collection, Ask::default()), &asked)?;
                check(&blog.ask_view(&caller, (collection, id), Ask::default()), &asked)?;
            }
        }
        Ok(())
    });
    assert_eq!(everything(&blog), before);
}

#[test]
fn bodies_are_stored_or_refused() {
    let shop = Backend::shop();
    let schema = shop.sql("SELECT * FROM sqlite_master");
    let value = prop_oneof![
        text().prop_map(Json::from),
        any::<f64>().prop_map(|number| json!(number)),
        any::<i64>().prop_map(Json::from),
        any::<bool>().prop_map(Json::from),
        Just(Json::Null),
        vec(text(), 0..3).prop_map(|texts| json!(texts)),
        text().prop_map(|text| json!({ text: [null, {}] })),
    ];
    let names = &[
        "id",
        "title",
        "code",
        "stock",
        "sizes",
        "size",
        "meta",
        "photos",
        "secret",
        "tag",
        "tags",
        "created",
        "stock+",
        "stock-",
        "sizes+",
        "+sizes",
        "sizes-",
        "tags+",
        "tags-",
        "photos-",
        "code:autogenerate",
        "title+",
    ];
    let key = prop_oneof![5 => proptest::sample::select(&names[..]).prop_map(str::to_owned), 1 => text()];
    let body = vec((key, value), 0..6).prop_map(|pairs| pairs.into_iter().collect::<Map<String, Json>>());
    run((body, text()), |(body, id)| {
        let asked = Json::Object(body.clone()).to_string();
        for caller in callers() {
            let created = shop.create(&caller, "items", body.clone().into());
            check(&created, &asked)?;
            if let Ok(record) = created {
                let path = ("items", record["id"].as_str().unwrap_or_default());
                let shown = shop.view(&caller, path.0, path.1);
                prop_assert_eq!(shown.ok(), Some(record.clone()));
                check(&shop.update(&caller, path, body.clone().into()), &asked)?;
                check(&shop.delete(&caller, path.0, path.1), &asked)?;
            }
            check(&shop.update(&caller, ("items", &id), body.clone().into()), &id)?;
            check(&shop.delete(&caller, "items", &id), &id)?;
        }
        Ok(())
    });
    assert_eq!(shop.sql("SELECT * FROM sqlite_master"), schema);
}

#[test]
fn batches_are_carried_out_or_leave_nothing() {
    let shop = Backend::shop();
    let before = everything(&shop);
    let method = proptest::sample::select(&["GET", "POST", "PUT", "PATCH", "DELETE", "'"][..]);
    let url = (text(), text(), text()).prop_map(|(collection, id, query)| {
        [
            format!("/api/collections/{collection}/records"),
            format!("/api/collections/items/records/{id}?expand={query}"),
            format!("/api/collections/items/records?fields={query}"),
            format!("{collection}{id}"),
        ]
    });
    run((method, url, text(), 0..4_usize), |(method, urls, text, which)| {
        let request = json!({"method": method, "url": urls[which], "headers": {&text: &text}, "body": {"id": text, &text: 1}});
        let last = json!({"method": "DELETE", "url": "/api/collections/items/records/nothing"});
        for caller in callers() {
            let body = crate::object(json!({"requests": [request, last]}));
            let result = block_on(backspin_records::batch(
                &shop.app,
                &get(&caller),
                body,
                backspin_records::BatchLimits::default(),
            ));
            check(&result, &request.to_string())?;
            prop_assert!(result.is_err());
        }
        Ok(())
    });
    assert_eq!(everything(&shop), before);
}
