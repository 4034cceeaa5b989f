//! A small blog: the schema and records that the tests ask about.

use backspin_core::{ParameterPairs, Timestamp, Value};
use backspin_query::{
    Compiled, Filter, FilterLimits, Parameters, Predicate, Query, Reach, RequestValues, Sort, Target,
};
use backspin_schema::{AuthRecord, Collection, Schema};
use rusqlite::Connection;
use rusqlite::types::Value as SqlValue;
use serde_json::{Map, Value as Json, json};

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum As {
    Superuser,
    Guest,
    /// The user of this id.
    User(&'static str),
}

/// One statement to compile and run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Case<'a> {
    pub(crate) collection: &'a str,
    pub(crate) rule: Option<&'a str>,
    pub(crate) filter: Option<&'a str>,
    pub(crate) sort: Option<&'a str>,
    pub(crate) by: As,
    pub(crate) reach: Reach,
    pub(crate) body: &'a str,
    pub(crate) query: &'a [(&'a str, &'a str)],
}

impl Default for Case<'_> {
    fn default() -> Self {
        Self {
            collection: "posts",
            rule: None,
            filter: None,
            sort: None,
            by: As::Superuser,
            reach: Reach::Many,
            body: "{}",
            query: &[],
        }
    }
}

pub(crate) struct Blog {
    pub(crate) schema: Schema,
    pub(crate) database: Connection,
}

fn field(name: &str, kind: &str, options: Json) -> Json {
    let mut field = json!({"id": format!("f_{name}"), "name": name, "type": kind});
    let object = field.as_object_mut().expect("an object");
    object.extend(options.as_object().cloned().unwrap_or_default());
    field
}

fn relation(name: &str, collection: &str, max_select: i64) -> Json {
    field(name, "relation", json!({"collectionId": collection, "maxSelect": max_select}))
}

fn collection(
    name: &str,
    kind: &str,
    list_rule: Option<&str>,
    indexes: &[&str],
    fields: Vec<Json>,
) -> Collection {
    let id = field("id", "text", json!({"primaryKey": true}));
    let fields: Vec<Json> = std::iter::once(id).chain(fields).collect();
    let id = if name == "_superusers" { backspin_schema::SUPERUSERS_ID } else { name };
    let json = json!({
        "id": id, "name": name, "type": kind, "listRule": list_rule, "fields": fields, "indexes": indexes
    });
    serde_json::from_value(json).expect("a collection")
}

fn text(name: &str) -> Json {
    field(name, "text", json!({}))
}

fn number(name: &str) -> Json {
    field(name, "number", json!({}))
}

fn account_fields() -> Vec<Json> {
    vec![
        field("email", "email", json!({})),
        field("emailVisibility", "bool", json!({})),
        field("verified", "bool", json!({})),
        field("tokenKey", "text", json!({"hidden": true})),
        text("name"),
    ]
}

pub(crate) fn schema() -> Schema {
    let open = Some("");
    Schema::new(vec![
        collection("_superusers", "auth", None, &[], account_fields()),
        collection("users", "auth", open, &[], account_fields()),
        collection(
            "orgs",
            "base",
            open,
            &[],
            vec![text("name"), relation("owner", "users", 1), relation("members", "users", 9)],
        ),
        collection("tags", "base", open, &[], vec![text("name"), number("w")]),
        collection(
            "posts",
            "base",
            open,
            &[
                "CREATE INDEX idx_posts_owner ON posts (owner)",
                "CREATE INDEX idx_posts_title ON posts (title)",
                "CREATE INDEX idx_posts_org ON posts (org)",
            ],
            vec![
                text("title"),
                relation("owner", "users", 1),
                relation("org", "orgs", 1),
                relation("tags", "tags", 9),
                field("cats", "select", json!({"values": ["a", "b", "c"], "maxSelect": 3})),
                field("cat", "select", json!({"values": ["a", "b", "c"]})),
                number("n"),
                field("flag", "bool", json!({})),
                field("meta", "json", json!({})),
                field("geo", "geoPoint", json!({})),
                field("day", "date", json!({})),
                field("secret", "text", json!({"hidden": true})),
            ],
        ),
        collection(
            "comments",
            "base",
            open,
            &["CREATE INDEX idx_comments_post ON comments (post)"],
            vec![text("text"), relation("post", "posts", 1), relation("author", "users", 1), number("n")],
        ),
        collection(
            "likes",
            "base",
            open,
            &[],
            vec![relation("posts", "posts", 9), relation("by", "users", 1), text("kind")],
        ),
        collection(
            "covers",
            "base",
            open,
            &["CREATE UNIQUE INDEX idx_covers ON covers (post)"],
            vec![relation("post", "posts", 1), text("image")],
        ),
        collection(
            "drafts",
            "base",
            Some("owner = @request.auth.id"),
            &[],
            vec![relation("post", "posts", 1), relation("owner", "users", 1), text("text")],
        ),
        collection("locked", "base", None, &[], vec![relation("post", "posts", 1), text("text")]),
        collection("titles", "view", open, &[], vec![field("label", "json", json!({})), number("n")]),
    ])
}

