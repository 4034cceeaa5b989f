//! A record that does not exist yet, as a row of a statement that a rule can look at.

use backspin_core::Value;
use backspin_schema::field::FieldOptions;
use backspin_schema::quote::Quoted;
use backspin_schema::{Collection, Field};

use crate::input::Assignment;

/// Its values are the first parameters of the statement: those to store, in the order of the fields, then for each
/// field that the server fills in what the rule sees there.
pub(crate) struct Proposed<'a>(&'a Collection);

impl<'a> Proposed<'a> {
    pub(crate) const ALIAS: &'static str = "proposed";

    pub(crate) fn of(collection: &'a Collection) -> Self {
        Proposed(collection)
    }

    /// The parameters for the values of all fields.
    pub(crate) fn parameters(assignments: &[Assignment<'_>]) -> Vec<Value> {
        let stored = assignments.iter().map(|assigned| assigned.value.clone());
        let seen = assignments.iter().filter(|assigned| is_filled_in(assigned.field));
        let seen = seen.map(|assigned| assigned.at_rule.as_ref().unwrap_or(&assigned.value).clone());
        stored.chain(seen).collect()
    }

    pub(crate) fn parameter_count(&self) -> usize {
        self.0.fields.len() + self.0.fields.iter().filter(|field| is_filled_in(field)).count()
    }

    /// The columns by name.
    pub(crate) fn columns(&self) -> String {
        let columns: Vec<_> = self.0.fields.iter().map(|field| Quoted(&field.name).to_string()).collect();
        columns.join(", ")
    }

    /// The values to store.
    pub(crate) fn placeholders(&self) -> String {
        let placeholders: Vec<_> = (1..=self.0.fields.len()).map(|number| format!("?{number}")).collect();
        placeholders.join(", ")
    }

    /// The value to store of one field.
    pub(crate) fn placeholder(&self, field: &str) -> Option<String> {
        let position = self.0.fields.iter().position(|other| other.name == field)?;
        Some(format!("?{}", position + 1))
    }

    /// The relations with their values.
    pub(crate) fn relations(&self) -> Vec<(&'a Field, String)> {
        let fields = self.0.fields.iter().enumerate();
        let fields = fields.filter(|(_, field)| field.relation().is_some());
        fields.map(|(position, field)| (field, format!("?{}", position + 1))).collect()
    }

    /// The row under [`Proposed::ALIAS`].
    pub(crate) fn row(&self) -> String {
        let mut seen = self.0.fields.len();
        let columns = self.0.fields.iter().enumerate().map(|(position, field)| {
            let number = if is_filled_in(field) {
                seen += 1;
                seen
            } else {
                position + 1
            };
            format!("?{number} AS {}", Quoted(&field.name))
        });
        let columns: Vec<_> = columns.collect();
        format!("(SELECT {}) AS {}", columns.join(", "), Self::ALIAS)
    }
}

/// Whether a rule may see something else than what is stored: what the server fills in afterwards.
fn is_filled_in(field: &Field) -> bool {
    match &field.options {
        FieldOptions::Autodate(_) => true,
        FieldOptions::Bool(_) => field.name == "verified",
        FieldOptions::Text(options) => !options.autogenerate_pattern.is_empty() && !options.primary_key,
        _ => false,
    }
}
