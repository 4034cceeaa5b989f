//! Takes out of a reply what differs from run to run.

use serde_json::Value;

const GENERATED_ID_LENGTH: usize = 15;
const TIME_PATTERN: &str = "0000-00-00 00:00:00.000Z";

/// The reply with sorted keys, and placeholders for generated ids, the times `created` and `updated`, and tokens.
pub(crate) fn redacted(mut reply: Value) -> String {
    replace(&mut reply);
    reply.sort_all_objects();
    format!("{reply:#}")
}

fn replace(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(replace),
        Value::Object(fields) => {
            for (name, field) in fields.iter_mut() {
                match (name.as_str(), field.as_str()) {
                    ("id", Some(text)) if is_generated_id(text) => *field = "[id]".into(),
                    ("created" | "updated", Some(text)) if is_time(text) => *field = "[time]".into(),
                    ("token", Some(text)) if text.split('.').count() == 3 => *field = "[token]".into(),
                    _ => replace(field),
                }
            }
        }
        _ => {}
    }
}

fn is_generated_id(text: &str) -> bool {
    text.len() == GENERATED_ID_LENGTH
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
}

fn is_time(text: &str) -> bool {
    text.len() == TIME_PATTERN.len()
        && text.bytes().zip(TIME_PATTERN.bytes()).all(|(byte, pattern)| match pattern {
            b'0' => byte.is_ascii_digit(),
            literal => byte == literal,
        })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_what_is_generated_is_replaced() {
        let reply = json!({
            "items": [{"id": "abcdefghij12345", "created": "2026-01-01 00:00:00.000Z", "due": "2026-01-01 00:00:00.000Z"}],
            "id": "posts", "token": "a.b.c", "updated": "",
        });
        let redacted = serde_json::from_str::<Value>(&redacted(reply)).unwrap();
        assert_eq!(
            redacted,
            json!({
                "items": [{"id": "[id]", "created": "[time]", "due": "2026-01-01 00:00:00.000Z"}],
                "id": "posts", "token": "[token]", "updated": "",
            })
        );
    }
}
