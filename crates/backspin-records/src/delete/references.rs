//! The relations that point to a collection.

use std::rc::Rc;

use backspin_core::Result;
use backspin_schema::field::{FieldOptions, RelationOptions};
use backspin_schema::quote::Quoted;
use backspin_schema::{Collection, Field, Snapshot, log};

/// The statements for one relation, made once for a schema. `?1` is a JSON array of deleted ids, `?2` who deletes.
pub(super) struct Reference {
    /// The id of the collection that has the relation.
    pub(super) collection_id: String,
    pub(super) step: Step,
}

/// What becomes of the records that refer to deleted ones.
pub(super) enum Step {
    /// Those that refer to nothing else are deleted too, and their ids returned. Where a relation holds several ids,
    /// those that are left over are cleared by `clear`.
    Delete {
        delete_sql: String,
        clear: Option<Clear>,
    },
    Clear(Clear),
}

/// Takes the ids out.
pub(super) struct Clear {
    /// Returns a row if a required relation would be left empty.
    pub(super) blocked_sql: Option<String>,
    /// `?3` is the time now.
    pub(super) clear_sql: String,
}

pub(super) struct References(pub(super) Vec<Reference>);

impl References {
    /// Those to the records of `collection`, from any collection that is no view.
    pub(super) fn to(snapshot: &Snapshot, collection: &Collection) -> Result<Rc<Self>> {
        snapshot.memo().get_or_make(&collection.id, || {
            let tables = snapshot.collections().iter().filter(|other| !other.is_view());
            let relations = tables.flat_map(|other| {
                let to_it = |field: &&Field| {
                    field.relation().is_some_and(|relation| relation.collection_id == collection.id)
                };
                other.fields.iter().filter(to_it).map(move |field| (other, field))
            });
            Ok(References(relations.filter_map(|(other, field)| Reference::of(other, field)).collect()))
        })
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Reference {
    fn of(collection: &Collection, field: &Field) -> Option<Self> {
        let RelationOptions { cascade_delete, .. } = field.relation()?;
        let sql = Sql::of(collection, field);
        let blocked_sql = (field.required && !cascade_delete).then(|| sql.blocked());
        let clear = Clear { blocked_sql, clear_sql: sql.clear(collection) };
        let step = match cascade_delete {
            false => Step::Clear(clear),
            true => Step::Delete { delete_sql: sql.delete(), clear: field.is_multiple().then_some(clear) },
        };
        Some(Reference { collection_id: collection.id.clone(), step })
    }
}

/// The parts of the statements.
struct Sql {
    table: String,
    column: String,
    /// That the record refers to a deleted one.
    refers: String,
    /// Of a relation that holds several ids.
    several: Option<Several>,
}

struct Several {
    /// The ids as a JSON array, whatever raw SQL may have stored.
    list: String,
    /// That the record refers to none but deleted ones.
    refers_to_no_other: String,
}

const DELETED: &str = "(SELECT \"value\" FROM json_each(?1))";

impl Sql {
    fn of(collection: &Collection, field: &Field) -> Self {
        let (table, column) = (Quoted(&collection.name).to_string(), Quoted(&field.name).to_string());
        if !field.is_multiple() {
            let refers = format!("{column} IN {DELETED}");
            return Sql { table, column, refers, several: None };
        }
        let stored = format!("{table}.{column}");
        let list = format!(
            "CASE WHEN json_valid({stored}) AND json_type({stored}) = 'array' THEN {stored} ELSE json_array({stored}) END"
        );
        let any = |condition: &str| {
            format!(
                "EXISTS (SELECT 1 FROM json_each({list}) AS \"named\" WHERE \"named\".\"value\" {condition})"
            )
        };
        let refers = any(&format!("IN {DELETED}"));
        let refers_to_no_other = format!("NOT {}", any(&format!("NOT IN {DELETED}")));
        Sql { table, column, refers, several: Some(Several { list, refers_to_no_other }) }
    }

    fn only_reference(&self) -> String {
        match &self.several {
            Some(several) => format!("{}\n    AND {}", self.refers, several.refers_to_no_other),
            None => self.refers.clone(),
        }
    }

    fn blocked(&self) -> String {
        format!("SELECT 1 FROM {}\nWHERE {}\nLIMIT 1", self.table, self.only_reference())
    }

    fn delete(&self) -> String {
        let by = log::by_delete("?2");
        format!("UPDATE {}\nSET {by}\nWHERE {}\nRETURNING \"id\"", self.table, self.only_reference())
    }

    fn clear(&self, collection: &Collection) -> String {
        let Sql { table, column, refers, several } = self;
        let rest = match several {
            None => "''".to_owned(),
            Some(Several { list, .. }) => format!(
                "(SELECT json_group_array(\"named\".\"value\") FROM json_each({list}) AS \"named\" \
                 WHERE \"named\".\"value\" NOT IN {DELETED})"
            ),
        };
        let mut sets = vec![format!("{column} = {rest}"), log::by_update(&collection.name, "?2")];
        sets.extend(collection.fields.iter().filter_map(|field| match &field.options {
            FieldOptions::Autodate(options) if options.on_update => {
                Some(format!("{} = ?3", Quoted(&field.name)))
            }
            _ => None,
        }));
        format!("UPDATE {table}\nSET {}\nWHERE {refers}\n    AND ?3 IS NOT NULL", sets.join(", "))
    }
}
