//! Collections to write and to compare.

use backspin_schema::Collection;
use backspin_schema_files::from_json;
use serde_json::{Value, json};

pub(crate) fn collection(json: Value) -> Collection {
    from_json(&json).unwrap()
}

pub(crate) fn movies() -> Collection {
    collection(json!({
        "id": "pbc_1", "name": "movies", "type": "base",
        "listRule": "", "viewRule": "",
        "fields": [
            { "id": "text1", "name": "id", "type": "text", "system": true, "required": true, "primaryKey": true,
              "min": 15, "max": 15, "pattern": "^[a-z0-9]+$", "autogeneratePattern": "[a-z0-9]{15}" },
            { "id": "text2", "name": "title", "type": "text", "max": 200 },
            { "id": "number3", "name": "year", "type": "number", "onlyInt": true, "min": 1888 },
        ],
        "indexes": ["CREATE INDEX `idx_year` ON `movies` (`year`)"],
    }))
}
