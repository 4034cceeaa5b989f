//! A blog: records that refer to one another, and who may see what of them.

use backspin_core::{Error, ParameterPairs};
use backspin_records::{ListQuery, ReplyShape, RequestInfo};
use backspin_schema::quote::{Literal, Quoted};
use backspin_schema::{AuthRecord, Caller, Collection, Page, ddl, log};
use futures::executor::block_on;
use serde_json::{Value as Json, json};

use crate::{Backend, superuser};

/// What is asked for, beside the record or collection.
#[derive(Clone, Copy, Default)]
pub(crate) struct Ask<'a> {
    pub(crate) filter: &'a str,
    pub(crate) sort: &'a str,
    pub(crate) expand: &'a str,
    pub(crate) fields: &'a str,
    pub(crate) query: &'a [(String, String)],
}

/// Ann, Bob and Cid with three posts and what belongs to them.
pub(crate) fn blog() -> Backend {
    let backend = Backend::empty();
    block_on(backend.app.reload()).unwrap();
    let text = |name: &str| json!({"name": name, "type": "text"});
    let relation = |name: &str, collection: &str, max_select: i64| {
        let id = match collection {
            "users" => "_pb_users_auth_".to_owned(),
            name => backspin_core::id::collection_id("base", name),
        };
        json!({"name": name, "type": "relation", "collectionId": id, "maxSelect": max_select})
    };
    let create = |name: &str, rules: (Json, Json), fields: Vec<Json>, indexes: &[&str]| {
        let id = json!({"name": "id", "type": "text", "primaryKey": true, "system": true});
        let fields: Vec<Json> = std::iter::once(id).chain(fields).collect();
        backend.insert_collection(json!({
            "id": backspin_core::id::collection_id("base", name), "name": name, "type": "base",
            "listRule": rules.0, "viewRule": rules.1, "fields": fields, "indexes": indexes
        }));
    };
    let open = || (json!(""), json!(""));
    let mine = "owner = @request.auth.id";
    let hidden = json!({"name": "secret", "type": "text", "hidden": true});
    create("tags", open(), vec![text("name"), hidden.clone()], &[]);
    create("locked", (Json::Null, Json::Null), vec![text("name")], &[]);
    create("drafts", (json!(mine), json!(mine)), vec![text("name"), relation("owner", "users", 1)], &[]);
    let contexts = (json!("@request.context = 'default'"), json!("@request.context = 'expand'"));
    create("notes", contexts, vec![text("name")], &[]);
    let posts = vec![
        text("title"),
        json!({"name": "n", "type": "number"}),
        json!({"name": "meta", "type": "json"}),
        json!({"name": "body", "type": "editor"}),
        hidden,
        relation("owner", "users", 1),
        relation("tag", "tags", 1),
        relation("tags", "tags", 9),
        relation("lock", "locked", 1),
        relation("drafts", "drafts", 9),
        relation("note", "notes", 1),
    ];
    let indexes =
        ["CREATE INDEX idx_posts_owner ON posts (owner)", "CREATE INDEX idx_posts_title ON posts (title)"];
    create("posts", open(), posts, &indexes);
    let comments = vec![text("text"), relation("post", "posts", 1), relation("author", "users", 1)];
    create("comments", open(), comments, &["CREATE INDEX idx_comments_post ON comments (post)"]);
    let covers = vec![text("text"), relation("post", "posts", 1)];
    create("covers", open(), covers, &["CREATE UNIQUE INDEX idx_covers_post ON covers (post)"]);
    create("likes", open(), vec![relation("posts", "posts", 9)], &[]);
    for sql in RECORDS {
        backend.sql(sql);
    }
    backend.set_collection("users", "listRule = '', viewRule = ''");
    backend.app.database().take();
    backend
}

const RECORDS: &[&str] = &[
    "INSERT INTO users (id, email, emailVisibility, password, tokenKey, name) VALUES
        ('u1', 'ann@x.co', 1, 'hash', 'k1', 'Ann'), ('u2', 'bob@x.co', 0, 'hash', 'k2', 'Bob'),
        ('u3', 'cid@x.co', 0, 'hash', 'k3', 'Cid')",
    "INSERT INTO tags (id, name, secret) VALUES ('t1', 'red', 's'), ('t2', 'green', 's'), ('t3', 'blue', 's')",
    "INSERT INTO locked (id, name) VALUES ('k1', 'locked')",
    "INSERT INTO drafts (id, name, owner) VALUES ('d1', 'of Ann', 'u1'), ('d2', 'of Bob', 'u2')",
    "INSERT INTO notes (id, name) VALUES ('n1', 'note')",
    r#"INSERT INTO posts (id, title, n, meta, body, secret, owner, tag, tags, lock, drafts, note) VALUES
        ('p1', 'Hello', 1, '{"a":[1,{"b":"c"}]}', '<p>Hi <b>you</b></p>', 's', 'u1', 't2', '["t3","t1"]', 'k1',
         '["d2","d1"]', 'n1'),
        ('p2', 'Abc', 2, NULL, '', '', 'u2', '', '[]', '', '[]', ''),
        ('p3', 'Zed', 2, NULL, '', '', 'u2', 'gone', '["t2","gone"]', '', '[]', '')"#,
    "INSERT INTO comments (id, text, post, author) VALUES
        ('c1', 'one', 'p1', 'u1'), ('c2', 'two', 'p1', 'u2'), ('c3', 'three', 'p2', 'u3')",
    "INSERT INTO covers (id, text, post) VALUES ('o1', 'cover', 'p1')",
    r#"INSERT INTO likes (id, posts) VALUES ('l1', '["p2","p1"]'), ('l2', '["p1"]')"#,
];

