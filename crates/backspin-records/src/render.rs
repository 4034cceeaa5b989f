//! The SQL expressions that render records as JSON, so that the database hands over finished replies.

use backspin_query::{Fields, Parameter, Parameters, Part, Predicate, Reach, RequestSource};
use backspin_schema::field::{ColumnKind, FieldOptions};
use backspin_schema::quote::{Literal, Quoted};
use backspin_schema::{Collection, Field, SUPERUSERS_ID, Snapshot};

use crate::access::{RuleTarget, compile_rule};
use crate::expand::{ExpandNode, TOO_LARGE, too_large_sql};
use crate::object::Object;
use crate::request::RequestInfo;

/// A row of the statement that is rendered.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RenderedRow<'a> {
    pub(crate) collection: &'a Collection,
    /// Its alias, as in [`RuleTarget`].
    pub(crate) alias: &'a str,
    /// What `@request.context` is to the rules on it.
    pub(crate) context: &'a str,
}

/// Renders the records of one statement for one caller. The SQL depends on the caller's collection, on nothing
/// else of the request.
pub(crate) struct Renderer<'a> {
    pub(crate) snapshot: &'a Snapshot,
    pub(crate) request: &'a RequestInfo<'a>,
    pub(crate) parameters: &'a mut Parameters,
    /// Whether some value has still to be cut to what was asked for, by [`Fields::pick`].
    pub(crate) is_coarse: bool,
    /// How many records a record may expand to, as an SQL expression; beyond it the JSON of `expand` is
    /// [`TOO_LARGE`]. `None` after a write, which is not to fail any more.
    pub(crate) expanded_max: Option<&'static str>,
    /// Rows named so far.
    pub(super) rows: usize,
}

impl<'a> Renderer<'a> {
    pub(crate) fn new(
        snapshot: &'a Snapshot,
        request: &'a RequestInfo<'a>,
        parameters: &'a mut Parameters,
    ) -> Self {
        Self { snapshot, request, parameters, is_coarse: false, expanded_max: None, rows: 0 }
    }

    /// The record's JSON as text, with what `expand` leads to and of all that what `fields` asks for.
    pub(crate) fn record(
        &mut self,
        row: RenderedRow<'_>,
        expand: &[ExpandNode<'_>],
        fields: &Fields,
    ) -> String {
        let mut object = Object::default();
        let collection = row.collection;
        for (key, text) in [("collectionId", &collection.id), ("collectionName", &collection.name)] {
            let part = fields.part(key);
            self.is_coarse |= part == Part::Excerpt;
            if part != Part::Nothing {
                object.constant(key, text);
            }
        }
        let hidden_too = self.request.caller.is_superuser();
        for field in collection.fields.iter().filter(|field| is_visible(collection, field, hidden_too)) {
            let part = fields.part(&field.name);
            if part == Part::Nothing {
                continue;
            }
            let may_hold_objects =
                matches!(field.column(), ColumnKind::Json | ColumnKind::List | ColumnKind::GeoPoint);
            self.is_coarse |= part == Part::Excerpt || (matches!(part, Part::Inside(_)) && may_hold_objects);
            let value = value_sql(collection, field, row.alias);
            match self.email_condition(row, field) {
                Some(condition) => object.sql_if(&field.name, condition, value),
                None => object.sql(&field.name, value),
            }
        }
        if !expand.is_empty() {
            match fields.part("expand") {
                Part::Nothing => {}
                Part::Inside(inside) => object.sql("expand", self.bounded(row, expand, inside)),
                Part::Whole | Part::Excerpt => {
                    object.sql("expand", self.bounded(row, expand, &Fields::default()));
                }
            }
        }
        object.into_sql()
    }

    /// What a row expands to, if it is not too large.
    fn bounded(&mut self, row: RenderedRow<'_>, expand: &[ExpandNode<'_>], fields: &Fields) -> String {
        // The limit is that of the statement's own rows.
        let max = self.expanded_max.filter(|_| self.rows == 0);
        let too_large = max.and_then(|max| too_large_sql(row.alias, expand, max));
        let expanded = self.expanded(row, expand, fields);
        match too_large {
            Some(too_large) => format!("iif({too_large}, {}, {expanded})", Literal(TOO_LARGE)),
            None => expanded,
        }
    }

