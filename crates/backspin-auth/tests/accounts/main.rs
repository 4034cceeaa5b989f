//! Accounts on real SQLite: who gets in, by what, and for how long.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod admission;
mod api_keys;
mod at_once;
mod codes;
mod devices;
mod email_change;
mod guesses;
mod identities;
mod impersonate;
mod letter_case;
mod mail;
mod methods;
mod old_hashes;
mod old_password;
mod password_reset;
mod rate_limits;
mod refresh;
mod rules;
mod second_factor;
mod sessions;
mod shut_out;
mod sign_in;
mod sign_in_log;
mod superusers;
mod tokens;
mod totp;
mod verification;
mod with_oauth2;

use backspin_auth::{Credentials, SignIn, create_superuser, identify, identify_to_show};
use backspin_core::{Database, Error, ParameterPairs, Value};
use backspin_native::{FixedEnv, Native, NativeDatabase, Recorder};
use backspin_records::{ReplyShape, RequestInfo};
use backspin_schema::{App, AuthRecord, Caller, SUPERUSERS_ID};
use futures::executor::block_on;
use serde_json::{Map, Value as Json, json};

pub(crate) const ROOT: &str = "root@example.com";
pub(crate) const PASSWORD: &str = "correct horse";

/// An application on a database of its own.
pub(crate) struct Backend {
    pub(crate) app: App<Native<Recorder<NativeDatabase>, FixedEnv>>,
    folder: tempfile::TempDir,
}

/// What a request brings beside the path; the rest of it is [`Backend`]'s.
#[derive(Clone, Debug, Default)]
pub(crate) struct Asked<'a> {
    pub(crate) token: Option<&'a str>,
    pub(crate) query: &'a [(String, String)],
    pub(crate) headers: &'a [(String, String)],
    pub(crate) shape: ReplyShape<'a>,
}

impl Backend {
    pub(crate) fn empty(env: FixedEnv) -> Self {
        Backend::open(tempfile::tempdir().unwrap(), env)
    }

    /// The same database under another application.
    pub(crate) fn under(self, env: FixedEnv) -> Self {
        Backend::open(self.folder, env)
    }

    fn open(folder: tempfile::TempDir, env: FixedEnv) -> Self {
        let database = NativeDatabase::open(folder.path().join("sqlite_db.db")).unwrap();
        Backend { app: App::new(Native { database: Recorder::new(database), env }), folder }
    }

    pub(crate) fn with_superuser() -> Self {
        Backend::with_superuser_in(FixedEnv::new())
    }

    fn with_superuser_in(env: FixedEnv) -> Self {
        let backend = Backend::empty(env);
        block_on(create_superuser(&backend.app, ROOT, PASSWORD)).unwrap();
        backend
    }

    /// `members` sign in by email, `name` or `nick`, of which the last ignores case. `alice` is unverified, `bob`
    /// is verified; both have the usual password.
    pub(crate) fn with_members(options: Json) -> Self {
        Backend::with_members_in(FixedEnv::new(), options)
    }

    /// As [`Backend::with_members`].
    pub(crate) fn with_members_in(env: FixedEnv, options: Json) -> Self {
        let backend = Backend::with_superuser_in(env);
        let mut members = json!({
            "name": "members", "type": "auth", "viewRule": "", "fields": [
                {"name": "name", "type": "text"}, {"name": "nick", "type": "text"},
                {"name": "age", "type": "number"}, {"name": "secret", "type": "text", "hidden": true},
            ],
            "indexes": [
                "CREATE UNIQUE INDEX idx_name ON members (name) WHERE name != ''",
                "CREATE UNIQUE INDEX idx_nick ON members (nick COLLATE NOCASE) WHERE nick != ''",
            ],
            "passwordAuth": {"enabled": true, "identityFields": ["name", "nick", "email"]},
        });
        members.as_object_mut().unwrap().extend(object(options));
        backend.create_collection(members);
        backend.create(
            "members",
            json!({"id": "aliceaaaaaaaaaa", "email": "Alice@example.com", "name": "alice",
            "nick": "Ali", "secret": "s3cret"}),
        );
        backend.create(
            "members",
            json!({"id": "bobbbbbbbbbbbbb", "email": "bob@example.com", "name": "bob",
            "verified": true, "age": 42}),
        );
        backend.app.database().take();
        backend
    }

    pub(crate) fn create_collection(&self, body: Json) {
        block_on(backspin_collections::create(&self.app, &self.root(), object(body))).unwrap();
    }

    pub(crate) fn update_collection(&self, name: &str, body: Json) {
        block_on(backspin_collections::update(&self.app, &self.root(), name, object(body))).unwrap();
    }

    /// Creates an account or another record.
    pub(crate) fn create(&self, collection: &str, body: Json) {
        let (caller, mut body) = (self.root(), object(body));
        body.insert("password".to_owned(), PASSWORD.into());
        body.insert("passwordConfirm".to_owned(), PASSWORD.into());
        let shape = ReplyShape::default();
        block_on(backspin_records::create(
            &self.app,
            &post(&caller, &ParameterPairs::NONE),
            collection,
            &body,
            &shape,
        ))
        .unwrap();
    }

    pub(crate) fn update(&self, collection: &str, id: &str, body: Json) {
        let (caller, shape) = (self.root(), ReplyShape::default());
        let request = post(&caller, &ParameterPairs::NONE);
        block_on(backspin_records::update(&self.app, &request, collection, id, &object(body), &shape))
            .unwrap();
    }

