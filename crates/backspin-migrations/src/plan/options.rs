//! The step for what no SQL knows of: rules, options, the order of fields.

use backspin_schema::{Collection, Field};

use super::pairs::Pairs;
use crate::narrowing;
use crate::step::{Grade, Step, StepKind};

pub(super) fn steps(pairs: &Pairs<'_>) -> Vec<Step> {
    pairs.both().filter_map(|(old, new)| step(old, new)).collect()
}

fn step(old: &Collection, new: &Collection) -> Option<Step> {
    let (mut changes, mut narrowed) = (Vec::new(), narrowing::of_collection(old, new));
    let rules = narrowing::rules(old, new).into_iter().filter(|(_, old, new)| old != new);
    changes.extend(rules.map(|(name, ..)| name.to_owned()));
    for field in &new.fields {
        let Some(before) = old.find_field_by_id(&field.id) else { continue };
        if *before != (Field { name: before.name.clone(), ..field.clone() }) {
            changes.push(format!("the field {}", field.name));
            let parts = narrowing::of_field(before, field);
            narrowed.extend(parts.into_iter().map(|part| format!("{part} of {}", field.name)));
        }
    }
    // A view's fields come from its query, most of them with ids of their own.
    if new.is_view() && changes.is_empty() && old.fields != new.fields {
        changes.push("the fields".to_owned());
    }
    if old.kind != new.kind && !new.is_view() {
        changes.push("the options of sign-in".to_owned());
    }
    if order(old, new) != order(new, old) {
        changes.push("the order of the fields".to_owned());
    }
    if texts_of_equal_indexes_differ(old, new) {
        changes.push("the text of an index".to_owned());
    }
    if changes.is_empty() && narrowed.is_empty() && old.system == new.system {
        return None;
    }
    let mut summary = format!("Change {} of {}", changes.join(", "), new.name);
    if !narrowed.is_empty() {
        summary.push_str(&format!("; tighter: {}", narrowed.join(", ")));
    }
    let grades: &[Grade] = if narrowed.is_empty() { &[] } else { &[Grade::BreaksClients] };
    Some(Step::new(StepKind::ChangeOptions, old.name.as_str(), summary).graded(grades))
}

/// The fields of `collection` that `other` has too.
fn order<'a>(collection: &'a Collection, other: &Collection) -> Vec<&'a str> {
    let shared = collection.fields.iter().filter(|field| other.find_field_by_id(&field.id).is_some());
    shared.map(|field| field.id.as_str()).collect()
}

/// An index written otherwise, or in another place of the list, is the same to the database.
fn texts_of_equal_indexes_differ(old: &Collection, new: &Collection) -> bool {
    let parsed = |collection: &Collection| {
        let mut indexes: Vec<_> = collection
            .indexes
            .iter()
            .map(|sql| backspin_schema::Index::parse(sql).map(|index| index.to_string()))
            .collect();
        indexes.sort_unstable();
        indexes
    };
    old.indexes != new.indexes && parsed(old) == parsed(new)
}
