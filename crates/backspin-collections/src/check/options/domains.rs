//! Lists of domains that addresses must or must not have.

use backspin_core::{FieldError, FieldErrors};
use backspin_schema::field::DomainOptions;

use super::add;

const LABEL_CHARS_MAX: usize = 63;

pub(super) fn check(options: &DomainOptions, errors: &mut FieldErrors) {
    let both = !options.only_domains.is_empty() && !options.except_domains.is_empty();
    for (part, domains) in
        [("exceptDomains", &options.except_domains), ("onlyDomains", &options.only_domains)]
    {
        let blank = FieldError::new("validation_empty", "Must be blank.");
        add(errors, part, if both { Err(blank) } else { self::domains(domains) });
    }
}

fn domains(domains: &[String]) -> Result<(), FieldError> {
    let wrong = domains.iter().enumerate().filter(|(_, domain)| !domain.is_empty() && !is_domain(domain));
    let errors: FieldErrors = wrong
        .map(|(position, _)| {
            (position.to_string(), FieldError::new("validation_is_domain", "Must be a valid domain."))
        })
        .collect();
    if errors.is_empty() { Ok(()) } else { Err(FieldError::Nested(errors)) }
}

/// At least two labels, the last of letters only.
fn is_domain(domain: &str) -> bool {
    let is_label = |label: &str| {
        (1..=LABEL_CHARS_MAX).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    domain.rsplit_once('.').is_some_and(|(rest, last)| {
        rest.split('.').all(is_label) && is_label(last) && last.bytes().all(|byte| byte.is_ascii_alphabetic())
    })
}
