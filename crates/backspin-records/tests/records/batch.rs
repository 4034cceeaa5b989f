use std::cell::Cell;
use std::thread;

use backspin_core::{Env, Error, LogLevel, ParameterPairs, Timestamp, limits};
use backspin_native::{FixedEnv, Native, NativeDatabase};
use backspin_records::{BatchLimits, RequestInfo};
use backspin_schema::{App, Caller};
use futures::executor::block_on;
use serde_json::{Value as Json, json};

use crate::shop::relation;
use crate::{Backend, alice, get, object, refusal, superuser};

const MOVIES: &str = "/api/collections/movies/records";
const ALIEN: &str = "abcdefghijklmno";

fn batch(backend: &Backend, caller: &Caller, requests: Json) -> Result<Json, Error> {
    of_request(backend, &get(caller), requests)
}

fn of_request(backend: &Backend, request: &RequestInfo<'_>, requests: Json) -> Result<Json, Error> {
    let body = object(json!({ "requests": requests }));
    block_on(backspin_records::batch(&backend.app, request, body, BatchLimits::default()))
        .map(|reply| serde_json::from_slice(&reply).unwrap())
}

fn create(title: &str) -> Json {
    json!({"method": "POST", "url": MOVIES, "body": {"title": title}})
}

fn titles(backend: &Backend) -> Vec<String> {
    let rows = backend.sql("SELECT title FROM movies ORDER BY _rowid_");
    rows.into_iter().map(|row| format!("{:?}", row[0]).replace("Text(\"", "").replace("\")", "")).collect()
}

/// The whole error as clients see it.
fn envelope(result: Result<Json, Error>) -> Json {
    serde_json::to_value(result.unwrap_err().envelope()).unwrap()
}

#[test]
fn requests_are_carried_out_in_their_order_and_answered_in_it() {
    let backend = Backend::new();
    let path = format!("{MOVIES}/{ALIEN}");
    let reply = batch(
        &backend,
        &Caller::Guest,
        json!([
            {"method": "POST", "url": MOVIES, "body": {"id": ALIEN, "title": "Alien"}},
            {"method": "PATCH", "url": path, "body": {"rating": 8}},
            create("Brazil"),
            {"method": "DELETE", "url": path},
            {"method": "POST", "url": MOVIES, "body": {"id": ALIEN, "title": "Alien"}},
        ]),
    )
    .unwrap();
    let statuses: Vec<&Json> = reply.as_array().unwrap().iter().map(|item| &item["status"]).collect();
    assert_eq!(statuses, [200, 200, 200, 204, 200]);
    assert_eq!((&reply[0]["body"]["rating"], &reply[1]["body"]["rating"]), (&json!(0), &json!(8)));
    assert_eq!(reply[3], json!({"body": null, "status": 204}));
    assert_eq!(titles(&backend), ["Brazil", "Alien"]);
}

#[test]
fn an_upsert_creates_or_updates_by_the_id_in_its_body() {
    let backend = Backend::new();
    let upsert = |body: Json| {
        let reply = batch(&backend, &superuser(), json!([{"method": "PUT", "url": MOVIES, "body": body}]));
        reply.unwrap()[0]["body"].clone()
    };
    assert_eq!(upsert(json!({"id": ALIEN, "title": "Alien", "rating": 8}))["rating"], 8);
    assert_eq!(upsert(json!({"id": ALIEN, "title": "Aliens"}))["rating"], 8);
    upsert(json!({"id": "123456789012345", "title": "Brazil"}));
    assert_eq!(upsert(json!({"id": 123_456_789_012_345_i64, "rating": 9}))["title"], "Brazil");
    assert_ne!(upsert(json!({"id": null, "title": "Cube"}))["id"], ALIEN);
    upsert(json!({"title": "Dune"}));
    assert_eq!(titles(&backend), ["Aliens", "Brazil", "Cube", "Dune"]);
}

#[test]
fn one_failure_undoes_everything_and_tells_where_it_was() {
    let backend = Backend::new();
    backend.create(&superuser(), "movies", json!({"id": ALIEN, "title": "Alien"})).unwrap();
    let before = backend.sql("SELECT * FROM movies");
    let wrong = json!({"method": "POST", "url": MOVIES, "body": {"title": "", "rating": 11}});
    let requests = json!([
        create("Brazil"),
        {"method": "DELETE", "url": format!("{MOVIES}/{ALIEN}")},
        wrong,
        create("Cube"),
        wrong,
    ]);
    assert_eq!(
        envelope(batch(&backend, &Caller::Guest, requests)),
        json!({"data": {"requests": {"2": {
            "code": "batch_request_failed",
            "message": "Batch request failed.",
            "response": {
                "data": {
                    "rating": {
                        "code": "validation_max_number_constraint",
                        "message": "Must be less or equal than 10.",
                        "params": {"max": 10},
                    },
                    "title": {"code": "validation_required", "message": "Cannot be blank."},
                },
                "message": "Failed to create record.",
                "status": 400,
            },
        }}}, "message": "Batch transaction failed.", "status": 400})
    );
    assert_eq!(backend.sql("SELECT * FROM movies"), before);
}

