//! A mail API: one HTTP request for each message, whose JSON the settings lay out.

use backspin_core::{Outbound, OutboundReply, OutboundRequest, Result};
use backspin_mail::{Message, fill};
use backspin_secrets::SecretKey;
use backspin_settings::{MailApi, Meta, Settings};
use backspin_smtp::SendError;
use http::{HeaderName, HeaderValue, Method, StatusCode, header};
use serde_json::{Map, Value as Json};

/// Replies are short; more than this is not read.
const REPLY_BYTES_MAX: usize = 1 << 20;
/// What of a refusal is kept for superusers to read.
const EXCERPT_CHARS_MAX: usize = 200;

/// The API of the settings, and who sends.
#[derive(Clone, Debug)]
pub(crate) struct Api<'a> {
    api: MailApi,
    meta: &'a Meta,
}

impl<'a> Api<'a> {
    /// Errors: 500 if a header was sealed with another key.
    pub(crate) fn of(settings: &'a Settings, key: &SecretKey) -> Result<Self> {
        Ok(Api { api: settings.mail_api.opened(key)?, meta: &settings.meta })
    }

    /// Hands over one message. Each status from 200 to 299 means that it was taken.
    ///
    /// Errors: 400, 413 and 422 are about the message and final; with any other status it may be tried again.
    pub(crate) async fn send(&self, outbound: &impl Outbound, message: &Message) -> Result<(), SendError> {
        let reply = outbound.send(self.request(message)?, REPLY_BYTES_MAX).await?;
        if reply.status().is_success() {
            return Ok(());
        }
        let told = format!("the mail API answered {}", told(&reply, message));
        Err(match reply.status() {
            StatusCode::BAD_REQUEST | StatusCode::PAYLOAD_TOO_LARGE | StatusCode::UNPROCESSABLE_ENTITY => {
                SendError::Refused(told)
            }
            _ => SendError::Unwilling(told),
        })
    }

    fn request(&self, message: &Message) -> Result<OutboundRequest, SendError> {
        let invalid =
            |error: http::Error| SendError::Unwilling(format!("the settings of the mail API: {error}"));
        let body = serde_json::to_vec(&self.body(message));
        let body = body.map_err(|error| SendError::Unwilling(error.to_string()))?;
        let method = Method::from_bytes(self.api.method.as_bytes()).map_err(|error| invalid(error.into()))?;
        let mut request = OutboundRequest::new(body);
        *request.method_mut() = method;
        *request.uri_mut() =
            self.api.url.parse().map_err(|error: http::uri::InvalidUri| invalid(error.into()))?;
        let headers = request.headers_mut();
        for name in [header::CONTENT_TYPE, header::ACCEPT] {
            headers.insert(name, HeaderValue::from_static("application/json"));
        }
        for header in &self.api.headers {
            let name =
                HeaderName::from_bytes(header.name.as_bytes()).map_err(|error| invalid(error.into()))?;
            let mut value = HeaderValue::from_str(&header.value).map_err(|error| invalid(error.into()))?;
            value.set_sensitive(true);
            headers.insert(name, value);
        }
        Ok(request)
    }

    /// The body of the settings with the message in its texts. What is put in stays within its text, whatever it is,
    /// for the JSON is written after that.
    fn body(&self, message: &Message) -> Json {
        let text = message.text();
        let sender: String =
            self.meta.sender_name.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        let sender = sender.trim();
        let value = |name: &str| {
            Some(match name {
                "FROM" => mailbox(sender, &self.meta.sender_address),
                "FROM_NAME" => sender.to_owned(),
                "FROM_ADDRESS" => self.meta.sender_address.clone(),
                "TO" => message.to().to_owned(),
                "SUBJECT" => message.subject().to_owned(),
                "HTML" => message.html().to_owned(),
                "TEXT" => text.clone(),
                _ => return None,
            })
        };
        filled(&self.api.body, &value)
    }
}

/// As one writes a sender who has no comma in the name. `{FROM}` means the same for any name.
const UNQUOTED_FROM: &str = "{FROM_NAME} <{FROM_ADDRESS}>";

fn filled(template: &Json, value: &impl Fn(&str) -> Option<String>) -> Json {
    match template {
        Json::String(text) => fill(&text.replace(UNQUOTED_FROM, "{FROM}"), value).into(),
        Json::Array(items) => items.iter().map(|item| filled(item, value)).collect(),
        Json::Object(object) => {
            let object = object.iter().map(|(key, item)| (key.clone(), filled(item, value)));
            Json::Object(object.collect::<Map<_, _>>())
        }
        other => other.clone(),
    }
}

/// Name and address as RFC 5322 has them in one text, the name in quotes where it needs them.
fn mailbox(name: &str, address: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || " !#$%&'*+-/=?^_`{|}~".contains(c);
    if name.is_empty() {
        address.to_owned()
    } else if name.chars().all(is_plain) {
        format!("{name} <{address}>")
    } else {
        format!("\"{}\" <{address}>", name.replace('\\', r"\\").replace('"', "\\\""))
    }
}

/// The status, and the beginning of what the API says, in one line and without the recipient's address.
fn told(reply: &OutboundReply, message: &Message) -> String {
    let said = String::from_utf8_lossy(reply.body()).replace(message.to(), "…");
    let words: Vec<&str> =
        said.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty()).collect();
    let said: String = words.join(" ").chars().take(EXCERPT_CHARS_MAX).collect();
    format!("{} {said}", reply.status().as_u16()).trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn of(settings: &Settings) -> Api<'_> {
        Api::of(settings, &SecretKey::default()).unwrap()
    }

    #[test]
    fn what_is_put_in_cannot_leave_its_text() {
        let mut settings = Settings::default();
        settings.meta.sender_name = "Shop \"{TO}\"\r\nBcc: x".to_owned();
        settings.mail_api.body = json!({
            "from": "{FROM_NAME} <{FROM_ADDRESS}>",
            "to": [{"email": "{TO}"}],
            "{TO}": 1,
            "subject": "{SUBJECT} {OTHER}",
            "text": "{TEXT}",
            "track": false,
        });
        let subject = "a\", \"admin\": true, \"b\": \"{TO}";
        let message = Message::new("a@b.co", subject, "<p>{SUBJECT}\u{2028}</p>").unwrap();
        let api = of(&settings);
        let expected = json!({
            "from": r#""Shop \"{TO}\"  Bcc: x" <support@example.com>"#,
            "to": [{"email": "a@b.co"}],
            "{TO}": 1,
            "subject": format!("{subject} {{OTHER}}"),
            "text": "{SUBJECT}\n",
            "track": false,
        });
        assert_eq!(api.body(&message), expected);
        settings.mail_api.url = "https://mail.example.com/send".to_owned();
        let request = of(&settings).request(&message).unwrap();
        assert_eq!(serde_json::from_slice::<Json>(request.body()).unwrap(), expected);
    }

    #[test]
    fn a_sender_is_one_address_whatever_the_name() {
        for (name, expected) in [
            ("Zoë's shop", "Zoë's shop <a@b.co>"),
            ("Acme, Inc.", r#""Acme, Inc." <a@b.co>"#),
            (r#"Evil <x@y.co>, "q\""#, r#""Evil <x@y.co>, \"q\\\"" <a@b.co>"#),
            ("", "a@b.co"),
        ] {
            assert_eq!(mailbox(name, "a@b.co"), expected);
        }
    }
}
