//! The schema as somebody wants it, from the schema as it is.

use std::collections::HashSet;

use backspin_core::{Env, Error, FieldError, FieldErrors, Result, limits};
use backspin_schema::{Collection, Field, Snapshot};
use backspin_secrets::SecretKey;
use serde_json::{Map, Value as Json};

use crate::check::Change;
use crate::draft;

/// All collections, and which of them are defined anew.
#[derive(Clone, Debug)]
pub(crate) struct Wanted {
    /// As they shall be. The fields of views are found in their queries.
    pub(crate) collections: Vec<Collection>,
    /// The positions of those that are defined anew, and which of the client's definitions each is.
    pub(crate) defined: Vec<usize>,
    pub(crate) told: Told,
    /// Whether a field may become one of another type, with its values converted.
    pub(crate) converts: bool,
    pub(crate) sent: Sent,
}

/// The texts that a client has sent, by the ids of their collections. They say what they say: only what is left out
/// follows the new name of what it names.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sent {
    pub(crate) indexes: HashSet<String>,
    pub(crate) view_queries: HashSet<String>,
}

impl Sent {
    fn add(&mut self, id: &str, definition: &Map<String, Json>) {
        for (key, ids) in [("indexes", &mut self.indexes), ("viewQuery", &mut self.view_queries)] {
            if definition.contains_key(key) {
                ids.insert(id.to_owned());
            }
        }
    }
}

/// How a client is told what is wrong.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Told {
    /// The parts of the one collection by their names.
    One(Change),
    /// The parts of each under `collections.N`, counted from 0 as the client has sent them.
    Many,
}

/// What becomes of that which a client's definitions leave out. Nothing of the system's is ever removed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Missing {
    pub(crate) deletes_collections: bool,
    /// Of collections that are defined.
    pub(crate) deletes_fields: bool,
    /// Whether the fields that a definition leaves out come after its own, and the indexes of a new auth collection
    /// bear its own id, as in PocketBase's import.
    pub(crate) as_in_import: bool,
}

impl Wanted {
    fn of(collections: Vec<Collection>, defined: Vec<usize>, told: Told) -> Self {
        Wanted { collections, defined, told, converts: false, sent: Sent::default() }
    }

    /// With a new collection.
    pub(crate) fn with(snapshot: &Snapshot, collection: Collection) -> Self {
        let mut collections = snapshot.collections().to_vec();
        collections.push(collection);
        let defined = vec![collections.len() - 1];
        Wanted::of(collections, defined, Told::One(Change::Create))
    }

    /// With another definition of the collection of that id, as `body` describes it.
    pub(crate) fn changed(snapshot: &Snapshot, collection: Collection, body: &Map<String, Json>) -> Self {
        let mut collections = snapshot.collections().to_vec();
        let defined: Vec<usize> =
            collections.iter().position(|old| old.id == collection.id).into_iter().collect();
        for position in &defined {
            collections[*position] = collection.clone();
        }
        let mut wanted = Wanted::of(collections, defined, Told::One(Change::Update));
        wanted.sent.add(&collection.id, body);
        wanted
    }

    /// Without the collection of this id.
    pub(crate) fn without(snapshot: &Snapshot, id: &str) -> Self {
        let collections =
            snapshot.collections().iter().filter(|collection| collection.id != id).cloned().collect();
        Wanted::of(collections, Vec::new(), Told::One(Change::Delete))
    }

    /// With these definitions in PocketBase's JSON: each is that of the collection with its id, or else with
    /// its name, or else a new one.
    ///
    /// Errors: 400 with each definition that cannot be read, or that is the second of its collection.
    pub(crate) fn merged(
        snapshot: &Snapshot,
        definitions: &[Map<String, Json>],
        missing: Missing,
        env: &impl Env,
        key: &SecretKey,
    ) -> Result<Self> {
        let mut collections = snapshot.collections().to_vec();
        let (mut defined, mut sent, mut errors) = (Vec::new(), Sent::default(), FieldErrors::default());
        for (number, definition) in definitions.iter().enumerate() {
            match define(&mut collections, snapshot, definition, missing, (env, key)) {
                Ok(position) if !defined.contains(&position) => {
                    sent.add(&collections[position].id, definition);
                    defined.push(position);
                }
                Ok(_) => {
                    let message = "The collection is defined twice.";
                    errors.add(
                        number.to_string(),
                        FieldError::new("validation_duplicated_collection", message),
                    );
                }
                Err(error) => errors.add(number.to_string(), told(error)?),
            }
        }
        refuse(errors)?;
        if missing.deletes_collections {
            let kept: HashSet<usize> = defined.iter().copied().collect();
            let mut new_places = Vec::with_capacity(collections.len());
            let mut place = 0;
            for (position, collection) in collections.iter().enumerate() {
                let stays = collection.system || kept.contains(&position);
                new_places.push(stays.then_some(place));
                place += usize::from(stays);
            }
            defined = defined.into_iter().filter_map(|position| new_places[position]).collect();
            let mut stays = new_places.into_iter();
            collections.retain(|_| stays.next().flatten().is_some());
        }
        Ok(Wanted { sent, ..Wanted::of(collections, defined, Told::Many) })
    }
}