#[test]
fn a_broken_constraint_in_the_middle_leaves_nothing_behind() {
    let backend = Backend::new();
    let requests = json!([create("Alien"), create("Brazil"), create("Alien"), create("Cube")]);
    let refused = envelope(batch(&backend, &Caller::Guest, requests));
    let response = &refused["data"]["requests"]["2"]["response"];
    assert_eq!(response["data"]["title"]["code"], "validation_not_unique");
    assert!(titles(&backend).is_empty());
    batch(&backend, &Caller::Guest, json!([create("Alien")])).unwrap();
    assert_eq!(titles(&backend), ["Alien"]);
}

#[test]
fn writes_that_are_transactions_by_themselves_are_part_of_the_batch() {
    let backend = Backend::empty();
    backend.open_collection("parents", json!({}), vec![json!({"name": "name", "type": "text"})]);
    let parent = relation("parent", "parents", 1, json!({"cascadeDelete": true}));
    backend.open_collection("children", json!({}), vec![parent]);
    let id = backend.new_id("parents", json!({"name": "a"}));
    backend.new_id("children", json!({"parent": id}));
    let delete = json!({"method": "DELETE", "url": format!("/api/collections/parents/records/{id}")});
    let count = || backend.sql("SELECT id FROM parents UNION ALL SELECT id FROM children").len();
    let twice = envelope(batch(&backend, &Caller::Guest, json!([delete, delete])));
    assert_eq!(twice["data"]["requests"]["1"]["response"]["status"], 404);
    assert_eq!(count(), 2);
    let child = json!({"method": "POST", "url": "/api/collections/children/records", "body": {"parent": id}});
    batch(&backend, &Caller::Guest, json!([child, delete])).unwrap();
    assert_eq!(count(), 0);
}

#[test]
fn the_rules_hold_for_each_request() {
    let backend = Backend::new();
    let requests = json!([
        create("Alien"),
        {"method": "POST", "url": "/api/collections/notes/records", "body": {"text": "x"}},
    ]);
    for caller in [Caller::Guest, alice()] {
        let refused = envelope(batch(&backend, &caller, requests.clone()));
        assert_eq!(refused["data"]["requests"]["1"]["response"]["status"], 403);
        assert!(titles(&backend).is_empty());
    }
    batch(&backend, &superuser(), requests).unwrap();
    assert_eq!(backend.sql("SELECT text FROM notes").len(), 1);
}

#[test]
fn only_writes_of_records_may_be_in_a_batch() {
    let backend = Backend::new();
    let fail = |method: &str, url: &str| {
        let requests = json!([create("Alien"), {"method": method, "url": url}]);
        let refused = envelope(batch(&backend, &superuser(), requests));
        assert!(titles(&backend).is_empty());
        refused["data"]["requests"]["1"]["response"].clone()
    };
    for (method, url) in
        [("GET", MOVIES), ("POST", "/api/collections"), ("POST", "/api/batch"), ("PATCH", MOVIES)]
    {
        let message = "Something went wrong while processing your request.";
        assert_eq!(fail(method, url), json!({"data": {}, "message": message, "status": 400}), "{url}");
    }
    for method in ["POST", "PUT"] {
        let response = fail(method, "/api/collections/nowhere/records");
        assert_eq!(response, json!({"data": {}, "message": "Missing collection context.", "status": 404}));
    }
    assert_eq!(fail("DELETE", &format!("{MOVIES}/{ALIEN}"))["status"], 404);
    assert_eq!(fail("PATCH", &format!("{MOVIES}/{ALIEN}"))["status"], 404);
}

