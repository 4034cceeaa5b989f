//! Web addresses, with or without a scheme.

use core::net::Ipv6Addr;

use backspin_core::{FieldError, Result, Value};
use serde_json::Value as Json;

use super::{required, text};
use crate::Memo;
use crate::field::{DomainOptions, Field};

/// Shorter and longer texts are none.
const BYTES_MIN: usize = 4;
const CHARS_MAX: usize = 2082;

/// A scheme, a user, one kind of host, a port, and whatever follows: what PocketBase takes as an address.
const SHAPE: &str = r"(?x)^
    (?: (?: ftp | tcp | udp | wss? | https? ) :// )?
    (?: [^\t\n\f\r\ ]+ @ )?
    (?:
        (?: [1-9]\d? | 1\d\d | 2[01]\d | 22[0-3] | 24\d | 25[0-5] )
        (?: \. (?: \d{1,2} | 1\d\d | 2[0-4]\d | 25[0-5] ) ){2}
        \. (?: \d\d? | 1\d\d | 2[0-4]\d | 25[0-5] )
    |
        \[ [0-9A-Fa-f:.]+ (?: %25 [0-9A-Za-z]+ )? \]
    |
        (?:
            [0-9A-Za-z] [0-9A-Za-z_-]* [0-9A-Za-z] (?: [.-] [0-9A-Za-z]+ )*
        |
            www\.
        |
            [0-9A-Za-z]+ (?: [_.-]? [0-9A-Za-z] )* [0-9A-Za-z] \. [0-9A-Za-z]+
        )?
        (?: [0-9A-Za-z\x{a1}-\x{ffff}]+ -?-? )* [0-9A-Za-z\x{a1}-\x{ffff}]+
        (?: \. [A-Za-z\x{a1}-\x{ffff}]+ )?
    )
    \.? (?: : \d{1,5} )? (?: [/?\#] [^\t\n\f\r\ ]* )?
$";

pub(super) fn to_stored(
    memo: &Memo,
    field: &Field,
    options: &DomainOptions,
    input: &Json,
) -> Result<Result<Value, FieldError>> {
    let url = text::to_text(input);
    if url.is_empty() {
        return Ok(if field.required { Err(required()) } else { Ok(Value::Text(url)) });
    }
    let sized = url.len() >= BYTES_MIN && url.chars().count() <= CHARS_MAX;
    if !sized || !parses(&url) || !text::matches(memo, SHAPE, &url)? {
        return Ok(Err(FieldError::new("validation_invalid_url", "Must be a valid url.")));
    }
    if !options.allow(host(&url)) {
        let message = "Url domain is not allowed.";
        return Ok(Err(FieldError::new("validation_url_domain_not_allowed", message)));
    }
    Ok(Ok(Value::Text(url)))
}

/// The host with its port as written; empty without `//`, for then all is a path.
fn host(url: &str) -> &str {
    let after_scheme = match url.split_once(':') {
        Some((scheme, rest)) if is_scheme(scheme) => rest,
        _ => url,
    };
    let authority = authority(after_scheme.strip_prefix("//").unwrap_or_default());
    authority.rsplit_once('@').map_or(authority, |(_, host)| host)
}

fn is_scheme(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
}

fn authority(text: &str) -> &str {
    text.split(['/', '?', '#']).next().unwrap_or_default()
}

/// What a shape cannot tell: escapes, the characters of each part, and numbers.
fn parses(url: &str) -> bool {
    // A colon without a scheme is that of a port.
    let with_scheme = match url.contains(':') && !url.contains("://") {
        true => format!("http://{url}"),
        false => url.to_owned(),
    };
    let (rest, fragment) = with_scheme.split_once('#').unwrap_or((&with_scheme, ""));
    let (rest, _query) = rest.split_once('?').unwrap_or((rest, ""));
    if with_scheme[..with_scheme.len() - fragment.len()].bytes().any(|byte| byte < 0x20 || byte == 0x7f)
        || !has_sound_escapes(rest)
        || !has_sound_escapes(fragment)
    {
        return false;
    }
    let rest = match rest.split_once(':') {
        Some((scheme, rest)) if is_scheme(scheme) => rest,
        Some((before, _)) if !before.contains('/') => return false,
        _ => rest,
    };
    match rest.strip_prefix("//").map(authority) {
        None | Some("") => rest.contains('.'),
        Some(authority) => is_authority(authority),
    }
}

fn is_authority(authority: &str) -> bool {
    let (user, host) = authority.rsplit_once('@').unwrap_or(("", authority));
    let user_is_sound =
        user.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._:~!$&'()*+,;=%@".contains(&byte));
    let (name, port) = match host.strip_prefix('[') {
        Some(rest) => match rest.split_once(']') {
            Some((address, port)) if is_ipv6(address) => ("", port),
            _ => return false,
        },
        None => host.split_at(host.rfind(':').unwrap_or(host.len())),
    };
    let port_is_sound = port.is_empty()
        || port.strip_prefix(':').is_some_and(|port| port.bytes().all(|byte| byte.is_ascii_digit()));
    let name_is_sound = !name.starts_with('.') && !name.contains(['\\', '^', '{', '|', '}', '`', '%']);
    user_is_sound && port_is_sound && name_is_sound
}

fn is_ipv6(text: &str) -> bool {
    text.split('%').next().is_some_and(|address| address.parse::<Ipv6Addr>().is_ok())
}

/// Each `%` has two hexadecimal digits after it.
fn has_sound_escapes(text: &str) -> bool {
    text.split('%').skip(1).all(|escape| {
        escape.len() >= 2 && escape.as_bytes()[..2].iter().all(|digit| digit.is_ascii_hexdigit())
    })
}