    /// When the field is shown, if not always: emails are hidden unless their owners, a rule or a superuser
    /// show them.
    fn email_condition(&mut self, row: RenderedRow<'_>, field: &Field) -> Option<String> {
        let auth = row.collection.auth()?;
        if field.name != "email" || self.request.caller.is_superuser() {
            return None;
        }
        let alias = Quoted(row.alias).to_string();
        let mut shown = vec![format!("{alias}.\"emailVisibility\"")];
        let caller = self.request.auth_collection(self.snapshot);
        if caller.is_some_and(|caller| caller.id == row.collection.id) {
            let id = Parameter::Request(RequestSource::Auth("id".to_owned()));
            shown.push(format!("{alias}.\"id\" = {}", self.parameters.bind(id)));
        }
        if let Some(rule) = auth.manage_rule.as_deref().filter(|rule| !rule.is_empty()) {
            let target = RuleTarget {
                collection: row.collection,
                alias: row.alias,
                stored: true,
                reach: Reach::One,
                context: row.context,
            };
            // A rule that no longer fits the schema shows nothing.
            match compile_rule(self.snapshot, self.request, Some(rule), target, self.parameters) {
                Ok(Predicate::Always) => return None,
                Ok(Predicate::Sql(condition)) => shown.push(format!("({condition})")),
                Ok(Predicate::Never) | Err(_) => {}
            }
        }
        Some(shown.join(" OR "))
    }
}

/// The JSON of the account in the row `alias` as it sees itself, as an SQL expression without parameters.
pub fn own_record_sql(collection: &Collection, alias: &str) -> String {
    let mut object = Object::default();
    object.constant("collectionId", &collection.id);
    object.constant("collectionName", &collection.name);
    let hidden_too = collection.id == SUPERUSERS_ID;
    for field in collection.fields.iter().filter(|field| is_visible(collection, field, hidden_too)) {
        object.sql(&field.name, value_sql(collection, field, alias));
    }
    object.into_sql()
}

pub(crate) fn is_visible(collection: &Collection, field: &Field, hidden_too: bool) -> bool {
    let secret = collection.is_auth() && matches!(field.name.as_str(), "password" | "tokenKey");
    !secret && (!field.hidden || hidden_too)
}

/// The JSON of a field's value.
fn value_sql(collection: &Collection, field: &Field, alias: &str) -> String {
    // A field is there, its hash is not.
    if matches!(field.options, FieldOptions::Password(_)) {
        return "'\"\"'".to_owned();
    }
    let column = format!("{}.{}", Quoted(alias), Quoted(&field.name));
    let kind = field.column();
    if collection.is_view() {
        return view_value_sql(kind, &column);
    }
    match kind {
        ColumnKind::PrimaryKey | ColumnKind::Text | ColumnKind::Number => format!("json_quote({column})"),
        ColumnKind::Bool => format!("iif({column}, 'true', 'false')"),
        ColumnKind::Json | ColumnKind::List | ColumnKind::GeoPoint => json_sql(&column),
    }
}

/// The columns of a view have no type of their own: their values are brought to the field's, and `NULL` to
/// its zero value. No number but 1 is true.
fn view_value_sql(kind: ColumnKind, column: &str) -> String {
    match kind {
        ColumnKind::PrimaryKey | ColumnKind::Text => {
            format!("json_quote(coalesce(CAST({column} AS TEXT), ''))")
        }
        ColumnKind::Number => {
            format!("json_quote(coalesce({}, 0))", whole_sql(&format!("CAST({column} AS NUMERIC)")))
        }
        ColumnKind::Bool => format!("iif({column} = 1, 'true', 'false')"),
        ColumnKind::Json => {
            format!("iif(typeof({column}) = 'real', json_quote({}), {})", whole_sql(column), json_sql(column))
        }
        ColumnKind::List => {
            format!(
                "iif(json_valid({column}), json({column}), iif({column} <> '', json_array({column}), '[]'))"
            )
        }
        ColumnKind::GeoPoint => {
            format!("iif(json_valid({column}), json({column}), '{{\"lon\":0,\"lat\":0}}')")
        }
    }
}

/// A number without a fraction as an integer, as the columns of tables have it by their affinity.
fn whole_sql(number: &str) -> String {
    format!(
        "iif(abs({number}) < 9007199254740992 AND {number} = CAST({number} AS INTEGER), CAST({number} AS INTEGER), {number})"
    )
}

/// Raw SQL may have stored text that is no JSON; it is then shown as a string.
fn json_sql(column: &str) -> String {
    format!("iif(json_valid({column}), json({column}), json_quote({column}))")
}
