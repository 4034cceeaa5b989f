//! API keys: what one may do, and every way to do more.

use backspin_auth::{
    NewApiKey, create_api_key, delete_api_key, identify, identify_session, identify_with_key, list_api_keys,
};
use backspin_core::{Error, ParameterPairs, Value};
use backspin_records::{BatchLimits, ListQuery, ReplyShape, RequestInfo};
use backspin_schema::{Caller, Page};
use futures::executor::block_on;
use serde_json::{Value as Json, json};

use crate::{Backend, PASSWORD, ROOT, object, parse, refusal, token};

const ALICE: &str = "aliceaaaaaaaaaa";
const BOB: &str = "bobbbbbbbbbbbbb";
const POST: &str = "postpostpostpos";
const DAY_MS: i64 = 86_400_000;

/// `posts` of `members`, with `notes` that only their owner may see.
fn blog() -> Backend {
    let backend = Backend::with_members(json!({
        "listRule": "", "viewRule": "", "updateRule": "id = @request.auth.id", "createRule": "",
    }));
    let author =
        json!({"name": "author", "type": "relation", "collectionId": backend.members_id(), "maxSelect": 1});
    backend.create_collection(json!({
        "name": "posts", "type": "base", "listRule": "", "viewRule": "", "createRule": "",
        "updateRule": "author = @request.auth.id", "deleteRule": "author = @request.auth.id",
        "fields": [{"name": "title", "type": "text"}, author],
    }));
    let posts = block_on(backend.app.reload()).unwrap().find("posts").unwrap().id.clone();
    let post = json!({"name": "post", "type": "relation", "collectionId": posts, "maxSelect": 1});
    backend.create_collection(json!({
        "name": "notes", "type": "base", "listRule": "", "viewRule": "",
        "fields": [{"name": "text", "type": "text"}, post],
    }));
    backend.create("posts", json!({"id": POST, "title": "Hello", "author": BOB}));
    backend.create("notes", json!({"text": "a note", "post": POST}));
    backend
}

impl Backend {
    fn new_key(&self, token: &str, body: Json) -> Result<Json, Error> {
        let identified = block_on(identify_session(&self.app, Some(token))).unwrap();
        let body =
            serde_json::from_value::<NewApiKey>(body).map_err(|error| Error::bad_request(error.to_string()));
        block_on(create_api_key(&self.app, &identified, body)).map(parse)
    }

    /// Bob's key with these scopes.
    fn key(&self, scopes: &[&str]) -> String {
        let reply = self.new_key(&self.token("members", "bob"), json!({"name": "ci", "scopes": scopes}));
        reply.unwrap()["key"].as_str().unwrap().to_owned()
    }

    fn bearer(&self, key: &str) -> Result<Caller, Error> {
        block_on(identify_with_key(&self.app, Some(key)))
    }

    fn list_as(&self, key: &str, collection: &str, query: ListQuery<'_>) -> Result<Json, Error> {
        let caller = self.bearer(key)?;
        let request = RequestInfo::new(&caller, "GET", &ParameterPairs::NONE);
        block_on(backspin_records::list(&self.app, &request, collection, &query)).map(parse)
    }

    fn view_as(&self, key: &str, collection: &str, id: &str, expand: &str) -> Result<Json, Error> {
        let caller = self.bearer(key)?;
        let request = RequestInfo::new(&caller, "GET", &ParameterPairs::NONE);
        let shape = ReplyShape { expand: expand.into(), fields: "".into() };
        block_on(backspin_records::view(&self.app, &request, collection, id, &shape)).map(parse)
    }

    fn create_as(&self, key: &str, collection: &str, body: Json) -> Result<Json, Error> {
        let caller = self.bearer(key)?;
        let request = crate::post(&caller, &ParameterPairs::NONE);
        let shape = ReplyShape { expand: "author".into(), fields: "".into() };
        block_on(backspin_records::create(&self.app, &request, collection, &object(body), &shape)).map(parse)
    }

    fn update_as(&self, key: &str, (collection, id): (&str, &str), body: Json) -> Result<Json, Error> {
        let caller = self.bearer(key)?;
        let request = RequestInfo::new(&caller, "PATCH", &ParameterPairs::NONE);
        let (body, shape) = (object(body), ReplyShape::default());
        block_on(backspin_records::update(&self.app, &request, collection, id, &body, &shape)).map(parse)
    }

    fn delete_as(&self, key: &str, collection: &str, id: &str) -> Result<Json, Error> {
        let caller = self.bearer(key)?;
        let request = RequestInfo::new(&caller, "DELETE", &ParameterPairs::NONE);
        block_on(backspin_records::delete(&self.app, &request, collection, id)).map(|()| Json::Null)
    }
}

