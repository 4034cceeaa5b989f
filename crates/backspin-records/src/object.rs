//! A JSON object as an SQL expression.

use std::fmt::Write;

use backspin_schema::quote::Literal;

/// Arguments of one `format` call; SQLite allows 127 to a function, libSQL too.
const FORMAT_ARGUMENTS_MAX: usize = 100;

/// The members of a JSON object to be written by the database.
#[derive(Default)]
pub(crate) struct Object(Vec<Member>);

struct Member {
    key: String,
    value: MemberValue,
}

enum MemberValue {
    /// JSON.
    Constant(String),
    /// SQL that yields JSON.
    Sql(String),
    /// SQL that yields JSON, and SQL that tells whether the member is there.
    If { condition: String, value: String },
}

impl Object {
    /// A member whose value is this text of letters, digits and underscores.
    pub(crate) fn constant(&mut self, key: &str, text: &str) {
        self.add(key, MemberValue::Constant(format!("\"{text}\"")));
    }

    /// A member whose value is the JSON that an SQL expression yields.
    pub(crate) fn sql(&mut self, key: &str, value: String) {
        self.add(key, MemberValue::Sql(value));
    }

    /// The same, where an SQL condition holds.
    pub(crate) fn sql_if(&mut self, key: &str, condition: String, value: String) {
        self.add(key, MemberValue::If { condition, value });
    }

    fn add(&mut self, key: &str, value: MemberValue) {
        self.0.push(Member { key: key.to_owned(), value });
    }

    /// The object as an SQL expression that yields its text, with its keys in alphabetical order.
    pub(crate) fn into_sql(mut self) -> String {
        self.0.sort_by(|a, b| a.key.cmp(&b.key));
        // A member that may be missing brings its comma along. If it is the first, they all do, and the first
        // comma is cut off.
        let leading = matches!(self.0.first(), Some(Member { value: MemberValue::If { .. }, .. }));
        let mut format = Format::default();
        format.template.push_str(if leading { "" } else { "{" });
        for (position, member) in self.0.into_iter().enumerate() {
            let key = format!("\"{}\":", member.key);
            let comma = if leading || position > 0 { "," } else { "" };
            match member.value {
                MemberValue::Constant(json) => format.text(&format!("{comma}{key}{json}")),
                MemberValue::Sql(value) => format.argument(&format!("{comma}{key}%s"), value),
                MemberValue::If { condition, value } => {
                    let key = Literal(&format!(",{key}")).to_string();
                    format.argument("%s", format!("iif({condition}, {key} || {value}, '')"));
                }
            }
        }
        if !leading {
            format.text("}");
        }
        let sql = format.finish();
        if leading { format!("'{{' || substr({sql}, 2) || '}}'") } else { sql }
    }
}

/// Calls of `format`, joined.
#[derive(Default)]
struct Format {
    sql: String,
    template: String,
    arguments: Vec<String>,
}

impl Format {
    /// Text without `%`.
    fn text(&mut self, text: &str) {
        self.template.push_str(text);
    }

    fn argument(&mut self, template: &str, argument: String) {
        if self.arguments.len() == FORMAT_ARGUMENTS_MAX {
            self.flush();
        }
        self.template.push_str(template);
        self.arguments.push(argument);
    }

    fn flush(&mut self) {
        if !self.sql.is_empty() {
            self.sql.push_str(" || ");
        }
        let _ = write!(self.sql, "format({}", Literal(&self.template));
        for argument in self.arguments.drain(..) {
            let _ = write!(self.sql, ", {argument}");
        }
        self.sql.push(')');
        self.template.clear();
    }

    fn finish(mut self) -> String {
        self.flush();
        self.sql
    }
}

#[cfg(test)]
mod tests {
    use super::Object;

    #[test]
    fn members_come_in_alphabetical_order() {
        let mut object = Object::default();
        object.sql("b", "1".to_owned());
        object.constant("a", "x");
        assert_eq!(object.into_sql(), r#"format('{"a":"x","b":%s}', 1)"#);
        assert_eq!(Object::default().into_sql(), "format('{}')");
    }

    #[test]
    fn a_member_that_may_be_missing_brings_its_comma() {
        let mut object = Object::default();
        object.sql_if("b", "c".to_owned(), "1".to_owned());
        assert_eq!(object.into_sql(), r#"'{' || substr(format('%s', iif(c, ',"b":' || 1, '')), 2) || '}'"#);
    }

    #[test]
    fn many_members_take_several_calls() {
        let mut object = Object::default();
        (0..250).for_each(|number| object.sql(&format!("k{number:03}"), "1".to_owned()));
        assert_eq!(object.into_sql().matches("format(").count(), 3);
    }
}
