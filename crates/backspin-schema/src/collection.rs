//! A collection: what its records look like and who may do what with them, in PocketBase's JSON.

mod auth;

pub use auth::{
    AuthAlert, AuthOptions, EmailTemplate, Mfa, OAuth2, OAuth2MappedFields, OAuth2Provider, Otp,
    PasswordAuth, Token, secret_place,
};

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use crate::field::Field;

/// A collection with its fields, indexes, rules and options.
///
/// Reads and writes the one JSON object PocketBase 0.40 uses for a collection, options beside the
/// other keys. Absent keys and `null` mean the default. Secrets are part of it; what goes to a
/// client is [`Collection::without_secrets`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", remote = "Self")]
pub struct Collection {
    #[serde(default)]
    pub id: String,
    /// `None`: superusers only. Empty: everyone. Else: whom and what the filter matches.
    #[serde(default)]
    pub list_rule: Option<String>,
    #[serde(default)]
    pub view_rule: Option<String>,
    #[serde(default)]
    pub create_rule: Option<String>,
    #[serde(default)]
    pub update_rule: Option<String>,
    #[serde(default)]
    pub delete_rule: Option<String>,
    #[serde(default)]
    pub name: String,
    /// The type with its options; the JSON key `type` tells them apart.
    #[serde(flatten)]
    pub kind: CollectionKind,
    #[serde(default)]
    pub fields: Vec<Field>,
    /// `CREATE INDEX` statements.
    #[serde(default)]
    pub indexes: Vec<String>,
    /// `YYYY-MM-DD HH:mm:ss.sssZ`
    #[serde(default)]
    pub created: String,
    /// `YYYY-MM-DD HH:mm:ss.sssZ`
    #[serde(default)]
    pub updated: String,
    /// Made by the system: cannot be renamed or deleted.
    #[serde(default)]
    pub system: bool,
}

/// What sort of collection it is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase")]
pub enum CollectionKind {
    Base(BaseOptions),
    Auth(Box<AuthOptions>),
    View(ViewOptions),
}

/// A base collection has no options of its own.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct BaseOptions {}

/// The options of a view collection.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ViewOptions {
    /// The `SELECT` its records come from.
    pub view_query: String,
}

impl Collection {
    /// `base`, `auth` or `view`.
    pub fn type_name(&self) -> &'static str {
        match self.kind {
            CollectionKind::Base(_) => "base",
            CollectionKind::Auth(_) => "auth",
            CollectionKind::View(_) => "view",
        }
    }

    pub fn is_base(&self) -> bool {
        matches!(self.kind, CollectionKind::Base(_))
    }

    pub fn is_auth(&self) -> bool {
        matches!(self.kind, CollectionKind::Auth(_))
    }

    pub fn is_view(&self) -> bool {
        matches!(self.kind, CollectionKind::View(_))
    }

    /// The options of an auth collection.
    pub fn auth(&self) -> Option<&AuthOptions> {
        match &self.kind {
            CollectionKind::Auth(options) => Some(options),
            CollectionKind::Base(_) | CollectionKind::View(_) => None,
        }
    }

    /// The `SELECT` of a view collection.
    pub fn view_query(&self) -> Option<&str> {
        match &self.kind {
            CollectionKind::View(options) => Some(&options.view_query),
            CollectionKind::Base(_) | CollectionKind::Auth(_) => None,
        }
    }

    /// The field of exactly this name.
    pub fn find_field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// The field of this id.
    pub fn find_field_by_id(&self, id: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.id == id)
    }

    /// The collection as clients may see it: token secrets and OAuth2 client secrets removed
    /// (an empty secret is not serialised).
    pub fn without_secrets(&self) -> Self {
        let mut public = self.clone();
        if let CollectionKind::Auth(options) = &mut public.kind {
            options.clear_secrets();
        }
        public
    }
}

impl Serialize for Collection {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Collection::serialize(self, serializer)
    }
}

impl<'de> Deserialize<'de> for Collection {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = crate::null::without_nulls(Value::deserialize(deserializer)?);
        Collection::deserialize(value).map_err(serde::de::Error::custom)
    }
}
