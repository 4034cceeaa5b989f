//! The body of a request: JSON, or a form whose texts are read as JSON.

use backspin_core::{Error, Result};
use bytes::Bytes;

use crate::form::{Form, Texts};
use crate::json::{self, Object};
use crate::multipart;

/// What a body holds, whatever its type.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Body {
    pub fields: Object,
    /// In the order in which they were sent.
    pub files: Vec<Upload>,
}

/// A file of a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upload {
    /// The name of the form's field.
    pub field: String,
    /// As the client calls it: any text, and never a path to trust.
    pub file_name: String,
    /// As the client says.
    pub media_type: Option<String>,
    pub bytes: Bytes,
}

impl Body {
    /// Reads a body of the type that the header `Content-Type` names.
    ///
    /// Errors: 400 with `message` if it cannot be read; 400 and 413 for a form beyond its limits; 400 for
    /// another type.
    pub(crate) fn read(content_type: &str, bytes: &Bytes, texts: Texts, message: &str) -> Result<Self> {
        let unreadable = || Error::bad_request(message);
        let media_type = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        if bytes.is_empty() {
            // Even a form without parts has an end.
            return match media_type.as_str() {
                "multipart/form-data" => Err(Error::bad_request("Failed to read the submitted data.")),
                _ => Ok(Body::default()),
            };
        }
        match media_type.as_str() {
            "multipart/form-data" => {
                let parts = multipart::read(content_type, bytes.clone())?.ok_or_else(unreadable)?;
                let mut form = Form::new(texts);
                let mut files = Vec::new();
                for part in parts {
                    match part {
                        multipart::Part::Text { name, text } => form.add(name, text)?,
                        multipart::Part::File(upload) => files.push(upload),
                    }
                }
                Ok(Body { fields: form.into_object().ok_or_else(unreadable)?, files })
            }
            "application/x-www-form-urlencoded" => {
                let form = Form::from_urlencoded(bytes, texts)?;
                Ok(Body { fields: form.into_object().ok_or_else(unreadable)?, files: Vec::new() })
            }
            // `application/json-patch+json` too, as in PocketBase.
            json if json.starts_with("application/json") => {
                Ok(Body { fields: json::object(bytes).ok_or_else(unreadable)?, files: Vec::new() })
            }
            _ => Err(Error::bad_request("Unsupported Content-Type.")),
        }
    }

    /// The fields of a body that may have no files.
    ///
    /// Errors: 501 if there are files, for this version has no place for them, and to drop them would lose
    /// what the client counts on.
    pub fn into_fields(self) -> Result<Object> {
        match self.files.first() {
            None => Ok(self.fields),
            Some(file) => Err(Error::Unsupported(format!(
                "This version cannot store files yet: send the form without the file in \"{}\".",
                file.field
            ))),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn read(content_type: &str, body: &str) -> Result<Body> {
        Body::read(content_type, &Bytes::copy_from_slice(body.as_bytes()), Texts::Inferred, "no")
    }

    #[track_caller]
    fn check(content_type: &str, body: &str, expected: Value) {
        assert_eq!(read(content_type, body).map(|body| Value::Object(body.fields)).ok(), Some(expected));
    }

    #[test]
    fn the_type_decides_how_a_body_is_read() {
        check("application/json; charset=utf-8", r#"{"a":"1"}"#, json!({"a": "1"}));
        check("Application/JSON", "null", json!({}));
        check("application/x-www-form-urlencoded", "a=1&b=x+%C3%BC&b=", json!({"a": 1, "b": ["x ü", ""]}));
        let parts = "--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\ntrue\r\n--x--\r\n";
        check("multipart/form-data; boundary=x", parts, json!({"a": true}));
        check("text/plain", "", json!({}));
    }

    #[test]
    fn a_body_that_is_not_what_it_says_is_a_400() {
        for (content_type, body) in [
            ("application/json", "{"),
            ("multipart/form-data", "x"),
            ("multipart/form-data; boundary=x", "--x"),
            ("application/x-www-form-urlencoded", "@jsonPayload={"),
        ] {
            let error = read(content_type, body).map(|_| ()).unwrap_err();
            assert_eq!((error.status(), error.to_string().as_str()), (400, "no"), "{content_type}");
        }
        assert_eq!(
            read("multipart/form-data; boundary=x", "").unwrap_err().to_string(),
            "Failed to read the submitted data."
        );
        for content_type in ["", "text/plain", "multipart/mixed; boundary=x", "application/xml"] {
            let error = read(content_type, "a=1").map(|_| ()).unwrap_err();
            assert_eq!(error.to_string(), "Unsupported Content-Type.");
        }
    }

    #[test]
    fn a_file_is_read_and_refused_where_none_may_be() {
        let body = "--x\r\nContent-Disposition: form-data; name=\"doc\"; filename=\"../a.txt\"\r\n\
                    Content-Type: text/plain\r\n\r\nhello\r\n--x--";
        let body = read("multipart/form-data; boundary=x", body).unwrap();
        let upload = Upload {
            field: "doc".into(),
            file_name: "../a.txt".into(),
            media_type: Some("text/plain".into()),
            bytes: Bytes::from_static(b"hello"),
        };
        assert_eq!(body.files, [upload]);
        assert_eq!(body.into_fields().unwrap_err().status(), 501);
    }
}
