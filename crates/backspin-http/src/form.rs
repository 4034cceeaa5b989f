//! Forms: names with texts, made into the fields that the same body in JSON would have, after the rules
//! of PocketBase.

use backspin_core::{Error, Result, limits};
use serde_json::{Value, map::Entry};

use crate::json::{self, Object};

/// The name of texts that are whole JSON objects, so that a form can hold any value beside its files.
const JSON_PAYLOAD: &str = "@jsonPayload";

/// What the texts of a form become.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Texts {
    /// Booleans and numbers where they read as such; of a repeated name, a list.
    Inferred,
    /// Texts; of a repeated name, the first.
    AsSent,
}

/// A form that is being read.
pub(crate) struct Form {
    texts: Texts,
    count: usize,
    fields: Object,
    payloads: Vec<String>,
}

impl Form {
    pub(crate) fn new(texts: Texts) -> Self {
        Form { texts, count: 0, fields: Object::new(), payloads: Vec::new() }
    }

    /// Reads `application/x-www-form-urlencoded`.
    ///
    /// Errors: 400 if a name or value is not UTF-8, ends within a `%XX` or holds a bare `;`, which some take
    /// for a separator; those of [`Form::add`].
    pub(crate) fn from_urlencoded(bytes: &[u8], texts: Texts) -> Result<Self> {
        let mut form = Form::new(texts);
        for pair in bytes.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()) {
            let mut halves = pair.splitn(2, |byte| *byte == b'=').map(decode);
            let (name, text) =
                (halves.next().flatten(), halves.next().unwrap_or_else(|| Some(String::new())));
            let (Some(name), Some(text)) = (name, text) else {
                return Err(Error::bad_request(
                    "The form cannot be read: write each byte that is no letter or digit as %XX, in UTF-8.",
                ));
            };
            form.add(name, text)?;
        }
        Ok(form)
    }

    /// Takes in one name and its text.
    ///
    /// Errors: 400 beyond [`limits::FORM_VALUES_MAX`] or [`limits::FORM_NAME_BYTES_MAX`], 413 beyond
    /// [`limits::FORM_VALUE_BYTES_MAX`].
    pub(crate) fn add(&mut self, name: String, text: String) -> Result<()> {
        self.count += 1;
        if self.count > limits::FORM_VALUES_MAX {
            return Err(Error::bad_request(format!(
                "A form may have at most {} values. Send JSON, or less at a time.",
                limits::FORM_VALUES_MAX
            )));
        }
        if name.len() > limits::FORM_NAME_BYTES_MAX {
            let max = limits::FORM_NAME_BYTES_MAX;
            return Err(Error::bad_request(format!("A name in a form may have at most {max} bytes.")));
        }
        if text.len() > limits::FORM_VALUE_BYTES_MAX {
            return Err(Error::PayloadTooLarge(format!(
                "A value in a form may have at most {} bytes. Send JSON.",
                limits::FORM_VALUE_BYTES_MAX
            )));
        }
        if name == JSON_PAYLOAD {
            self.payloads.push(text);
            return Ok(());
        }
        match (self.fields.entry(name), self.texts) {
            (Entry::Vacant(entry), Texts::AsSent) => {
                entry.insert(Value::String(text));
            }
            (Entry::Vacant(entry), Texts::Inferred) => {
                entry.insert(infer(text));
            }
            (Entry::Occupied(_), Texts::AsSent) => {}
            (Entry::Occupied(mut entry), Texts::Inferred) => match entry.get_mut() {
                Value::Array(values) => values.push(infer(text)),
                single => *single = Value::Array(vec![single.take(), infer(text)]),
            },
        }
        Ok(())
    }

    /// The fields, with all payloads merged into them in their order.
    ///
    /// `None` if a payload is no JSON object, or holds another kind of value for a name than was sent
    /// before.
    pub(crate) fn into_object(self) -> Option<Object> {
        let mut fields = self.fields;
        for payload in self.payloads {
            merge(&mut fields, json::object(payload.as_bytes())?)?;
        }
        Some(fields)
    }
}

/// Objects are merged name by name; anything else replaces what is of its kind or null.
fn merge(target: &mut Object, source: Object) -> Option<()> {
    for (name, new) in source {
        match target.entry(name) {
            Entry::Vacant(entry) => {
                entry.insert(new);
            }
            Entry::Occupied(mut entry) => match (entry.get_mut(), new) {
                (Value::Object(old), Value::Object(new)) => merge(old, new)?,
                (old, new) if old.is_null() || new.is_null() || same_kind(old, &new) => *old = new,
                _ => return None,
            },
        }
    }
    Some(())
}

fn same_kind(left: &Value, right: &Value) -> bool {
    std::mem::discriminant(left) == std::mem::discriminant(right)
}

/// A number only if it is written as we would write it, so that `007` and `1.0` stay as they are.
fn infer(text: String) -> Value {
    match text.as_str() {
        "true" => return Value::Bool(true),
        "false" => return Value::Bool(false),
        _ => {}
    }
    let may_be_number = text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'-' | b'.'));
    let number = may_be_number.then(|| text.parse::<f64>().ok().filter(|number| number.to_string() == text));
    match number.flatten() {
        Some(number) if number.fract() == 0.0 && text.parse::<i64>().is_ok() && text != "-0" => {
            Value::from(number as i64)
        }
        Some(number) => Value::from(number),
        None => Value::String(text),
    }
}

