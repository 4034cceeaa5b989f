//! What is as in a new collection need not be written.

use serde_json::{Map, Value};

/// Removes from `object` what is the same in `default`, within objects key by key. Keys in `kept` stay.
pub(crate) fn strip(object: &mut Map<String, Value>, default: &Value, kept: &[&str]) {
    object.retain(|key, value| {
        let default = default.get(key);
        if kept.contains(&key.as_str()) {
            return true;
        }
        if let (Value::Object(inner), Some(default @ Value::Object(_))) = (&mut *value, default) {
            let is_default = Some(&*inner) == default.as_object();
            strip(inner, default, &[]);
            return !is_default;
        }
        default != Some(&*value)
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_what_differs_stays() {
        let mut object =
            json!({ "a": 1, "b": 2, "c": { "d": 1, "e": [] }, "f": { "g": 1 }, "h": 0, "i": {} });
        let default =
            json!({ "a": 1, "b": 1, "c": { "d": 1, "e": [1] }, "f": { "g": 1 }, "h": 0, "i": { "j": 1 } });
        strip(object.as_object_mut().unwrap(), &default, &["h"]);
        assert_eq!(object, json!({ "b": 2, "c": { "e": [] }, "h": 0, "i": {} }));
    }
}
