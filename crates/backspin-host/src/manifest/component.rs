//! `[component.ID]`: where a component's Wasm is, how it is built, and the capabilities it is given.

use std::path::PathBuf;

use crate::outbound::AllowedHost;
use crate::variables::Template;

use super::error::{Located, ManifestError};
use super::fields::{Field, Fields};
use super::identifier::{check_component_id, check_label, check_variable_name};

/// `[component.ID]`. Paths are as written; [`Manifest::resolve`](super::Manifest::resolve) makes them absolute.
#[derive(Clone, Debug, PartialEq)]
pub struct Component {
    pub id: Located<String>,
    pub description: String,
    /// The `.wasm` file.
    pub source: Located<PathBuf>,
    /// What the component may read, and nothing else of the host's files.
    pub files: Vec<FileMount>,
    /// Patterns of files, relative to the manifest, that `files` leaves out.
    pub exclude_files: Vec<Located<String>>,
    /// Environment variables, in the manifest's order.
    pub environment: Vec<(String, String)>,
    /// What the component reads through the variables interface, in the manifest's order.
    pub variables: Vec<ComponentVariable>,
    /// Entries of `allowed_outbound_hosts`, checked but for the values of their variables.
    pub allowed_outbound_hosts: Vec<Located<Template>>,
    pub key_value_stores: Vec<Located<String>>,
    pub sqlite_databases: Vec<Located<String>>,
    pub build: Option<Build>,
    pub priority: Priority,
}

/// `priority` in `[component.ID.tool.backspin]`: who goes first when there is not enough processor time for all.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Priority {
    #[default]
    Normal,
    /// The others: for components that compute for long.
    Low,
}

/// One of a component's `variables`: its name and the template of its value.
#[derive(Clone, Debug, PartialEq)]
pub struct ComponentVariable {
    pub name: Located<String>,
    pub value: Located<Template>,
}

/// One entry of `files`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum FileMount {
    /// A file, a folder or a glob pattern: appears in the component at the same path.
    Pattern(Located<String>),
    /// `{ source, destination }`: a file or folder, and where it appears.
    Placement { source: Located<String>, destination: Located<String> },
}

/// `[component.ID.build]`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Build {
    /// Shell commands, run one after the other.
    pub commands: Vec<Located<String>>,
    /// Where they run, relative to the manifest; its own folder if not written.
    pub workdir: Option<Located<PathBuf>>,
    /// Patterns of the sources, for `--watch`.
    pub watch: Vec<Located<String>>,
}

/// Fields of Spin that this runtime refuses, each with what to do.
const UNSUPPORTED: &[(&str, &str)] = &[
    ("ai_models", "it runs no language models: use `spin up`, or call a model over HTTP"),
    ("allowed_http_hosts", "it is deprecated: write full origins in `allowed_outbound_hosts`"),
    ("dependencies", "compose the component when it is built (`wac plug`), or use `spin up`"),
    ("dependencies_inherit_configuration", "compose the component when it is built, or use `spin up`"),
    ("profile", "it has one build profile: use the component's `build`, or `spin up --profile`"),
    ("targets", "`spin build` checks the component against them; remove the field, or use Spin"),
];

impl Component {
    pub(super) fn read(id: Located<String>, mut fields: Fields<'_>) -> Result<Self, ManifestError> {
        fields.refuse(UNSUPPORTED)?;
        let component = Self {
            id,
            source: read_source(fields.get("source")?)?,
            description: fields.text("description")?,
            files: fields.list_of("files", FileMount::read)?,
            exclude_files: fields.strings("exclude_files")?,
            environment: fields
                .entries_of("environment", |name, value| Ok((name.value, value.string()?.value)))?,
            variables: fields.entries_of("variables", ComponentVariable::read)?,
            allowed_outbound_hosts: fields.list_of("allowed_outbound_hosts", read_allowed_host)?,
            key_value_stores: fields.list_of("key_value_stores", read_label)?,
            sqlite_databases: fields.list_of("sqlite_databases", read_label)?,
            build: fields.find("build").map(Build::read).transpose()?,
            priority: fields.find("tool").map(read_priority).transpose()?.unwrap_or_default(),
        };
        fields.finish(&[
            "source",
            "description",
            "files",
            "exclude_files",
            "environment",
            "variables",
            "allowed_outbound_hosts",
            "key_value_stores",
            "sqlite_databases",
            "build",
            "tool",
        ])?;
        Ok(component)
    }
}

