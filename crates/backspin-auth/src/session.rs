//! From a request's token to its sender.

use backspin_core::{DatabaseError, Env, Error, Platform, Result, Value};
use backspin_records::own_record_sql;
use backspin_schema::collection::Token;
use backspin_schema::quote::Quoted;
use backspin_schema::{App, Attempt, AuthRecord, Caller, Collection, Snapshot, VERSION_SQL};

use crate::api_key::ApiKey;
use crate::sessions::Session;
use crate::token::{TokenType, Unverified};
use crate::token_keys::TokenKeys;

/// Who sends a request, and the session it belongs to.
#[derive(Clone, Debug)]
pub struct Identified {
    pub caller: Caller,
    /// `None` for guests, and for tokens of an imported PocketBase.
    pub(crate) session: Option<Session>,
    /// Whether the token may be exchanged for a later one.
    pub(crate) is_refreshable: bool,
    /// The caller's record as JSON, as it sees itself, where that was asked for.
    pub(crate) shown: Option<String>,
}

/// What is read of a token's bearer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reading {
    Record,
    /// Also its JSON, as it sees itself.
    Shown,
}

/// Whose a token is.
pub(crate) struct TokenHolder {
    pub(crate) record: AuthRecord,
    /// If the token names one.
    pub(crate) session: Option<Session>,
    pub(crate) shown: Option<String>,
}

impl Identified {
    /// The id of the session; empty if there is none.
    pub(crate) fn session_id(&self) -> &str {
        self.session.as_ref().map_or("", |session| &session.id)
    }
}

/// Who sends a request with this token. One statement; none for guests; once an hour one more, which notes that the
/// session is used. A token that is not valid, for whatever reason, makes a guest.
///
/// Errors: 403 for an API key. What takes those asks [`crate::identify_with_key`], and for scopes.
pub async fn identify(app: &App<impl Platform>, token: Option<&str>) -> Result<Caller> {
    let identified = identify_session(app, token).await?;
    if let Some(session) = &identified.session {
        session.touch(app).await;
    }
    Ok(identified.caller)
}

/// As [`identify`], with the session, whose use is not noted.
pub async fn identify_session(app: &App<impl Platform>, token: Option<&str>) -> Result<Identified> {
    identify_by(app, token, Reading::Record).await
}

/// As [`identify_session`], with what the reply to a refresh shows, by the same statement.
pub async fn identify_to_show(app: &App<impl Platform>, token: Option<&str>) -> Result<Identified> {
    identify_by(app, token, Reading::Shown).await
}

async fn identify_by(app: &App<impl Platform>, token: Option<&str>, reading: Reading) -> Result<Identified> {
    const GUEST: Identified =
        Identified { caller: Caller::Guest, session: None, is_refreshable: false, shown: None };
    if token.is_some_and(ApiKey::is_meant) {
        return Err(Error::key_refused());
    }
    let token = token.and_then(|token| Unverified::parse(token, app.env().now()));
    let Some(token) = token.filter(|token| token.claims.kind == TokenType::Auth) else {
        return Ok(GUEST);
    };
    app.with_schema(async |snapshot| {
        let collection = snapshot.find_by_id(&token.claims.collection_id);
        let Some((collection, options)) = collection.and_then(|found| Some((found, found.auth()?))) else {
            // It may be a collection that was made since.
            let current = app.is_current(snapshot).await?;
            return Ok(if current { Attempt::Done(GUEST) } else { Attempt::Stale });
        };
        Ok(match find_bearer(app, snapshot, collection, &options.auth_token, &token, reading).await? {
            Attempt::Stale => Attempt::Stale,
            Attempt::Done(None) => Attempt::Done(GUEST),
            Attempt::Done(Some(TokenHolder { record, session, shown })) => {
                let is_refreshable = token.claims.refreshable == Some(true);
                Attempt::Done(Identified { caller: Caller::Record(record), session, is_refreshable, shown })
            }
        })
    })
    .await
}

