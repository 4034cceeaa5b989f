//! PocketBase reads a JSON `null` as "not given"; so do the models. Only in a rule does it say
//! something: nobody but superusers.

use serde_json::Value;

/// The same JSON with every object key that holds `null` removed, at any depth, save `…Rule`.
pub(crate) fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(map) => map
            .into_iter()
            .filter(|(key, value)| !value.is_null() || key.ends_with("Rule"))
            .map(|(key, value)| (key, without_nulls(value)))
            .collect(),
        Value::Array(items) => items.into_iter().map(without_nulls).collect(),
        value => value,
    }
}
