//! `--variable`: a value on the command line, or a file of values.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// Files of values are refused beyond this size.
pub const VARIABLE_FILE_BYTES_MAX: u64 = 1 << 20;

/// One `--variable`, as `spin up` takes it. Printing it shows no value.
#[derive(Clone, Eq, PartialEq)]
pub enum VariableArgument {
    /// `name=value`
    Value { name: String, value: String },
    /// `name=@file`: the file's text is the value.
    File { name: String, path: PathBuf },
    /// `@file.json`: an object of names and texts.
    Json(PathBuf),
    /// `@file.toml`: names and texts.
    Toml(PathBuf),
}

impl FromStr for VariableArgument {
    type Err = String;

    fn from_str(argument: &str) -> Result<Self, String> {
        if let Some(path) = argument.strip_prefix('@') {
            let path = PathBuf::from(path);
            return match path.extension().and_then(|extension| extension.to_str()) {
                Some("json") => Ok(Self::Json(path)),
                Some("toml") => Ok(Self::Toml(path)),
                _ => Err("a file of variables must end in .json or .toml".to_owned()),
            };
        }
        let Some((name, value)) = argument.split_once('=') else {
            return Err("write NAME=VALUE, NAME=@FILE, @FILE.json or @FILE.toml".to_owned());
        };
        let name = name.to_owned();
        Ok(match value.strip_prefix('@') {
            Some(path) => Self::File { name, path: PathBuf::from(path) },
            None => Self::Value { name, value: value.to_owned() },
        })
    }
}

impl std::fmt::Debug for VariableArgument {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Value { name, .. } => write!(formatter, "{name}=(value)"),
            Self::File { name, path } => write!(formatter, "{name}=@{}", path.display()),
            Self::Json(path) | Self::Toml(path) => write!(formatter, "@{}", path.display()),
        }
    }
}

impl VariableArgument {
    /// The variable that the argument names; `None` for a file of several.
    pub(super) fn name(&self) -> Option<&str> {
        match self {
            Self::Value { name, .. } | Self::File { name, .. } => Some(name),
            Self::Json(_) | Self::Toml(_) => None,
        }
    }

    /// Names and values, with the files read.
    pub(super) fn values(&self) -> Result<HashMap<String, String>, String> {
        match self {
            Self::Value { name, value } => Ok([(name.clone(), value.clone())].into()),
            Self::File { name, path } => Ok([(name.clone(), read(path)?)].into()),
            // The parsers' own messages could show a value.
            Self::Json(path) => serde_json::from_str(&read(path)?)
                .map_err(|error| format!("{}:{}: not an object of texts", path.display(), error.line())),
            Self::Toml(path) => {
                let text = read(path)?;
                toml::from_str(&text).map_err(|error: toml::de::Error| {
                    let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
                    format!("{}:{}: not a table of texts", path.display(), before.matches('\n').count() + 1)
                })
            }
        }
    }
}

fn read(path: &Path) -> Result<String, String> {
    let fault = |error: std::io::Error| format!("{}: cannot be read: {error}", path.display());
    let size = std::fs::metadata(path).map_err(fault)?.len();
    if size > VARIABLE_FILE_BYTES_MAX {
        return Err(format!("{}: larger than {VARIABLE_FILE_BYTES_MAX} bytes", path.display()));
    }
    std::fs::read_to_string(path).map_err(fault)
}
