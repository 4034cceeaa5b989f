//! What a plan would do to the data that is there.

use backspin_core::{Error, Result, Transaction, Value};

use crate::Plan;

impl Plan {
    /// Fills in [`crate::Step::rows`] and [`crate::Step::lost`] from the data as it is, before the plan is
    /// applied. A step that turns out to lose nothing is no longer graded as one that does, and one that
    /// the plan thought harmless is graded by what it would take from these records.
    pub async fn measure(&mut self, transaction: &impl Transaction) -> Result<()> {
        use crate::Grade::LosesData;
        for step in &mut self.steps {
            step.rows = Some(count(transaction, step.counts.rows.as_deref()).await?);
            let lost = count(transaction, step.counts.lost.as_deref()).await?;
            step.lost = Some(lost);
            if lost == 0 {
                step.grades.retain(|grade| *grade != LosesData);
            } else if !step.grades.contains(&LosesData) {
                step.grades.push(LosesData);
            }
        }
        Ok(())
    }
}

/// The number that the statement returns; 0 without a statement.
pub(crate) async fn count(transaction: &impl Transaction, sql: Option<&str>) -> Result<i64> {
    let Some(sql) = sql else { return Ok(0) };
    match transaction.execute(sql, Vec::new()).await?.into_first() {
        Some(Value::Integer(count)) => Ok(count),
        _ => Err(Error::internal(format!("no count came from {sql}"))),
    }
}
