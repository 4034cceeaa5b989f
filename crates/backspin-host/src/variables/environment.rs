//! `SPIN_VARIABLE_<NAME>`: values from the process and from a `.env` file beside the manifest.

use std::collections::HashMap;
use std::ffi::OsString;
use std::path::Path;

const PREFIX: &str = "SPIN_VARIABLE_";

/// The values that the surroundings give, by upper-case name without the prefix.
#[derive(Default)]
pub struct Environment {
    values: HashMap<String, String>,
}

impl Environment {
    /// The environment of this process, and below it the `.env` file in `folder`, if there is one.
    ///
    /// # Errors
    /// A value that is not UTF-8, or a line of the file that is not `NAME=VALUE`.
    pub fn of_process(folder: &Path) -> Result<Self, String> {
        Self::read(std::env::vars_os(), folder)
    }

    pub(super) fn read(
        process: impl IntoIterator<Item = (OsString, OsString)>,
        folder: &Path,
    ) -> Result<Self, String> {
        let mut values = read_dotenv(&folder.join(".env"))?;
        for (name, value) in process {
            let Some(name) = name.to_str().and_then(|name| name.strip_prefix(PREFIX)) else { continue };
            let value = value.into_string().map_err(|_| format!("{PREFIX}{name} is not UTF-8 text"))?;
            values.insert(name.to_owned(), value);
        }
        Ok(Self { values })
    }

    pub(super) fn find(&self, variable: &str) -> Option<&str> {
        self.values.get(&variable.to_ascii_uppercase()).map(String::as_str)
    }

    /// The environment variable that sets `variable`.
    pub(super) fn name_of(variable: &str) -> String {
        format!("{PREFIX}{}", variable.to_ascii_uppercase())
    }
}

fn read_dotenv(path: &Path) -> Result<HashMap<String, String>, String> {
    let mut values = HashMap::new();
    let lines = match dotenvy::from_path_iter(path) {
        Ok(lines) => lines,
        Err(error) if error.not_found() => return Ok(values),
        Err(error) => return Err(format!("{}: {}", path.display(), describe(&error, path))),
    };
    for line in lines {
        let (name, value) = line.map_err(|error| format!("{}{}", path.display(), describe(&error, path)))?;
        if let Some(name) = name.strip_prefix(PREFIX) {
            values.insert(name.to_owned(), value);
        }
    }
    Ok(values)
}

/// What is wrong, without the text of the line: it may hold a secret.
fn describe(error: &dotenvy::Error, path: &Path) -> String {
    match error {
        dotenvy::Error::LineParse(wrong, _) => {
            let text = std::fs::read_to_string(path).unwrap_or_default();
            let first = wrong.lines().next().unwrap_or_default();
            match text.lines().position(|line| line.trim() == first.trim()) {
                Some(index) => format!(":{}: not of the form NAME=VALUE", index + 1),
                None => ": a line is not of the form NAME=VALUE".to_owned(),
            }
        }
        dotenvy::Error::Io(error) => format!(": cannot be read: {error}"),
        _ => ": cannot be read".to_owned(),
    }
}
