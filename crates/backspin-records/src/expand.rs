//! `expand`: the records that relations lead to, rendered within the statement of the record itself.

mod size;

pub(crate) use size::{TOO_LARGE, too_large_sql};

use backspin_query::{Expand, ExpandStep, Fields, Parameters, Part, Predicate, Reach};
use backspin_schema::quote::{Literal, Quoted};
use backspin_schema::{Action, Collection, Snapshot};

use crate::access::{RuleTarget, compile_rule};
use crate::render::{RenderedRow, Renderer};
use crate::request::RequestInfo;

/// Records that lead back to one record, at most. The same as PocketBase's.
const BACK_RELATIONS_MAX: usize = 1000;

/// A relation to follow, and what to follow from there.
pub(crate) struct ExpandNode<'s> {
    /// As asked for: the key of the reply.
    name: String,
    step: ExpandStep<'s>,
    inner: Vec<ExpandNode<'s>>,
}

impl<'s> ExpandNode<'s> {
    /// The relations of a record of `collection` that `expand` names. As in PocketBase, a path is left out as a
    /// whole if the schema has no such relation or the caller may view nothing there.
    pub(crate) fn resolve(
        snapshot: &'s Snapshot,
        request: &RequestInfo<'_>,
        collection: &'s Collection,
        expand: &Expand,
    ) -> Vec<Self> {
        let nodes = expand.0.iter().filter_map(|(name, after)| {
            let step = ExpandStep::find(snapshot, collection, name)?;
            let target = step.collection();
            let mut unused = Parameters::new();
            view_rule(snapshot, request, target, "record", &mut unused).ok()?;
            let inner = Self::resolve(snapshot, request, target, after);
            (after.is_empty() || !inner.is_empty()).then(|| Self { name: name.clone(), step, inner })
        });
        nodes.collect()
    }
}

impl Renderer<'_> {
    /// The object of the records that a row leads to, by relation. A relation that leads nowhere has no key.
    pub(super) fn expanded(
        &mut self,
        row: RenderedRow<'_>,
        nodes: &[ExpandNode<'_>],
        fields: &Fields,
    ) -> String {
        let mut nodes: Vec<_> = nodes.iter().collect();
        nodes.sort_by(|a, b| a.name.cmp(&b.name));
        let mut members = vec![];
        for node in nodes {
            let nothing = Fields::default();
            let fields = match fields.part(&node.name) {
                Part::Nothing => continue,
                Part::Inside(inside) => inside,
                Part::Whole | Part::Excerpt => &nothing,
            };
            members.extend(self.relation(row, node, fields));
        }
        match members.as_slice() {
            [] => "'{}'".to_owned(),
            members => format!("'{{' || substr({}, 2) || '}}'", members.join(" || ")),
        }
    }

    /// `,"name":…`, or the empty text if no record is there.
    fn relation(&mut self, row: RenderedRow<'_>, node: &ExpandNode<'_>, fields: &Fields) -> Option<String> {
        let target = node.step.collection();
        self.rows += 1;
        let alias = format!("x{}", self.rows);
        let rule = match view_rule(self.snapshot, self.request, target, &alias, self.parameters).ok()? {
            Predicate::Never => return None,
            Predicate::Always => String::new(),
            Predicate::Sql(rule) => format!(" AND ({rule})"),
        };
        let record = self.record(
            RenderedRow { collection: target, alias: &alias, context: "expand" },
            &node.inner,
            fields,
        );
        let (outer, table) = (Quoted(row.alias), Quoted(&target.name));
        let (is_list, rows) = match node.step {
            ExpandStep::Relation { field, .. } if field.is_multiple() => {
                let ids = array_sql(&format!("{outer}.{}", Quoted(&field.name)));
                let id = format!("{alias}i");
                (
                    true,
                    format!(
                        "FROM json_each({ids}) AS {id} CROSS JOIN {table} AS {alias} \
                         ON {alias}.\"id\" = {id}.\"value\" WHERE 1{rule}"
                    ),
                )
            }
            ExpandStep::Relation { field, .. } => {
                let id = Quoted(&field.name);
                (false, format!("FROM {table} AS {alias} WHERE {alias}.\"id\" = {outer}.{id}{rule}"))
            }
            ExpandStep::Back { field, unique, .. } => {
                let back = format!("{alias}.{}", Quoted(&field.name));
                let leads_here = if field.is_multiple() {
                    format!("{outer}.\"id\" IN (SELECT \"value\" FROM json_each({}))", array_sql(&back))
                } else {
                    format!("{back} = {outer}.\"id\"")
                };
                (
                    !unique,
                    format!("FROM {table} AS {alias} WHERE {leads_here}{rule} LIMIT {BACK_RELATIONS_MAX}"),
                )
            }
        };
        let key = format!(",\"{}\":", node.name);
        Some(if is_list {
            let (key, end) = (Literal(&format!("{key}[")).to_string(), "']'");
            format!(
                "coalesce({key} || (SELECT group_concat(\"json\") FROM (SELECT {record} AS \"json\" {rows})) || {end}, '')"
            )
        } else {
            format!("coalesce({} || (SELECT {record} {rows}), '')", Literal(&key))
        })
    }
}

/// What the caller may view of what is expanded.
///
/// Errors: 403 if only superusers may or an API key has no scope for it, 400 for a rule that no longer fits the schema.
fn view_rule(
    snapshot: &Snapshot,
    request: &RequestInfo<'_>,
    collection: &Collection,
    alias: &str,
    parameters: &mut Parameters,
) -> backspin_core::Result<Predicate> {
    request.caller.require_scope(collection, Action::View)?;
    let target = RuleTarget { collection, alias, stored: true, reach: Reach::One, context: "expand" };
    compile_rule(snapshot, request, collection.view_rule.as_deref(), target, parameters)
}

/// What a column holds as a JSON array.
fn array_sql(column: &str) -> String {
    format!(
        "CASE WHEN json_valid({column}) AND json_type({column}) = 'array' THEN {column} ELSE json_array({column}) END"
    )
}
