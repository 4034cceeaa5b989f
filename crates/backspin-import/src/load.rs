//! A collection with its table, records and indexes.

use backspin_core::{Database, DatabaseError, Value, limits};
use backspin_native::{NativeDatabase, NativeTransaction};
use backspin_schema::quote::Quoted;
use backspin_schema::{Collection, Field, Index, ddl, log, store};

use crate::report::counted;
use crate::value::{Taken, take};
use crate::{Brought, ImportError, Progress, Report};

/// After how many records somebody is told, and asked whether to go on.
const RECORDS_PER_STEP: u64 = 2000;

/// From where, into what, and who hears of it.
pub(crate) struct Loader<'a, P> {
    pub(crate) source: &'a NativeDatabase,
    pub(crate) target: &'a NativeTransaction,
    pub(crate) report: &'a mut Report,
    pub(crate) progress: &'a mut P,
}

impl<P: Progress> Loader<'_, P> {
    /// Brings a base or auth collection. Its rows keep their numbers, and so their order.
    ///
    /// Errors: `Stopped`, or the database's; a collection or index that cannot be is only told.
    pub(crate) async fn collection(&mut self, mut collection: Collection) -> Result<(), ImportError> {
        let name = collection.name.clone();
        if let Err(error) = self.target.run(&ddl::create_table(&collection), Vec::new()) {
            self.report.not_brought(format!("the collection {name} and its records"), refusal(error)?);
            return Ok(());
        }
        let records = self.records(&collection).await?;
        let mut indexes = Vec::new();
        for index in std::mem::take(&mut collection.indexes) {
            match self.index(&name, &index)? {
                Ok(()) => indexes.push(index),
                Err(reason) => self.report.not_brought(format!("the index {index}"), reason),
            }
        }
        collection.indexes = indexes;
        // Last, so that the change log begins after the import.
        for trigger in log::create_triggers(&collection) {
            if let Err(error) = self.target.run(&trigger, Vec::new()) {
                self.target.run(&ddl::drop_table(&collection), Vec::new())?;
                self.report.not_brought(format!("the collection {name} and its records"), refusal(error)?);
                return Ok(());
            }
        }
        self.look_at_width(&collection);
        store::insert(self.target, &collection).await?;
        let kind = collection.type_name();
        self.report.collections.push(Brought { name, kind, records: Some(records) });
        Ok(())
    }

    /// Errors (inner): the reason, if the index cannot be.
    fn index(&self, collection: &str, text: &str) -> Result<Result<(), String>, ImportError> {
        let Some(index) = Index::parse(text) else {
            return Ok(Err("it is no statement that makes an index".to_owned()));
        };
        if !index.table.eq_ignore_ascii_case(collection) {
            return Ok(Err(format!("it is on {}, not on {collection}, where it stands", index.table)));
        }
        match self.target.run(&index.to_string(), Vec::new()) {
            Ok(_) => Ok(Ok(())),
            Err(error) => refusal(error).map(Err),
        }
    }

    fn look_at_width(&mut self, collection: &Collection) {
        let (fields, max) = (collection.fields.len(), limits::COLLECTION_FIELDS_MAX);
        if fields > max {
            let why = format!(
                "it has {fields} fields, and Backspin makes none with more than {max}: its definition cannot be \
                 changed until it has no more than those"
            );
            self.report.remark(format!("the collection {}", collection.name), why);
        }
    }

    /// Copies the records; returns how many there are.
    async fn records(&mut self, collection: &Collection) -> Result<u64, ImportError> {
        let name = &collection.name;
        let columns = self.columns(name).await?;
        if columns.is_empty() {
            self.report.not_brought(format!("the records of {name}"), "PocketBase has no table for them");
            return Ok(0);
        }
        let has = |field: &&Field| columns.iter().any(|column| column.eq_ignore_ascii_case(&field.name));
        let (fields, missing): (Vec<&Field>, Vec<&Field>) = collection.fields.iter().partition(has);
        for field in missing {
            self.report
                .remark(format!("the field {} of {name}", field.name), "it has no values in PocketBase");
        }
        let is_field = |column: &&String| !fields.iter().any(|field| field.name.eq_ignore_ascii_case(column));
        for column in columns.iter().filter(is_field) {
            let why = "it belongs to no field that was brought";
            self.report.not_brought(format!("the column {column} of the table {name}"), why);
        }
        let count = format!("SELECT count(*) FROM {}", Quoted(name));
        let count = self.source.query(&count, Vec::new()).await?.into_first();
        self.progress.collection(name, as_count(count));
        self.copy(name, &fields)
    }

    fn copy(&mut self, name: &str, fields: &[&Field]) -> Result<u64, ImportError> {
        let columns: Vec<String> = fields.iter().map(|field| Quoted(&field.name).to_string()).collect();
        let columns = columns.join(", ");
        let places: Vec<String> = (1..=fields.len() + 1).map(|place| format!("?{place}")).collect();
        let (table, places) = (Quoted(name), places.join(", "));
        let select = format!(r#"SELECT "_rowid_", {columns} FROM {table} ORDER BY "_rowid_""#);
        let insert = format!(r#"INSERT INTO {table} ("_rowid_", {columns}) VALUES ({places})"#);
        let mut replaced = vec![0_u64; fields.len()];
        let mut copied = 0;
        self.source.for_each_row(&select, |row| {
            let mut values = row.into_iter();
            let mut record = Vec::with_capacity(fields.len() + 1);
            record.extend(values.next());
            for (position, value) in values.enumerate() {
                record.push(match take(fields[position], value) {
                    Taken::Whole(value) => value,
                    Taken::Replaced(value) => {
                        replaced[position] += 1;
                        value
                    }
                });
            }
            self.target.run(&insert, record)?;
            copied += 1;
            let is_step = copied % RECORDS_PER_STEP == 0;
            if is_step && self.progress.records(RECORDS_PER_STEP).is_break() {
                return Err(ImportError::Stopped);
            }
            Ok(())
        })?;
        if self.progress.records(copied % RECORDS_PER_STEP).is_break() {
            return Err(ImportError::Stopped);
        }
        for (field, replaced) in fields.iter().zip(replaced).filter(|(_, replaced)| *replaced > 0) {
            let what = format!("{} of the field {} of {name}", counted(replaced, "value"), field.name);
            self.report.not_brought(
                what,
                format!("they are no {}, and PocketBase shows none either", field.type_name()),
            );
        }
        Ok(copied)
    }

    async fn columns(&self, table: &str) -> Result<Vec<String>, DatabaseError> {
        let sql = r#"SELECT "name" FROM pragma_table_info(?1)"#;
        let rows = self.source.query(sql, vec![table.into()]).await?.rows;
        let names = rows.into_iter().flatten().filter_map(|name| match name {
            Value::Text(name) => Some(name),
            Value::Null | Value::Integer(_) | Value::Real(_) | Value::Blob(_) => None,
        });
        Ok(names.collect())
    }
}

/// Why SQLite does not take a definition.
///
/// Errors: those that are no fault of the definition.
fn refusal(error: DatabaseError) -> Result<String, ImportError> {
    match error {
        DatabaseError::Busy | DatabaseError::Full => Err(error.into()),
        refusal => Ok(refusal.to_string()),
    }
}

fn as_count(count: Option<Value>) -> u64 {
    match count {
        Some(Value::Integer(count)) => count.unsigned_abs(),
        _ => 0,
    }
}
