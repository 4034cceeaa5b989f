//! Makes the replies of two servers comparable: what a server generates (ids, times of the run, tokens) is replaced
//! by placeholders, the same value by the same one, so that a record that refers to another still can be compared.

use std::collections::{HashMap, HashSet};

use anyhow::{Context, Result};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};

use super::transcript::{Exchange, Transcript};

const GENERATED_ID_LENGTH: usize = 15;
/// What the ids of fields begin with. Of three thousand random ids one ends with so many digits that it might be a field's.
const FIELD_TYPES: [&str; 13] = [
    "text", "number", "bool", "email", "url", "editor", "date", "autodate", "select", "relation", "file",
    "json", "password",
];
/// Where a reply names what it has just made.
const ID_KEYS: [&str; 3] = ["id", "mfaId", "otpId"];
/// Fields of a view that are another collection's have this and random letters for an id.
const CLONE_PREFIX: &str = "_clone_";
/// A view that was only tried has this and random letters for a name, and an id made from that name.
const TRIED_VIEW_PREFIX: &str = "temp_view_";
/// What a session's token says beside PocketBase's claims.
const SESSION_CLAIM: &str = "sid";
const TIME_PATTERN: &str = "0000-00-00 00:00:00.000Z";

/// One exchange with its generated values replaced.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Reply {
    pub(crate) label: String,
    /// Method and path.
    pub(crate) request_line: String,
    /// `{"request", "status", "headers", "body"}`: all that is compared.
    pub(crate) content: Value,
}

/// The comparable form of a transcript, in its order.
///
/// # Errors
/// When the transcript's own times are not times.
pub(crate) fn replies(transcript: &Transcript) -> Result<Vec<Reply>> {
    let mut normaliser = Normaliser {
        ids: HashMap::new(),
        turns: HashMap::new(),
        chosen: HashSet::new(),
        generated_after: as_record_time(&transcript.generated_after)?,
        generated_before: as_record_time(&transcript.generated_before)?,
    };
    Ok(transcript.exchanges.iter().map(|exchange| normaliser.reply(exchange)).collect())
}

struct Normaliser {
    /// Generated id to its placeholder: the step and the place in its replies where it came up first. So one that
    /// only one of two servers generates does not change the names of those after it.
    ids: HashMap<String, String>,
    /// How many ids each step has brought up.
    turns: HashMap<String, usize>,
    /// Ids that the script chose: they stay as they are.
    chosen: HashSet<String>,
    generated_after: String,
    generated_before: String,
}

impl Normaliser {
    fn reply(&mut self, exchange: &Exchange) -> Reply {
        let request = exchange.request.as_deref().map(parsed);
        if let Some(request) = &request {
            self.note_chosen_ids(request);
        }
        let body = parsed(&exchange.reply);
        self.note_generated_ids(&body, &exchange.label);
        Reply {
            label: exchange.label.clone(),
            request_line: format!("{} {}", exchange.method, self.text(&exchange.path, exchange.at_seconds)),
            content: json!({
                "request": request.map(|request| self.value(&request, exchange.at_seconds)),
                "status": exchange.status,
                "headers": exchange.headers,
                "body": self.value(&body, exchange.at_seconds),
            }),
        }
    }

    fn note_chosen_ids(&mut self, request: &Value) {
        for id in ids_in(request) {
            if !self.ids.contains_key(id) {
                self.chosen.insert(id.to_owned());
            }
        }
    }

    fn note_generated_ids(&mut self, body: &Value, label: &str) {
        for id in ids_in(body) {
            if is_generated_id(id) && !self.chosen.contains(id) && !self.ids.contains_key(id) {
                let turn = self.turns.entry(label.to_owned()).or_insert(0);
                *turn += 1;
                self.ids.insert(id.to_owned(), format!("<id {turn} of {label}>"));
            }
        }
    }

    fn value(&self, value: &Value, at_seconds: i64) -> Value {
        match value {
            Value::String(text) => Value::String(self.text(text, at_seconds)),
            Value::Array(items) => items.iter().map(|item| self.value(item, at_seconds)).collect(),
            Value::Object(fields) => self.object(fields, at_seconds),
            other => other.clone(),
        }
    }

    fn object(&self, fields: &Map<String, Value>, at_seconds: i64) -> Value {
        let is_of_tried_view =
            fields.get("collectionName").and_then(Value::as_str).is_some_and(is_tried_view);
        let value = |name: &str, field: &Value| match name {
            "collectionId" if is_of_tried_view => json!("<id of the tried view>"),
            _ => self.value(field, at_seconds),
        };
        fields.iter().map(|(name, field)| (self.text(name, at_seconds), value(name, field))).collect()
    }