/// `+` is a space, `%XX` a byte. `None` if that is broken, not UTF-8, or a bare `;`.
fn decode(bytes: &[u8]) -> Option<String> {
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut rest = bytes.iter();
    while let Some(byte) = rest.next() {
        decoded.push(match byte {
            b'+' => b' ',
            b';' => return None,
            b'%' => {
                let digit = |byte: &u8| char::from(*byte).to_digit(16);
                (digit(rest.next()?)? * 16 + digit(rest.next()?)?) as u8
            }
            byte => *byte,
        });
    }
    String::from_utf8(decoded).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn form(pairs: &[(&str, &str)], texts: Texts) -> Option<Value> {
        let mut form = Form::new(texts);
        for (name, text) in pairs {
            form.add((*name).to_owned(), (*text).to_owned()).unwrap();
        }
        form.into_object().map(Value::Object)
    }

    #[test]
    fn booleans_and_plain_numbers_are_inferred_and_nothing_else() {
        for (text, expected) in [
            ("true", json!(true)),
            ("false", json!(false)),
            ("0", json!(0)),
            ("-1", json!(-1)),
            ("1.5", json!(1.5)),
            ("-0", json!(-0.0)),
            ("0.0000001", json!(1e-7)),
            ("9007199254740992", json!(9_007_199_254_740_992_u64)),
            ("1000000000000000000000", json!(1e21)),
        ] {
            assert_eq!(infer(text.to_owned()), expected, "{text}");
        }
        let texts = [
            "",
            "null",
            "True",
            "+1",
            "1.0",
            "1.50",
            "01",
            ".5",
            "5.",
            "1e3",
            "-",
            ".",
            "--1",
            "1.2.3",
            " 1",
            "1_000",
            "12345678901234567890",
            "9007199254740993",
            "Inf",
            "NaN",
            "[1]",
            "{\"a\":1}",
            "\"q\"",
            "٣",
        ];
        for text in texts {
            assert_eq!(infer(text.to_owned()), json!(text));
        }
    }

    #[test]
    fn a_repeated_name_is_a_list_of_inferred_values() {
        let pairs = [("a", "x"), ("b", "1"), ("a", "2"), ("a", "true")];
        assert_eq!(form(&pairs, Texts::Inferred), Some(json!({"a": ["x", 2, true], "b": 1})));
        assert_eq!(form(&pairs, Texts::AsSent), Some(json!({"a": "x", "b": "1"})));
    }

    #[test]
    fn payloads_are_merged_over_the_texts_in_their_order() {
        let check = |payloads: [&str; 2], expected: Option<Value>| {
            let pairs = [("@jsonPayload", payloads[0]), ("x", "text"), ("@jsonPayload", payloads[1])];
            assert_eq!(form(&pairs, Texts::Inferred), expected, "{payloads:?}");
        };
        check([r#"{"x":"p"}"#, r#"{"y":1}"#], Some(json!({"x": "p", "y": 1})));
        check(
            [r#"{"y":{"a":{"b":1},"l":[1]}}"#, r#"{"y":{"a":{"c":1},"l":[2]}}"#],
            Some(json!({"x": "text", "y": {"a": {"b": 1, "c": 1}, "l": [2]}})),
        );
        check([r#"{"y":{"a":1}}"#, r#"{"y":null}"#], Some(json!({"x": "text", "y": null})));
        check(["null", "{}"], Some(json!({"x": "text"})));
        check([r#"{"y":1}"#, r#"{"y":{}}"#], None);
        check([r#"{"x":1}"#, "{}"], None);
        check(["{", "{}"], None);
        check(["{}", "[1]"], None);
        check([r#"{"y":1,"y":1}"#, "{}"], None);
    }

    #[test]
    fn broken_urlencoded_forms_are_refused() {
        let read = |text: &[u8]| Form::from_urlencoded(text, Texts::Inferred).map(|form| form.into_object());
        assert_eq!(
            read(b"x&y=a+b%20c&&z=1=2").unwrap(),
            json!({"x": "", "y": "a b c", "z": "1=2"}).as_object().cloned()
        );
        for text in [b"x=%zz".as_slice(), b"x=%", b"x=1;y=2", b"x=%4", b"x=\xff", b"x=%ff", b"%ff=x"] {
            assert_eq!(read(text).map(|_| ()).unwrap_err().status(), 400);
        }
    }

    #[test]
    fn forms_have_limits() {
        let add = |count: usize, name: usize, text: usize| {
            let mut form = Form::new(Texts::Inferred);
            (0..count).try_for_each(|_| form.add("n".repeat(name), "t".repeat(text)))
        };
        assert!(add(limits::FORM_VALUES_MAX, 1, 1).is_ok());
        assert!(add(1, limits::FORM_NAME_BYTES_MAX, limits::FORM_VALUE_BYTES_MAX).is_ok());
        let status = |result: Result<()>| result.unwrap_err().status();
        assert_eq!(status(add(limits::FORM_VALUES_MAX + 1, 1, 1)), 400);
        assert_eq!(status(add(1, limits::FORM_NAME_BYTES_MAX + 1, 1)), 400);
        assert_eq!(status(add(1, 1, limits::FORM_VALUE_BYTES_MAX + 1)), 413);
    }
}
