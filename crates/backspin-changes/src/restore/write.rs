//! The statements that put records back. After those of [`Past`], their parameter is who does it, `?3`.

use backspin_core::{DatabaseError, Result, Transaction};
use backspin_migrations::zero;
use backspin_schema::field::{Field, FieldOptions};
use backspin_schema::log;
use backspin_schema::quote::Quoted;

use super::moment::Put;
use super::past::{NOW, Past};
use super::unique::indexes;

/// What the system keeps of accounts.
pub(super) const TRACES: [&str; 4] = ["_authOrigins", "_externalAuths", "_mfas", "_otps"];

/// A token key that nobody has, drawn for each row of the statement.
const TOKEN_KEY: &str = "lower(hex(randomblob(25)))";

/// Puts all of the collections back; what stands in the way was looked for before.
pub(super) async fn put_back(
    transaction: &impl Transaction,
    pasts: &[Past<'_>],
    puts: &[Put],
    actor: &str,
) -> Result<()> {
    // All that goes, before what comes: a record made since may have what one that comes back must be the only one to have.
    for (past, _) in pasts.iter().zip(puts).filter(|(_, put)| put.deleted > 0) {
        delete(transaction, past, actor).await?;
    }
    for (past, _) in pasts.iter().zip(puts).filter(|(_, put)| put.created + put.changed > 0) {
        match restore(transaction, past, actor).await {
            // Values have changed hands, and one holds what another is to get.
            Err(DatabaseError::Unique { .. }) => {
                for (_, index) in indexes(past) {
                    let sql = format!("DROP INDEX IF EXISTS {}", Quoted(&index.name));
                    transaction.execute(&sql, Vec::new()).await?;
                }
                restore(transaction, past, actor).await?;
                for (sql, _) in indexes(past) {
                    transaction.execute(sql, Vec::new()).await?;
                }
            }
            restored => restored?,
        }
    }
    Ok(())
}

/// Both do nothing where all is as it should be, so they can be repeated.
async fn restore(transaction: &impl Transaction, past: &Past<'_>, actor: &str) -> Result<(), DatabaseError> {
    for sql in [update_exactly(past), insert(past)] {
        transaction.execute(&sql, past.parameters_and(&[actor])).await?;
    }
    Ok(())
}

async fn delete(transaction: &impl Transaction, past: &Past<'_>, actor: &str) -> Result<(), DatabaseError> {
    let new = r#"(SELECT "record" FROM "first" WHERE "action" = 'create')"#;
    let by = log::by_delete("?3");
    let mut statements = vec![format!("UPDATE {} SET {by}\nWHERE \"id\" IN {new}", past.table())];
    // Their ids are drawn at random, or those of accounts that were never another's: whatever bears them goes.
    for traces in TRACES.iter().filter(|_| past.collection.is_auth()) {
        let sql = format!(
            "UPDATE {} SET {by}\nWHERE \"collectionRef\" = ?2 AND \"recordRef\" IN {new}",
            Quoted(traces)
        );
        statements.push(sql);
    }
    for sql in statements {
        transaction.execute(&format!("{}\n{sql}", past.with()), past.parameters_and(&[actor])).await?;
    }
    Ok(())
}

/// Changes the records that are there and differ at all: every value is again what it was.
fn update_exactly(past: &Past<'_>) -> String {
    let differs = past.differs(|_| true);
    update(past, |_| false, &differs)
}

/// Changes the record if it differs in more than the times that the server sets, which are now: `?4`.
pub(super) fn update_as_of_now(past: &Past<'_>) -> String {
    let differs = past.differs(|field| !matches!(field.options, FieldOptions::Autodate(_)));
    let is_now =
        |field: &Field| matches!(&field.options, FieldOptions::Autodate(options) if options.on_update);
    update(past, is_now, &format!("?4 <> '' AND ({differs})"))
}

/// Another email ends the sessions of an account.
fn update(past: &Past<'_>, is_now: impl Fn(&Field) -> bool, condition: &str) -> String {
    let mut sets: Vec<String> = Vec::new();
    for restored in past.restored() {
        let column = Quoted(&restored.field.name);
        let now = format!("{}.{column}", Quoted(NOW));
        let value = restored.or(&now);
        if past.collection.is_auth() && restored.field.name == "email" {
            sets.push(format!("\"tokenKey\" = iif({now} IS NOT {value}, {TOKEN_KEY}, \"now\".\"tokenKey\")"));
        }
        sets.push(match is_now(restored.field) {
            true => format!("{column} = ?4"),
            false => format!("{column} = {value}"),
        });
    }
    sets.push(log::by_update(NOW, "?3"));
    format!(
        "{}\nUPDATE {} AS \"now\" SET\n    {}\nFROM \"was\" WHERE \"now\".\"id\" = \"was\".\"id\" AND ({condition})",
        past.with(),
        past.table(),
        sets.join(",\n    ")
    )
}

/// Makes the records that are gone. An account comes back without a password, and with a token key of its own.
pub(super) fn insert(past: &Past<'_>) -> String {
    let mut columns = vec![Quoted("id").to_string(), Quoted(log::ACTOR_COLUMN).to_string()];
    let mut values = vec!["\"was\".\"id\"".to_owned(), log::by_insert("?3")];
    for restored in past.restored() {
        columns.push(Quoted(&restored.field.name).to_string());
        values.push(restored.or(&zero(restored.field.column())));
    }
    if past.collection.is_auth() {
        columns.push(Quoted("tokenKey").to_string());
        values.push(TOKEN_KEY.to_owned());
    }
    format!(
        "{}\nINSERT INTO {} ({})\nSELECT {}\nFROM \"was\" WHERE \"was\".\"id\" NOT IN (SELECT \"id\" FROM {})",
        past.with(),
        past.table(),
        columns.join(", "),
        values.join(", "),
        past.table()
    )
}
