//! A change of an account that its owner has proved a right to: by a token from the mail, or by a code.

use backspin_core::{Database, DatabaseError, Env, Platform, Result, Transaction, Value};
use backspin_schema::field::FieldOptions;
use backspin_schema::quote::Quoted;
use backspin_schema::value::autogenerate;
use backspin_schema::{App, Attempt, AuthRecord, Collection, Snapshot, VERSION_SQL, log};

use crate::record::is_verified;

const TOKEN_KEY_PATTERN: &str = "[a-zA-Z0-9]{50}";

const HAS_PROVIDERS_SQL: &str = r#"SELECT 1 FROM "_externalAuths"
WHERE "collectionRef" = ?1 AND "recordRef" = ?2"#;

const FORGET_PROVIDERS_SQL: &str = r#"DELETE FROM "_externalAuths"
WHERE "collectionRef" = ?1 AND "recordRef" = ?2"#;

const FORGET_FIRST_FACTORS_SQL: &str = r#"DELETE FROM "_mfas"
WHERE "collectionRef" = ?1 AND "recordRef" = ?2"#;

const FORGET_DEVICES_SQL: &str = r#"DELETE FROM "_authOrigins"
WHERE "collectionRef" = ?1 AND "recordRef" = ?2"#;

const FORGET_CODES_SQL: &str = r#"DELETE FROM "_otps"
WHERE "collectionRef" = ?1 AND "recordRef" = ?2"#;

/// What is signed with the token key or bound to it; made when it is first needed.
const END_WITH_TOKEN_KEY_SQL: [&str; 3] = [
    r#"DELETE FROM "_devices" WHERE "collectionRef" = ?1 AND "recordRef" = ?2"#,
    r#"DELETE FROM "_sessions" WHERE "collectionRef" = ?1 AND "recordRef" = ?2"#,
    r#"DELETE FROM "_apiKeys" WHERE "collectionRef" = ?1 AND "recordRef" = ?2"#,
];

/// What becomes of an account. A new email or password ends all of its sessions, half sign-ins and API keys, takes
/// back its codes, and forgets its devices.
#[derive(Clone, Debug, Default)]
pub(crate) struct AccountChange<'a> {
    pub(crate) email: Option<&'a str>,
    pub(crate) password_hash: Option<String>,
    /// Whether the email is verified by it. Identity providers that were linked before are unlinked then, and
    /// sessions end, because whoever linked them may not be the owner of the email.
    pub(crate) verifies: bool,
}

/// What came of it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Changed {
    Done,
    /// It is not what `record` was any more, or gone.
    Outdated,
    /// Another account has the new email.
    Taken,
}

/// Changes the account, if its token key is still that of `record`: so what was proved with the key holds, and of two
/// that bring the same proof only one succeeds. One transaction.
pub(crate) async fn change_account(
    app: &App<impl Platform>,
    snapshot: &Snapshot,
    collection: &Collection,
    record: &AuthRecord,
    change: AccountChange<'_>,
) -> Result<Attempt<Changed>> {
    let verifies = change.verifies && !is_verified(record);
    let of_account = || vec![Value::from(collection.id.as_str()), record.id().into()];
    let changed = app.database().transact(async |transaction| {
        let unlinks =
            verifies && transaction.execute(HAS_PROVIDERS_SQL, of_account()).await?.into_first().is_some();
        let ends_sessions = change.email.is_some() || change.password_hash.is_some() || unlinks;
        let mut assigned = change.assignments(verifies);
        if ends_sessions {
            assigned.push(("tokenKey", token_key(collection, app.env())?.into()));
        }
        assigned.extend(updated_fields(collection, app.env()));
        let sql = update_sql(collection, &assigned);
        let mut parameters: Vec<Value> = assigned.into_iter().map(|(_, value)| value).collect();
        let token_key = record.get("tokenKey").cloned().unwrap_or(Value::Null);
        parameters.extend([record.id().into(), token_key, snapshot.version().into()]);
        parameters.push(collection.id.as_str().into());
        let written = match transaction.execute(&sql, parameters).await {
            Err(DatabaseError::Unique { .. }) => return Ok(Changed::Taken),
            written => written?.into_first(),
        };
        if written.is_none() {
            return Ok(Changed::Outdated);
        }
        let forgets = [
            (unlinks, FORGET_PROVIDERS_SQL),
            (ends_sessions, FORGET_CODES_SQL),
            (ends_sessions, FORGET_FIRST_FACTORS_SQL),
            (ends_sessions, FORGET_DEVICES_SQL),
        ];
        for (_, sql) in forgets.iter().filter(|(does, _)| *does) {
            transaction.execute(sql, of_account()).await?;
        }
        for sql in END_WITH_TOKEN_KEY_SQL.iter().filter(|_| ends_sessions) {
            match transaction.execute(sql, of_account()).await {
                Ok(_) | Err(DatabaseError::NoSuchTable(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(Changed::Done)
    });
    Ok(match changed.await? {
        Changed::Outdated if !app.is_current(snapshot).await? => Attempt::Stale,
        changed => Attempt::Done(changed),
    })
}

impl AccountChange<'_> {
    fn assignments(&self, verifies: bool) -> Vec<(&'static str, Value)> {
        let email = self.email.map(|email| ("email", email.into()));
        let password = self.password_hash.as_deref().map(|hash| ("password", hash.into()));
        let verified = verifies.then(|| ("verified", true.into()));
        [email, password, verified].into_iter().flatten().collect()
    }
}

/// The fields that tell when a record was last changed.
fn updated_fields<'a>(collection: &'a Collection, env: &impl Env) -> impl Iterator<Item = (&'a str, Value)> {
    let now = env.now().to_string();
    let is_updated =
        |options: &FieldOptions| matches!(options, FieldOptions::Autodate(options) if options.on_update);
    let fields = collection.fields.iter().filter(move |field| is_updated(&field.options));
    fields.map(move |field| (field.name.as_str(), now.as_str().into()))
}

/// Tokens are signed with it, so those given out before end.
fn token_key(collection: &Collection, env: &impl Env) -> Result<String> {
    let pattern = match collection.find_field("tokenKey").map(|field| &field.options) {
        Some(FieldOptions::Text(options)) if !options.autogenerate_pattern.is_empty() => {
            &options.autogenerate_pattern
        }
        _ => TOKEN_KEY_PATTERN,
    };
    autogenerate(pattern, env)
}

/// Assigns the columns, then takes the record's id, the token key that it must still have, the schema's version, and
/// the collection's id.
fn update_sql(collection: &Collection, assigned: &[(&str, Value)]) -> String {
    let (id, token_key, version) = (assigned.len() + 1, assigned.len() + 2, assigned.len() + 3);
    let sets = assigned.iter().enumerate().map(|(at, (name, _))| format!("{} = ?{}", Quoted(name), at + 1));
    // The owner of the account is the one who changes it.
    let actor = log::by_update(&collection.name, &format!("?{} || '/' || ?{id}", assigned.len() + 4));
    format!(
        "UPDATE {}\nSET {}\nWHERE \"id\" = ?{id} AND \"tokenKey\" = ?{token_key} AND {VERSION_SQL} = ?{version}\nRETURNING 1",
        Quoted(&collection.name),
        sets.chain([actor]).collect::<Vec<_>>().join(", "),
    )
}
