//! JSON bodies: one object without a repeated key.

use backspin_core::json;
use serde_json::{Map, Value};

/// The fields of a body.
pub type Object = Map<String, Value>;

/// Reads one JSON object, or `null` as an empty one, and nothing after it.
pub(crate) fn object(bytes: &[u8]) -> Option<Object> {
    match json::parse(bytes)? {
        Value::Object(object) => Some(object),
        Value::Null => Some(Object::new()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_those_that_serde_json_reads() {
        let text = r#"{"a":[1,-2,1.5,1e300,18446744073709551615,"\u0000ü",true,null,{"b":{}}],"c":""}"#;
        assert_eq!(object(text.as_bytes()).map(Value::Object), serde_json::from_str(text).ok());
        assert_eq!(object(b" null "), Some(Object::new()));
    }

    #[test]
    fn anything_but_one_object_with_distinct_keys_is_refused() {
        let deep = format!(r#"{{"a":{}{}}}"#, "[".repeat(10_000), "]".repeat(10_000));
        let bad: [&[u8]; 11] = [
            b"[]",
            b"{",
            b" ",
            b"\"x\"",
            br#"{"a":1} x"#,
            br#"{"a":1e400}"#,
            br#"{"a":1,"a":2}"#,
            br#"{"a":[{"b":1,"b":1}]}"#,
            b"{\"a\":\"\xff\"}",
            b"{\"a\":\"\0\"}",
            deep.as_bytes(),
        ];
        for text in bad {
            assert_eq!(object(text), None, "{:.40}", String::from_utf8_lossy(text));
        }
    }
}
