//! What differs between two servers' replies to the same steps.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use super::normalise::Reply;

/// One place where the two servers differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Difference {
    /// `SUITE / STEP`.
    pub(crate) label: String,
    /// Method and path that PocketBase was asked.
    pub(crate) request_line: String,
    /// JSON pointer into `{"request", "status", "headers", "body"}`; empty where one side sent no such request.
    pub(crate) pointer: String,
    /// PocketBase's value as JSON, or `(nothing)`.
    pub(crate) pocketbase: String,
    /// Backspin's.
    pub(crate) backspin: String,
}

const NOTHING: &str = "(nothing)";

/// How the names begin that a filter has for the day, and for what begins or ends with a day.
const OF_THE_DAY: [&str; 7] = ["@day", "@month", "@today", "@tomorrow", "@weekday", "@year", "@yesterday"];

impl Difference {
    /// Whether its step names the day, so that it may mean nothing if the day ended between the two servers' replies.
    pub(crate) fn names_the_day(&self) -> bool {
        OF_THE_DAY.iter().any(|name| self.label.contains(name))
    }
}

/// Compares reply by reply: the nth request of a step with the nth request of the same step.
pub(crate) fn between(expected: &[Reply], actual: &[Reply]) -> Vec<Difference> {
    let mut actual_by_turn = turns(actual).collect::<HashMap<_, _>>();
    let mut found = Vec::new();
    for (turn, reply) in turns(expected) {
        match actual_by_turn.remove(&turn) {
            Some(other) => compare_reply(reply, other, &mut found),
            None => found.push(unmatched(reply, reply.request_line.clone(), NOTHING.to_owned())),
        }
    }
    let surplus = actual_by_turn.keys().copied().collect::<HashSet<_>>();
    for (turn, reply) in turns(actual) {
        if surplus.contains(&turn) {
            found.push(unmatched(reply, NOTHING.to_owned(), reply.request_line.clone()));
        }
    }
    found
}

/// Each reply under its step and its turn in that step.
fn turns(replies: &[Reply]) -> impl Iterator<Item = ((&str, usize), &Reply)> {
    let mut seen = HashMap::new();
    replies.iter().map(move |reply| {
        let turn = seen.entry(reply.label.as_str()).or_insert(0);
        *turn += 1;
        ((reply.label.as_str(), *turn), reply)
    })
}

fn unmatched(reply: &Reply, pocketbase: String, backspin: String) -> Difference {
    Difference {
        label: reply.label.clone(),
        request_line: reply.request_line.clone(),
        pointer: String::new(),
        pocketbase,
        backspin,
    }
}

fn compare_reply(expected: &Reply, actual: &Reply, found: &mut Vec<Difference>) {
    let mut places = Vec::new();
    if expected.request_line != actual.request_line {
        let line = |reply: &Reply| Some(Value::String(reply.request_line.clone()));
        places.push(("/request_line".to_owned(), line(expected), line(actual)));
    }
    if expected.content["status"] == actual.content["status"] {
        compare_value(String::new(), Some(&expected.content), Some(&actual.content), &mut places);
    } else {
        // A success and an error have nothing in common that is worth a comparison place by place.
        for part in ["status", "body"] {
            let of = |reply: &Reply| reply.content.get(part).cloned();
            places.push((format!("/{part}"), of(expected), of(actual)));
        }
    }
    found.extend(places.into_iter().map(|(pointer, pocketbase, backspin)| Difference {
        label: expected.label.clone(),
        request_line: expected.request_line.clone(),
        pointer,
        pocketbase: shown(pocketbase),
        backspin: shown(backspin),
    }));
}

type Place = (String, Option<Value>, Option<Value>);