/// Reads one `[component.ID]`.
pub(super) fn read_component(id: Located<String>, field: Field<'_>) -> Result<Component, ManifestError> {
    if let Err(reason) = check_component_id(&id.value) {
        return Err(field.error_at(id.at, format!("the component id {:?} is not valid: {reason}", id.value)));
    }
    let title = format!("[component.{}]", id.value);
    Component::read(id, field.table(title)?)
}

/// Spin leaves `tool` to other programs; `tool.backspin` is this runtime's.
fn read_priority(tools: Field<'_>) -> Result<Priority, ManifestError> {
    let mut tools = tools.table("`tool`")?;
    let Some(own) = tools.find("backspin") else { return Ok(Priority::Normal) };
    let mut own = own.table("`tool.backspin`")?;
    let priority = match own.find("priority") {
        None => Priority::Normal,
        Some(field) => {
            let read = field.parsed(|text| match text.as_str() {
                "normal" => Ok(Priority::Normal),
                "low" => Ok(Priority::Low),
                _ => Err(format!("the priority {text:?} is not known: write \"normal\" or \"low\"")),
            })?;
            read.value
        }
    };
    own.finish(&["priority"])?;
    Ok(priority)
}

fn read_source(field: Field<'_>) -> Result<Located<PathBuf>, ManifestError> {
    if field.is_table() {
        return Err(field.error(
            "`source` must be the path of a .wasm file: this runtime downloads no components; \
             download it and name the file, or use `spin up`",
        ));
    }
    field.parsed(|path| match path.as_str() {
        "" => Err("`source` is empty: name the component's .wasm file".to_owned()),
        _ => Ok(PathBuf::from(path)),
    })
}

fn read_label(field: Field<'_>) -> Result<Located<String>, ManifestError> {
    field.parsed(|label| match check_label(&label) {
        Ok(()) => Ok(label),
        Err(reason) => Err(format!("the store label {label:?} is not valid: {reason}")),
    })
}

fn read_allowed_host(field: Field<'_>) -> Result<Located<Template>, ManifestError> {
    field.parsed(|host| {
        let template = Template::parse(&host)?;
        if let Some(literal) = template.literal() {
            AllowedHost::parse(literal)?;
        }
        Ok(template)
    })
}

impl ComponentVariable {
    fn read(name: Located<String>, field: Field<'_>) -> Result<Self, ManifestError> {
        if let Err(reason) = check_variable_name(&name.value) {
            let message = format!("the variable name {:?} is not valid: {reason}", name.value);
            return Err(field.error_at(name.at, message));
        }
        Ok(Self { name, value: field.parsed(|value| Template::parse(&value))? })
    }
}

impl FileMount {
    fn read(field: Field<'_>) -> Result<Self, ManifestError> {
        if !field.is_table() {
            return field.parsed(check_pattern).map(Self::Pattern);
        }
        let mut fields = field.table("an entry of `files`")?;
        let source = fields.get("source")?.string()?;
        let destination = fields.get("destination")?.parsed(check_destination)?;
        fields.finish(&["source", "destination"])?;
        Ok(Self::Placement { source, destination })
    }
}

fn check_pattern(pattern: String) -> Result<String, String> {
    match pattern.rsplit('/').next() {
        Some("." | "..") | None => Err(format!(
            "the file pattern {pattern:?} ends in a folder: write {{ source = {pattern:?}, destination = \"/\" }}"
        )),
        Some(_) if pattern.is_empty() => Err("the file pattern is empty".to_owned()),
        Some(_) => Ok(pattern),
    }
}

fn check_destination(destination: String) -> Result<String, String> {
    if !destination.starts_with('/') || destination.split('/').any(|part| part == "..") {
        return Err(format!("`destination` must be an absolute path without `..`, not {destination:?}"));
    }
    Ok(destination)
}

impl Build {
    fn read(field: Field<'_>) -> Result<Self, ManifestError> {
        let mut fields = field.table("`build`")?;
        let command = fields.get("command")?;
        let commands = if command.is_list() {
            command.list()?.into_iter().map(Field::string).collect::<Result<_, _>>()?
        } else {
            vec![command.string()?]
        };
        let workdir = fields
            .find("workdir")
            .map(|field| field.parsed(|path| check_workdir(PathBuf::from(path))))
            .transpose()?;
        let watch = fields.strings("watch")?;
        fields.finish(&["command", "workdir", "watch"])?;
        Ok(Self { commands, workdir, watch })
    }
}

fn check_workdir(path: PathBuf) -> Result<PathBuf, String> {
    if path.has_root() {
        return Err("`workdir` must be relative to the manifest's folder".to_owned());
    }
    Ok(path)
}
