//! How many records an `expand` leads to, counted before they are rendered: relations to many within relations to
//! many multiply.

use backspin_query::ExpandStep;
use backspin_schema::quote::Quoted;

use super::{ExpandNode, array_sql};

/// The JSON of an `expand` that is too large to render. No reply holds it otherwise, for it is none.
pub(crate) const TOO_LARGE: &str = "!";

/// An SQL condition: whether some path leads from the row to more than `max` records, which is an SQL expression.
/// `None` if no path has a relation to many within another.
pub(crate) fn too_large_sql(row: &str, nodes: &[ExpandNode<'_>], max: &str) -> Option<String> {
    let mut counted = Counted { max, rows: 0, conditions: vec![] };
    counted.walk(nodes, row, "", 0);
    (!counted.conditions.is_empty()).then(|| counted.conditions.join(" OR "))
}

struct Counted<'a> {
    max: &'a str,
    rows: usize,
    conditions: Vec<String>,
}

impl Counted<'_> {
    /// Follows `nodes` from the row `parent`, to which `joins` lead over `many` relations to many.
    fn walk(&mut self, nodes: &[ExpandNode<'_>], parent: &str, joins: &str, many: usize) {
        for node in nodes {
            self.rows += 1;
            let row = format!("y{}", self.rows);
            let joins = format!("{joins} CROSS JOIN {}", join_sql(node.step, parent, &row));
            let many = many + usize::from(node.leads_to_many());
            let is_last = node.leads_to_many() && !node.inner.iter().any(ExpandNode::holds_many);
            if is_last && many > 1 {
                let max = self.max;
                self.conditions.push(format!(
                    "(SELECT count(*) FROM (SELECT 1 FROM (SELECT 1){joins} LIMIT {max} + 1)) > {max}"
                ));
            }
            self.walk(&node.inner, &row, &joins, many);
        }
    }
}

impl ExpandNode<'_> {
    fn leads_to_many(&self) -> bool {
        match self.step {
            ExpandStep::Relation { field, .. } => field.is_multiple(),
            ExpandStep::Back { unique, .. } => !unique,
        }
    }

    fn holds_many(&self) -> bool {
        self.leads_to_many() || self.inner.iter().any(Self::holds_many)
    }
}

/// The rows of a step as a member of a `FROM`.
fn join_sql(step: ExpandStep<'_>, parent: &str, row: &str) -> String {
    let (table, parent) = (Quoted(&step.collection().name), Quoted(parent));
    match step {
        ExpandStep::Relation { field, .. } if field.is_multiple() => {
            let ids = array_sql(&format!("{parent}.{}", Quoted(&field.name)));
            format!(
                "json_each({ids}) AS {row}i CROSS JOIN {table} AS {row} ON {row}.\"id\" = {row}i.\"value\""
            )
        }
        ExpandStep::Relation { field, .. } => {
            format!("{table} AS {row} ON {row}.\"id\" = {parent}.{}", Quoted(&field.name))
        }
        ExpandStep::Back { field, .. } if field.is_multiple() => {
            let ids = array_sql(&format!("{row}.{}", Quoted(&field.name)));
            format!("{table} AS {row} ON {parent}.\"id\" IN (SELECT \"value\" FROM json_each({ids}))")
        }
        ExpandStep::Back { field, .. } => {
            format!("{table} AS {row} ON {row}.{} = {parent}.\"id\"", Quoted(&field.name))
        }
    }
}
