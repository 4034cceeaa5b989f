//! What a view query may name. Nothing can be read without being named, so it is enough to look at the
//! names, wherever they stand.

use backspin_schema::{Collection, FieldOptions, Schema};

use super::token::Token;

/// SQLite's own tables and functions that show the database itself.
const INTERNAL_PREFIXES: [&str; 2] = ["sqlite_", "pragma_"];
const INTERNAL: [&str; 4] = ["dbstat", "bytecode", "tables_used", "fts3tokenize"];

/// Errors: the reason, if the query names a secret of a collection it reads, or what is SQLite's own.
pub(super) fn check(schema: &Schema, tokens: &[Token]) -> Result<(), String> {
    if let Some(name) = names(tokens).find(|name| is_internal(name)) {
        return Err(format!("{name} is no collection"));
    }
    let collections = schema.collections().iter();
    let read = collections.filter(|one| names(tokens).any(|name| name.eq_ignore_ascii_case(&one.name)));
    let secrets: Vec<&str> = read.flat_map(secrets).collect();
    if !secrets.is_empty() && has_wildcard(tokens) {
        return Err("wildcard columns (*) of a collection with passwords are not supported".to_owned());
    }
    match secrets.iter().find(|secret| names(tokens).any(|name| name.eq_ignore_ascii_case(secret))) {
        Some(secret) => Err(format!("{secret} is a secret")),
        None => Ok(()),
    }
}

/// After these SQLite takes a text for a name.
const BEFORE_NAMES: [&str; 3] = ["FROM", "JOIN", "IN"];

/// Every name in the query, every keyword, and every text that may be a name where it stands.
pub(super) fn names(tokens: &[Token]) -> impl Iterator<Item = &str> {
    tokens.iter().enumerate().filter_map(|(at, token)| match (token, at.checked_sub(1)) {
        (Token::Text(text), Some(before)) => {
            let before = &tokens[before];
            let takes_name = before.is_one_of(&BEFORE_NAMES) || [".", ",", "("].iter().any(|s| before.is(s));
            takes_name.then_some(text.as_str())
        }
        _ => token.name(),
    })
}

fn is_internal(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    INTERNAL.contains(&name.as_str()) || INTERNAL_PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}

/// Fields that nobody ever gets to see.
fn secrets(collection: &Collection) -> impl Iterator<Item = &str> {
    let is_secret = |name: &str, options: &FieldOptions| {
        matches!(options, FieldOptions::Password(_)) || (collection.is_auth() && name == "tokenKey")
    };
    let fields = collection.fields.iter().filter(move |field| is_secret(&field.name, &field.options));
    fields.map(|field| field.name.as_str())
}

/// A `*` that is neither a multiplication nor in `count(*)`.
fn has_wildcard(tokens: &[Token]) -> bool {
    tokens.windows(2).any(|pair| {
        let begins_column = pair[0].is_one_of(&["SELECT", "DISTINCT", "ALL"]);
        pair[1].is("*") && (begins_column || pair[0].is(",") || pair[0].is("."))
    })
}
