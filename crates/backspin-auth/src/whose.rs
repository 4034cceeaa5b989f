//! Whose rows of an internal table a request is about: the own ones, or, for superusers, anybody's.

use backspin_core::{Error, Platform, RequestParameters, Result, Value};
use backspin_schema::{App, Attempt, AuthRecord, Caller};

use crate::session::requires_token;

/// Rows whose columns `collectionRef` and `recordRef` name an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Whose {
    Everybody,
    /// Of all accounts of the collection with this id.
    Collection(String),
    Account {
        collection_id: String,
        record_id: String,
    },
}

impl Whose {
    /// What the query parameters `collection` (name or id) and `record` (id) ask for. Without them it is everybody for
    /// superusers, and the caller for all others.
    ///
    /// Errors: 401 for guests, 403 for somebody else's, 404 for an unknown collection, 400 for a record without a
    /// collection.
    pub(crate) async fn of(
        app: &App<impl Platform>,
        caller: &Caller,
        parameters: &dyn RequestParameters,
    ) -> Result<Self> {
        let own = Whose::own(caller)?;
        let given = |name| parameters.query(name).filter(|value| !value.is_empty());
        let wanted = match (given("collection"), given("record")) {
            (None, None) => Whose::Everybody,
            (None, Some(_)) => {
                return Err(Error::bad_request("The query parameter \"record\" goes with \"collection\"."));
            }
            (Some(collection), record) => {
                let find = async |snapshot: &std::rc::Rc<backspin_schema::Snapshot>| {
                    let found = snapshot.find(&collection).ok_or_else(Error::not_found)?;
                    Ok(Attempt::Done(found.id.clone()))
                };
                let collection_id = app.with_schema(find).await?;
                match record {
                    None => Whose::Collection(collection_id),
                    Some(record) => Whose::Account { collection_id, record_id: record.into_owned() },
                }
            }
        };
        match wanted {
            wanted if caller.is_superuser() => Ok(wanted),
            Whose::Everybody => Ok(own),
            wanted if wanted == own => Ok(own),
            _ => caller.require_superuser().map(|()| own),
        }
    }

    /// The caller's own.
    ///
    /// Errors: 401 for guests.
    pub(crate) fn own(caller: &Caller) -> Result<Self> {
        match caller {
            Caller::Guest => Err(requires_token()),
            Caller::Record(record) => Ok(Whose::account(record)),
            Caller::Key(_) => Err(Error::key_refused()),
        }
    }

    pub(crate) fn account(record: &AuthRecord) -> Self {
        Whose::Account { collection_id: record.collection_id.clone(), record_id: record.id().to_owned() }
    }

    /// A condition that holds of them alone, and for which there is an index. `?4` and `?5` are
    /// [`Whose::parameters`].
    pub(crate) fn condition_sql(&self) -> &'static str {
        match self {
            Whose::Everybody => r#"?4 = ?5"#,
            Whose::Collection(_) => r#""collectionRef" = ?4 AND ?5 = ''"#,
            Whose::Account { .. } => r#""collectionRef" = ?4 AND "recordRef" = ?5"#,
        }
    }

    /// The ids of the collection and of the record, empty where any will do.
    pub(crate) fn parameters(&self) -> [Value; 2] {
        let (collection_id, record_id) = match self {
            Whose::Everybody => ("", ""),
            Whose::Collection(collection_id) => (collection_id.as_str(), ""),
            Whose::Account { collection_id, record_id } => (collection_id.as_str(), record_id.as_str()),
        };
        [collection_id.into(), record_id.into()]
    }
}