    fn text(&self, text: &str, at_seconds: i64) -> String {
        if let Some(claims) = token_claims(text) {
            return self.token(&claims, at_seconds);
        }
        if self.is_generated_time(text) {
            return "<time>".to_owned();
        }
        if text.strip_prefix(CLONE_PREFIX).is_some_and(is_word) {
            return format!("{CLONE_PREFIX}<letters>");
        }
        if is_tried_view(text) {
            return format!("{TRIED_VIEW_PREFIX}<letters>");
        }
        self.without_ids(text)
    }

    /// A token is compared by its claims; its end by how many minutes it has left. The session's id is Backspin's own.
    fn token(&self, claims: &Value, at_seconds: i64) -> String {
        let mut claims = claims.clone();
        if let Some(claims) = claims.as_object_mut() {
            claims.remove(SESSION_CLAIM);
        }
        if let Some(expires) = claims.get("exp").and_then(Value::as_i64) {
            // The reply is noted in whole seconds, perhaps one later than the token was made.
            let minutes = (expires - at_seconds + 30).div_euclid(60);
            claims["exp"] = json!(format!("in {minutes} minutes"));
        }
        claims.sort_all_objects();
        format!("<token {}>", self.without_ids(&claims.to_string()))
    }

    fn is_generated_time(&self, text: &str) -> bool {
        is_time(text) && self.generated_after.as_str() <= text && text <= self.generated_before.as_str()
    }

    fn without_ids(&self, text: &str) -> String {
        let mut replaced = String::with_capacity(text.len());
        let mut rest = text;
        while !rest.is_empty() {
            let word_end = rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(rest.len());
            let (word, after) = rest.split_at(word_end);
            match self.ids.get(word) {
                Some(placeholder) => replaced.push_str(placeholder),
                None => replaced.push_str(word),
            }
            let gap_end = after.find(|c: char| c.is_ascii_alphanumeric()).unwrap_or(after.len());
            replaced.push_str(&after[..gap_end]);
            rest = &after[gap_end..];
        }
        replaced
    }
}

/// JSON where it is JSON, else the text itself.
fn parsed(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned()))
}

fn ids_in(value: &Value) -> Vec<&str> {
    match value {
        Value::Array(items) => items.iter().flat_map(ids_in).collect(),
        Value::Object(fields) => {
            let own = ID_KEYS.iter().filter_map(|key| fields.get(*key).and_then(Value::as_str));
            own.chain(fields.values().flat_map(ids_in)).collect()
        }
        _ => Vec::new(),
    }
}

fn is_generated_id(text: &str) -> bool {
    text.len() == GENERATED_ID_LENGTH
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
        && !is_field_id(text)
}

