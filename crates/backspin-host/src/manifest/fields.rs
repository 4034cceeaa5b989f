//! Reads the fields of one TOML table: each is asked for by name, and what nobody asked for is refused with
//! its line.

use std::borrow::Cow;
use std::ops::Range;
use std::path::Path;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::error::{Located, ManifestError, Position};

/// The text of a manifest and where its lines start: turns byte offsets into places.
pub(super) struct Source<'s> {
    file: &'s Path,
    text: &'s str,
    line_starts: Vec<usize>,
}

impl<'s> Source<'s> {
    pub(super) fn new(file: &'s Path, text: &'s str) -> Self {
        let line_starts = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        Self { file, text, line_starts }
    }

    /// The whole document as the fields of its root table.
    pub(super) fn parse(&'s self) -> Result<Fields<'s>, ManifestError> {
        let root = DeTable::parse(self.text).map_err(|error| {
            let at = self.position(&error.span().unwrap_or_default());
            self.error(at, format!("not valid TOML: {}", error.message()))
        })?;
        let at = self.position(&root.span());
        Ok(Fields::new(self, "the manifest".to_owned(), root.into_inner(), at))
    }

    pub(super) fn error(&self, at: Position, message: impl Into<String>) -> ManifestError {
        ManifestError::new(self.file, at, message)
    }

    fn position(&self, span: &Range<usize>) -> Position {
        let line = self.line_starts.partition_point(|start| *start <= span.start);
        let line_start = self.line_starts.get(line.saturating_sub(1)).copied().unwrap_or(0);
        let before = self.text.get(line_start..span.start).unwrap_or_default();
        Position { line, column: before.chars().count() + 1 }
    }
}

/// A TOML value with its place and the name it goes by in messages.
pub(super) struct Field<'s> {
    source: &'s Source<'s>,
    name: String,
    value: DeValue<'s>,
    pub(super) at: Position,
}

impl<'s> Field<'s> {
    fn new(source: &'s Source<'s>, name: String, value: Spanned<DeValue<'s>>) -> Self {
        let at = source.position(&value.span());
        Self { source, name, value: value.into_inner(), at }
    }

    pub(super) fn is_table(&self) -> bool {
        matches!(self.value, DeValue::Table(_))
    }

    pub(super) fn is_list(&self) -> bool {
        matches!(self.value, DeValue::Array(_))
    }

    pub(super) fn error(&self, message: impl Into<String>) -> ManifestError {
        self.source.error(self.at, message)
    }

    pub(super) fn error_at(&self, at: Position, message: impl Into<String>) -> ManifestError {
        self.source.error(at, message)
    }

    pub(super) fn string(self) -> Result<Located<String>, ManifestError> {
        match self.value {
            DeValue::String(text) => Ok(Located { value: text.into_owned(), at: self.at }),
            _ => Err(self.expected("a string")),
        }
    }

    /// A string that has to be of some form: `parse` says what is wrong with it.
    pub(super) fn parsed<T>(
        self,
        parse: impl FnOnce(String) -> Result<T, String>,
    ) -> Result<Located<T>, ManifestError> {
        let (source, text) = (self.source, self.string()?);
        match parse(text.value) {
            Ok(value) => Ok(Located { value, at: text.at }),
            Err(message) => Err(source.error(text.at, message)),
        }
    }

    pub(super) fn boolean(self) -> Result<bool, ManifestError> {
        match self.value {
            DeValue::Boolean(value) => Ok(value),
            _ => Err(self.expected("true or false")),
        }
    }

    pub(super) fn integer(self) -> Result<Located<i64>, ManifestError> {
        match &self.value {
            DeValue::Integer(digits) => i64::from_str_radix(digits.as_str(), digits.radix())
                .map(|value| Located { value, at: self.at })
                .map_err(|_| self.expected("an integer of at most 64 bits")),
            _ => Err(self.expected("an integer")),
        }
    }

    pub(super) fn list(self) -> Result<Vec<Self>, ManifestError> {
        match self.value {
            DeValue::Array(items) => {
                let name = format!("an entry of {}", self.name);
                Ok(items.into_iter().map(|item| Self::new(self.source, name.clone(), item)).collect())
            }
            _ => Err(self.expected("a list")),
        }
    }

    /// The fields of a table; `title` is what messages call it, such as `[component.api]`.
    pub(super) fn table(self, title: impl Into<String>) -> Result<Fields<'s>, ManifestError> {
        match self.value {
            DeValue::Table(table) => Ok(Fields::new(self.source, title.into(), table, self.at)),
            _ => Err(self.expected("a table")),
        }
    }

    fn expected(&self, wanted: &str) -> ManifestError {
        let found = match self.value {
            DeValue::String(_) => "a string",
            DeValue::Integer(_) => "an integer",
            DeValue::Float(_) => "a number",
            DeValue::Boolean(_) => "a boolean",
            DeValue::Datetime(_) => "a date",
            DeValue::Array(_) => "a list",
            DeValue::Table(_) => "a table",
        };
        self.error(format!("{} must be {wanted}, not {found}", self.name))
    }
}

