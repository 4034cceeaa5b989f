//! What a change of rules and options takes from clients: requests that worked and may now be refused.

use backspin_schema::field::{DomainOptions, Field, FieldOptions};
use backspin_schema::{Collection, collection::AuthOptions};

/// What the types allow by themselves.
const TEXT_CHARS_MAX: i64 = 5000;
const PASSWORD_CHARS_MAX: i64 = 71;
const EDITOR_BYTES_MAX: i64 = 5 << 20;
const JSON_BYTES_MAX: i64 = 1 << 20;
const FILE_BYTES_MAX: i64 = 5 << 20;

/// The tightened rules and sign-in options, each as a few words.
pub(crate) fn of_collection(old: &Collection, new: &Collection) -> Vec<String> {
    let mut found: Vec<String> = rules(old, new)
        .into_iter()
        .filter(|(_, old, new)| tightens(*old, *new))
        .map(|(name, old, new)| match (old, new) {
            (Some(old), Some(_)) if !old.is_empty() => format!("{name} (perhaps, it is another condition)"),
            _ => name.to_owned(),
        })
        .collect();
    if let (Some(old), Some(new)) = (old.auth(), new.auth()) {
        found.extend(of_sign_in(old, new).into_iter().map(str::to_owned));
    }
    found
}

/// The rules by name, before and after.
pub(crate) fn rules<'a>(
    old: &'a Collection,
    new: &'a Collection,
) -> Vec<(&'static str, Option<&'a str>, Option<&'a str>)> {
    let mut rules = vec![
        ("listRule", old.list_rule.as_deref(), new.list_rule.as_deref()),
        ("viewRule", old.view_rule.as_deref(), new.view_rule.as_deref()),
        ("createRule", old.create_rule.as_deref(), new.create_rule.as_deref()),
        ("updateRule", old.update_rule.as_deref(), new.update_rule.as_deref()),
        ("deleteRule", old.delete_rule.as_deref(), new.delete_rule.as_deref()),
    ];
    if let (Some(old), Some(new)) = (old.auth(), new.auth()) {
        rules.push(("authRule", old.auth_rule.as_deref(), new.auth_rule.as_deref()));
        rules.push(("manageRule", old.manage_rule.as_deref(), new.manage_rule.as_deref()));
    }
    rules
}

/// Two conditions cannot be compared, so one in place of another counts as tighter.
fn tightens(old: Option<&str>, new: Option<&str>) -> bool {
    match (old, new) {
        (None, _) | (_, Some("")) => false,
        (old, new) => old != new,
    }
}

fn of_sign_in(old: &AuthOptions, new: &AuthOptions) -> Vec<&'static str> {
    let kept = |old: &[String], new: &[String]| old.iter().all(|name| new.contains(name));
    let tighter = [
        ("no passwords", old.password_auth.enabled && !new.password_auth.enabled),
        (
            "fewer identity fields",
            !kept(&old.password_auth.identity_fields, &new.password_auth.identity_fields),
        ),
        ("no one-time passwords", old.otp.enabled && !new.otp.enabled),
        ("no OAuth2", old.oauth2.enabled && !new.oauth2.enabled),
        ("a second factor", new.mfa.enabled && (!old.mfa.enabled || old.mfa.rule != new.mfa.rule)),
        ("new token secrets", old.auth_token.secret != new.auth_token.secret),
    ];
    tighter.into_iter().filter(|(_, tighter)| *tighter).map(|(name, _)| name).collect()
}

/// The options of a field that take less than before.
pub(crate) fn of_field(old: &Field, new: &Field) -> Vec<&'static str> {
    let mut found = vec![("required", !old.required && new.required), ("hidden", !old.hidden && new.hidden)];
    found.extend(of_options(&old.options, &new.options));
    found.into_iter().filter(|(_, narrower)| *narrower).map(|(name, _)| name).collect()
}

fn of_options(old: &FieldOptions, new: &FieldOptions) -> Vec<(&'static str, bool)> {
    use FieldOptions::*;
    match (old, new) {
        (Text(old), Text(new)) => vec![
            ("min", new.min > old.min),
            ("max", bounded(old.max, new.max, TEXT_CHARS_MAX)),
            ("pattern", restricts(&old.pattern, &new.pattern)),
            // What was made by itself must be given now, if it is required.
            (
                "autogeneratePattern",
                !old.autogenerate_pattern.is_empty() && new.autogenerate_pattern.is_empty(),
            ),
        ],
        (Number(old), Number(new)) => vec![
            ("min", new.min.is_some_and(|new| old.min.is_none_or(|old| new > old))),
            ("max", new.max.is_some_and(|new| old.max.is_none_or(|old| new < old))),
            ("onlyInt", !old.only_int && new.only_int),
        ],
        (Email(old), Email(new)) | (Url(old), Url(new)) => of_domains(old, new),
        (Editor(old), Editor(new)) => {
            vec![("maxSize", bounded(old.max_size, new.max_size, EDITOR_BYTES_MAX))]
        }
        (Json(old), Json(new)) => vec![("maxSize", bounded(old.max_size, new.max_size, JSON_BYTES_MAX))],
        (Date(old), Date(new)) => {
            vec![
                ("min", !new.min.is_empty() && (old.min.is_empty() || new.min > old.min)),
                ("max", !new.max.is_empty() && (old.max.is_empty() || new.max < old.max)),
            ]
        }
        (Select(old), Select(new)) => vec![
            ("values", !old.values.iter().all(|value| new.values.contains(value))),
            ("maxSelect", new.max_select.max(1) < old.max_select.max(1)),
        ],
        (Relation(old), Relation(new)) => vec![
            ("minSelect", new.min_select > old.min_select),
            ("maxSelect", new.max_select.max(1) < old.max_select.max(1)),
        ],
        (File(old), File(new)) => vec![
            ("maxSelect", new.max_select.max(1) < old.max_select.max(1)),
            ("maxSize", bounded(old.max_size, new.max_size, FILE_BYTES_MAX)),
            ("mimeTypes", listed(&old.mime_types, &new.mime_types)),
            ("protected", !old.protected && new.protected),
        ],
        (Password(old), Password(new)) => vec![
            ("min", new.min > old.min),
            ("max", bounded(old.max, new.max, PASSWORD_CHARS_MAX)),
            ("pattern", restricts(&old.pattern, &new.pattern)),
        ],
        (old, new) => vec![("type", old.type_name() != new.type_name())],
    }
}

fn of_domains(old: &DomainOptions, new: &DomainOptions) -> Vec<(&'static str, bool)> {
    let excepted = !new.except_domains.iter().all(|domain| old.except_domains.contains(domain));
    vec![("exceptDomains", excepted), ("onlyDomains", listed(&old.only_domains, &new.only_domains))]
}

/// Whether less is allowed; 0 stands for the default.
fn bounded(old: i64, new: i64, default: i64) -> bool {
    let bound = |bound: i64| if bound > 0 { bound } else { default };
    bound(new) < bound(old)
}

fn restricts(old: &str, new: &str) -> bool {
    !new.is_empty() && new != old
}

/// An empty list allows everything.
fn listed(old: &[String], new: &[String]) -> bool {
    !new.is_empty() && (old.is_empty() || !old.iter().all(|value| new.contains(value)))
}