/// Puts the definition where its collection is, and returns its place.
fn define(
    collections: &mut Vec<Collection>,
    snapshot: &Snapshot,
    definition: &Map<String, Json>,
    missing: Missing,
    (env, key): (&impl Env, &SecretKey),
) -> Result<usize> {
    check_limits(definition)?;
    let mut definition = definition.clone();
    let Some(before) = find_defined(snapshot, &definition) else {
        let create = if missing.as_in_import { draft::create_imported } else { draft::create };
        collections.push(create(definition, env, key)?);
        return Ok(collections.len() - 1);
    };
    definition.remove("id");
    if missing.as_in_import && missing.deletes_fields {
        definition.entry("fields").or_insert_with(|| Json::Array(Vec::new()));
    }
    if !missing.deletes_fields {
        find_fields_by_name(&mut definition, before);
    }
    let sent = names_of_fields(&definition);
    let mut collection = draft::update(before, definition, env, key)?;
    if !collection.is_view() {
        let is_defined = |field: &Field| collection.fields.iter().any(|other| other.id == field.id);
        let is_named = |field: &Field| collection.fields.iter().any(|other| other.name == field.name);
        // A field of a defined one's name and another type is in its way; it is not to be lost for that.
        let stays = |field: &&Field| match missing.deletes_fields {
            true => field.system && !is_defined(field) && !is_named(field),
            false => !is_defined(field),
        };
        let kept: Vec<Field> = before.fields.iter().filter(stays).cloned().collect();
        collection.fields.extend(kept);
        if missing.as_in_import {
            sort_sent_first(&mut collection.fields, &sent, &before.fields);
        }
    }
    let position = snapshot.collections().iter().position(|other| other.id == before.id);
    let position = position.ok_or_else(Error::not_found)?;
    collections[position] = collection;
    Ok(position)
}

/// The collection that a definition is of: the one with its id, or else with its name.
pub(crate) fn find_defined<'s>(
    snapshot: &'s Snapshot,
    definition: &Map<String, Json>,
) -> Option<&'s Collection> {
    let text = |key| definition.get(key).and_then(Json::as_str).unwrap_or_default();
    snapshot.find_by_id(text("id")).or_else(|| snapshot.find_by_name(text("name")))
}

/// Where nothing is deleted, a field under an id that the collection does not know is the one of its name and type: so the
/// schema of one server can be brought to another that has made its fields by itself.
fn find_fields_by_name(definition: &mut Map<String, Json>, before: &Collection) {
    let Some(Json::Array(fields)) = definition.get_mut("fields") else { return };
    let sent: HashSet<String> =
        fields.iter().filter_map(|field| field["id"].as_str()).map(str::to_owned).collect();
    for field in fields {
        let is_known = field["id"].as_str().is_none_or(|id| before.find_field_by_id(id).is_some());
        let is_same = |old: &&Field| field["name"] == old.name && field["type"] == old.type_name();
        let old = before.fields.iter().filter(|old| !sent.contains(&old.id)).find(is_same);
        if let Some(old) = old.filter(|_| !is_known) {
            field["id"] = old.id.as_str().into();
        }
    }
}

/// The ids and names that the definition has for its fields.
fn names_of_fields(definition: &Map<String, Json>) -> HashSet<String> {
    let fields = definition.get("fields").and_then(Json::as_array).into_iter().flatten();
    let names = fields.flat_map(|field| [field.get("id"), field.get("name")]);
    names.flatten().filter_map(Json::as_str).map(str::to_owned).collect()
}

/// Puts the fields that were sent first, and the rest after them in the order that it had.
fn sort_sent_first(fields: &mut [Field], sent: &HashSet<String>, before: &[Field]) {
    fields.sort_by_key(|field| match sent.contains(&field.id) || sent.contains(&field.name) {
        true => 0,
        false => 1 + before.iter().position(|old| old.id == field.id).unwrap_or(before.len()),
    });
}

/// Errors: 400 for lists that no collection can have.
pub(crate) fn check_limits(definition: &Map<String, Json>) -> Result<()> {
    for (part, max) in
        [("fields", limits::COLLECTION_FIELDS_MAX), ("indexes", limits::COLLECTION_INDEXES_MAX)]
    {
        if definition.get(part).and_then(Json::as_array).is_some_and(|list| list.len() > max) {
            let message = format!("A collection can have at most {max} {part}.");
            return Err(Error::field(
                "The collection is too large.",
                part,
                "validation_length_too_long",
                message,
            ));
        }
    }
    Ok(())
}

/// The reasons of a refusal, to be part of another one.
///
/// Errors: what is no refusal.
pub(crate) fn told(error: Error) -> Result<FieldError> {
    match error {
        Error::BadRequest { message, fields } if fields.is_empty() => {
            Ok(FieldError::new("validation_invalid_value", message))
        }
        Error::BadRequest { fields, .. } => Ok(FieldError::Nested(fields)),
        other => Err(other),
    }
}

/// Errors: 400 with what is wrong in each of several definitions.
pub(crate) fn refuse(errors: FieldErrors) -> Result<()> {
    if errors.is_empty() {
        return Ok(());
    }
    let fields = FieldErrors::from_iter([("collections", FieldError::Nested(errors))]);
    fields.into_result("The collections cannot be as they are defined.")
}
