//! Finds what differs. Collections and fields are the same if their ids are; one without an id is what has its
//! name.

use backspin_schema::{Collection, Field, Index};
use serde_json::Value;

use super::{CollectionDifference, Difference, Presence};
use crate::described;

/// What differs, by the names of the collections. Secrets and times do not count, nor do the fields of views,
/// nor system fields, system collections and the indexes of accounts that the files leave out: the server keeps
/// them anyway.
pub fn compare(database: &[Collection], files: &[Collection]) -> Vec<CollectionDifference> {
    let mut found = Vec::new();
    for file in files {
        match find(database, file) {
            None => found.push(alone(file, Presence::Files)),
            Some(stored) => {
                let differences = of_collection(stored, file);
                if !differences.is_empty() {
                    let presence = Presence::Both;
                    found.push(CollectionDifference { differences, ..alone(file, presence) });
                }
            }
        }
    }
    let is_missing = |stored: &&Collection| {
        let is_this = |file: &Collection| find(database, file).is_some_and(|found| found.id == stored.id);
        !stored.system && !files.iter().any(is_this)
    };
    found.extend(database.iter().filter(is_missing).map(|stored| alone(stored, Presence::Database)));
    found.sort_by(|one, other| one.name.cmp(&other.name));
    found
}

fn alone(collection: &Collection, presence: Presence) -> CollectionDifference {
    CollectionDifference {
        id: collection.id.clone(),
        name: collection.name.clone(),
        presence,
        differences: Vec::new(),
    }
}

/// Its id decides; a name in any case does for a file without an id, or with one that the database lacks.
fn find<'a>(database: &'a [Collection], file: &Collection) -> Option<&'a Collection> {
    let by_id = database.iter().find(|stored| stored.id == file.id);
    by_id.or_else(|| database.iter().find(|stored| stored.name.eq_ignore_ascii_case(&file.name)))
}

fn of_collection(stored: &Collection, file: &Collection) -> Vec<Difference> {
    let (stored, file) = (described(stored), described(file));
    let mut differences = Vec::new();
    for (key, files) in keys(&file) {
        let database = keys(&stored).into_iter().find(|(other, _)| *other == key).map(|(_, value)| value);
        match key.as_str() {
            "fields" => {}
            "id" if files == "" => {}
            "indexes" => indexes(&stored, &file, &mut differences),
            _ => of_values(&key, database, Some(files), &mut differences),
        }
    }
    fields(&stored.fields, &file.fields, &mut differences);
    differences
}

fn keys(item: &impl serde::Serialize) -> Vec<(String, Value)> {
    match serde_json::to_value(item) {
        Ok(Value::Object(keys)) => keys.into_iter().collect(),
        _ => Vec::new(),
    }
}

/// Within objects key by key.
fn of_values(part: &str, database: Option<Value>, files: Option<Value>, differences: &mut Vec<Difference>) {
    match (database, files) {
        (database, files) if database == files => {}
        (Some(Value::Object(mut database)), Some(Value::Object(files))) => {
            for (key, value) in files {
                of_values(&format!("{part}.{key}"), database.shift_remove(&key), Some(value), differences);
            }
            for (key, value) in database {
                of_values(&format!("{part}.{key}"), Some(value), None, differences);
            }
        }
        (database, files) => differences.push(Difference { part: part.to_owned(), database, files }),
    }
}

/// One by one; their order means nothing.
fn indexes(stored: &Collection, file: &Collection, differences: &mut Vec<Difference>) {
    let file = &on_own_table(file);
    let part = || "indexes".to_owned();
    let is_gone = |index: &&String| !file.indexes.contains(index) && !is_kept(index, file);
    for index in stored.indexes.iter().filter(is_gone) {
        differences.push(Difference { part: part(), database: Some(index.as_str().into()), files: None });
    }
    for index in file.indexes.iter().filter(|index| !stored.indexes.contains(index)) {
        differences.push(Difference { part: part(), database: None, files: Some(index.as_str().into()) });
    }
}

/// The server puts each index on the table of its collection, whatever table the file names: the one that the collection
/// had before it was renamed, for instance.
fn on_own_table(file: &Collection) -> Collection {
    let mut file = file.clone();
    for index in &mut file.indexes {
        let elsewhere = Index::parse(index).filter(|parsed| parsed.table != file.name);
        if let Some(mut parsed) = elsewhere {
            parsed.table.clone_from(&file.name);
            *index = parsed.to_string();
        }
    }
    file
}

/// Whether the server keeps the index of an auth collection although the file leaves it out.
fn is_kept(index: &str, file: &Collection) -> bool {
    let kept = unique_column(index).filter(|column| ["tokenKey", "email"].contains(&column.as_str()));
    let is_replaced =
        |column: &String| file.indexes.iter().any(|other| unique_column(other).as_ref() == Some(column));
    file.is_auth() && kept.is_some_and(|column| !is_replaced(&column))
}

/// The column that a unique index is on, if it is on just one.
fn unique_column(index: &str) -> Option<String> {
    Index::parse(index).filter(|index| index.unique)?.single_column()
}

fn fields(stored: &[Field], file: &[Field], differences: &mut Vec<Difference>) {
    let mut kept = Vec::new();
    for field in file {
        let part = format!("fields.{}", field.name);
        let before = match stored.iter().find(|stored| stored.id == field.id) {
            None => stored.iter().find(|stored| stored.name == field.name),
            found => found,
        };
        let Some(before) = before else {
            let files = serde_json::to_value(field).ok();
            differences.push(Difference { part, database: None, files });
            continue;
        };
        kept.push(before.id.as_str());
        let stored_keys = keys(before);
        for (key, files) in keys(field).into_iter().filter(|(key, value)| key != "id" || value != "") {
            let database =
                stored_keys.iter().find(|(other, _)| *other == key).map(|(_, value)| value.clone());
            of_values(&format!("{part}.{key}"), database, Some(files), differences);
        }
    }
    for field in stored.iter().filter(|field| !kept.contains(&field.id.as_str()) && !field.system) {
        let database = serde_json::to_value(field).ok();
        differences.push(Difference { part: format!("fields.{}", field.name), database, files: None });
    }
    let names = |fields: Vec<&Field>| Value::from_iter(fields.into_iter().map(|field| field.name.as_str()));
    let in_stored = stored.iter().filter(|field| kept.contains(&field.id.as_str()));
    let in_stored: Vec<&Field> = in_stored.collect();
    if in_stored.iter().map(|field| field.id.as_str()).ne(kept.iter().copied()) {
        let in_files = kept.iter().filter_map(|id| stored.iter().find(|field| field.id == **id)).collect();
        let (database, files) = (Some(names(in_stored)), Some(names(in_files)));
        differences.push(Difference { part: "order of the fields".to_owned(), database, files });
    }
}
