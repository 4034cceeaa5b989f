//! `[application]` and `[variables]`: what the application is called and what can be set from outside.

use std::fmt;

use super::error::{Located, ManifestError};
use super::fields::{Field, Fields};
use super::identifier::check_variable_name;

/// `[application]`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Application {
    pub name: String,
    pub version: String,
    pub description: String,
    pub authors: Vec<String>,
}

/// One entry of `[variables]`: a value that can be set from outside.
#[derive(Clone, Eq, PartialEq)]
pub struct Variable {
    pub name: Located<String>,
    pub description: String,
    /// The value when none is given; `None` means that one must be given (`required = true`).
    pub default: Option<String>,
    /// Whether the value must stay out of logs and messages.
    pub secret: bool,
}

impl fmt::Debug for Variable {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let default = self.default.as_deref().map(|value| if self.secret { "(secret)" } else { value });
        formatter
            .debug_struct("Variable")
            .field("name", &self.name.value)
            .field("default", &default)
            .field("secret", &self.secret)
            .finish_non_exhaustive()
    }
}

impl Application {
    pub(super) fn read(mut fields: Fields<'_>) -> Result<Self, ManifestError> {
        let application = Self {
            name: fields.get("name")?.string()?.value,
            version: fields.text("version")?,
            description: fields.text("description")?,
            authors: fields.strings("authors")?.into_iter().map(|author| author.value).collect(),
        };
        if let Some(triggers) = fields.find("trigger") {
            check_trigger_settings(triggers.table("[application.trigger]")?)?;
        }
        // Spin leaves `tool` to other programs, and so does this runtime.
        fields.find("tool");
        fields.refuse(&[(
            "targets",
            "`spin build` checks the components against them; remove the field, or build and run with Spin",
        )])?;
        fields.finish(&["name", "version", "description", "authors", "trigger", "tool"])?;
        Ok(application)
    }
}

/// `[application.trigger.http]` can only hold the former `base`, and only as `/`.
fn check_trigger_settings(mut fields: Fields<'_>) -> Result<(), ManifestError> {
    if let Some(http) = fields.find("http") {
        let mut http = http.table("[application.trigger.http]")?;
        if let Some(base) = http.find("base") {
            let refusal =
                base.error("`base` is no longer supported: write it in front of each `route` instead");
            if base.string()?.value != "/" {
                return Err(refusal);
            }
        }
        http.finish(&["base"])?;
    }
    fields.finish(&["http (the only trigger of this runtime)"])
}

/// Reads one entry of `[variables]`.
pub(super) fn read_variable(name: Located<String>, field: Field<'_>) -> Result<Variable, ManifestError> {
    if let Err(reason) = check_variable_name(&name.value) {
        let message = format!("the variable name {:?} is not valid: {reason}", name.value);
        return Err(field.error_at(name.at, message));
    }
    let title = format!("the variable `{}`", name.value);
    Variable::read(name, field.table(title)?)
}

impl Variable {
    fn read(name: Located<String>, mut fields: Fields<'_>) -> Result<Self, ManifestError> {
        let description = fields.text("description")?;
        let required = fields.boolean("required")?;
        let default = fields.find_string("default")?.map(|value| value.value);
        let secret = fields.boolean("secret")?;
        match (required, &default) {
            (true, Some(_)) => Err(fields.error(format!(
                "the variable `{}` has both `required = true` and a `default`: keep one of them",
                name.value
            ))),
            (false, None) => Err(fields.error(format!(
                "the variable `{}` needs either `default = \"…\"` or `required = true`",
                name.value
            ))),
            _ => {
                fields.finish(&["default", "required", "secret", "description"])?;
                Ok(Self { name, description, default, secret })
            }
        }
    }
}
