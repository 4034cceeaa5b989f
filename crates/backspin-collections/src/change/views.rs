//! The views of a changed schema: what they read, and which fields they have.

use std::collections::{HashMap, HashSet};

use backspin_core::Platform;
use backspin_schema::collection::CollectionKind;
use backspin_schema::{App, Collection, Field, Schema, Snapshot};

use super::shadow;
use super::wanted::Wanted;
use crate::view_query::{self, ViewQuery, ViewQueryError};

/// What a view is made of, or what is wrong with its query.
pub(super) type Read = Result<String, ViewQueryError>;

/// Puts the new names of collections into the queries of the views that read them, unless a query is sent.
pub(super) fn follow_renames(snapshot: &Snapshot, wanted: &mut Wanted) {
    let renamed = renamed(snapshot, &wanted.collections);
    if renamed.is_empty() {
        return;
    }
    for view in &mut wanted.collections {
        if let CollectionKind::View(options) = &mut view.kind
            && !wanted.sent.view_queries.contains(&view.id)
        {
            let new_name = |name: &str| renamed.get(&name.to_lowercase()).cloned();
            options.view_query = view_query::renamed(&options.view_query, new_name);
        }
    }
}

/// The views that are what they were but for the new names of what they read.
pub(super) fn followers<'s>(snapshot: &Snapshot, wanted: &'s Schema) -> impl Iterator<Item = &'s Collection> {
    let renamed = renamed(snapshot, wanted.collections());
    let names = |view: &Collection| view.fields.iter().map(|field| field.name.clone()).collect::<Vec<_>>();
    wanted.collections().iter().filter(move |view| {
        let Some(before) = snapshot.find_by_id(&view.id) else { return false };
        let (Some(old), Some(new)) = (before.view_query(), view.view_query()) else { return false };
        let new_name = |name: &str| renamed.get(&name.to_lowercase()).cloned();
        // In the same quotes.
        let same_name = |name: &str| renamed.values().find(|new| new.eq_ignore_ascii_case(name)).cloned();
        (&before.name, names(before)) == (&view.name, names(view))
            && view_query::renamed(old, new_name) == view_query::renamed(new, same_name)
    })
}

/// The new names of collections by their old ones in lower case.
fn renamed(snapshot: &Snapshot, wanted: &[Collection]) -> HashMap<String, String> {
    let renamed = wanted.iter().filter_map(|collection| {
        let before = snapshot.find_by_id(&collection.id)?;
        (before.name != collection.name).then(|| (before.name.to_lowercase(), collection.name.clone()))
    });
    renamed.collect()
}

/// Gives each view that is defined, or that reads what changes, the fields of its query. Returns what these
/// are made of by their positions. A view keeps its fields if something is wrong with its query.
pub(super) fn find_fields(snapshot: &Snapshot, wanted: &mut Wanted) -> HashMap<usize, Read> {
    let is_changed = |collection: &&Collection| {
        !collection.is_view()
            && snapshot
                .find_by_id(&collection.id)
                .is_none_or(|old| old.name != collection.name || old.fields != collection.fields)
    };
    let changed = wanted.collections.iter().filter(is_changed);
    let mut changed: HashSet<String> = changed.map(|collection| collection.name.to_lowercase()).collect();
    let mut found = HashMap::new();
    for position in in_order(&wanted.collections) {
        let query = wanted.collections[position].view_query().unwrap_or_default();
        let is_touched = || view_query::named(query).iter().any(|name| changed.contains(name));
        if !wanted.defined.contains(&position) && !is_touched() {
            continue;
        }
        // A view that reads this one is to see the fields that it has found.
        let schema = Schema::new(wanted.collections.clone());
        let read = ViewQuery::read(&schema, query).map(|query| {
            let view = &mut wanted.collections[position];
            let fields = with_known_ids(query.fields, &view.fields);
            if view.fields != fields {
                view.fields = fields;
                changed.insert(view.name.to_lowercase());
            }
            query.select
        });
        found.insert(position, read);
    }
    found
}

/// Asks the database what it thinks of the queries, given the schema that is wanted.
pub(super) async fn try_out(
    app: &App<impl Platform>,
    snapshot: &Snapshot,
    wanted: &Schema,
    found: &mut HashMap<usize, Read>,
) {
    let names = snapshot.collections().iter().map(|collection| collection.name.as_str());
    let gone: Vec<&str> = names.filter(|name| wanted.find_by_name(name).is_none()).collect();
    for (position, read) in found {
        if let Ok(select) | Err(ViewQueryError::NoId { select }) = &*read
            && let Some(reason) = shadow::why_refused(app.database(), wanted, &gone, select).await
        {
            let query = wanted.collections()[*position].view_query().unwrap_or_default();
            let reason = old_name(snapshot, wanted, query).unwrap_or(reason);
            *read = Err(ViewQueryError::Unusable(reason));
        }
    }
}

/// That a query reads a collection by a name which it has no longer.
fn old_name(snapshot: &Snapshot, wanted: &Schema, query: &str) -> Option<String> {
    let renamed = renamed(snapshot, wanted.collections());
    let reads = |(old, new): &(&String, &String)| {
        wanted.find_by_name(old).is_none()
            && view_query::renamed(query, |name| (name.to_lowercase() == **old).then(|| (*new).clone()))
                != query
    };
    renamed.iter().find(reads).map(|(old, new)| format!("{old} is named {new} now"))
}

/// The schema in which a view that is defined has no fields if something is wrong with its query.
pub(super) fn without_wrong_fields(
    schema: &Schema,
    defined: &[usize],
    views: &HashMap<usize, Read>,
) -> Schema {
    let mut collections = schema.collections().to_vec();
    for position in defined {
        if let Some(Err(_)) = views.get(position) {
            collections[*position].fields.clear();
        }
    }
    Schema::new(collections)
}

/// The fields, with the ids that copies of the same name have had.
fn with_known_ids(mut fields: Vec<Field>, before: &[Field]) -> Vec<Field> {
    const COPY: &str = "_clone_";
    for field in &mut fields {
        let is_same =
            |old: &&Field| old.name == field.name && old.id.starts_with(COPY) && field.id.starts_with(COPY);
        if let Some(old) = before.iter().find(is_same) {
            field.id.clone_from(&old.id);
        }
    }
    fields
}

/// The positions of the views, each after those that it reads.
fn in_order(collections: &[Collection]) -> Vec<usize> {
    let is_view = |position: &usize| collections[*position].is_view();
    let mut rest: Vec<usize> = (0..collections.len()).filter(is_view).collect();
    let reads: HashMap<usize, HashSet<usize>> = rest
        .iter()
        .map(|view| {
            let query = collections[*view].view_query().unwrap_or_default();
            let named = view_query::named(query);
            let is_read =
                |other: &&usize| *other != view && named.contains(&collections[**other].name.to_lowercase());
            (*view, rest.iter().filter(is_read).copied().collect())
        })
        .collect();
    let mut ordered = Vec::with_capacity(rest.len());
    while !rest.is_empty() {
        let is_free = |view: &usize| !rest.iter().any(|other| reads[view].contains(other));
        // Views that read each other have no order; the database says so.
        let next = rest.iter().position(is_free).unwrap_or(0);
        ordered.push(rest.remove(next));
    }
    ordered
}
