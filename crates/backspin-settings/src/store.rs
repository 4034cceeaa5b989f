//! The settings in the table `_params`, as PocketBase keeps them.

use std::rc::Rc;

use backspin_core::{Database, Env, Error, Platform, Result, Transaction, Value};
use backspin_schema::{App, Snapshot};

use crate::Settings;

const LOAD_SQL: &str = r#"SELECT "value" FROM "_params" WHERE "id" = 'settings'"#;

const SAVE_SQL: &str = r#"INSERT INTO "_params" ("id", "value", "created", "updated")
VALUES ('settings', ?1, ?2, ?2)
ON CONFLICT ("id") DO UPDATE
SET "value" = "excluded"."value", "updated" = "excluded"."updated""#;

/// The settings that go with `snapshot`: a change of them makes a new version of the schema, so what belongs to a
/// current snapshot is current too. No statement: they came with it.
///
/// Errors: 500 for stored settings that cannot be read.
pub fn of(snapshot: &Snapshot) -> Result<Rc<Settings>> {
    snapshot.memo().get_or_make("", || parse(snapshot.settings()))
}

/// The settings as they are now.
pub(crate) async fn load(app: &App<impl Platform>) -> Result<Settings> {
    app.snapshot().await?;
    parse(app.database().query(LOAD_SQL, Vec::new()).await?.into_first().as_ref())
}

/// As [`load`], seen from within a transaction.
pub(crate) async fn load_in(transaction: &impl Transaction) -> Result<Settings> {
    parse(transaction.execute(LOAD_SQL, Vec::new()).await?.into_first().as_ref())
}

pub(crate) async fn save(transaction: &impl Transaction, env: &impl Env, settings: &Settings) -> Result<()> {
    let json = serde_json::to_string(settings).map_err(|error| Error::Internal(error.into()))?;
    transaction.execute(SAVE_SQL, vec![json.into(), env.now().to_string().into()]).await?;
    Ok(())
}

/// Settings that were never saved are those of a new application.
fn parse(stored: Option<&Value>) -> Result<Settings> {
    match stored {
        None | Some(Value::Null) => Ok(Settings::default()),
        Some(Value::Text(json)) => serde_json::from_str(json)
            .map_err(|error| Error::internal(format!("the settings in _params cannot be read: {error}"))),
        Some(_) => Err(Error::internal("the settings in _params are no text")),
    }
}
