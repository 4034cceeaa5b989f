//! The data folder of a PocketBase, made by the statements that PocketBase 0.40 itself runs.

use std::path::Path;

use backspin_core::{Database, Value};
use backspin_native::NativeDatabase;
use futures::executor::block_on;
use serde_json::{Value as Json, json};

const TABLES_SQL: [&str; 3] = [
    "CREATE TABLE `_migrations` (file VARCHAR(255) PRIMARY KEY NOT NULL, applied INTEGER NOT NULL)",
    "CREATE TABLE `_params` (`id` TEXT PRIMARY KEY DEFAULT ('r'||lower(hex(randomblob(7)))) NOT NULL, `value` JSON DEFAULT NULL, `created` TEXT DEFAULT (strftime('%Y-%m-%d %H:%M:%fZ')) NOT NULL, `updated` TEXT DEFAULT (strftime('%Y-%m-%d %H:%M:%fZ')) NOT NULL)",
    r#"CREATE TABLE `_collections` (`id` TEXT PRIMARY KEY DEFAULT ('r'||lower(hex(randomblob(7)))) NOT NULL, `system` BOOLEAN DEFAULT FALSE NOT NULL, `type` TEXT DEFAULT "base" NOT NULL, `name` TEXT UNIQUE NOT NULL, `fields` JSON DEFAULT "[]" NOT NULL, `indexes` JSON DEFAULT "[]" NOT NULL, `listRule` TEXT DEFAULT NULL, `viewRule` TEXT DEFAULT NULL, `createRule` TEXT DEFAULT NULL, `updateRule` TEXT DEFAULT NULL, `deleteRule` TEXT DEFAULT NULL, `options` JSON DEFAULT "{}" NOT NULL, `created` TEXT DEFAULT (strftime('%Y-%m-%d %H:%M:%fZ')) NOT NULL, `updated` TEXT DEFAULT (strftime('%Y-%m-%d %H:%M:%fZ')) NOT NULL)"#,
];

pub(crate) const CREATED: &str = "2024-01-02 03:04:05.678Z";

/// The database of such a folder.
pub(crate) struct PocketBaseData(NativeDatabase);

impl PocketBaseData {
    /// Makes `folder`, with the superusers and users of a new PocketBase, and nobody among them.
    pub(crate) fn new(folder: &Path) -> Self {
        std::fs::create_dir(folder).unwrap();
        let data = PocketBaseData(NativeDatabase::open(folder.join("data.db")).unwrap());
        data.sql("PRAGMA journal_mode = WAL");
        TABLES_SQL.iter().for_each(|sql| data.sql(sql));
        data.auth("pbc_3142635823", "_superusers", true, json!({}));
        data.auth("_pb_users_auth_", "users", false, json!({}));
        data
    }

    pub(crate) fn sql(&self, sql: &str) {
        block_on(self.0.execute(sql, Vec::new())).unwrap_or_else(|error| panic!("{sql}: {error}"));
    }

    pub(crate) fn sql_with(&self, sql: &str, parameters: Vec<Value>) {
        block_on(self.0.execute(sql, parameters)).unwrap_or_else(|error| panic!("{sql}: {error}"));
    }

    /// Rows of the source.
    pub(crate) fn rows(&self, sql: &str) -> Vec<Vec<Value>> {
        block_on(self.0.query(sql, Vec::new())).unwrap().rows
    }

    /// A row of `_collections`; `fields` and `options` are stored as PocketBase stores JSON, in bytes.
    pub(crate) fn definition(&self, id: &str, name: &str, kind: &str, parts: &Json) {
        let bytes = |key: &str, none: &str| {
            let json = parts.get(key).map_or_else(|| none.to_owned(), Json::to_string);
            Value::Blob(json.into_bytes())
        };
        let sql = "INSERT INTO _collections (id, system, type, name, fields, indexes, listRule, options, created, updated) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?9)";
        self.sql_with(
            sql,
            vec![
                id.into(),
                parts["system"].as_bool().unwrap_or_default().into(),
                kind.into(),
                name.into(),
                bytes("fields", "[]"),
                bytes("indexes", "[]"),
                parts["listRule"].as_str().into(),
                bytes("options", "{}"),
                CREATED.into(),
            ],
        );
    }