/// A field's id is its type and a number made from its name, so it is the same everywhere.
fn is_field_id(text: &str) -> bool {
    let digits = text.trim_start_matches(|c: char| c.is_ascii_lowercase());
    let kind = &text[..text.len() - digits.len()];
    FIELD_TYPES.contains(&kind) && digits.len() > 7 && digits.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_tried_view(name: &str) -> bool {
    name.strip_prefix(TRIED_VIEW_PREFIX).is_some_and(is_word)
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

fn is_time(text: &str) -> bool {
    text.len() == TIME_PATTERN.len()
        && text.bytes().zip(TIME_PATTERN.bytes()).all(|(byte, pattern)| match pattern {
            b'0' => byte.is_ascii_digit(),
            literal => byte == literal,
        })
}

/// `2026-01-02T03:04:05.678Z` as records write it, with a space.
fn as_record_time(time: &str) -> Result<String> {
    let time = time.replace('T', " ");
    is_time(&time).then_some(time).context("the transcript's times are not RFC 3339 with milliseconds")
}

/// The claims of a JSON Web Token; `None` for any other text.
fn token_claims(text: &str) -> Option<Value> {
    let mut parts = text.split('.');
    let (header, claims, _signature) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || !header.starts_with("eyJ") {
        return None;
    }
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exchange(path: &str, request: Option<Value>, reply: Value) -> Exchange {
        Exchange {
            label: "a".to_owned(),
            method: "GET".to_owned(),
            path: path.to_owned(),
            request: request.map(|body| body.to_string()),
            status: 200,
            headers: Default::default(),
            reply: reply.to_string(),
            at_seconds: 1000,
        }
    }

    fn normalised(exchanges: Vec<Exchange>) -> Vec<Reply> {
        replies(&Transcript {
            generated_after: "2026-01-01T00:00:00.000Z".to_owned(),
            generated_before: "2026-01-02T00:00:00.000Z".to_owned(),
            exchanges,
        })
        .unwrap()
    }

    #[test]
    fn the_same_id_gets_the_same_placeholder_wherever_it_stands() {
        let replies = normalised(vec![
            exchange("/a", None, json!({"id": "aaaaaaaaaaaaaa1"})),
            exchange("/a", None, json!({"id": "bbbbbbbbbbbbbb2", "author": "aaaaaaaaaaaaaa1"})),
            exchange("/a/bbbbbbbbbbbbbb2?x=1", None, json!({"message": "no 'aaaaaaaaaaaaaa1'."})),
        ]);
        assert_eq!(replies[1].content["body"], json!({"id": "<id 2 of a>", "author": "<id 1 of a>"}));
        assert_eq!(replies[2].request_line, "GET /a/<id 2 of a>?x=1");
        assert_eq!(replies[2].content["body"]["message"], "no '<id 1 of a>'.");
    }

    #[test]
    fn an_id_that_the_script_chose_is_kept() {
        let chosen = json!({"id": "chosenchosen123"});
        let replies = normalised(vec![exchange("/a", Some(chosen.clone()), chosen.clone())]);
        assert_eq!(replies[0].content["body"], chosen);
    }

    #[test]
    fn the_id_of_a_field_is_kept() {
        let generated = ["relation3479948", "abc1234567890ab", "npvwlcr08976652"].map(|id| json!({"id": id}));
        let body = json!([{"id": "email3885137012"}, generated[0], generated[1], generated[2]]);
        let replies = normalised(vec![exchange("/", None, body)]);
        let ids = ["<id 1 of a>", "<id 2 of a>", "<id 3 of a>"].map(|id| json!({"id": id}));
        let ids = json!([{"id": "email3885137012"}, ids[0], ids[1], ids[2]]);
        assert_eq!(replies[0].content["body"], ids);
    }

    #[test]
    fn only_times_of_the_run_are_replaced() {
        let body = json!(["2026-01-01 12:00:00.000Z", "1998-06-12 00:00:00.000Z", "2026-01-01 12:00:00Z"]);
        let replies = normalised(vec![exchange("/", None, body)]);
        assert_eq!(
            replies[0].content["body"],
            json!(["<time>", "1998-06-12 00:00:00.000Z", "2026-01-01 12:00:00Z"])
        );
    }

    #[test]
    fn the_letters_of_a_cloned_field_are_replaced() {
        let replies = normalised(vec![exchange("/", None, json!(["_clone_aB1x", "_clone_", "_clone_a b"]))]);
        assert_eq!(replies[0].content["body"], json!(["_clone_<letters>", "_clone_", "_clone_a b"]));
    }

    #[test]
    fn the_second_factor_that_is_waited_for_is_an_id_too() {
        let replies = normalised(vec![
            exchange("/", None, json!({"mfaId": "aaaaaaaaaaaaaa1"})),
            exchange("/", None, json!({"items": [{"mfaId": "aaaaaaaaaaaaaa1"}]})),
        ]);
        assert_eq!(replies[0].content["body"]["mfaId"], "<id 1 of a>");
        assert_eq!(replies[1].content["body"]["items"][0]["mfaId"], "<id 1 of a>");
    }

    #[test]
    fn the_name_of_a_tried_view_and_its_id_are_replaced() {
        let record = |id: &str, name: &str| json!({"collectionId": id, "collectionName": name});
        let body = json!([record("pbc_1", "temp_view_a1B2c"), record("pbc_1", "temp_views")]);
        let replies = normalised(vec![exchange("/", None, body)]);
        let tried = record("<id of the tried view>", "temp_view_<letters>");
        assert_eq!(replies[0].content["body"], json!([tried, record("pbc_1", "temp_views")]));
    }

    #[test]
    fn a_token_is_compared_by_claims_and_lifetime() {
        let token = |claims: Value| format!("eyJh.{}.c2ln", URL_SAFE_NO_PAD.encode(claims.to_string()));
        let replies = normalised(vec![exchange(
            "/",
            None,
            json!({
                "record": {"id": "aaaaaaaaaaaaaa1"},
                "token": token(json!({"type": "auth", "exp": 1599, "id": "aaaaaaaaaaaaaa1", "sid": "s"})),
            }),
        )]);
        assert_eq!(
            replies[0].content["body"]["token"],
            r#"<token {"exp":"in 10 minutes","id":"<id 1 of a>","type":"auth"}>"#
        );
    }

    #[test]
    fn a_whole_number_and_a_decimal_stay_different() {
        let mut whole = exchange("/", None, Value::Null);
        whole.reply = "1".to_owned();
        let mut decimal = whole.clone();
        decimal.reply = "1.0".to_owned();
        let replies = normalised(vec![whole, decimal]);
        assert_ne!(replies[0].content, replies[1].content);
    }
}