    pub(crate) fn members_id(&self) -> String {
        block_on(self.app.snapshot()).unwrap().find("members").unwrap().id.clone()
    }

    /// The superuser, without the costs of signing in.
    pub(crate) fn root(&self) -> Caller {
        Caller::Record(AuthRecord {
            collection_id: SUPERUSERS_ID.to_owned(),
            collection_name: "_superusers".to_owned(),
            fields: vec![("id".to_owned(), Value::from("rootrootrootroo"))],
        })
    }

    /// Signs in with what a JSON body holds.
    pub(crate) fn post_credentials(
        &self,
        collection: &str,
        body: Json,
        asked: Asked<'_>,
    ) -> Result<Json, Error> {
        let caller = self.identify(asked.token);
        let credentials = serde_json::from_value::<Credentials>(body.clone());
        let credentials = credentials.map_err(|error| Error::bad_request(error.to_string()));
        let parameters = asked.parameters();
        let (request, body) = (post(&caller, &parameters), object(body));
        let reply =
            backspin_auth::with_password(&self.app, &request, collection, credentials, &body, &asked.shape);
        block_on(reply).map(|(SignIn::Done(json) | SignIn::SecondFactor(json))| parse(json))
    }

    pub(crate) fn sign_in(&self, collection: &str, identity: &str, password: &str) -> Result<Json, Error> {
        let body = json!({"identity": identity, "password": password});
        self.post_credentials(collection, body, Asked::default())
    }

    /// The token of a member who signs in.
    pub(crate) fn token(&self, collection: &str, identity: &str) -> String {
        token(&self.sign_in(collection, identity, PASSWORD).unwrap()).to_owned()
    }

    pub(crate) fn refresh(&self, collection: &str, body: Json, asked: Asked<'_>) -> Result<Json, Error> {
        let identified = block_on(identify_to_show(&self.app, asked.token)).unwrap();
        let parameters = asked.parameters();
        let (request, body) = (post(&identified.caller, &parameters), Ok(object(body)));
        let token = (&identified, asked.token);
        let reply = backspin_auth::refresh(&self.app, &request, token, collection, body, &asked.shape);
        block_on(reply).map(parse)
    }

    pub(crate) fn impersonate(&self, caller: &Caller, path: (&str, &str), body: Json) -> Result<Json, Error> {
        let (body, shape) = (Ok(object(body)), ReplyShape::default());
        block_on(backspin_auth::impersonate(
            &self.app,
            &post(caller, &ParameterPairs::NONE),
            path.0,
            path.1,
            body,
            &shape,
        ))
        .map(parse)
    }

    pub(crate) fn identify(&self, token: Option<&str>) -> Caller {
        block_on(identify(&self.app, token)).unwrap()
    }

    /// As if an account had begun a sign-in and been sent a code, on a device of its own.
    pub(crate) fn half_sign_in(&self, collection: &str, id: &str) {
        let collection_id = block_on(self.app.snapshot()).unwrap().find(collection).unwrap().id.clone();
        for (table, column) in [("_mfas", "method"), ("_otps", "password"), ("_authOrigins", "fingerprint")] {
            self.sql(&format!(
                "INSERT INTO {table} (id, collectionRef, recordRef, {column}) \
                 VALUES ('half', '{collection_id}', '{id}', 'x')"
            ));
        }
        self.sql(&format!("INSERT INTO _devices VALUES ('{collection_id}', '{id}', 'x', 1)"));
    }

    /// How much there is of what [`Backend::half_sign_in`] makes.
    pub(crate) fn known_of_accounts(&self) -> usize {
        let tables = ["_mfas", "_otps", "_authOrigins", "_devices"];
        tables.map(|table| self.sql(&format!("SELECT 1 FROM {table}")).len()).into_iter().sum()
    }

    pub(crate) fn sql(&self, sql: &str) -> Vec<Vec<Value>> {
        block_on(self.app.database().execute(sql, Vec::new())).unwrap().rows
    }
}

pub(crate) fn post<'a>(caller: &'a Caller, parameters: &'a ParameterPairs<'_>) -> RequestInfo<'a> {
    RequestInfo::new(caller, "POST", parameters)
}

impl<'a> Asked<'a> {
    pub(crate) fn parameters(&self) -> ParameterPairs<'a> {
        ParameterPairs { query: self.query, headers: self.headers }
    }
}

/// A request with nothing but a token.
pub(crate) fn with_token(token: &str) -> Asked<'_> {
    Asked { token: Some(token), ..Asked::default() }
}

pub(crate) fn object(body: Json) -> Map<String, Json> {
    match body {
        Json::Object(body) => body,
        other => panic!("{other} is no object"),
    }
}

pub(crate) fn parse(json: Vec<u8>) -> Json {
    serde_json::from_slice(&json).unwrap()
}

pub(crate) fn token(reply: &Json) -> &str {
    reply["token"].as_str().unwrap()
}

/// The status and the reasons by field, or the message: `400 identity:validation_required`.
pub(crate) fn refusal(result: Result<Json, Error>) -> String {
    let error = result.unwrap_err();
    let fields = serde_json::to_value(&error.envelope().data).unwrap();
    let reasons = object(fields)
        .into_iter()
        .map(|(name, reason)| format!("{name}:{}", reason["code"].as_str().unwrap()));
    match reasons.collect::<Vec<_>>().join(" ") {
        none if none.is_empty() => format!("{} {error}", error.status()),
        reasons => format!("{} {reasons}", error.status()),
    }
}