    /// A base collection `id` + `fields`, and its table with the columns in the order of the alphabet.
    pub(crate) fn base(&self, name: &str, fields: &[Json]) {
        self.base_with(name, fields, json!({}));
    }

    pub(crate) fn base_with(&self, name: &str, fields: &[Json], mut parts: Json) {
        let mut all = vec![id_field()];
        all.extend_from_slice(fields);
        self.table(name, &all);
        parts["fields"] = all.into();
        self.definition(&format!("pbc_{name}"), name, "base", &parts);
    }

    pub(crate) fn auth(&self, id: &str, name: &str, system: bool, options: Json) {
        let fields = [
            id_field(),
            json!({"id": "password901924565", "name": "password", "type": "password", "system": true, "hidden": true, "required": true, "min": 8}),
            json!({"id": "text2504183744", "name": "tokenKey", "type": "text", "system": true, "hidden": true, "required": true, "min": 30, "max": 60}),
            json!({"id": "email3885137012", "name": "email", "type": "email", "system": true, "required": true}),
            json!({"id": "bool1547992806", "name": "emailVisibility", "type": "bool", "system": true}),
            json!({"id": "bool256245529", "name": "verified", "type": "bool", "system": true}),
            json!({"id": "autodate2990389176", "name": "created", "type": "autodate", "onCreate": true}),
            json!({"id": "autodate3332085495", "name": "updated", "type": "autodate", "onCreate": true, "onUpdate": true}),
        ];
        self.table(name, &fields);
        let indexes = [
            format!("CREATE UNIQUE INDEX `idx_tokenKey_{id}` ON `{name}` (`tokenKey`)"),
            format!("CREATE UNIQUE INDEX `idx_email_{id}` ON `{name}` (`email`) WHERE `email` != ''"),
        ];
        indexes.iter().for_each(|index| self.sql(index));
        let parts = json!({"system": system, "fields": fields, "indexes": indexes, "options": options});
        self.definition(id, name, "auth", &parts);
    }

    pub(crate) fn view(&self, name: &str, query: &str, fields: &[Json]) {
        self.sql(&format!("CREATE VIEW `{name}` AS SELECT * FROM ({query})"));
        let parts = json!({"options": {"viewQuery": query}, "fields": fields, "listRule": ""});
        self.definition(&format!("pbc_{name}"), name, "view", &parts);
    }

    fn table(&self, name: &str, fields: &[Json]) {
        let mut columns: Vec<String> = fields.iter().map(column).collect();
        columns.sort();
        self.sql(&format!("CREATE TABLE `{name}` ({})", columns.join(", ")));
    }
}

fn id_field() -> Json {
    json!({"id": "text3208210256", "name": "id", "type": "text", "system": true, "required": true, "primaryKey": true, "min": 15, "max": 15, "pattern": "^[a-z0-9]+$", "autogeneratePattern": "[a-z0-9]{15}"})
}

fn column(field: &Json) -> String {
    let is_multiple = field["maxSelect"].as_i64().unwrap_or_default() > 1;
    let declaration = match field["type"].as_str().unwrap() {
        "text" if field["primaryKey"] == true => {
            "TEXT PRIMARY KEY DEFAULT ('r'||lower(hex(randomblob(7)))) NOT NULL"
        }
        "number" => "NUMERIC DEFAULT 0 NOT NULL",
        "bool" => "BOOLEAN DEFAULT FALSE NOT NULL",
        "json" => "JSON DEFAULT NULL",
        "geoPoint" => r#"JSON DEFAULT '{"lon":0,"lat":0}' NOT NULL"#,
        "select" | "relation" | "file" if is_multiple => "JSON DEFAULT '[]' NOT NULL",
        _ => "TEXT DEFAULT '' NOT NULL",
    };
    format!("`{}` {declaration}", field["name"].as_str().unwrap())
}