fn all<'a>() -> ListQuery<'a> {
    let page = Page { number: 1, size: 30, skip_total: false };
    ListQuery { page, sort: "", filter: "", shape: ReplyShape::default() }
}

fn status(result: Result<Json, Error>) -> u16 {
    result.map_or_else(|error| error.status(), |_| 200)
}

#[test]
fn a_key_acts_as_its_owner() {
    let backend = blog();
    let key = backend.key(&["posts:*"]);
    assert!(key.starts_with("bsk_") && key.len() == 47, "{key}");
    match backend.bearer(&key).unwrap() {
        Caller::Key(bearer) => assert_eq!(bearer.owner.id(), BOB),
        other => panic!("{other:?}"),
    }
    backend.update_as(&key, ("posts", POST), json!({"title": "Changed"})).unwrap();
    assert_eq!(backend.view_as(&key, "posts", POST, "").unwrap()["title"], "Changed");
    let actor = backend.sql("SELECT actor FROM _changes ORDER BY seq DESC LIMIT 1");
    assert_eq!(actor, [[Value::from(format!("{}/{BOB}", backend.members_id()))]]);
    // The rules of its owner hold.
    backend.create("posts", json!({"id": "alicesalicesali", "title": "Mine", "author": ALICE}));
    assert_eq!(status(backend.update_as(&key, ("posts", "alicesalicesali"), json!({"title": "x"}))), 404);
    assert_eq!(status(backend.delete_as(&key, "posts", "alicesalicesali")), 404);
    assert_eq!(status(backend.delete_as(&key, "posts", POST)), 200);
}

#[test]
fn what_the_scopes_do_not_name_is_refused() {
    let backend = blog();
    let title = || json!({"title": "x", "author": BOB});
    let tries = |key: &str| {
        [
            status(backend.list_as(key, "posts", all())),
            status(backend.view_as(key, "posts", POST, "")),
            status(backend.create_as(key, "posts", title())),
            status(backend.update_as(key, ("posts", POST), title())),
            status(backend.delete_as(key, "posts", POST)),
        ]
    };
    assert_eq!(tries(&backend.key(&["notes:*", "changes"])), [403; 5]);
    assert_eq!(tries(&backend.key(&["posts:list"])), [200, 403, 403, 403, 403]);
    assert_eq!(tries(&backend.key(&["posts:view"])), [403, 200, 403, 403, 403]);
    assert_eq!(tries(&backend.key(&["*:create"])), [403, 403, 200, 403, 403]);
    assert_eq!(tries(&backend.key(&["posts:update"])), [403, 403, 403, 200, 403]);
    assert_eq!(tries(&backend.key(&["*:delete"])), [403, 403, 403, 403, 200]);
    let key = backend.key(&["posts:*"]);
    for collection in ["notes", "members", "_superusers", "_authOrigins"] {
        assert_eq!(status(backend.list_as(&key, collection, all())), 403, "{collection}");
    }
}

#[test]
fn a_key_sees_nothing_beyond_its_scopes_by_expand_filter_or_sort() {
    let backend = blog();
    let expand = "author,notes_via_post";
    let narrow = backend.key(&["posts:view", "posts:list", "posts:create"]);
    assert_eq!(backend.view_as(&narrow, "posts", POST, expand).unwrap().get("expand"), None);
    let wide = backend.key(&["posts:view", "members:view", "notes:view"]);
    let shown = backend.view_as(&wide, "posts", POST, expand).unwrap();
    assert_eq!(shown["expand"]["author"]["name"], "bob");
    assert_eq!(shown["expand"]["notes_via_post"][0]["text"], "a note");
    // The plan of one key is not that of another.
    assert_eq!(backend.view_as(&narrow, "posts", POST, expand).unwrap().get("expand"), None);
    let created = backend.create_as(&narrow, "posts", json!({"title": "x", "author": BOB})).unwrap();
    assert_eq!(created.get("expand"), None);
    let list = ListQuery { shape: ReplyShape { expand: expand.into(), fields: "".into() }, ..all() };
    assert_eq!(backend.list_as(&narrow, "posts", list).unwrap()["items"][0].get("expand"), None);

    for filter in ["author.name = 'bob'", "notes_via_post.text ~ 'a'"] {
        assert_eq!(status(backend.list_as(&narrow, "posts", ListQuery { filter, ..all() })), 400, "{filter}");
    }
    assert_eq!(status(backend.list_as(&narrow, "posts", ListQuery { sort: "author.name", ..all() })), 400);
    let both = backend.key(&["posts:list", "members:list"]);
    let filter = "author.name = 'bob'";
    assert_eq!(status(backend.list_as(&both, "posts", ListQuery { filter, ..all() })), 200);
}