#[test]
fn a_batch_that_is_none_is_refused_before_anything_is_done() {
    let backend = Backend::new();
    let refused = |requests: Json| envelope(batch(&backend, &Caller::Guest, requests));
    for none in [json!([]), json!(null)] {
        assert_eq!(
            refused(none),
            json!({
                "data": {"requests": {"code": "validation_required", "message": "Cannot be blank."}},
                "message": "Invalid batch request data.",
                "status": 400,
            })
        );
    }
    let too_many = vec![create("Alien"); 51];
    assert_eq!(
        refused(json!(too_many))["data"]["requests"],
        json!({
            "code": "validation_length_too_long",
            "message": "The length must be no more than 50.",
            "params": {"max": 50, "min": 0},
        })
    );
    for shape in [
        json!({}),
        json!([1]),
        json!([{"method": 1}]),
        json!([{"body": "x"}]),
        json!([{"headers": {"a": 1}}]),
    ] {
        assert_eq!(
            refused(shape),
            json!({"data": {}, "message": "Failed to read the submitted batch data.", "status": 400})
        );
    }
    let long = format!("{MOVIES}?{}", "a".repeat(limits::BATCH_URL_CHARS_MAX));
    let headers: Json = (0..=limits::BATCH_HEADERS_MAX)
        .map(|n| (format!("x-{n}"), json!("")))
        .collect::<serde_json::Map<_, _>>()
        .into();
    let faults = refused(json!([
        {"method": "post", "url": MOVIES},
        create("Alien"),
        {},
        {"method": "POST", "url": long},
        {"method": "POST", "url": MOVIES, "headers": headers},
    ]));
    let codes = |position: &str, part: &str| faults["data"]["requests"][position][part]["code"].clone();
    assert_eq!(codes("0", "method"), "validation_in_invalid");
    assert_eq!(
        (codes("2", "method"), codes("2", "url")),
        ("validation_required".into(), "validation_required".into())
    );
    assert_eq!(codes("3", "url"), "validation_length_too_long");
    assert_eq!(codes("4", "headers"), "validation_length_too_long");
    assert_eq!(faults["data"]["requests"].as_object().unwrap().len(), 4);
    assert!(titles(&backend).is_empty());
}

#[test]
fn rules_of_the_writes_in_a_batch_have_its_context() {
    for (context, alone, within) in [("batch", "refused", "200"), ("default", "200", "refused")] {
        let backend = Backend::new();
        backend.create(&Caller::Guest, "movies", json!({"id": ALIEN, "title": "Alien"})).unwrap();
        let rule = format!("'@request.context = \"{context}\"'");
        backend.set_collection(
            "movies",
            &format!("createRule = {rule}, updateRule = {rule}, deleteRule = {rule}"),
        );
        let path = format!("{MOVIES}/{ALIEN}");
        let outcome = |is_written: bool| if is_written { "200" } else { "refused" };
        let run = |request: Json| outcome(batch(&backend, &Caller::Guest, json!([request])).is_ok());
        let rating = json!({"rating": 8});

        // Twice, so that the second of each finds the plans of both.
        for (first, second) in [("Brazil", "Cube"), ("Dune", "Eraserhead")] {
            let created = backend.create(&Caller::Guest, "movies", json!({"title": first}));
            assert_eq!(outcome(created.is_ok()), alone, "create, {context}");
            assert_eq!(run(create(second)), within, "create in a batch, {context}");
            let updated = backend.update(&Caller::Guest, ("movies", ALIEN), rating.clone());
            assert_eq!(outcome(updated.is_ok()), alone, "update, {context}");
            let request = json!({"method": "PATCH", "url": path, "body": rating});
            assert_eq!(run(request), within, "update in a batch, {context}");
        }
        let request = json!({"method": "DELETE", "url": path});
        if alone == "refused" {
            assert!(backend.delete(&Caller::Guest, "movies", ALIEN).is_err());
            assert_eq!(run(request), "200");
        } else {
            assert_eq!(run(request), "refused");
            backend.delete(&Caller::Guest, "movies", ALIEN).unwrap();
        }
    }
}

#[test]
fn fields_of_the_batch_choose_from_its_replies() {
    let backend = Backend::new();
    let query = [("fields".to_owned(), "status,body.title".to_owned())];
    let parameters = ParameterPairs { query: &query, headers: &[] };
    let request = RequestInfo { parameters: &parameters, ..get(&Caller::Guest) };
    let reply = of_request(&backend, &request, json!([create("Alien")])).unwrap();
    assert_eq!(reply, json!([{"status": 200, "body": {"title": "Alien"}}]));
    let query = [("fields".to_owned(), "a:unknown".to_owned())];
    let parameters = ParameterPairs { query: &query, headers: &[] };
    let request = RequestInfo { parameters: &parameters, ..get(&Caller::Guest) };
    assert_eq!(refusal(of_request(&backend, &request, json!([create("Brazil")]))), "400");
    assert_eq!(titles(&backend), ["Alien"]);
}