fn compare_value(pointer: String, expected: Option<&Value>, actual: Option<&Value>, places: &mut Vec<Place>) {
    match (expected, actual) {
        (Some(Value::Object(left)), Some(Value::Object(right))) => {
            for (name, value) in left {
                compare_value(format!("{pointer}/{name}"), Some(value), right.get(name), places);
            }
            for (name, value) in right.iter().filter(|(name, _)| !left.contains_key(*name)) {
                compare_value(format!("{pointer}/{name}"), None, Some(value), places);
            }
        }
        (Some(Value::Array(left)), Some(Value::Array(right))) => {
            for at in 0..left.len().max(right.len()) {
                compare_value(format!("{pointer}/{at}"), left.get(at), right.get(at), places);
            }
        }
        (left, right) if left == right => {}
        (left, right) => places.push((pointer, left.cloned(), right.cloned())),
    }
}

fn shown(value: Option<Value>) -> String {
    value.map_or_else(|| NOTHING.to_owned(), |value| value.to_string())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn reply(label: &str, content: Value) -> Reply {
        Reply { label: label.to_owned(), request_line: "GET /".to_owned(), content }
    }

    fn places(expected: &[Reply], actual: &[Reply]) -> Vec<(String, String, String)> {
        between(expected, actual).into_iter().map(|one| (one.pointer, one.pocketbase, one.backspin)).collect()
    }

    fn place(pointer: &str, pocketbase: &str, backspin: &str) -> (String, String, String) {
        (pointer.to_owned(), pocketbase.to_owned(), backspin.to_owned())
    }

    #[test]
    fn a_step_names_the_day_or_not() {
        let names_the_day = |label: &str| between(&[reply(label, json!(1))], &[])[0].names_the_day();
        for label in ["filters / a: b > @day", "rules / a: (x = @monthEnd)", "filters / @todayStart<c"] {
            assert!(names_the_day(label), "{label}");
        }
        for label in ["filters / a: b > @now", "filters / day = 1", "records / create"] {
            assert!(!names_the_day(label), "{label}");
        }
    }

    #[test]
    fn equal_replies_have_none_whatever_the_order_of_keys() {
        let left = reply("a", serde_json::from_str(r#"{"a":1,"b":[null]}"#).unwrap());
        let right = reply("a", serde_json::from_str(r#"{"b":[null],"a":1}"#).unwrap());
        assert_eq!(places(&[left], &[right]), []);
    }

    #[test]
    fn each_place_is_named_with_both_sides() {
        let left = reply("a", json!({"status": 200, "body": {"items": [1, 2], "code": 1, "gone": true}}));
        let right =
            reply("a", json!({"status": 200, "body": {"items": [1, 3, 4], "code": 1.0, "new": null}}));
        assert_eq!(
            places(&[left], &[right]),
            [
                place("/body/items/1", "2", "3"),
                place("/body/items/2", "(nothing)", "4"),
                place("/body/code", "1", "1.0"),
                place("/body/gone", "true", "(nothing)"),
                place("/body/new", "(nothing)", "null"),
            ]
        );
    }

    #[test]
    fn of_replies_with_different_status_the_bodies_are_shown_whole() {
        let left = reply("a", json!({"status": 200, "headers": {"a": 1}, "body": {"id": 1}}));
        let right = reply("a", json!({"status": 404, "headers": {}, "body": {"message": "no"}}));
        assert_eq!(
            places(&[left], &[right]),
            [place("/status", "200", "404"), place("/body", r#"{"id":1}"#, r#"{"message":"no"}"#)]
        );
    }

    #[test]
    fn requests_that_only_one_side_sent_are_found() {
        let left = [reply("a", json!(1)), reply("a", json!(2)), reply("b", json!(3))];
        let right = [reply("a", json!(1)), reply("b", json!(3)), reply("c", json!(4))];
        assert_eq!(places(&left, &right), [place("", "GET /", "(nothing)"), place("", "(nothing)", "GET /")]);
    }

    #[test]
    fn another_path_is_a_difference() {
        let mut right = reply("a", json!(1));
        right.request_line = "GET /other".to_owned();
        assert_eq!(
            places(&[reply("a", json!(1))], &[right]),
            [place("/request_line", "\"GET /\"", "\"GET /other\"")]
        );
    }
}