/// The fields of one table that nobody has asked for yet.
pub(super) struct Fields<'s> {
    source: &'s Source<'s>,
    /// What messages call the table.
    title: String,
    entries: Vec<(Spanned<Cow<'s, str>>, Spanned<DeValue<'s>>)>,
    pub(super) at: Position,
}

impl<'s> Fields<'s> {
    fn new(source: &'s Source<'s>, title: String, table: DeTable<'s>, at: Position) -> Self {
        let mut entries: Vec<_> = table.into_iter().collect();
        entries.sort_by_key(|(key, _)| key.span().start);
        Self { source, title, entries, at }
    }

    pub(super) fn error(&self, message: impl Into<String>) -> ManifestError {
        self.source.error(self.at, message)
    }

    pub(super) fn find(&mut self, name: &str) -> Option<Field<'s>> {
        let index = self.entries.iter().position(|(key, _)| key.get_ref() == name)?;
        let (_, value) = self.entries.remove(index);
        Some(Field::new(self.source, format!("`{name}` in {}", self.title), value))
    }

    pub(super) fn get(&mut self, name: &str) -> Result<Field<'s>, ManifestError> {
        self.find(name).ok_or_else(|| self.error(format!("{} needs the field `{name}`", self.title)))
    }

    pub(super) fn find_string(&mut self, name: &str) -> Result<Option<Located<String>>, ManifestError> {
        self.find(name).map(Field::string).transpose()
    }

    /// A text that may be missing: then it is empty, as in Spin.
    pub(super) fn text(&mut self, name: &str) -> Result<String, ManifestError> {
        Ok(self.find_string(name)?.map(|text| text.value).unwrap_or_default())
    }

    pub(super) fn strings(&mut self, name: &str) -> Result<Vec<Located<String>>, ManifestError> {
        self.list_of(name, Field::string)
    }

    /// A list that may be missing: then it is empty.
    pub(super) fn list_of<T>(
        &mut self,
        name: &str,
        read: impl Fn(Field<'s>) -> Result<T, ManifestError>,
    ) -> Result<Vec<T>, ManifestError> {
        self.find(name).map_or_else(|| Ok(Vec::new()), |field| field.list()?.into_iter().map(read).collect())
    }

    /// A table whose keys the author chooses, in the order of the file; empty if missing.
    pub(super) fn entries_of<T>(
        &mut self,
        name: &str,
        read: impl Fn(Located<String>, Field<'s>) -> Result<T, ManifestError>,
    ) -> Result<Vec<T>, ManifestError> {
        let Some(field) = self.find(name) else { return Ok(Vec::new()) };
        let entries = field.table(format!("`{name}`"))?.into_named();
        entries.into_iter().map(|(name, value)| read(name, value)).collect()
    }

    pub(super) fn boolean(&mut self, name: &str) -> Result<bool, ManifestError> {
        self.find(name).map_or(Ok(false), Field::boolean)
    }

    /// All that is left, as names with their places and values: for tables whose keys the author chooses.
    pub(super) fn into_named(self) -> Vec<(Located<String>, Field<'s>)> {
        let Self { source, title, entries, .. } = self;
        entries
            .into_iter()
            .map(|(key, value)| {
                let at = source.position(&key.span());
                let name = key.into_inner().into_owned();
                let field = Field::new(source, format!("`{name}` in {title}"), value);
                (Located { value: name, at }, field)
            })
            .collect()
    }

    /// Refuses the table if it has one of these fields, which Spin knows and this runtime does not: each with
    /// what to do about it.
    pub(super) fn refuse(&self, unsupported: &[(&str, &str)]) -> Result<(), ManifestError> {
        for (key, _) in &self.entries {
            if let Some((name, advice)) = unsupported.iter().find(|(name, _)| key.get_ref() == name) {
                let message =
                    format!("`{name}` in {} is not supported by this runtime: {advice}", self.title);
                return Err(self.source.error(self.source.position(&key.span()), message));
            }
        }
        Ok(())
    }

    /// Refuses whatever was not asked for; `known` are the names to choose from.
    pub(super) fn finish(self, known: &[&str]) -> Result<(), ManifestError> {
        let Some((key, _)) = self.entries.first() else { return Ok(()) };
        let fields = known.join(", ");
        let message = format!("unknown field `{}` in {}; its fields are {fields}", key.get_ref(), self.title);
        Err(self.source.error(self.source.position(&key.span()), message))
    }
}
