//! A message in the form that mail servers pass on.

use backspin_core::{Env, Error, Result, id};
use backspin_mail::Message;
use backspin_settings::Meta;
use mail_builder::MessageBuilder;

/// The message as RFC 5322 has it, from the sender of the settings, as plain text and as HTML.
pub(crate) fn to_bytes(message: &Message, meta: &Meta, env: &impl Env) -> Result<Vec<u8>> {
    let domain = meta.sender_address.rsplit_once('@').map_or("localhost", |(_, domain)| domain);
    let mail = MessageBuilder::new()
        .from((one_line(&meta.sender_name), meta.sender_address.clone()))
        .to(message.to())
        .subject(message.subject())
        .date(env.now().unix_seconds())
        .message_id(format!("{}@{domain}", id::record_id(env)))
        .text_body(plain(message.html()))
        .html_body(message.html());
    mail.write_to_vec().map_err(|error| Error::Internal(error.into()))
}

fn one_line(text: &str) -> String {
    let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    line.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What of the page is to be read, with the targets of links beside their texts.
fn plain(html: &str) -> String {
    let mut text = String::new();
    let mut target = None;
    let mut rest = body(html);
    while let Some((before, after)) = rest.split_once('<') {
        text.push_str(before);
        let (tag, after) = after.split_once('>').unwrap_or((after, ""));
        let name = tag.split([' ', '/', '\n']).find(|name| !name.is_empty()).unwrap_or_default();
        match (name, tag.starts_with('/')) {
            ("a", false) => target = tag.split("href=\"").nth(1).and_then(|rest| rest.split('"').next()),
            ("a", true) => text.extend(target.take().map(|target| format!(" ({target})"))),
            ("br", _) | ("p" | "div" | "h1" | "h2" | "h3" | "li" | "tr", true) => text.push('\n'),
            _ => {}
        }
        rest = after;
    }
    text.push_str(rest);
    let lines: Vec<String> =
        text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    let mut plain = String::new();
    for line in lines.iter().filter(|line| !line.is_empty()) {
        plain.push_str(&unescape(line));
        plain.push('\n');
    }
    plain
}

fn body(html: &str) -> &str {
    let from = html.find("<body").map_or(html, |start| &html[start..]);
    from.split("</body>").next().unwrap_or(from)
}

fn unescape(text: &str) -> String {
    let named =
        [("&lt;", "<"), ("&gt;", ">"), ("&#34;", "\""), ("&quot;", "\""), ("&#39;", "'"), ("&nbsp;", " ")];
    let text = named.iter().fold(text.to_owned(), |text, (name, c)| text.replace(name, c));
    text.replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_is_that_of_the_body_with_its_links() {
        let html = "<html><head><style>a{}</style></head><body class=\"x\">\n<p>Hello &lt;you&gt;,</p>\n\n\
                    <p>a  b<br/>c <a class=\"btn\" href=\"http://x/?a=1&amp;b\">Go</a></p></body></html>";
        assert_eq!(plain(html), "Hello <you>,\na b\nc Go (http://x/?a=1&b)\n");
        assert_eq!(plain("a < b <p"), "a\n");
    }
}
