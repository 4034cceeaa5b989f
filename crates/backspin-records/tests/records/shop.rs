//! Collections to write to: one with a field of every type, and those it refers to.

use backspin_schema::{AuthRecord, Caller};
use futures::executor::block_on;
use serde_json::{Value as Json, json};

use crate::{Backend, superuser};

/// A relation of `maxSelect` with further options.
pub(crate) fn relation(name: &str, to: &str, max_select: i64, options: Json) -> Json {
    let collection_id = match to {
        "users" => "_pb_users_auth_".to_owned(),
        to => backspin_core::id::collection_id("base", to),
    };
    let mut field =
        json!({"name": name, "type": "relation", "collectionId": collection_id, "maxSelect": max_select});
    field.as_object_mut().unwrap().extend(options.as_object().unwrap().clone());
    field
}

impl Backend {
    /// A base collection open to everyone but for `rules`, an object such as `{"createRule": "a = 1"}`.
    pub(crate) fn open_collection(&self, name: &str, rules: Json, fields: Vec<Json>) {
        let id = json!({
            "name": "id", "type": "text", "primaryKey": true, "system": true, "required": true,
            "min": 15, "max": 15, "pattern": "^[a-z0-9]+$", "autogeneratePattern": "[a-z0-9]{15}",
        });
        block_on(self.app.reload()).unwrap();
        self.insert_collection(json!({
            "id": backspin_core::id::collection_id("base", name), "name": name, "type": "base",
            "listRule": "", "viewRule": "", "indexes": [],
            "fields": std::iter::once(id).chain(fields).collect::<Vec<Json>>(),
        }));
        for rule in ["createRule", "updateRule", "deleteRule"] {
            let text = rules.get(rule).and_then(Json::as_str).unwrap_or_default().replace('\'', "''");
            self.set_collection(name, &format!("{rule} = '{text}'"));
        }
        self.app.database().take();
    }

    /// `items` with a field of every type that has a modifier, `tags` and `owners` that they refer to.
    pub(crate) fn shop() -> Self {
        let backend = Backend::empty();
        backend.open_collection("tags", json!({}), vec![json!({"name": "name", "type": "text"})]);
        backend.open_collection(
            "items",
            json!({}),
            vec![
                json!({"name": "title", "type": "text", "required": true, "max": 9}),
                json!({"name": "code", "type": "text", "autogeneratePattern": "[a-z]{5}"}),
                json!({"name": "stock", "type": "number", "max": 100}),
                json!({"name": "sizes", "type": "select", "values": ["s", "m", "l", "xl"], "maxSelect": 3}),
                json!({"name": "size", "type": "select", "values": ["s", "m", "l", "xl"], "maxSelect": 1}),
                json!({"name": "meta", "type": "json"}),
                json!({"name": "photos", "type": "file", "maxSelect": 3}),
                json!({"name": "secret", "type": "text", "hidden": true}),
                relation("tag", "tags", 1, json!({})),
                relation("tags", "tags", 5, json!({})),
                json!({"name": "created", "type": "autodate", "onCreate": true}),
                json!({"name": "updated", "type": "autodate", "onUpdate": true}),
            ],
        );
        backend
    }

    /// A new record's id.
    pub(crate) fn new_id(&self, collection: &str, body: Json) -> String {
        self.create(&superuser(), collection, body).unwrap()["id"].as_str().unwrap().to_owned()
    }

    /// The account `id` of `users`, signed in.
    pub(crate) fn signed_in(&self, id: &str) -> Caller {
        let columns = ["id", "email", "name", "verified"];
        let rows = self.sql(&format!("SELECT {} FROM users WHERE id = '{id}'", columns.join(", ")));
        Caller::Record(AuthRecord {
            collection_id: "_pb_users_auth_".to_owned(),
            collection_name: "users".to_owned(),
            fields: columns.iter().map(|name| (*name).to_owned()).zip(rows[0].clone()).collect(),
        })
    }

    /// The file of the database.
    pub(crate) fn database_path(&self) -> std::path::PathBuf {
        self.folder.path().join("sqlite_db.db")
    }

    /// The first column of the first row.
    pub(crate) fn text(&self, sql: &str) -> String {
        match &self.sql(sql)[0][0] {
            backspin_core::Value::Text(text) => text.clone(),
            other => format!("{other:?}"),
        }
    }
}
