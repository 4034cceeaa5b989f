//! From the template of a collection to a message.

use backspin_core::{Result, Value};
use backspin_schema::collection::EmailTemplate;
use backspin_schema::{AuthRecord, Collection};
use backspin_settings::Settings;

use crate::Message;
use crate::expiry::Expiry;

/// Of each value that is filled in, in bytes: more than people read. What is longer is cut, so that no account makes a
/// mail that cannot be sent.
const VALUE_BYTES_MAX: usize = 4 << 10;

/// What the placeholders of a template stand for, beside the application's name and URL. A placeholder whose value is
/// `None` stays as it is written.
#[derive(Clone, Copy, Debug, Default)]
pub struct Values<'a> {
    /// `{TOKEN}`
    pub token: Option<&'a str>,
    /// `{OTP}`
    pub otp: Option<&'a str>,
    /// `{OTP_ID}`
    pub otp_id: Option<&'a str>,
    /// `{ALERT_INFO}`: plain text.
    pub alert_info: Option<&'a str>,
    /// `{RECORD:field}`: any field that is not hidden.
    pub record: Option<(&'a Collection, &'a AuthRecord)>,
}

/// The mail that `template` makes for the address `to`. Values are escaped in the body, and no value is searched for
/// further placeholders. `{APP_URL}` is that of the settings, without a slash at its end.
///
/// Errors: those of [`Message::new`].
pub fn render(
    template: &EmailTemplate,
    to: &str,
    settings: &Settings,
    values: &Values<'_>,
) -> Result<Message> {
    let value = |name: &str| {
        let mut text = value(name, settings, values)?;
        text.truncate(text.floor_char_boundary(VALUE_BYTES_MAX));
        Some(text)
    };
    let subject = fill(&template.subject, value);
    let body = fill(&template.body, |name| value(name).map(|text| escape(&text)));
    Ok(Message::new(to, &subject, document(&body))?.with_expiry(Expiry::of(values)))
}

fn value(name: &str, settings: &Settings, values: &Values<'_>) -> Option<String> {
    match name {
        "APP_NAME" => Some(settings.meta.app_name.clone()),
        "APP_URL" => Some(settings.meta.app_url.trim_end_matches('/').to_owned()),
        "TOKEN" => values.token.map(str::to_owned),
        "OTP" => values.otp.map(str::to_owned),
        "OTP_ID" => values.otp_id.map(str::to_owned),
        "ALERT_INFO" => values.alert_info.map(str::to_owned),
        _ => {
            let (collection, record) = values.record?;
            let field = collection.find_field(name.strip_prefix("RECORD:")?)?;
            if field.hidden {
                return None;
            }
            Some(match record.get(&field.name)? {
                Value::Text(text) => text.clone(),
                Value::Real(real) => real.to_string(),
                Value::Integer(integer) if field.type_name() == "bool" => (*integer != 0).to_string(),
                Value::Integer(integer) => integer.to_string(),
                Value::Null | Value::Blob(_) => String::new(),
            })
        }
    }
}

/// `text` with each `{NAME}` replaced for which there is a value. Values are not searched for further ones.
pub fn fill(text: &str, value: impl Fn(&str) -> Option<String>) -> String {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let found = after.split_once('}').and_then(|(name, after)| Some((value(name)?, after)));
        match found {
            Some((value, after)) => {
                filled.push_str(&value);
                rest = after;
            }
            None => {
                filled.push('{');
                rest = after;
            }
        }
    }
    filled + rest
}

/// `text` for HTML, between tags or in the quotes of an attribute.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&#34;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
    }
    escaped
}

/// A page around the body, unless the template is one itself.
fn document(body: &str) -> String {
    if body.to_ascii_lowercase().contains("<html") {
        return body.to_owned();
    }
    let style = "body{font:14px/1.5 sans-serif;color:#16161a;padding:20px 30px}\
         .btn{display:inline-block;padding:10px 20px;background:#16161a;color:#fff!important;\
         text-decoration:none;font-weight:bold;border-radius:6px}";
    format!(
        "<!DOCTYPE html>\n<html>\n<head><meta charset=\"utf-8\"><style>{style}</style></head>\n\
         <body>\n{body}\n</body>\n</html>\n"
    )
}
