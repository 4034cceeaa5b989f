//! What the server, or the library in its place, has to say of a request that it refuses.

use anyhow::{Error, anyhow};
use serde_json::Value;

/// The envelope `{"data","message","status"}` as an error: the message, then each reason by its part.
/// `collections.N` is told by the name that the collection has in the request's body.
pub(super) fn explain(envelope: &Value, body: &Value) -> Error {
    let message = envelope["message"].as_str().unwrap_or("The request was refused without a reason.");
    let mut reasons = Vec::new();
    collect(&envelope["data"], &[], body, &mut reasons);
    let hint = hint(envelope["status"].as_u64());
    let text = [message.to_owned()].into_iter().chain(reasons).chain(hint.map(str::to_owned));
    anyhow!(text.collect::<Vec<_>>().join("\n  "))
}

fn collect(data: &Value, path: &[&str], body: &Value, reasons: &mut Vec<String>) {
    let Value::Object(parts) = data else { return };
    match (parts.get("code"), parts.get("message").and_then(Value::as_str)) {
        // It names its target itself.
        (Some(code), Some(message)) if code == "validation_data_loss" => reasons.push(message.to_owned()),
        (Some(_), Some(message)) => reasons.push(format!("{}: {message}", named(path, body))),
        _ => {
            for (name, value) in parts {
                collect(value, &[path, &[name.as_str()]].concat(), body, reasons);
            }
        }
    }
}

/// Where a reason belongs, as the files know it: `movies.fields.title.max`.
fn named(path: &[&str], body: &Value) -> String {
    let (mut at, mut names) = (body, Vec::new());
    for part in path {
        let place = part.parse::<usize>().ok();
        at = place.map_or(&at[*part], |place| &at[place]);
        names.push(place.and_then(|_| at["name"].as_str()).unwrap_or(part));
    }
    if names.len() > 1 && names[0] == "collections" {
        names.remove(0);
    }
    names.join(".")
}

fn hint(status: Option<u64>) -> Option<&'static str> {
    match status {
        Some(401) => Some("Give the --email and --password of a superuser, or a new --token."),
        Some(403) => Some("Only superusers may do this: give the --email and --password of one."),
        Some(503) => Some("Try again in a moment."),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_reason_is_told_with_its_part() {
        let body = json!({ "collections": [{ "name": "movies", "fields": [{ "name": "id" }, { "name": "year" }] }] });
        let error = explain(
            &json!({
                "status": 400, "message": "The change would lose data.",
                "data": {
                    "movies.year": { "code": "validation_data_loss", "message": "Remove it: 3 would be lost." },
                    "collections": { "0": { "fields": { "1": { "max": { "code": "validation_required",
                        "message": "Cannot be blank." } } } } },
                },
            }),
            &body,
        );
        let expected = "The change would lose data.\n  Remove it: 3 would be lost.\n  \
                        movies.fields.year.max: Cannot be blank.";
        assert_eq!(error.to_string(), expected);
    }

    #[test]
    fn a_refusal_for_a_missing_right_says_what_to_do() {
        let error = explain(&json!({ "status": 401, "message": "Who are you?", "data": {} }), &json!({}));
        assert!(error.to_string().contains("--email"), "{error}");
    }
}
