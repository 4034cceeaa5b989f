//! Whether the relations that were brought lead somewhere.

use backspin_schema::Schema;

use crate::Report;

/// Tells which lead to a collection that is not there. Their values are kept, and nothing can be expanded by them.
pub(crate) fn check(schema: &Schema, report: &mut Report) {
    for collection in schema.collections() {
        for field in &collection.fields {
            if let Some(relation) = field.relation()
                && schema.find_by_id(&relation.collection_id).is_none()
            {
                let what = format!("the field {} of {}", field.name, collection.name);
                report.remark(what, "it leads to a collection that was not brought");
            }
        }
    }
}