#[test]
fn batches_at_the_same_time_come_one_after_the_other() {
    const BATCHES: usize = 4;
    let backend = Backend::new();
    let folder = backend.folder.path().to_owned();
    let threads: Vec<_> = (0..BATCHES)
        .map(|thread| {
            let path = folder.join("sqlite_db.db");
            thread::spawn(move || {
                let env = FixedEnv::new().with_seed(thread as u64 + 10);
                let app = App::new(Native { database: NativeDatabase::open(path).unwrap(), env });
                let requests: Vec<Json> = (0..20).map(|n| create(&format!("{thread} {n}"))).collect();
                let body = object(json!({ "requests": requests }));
                block_on(backspin_records::batch(&app, &get(&Caller::Guest), body, BatchLimits::default()))
                    .map(|_| ())
                    .unwrap();
            })
        })
        .collect();
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    let titles = titles(&backend);
    assert_eq!(titles.len(), 20 * BATCHES);
    for batch in titles.chunks(20) {
        let thread = batch[0].split(' ').next().unwrap();
        assert!(batch.iter().enumerate().all(|(n, title)| *title == format!("{thread} {n}")), "{batch:?}");
    }
}

#[test]
fn a_schema_that_has_changed_meanwhile_is_met_within_the_batch() {
    let backend = Backend::new();
    let other = backend.another();
    block_on(other.snapshot()).unwrap();
    let created = json!({"name": "late", "createRule": "", "fields": [{"name": "x", "type": "text"}]});
    backend.create_collection(created);
    let requests = json!([{"method": "POST", "url": "/api/collections/late/records", "body": {"x": "1"}}]);
    let body = object(json!({ "requests": requests }));
    block_on(backspin_records::batch(&other, &get(&Caller::Guest), body, BatchLimits::default()))
        .map(|_| ())
        .unwrap();
    assert_eq!(backend.sql("SELECT x FROM late").len(), 1);
}

/// A clock that goes on by a second whenever it is looked at.
struct Hurried(FixedEnv, Cell<i64>);

impl Env for Hurried {
    fn now(&self) -> Timestamp {
        self.1.set(self.1.get() + 1000);
        Timestamp::from_unix_ms(self.1.get())
    }

    fn fill_random(&self, bytes: &mut [u8]) {
        self.0.fill_random(bytes);
    }

    async fn variable(&self, name: &str) -> backspin_core::Result<Option<String>> {
        self.0.variable(name).await
    }

    async fn sleep_ms(&self, ms: u64) {
        self.0.sleep_ms(ms).await;
    }

    fn log(&self, level: LogLevel, message: &str) {
        self.0.log(level, message);
    }
}

#[test]
fn a_batch_that_takes_too_long_is_given_up() {
    let backend = Backend::new();
    let database = NativeDatabase::open(backend.folder.path().join("sqlite_db.db")).unwrap();
    let app = App::new(Native { database, env: Hurried(FixedEnv::new(), Cell::new(0)) });
    let requests: Vec<Json> = (0..10).map(|n| create(&n.to_string())).collect();
    let body = object(json!({ "requests": requests }));
    let refused = block_on(backspin_records::batch(&app, &get(&Caller::Guest), body, BatchLimits::default()))
        .map(|_| ());
    assert!(refused.unwrap_err().to_string().contains("took too long"));
    assert!(titles(&backend).is_empty());
}

#[test]
fn the_settings_say_whether_there_are_batches_and_how_large_they_may_be() {
    let backend = Backend::new();
    let set = |batch: Json| {
        let settings = object(json!({ "batch": batch }));
        block_on(backspin_settings::update(&backend.app, &superuser(), settings, "")).unwrap();
    };
    let count = Cell::new(0);
    let of_two = || {
        let limits = block_on(BatchLimits::of(&backend.app))?;
        count.set(count.get() + 1);
        let titles = ["Alien", "Brazil"].map(|title| create(&format!("{title} {}", count.get())));
        let body = object(json!({ "requests": titles }));
        block_on(backspin_records::batch(&backend.app, &get(&Caller::Guest), body, limits)).map(|_| ())
    };
    assert_eq!(refusal(of_two()), "403");
    set(json!({"enabled": true}));
    of_two().unwrap();
    set(json!({"maxRequests": 1}));
    assert_eq!(refusal(of_two()), "400 requests:validation_length_too_long");
    set(json!({"maxRequests": 1_000_000_000, "timeout": 1_000_000_000, "maxBodySize": 100}));
    of_two().unwrap();
    let limits = block_on(BatchLimits::of(&backend.app)).unwrap();
    assert_eq!(limits.check_size(101).unwrap_err().status(), 413);
    limits.check_size(100).unwrap();
    let too_many = object(json!({"requests": vec![create("Alien"); limits::BATCH_REQUESTS_MAX + 1]}));
    let refused = block_on(backspin_records::batch(&backend.app, &get(&Caller::Guest), too_many, limits));
    assert_eq!(refusal(refused.map(|_| ())), "400 requests:validation_length_too_long");
    set(json!({"enabled": false}));
    assert_eq!(refusal(of_two()), "403");
}
