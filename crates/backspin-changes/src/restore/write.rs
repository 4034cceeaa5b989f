//! The statements that put a record back. Their first parameters are its id and who does it.

use backspin_core::{Env, Value, id};
use backspin_schema::field::FieldOptions;
use backspin_schema::quote::Quoted;
use backspin_schema::{Collection, Field, log};

use super::assign::Assigned;

const TOKEN_KEY_CHARS: usize = 50;
const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// A statement with its parameters.
pub(super) type Statement = (String, Vec<Value>);

/// Changes a record that is there, and returns a row, if it differs in more than the times that the server sets.
/// Another email ends the sessions of an account. `None` if there is nothing to differ.
pub(super) fn update(
    collection: &Collection,
    by: (&str, &str),
    assigned: &[Assigned<'_>],
    env: &impl Env,
) -> Option<Statement> {
    let counts = |field: &Field| !matches!(field.options, FieldOptions::Autodate(_));
    update_where(collection, by, assigned, counts, env)
}

/// As [`update`], if the record differs at all.
pub(super) fn restore_exactly(
    collection: &Collection,
    by: (&str, &str),
    assigned: &[Assigned<'_>],
    env: &impl Env,
) -> Option<Statement> {
    update_where(collection, by, assigned, |_| true, env)
}

fn update_where(
    collection: &Collection,
    (record, actor): (&str, &str),
    assigned: &[Assigned<'_>],
    counts: impl Fn(&Field) -> bool,
    env: &impl Env,
) -> Option<Statement> {
    let placed = || assigned.iter().enumerate().map(|(i, assigned)| (i + 3, assigned.field));
    let mut sets: Vec<String> =
        placed().map(|(n, field)| format!("{} = ?{n}", Quoted(&field.name))).collect();
    let differs = placed().filter(|(_, field)| counts(field));
    let differs: Vec<String> =
        differs.map(|(n, field)| format!("{} IS NOT ?{n}", Quoted(&field.name))).collect();
    if differs.is_empty() {
        return None;
    }
    let mut parameters: Vec<Value> = vec![record.into(), actor.into()];
    parameters.extend(assigned.iter().map(|assigned| assigned.value.clone()));
    if let Some((n, _)) = placed().find(|(_, field)| collection.is_auth() && field.name == "email") {
        parameters.push(token_key(env));
        sets.push(format!(r#""tokenKey" = iif("email" IS ?{n}, "tokenKey", ?{})"#, parameters.len()));
    }
    sets.push(log::by_update(&collection.name, "?2"));
    let sql = format!(
        "UPDATE {} SET {}\nWHERE \"id\" = ?1 AND ({})\nRETURNING 1",
        Quoted(&collection.name),
        sets.join(", "),
        differs.join(" OR ")
    );
    Some((sql, parameters))
}

/// Makes a record that is gone. An account comes back without a password, and with a token key of its own.
pub(super) fn insert(
    collection: &Collection,
    (record, actor): (&str, &str),
    assigned: &[Assigned<'_>],
    env: &impl Env,
) -> Statement {
    let mut parameters: Vec<Value> = vec![record.into(), actor.into()];
    let mut columns = vec![Quoted("id").to_string(), Quoted(log::ACTOR_COLUMN).to_string()];
    let mut values = vec!["?1".to_owned(), log::by_insert("?2")];
    let token_key = collection.is_auth().then(|| ("tokenKey", token_key(env)));
    let assigned = assigned.iter().map(|assigned| (assigned.field.name.as_str(), assigned.value.clone()));
    for (name, value) in assigned.chain(token_key) {
        parameters.push(value);
        columns.push(Quoted(name).to_string());
        values.push(format!("?{}", parameters.len()));
    }
    let table = Quoted(&collection.name);
    (format!("INSERT INTO {table} ({})\nVALUES ({})", columns.join(", "), values.join(", ")), parameters)
}

fn token_key(env: &impl Env) -> Value {
    id::random_string(env, TOKEN_KEY_CHARS, ALPHABET).into()
}