/// The record of `collection` that the token names, if it was signed for `purpose` with the record's key; and the session, if the token names one, which then must not be over. One statement.
pub(crate) async fn find_bearer(
    app: &App<impl Platform>,
    snapshot: &Snapshot,
    collection: &Collection,
    purpose: &Token,
    token: &Unverified<'_>,
    reading: Reading,
) -> Result<Attempt<Option<TokenHolder>>> {
    let (sql, mut parameters) = (Sql::of(snapshot, collection)?, vec![token.claims.id.as_str().into()]);
    let sql = match (&token.claims.session_id, reading) {
        (None, _) => &sql.without_session,
        (Some(_), Reading::Record) => &sql.with_session,
        (Some(_), Reading::Shown) => &sql.with_session_and_json,
    };
    if let Some(id) = &token.claims.session_id {
        parameters.extend([id.as_str().into(), collection.id.as_str().into()]);
    }
    let row = match app.read(snapshot, sql, parameters).await {
        // Of a database that was put back to before there were sessions.
        Err(Error::Internal(error)) if is_without_sessions(&*error) => return Ok(Attempt::Done(None)),
        Err(error) => return Err(error),
        Ok(Attempt::Stale) => return Ok(Attempt::Stale),
        Ok(Attempt::Done(row)) => row,
    };
    let mut row = row.into_iter();
    let session = match &token.claims.session_id {
        None => None,
        Some(id) => match [row.next(), row.next(), row.next(), row.next()] {
            [
                Some(Value::Text(method)),
                Some(Value::Text(created)),
                Some(Value::Text(used)),
                Some(Value::Text(expires)),
            ] => Some(Session { id: id.clone(), method, created, used, expires }),
            _ => return Ok(Attempt::Done(None)),
        },
    };
    let shown = match reading {
        Reading::Shown if session.is_some() => row.next(),
        Reading::Shown | Reading::Record => None,
    };
    let shown = match shown {
        Some(Value::Text(json)) => Some(json),
        _ => None,
    };
    let record = record(collection, row);
    let valid = TokenKeys::of(app, snapshot).await?.have_signed(token, &record, purpose);
    Ok(Attempt::Done(valid.then_some(TokenHolder { record, session, shown })))
}

/// The record of this id. One statement.
pub(crate) async fn find_record(
    app: &App<impl Platform>,
    snapshot: &Snapshot,
    collection: &Collection,
    id: &str,
) -> Result<Attempt<Option<AuthRecord>>> {
    let sql = Sql::of(snapshot, collection)?;
    Ok(match app.read(snapshot, &sql.without_session, vec![id.into()]).await? {
        Attempt::Stale => Attempt::Stale,
        Attempt::Done(row) => {
            let record = record(collection, row);
            Attempt::Done(Some(record).filter(|record| !record.id().is_empty()))
        }
    })
}

fn record(collection: &Collection, values: impl IntoIterator<Item = Value>) -> AuthRecord {
    let names = collection.fields.iter().map(|field| field.name.clone());
    AuthRecord {
        collection_id: collection.id.clone(),
        collection_name: collection.name.clone(),
        fields: names.zip(values).collect(),
    }
}

/// The error of a guest where somebody has to be signed in.
pub(crate) fn requires_token() -> Error {
    Error::Unauthorized("The request requires valid record authorization token.".to_owned())
}

fn is_without_sessions(error: &(dyn std::error::Error + 'static)) -> bool {
    matches!(
        error.downcast_ref::<DatabaseError>(),
        Some(DatabaseError::NoSuchTable(table)) if table == "_sessions"
    )
}

/// Statements of one row, with nulls for what is not there.
struct Sql {
    without_session: String,
    /// The session of the id `?2`, if it is of the record `?1` of the collection `?3`, and the record.
    with_session: String,
    /// The same, with the record's JSON between them.
    with_session_and_json: String,
}

impl Sql {
    fn of(snapshot: &Snapshot, collection: &Collection) -> Result<std::rc::Rc<Self>> {
        snapshot.memo().get_or_make(&collection.id, || {
            let column = |name: &String| format!("\"record\".{}", Quoted(name));
            let columns: Vec<String> = collection.fields.iter().map(|field| column(&field.name)).collect();
            let (columns, table) = (columns.join(", "), Quoted(&collection.name));
            let record = format!("FROM (SELECT 1) LEFT JOIN {table} AS \"record\" ON \"record\".\"id\" = ?1");
            let session = r#""session"."method", "session"."created", "session"."used", "session"."expires""#;
            let record_and_session = format!(
                "{record}\nLEFT JOIN \"_sessions\" AS \"session\" ON \"session\".\"id\" = ?2 \
                 AND \"session\".\"collectionRef\" = ?3 AND \"session\".\"recordRef\" = ?1"
            );
            let json = own_record_sql(collection, "record");
            Ok(Sql {
                without_session: format!("SELECT {VERSION_SQL}, {columns}\n{record}"),
                with_session: format!("SELECT {VERSION_SQL}, {session}, {columns}\n{record_and_session}"),
                with_session_and_json: format!(
                    "SELECT {VERSION_SQL}, {session}, {json}, {columns}\n{record_and_session}"
                ),
            })
        })
    }
}
