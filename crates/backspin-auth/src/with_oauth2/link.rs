//! The links between the users of providers and accounts.

use backspin_core::{Database, DatabaseError, Env, Error, FieldError, Platform, Result, Value, id};
use backspin_schema::App;

const LINKED_SQL: &str = r#"SELECT "recordRef" FROM "_externalAuths"
WHERE "collectionRef" = ?1 AND "provider" = ?2 AND "providerId" = ?3"#;

const FORGET_SQL: &str = r#"DELETE FROM "_externalAuths"
WHERE "collectionRef" = ?1 AND "provider" = ?2 AND "providerId" = ?3"#;

const LINK_SQL: &str = r#"INSERT INTO "_externalAuths"
("collectionRef", "provider", "providerId", "recordRef", "id", "created", "updated")
SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?6
WHERE NOT EXISTS (
    SELECT 1 FROM "_externalAuths"
    WHERE "collectionRef" = ?1 AND "provider" = ?2 AND "providerId" = ?3 AND "recordRef" = ?4
)
RETURNING 1"#;

const FAILED: &str = "Failed to authenticate.";

/// A user of a provider, as one who may own an account of a collection.
#[derive(Clone, Copy)]
pub(super) struct ProviderUser<'a> {
    pub(super) collection_id: &'a str,
    pub(super) provider: &'a str,
    pub(super) id: &'a str,
}

impl ProviderUser<'_> {
    /// The id of the account that is linked, whether or not it is there any more.
    pub(super) async fn find_linked(self, app: &App<impl Platform>) -> Result<Option<String>> {
        let row = app.database().query(LINKED_SQL, self.values()).await?;
        Ok(match row.into_first() {
            Some(Value::Text(id)) => Some(id),
            _ => None,
        })
    }

    /// Removes the link to an account that is gone.
    pub(super) async fn forget(self, app: &App<impl Platform>) -> Result<()> {
        app.database().execute(FORGET_SQL, self.values()).await?;
        Ok(())
    }

    /// Links the account, if it is not. Whether it was not.
    ///
    /// Errors: 400 if the account has another user of the provider. Even its owner unlinks that one first: an email can
    /// pass to somebody else at the provider, who must not get the account along with it.
    pub(super) async fn link(self, app: &App<impl Platform>, account_id: &str) -> Result<bool> {
        let now = app.env().now().to_string();
        let rest = [account_id.into(), id::record_id(app.env()).into(), now.into()];
        match app.database().execute(LINK_SQL, [self.values(), rest.into()].concat()).await {
            Err(DatabaseError::Unique { columns, .. }) => Err(taken(columns)),
            linked => Ok(linked?.into_first().is_some()),
        }
    }

    fn values(self) -> Vec<Value> {
        [self.collection_id, self.provider, self.id].map(Value::from).into()
    }
}

/// The 400 of a sign-in that would give these columns or fields what another record has.
pub(super) fn taken(columns: impl IntoIterator<Item = String>) -> Error {
    let not_unique = || FieldError::new("validation_not_unique", "Value must be unique.");
    let fields = columns.into_iter().map(|column| (column, not_unique())).collect();
    Error::BadRequest { message: FAILED.to_owned(), fields }
}
