//! Random schemas: collections are known by their slot, fields by theirs, whatever they are named.

use backspin_schema::Field;
use proptest::prelude::*;
use proptest::sample::subsequence;
use serde_json::{Value as Json, json};

use crate::database::collection;

/// Words that SQL has for something else too, where it is not a column that is named.
pub(crate) const NAMES: [&str; 6] = ["a", "desc", "date", "end", "lower", "nocase"];
const COLLECTION_NAMES: [&str; 4] = ["p", "q", "r", "s"];
const FIELDS: usize = 5;

/// Values of all kinds, as SQL literals, by the declared type of the column.
pub(crate) fn literals(field: &Field) -> &'static [&'static str] {
    use backspin_schema::field::ColumnKind::*;
    match field.column() {
        PrimaryKey | Text => &[
            "''",
            "'a'",
            "'12'",
            "'1.5'",
            "'true'",
            "'[\"x\",\"y\"]'",
            "'2024-01-01 00:00:00.000Z'",
            "'{\"lon\":1,\"lat\":2}'",
            "'it''s'",
            "'  7'",
            "'\"q\"'",
            "'ü\n'",
        ],
        Number => &["0", "1", "-2.5", "1e300", "0.1 + 0.2", "9007199254740993"],
        Bool => &["0", "1"],
        List => &["'[]'", "'[\"a\"]'", "'[\"a\",\"b\"]'", "'[\"it''s\",\"\"]'", "''", "'x'"],
        Json => {
            &["NULL", "1", "'\"a\"'", "'[1, 2]'", "'{\"lon\":1,\"lat\":2}'", "'true'", "'null'", "'\"12\"'"]
        }
        GeoPoint => &["'{\"lon\":0,\"lat\":0}'", "'{\"lon\":1.5,\"lat\":-2}'", "'{\"lat\":3,\"lon\":4}'"],
    }
}

/// A field is known by its slot. Those of the first three slots take any type of plain values; the others
/// stay references, to one or several.
fn field(slot: usize, name: &str, kind: usize, several: bool) -> Json {
    let max = if several { 3 } else { 1 };
    let (kind, more) = match slot {
        3 => ("relation", json!({"collectionId": "_pb_users_auth_", "maxSelect": max})),
        4 => ("file", json!({"maxSelect": max})),
        _ => match kind {
            0 => ("select", json!({"values": ["a", "b"], "maxSelect": max})),
            kind => (["text", "number", "bool", "date", "json", "geoPoint", "editor"][kind - 1], json!({})),
        },
    };
    let mut field = json!({"id": format!("f{slot}"), "name": name, "type": kind, "required": several});
    field.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    field
}

fn fields() -> impl Strategy<Value = Vec<Json>> {
    let slots = subsequence((0..FIELDS).collect::<Vec<_>>(), 0..=FIELDS).prop_shuffle();
    let kinds = prop::collection::vec((0..8_usize, any::<bool>()), FIELDS);
    (slots, Just(NAMES.to_vec()).prop_shuffle(), kinds).prop_map(|(slots, names, kinds)| {
        let field = |(slot, (name, (kind, several)))| field(slot, name, kind, several);
        slots.into_iter().zip(names.into_iter().zip(kinds)).map(field).collect()
    })
}

/// Definitions of an index, of columns that fields may have: X and Y stand for two of them, NAME and TABLE for what
/// they say. The words besides are names of fields too.
const INDEXES: [&str; 7] = [
    "CREATE INDEX NAME ON TABLE (X, id)",
    "CREATE INDEX NAME ON TABLE (X DESC)",
    "CREATE UNIQUE INDEX NAME ON TABLE (Y COLLATE nocase desc, `X`, id)",
    "CREATE INDEX NAME ON TABLE (date(X), lower(\"Y\") desc)",
    "CREATE INDEX NAME ON TABLE (CAST(X AS date) COLLATE nocase)",
    "CREATE INDEX NAME ON TABLE (CASE WHEN X THEN 'desc' ELSE Y END DESC)",
    "CREATE UNIQUE INDEX NAME ON TABLE (id, [Y]) WHERE TABLE.X IS NOT NULL AND Y > 'end' COLLATE nocase",
];

fn index(template: usize, name: &str, table: &str, fields: &[Json]) -> String {
    let column =
        |field: Option<&Json>| field.map_or("id", |field| field["name"].as_str().unwrap()).to_owned();
    let words =
        [("NAME", name), ("TABLE", table), ("X", &column(fields.first())), ("Y", &column(fields.last()))];
    // Names hold none of these words.
    words.iter().fold(INDEXES[template].to_owned(), |sql, (word, by)| {
        let is_part = |c: Option<char>| c.is_some_and(char::is_alphabetic);
        let parts: Vec<&str> = sql.split(word).collect();
        let mut made = parts[0].to_owned();
        for (before, part) in parts.iter().zip(&parts[1..]) {
            let is_word = is_part(before.chars().last()) || is_part(part.chars().next());
            made.push_str(if is_word { word } else { by });
            made.push_str(part);
        }
        made
    })
}

/// Up to three collections, the last one of which is an auth collection, some with an index on their fields and a
/// view that shows one of them.
pub(crate) fn schema() -> impl Strategy<Value = Vec<Json>> {
    let slots = subsequence(vec![0, 1, 2], 0..=3).prop_shuffle();
    let index = prop::option::of(0..INDEXES.len());
    let bodies = prop::collection::vec((fields(), index, any::<bool>()), 3);
    (slots, Just(COLLECTION_NAMES.to_vec()).prop_shuffle(), bodies).prop_map(|(slots, names, bodies)| {
        let mut schema = Vec::new();
        for (slot, (name, (fields, indexed, viewed))) in slots.into_iter().zip(names.into_iter().zip(bodies))
        {
            let kind = if slot == 2 { "auth" } else { "base" };
            let mut extra = json!({"id": format!("c_{slot}"), "type": kind});
            if let Some(template) = indexed {
                extra["indexes"] = json!([self::index(template, &format!("i{slot}"), name, &fields)]);
            }
            if viewed {
                let shown = fields.first().map_or("id", |field| field["name"].as_str().unwrap());
                let query = format!("SELECT id, `{shown}` AS shown FROM {name}");
                let view = json!({"type": "view", "viewQuery": query, "id": format!("c_v{slot}")});
                schema.push(collection(
                    &format!("v{slot}"),
                    json!([{"name": "shown", "type": "json"}]),
                    view,
                ));
            }
            schema.push(collection(name, fields.into(), extra));
        }
        schema
    })
}
