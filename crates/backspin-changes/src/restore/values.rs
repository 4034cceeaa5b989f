//! What of an image fits into the record's fields of today, as SQL.

use backspin_migrations::{converted, zero};
use backspin_schema::field::Field;
use backspin_schema::log::{Retyped, is_secret, key};
use backspin_schema::quote::Literal;
use backspin_schema::{Collection, quote::Quoted};

/// One field over a row with the columns `seq` and `image` (see [`super::past`]).
pub(super) struct Restored<'a> {
    pub(super) field: &'a Field,
    /// The type of the JSON that the image has of it; `''` if it has none, for the field was added since.
    kind: String,
    value: String,
    /// Whether the field was of another type then, and its value means nothing in the type of today. `None` if it
    /// always was of this type.
    pub(super) misfit: Option<String>,
}

impl Restored<'_> {
    /// What the column is to hold; `otherwise` if the image does not have the field.
    pub(super) fn or(&self, otherwise: &str) -> String {
        format!("CASE {} WHEN '' THEN {otherwise} {} END", self.kind, self.value)
    }
}

/// Each field but the id and secrets. `row` is the alias of the row.
pub(super) fn restored<'a>(collection: &'a Collection, retyped: &[Retyped], row: &str) -> Vec<Restored<'a>> {
    let fields = collection.fields.iter();
    let fields = fields.filter(|field| !field.is_primary_key() && !is_secret(collection, field));
    fields.map(|field| of_field(field, retyped, &Quoted(row).to_string())).collect()
}

fn of_field<'a>(field: &'a Field, retyped: &[Retyped], row: &str) -> Restored<'a> {
    let logged = Logged { image: format!("{row}.\"image\""), key: key(field) };
    let kind = logged.kind();
    let retyped: Vec<&Retyped> = retyped.iter().filter(|retyped| retyped.was.id == field.id).collect();
    if retyped.is_empty() {
        return Restored { field, kind, value: logged.branches(), misfit: None };
    }
    let raw = format!("CASE {kind} {} END", logged.branches());
    let (mut value, mut misfit) = (raw.clone(), "0".to_owned());
    // The oldest type is asked for first: it is the one of all that is older still.
    for Retyped { until, was } in retyped.iter().rev() {
        let (now, no_longer) = convert(was, field, &raw);
        value = format!("CASE WHEN {row}.\"seq\" <= {until} THEN {now} ELSE {value} END");
        misfit = format!("CASE WHEN {row}.\"seq\" <= {until} THEN {no_longer} ELSE {misfit} END");
    }
    let misfit = Some(format!("({kind} <> '' AND {misfit})"));
    Restored { field, kind, value: format!("ELSE {value}"), misfit }
}

/// `x` as a change of the type would convert it, and whether that loses it; nothing is lost of an empty field. Between one value and several nothing is
/// said to be lost: the last stays, as in a migration.
fn convert(was: &Field, is: &Field, x: &str) -> (String, String) {
    let is_same_type = was.type_name() == is.type_name();
    // By its limit the inner query stays one of its own: else SQLite would make the value anew for each mention.
    let once = |expression: &str| format!("(SELECT {expression} FROM (SELECT {x} AS \"x\" LIMIT 1))");
    match (converted(was, is, "\"x\""), converted(is, was, "\"y\"")) {
        (Some(there), _) if is_same_type => (once(&there), "0".to_owned()),
        (Some(there), Some(back)) => {
            let returns =
                format!("(SELECT {back} IS NOT \"x\" FROM (SELECT \"x\", {there} AS \"y\" LIMIT 1))");
            (once(&there), once(&format!("\"x\" IS NOT {} AND {returns}", zero(was.column()))))
        }
        _ => (zero(is.column()), once(&format!("\"x\" IS NOT {}", zero(was.column())))),
    }
}

/// A field in an image, an expression.
struct Logged<'a> {
    image: String,
    key: &'a str,
}

impl Logged<'_> {
    /// The type of the JSON; `''` if it is not there.
    fn kind(&self) -> String {
        let kind = match self.path("") {
            Some(path) => format!("json_type({}, {path})", self.image),
            None => self.found("\"type\""),
        };
        format!("coalesce({kind}, '')")
    }

    /// The value as it was stored, in the last branches of a `CASE` of [`Logged::kind`]: see
    /// [`backspin_schema::log::Image`] for what is wrapped.
    fn branches(&self) -> String {
        let at = |inner: &str| match self.path(inner) {
            Some(path) => format!("json_extract({}, {path})", self.image),
            None if inner.is_empty() => self.found("\"atom\""),
            None => self.found(&format!("json_extract(\"value\", '${inner}')")),
        };
        format!(
            "WHEN 'object' THEN CASE {} WHEN 'Inf' THEN 9e999 WHEN '-Inf' THEN -9e999 ELSE unhex({}) END ELSE {}",
            at(".real"),
            at(".blob"),
            at("")
        )
    }

    /// The path of the field, if its id can stand in one: users may choose ids.
    fn path(&self, inner: &str) -> Option<String> {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        self.key.chars().all(is_plain).then(|| Literal(&format!("$.\"{}\"{inner}", self.key)).to_string())
    }

    fn found(&self, column: &str) -> String {
        format!("(SELECT {column} FROM json_each({}) WHERE \"key\" = {})", self.image, Literal(self.key))
    }
}