#[test]
fn a_key_of_a_superuser_is_as_narrow() {
    let backend = blog();
    let root = backend.token("_superusers", ROOT);
    let reply = backend.new_key(&root, json!({"name": "ci", "scopes": ["*:*", "changes"]})).unwrap();
    let all_records = reply["key"].as_str().unwrap();
    assert_eq!(status(backend.list_as(all_records, "notes", all())), 200);
    // No rule holds for its owner, but the system's collections are no one's to give.
    for collection in ["_superusers", "_externalAuths", "_authOrigins", "_mfas", "_otps"] {
        assert_eq!(status(backend.list_as(all_records, collection, all())), 403, "{collection}");
    }
    let account = json!({"email": "a@b.co", "password": PASSWORD, "passwordConfirm": PASSWORD});
    assert_eq!(status(backend.create_as(all_records, "_superusers", account)), 403);
    let caller = backend.bearer(all_records).unwrap();
    assert_eq!(caller.require_superuser().unwrap_err().status(), 403);

    let reply = backend.new_key(&root, json!({"name": "ci", "scopes": ["posts:list"]})).unwrap();
    let narrow = reply["key"].as_str().unwrap();
    for filter in
        ["author.name = 'bob'", "@collection.notes.text ~ 'a'", "@collection._superusers.email ~ 'a'"]
    {
        assert_eq!(status(backend.list_as(narrow, "posts", ListQuery { filter, ..all() })), 400, "{filter}");
    }
}

#[test]
fn a_key_changes_no_credentials() {
    let backend = blog();
    let root = backend.token("_superusers", ROOT);
    let mine = backend.key(&["members:*"]);
    let reply = backend.new_key(&root, json!({"name": "ci", "scopes": ["*:*"]})).unwrap();
    for key in [mine.as_str(), reply["key"].as_str().unwrap()] {
        backend.update_as(key, ("members", BOB), json!({"nick": "Bobby"})).unwrap();
        for body in [
            json!({"password": "another horse", "passwordConfirm": "another horse", "oldPassword": PASSWORD}),
            json!({"email": "robert@example.com"}),
            json!({"verified": true}),
            json!({"tokenKey": "x".repeat(40)}),
            json!({"tokenKey:autogenerate": ""}),
            json!({"nick": "x", "oldPassword": ""}),
        ] {
            assert_eq!(status(backend.update_as(key, ("members", BOB), body.clone())), 403, "{body}");
        }
    }
    assert!(backend.sign_in("members", "bob", PASSWORD).is_ok());
}

#[test]
fn a_batch_has_the_scopes_of_its_key() {
    let backend = blog();
    let caller = backend.bearer(&backend.key(&["posts:create"])).unwrap();
    let run = |requests: Json| {
        let request = crate::post(&caller, &ParameterPairs::NONE);
        let body = object(json!({ "requests": requests }));
        block_on(backspin_records::batch(&backend.app, &request, body, BatchLimits::default()))
    };
    let create = json!({"method": "POST", "url": "/api/collections/posts/records", "body": {"title": "x"}});
    run(json!([create])).unwrap();
    for forbidden in [
        json!({"method": "POST", "url": "/api/collections/notes/records", "body": {"text": "x"}}),
        json!({"method": "PATCH", "url": format!("/api/collections/posts/records/{POST}"), "body": {"title": "x"}}),
        json!({"method": "PUT", "url": "/api/collections/posts/records", "body": {"id": POST, "title": "x"}}),
        json!({"method": "DELETE", "url": format!("/api/collections/posts/records/{POST}")}),
    ] {
        let error = run(json!([create, forbidden])).unwrap_err().envelope();
        let response = &serde_json::to_value(&error.data).unwrap()["requests"]["1"]["response"];
        assert_eq!(response["status"], 403, "{forbidden}");
    }
    assert_eq!(backend.sql("SELECT count(*) FROM posts"), [[Value::Integer(2)]]);
}

#[test]
fn what_asks_for_no_scope_takes_no_key() {
    let backend = blog();
    let key = backend.key(&["*:*", "changes"]);
    let refused = |result: Result<(), Error>| result.unwrap_err().status();
    assert_eq!(refused(block_on(identify(&backend.app, Some(&key))).map(drop)), 403);
    assert_eq!(refused(block_on(identify_session(&backend.app, Some(&key))).map(drop)), 403);
    let caller = backend.bearer(&key).unwrap();
    let parameters = ParameterPairs::NONE;
    assert_eq!(refused(block_on(list_api_keys(&backend.app, &caller, &parameters)).map(drop)), 403);
    assert_eq!(refused(block_on(delete_api_key(&backend.app, &caller, "x"))), 403);
    assert_eq!(status(backend.impersonate(&caller, ("members", BOB), json!({}))), 403);
}