const RECORDS: &str = r#"
INSERT INTO users (id, email, emailVisibility, verified, tokenKey, name) VALUES
    ('u1', 'u1@x.org', 0, 1, 'k1', 'Ann'), ('u2', 'u2@x.org', 1, 1, 'k2', 'Bob'), ('u3', 'u3@x.org', 0, 0, 'k3', 'Cid');
INSERT INTO _superusers (id, email, name) VALUES ('root', 'root@x.org', 'Root');
INSERT INTO orgs (id, name, owner, members) VALUES
    ('o1', 'One', 'u1', '["u1","u2"]'), ('o2', 'Two', 'u2', '["u3"]'), ('o3', 'Three', '', '[]');
INSERT INTO tags (id, name, w) VALUES ('t1', 'red', 1), ('t2', 'green', 2), ('t3', 'blue', 3);
INSERT INTO posts (id, title, owner, org, tags, cats, cat, n, flag, meta, geo, day, secret) VALUES
    ('p1', 'Hello', 'u1', 'o1', '["t1","t2"]', '["a","b"]', 'a', 1, 1, '{"a":{"b":[1,2,{"c":"x"}]},"s":"str","n":5,"t":true,"z":null}', '{"lon":10,"lat":20}', '2024-01-02 03:04:05.678Z', 's'),
    ('p2', 'hello 100%', 'u2', 'o2', '["t1"]', '["a"]', 'b', 2.5, 0, '[1,"two",null]', '{"lon":-70,"lat":-33.5}', '2025-06-07 00:00:00.000Z', ''),
    ('p3', '', '', '', '[]', '[]', '', 0, 0, NULL, '{"lon":0,"lat":0}', '', ''),
    ('p4', 'a_b\c%d', 'u1', 'o3', '["t3"]', '["b","c"]', '', -3, 1, '"plain"', '{"lon":0,"lat":0}', '', ''),
    ('p5', '5', 'u3', 'o1', '["t2","t3"]', '[]', '', 5, 0, '5', '{"lon":0,"lat":0}', '', '');
INSERT INTO comments (id, text, post, author, n) VALUES
    ('c1', 'x', 'p1', 'u1', 1), ('c2', 'y', 'p1', 'u2', 2), ('c3', 'x', 'p2', 'u3', 3), ('c4', '', 'p4', '', 4), ('c5', 'lost', '', '', 5);
INSERT INTO likes (id, posts, by, kind) VALUES ('l1', '["p1","p2"]', 'u1', 'k'), ('l2', '["p2"]', 'u2', 'm'), ('l3', '[]', 'u2', 'm');
INSERT INTO covers (id, post, image) VALUES ('v1', 'p1', 'one');
INSERT INTO drafts (id, post, owner, text) VALUES ('d1', 'p1', 'u1', 'one'), ('d2', 'p2', 'u2', 'two');
INSERT INTO locked (id, post, text) VALUES ('k1', 'p1', 'one');
"#;

impl Blog {
    pub(crate) fn new() -> Self {
        let schema = schema();
        let database = Connection::open_in_memory().expect("a database");
        for collection in schema.collections() {
            let sql = if collection.is_view() {
                "CREATE VIEW titles AS SELECT id, title AS label, count(*) AS n FROM posts GROUP BY id"
                    .to_owned()
            } else {
                let columns: Vec<String> = collection
                    .fields
                    .iter()
                    .map(|field| format!("\"{}\" {}", field.name, field.column().declaration()))
                    .collect();
                format!("CREATE TABLE \"{}\" ({})", collection.name, columns.join(", "))
            };
            database.execute_batch(&sql).expect("a table");
            for index in &collection.indexes {
                database.execute_batch(index).expect("an index");
            }
        }
        database.execute_batch(RECORDS).expect("records");
        Self { schema, database }
    }

    fn auth(&self, by: As) -> Option<AuthRecord> {
        let (name, id) = match by {
            As::Guest => return None,
            As::Superuser => ("_superusers", "root"),
            As::User(id) => ("users", id),
        };
        let collection = self.schema.find(name).expect("a collection");
        let fields = ["id", "email", "emailVisibility", "verified", "name"].map(|field| {
            let sql = format!("SELECT \"{field}\" FROM \"{name}\" WHERE id = ?1");
            let value = self.database.query_row(&sql, [id], |row| row.get(0)).expect("a user");
            (field.to_owned(), from_sql(value))
        });
        Some(AuthRecord {
            collection_id: collection.id.clone(),
            collection_name: collection.name.clone(),
            fields: fields.into(),
        })
    }