/// The user of this id, signed in.
pub(crate) fn user(id: &str) -> Caller {
    Caller::Record(AuthRecord {
        collection_id: "_pb_users_auth_".to_owned(),
        collection_name: "users".to_owned(),
        fields: vec![("id".to_owned(), id.into())],
    })
}

impl Backend {
    pub(crate) fn ask_list(&self, caller: &Caller, collection: &str, ask: Ask<'_>) -> Result<Json, Error> {
        let parameters = ParameterPairs { query: ask.query, headers: &[] };
        let request = RequestInfo::new(caller, "GET", &parameters);
        let page = Page { number: 1, size: 30, skip_total: false };
        let shape = ReplyShape { expand: ask.expand.into(), fields: ask.fields.into() };
        let query = ListQuery { page, sort: ask.sort, filter: ask.filter, shape };
        let list = block_on(backspin_records::list(&self.app, &request, collection, &query))?;
        Ok(serde_json::from_slice(&list).unwrap())
    }

    pub(crate) fn ask_view(
        &self,
        caller: &Caller,
        (collection, id): (&str, &str),
        ask: Ask<'_>,
    ) -> Result<Json, Error> {
        let parameters = ParameterPairs { query: ask.query, headers: &[] };
        let request = RequestInfo::new(caller, "GET", &parameters);
        let shape = ReplyShape { expand: ask.expand.into(), fields: ask.fields.into() };
        let record = block_on(backspin_records::view(&self.app, &request, collection, id, &shape))?;
        Ok(serde_json::from_slice(&record).unwrap())
    }

    /// The ids of a list and how many there are in all, as `p1 p2 of 2`; of a refusal its status and message.
    pub(crate) fn ids(&self, caller: &Caller, collection: &str, ask: Ask<'_>) -> String {
        match self.ask_list(caller, collection, ask) {
            Ok(list) => {
                let items = list["items"].as_array().unwrap();
                let ids: Vec<&str> = items.iter().map(|item| item["id"].as_str().unwrap()).collect();
                format!("{} of {}", ids.join(" "), list["totalItems"])
            }
            Err(error) => format!("{} {error}", error.status()),
        }
    }

    /// Writes a collection into the schema as it is given, with its table or view.
    pub(crate) fn insert_collection(&self, json: Json) {
        let collection: Collection = serde_json::from_value(json.clone()).unwrap();
        let name = Quoted(&collection.name);
        match collection.view_query() {
            Some(query) => self.sql(&format!("CREATE VIEW {name} AS {query}")),
            None => self.sql(&ddl::create_table(&collection)),
        };
        log::create_triggers(&collection).iter().for_each(|trigger| drop(self.sql(trigger)));
        collection.indexes.iter().for_each(|index| drop(self.sql(index)));
        let text = |json: &Json| match json {
            Json::Null => "NULL".to_owned(),
            Json::String(text) => Literal(text).to_string(),
            json => Literal(&json.to_string()).to_string(),
        };
        let options = json!({"viewQuery": json["viewQuery"]});
        let fields = serde_json::to_value(&collection.fields).unwrap();
        let values = [
            &json["id"],
            &json["type"],
            &json["name"],
            &fields,
            &json["indexes"],
            &json["listRule"],
            &json["viewRule"],
        ];
        self.sql(&format!(
            "INSERT INTO _collections (id, type, name, fields, indexes, listRule, viewRule, options, created, updated, system)
             VALUES ({}, {}, '', '', 0)",
            values.map(text).join(", "),
            text(&options)
        ));
    }

    /// Sets columns of `_collections`, as another instance would.
    pub(crate) fn set_collection(&self, name: &str, assignments: &str) {
        self.sql(&format!("UPDATE _collections SET {assignments} WHERE name = '{name}'"));
        self.sql("UPDATE _backspin SET value = hex(randomblob(8)) WHERE name = 'schema_version'");
        block_on(self.app.reload()).unwrap();
    }

    /// The ids of `expand` as `{owner:u1,tags:[t1,t2]}`, with what they expand to after them.
    pub(crate) fn expansion(&self, caller: &Caller, path: (&str, &str), expand: &str) -> String {
        let record = self.ask_view(caller, path, Ask { expand, ..Ask::default() }).unwrap();
        show(record.get("expand"))
    }

    pub(crate) fn superuser_ids(&self, collection: &str, filter: &str) -> String {
        self.ids(&superuser(), collection, Ask { filter, ..Ask::default() })
    }
}

/// The ids of an `expand`, as [`Backend::expansion`].
pub(crate) fn show(expand: Option<&Json>) -> String {
    let one = |record: &Json| {
        let inner = record.get("expand").map(|inner| show(Some(inner)));
        format!("{}{}", record["id"].as_str().unwrap_or("?"), inner.unwrap_or_default())
    };
    let Some(expand) = expand else { return "none".to_owned() };
    let members = expand.as_object().unwrap().iter().map(|(name, value)| match value {
        Json::Array(records) => {
            format!("{name}:[{}]", records.iter().map(one).collect::<Vec<_>>().join(","))
        }
        record => format!("{name}:{}", one(record)),
    });
    format!("{{{}}}", members.collect::<Vec<_>>().join(" "))
}
