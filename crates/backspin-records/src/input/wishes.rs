//! What a body asks of each field, by its keys: `title`, `score+`, `+tags`, `tags-`, `code:autogenerate`.

use std::collections::HashMap;

use backspin_core::{Env, Result, Value};
use backspin_schema::{Collection, Field, Snapshot};
use serde_json::{Map, Value as Json};

use super::modifier::Modifier;
use super::stored;

/// The wishes for one field.
pub(crate) struct Wish<'a> {
    pub(crate) field: &'a Field,
    plain: Option<&'a Json>,
    /// In the order of the body.
    steps: Vec<(Modifier, &'a Json)>,
}

/// The wishes of a body.
pub(crate) struct Wishes<'a> {
    by_field: HashMap<&'a str, Wish<'a>>,
    /// Keys that are no fields, as they came.
    pub(crate) others: Map<String, Json>,
}

impl<'a> Wishes<'a> {
    /// Reads a body. Only superusers set hidden fields; of others such keys are taken for absent, but not
    /// the password of an account.
    pub(crate) fn read(collection: &'a Collection, body: &'a Map<String, Json>, is_superuser: bool) -> Self {
        let fields: HashMap<&str, &'a Field> =
            collection.fields.iter().map(|field| (field.name.as_str(), field)).collect();
        let mut wishes = Wishes { by_field: HashMap::new(), others: Map::new() };
        for (key, input) in body {
            let plain = fields.get(key.as_str()).map(|field| (*field, None));
            let modified = || {
                let (name, modifier) = Modifier::split(key)?;
                let field = *fields.get(name)?;
                modifier.applies_to(field).then_some((field, Some(modifier)))
            };
            let Some((field, modifier)) = plain.or_else(modified) else {
                wishes.others.insert(key.clone(), input.clone());
                continue;
            };
            let is_password = collection.is_auth() && field.name == "password";
            if field.hidden && !is_superuser && !is_password {
                continue;
            }
            let new = || Wish { field, plain: None, steps: Vec::new() };
            let wish = wishes.by_field.entry(&field.name).or_insert_with(new);
            match modifier {
                None => wish.plain = Some(input),
                Some(modifier) => wish.steps.push((modifier, input)),
            }
        }
        wishes
    }

    pub(crate) fn find(&self, field: &str) -> Option<&Wish<'a>> {
        self.by_field.get(field)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Wish<'a>> {
        self.by_field.values()
    }
}

impl Wish<'_> {
    /// Whether what it comes to depends on the stored value.
    pub(crate) fn depends_on_stored(&self) -> bool {
        self.plain.is_none() && self.steps.iter().any(|(modifier, _)| *modifier != Modifier::Autogenerate)
    }

    /// The new value, before it is checked. `old` is the stored value, if there is one.
    pub(crate) fn resolve(&self, snapshot: &Snapshot, old: Option<&Value>, env: &impl Env) -> Result<Json> {
        let mut value = match (self.plain, old) {
            (Some(plain), _) => plain.clone(),
            (None, Some(old)) => stored::to_json(self.field, old),
            (None, None) => self.field.zero_value(),
        };
        for (modifier, operand) in &self.steps {
            value = modifier.apply(snapshot, self.field, &value, operand, env)?;
        }
        Ok(value)
    }
}
