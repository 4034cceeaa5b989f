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
        match part.parse::<usize>() {
            Ok(0) if lacks_id(names.last(), at) => {
                at = &Value::Null;
                names.push("id");
            }
            Ok(place) => {
                at = &at[place - usize::from(lacks_id(names.last(), at))];
                names.push(at["name"].as_str().unwrap_or(part));
            }
            Err(_) => {
                at = &at[*part];
                names.push(part);
            }
        }
    }
    if names.len() > 1 && names[0] == "collections" {
        names.remove(0);
    }
    names.join(".")
}

/// Whether the list is that of the fields of a collection, and leaves out `id`, which the server then puts first.
fn lacks_id(part: Option<&&str>, list: &Value) -> bool {
    part == Some(&"fields")
        && list.as_array().is_some_and(|fields| fields.iter().all(|field| field["name"] != "id"))
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
    fn fields_are_named_as_the_server_counts_them() {
        let data = json!({ "collections": { "0": { "fields": {
            "0": { "name": { "code": "x", "message": "First." } },
            "2": { "name": { "code": "x", "message": "Second." } },
            "7": { "name": { "code": "x", "message": "Of the server." } },
        } } } });
        let told = |fields: Value| {
            let body = json!({ "collections": [{ "name": "posts", "fields": fields }] });
            explain(&json!({ "message": "No.", "data": data }), &body).to_string()
        };
        let (a, b, id) = (json!({ "name": "a" }), json!({ "name": "b" }), json!({ "name": "id" }));
        assert_eq!(
            told(json!([a, b])),
            "No.\n  posts.fields.id.name: First.\n  posts.fields.b.name: Second.\n  posts.fields.7.name: Of the server."
        );
        assert_eq!(
            told(json!([a, b, id])),
            "No.\n  posts.fields.a.name: First.\n  posts.fields.id.name: Second.\n  posts.fields.7.name: Of the server."
        );
    }

    #[test]
    fn a_refusal_for_a_missing_right_says_what_to_do() {
        let error = explain(&json!({ "status": 401, "message": "Who are you?", "data": {} }), &json!({}));
        assert!(error.to_string().contains("--email"), "{error}");
    }
}
