//! What migrations took away is deleted for good, so that it takes no room any more.

use backspin_core::{Database, Env, Error, Platform, Result, Timestamp, Transaction};
use backspin_schema::App;

use crate::history::{Migration, find_in_force, mark_forgotten};
use crate::kept;

/// Of which migrations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Forgotten {
    /// The one with this number.
    Number(i64),
    /// All with a smaller number.
    BeforeNumber(i64),
    /// All that were applied earlier.
    BeforeTime(Timestamp),
}

/// Deletes for good what these migrations took away, in one transaction. They can then no longer be taken back, nor can
/// those before them.
///
/// Errors: 404 if none of them is in force and keeps something.
pub async fn forget(app: &App<impl Platform>, forgotten: Forgotten) -> Result<()> {
    app.database()
        .transact(async |transaction| {
            let mut migrations = find_in_force(transaction).await?;
            migrations.retain(|migration| forgotten.is(migration));
            if migrations.is_empty() {
                return Err(Error::NotFound(forgotten.none()));
            }
            for migration in migrations {
                for table in migration.kept_tables() {
                    transaction.execute(&kept::drop(table), Vec::new()).await?;
                }
                mark_forgotten(transaction, migration.number, &app.env().now().to_string()).await?;
            }
            Ok(())
        })
        .await
}

impl Forgotten {
    fn is(self, migration: &Migration) -> bool {
        let is_meant = match self {
            Forgotten::Number(number) => migration.number == number,
            Forgotten::BeforeNumber(number) => migration.number < number,
            // Texts of times are in the order of the times.
            Forgotten::BeforeTime(time) => migration.applied < time.to_string(),
        };
        is_meant && migration.forgotten.is_empty() && migration.keeps()
    }

    fn none(self) -> String {
        match self {
            Forgotten::Number(number) => format!("No migration {number} is in force that keeps anything."),
            Forgotten::BeforeNumber(number) => {
                format!("No migration before {number} is in force that keeps anything.")
            }
            Forgotten::BeforeTime(time) => {
                format!("No migration applied before {time} is in force that keeps anything.")
            }
        }
    }
}
