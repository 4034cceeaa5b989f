//! What a request costs in SQL statements, with finding out who sends it.

use backspin_auth::{Claims, TokenType, identify};
use backspin_core::Database;
use backspin_schema::Caller;
use backspin_schema::system::mark_imported;
use futures::executor::block_on;
use serde_json::{Value as Json, json};

use crate::blog::Ask;
use crate::shop::relation;
use crate::{Backend, superuser};

const ANN: &str = "annaaaaaaaaaaaa";
const TASK: &str = "taskaaaaaaaaaaa";

/// Tasks that only their owners may see and change, and notes open to everyone.
struct Office {
    backend: Backend,
    token: String,
}

impl Office {
    fn new() -> Self {
        let backend = Backend::empty();
        let fields = |owner: &str| {
            vec![json!({"name": "title", "type": "text"}), relation(owner, "users", 1, json!({}))]
        };
        backend.open_collection("notes", json!({}), fields("author"));
        let mine = "owner = @request.auth.id";
        let rules = json!({"createRule": mine, "updateRule": mine, "deleteRule": mine});
        backend.open_collection("tasks", rules, fields("owner"));
        backend.set_collection("tasks", &format!("listRule = '{mine}', viewRule = '{mine}'"));
        backend.sql(&format!("INSERT INTO users (id, name, tokenKey) VALUES ('{ANN}', 'Ann', 'key')"));
        for collection in ["notes", "tasks"] {
            backend
                .create(
                    &superuser(),
                    collection,
                    json!({"id": TASK, "title": "t", "owner": ANN, "author": ANN}),
                )
                .unwrap();
        }
        // Its tokens need no session.
        let app = &backend.app;
        let marked = app.database().transact(async |transaction| mark_imported(transaction, app.env()).await);
        block_on(marked).unwrap();
        let snapshot = block_on(app.reload()).unwrap();
        let users = snapshot.find("users").unwrap();
        let claims = Claims {
            id: ANN.to_owned(),
            kind: TokenType::Auth,
            collection_id: users.id.clone(),
            exp: 4_000_000_000,
            refreshable: Some(true),
            email: None,
            new_email: None,
            session_id: None,
        };
        let token = claims.sign(&format!("key{}", users.auth().unwrap().auth_token.secret));
        Office { backend, token }
    }

    /// The number of statements for a request with this token, the second time it is sent.
    #[track_caller]
    fn check(&self, token: Option<&str>, expected: usize, send: impl Fn(&Caller)) {
        let request = || {
            let caller = block_on(identify(&self.backend.app, token)).unwrap();
            assert_eq!(caller == Caller::Guest, token.is_none());
            send(&caller);
        };
        request();
        self.backend.app.database().take();
        request();
        let statements = self.backend.app.database().take();
        assert_eq!(statements.len(), expected, "{statements:#?}");
    }

    fn asks<'a>() -> [Ask<'a>; 4] {
        [
            Ask::default(),
            Ask { filter: "title ~ 't' && owner.name = 'Ann'", ..Ask::default() },
            Ask { expand: "owner,author", sort: "-title", ..Ask::default() },
            Ask { fields: "id,title,expand.owner.id", expand: "owner", ..Ask::default() },
        ]
    }
}

#[test]
fn a_read_by_a_guest_is_one_statement() {
    let office = Office::new();
    for ask in Office::asks() {
        let ask = Ask { filter: "title ~ 't'", ..ask };
        office.check(None, 1, |guest| drop(office.backend.ask_list(guest, "notes", ask).unwrap()));
        office.check(None, 1, |guest| drop(office.backend.ask_view(guest, ("notes", TASK), ask).unwrap()));
    }
}

#[test]
fn a_read_by_somebody_signed_in_is_two() {
    let office = Office::new();
    let token = Some(office.token.as_str());
    for ask in Office::asks() {
        let list = |caller: &Caller| office.backend.ask_list(caller, "tasks", ask).unwrap();
        office.check(token, 2, |caller| assert_eq!(list(caller)["totalItems"], 1));
        office.check(token, 2, |caller| drop(office.backend.ask_view(caller, ("tasks", TASK), ask).unwrap()));
    }
}

#[test]
fn a_simple_write_is_one_and_two_with_authentication() {
    let office = Office::new();
    for (token, collection, statements) in [(None, "notes", 1), (Some(office.token.as_str()), "tasks", 2)] {
        let create = |caller: &Caller, id: Json| {
            let body = json!({"id": id, "title": "new", "owner": ANN, "author": ANN});
            office.backend.create(caller, collection, body).unwrap()["id"].as_str().unwrap().to_owned()
        };
        office.check(token, statements, |caller| drop(create(caller, Json::Null)));
        office.check(token, statements, |caller| {
            drop(office.backend.update(caller, (collection, TASK), json!({"title": "changed"})).unwrap());
        });
        let ids = ["firstaaaaaaaaaa", "secondaaaaaaaaa"];
        for id in ids {
            create(&superuser(), json!(id));
        }
        let left = std::cell::RefCell::new(ids.to_vec());
        office.check(token, statements, |caller| {
            let id = left.borrow_mut().pop().unwrap();
            office.backend.delete(caller, collection, id).unwrap();
        });
    }
}

#[test]
fn a_write_in_a_batch_is_no_more_than_by_itself() {
    let office = Office::new();
    let batch = |caller: &Caller, requests: usize| {
        let create =
            json!({"method": "POST", "url": "/api/collections/notes/records", "body": {"title": "t"}});
        let body = crate::object(json!({ "requests": vec![create; requests] }));
        block_on(backspin_records::batch(
            &office.backend.app,
            &crate::get(caller),
            body,
            backspin_records::BatchLimits::default(),
        ))
        .unwrap();
    };
    // The beginning and the end are statements too.
    office.check(None, 12, |guest| batch(guest, 10));
    office.check(Some(&office.token), 23, |caller| batch(caller, 20));
}
