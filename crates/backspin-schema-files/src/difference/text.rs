//! A difference as people read it, styled for a terminal: `-` is the database, `+` the files.

use std::fmt;

use anstyle::{AnsiColor, Style};
use serde_json::Value;

use super::{CollectionDifference, Difference, Presence};

const NAME: Style = Style::new().bold();
const DATABASE: Style = AnsiColor::Red.on_default();
const FILES: Style = AnsiColor::Green.on_default();

impl fmt::Display for CollectionDifference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = &self.name;
        match self.presence {
            Presence::Files => writeln!(f, "{FILES}+ {name}{FILES:#}: only in the files"),
            Presence::Database => writeln!(f, "{DATABASE}- {name}{DATABASE:#}: only in the database"),
            Presence::Both => {
                writeln!(f, "{NAME}{name}{NAME:#}")?;
                self.differences.iter().try_for_each(|difference| difference.fmt(f))
            }
        }
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let part = self.part.replace("fields.", "field ");
        let is_new = |value: &Option<Value>| value.as_ref().is_some_and(Value::is_object);
        match (&self.database, &self.files) {
            (None, Some(field)) if is_new(&self.files) => {
                writeln!(f, "  {FILES}+ {part}{FILES:#}: {}", summary(field))
            }
            (Some(field), None) if is_new(&self.database) => {
                writeln!(f, "  {DATABASE}- {part}{DATABASE:#}: {}", summary(field))
            }
            (database, files) => {
                if let Some(value) = database {
                    writeln!(f, "  {DATABASE}- {part}{DATABASE:#}: {value}")?;
                }
                if let Some(value) = files {
                    writeln!(f, "  {FILES}+ {part}{FILES:#}: {value}")?;
                }
                Ok(())
            }
        }
    }
}

/// What kind of field comes or goes.
fn summary(field: &Value) -> String {
    match field.get("type").and_then(Value::as_str) {
        Some(kind) => kind.to_owned(),
        None => field.to_string(),
    }
}
