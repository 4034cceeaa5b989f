//! Email addresses: only their shape is checked, a message is the only proof that one exists.

use backspin_core::{FieldError, Value};
use serde_json::Value as Json;

use super::{required, text};
use crate::field::{DomainOptions, Field};

pub(super) fn to_stored(field: &Field, options: &DomainOptions, input: &Json) -> Result<Value, FieldError> {
    let email = text::to_text(input);
    if email.is_empty() {
        return if field.required { Err(required()) } else { Ok(Value::Text(email)) };
    }
    let Some(domain) = domain(&email) else {
        return Err(FieldError::new("validation_is_email", "Must be a valid email address."));
    };
    if !options.allow(domain) {
        let message = "Email domain is not allowed.";
        return Err(FieldError::new("validation_email_domain_not_allowed", message));
    }
    Ok(Value::Text(email))
}

/// What follows the `@` of an address that PocketBase takes.
fn domain(email: &str) -> Option<&str> {
    let (local, domain) = email.rsplit_once('@')?;
    let local_is_sound = local.split('.').all(|atom| !atom.is_empty() && atom.chars().all(is_atom));
    (local_is_sound && is_domain(domain.strip_suffix('.').unwrap_or(domain))).then_some(domain)
}

/// At least one label and, after a point, a last one that begins and ends with a letter.
fn is_domain(domain: &str) -> bool {
    let joins = |(at, _): (usize, &str)| {
        domain[..at].ends_with(is_alphanumeric) && domain[at + 1..].starts_with(is_letter)
    };
    domain.chars().all(|c| is_alphanumeric(c) || matches!(c, '-' | '.' | '_' | '~'))
        && domain.starts_with(is_alphanumeric)
        && domain.ends_with(is_letter)
        && domain.match_indices('.').any(joins)
}

fn is_atom(c: char) -> bool {
    is_alphanumeric(c) || "!#$%&'*+-/=?^_`{|}~".contains(c)
}

fn is_alphanumeric(c: char) -> bool {
    c.is_ascii_digit() || is_letter(c)
}

/// Of ASCII, or anything of the Basic Multilingual Plane beyond it that is for use in names.
fn is_letter(c: char) -> bool {
    c.is_ascii_alphabetic()
        || matches!(c, '\u{a0}'..='\u{d7ff}' | '\u{f900}'..='\u{fdcf}' | '\u{fdf0}'..='\u{ffef}')
}
