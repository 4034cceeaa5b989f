//! A database that an older Backspin has written is brought up to date.

use backspin_core::{Database, Env, Platform, Result, Transaction, Value};

use crate::{ddl, log, store, system};

/// Does so in one transaction, unless another instance did so first.
///
/// Errors: 503 if a newer Backspin has written the database.
pub(crate) async fn upgrade(platform: &impl Platform) -> Result<()> {
    platform.database().transact(async |transaction| upgrade_in(transaction, platform.env()).await).await
}

async fn upgrade_in(transaction: &impl Transaction, env: &impl Env) -> Result<()> {
    let sql = r#"SELECT "value" FROM "_backspin" WHERE "name" = 'format'"#;
    let Some(Value::Text(format)) = transaction.execute(sql, Vec::new()).await?.into_first() else {
        return Ok(());
    };
    if !system::is_outdated(&format)? {
        return Ok(());
    }
    add_log(transaction).await?;
    let sql = r#"UPDATE "_backspin" SET "value" = ?1 WHERE "name" = 'format'"#;
    transaction.execute(sql, vec![system::FORMAT.to_string().into()]).await?;
    // Instances that know the tables as they were look again.
    system::change_version(transaction, env).await
}

/// From format 1 to 2.
async fn add_log(transaction: &impl Transaction) -> Result<()> {
    log::create_table(transaction).await?;
    for collection in store::collections(transaction).await?.iter().filter(|collection| !collection.is_view())
    {
        transaction.execute(&ddl::add_actor_column(collection), Vec::new()).await?;
        for trigger in log::create_triggers(collection) {
            transaction.execute(&trigger, Vec::new()).await?;
        }
    }
    Ok(())
}