#[test]
fn what_is_no_valid_key_is_refused() {
    let backend = blog();
    let key = backend.key(&["posts:list"]);
    assert_eq!(status(backend.list_as(&key, "posts", all())), 200);
    let hash = match &backend.sql("SELECT hash FROM _apiKeys")[0][0] {
        Value::Text(hash) => hash.clone(),
        other => panic!("{other:?}"),
    };
    let swapped = if key.ends_with('A') { "B" } else { "A" };
    let tampered = format!("{}{swapped}", &key[..key.len() - 1]);
    for bad in ["bsk_", "bsk_x", &tampered, &format!("bsk_{hash}"), &format!("{key}A"), &format!("{key} ")] {
        assert_eq!(backend.bearer(bad).unwrap_err().status(), 401, "{bad}");
    }
    assert_eq!(backend.bearer(&hash).unwrap(), Caller::Guest);
    assert_eq!(backend.bearer("bsk").unwrap(), Caller::Guest);
    let stored = format!("{:?}", backend.sql("SELECT * FROM _apiKeys"));
    assert!(!stored.contains(&key) && !stored.contains(&key[4..]), "{stored}");
}

#[test]
fn a_key_ends_when_it_is_over_or_deleted() {
    let backend = blog();
    let bob = backend.token("members", "bob");
    let expires = backspin_core::Env::now(backend.app.env()).plus_ms(5_000).to_string();
    let body = json!({"name": "short", "scopes": ["posts:list"], "expires": expires});
    let short = backend.new_key(&bob, body).unwrap();
    let long = backend.new_key(&bob, json!({"name": "long", "scopes": ["posts:list"]})).unwrap();
    let is_valid = |reply: &Json| backend.bearer(reply["key"].as_str().unwrap()).is_ok();
    assert!(is_valid(&short) && is_valid(&long));
    backend.app.env().advance_ms(5_000);
    assert!(!is_valid(&short) && is_valid(&long));
    backend.app.env().advance_ms(90 * DAY_MS - 5_001);
    assert!(is_valid(&long));
    backend.app.env().advance_ms(1);
    assert!(!is_valid(&long));

    let backend = blog();
    let bob = backend.identify(Some(&backend.token("members", "bob")));
    let key = backend.key(&["posts:list"]);
    let id =
        parse(block_on(list_api_keys(&backend.app, &bob, &ParameterPairs::NONE)).unwrap())["items"][0]["id"]
            .clone();
    block_on(delete_api_key(&backend.app, &bob, id.as_str().unwrap())).unwrap();
    assert_eq!(backend.bearer(&key).unwrap_err().status(), 401);
    assert_eq!(block_on(delete_api_key(&backend.app, &bob, id.as_str().unwrap())).unwrap_err().status(), 404);
}

#[test]
fn new_credentials_and_the_end_of_the_owner_end_a_key() {
    for change in [
        json!({"password": "another horse", "passwordConfirm": "another horse"}),
        json!({"email": "robert@example.com"}),
        json!({"tokenKey": "x".repeat(40)}),
    ] {
        let backend = blog();
        let key = backend.key(&["posts:list"]);
        backend.update("members", BOB, json!({"age": 43}));
        assert!(backend.bearer(&key).is_ok());
        backend.update("members", BOB, change.clone());
        assert_eq!(backend.bearer(&key).unwrap_err().status(), 401, "{change}");
        assert_eq!(backend.sql("SELECT count(*) FROM _apiKeys"), [[Value::Integer(0)]]);
    }
    let backend = blog();
    let (key, root) = (backend.key(&["posts:list"]), backend.root());
    backend.sql("UPDATE members SET tokenKey = tokenKey || 'x'");
    assert_eq!(backend.bearer(&key).unwrap_err().status(), 401);
    let key = backend.key(&["posts:list"]);
    let request = crate::post(&root, &ParameterPairs::NONE);
    block_on(backspin_records::delete(&backend.app, &request, "members", BOB)).unwrap();
    assert_eq!(backend.bearer(&key).unwrap_err().status(), 401);
}

