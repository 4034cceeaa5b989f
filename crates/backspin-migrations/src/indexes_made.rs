//! The indexes as the database has them, beside what the schema says of them.

use std::collections::HashMap;

use backspin_core::{FieldError, FieldErrors, Result, Transaction, Value};
use backspin_schema::{Collection, Index};

use crate::index_names::is_same;
use crate::{Step, StepKind};

/// The statements of indexes by their names in lower case.
pub(crate) struct Made(HashMap<String, String>);

impl Made {
    pub(crate) async fn read(transaction: &impl Transaction) -> Result<Self> {
        let sql = r#"SELECT "name", "sql" FROM "sqlite_master" WHERE "type" = 'index' AND "sql" IS NOT NULL"#;
        let rows = transaction.execute(sql, Vec::new()).await?.rows;
        let made = rows.into_iter().filter_map(|row| match <[Value; 2]>::try_from(row) {
            Ok([Value::Text(name), Value::Text(sql)]) => Some((name.to_lowercase(), sql)),
            _ => None,
        });
        Ok(Made(made.collect()))
    }

    fn find(&self, name: &str) -> Option<&String> {
        self.0.get(&name.to_lowercase())
    }

    /// Lets the way back of a step make the indexes that it removes as they are, whatever the schema says.
    pub(crate) fn restored_by(&self, step: &mut Step) {
        if !matches!(step.kind, StepKind::DropIndex | StepKind::DropCollection) {
            return;
        }
        for sql in step.down.iter_mut().chain(&mut step.without_kept.down) {
            if let Some(made) = Index::parse(sql).and_then(|index| self.find(&index.name)) {
                sql.clone_from(made);
            }
        }
    }

    /// Whether SQLite has renamed in the indexes what the plan has.
    ///
    /// Errors: 400 with each index (`COLLECTION.indexes.N`) that is not what it shall be.
    pub(crate) fn check_renamed(&self, old: &[Collection], new: &[Collection]) -> Result<()> {
        let mut fields = FieldErrors::default();
        let renamed = new.iter().filter(|new| {
            let old = old.iter().find(|old| old.id == new.id);
            old.is_some_and(|old| !new.is_view() && has_renames(old, new))
        });
        for collection in renamed {
            for (position, wanted) in collection.indexes.iter().enumerate() {
                let Some(wanted) = Index::parse(wanted) else { continue };
                let made = self.find(&wanted.name);
                if !made.and_then(|sql| Index::parse(sql)).is_some_and(|made| is_same(&made, &wanted)) {
                    let message = format!(
                        "The index {} of the database is another one. Remove it, or change it, first.",
                        wanted.name
                    );
                    let part = format!("{}.indexes.{position}", collection.name);
                    fields.add(part, FieldError::new("validation_index_differs", message));
                }
            }
        }
        fields.into_result("The change failed. Nothing was changed.")
    }
}

fn has_renames(old: &Collection, new: &Collection) -> bool {
    let is_renamed = |field: &backspin_schema::Field| {
        new.find_field_by_id(&field.id).is_some_and(|other| other.name != field.name)
    };
    old.name != new.name || old.fields.iter().any(is_renamed)
}
