//! Values that are set from outside: what `[variables]` declares, and what each component sees of it.
//!
//! A value comes from `--variable`, else `SPIN_VARIABLE_<NAME>`, else the `.env` file beside the manifest, else
//! the manifest's default: Spin's order. All are read once, at start.

mod argument;
mod environment;
mod template;

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::fmt;

pub use argument::{VARIABLE_FILE_BYTES_MAX, VariableArgument};
pub use environment::Environment;
pub use template::Template;

use crate::manifest::{Manifest, check_variable_name};

/// Every variable of an application with its value. Printing it shows no value.
pub struct Resolver {
    /// By name.
    application: HashMap<String, String>,
    /// By component id, then by name.
    components: HashMap<String, HashMap<String, String>>,
}

/// Why a component gets no value: the cases of the variables interfaces that can occur once all is resolved.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum VariableError {
    /// The text cannot be the name of a variable.
    #[error("invalid variable name: {0}")]
    InvalidName(String),
    /// The manifest gives the component no such variable.
    #[error("undefined variable: {0}")]
    Undefined(String),
}

impl Resolver {
    /// Finds the value of every variable that `manifest` declares.
    ///
    /// # Errors
    /// All required variables that have no value, each with the ways to set it; an argument that names no
    /// variable of the manifest, or a file that cannot be read.
    pub fn new(
        manifest: &Manifest,
        arguments: &[VariableArgument],
        environment: &Environment,
    ) -> Result<Self, String> {
        let mut given = HashMap::new();
        for argument in arguments {
            if let Some(name) = argument.name()
                && !manifest.variables.iter().any(|variable| variable.name.value == name)
            {
                return Err(format!(
                    "--variable {name}=…: {} declares no variable `{name}`",
                    manifest.file.display()
                ));
            }
            given.extend(argument.values()?);
        }
        let mut application = HashMap::new();
        let mut missing = Vec::new();
        for variable in &manifest.variables {
            let name = variable.name.value.as_str();
            let value = given
                .get(name)
                .map(String::as_str)
                .or_else(|| environment.find(name))
                .or(variable.default.as_deref());
            match value {
                Some(value) => drop(application.insert(name.to_owned(), value.to_owned())),
                None => missing.push(name),
            }
        }
        if !missing.is_empty() {
            return Err(describe_missing(&missing));
        }
        let components = manifest
            .components
            .iter()
            .map(|component| {
                let values = component.variables.iter().filter_map(|variable| {
                    let value = variable.value.value.render(|name| application.get(name).map(String::as_str));
                    Some((variable.name.value.clone(), value?))
                });
                (component.id.value.clone(), values.collect())
            })
            .collect();
        Ok(Self { application, components })
    }

    /// The value of a variable of `[variables]`; `None` if it is not declared.
    pub fn find(&self, name: &str) -> Option<&str> {
        self.application.get(name).map(String::as_str)
    }

    /// What the component reads under `name`.
    ///
    /// # Errors
    /// `InvalidName` if it cannot be a name, `Undefined` if the manifest gives the component no such variable.
    pub fn component_variable(&self, component: &str, name: &str) -> Result<&str, VariableError> {
        if let Err(reason) = check_variable_name(name) {
            return Err(VariableError::InvalidName(format!("{name:?}: {reason}")));
        }
        self.components
            .get(component)
            .and_then(|values| values.get(name))
            .map(String::as_str)
            .ok_or_else(|| VariableError::Undefined(format!("no variable for {component:?}.{name:?}")))
    }

    /// The text of a template of the manifest this was made from; `None` if it names an undeclared variable.
    pub fn render(&self, template: &Template) -> Option<String> {
        template.render(|name| self.find(name))
    }
}

impl fmt::Debug for Resolver {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut names: Vec<_> = self.application.keys().collect();
        names.sort_unstable();
        formatter.debug_struct("Resolver").field("variables", &names).finish_non_exhaustive()
    }
}

fn describe_missing(names: &[&str]) -> String {
    let mut message = "these variables need a value:".to_owned();
    for name in names {
        let environment = Environment::name_of(name);
        message.push_str(&format!(
            "\n  {name}: set {environment} (in .env or the environment), or --variable {name}=…"
        ));
    }
    message
}
