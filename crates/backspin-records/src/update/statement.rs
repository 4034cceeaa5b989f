//! The statements of an update. Their own parameters are the new values, the values that these depend on, the record's
//! id and the schema's version.

use std::rc::Rc;

use backspin_core::Result;
use backspin_query::Parameters;
use backspin_schema::quote::Quoted;
use backspin_schema::{Collection, Field, Snapshot, VERSION_SQL, log};

use crate::actor;
use crate::conditions::{expression, related_exist, still_fits};
use crate::input::Input;
use crate::plan::Plan;
use crate::request::{ReplyShape, RequestInfo};
use crate::returning::returning;
use crate::verdict::{Verdict, allowed, manages, written_row};

/// The alias of the record.
const ROW: &str = "record";

/// The columns that an update is about: the statements depend on these, not on their values.
pub(super) struct Columns<'a> {
    assigned: Vec<&'a Field>,
    depends_on: Vec<&'a Field>,
    /// Whether only a manager of the account may do it.
    for_manager: bool,
    trusts_stored: bool,
}

impl<'a> Columns<'a> {
    pub(super) fn of(input: &Input<'a>, trusts_stored: bool) -> Self {
        Columns {
            assigned: input.assignments.iter().map(|assigned| assigned.field).collect(),
            depends_on: input.depends_on.iter().map(|(field, _)| *field).collect(),
            for_manager: !input.refusals.unless_manager.is_empty(),
            trusts_stored,
        }
    }

    /// The relations that are assigned, with their placeholders.
    pub(super) fn relations(&self) -> Vec<(&'a Field, String)> {
        let relations = self.assigned.iter().enumerate().filter(|(_, field)| field.relation().is_some());
        relations.map(|(position, field)| (*field, format!("?{}", position + 1))).collect()
    }

    fn key(&self) -> (Vec<&str>, Vec<&str>, bool, bool) {
        let names = |fields: &[&'a Field]| fields.iter().map(|field| field.name.as_str()).collect();
        (names(&self.assigned), names(&self.depends_on), self.for_manager, self.trusts_stored)
    }

    fn id_parameter(&self) -> usize {
        self.assigned.len() + self.depends_on.len() + 1
    }

    fn version_parameter(&self) -> usize {
        self.id_parameter() + 1
    }

    /// That what stays as it is still fits, as an expression.
    fn fits(&self, collection: &Collection, parameters: &mut Parameters) -> Option<String> {
        if self.trusts_stored {
            return None;
        }
        let stays = |field: &&Field| self.assigned.iter().all(|assigned| assigned.name != field.name);
        let parts = collection
            .fields
            .iter()
            .filter(stays)
            .filter_map(|field| still_fits(field, &format!("{ROW}.{}", Quoted(&field.name)), parameters));
        let parts: Vec<_> = parts.collect();
        (!parts.is_empty()).then(|| parts.join(" AND "))
    }
}

/// Writes the record where all holds, and renders it.
pub(super) fn write_plan(
    snapshot: &Snapshot,
    request: &RequestInfo<'_>,
    collection: &Collection,
    columns: &Columns<'_>,
    shape: &ReplyShape<'_>,
) -> Result<Rc<Plan>> {
    let caller = request.reach();
    let key = format!(
        "{:?}",
        ("update", &collection.id, caller, request.context, columns.key(), &shape.expand, &shape.fields)
    );
    Plan::get(snapshot, &key, || {
        let mut parameters = Parameters::after(columns.version_parameter());
        let target = written_row(request, collection, ROW, true);
        let rule = collection.update_rule.as_deref();
        let allowed = allowed(snapshot, request, rule, target, &mut parameters)?;
        let mut conditions = vec![
            format!("{ROW}.\"id\" = ?{}", columns.id_parameter()),
            format!("{VERSION_SQL} = ?{}", columns.version_parameter()),
        ];
        conditions.extend((allowed != "1").then_some(allowed));
        if columns.for_manager {
            conditions.push(expression(&manages(snapshot, request, target, &mut parameters)));
        }
        let depends_on = columns.depends_on.iter().enumerate();
        conditions.extend(depends_on.map(|(position, field)| {
            format!("{ROW}.{} IS ?{}", Quoted(&field.name), columns.assigned.len() + position + 1)
        }));
        conditions.extend(columns.fits(collection, &mut parameters));
        let relations = columns.relations();
        conditions
            .extend(relations.iter().filter_map(|(field, value)| related_exist(snapshot, field, value)));

        let assigned = columns.assigned.iter().enumerate();
        let mut sets: Vec<_> = assigned
            .map(|(position, field)| format!("{} = ?{}", Quoted(&field.name), position + 1))
            .collect();
        sets.push(log::by_update(ROW, &actor::expression(request, &mut parameters)));
        let (reply, cut_to) = returning(snapshot, request, collection, shape, &mut parameters)?;
        let sql = format!(
            "UPDATE {} AS {ROW}\nSET {}\nWHERE {}\nRETURNING {reply}",
            Quoted(&collection.name),
            sets.join(", "),
            conditions.join("\n    AND "),
        );
        Ok(Plan::new(sql, parameters, cut_to))
    })
}

/// Asks what of all that does not hold.
pub(super) fn verdict_plan(
    snapshot: &Snapshot,
    request: &RequestInfo<'_>,
    collection: &Collection,
    columns: &Columns<'_>,
) -> Result<Rc<Plan>> {
    let caller = request.auth_collection_id();
    let key = format!("{:?}", ("refused update", &collection.id, caller, request.context, columns.key()));
    Plan::get(snapshot, &key, || {
        let mut parameters = Parameters::after(columns.version_parameter());
        let target = written_row(request, collection, ROW, true);
        let rule = collection.update_rule.as_deref();
        let allowed = allowed(snapshot, request, rule, target, &mut parameters)?;
        let allowed = format!("{ROW}.\"id\" IS NOT NULL AND {allowed}");
        let manager = expression(&manages(snapshot, request, target, &mut parameters));
        let fits = columns.fits(collection, &mut parameters).unwrap_or_else(|| "1".to_owned());
        let sql = format!(
            "SELECT {VERSION_SQL},\n    {}\nFROM (SELECT 1) LEFT JOIN {} AS {ROW} ON {ROW}.\"id\" = ?{}\n\
             WHERE {VERSION_SQL} = ?{}",
            Verdict::columns(snapshot, (&allowed, &manager, &fits), &columns.relations()),
            Quoted(&collection.name),
            columns.id_parameter(),
            columns.version_parameter(),
        );
        Ok(Plan::new(sql, parameters, None))
    })
}