#[test]
fn who_makes_keys_for_whom() {
    let backend = blog();
    let (root, bob) = (backend.token("_superusers", ROOT), backend.token("members", "bob"));
    let body = |record: &str| json!({"name": "x", "scopes": ["posts:list"], "collection": "members", "record": record});
    assert_eq!(backend.new_key(&root, body(ALICE)).unwrap()["recordRef"], ALICE);
    assert_eq!(backend.new_key(&bob, body(BOB)).unwrap()["recordRef"], BOB);
    assert_eq!(status(backend.new_key(&bob, body(ALICE))), 403);
    assert_eq!(status(backend.new_key("no token", body(BOB))), 401);
    assert_eq!(refusal(backend.new_key(&root, body("nobody"))), "400 record:validation_invalid_owner");
    let of_no_account = json!({"name": "x", "scopes": ["posts:list"], "collection": "posts", "record": POST});
    assert_eq!(refusal(backend.new_key(&root, of_no_account)), "400 collection:validation_invalid_owner");
    // A session that somebody else has got hold of is not to be turned into a key.
    let reply = backend.impersonate(&backend.root(), ("members", BOB), json!({})).unwrap();
    assert_eq!(status(backend.new_key(token(&reply), body(BOB))), 403);
    assert_eq!(status(backend.new_key(&crate::tokens::without_session(&backend), body(BOB))), 403);
    backend.app.env().advance_ms(3_600_001);
    assert_eq!(status(backend.new_key(&bob, body(BOB))), 403);
}

#[test]
fn what_is_asked_for_is_checked() {
    let backend = blog();
    let bob = backend.token("members", "bob");
    let refused = |body: Json| refusal(backend.new_key(&bob, body));
    assert_eq!(refused(json!({})), "400 name:validation_required scopes:validation_required");
    let with =
        |name: Json, scopes: Json, expires: Json| json!({"name": name, "scopes": scopes, "expires": expires});
    let ok = || json!(["posts:list"]);
    let long = json!("x".repeat(101));
    assert_eq!(refused(with(long, ok(), json!(null))), "400 name:validation_length_out_of_range");
    let many = json!(vec!["posts:list"; 201]);
    assert_eq!(refused(with(json!("x"), many, json!(null))), "400 scopes:validation_length_too_long");
    for scope in ["posts", "nowhere:list", "_superusers:list", "posts:manage", "settings", ""] {
        let answer = refused(with(json!("x"), json!([scope]), json!(null)));
        assert_eq!(answer, "400 scopes:validation_invalid_scope", "{scope}");
    }
    for expires in ["yesterday", "2020-01-01", "9999-01-01"] {
        let answer = refused(with(json!("x"), ok(), json!(expires)));
        assert_eq!(answer, "400 expires:validation_invalid_date", "{expires}");
    }
    for body in [json!({"name": 1}), json!({"scopes": "posts:list"}), json!({"scopes": [1]})] {
        assert_eq!(status(backend.new_key(&bob, body)), 400);
    }
    for _ in 0..100 {
        backend.new_key(&bob, with(json!("x"), ok(), json!(null))).unwrap();
    }
    assert_eq!(status(backend.new_key(&bob, with(json!("x"), ok(), json!(null)))), 400);
}

#[test]
fn the_list_tells_all_but_the_secret() {
    let backend = blog();
    let key = backend.key(&["posts:view", "posts:list", "changes"]);
    let bob = backend.identify(Some(&backend.token("members", "bob")));
    let alice = backend.identify(Some(&backend.token("members", "alice")));
    let list = |caller: &Caller| {
        parse(block_on(list_api_keys(&backend.app, caller, &ParameterPairs::NONE)).unwrap())
    };
    let item = list(&bob)["items"][0].clone();
    assert_eq!(item["scopes"], json!(["posts:list", "posts:view", "changes"]));
    assert_eq!(item["used"], "");
    assert!(!item.to_string().contains(&key));
    assert_eq!(list(&alice)["items"], json!([]));
    assert_eq!(list(&backend.root())["totalItems"], 1);
    let id = item["id"].as_str().unwrap();
    assert_eq!(block_on(delete_api_key(&backend.app, &alice, id)).unwrap_err().status(), 404);

    let statements = || {
        backend.app.database().take();
        backend.bearer(&key).unwrap();
        backend.app.database().take().len()
    };
    assert_eq!(statements(), 3);
    assert_eq!(statements(), 2);
    let used = list(&bob)["items"][0]["used"].clone();
    assert_eq!(used, backspin_core::Env::now(backend.app.env()).to_string());
    backend.app.env().advance_ms(60_001);
    assert_eq!(statements(), 3);
    block_on(delete_api_key(&backend.app, &backend.root(), id)).unwrap();
    assert_eq!(list(&bob)["items"], json!([]));
}
