//! What a plan would do to the data that is there.

use backspin_core::{DatabaseError, Error, Result, Rows, Transaction, Value};
use backspin_schema::quote::Quoted;

use crate::{Plan, Problem, Step};

impl Plan {
    /// Fills in [`crate::Step::rows`] and [`crate::Step::lost`] from the data as it is, before the plan is
    /// applied; `read` runs a statement. A step that turns out to lose nothing is no longer graded as one
    /// that does, and one that the plan thought harmless is graded by what it would take from these records. A unique
    /// index that the records stand against is a problem.
    pub async fn measure(&mut self, read: impl AsyncFn(&str) -> Result<Rows, DatabaseError>) -> Result<()> {
        self.measure_if(|_| true, &read).await?;
        for check in std::mem::take(&mut self.unique_checks) {
            let reason = match read(&check.sql).await {
                Ok(rows) => match number(&check.sql, rows)? {
                    0 => continue,
                    1 => "a value is there more than once".to_owned(),
                    count => format!("{count} values are there more than once"),
                },
                Err(DatabaseError::Other(reason)) => {
                    // It names our own statement after its reason.
                    reason.split(" in SELECT ").next().unwrap_or_default().to_owned()
                }
                Err(error) => return Err(error.into()),
            };
            let message = format!("The unique index {} cannot be made: {reason}.", check.name);
            self.report(Problem { collection: check.collection, part: check.part, message });
        }
        Ok(())
    }

    /// As [`Plan::measure`], but only the losses of the steps for which `counts_lost`.
    pub(crate) async fn measure_if(
        &mut self,
        counts_lost: impl Fn(&Step) -> bool,
        read: impl AsyncFn(&str) -> Result<Rows, DatabaseError>,
    ) -> Result<()> {
        let count = async |sql: Option<&str>| match sql {
            Some(sql) => number(sql, read(sql).await?),
            None => Ok(0),
        };
        for step in &mut self.steps {
            step.rows = Some(count(step.counts.rows.as_deref()).await?);
            if counts_lost(step) {
                step.loses(count(step.counts.lost.as_deref()).await?);
            }
        }
        Ok(())
    }
}

/// The statement that counts the rows of a table.
pub(crate) fn count_sql(table: &str) -> String {
    format!("SELECT COUNT(*) FROM {}", Quoted(table))
}

/// The number that the statement returns; 0 without a statement.
pub(crate) async fn count(transaction: &impl Transaction, sql: Option<&str>) -> Result<i64> {
    match sql {
        Some(sql) => number(sql, transaction.execute(sql, Vec::new()).await?),
        None => Ok(0),
    }
}

fn number(sql: &str, rows: Rows) -> Result<i64> {
    match rows.into_first() {
        Some(Value::Integer(count)) => Ok(count),
        _ => Err(Error::internal(format!("no count came from {sql}"))),
    }
}