    /// The compiled statement and its values, or what the client is told.
    pub(crate) fn compile(&self, case: &Case<'_>) -> Result<(Compiled, Vec<Value>), String> {
        let parse = |text: Option<&str>, limits| text.map(|text| Filter::parse(text, limits)).transpose();
        let rule = parse(case.rule, &FilterLimits::RULE).map_err(|error| error.to_string())?;
        let filter = parse(case.filter, &FilterLimits::CLIENT).map_err(|error| error.to_string())?;
        let sort = case.sort.map(Sort::parse).transpose().map_err(|error| error.to_string())?;
        let auth = self.auth(case.by);
        let target = Target {
            schema: &self.schema,
            collection: self.schema.find(case.collection).expect("a collection"),
            alias: "r",
            stored: true,
            auth: auth.as_ref().and_then(|auth| self.schema.find_by_id(&auth.collection_id)),
            context: "default",
            reach: case.reach,
        };
        let mut parameters = Parameters::new();
        let (rule, filter, sort) = (rule.as_ref(), filter.as_ref(), sort.as_ref());
        let query = Query { rule, filter, sort, scopes: None };
        let compiled = query.compile(&target, &mut parameters).map_err(|error| error.to_string())?;
        let body: Map<String, Json> = serde_json::from_str(case.body).expect("a JSON object");
        let query: Vec<(String, String)> =
            case.query.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let headers = [("x_token".to_owned(), "t".to_owned())];
        let values = parameters.evaluate(&RequestValues {
            method: "GET",
            now: Timestamp::parse("2026-11-22 07:57:53.777Z").expect("a date"),
            auth: auth.as_ref(),
            parameters: &ParameterPairs { query: &query, headers: &headers },
            body: &body,
            literals: filter.as_ref().map_or(&[], |filter| &filter.literals),
        });
        Ok((compiled, values))
    }

    /// The statement of a case: `SELECT` of the ids.
    pub(crate) fn statement(&self, case: &Case<'_>) -> Result<(String, Vec<Value>), String> {
        let (compiled, values) = self.compile(case)?;
        let filter = match compiled.filter {
            Predicate::Always => "1".to_owned(),
            Predicate::Never => "0".to_owned(),
            Predicate::Sql(sql) => sql,
        };
        let terms: Vec<String> = compiled.order.iter().map(ToString::to_string).collect();
        let order = if terms.is_empty() { String::new() } else { format!(" ORDER BY {}", terms.join(", ")) };
        Ok((format!("SELECT r.id FROM \"{}\" AS r WHERE {filter}{order}", case.collection), values))
    }

    /// The ids of the records found, with a space between, or the message.
    pub(crate) fn run(&self, case: &Case<'_>) -> String {
        let (sql, values) = match self.statement(case) {
            Ok(statement) => statement,
            Err(message) => return message,
        };
        let mut statement = self.database.prepare(&sql).unwrap_or_else(|error| panic!("{error}: {sql}"));
        let values = rusqlite::params_from_iter(values.into_iter().map(to_sql));
        let ids = statement.query_map(values, |row| row.get::<_, String>(0)).expect("a query");
        let mut ids: Vec<String> =
            ids.collect::<rusqlite::Result<_>>().unwrap_or_else(|error| panic!("{error}: {sql}"));
        if case.sort.is_none() {
            ids.sort();
        }
        ids.join(" ")
    }

    /// As [`Blog::run`], for both ways to look up rows, which must agree.
    pub(crate) fn run_both(&self, case: &Case<'_>) -> String {
        let [many, one] = [Reach::Many, Reach::One].map(|reach| self.run(&Case { reach, ..*case }));
        assert_eq!(many, one, "{case:?}");
        many
    }
}

pub(crate) fn to_sql(value: Value) -> SqlValue {
    match value {
        Value::Null => SqlValue::Null,
        Value::Integer(integer) => SqlValue::Integer(integer),
        Value::Real(real) => SqlValue::Real(real),
        Value::Text(text) => SqlValue::Text(text),
        Value::Blob(blob) => SqlValue::Blob(blob),
    }
}

fn from_sql(value: SqlValue) -> Value {
    match value {
        SqlValue::Null => Value::Null,
        SqlValue::Integer(integer) => Value::Integer(integer),
        SqlValue::Real(real) => Value::Real(real),
        SqlValue::Text(text) => Value::Text(text),
        SqlValue::Blob(blob) => Value::Blob(blob),
    }
}
