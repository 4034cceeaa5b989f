//! A reply, and what a test says about it.

use expect_test::Expect;
use serde_json::Value;
use ureq::Body;
use ureq::http::{HeaderMap, Method, Response};

use crate::redact::redacted;

const BODY_BYTES_MAX: u64 = 256 << 20;

/// A whole reply.
pub struct Reply {
    /// Method and path, for messages.
    asked: String,
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
}

impl Reply {
    pub(crate) fn read(method: &Method, path: &str, reply: Response<Body>) -> Result<Self, ureq::Error> {
        let asked = format!("{method} {path}");
        let (parts, mut body) = reply.into_parts();
        let status = parts.status.as_u16();
        // On stock Spin a reply without its length waits for the other side's delayed acknowledgement.
        assert!(
            status == 204 || parts.headers.contains_key("content-length"),
            "{asked}: a buffered reply carries its content-length; this has {:?}",
            parts.headers
        );
        let text = body.with_config().limit(BODY_BYTES_MAX).read_to_string()?;
        Ok(Self { asked, status, headers: parts.headers, text })
    }

    /// The body as JSON; null if it is empty.
    ///
    /// # Panics
    /// When it is something else.
    pub fn json(&self) -> Value {
        if self.text.is_empty() {
            return Value::Null;
        }
        serde_json::from_str(&self.text)
            .unwrap_or_else(|fault| panic!("{}: {fault} in {}", self.asked, self.text))
    }

    /// The body of a success.
    ///
    /// # Panics
    /// When the status is not 2xx.
    pub fn ok(self) -> Value {
        assert!((200..300).contains(&self.status), "{}: {} {}", self.asked, self.status, self.text);
        self.json()
    }

    /// Compares status and body with a snapshot, without what differs from run to run.
    pub fn check(&self, expected: Expect) {
        expected.assert_eq(&format!("{} {}", self.status, redacted(self.json())));
    }

    /// Checks that it is an error of this status in PocketBase's envelope, and returns the codes of the fields at
    /// fault as `field: code`, sorted.
    ///
    /// # Panics
    /// When it is anything else.
    pub fn refused_with(&self, status: u16) -> Vec<String> {
        assert_eq!(self.status, status, "{}: {}", self.asked, self.text);
        let envelope = self.json();
        assert_eq!(envelope["status"], status, "{}: {envelope}", self.asked);
        assert!(
            envelope["message"].as_str().is_some_and(|message| !message.is_empty()),
            "{}: {envelope}",
            self.asked
        );
        let data =
            envelope["data"].as_object().unwrap_or_else(|| panic!("{}: `data` in {envelope}", self.asked));
        let code = |fault: &Value| fault["code"].as_str().unwrap_or("?").to_owned();
        let mut codes =
            data.iter().map(|(field, fault)| format!("{field}: {}", code(fault))).collect::<Vec<_>>();
        codes.sort();
        codes
    }

    /// A header's value, if it is there.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
}
