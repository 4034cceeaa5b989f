//! The values of the columns that an update changes.

use backspin_core::{Env, FieldError, Result, Value};
use backspin_schema::field::FieldOptions;
use backspin_schema::value::autogenerate;
use backspin_schema::{Caller, Collection, Field, SUPERUSERS_ID, Snapshot};
use serde_json::{Map, Value as Json};

use super::credentials::{Credentials, mismatch};
use super::stored::{self, is_blank};
use super::wishes::{Wish, Wishes};
use super::{Assignment, Input, Refusals, unknown_files};
use crate::request::RequestInfo;
use crate::traces;

/// A record as stored.
pub(crate) struct OldRow<'a> {
    pub(crate) collection: &'a Collection,
    /// In the order of the fields.
    pub(crate) values: Vec<Value>,
    /// Whether the account can be signed in to by an identity provider.
    pub(crate) is_linked: bool,
}

impl OldRow<'_> {
    pub(crate) fn get(&self, field: &str) -> Option<&Value> {
        let position = self.collection.fields.iter().position(|other| other.name == field)?;
        self.values.get(position)
    }
}

/// Whether what the body comes to depends on what is stored.
pub(crate) fn depends_on_stored(collection: &Collection, body: &Map<String, Json>, caller: &Caller) -> bool {
    let of_account = ["email", "verified", "password", "passwordConfirm", "oldPassword", "tokenKey"];
    if collection.is_auth() && of_account.iter().any(|key| body.contains_key(*key)) {
        return true;
    }
    let is_file = |wish: &Wish<'_>| matches!(wish.field.options, FieldOptions::File(_));
    let wishes = Wishes::read(collection, body, caller.is_superuser());
    wishes.iter().any(|wish| is_file(wish) || wish.depends_on_stored())
}

/// What the record `id` gets. `old` is the record as stored, needed if [`depends_on_stored`].
pub(crate) fn of_update<'a>(
    snapshot: &Snapshot,
    request: &RequestInfo<'_>,
    (collection, id): (&'a Collection, &str),
    body: &'a Map<String, Json>,
    old: Option<&OldRow<'_>>,
    env: &impl Env,
) -> Result<Input<'a>> {
    let wishes = Wishes::read(collection, body, request.caller.is_superuser());
    let now = env.now().to_string();
    let mut input = Input {
        assignments: Vec::new(),
        depends_on: Vec::new(),
        body: Map::new(),
        refusals: Refusals::default(),
        forgets: Vec::new(),
    };
    for field in &collection.fields {
        if let FieldOptions::Autodate(options) = &field.options
            && options.on_update
        {
            input.assignments.push(Assignment { field, value: now.as_str().into(), at_rule: None });
        }
        let Some(wish) = wishes.find(&field.name) else { continue };
        let old = old.and_then(|old| old.get(&field.name));
        let (value, error) = stored::checked(snapshot, field, &wish.resolve(snapshot, old, env)?)?;
        input.body.insert(field.name.clone(), stored::to_json(field, &value));
        if field.is_primary_key() {
            if value != Value::from(id) {
                let message = "The record primary key cannot be changed.";
                let error = FieldError::new("validation_pk_change", message);
                input.refusals.fields.add(&field.name, error);
            }
            continue;
        }
        if matches!(field.options, FieldOptions::Autodate(_)) {
            continue;
        }
        if let Some(error) = unknown_files(field, &value, old).or(error) {
            input.refusals.fields.add(&field.name, error);
        }
        if let Some(old) = old
            && (wish.depends_on_stored() || matches!(field.options, FieldOptions::File(_)))
        {
            input.depends_on.push((field, old.clone()));
        }
        input.assignments.push(Assignment { field, value, at_rule: None });
    }
    if let Some(old) = old.filter(|_| collection.is_auth()) {
        account(snapshot, request, collection, &wishes.others, old, &mut input, env)?;
    }
    input.body.extend(wishes.others);
    Ok(input)
}

/// What more there is to a change of an account.
fn account<'a>(
    snapshot: &Snapshot,
    request: &RequestInfo<'_>,
    collection: &'a Collection,
    others: &Map<String, Json>,
    old: &OldRow<'_>,
    input: &mut Input<'a>,
    env: &impl Env,
) -> Result<()> {
    let is_superuser = request.caller.is_superuser();
    let password = assigned(input, "password").cloned();
    let credentials = Credentials::read(snapshot, password.as_ref(), others)?;
    credentials.check_change(old, request, &mut input.refusals)?;
    if credentials.is_change() {
        depend(collection, "password", old, input);
    }
    if collection.id == SUPERUSERS_ID
        && let Some(verified) =
            input.assignments.iter_mut().find(|assigned| assigned.field.name == "verified")
    {
        verified.value = true.into();
    }
    let mut ends_sessions = password.is_some_and(|password| !is_blank(&password));
    for name in ["email", "verified"] {
        let Some(value) = assigned(input, name) else { continue };
        let changes = old.get(name) != Some(value);
        let verifies = name == "verified" && changes && *value == Value::from(true);
        if changes && !is_superuser {
            input.refusals.unless_manager.push((name, mismatch()));
        }
        if verifies {
            // Whoever linked a provider before may not be the owner of the email.
            input.forgets.push(traces::PROVIDERS);
        }
        ends_sessions |= (verifies && old.is_linked) || (changes && name == "email");
        depend(collection, name, old, input);
    }
    if ends_sessions && assigned(input, "tokenKey").is_none() {
        renew_token_key(collection, input, env)?;
    }
    if assigned(input, "tokenKey").is_some() {
        // Whoever has begun a sign-in or come from a device before may be the one who is to be kept out.
        input.forgets.extend([traces::CODES, traces::SECOND_FACTORS, traces::DEVICES]);
    }
    Ok(())
}

fn assigned<'i>(input: &'i Input<'_>, field: &str) -> Option<&'i Value> {
    input.assignments.iter().find(|assigned| assigned.field.name == field).map(|assigned| &assigned.value)
}

fn depend<'a>(collection: &'a Collection, name: &str, old: &OldRow<'_>, input: &mut Input<'a>) {
    let field: Option<&'a Field> = collection.find_field(name);
    input.depends_on.extend(field.zip(old.get(name).cloned()));
}

/// Tokens are signed with it, so those given out before end.
fn renew_token_key<'a>(collection: &'a Collection, input: &mut Input<'a>, env: &impl Env) -> Result<()> {
    const PATTERN: &str = "[a-zA-Z0-9]{50}";
    let Some(field) = collection.find_field("tokenKey") else { return Ok(()) };
    let pattern = match &field.options {
        FieldOptions::Text(options) if !options.autogenerate_pattern.is_empty() => {
            &options.autogenerate_pattern
        }
        _ => PATTERN,
    };
    let value = autogenerate(pattern, env)?.into();
    input.assignments.push(Assignment { field, value, at_rule: None });
    Ok(())
}
