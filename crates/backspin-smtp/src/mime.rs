//! A message in the form that mail servers pass on.

use backspin_core::{Env, Error, Result, id};
use backspin_mail::Message;
use backspin_settings::Meta;
use mail_builder::MessageBuilder;

/// The message as RFC 5322 has it, from the sender of the settings, as plain text and as HTML.
pub fn to_bytes(message: &Message, meta: &Meta, env: &impl Env) -> Result<Vec<u8>> {
    let domain = meta.sender_address.rsplit_once('@').map_or("localhost", |(_, domain)| domain);
    let mail = MessageBuilder::new()
        .from((one_line(&meta.sender_name), meta.sender_address.clone()))
        .to(message.to())
        .subject(message.subject())
        .date(env.now().unix_seconds())
        .message_id(format!("{}@{domain}", id::record_id(env)))
        .text_body(message.text())
        .html_body(message.html());
    mail.write_to_vec().map_err(|error| Error::Internal(error.into()))
}

fn one_line(text: &str) -> String {
    let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    line.split_whitespace().collect::<Vec<_>>().join(" ")
}
