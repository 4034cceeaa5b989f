//! Clients, their streams and their messages on real SQLite.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod limits;
mod redirect;
mod streams;
mod subscriptions;

use std::cell::RefCell;
use std::rc::Rc;

use backspin_core::{BodyWriter, ClientGone, Database, Env, Result, Row, Value};
use backspin_native::{FixedEnv, Native, NativeDatabase, Recorder};
use backspin_realtime::{Arrival, Board, Client, Landing, Subscriptions, connect, land, stream, subscribe};
use backspin_schema::{App, AuthRecord, Caller};
use futures::executor::block_on;
use serde_json::{Value as Json, json};

/// An application on an empty database, with what one instance has beside it.
struct Backend {
    app: App<Native<Recorder<NativeDatabase>, FixedEnv>>,
    board: Board,
    _folder: tempfile::TempDir,
}

impl Backend {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let database = Recorder::new(NativeDatabase::open(folder.path().join("test.db")).unwrap());
        let app = App::new(Native { database, env: FixedEnv::new() });
        Backend { app, board: Board::default(), _folder: folder }
    }

    fn connect(&self) -> Client {
        block_on(connect(&self.app)).unwrap()
    }

    fn subscribe(&self, caller: &Caller, client: &str, topics: &[&str]) -> Result<()> {
        let form = json!({ "clientId": client, "subscriptions": topics });
        let form: Subscriptions = serde_json::from_value(form).unwrap();
        block_on(subscribe(&self.app, caller, &form))
    }

    /// A client that waits for its provider.
    fn waiting(&self) -> Client {
        let client = self.connect();
        self.subscribe(&Caller::Guest, client.id(), &["@oauth2"]).unwrap();
        client
    }

    fn land(&self, state: &str, code: &str, error: &str) -> Landing {
        let [state, code, error] = [state, code, error].map(str::to_owned);
        let arrival = Arrival { state, code, error, ..Arrival::default() };
        block_on(land(&self.app, &arrival)).unwrap()
    }

    /// What the stream has written when the client goes, `ms` later.
    fn read_for(&self, client: &Client, ms: i64) -> String {
        let (body, screen) = self.body(ms);
        block_on(stream(&self.app, &self.board, client, body));
        assert_eq!(self.app.env().log_lines(), [""; 0]);
        screen.take()
    }

    fn body(&self, ms: i64) -> (Screen<'_>, Rc<RefCell<String>>) {
        let text: Rc<RefCell<String>> = Rc::default();
        let gone_at = self.app.env().now().unix_ms() + ms;
        (Screen { env: self.app.env(), gone_at, text: text.clone() }, text)
    }

    fn sql(&self, sql: &str) -> Vec<Row> {
        block_on(self.app.database().execute(sql, Vec::new())).unwrap().rows
    }

    fn count(&self, table: &str) -> i64 {
        match self.sql(&format!("SELECT count(*) FROM \"{table}\""))[0][0] {
            Value::Integer(count) => count,
            _ => unreachable!("a count is an integer"),
        }
    }
}

/// Where a client reads, until it goes.
struct Screen<'a> {
    env: &'a FixedEnv,
    gone_at: i64,
    text: Rc<RefCell<String>>,
}

impl BodyWriter for Screen<'_> {
    async fn write(&mut self, bytes: Vec<u8>) -> Result<(), ClientGone> {
        if self.env.now().unix_ms() >= self.gone_at {
            return Err(ClientGone);
        }
        self.text.borrow_mut().push_str(&String::from_utf8(bytes).unwrap());
        Ok(())
    }
}

fn user(id: &str) -> Caller {
    Caller::Record(AuthRecord {
        collection_id: "_pb_users_auth_".to_owned(),
        collection_name: "users".to_owned(),
        fields: vec![("id".to_owned(), Value::from(id))],
    })
}

/// The events after the first: topic and data of each.
fn messages(stream: &str) -> Vec<(String, Json)> {
    let events = stream.split("\n\n").filter(|event| !event.is_empty() && *event != ":").skip(1);
    let field = |event: &str, name: &str| {
        event.lines().find_map(|line| line.strip_prefix(name)).map(str::to_owned).unwrap()
    };
    events
        .map(|event| (field(event, "event:"), serde_json::from_str(&field(event, "data:")).unwrap()))
        .collect()
}
