//! The SQL expression that renders a record as JSON, so that the database hands over finished replies.

use std::fmt::Write;

use backspin_core::Value;
use backspin_schema::field::{ColumnKind, FieldOptions};
use backspin_schema::quote::{Literal, Quoted};
use backspin_schema::{Caller, Collection, Field};

/// Arguments of one `format` call; SQLite allows 127 to a function, libSQL too.
const FORMAT_ARGUMENTS_MAX: usize = 100;

/// Which fields a reader gets to see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sight {
    /// A superuser's: all but secrets.
    Everything,
    /// No hidden fields, and emails only where their owners allow it.
    Public,
    /// What everybody sees of their own record.
    Owner,
    /// As public, and the email of the record whose id is this parameter of the statement.
    Own { id_parameter: usize },
}

impl Sight {
    /// What `caller` sees of the collection; the caller's id is then the parameter `id_parameter`.
    pub fn of(caller: &Caller, collection: &Collection, id_parameter: usize) -> Self {
        match caller {
            _ if caller.is_superuser() => Sight::Everything,
            Caller::Record(record) if record.collection_id == collection.id => Sight::Own { id_parameter },
            Caller::Record(_) | Caller::Guest => Sight::Public,
        }
    }

    /// The parameter that [`Sight::Own`] needs.
    pub fn parameter(self, caller: &Caller) -> Option<Value> {
        match (self, caller) {
            (Sight::Own { .. }, Caller::Record(record)) => record.get("id").cloned(),
            _ => None,
        }
    }
}

/// A SQL expression over the columns of `row` (an alias, or empty for none): the record's JSON as text,
/// with its keys in alphabetical order.
pub fn record_json_sql(collection: &Collection, row: &str, sight: Sight) -> String {
    let row = if row.is_empty() { String::new() } else { format!("{}.", Quoted(row)) };
    let mut members = vec![
        Member::constant("collectionId", &collection.id),
        Member::constant("collectionName", &collection.name),
    ];
    let visible = collection.fields.iter().filter(|field| is_visible(collection, field, sight));
    members.extend(visible.map(|field| Member::of(collection, field, &row, sight)));
    members.sort_by(|a, b| a.key.cmp(&b.key));

    let mut sql = String::new();
    let (mut template, mut arguments) = ("{".to_owned(), Vec::new());
    for (position, member) in members.iter().enumerate() {
        if arguments.len() == FORMAT_ARGUMENTS_MAX {
            flush(&mut sql, &mut template, &mut arguments);
        }
        // A member that may be left out brings its comma along; it is never the first.
        if position > 0 && !member.optional {
            template.push(',');
        }
        template.push_str(&member.template);
        arguments.extend(member.argument.clone());
    }
    template.push('}');
    flush(&mut sql, &mut template, &mut arguments);
    sql
}

/// One key of the JSON object with its value.
struct Member {
    key: String,
    /// For `format`: literal text, or with one `%s`.
    template: String,
    argument: Option<String>,
    optional: bool,
}

impl Member {
    /// Ids and names of collections need no escapes: they are letters, digits and underscores.
    fn constant(key: &str, value: &str) -> Self {
        let template = format!(r#""{key}":"{value}""#);
        Member { key: key.to_owned(), template, argument: None, optional: false }
    }

    fn of(collection: &Collection, field: &Field, row: &str, sight: Sight) -> Self {
        let (key, column) = (field.name.clone(), format!("{row}{}", Quoted(&field.name)));
        if collection.is_auth() && key == "email" && !matches!(sight, Sight::Everything | Sight::Owner) {
            let mut visible = format!(r#"{row}"emailVisibility""#);
            if let Sight::Own { id_parameter } = sight {
                let _ = write!(visible, r#" OR {row}"id" = ?{id_parameter}"#);
            }
            let argument = format!(r#"iif({visible}, ',"email":' || json_quote({column}), '')"#);
            return Member { key, template: "%s".to_owned(), argument: Some(argument), optional: true };
        }
        let value = match field.column() {
            ColumnKind::PrimaryKey | ColumnKind::Text | ColumnKind::Number => format!("json_quote({column})"),
            ColumnKind::Bool => format!("iif({column}, 'true', 'false')"),
            // Raw SQL may have stored text that is no JSON; it is then shown as a string.
            ColumnKind::Json | ColumnKind::List | ColumnKind::GeoPoint => {
                format!("iif(json_valid({column}), json({column}), json_quote({column}))")
            }
        };
        Member { template: format!(r#""{key}":%s"#), key, argument: Some(value), optional: false }
    }
}

fn is_visible(collection: &Collection, field: &Field, sight: Sight) -> bool {
    let secret = matches!(field.options, FieldOptions::Password(_))
        || (collection.is_auth() && field.name == "tokenKey");
    !secret && (!field.hidden || sight == Sight::Everything)
}

fn flush(sql: &mut String, template: &mut String, arguments: &mut Vec<String>) {
    if !sql.is_empty() {
        sql.push_str(" || ");
    }
    let _ = write!(sql, "format({}", Literal(template));
    for argument in arguments.drain(..) {
        let _ = write!(sql, ", {argument}");
    }
    sql.push(')');
    template.clear();
}
