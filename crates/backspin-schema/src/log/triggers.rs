//! The triggers of one table.

use super::{actor, image};
use crate::collection::Collection;
use crate::field::Field;
use crate::quote::{Literal, Quoted};

/// Codes that live for minutes: to log them would be noise, and nobody wants them back.
const NOT_LOGGED: [&str; 2] = ["_mfas", "_otps"];

/// What the triggers are for; part of their names.
const KINDS: [&str; 5] = ["create", "update", "move", "delete", "remove"];

/// Terms of one chain of operators, which SQLite takes for a tree as deep as the chain is long; 1,000 levels are its
/// limit.
const CHAINED_MAX: usize = 100;

/// Whether the changes of its records are logged. Those of a view are logged in the tables it reads.
pub fn is_logged(collection: &Collection) -> bool {
    let is_noise = collection.system && NOT_LOGGED.contains(&collection.name.as_str());
    !is_noise && !collection.is_view()
}

/// The statements that make the triggers of a collection's table, which has [`super::ACTOR_COLUMN`]; none for a view.
pub fn create_triggers(collection: &Collection) -> Vec<String> {
    match collection {
        view if view.is_view() => vec![],
        logged if is_logged(logged) => {
            vec![create(logged), update(logged), changed_id(logged), delete(logged), remove(logged)]
        }
        unlogged => vec![remove(unlogged)],
    }
}

/// The statements that remove the triggers of a collection's table, whichever it has. The names hold the collection's
/// id, so a rename does not matter.
pub fn drop_triggers(collection: &Collection) -> Vec<String> {
    let kinds = KINDS.iter().filter(|_| !collection.is_view());
    kinds.map(|kind| format!("DROP TRIGGER IF EXISTS {}", name(collection, kind))).collect()
}

fn name(collection: &Collection, kind: &str) -> String {
    Quoted(&format!("changes~{}~{kind}", collection.id)).to_string()
}

fn trigger(collection: &Collection, kind: &str, event: &str, body: &str) -> String {
    let (name, table) = (name(collection, kind), Quoted(&collection.name));
    match event.split_once(" WHEN ") {
        None => format!("CREATE TRIGGER {name} AFTER {event} ON {table}\nBEGIN\n{body};\nEND"),
        Some((event, when)) => {
            format!("CREATE TRIGGER {name} AFTER {event} ON {table}\nWHEN {when}\nBEGIN\n{body};\nEND")
        }
    }
}

fn create(collection: &Collection) -> String {
    trigger(collection, "create", "INSERT", &created(collection, &actor::of("NEW")))
}

fn delete(collection: &Collection) -> String {
    trigger(collection, "delete", "DELETE", &deleted(collection, &actor_of_delete()))
}

fn update(collection: &Collection) -> String {
    let compared = collection.fields.iter().filter(|field| !field.is_primary_key());
    let changed: Vec<String> = compared.map(differs).collect();
    let changed = if changed.is_empty() { "0".to_owned() } else { chain(&changed, " OR ") };
    let event = format!("UPDATE WHEN NEW.\"id\" IS OLD.\"id\" AND ({changed})");
    let secrets = collection.fields.iter().filter(|field| image::is_secret(collection, field));
    let secrets: Vec<String> = secrets
        .map(|field| {
            let id = serde_json::Value::from(image::key(field)).to_string();
            format!("iif({}, {}, '')", differs(field), Literal(&format!(",{id}")))
        })
        .collect();
    let secrets = match secrets.is_empty() {
        true => "NULL".to_owned(),
        false => format!("'[' || substr(nullif({}, ''), 2) || ']'", chain(&secrets, " || ")),
    };
    let body = format!(
        "{INSERT}\nVALUES ({NOW}, {}, NEW.\"id\", 'update', {},\n{},\n{},\n{secrets})",
        Literal(&collection.id),
        actor_of_update(),
        image::expression(collection, "OLD"),
        image::expression(collection, "NEW"),
    );
    trigger(collection, "update", &event, &body)
}

/// Another id is another record.
fn changed_id(collection: &Collection) -> String {
    let actor = actor_of_update();
    let body = format!("{};\n{}", deleted(collection, &actor), created(collection, &actor));
    trigger(collection, "move", "UPDATE OF \"id\" WHEN NEW.\"id\" IS NOT OLD.\"id\"", &body)
}

/// Removes what bears the mark of a deletion.
fn remove(collection: &Collection) -> String {
    let event = format!("UPDATE OF {by} WHEN substr(NEW.{by}, 1, 1) = '-'", by = Quoted(actor::ACTOR_COLUMN));
    let body = format!("DELETE FROM {} WHERE \"_rowid_\" = NEW.\"_rowid_\"", Quoted(&collection.name));
    trigger(collection, "remove", &event, &body)
}

const INSERT: &str = r#"INSERT INTO "_changes" ("time", "collection", "record", "action", "actor", "before", "after", "secrets")"#;
const NOW: &str = "strftime('%Y-%m-%d %H:%M:%fZ')";

fn created(collection: &Collection, actor: &str) -> String {
    let (id, image) = (Literal(&collection.id), image::expression(collection, "NEW"));
    format!("{INSERT}\nVALUES ({NOW}, {id}, NEW.\"id\", 'create', {actor}, NULL,\n{image}, NULL)")
}

fn deleted(collection: &Collection, actor: &str) -> String {
    let (id, image) = (Literal(&collection.id), image::expression(collection, "OLD"));
    format!("{INSERT}\nVALUES ({NOW}, {id}, OLD.\"id\", 'delete', {actor},\n{image}, NULL, NULL)")
}

fn differs(field: &Field) -> String {
    let column = Quoted(&field.name);
    format!("NEW.{column} IS NOT OLD.{column}")
}

/// The terms joined by an associative operator, however many there are.
fn chain(terms: &[String], operator: &str) -> String {
    if terms.len() <= CHAINED_MAX {
        return terms.join(operator);
    }
    let chains: Vec<String> =
        terms.chunks(CHAINED_MAX).map(|terms| format!("({})", terms.join(operator))).collect();
    chains.join(operator)
}

/// Known if the statement has set it: the column then differs.
fn actor_of_update() -> String {
    let by = Quoted(actor::ACTOR_COLUMN);
    format!("iif(NEW.{by} IS NOT OLD.{by}, {}, NULL)", actor::of("NEW"))
}

/// Known if the row bears the mark of a deletion.
fn actor_of_delete() -> String {
    let by = Quoted(actor::ACTOR_COLUMN);
    format!("iif(substr(OLD.{by}, 1, 1) = '-', {}, NULL)", actor::of("OLD"))
}
