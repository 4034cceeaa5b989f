//! The rules that say how often requests may come.

use backspin_core::{FieldError, FieldErrors};
use backspin_schema::value::required;
use serde_json::json;

use super::{add, address, at_least, not_a_choice, require, require_number};
use crate::{RateLimitRule, RateLimits};

pub(super) fn check(limits: &RateLimits) -> FieldErrors {
    let mut errors = FieldErrors::default();
    if limits.enabled && limits.rules.is_empty() {
        errors.add("rules", required());
    }
    add(&mut errors, "rules", rules(&limits.rules));
    add(&mut errors, "excludedIPs", address::networks(&limits.excluded_ips));
    errors
}

/// Whether rules conflict is looked at once each is fine by itself.
fn rules(rules: &[RateLimitRule]) -> FieldErrors {
    let mut errors = FieldErrors::default();
    for (i, rule) in rules.iter().enumerate() {
        add(&mut errors, &i.to_string(), check_rule(rule));
    }
    if !errors.is_empty() {
        return errors;
    }
    let conflict = rules.iter().enumerate().find(|(i, rule)| {
        rules[..*i].iter().any(|other| {
            let same_audience = other.audience == rule.audience;
            other.label == rule.label
                && (same_audience || other.audience.is_empty() || rule.audience.is_empty())
        })
    });
    if let Some((i, rule)) = conflict {
        let reason = format!(
            "Rate limit rule configuration with label {} already exists or conflicts with another rule.",
            rule.label
        );
        let code = "validation_conflicting_rate_limit_rule";
        let error = FieldError::with_params(code, reason, json!({ "label": rule.label }));
        add(&mut errors, &i.to_string(), FieldErrors::from_iter([("label", error)]));
    }
    errors
}

fn check_rule(rule: &RateLimitRule) -> FieldErrors {
    let mut errors = FieldErrors::default();
    require(&mut errors, "label", &rule.label);
    if !is_label(&rule.label) {
        let reason = "Must be in a valid format.";
        errors.add("label", FieldError::new("validation_match_invalid", reason));
    }
    if !matches!(rule.audience.as_str(), "" | "@guest" | "@auth") {
        errors.add("audience", not_a_choice());
    }
    for (name, number) in [("duration", rule.duration), ("maxRequests", rule.max_requests)] {
        require_number(&mut errors, name, number);
        at_least(&mut errors, name, number, 1);
    }
    errors
}

/// A path, a method and a path, an action, or a collection (or `*`) and an action.
fn is_label(label: &str) -> bool {
    let is_word = |text: &str| {
        !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    };
    if let Some((method, path)) = label.split_once('/') {
        let method = method.strip_suffix(' ').map_or(method.is_empty(), is_word);
        return method && path.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-/".contains(&byte));
    }
    match label.split_once(':') {
        Some((collection, action)) => (collection == "*" || is_word(collection)) && is_word(action),
        None => is_word(label),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_have_pocketbases_forms() {
        for label in
            ["*:auth", "users:create", "/api/", "POST /api/x", "get /x", "P1 /x", "foo", "/a-b/_c/", "/"]
        {
            assert!(is_label(label), "{label}");
        }
        for label in [
            "", "a b", "x:y:z", "POST  /a", "POST/a", "/a.b", "/a b", "users:*", "a-b", "a-b:x", "*", "ü",
            "a:",
        ] {
            assert!(!is_label(label), "{label}");
        }
    }
}
