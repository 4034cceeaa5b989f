//! One mail, with nothing in it that could be taken for more than it is.

use backspin_core::{Error, Result};

use crate::expiry::Expiry;
use crate::plain_text;

/// A mail to one person. Who sends it is among the settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    to: String,
    subject: String,
    html: String,
    expiry: Option<Expiry>,
}

impl Message {
    /// An address, in bytes: what SMTP allows.
    pub const ADDRESS_BYTES_MAX: usize = 254;
    /// A longer subject is cut.
    pub const SUBJECT_CHARS_MAX: usize = 250;
    /// The body, in bytes. A longer one is cut.
    pub const HTML_BYTES_MAX: usize = 1 << 20;

    /// A mail to the address `to` with a subject of plain text and a body of HTML. Line breaks and other control
    /// characters of the subject become spaces.
    ///
    /// Errors: 400 if `to` is no address. The length is none: who may have a mail would show by it.
    pub fn new(to: &str, subject: &str, html: impl Into<String>) -> Result<Self> {
        let mut html = html.into();
        if !is_address(to) {
            return Err(Error::bad_request("Mail can only be sent to a valid email address."));
        }
        html.truncate(html.floor_char_boundary(Self::HTML_BYTES_MAX));
        Ok(Message { to: to.to_owned(), subject: one_line(subject), html, expiry: None })
    }

    /// The same, of no use to anybody after `expiry`.
    pub(crate) fn with_expiry(self, expiry: Option<Expiry>) -> Self {
        Message { expiry, ..self }
    }

    pub(crate) fn expiry(&self) -> Option<Expiry> {
        self.expiry
    }

    pub fn to(&self) -> &str {
        &self.to
    }

    pub fn subject(&self) -> &str {
        &self.subject
    }

    pub fn html(&self) -> &str {
        &self.html
    }

    /// The body as plain text, the targets of links beside their texts.
    pub fn text(&self) -> String {
        plain_text::plain(&self.html)
    }
}

/// Whether the text is one address that needs no quotes: anything that could end it, or begin another line, is not.
fn is_address(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else { return false };
    let plain = |part: &str| {
        !part.is_empty()
            && !part.chars().any(|c| c.is_whitespace() || c.is_control() || "<>()[]\",;:\\@".contains(c))
    };
    text.len() <= Message::ADDRESS_BYTES_MAX && plain(local) && plain(domain)
}

/// `text` without control characters, white space in single spaces, cut to what a subject holds.
fn one_line(text: &str) -> String {
    let words = text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty());
    let line = words.collect::<Vec<_>>().join(" ");
    line.chars().take(Message::SUBJECT_CHARS_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_cannot_hold_another_or_a_line_break() {
        for address in ["a@b.co", "ö+x@exämple.com", "a.b'c@sub.example.com"] {
            assert!(Message::new(address, "", "").is_ok(), "{address}");
        }
        let long = format!("{}@b.co", "a".repeat(250));
        for address in [
            "",
            "a",
            "@b.co",
            "a@",
            "a@b.co,c@d.co",
            "a b@c.co",
            "a@b.co\r\nRCPT TO:<x@y.co>",
            "<a@b.co>",
            "a@b@c",
            &long,
        ] {
            assert!(Message::new(address, "", "").is_err(), "{address}");
        }
    }

    #[test]
    fn a_subject_is_one_line() {
        let message = Message::new("a@b.co", "Hello\r\nBcc: x@y.co \u{0}\t you", "").unwrap();
        assert_eq!(message.subject(), "Hello Bcc: x@y.co you");
        let message = Message::new("a@b.co", &"ü".repeat(1000), "").unwrap();
        assert_eq!(message.subject().chars().count(), Message::SUBJECT_CHARS_MAX);
    }

    #[test]
    fn a_body_without_end_is_cut() {
        let message =
            Message::new("a@b.co", "", format!("x{}", "ü".repeat(Message::HTML_BYTES_MAX))).unwrap();
        assert_eq!(message.html().len(), Message::HTML_BYTES_MAX - 1);
    }
}
