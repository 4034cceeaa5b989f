//! The reply to a write, rendered by the statement that writes.

use backspin_core::Result;
use backspin_query::{Fields, Parameters};
use backspin_schema::quote::Quoted;
use backspin_schema::{Collection, Snapshot};

use crate::expand::ExpandNode;
use crate::render::{RenderedRow, Renderer};
use crate::request::{ReplyShape, RequestInfo};

/// The alias of the written record. No collection can have this name.
const ROW: &str = "written$";

/// What follows `RETURNING`: the record's JSON as the caller may see it, whatever the view rule. Also tells what to
/// cut it to, as [`crate::plan::Plan::cut_to`].
///
/// There, SQLite knows the row by the name of its table only; so the row is looked up once more.
///
/// Errors: 400 for a shape that cannot be read.
pub(crate) fn returning(
    snapshot: &Snapshot,
    request: &RequestInfo<'_>,
    collection: &Collection,
    shape: &ReplyShape<'_>,
    parameters: &mut Parameters,
) -> Result<(String, Option<Fields>)> {
    let (expand, fields) = shape.parse()?;
    let nodes = ExpandNode::resolve(snapshot, request, collection, &expand);
    let mut renderer = Renderer::new(snapshot, request, parameters);
    let record =
        renderer.record(RenderedRow { collection, alias: ROW, context: request.context }, &nodes, &fields);
    let is_coarse = renderer.is_coarse;
    let (table, row) = (Quoted(&collection.name), Quoted(ROW));
    let sql = format!(
        "(\n    SELECT {record}\n    FROM {table} AS {row}\n    WHERE {row}.\"_rowid_\" = {table}.\"_rowid_\"\n)"
    );
    Ok((sql, is_coarse.then_some(fields)))
}
