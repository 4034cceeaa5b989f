//! The `fields` of a request: which parts of the JSON reply to keep, as `id,expand.author.name` or
//! `*,body:excerpt(200,true)`.

mod split;

use serde_json::{Map, Value};

use crate::error::{QueryError, Result};
use crate::limits::{FIELDS_BYTES_MAX, FIELDS_LEVELS_MAX};

/// What to keep of an object.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fields {
    /// `*`: every key. Keys named beside it are still cut to what is asked of them.
    pub all: bool,
    /// For the texts of all keys that are not named.
    excerpt: Option<Excerpt>,
    pub named: Vec<(String, FieldPick)>,
}

/// What to keep of the value of one key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FieldPick {
    pub excerpt: Option<Excerpt>,
    /// Of an object, or of each object of a list; all of it if empty.
    pub inner: Fields,
    /// Whether the value as a whole was asked for too.
    whole: bool,
}

/// How much of a key's value is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part<'a> {
    Nothing,
    Whole,
    /// Of an object, or of each object of a list.
    Inside(&'a Fields),
    /// Of a text; anything else is kept whole.
    Excerpt,
}

/// The beginning of a text, without its HTML.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Excerpt {
    pub chars_max: usize,
    /// `...` after a text that was cut.
    pub with_ellipsis: bool,
}

impl Fields {
    /// Reads a list of dot paths. Empty text and empty names keep nothing away.
    ///
    /// Errors: an unknown modifier or wrong arguments, an open quote, too long or deep a path.
    pub fn parse(text: &str) -> Result<Self> {
        if text.len() > FIELDS_BYTES_MAX {
            let message = format!("The fields are longer than {FIELDS_BYTES_MAX} bytes.");
            return Err(QueryError::invalid(message, 0..text.len()));
        }
        let mut root = Self::default();
        for (start, path) in split::split(text)? {
            let span = start..start + path.len();
            let path = path.trim();
            if path.is_empty() {
                continue;
            }
            let (names, modifier) =
                path.split_once(':').map_or((path, None), |(names, rest)| (names, Some(rest)));
            let names: Vec<&str> = names.split('.').collect();
            if names.len() > FIELDS_LEVELS_MAX {
                let message = format!("A path of fields has at most {FIELDS_LEVELS_MAX} names.");
                return Err(QueryError::invalid(message, span));
            }
            let excerpt = match modifier {
                Some(modifier) => Some(Excerpt::parse(modifier.trim()).ok_or_else(|| {
                    let message = format!(
                        "Invalid modifier {modifier:?}: there is excerpt(max) and excerpt(max,true), with max over 0."
                    );
                    QueryError::invalid(message, span)
                })?),
                None => None,
            };
            root.add(&names, excerpt);
        }
        Ok(root)
    }

    /// Whether everything is kept as it is.
    pub fn is_empty(&self) -> bool {
        !self.all && self.named.is_empty()
    }

    /// How much is kept of the value of `key`.
    pub fn part(&self, key: &str) -> Part<'_> {
        match self.named.iter().find(|(name, _)| name == key) {
            Some((_, pick)) if pick.excerpt.is_some() => Part::Excerpt,
            Some((_, pick)) if pick.whole || pick.inner.is_empty() => Part::Whole,
            Some((_, pick)) => Part::Inside(&pick.inner),
            None if self.all && self.excerpt.is_some() => Part::Excerpt,
            None if self.all || self.named.is_empty() => Part::Whole,
            None => Part::Nothing,
        }
    }

    fn add(&mut self, names: &[&str], excerpt: Option<Excerpt>) {
        let mut level = self;
        for (i, name) in names.iter().enumerate() {
            let is_last = i + 1 == names.len();
            if is_last && *name == "*" {
                level.all = true;
                level.excerpt = excerpt;
                return;
            }
            let at = level.named.iter().position(|(other, _)| other == name).unwrap_or_else(|| {
                level.named.push(((*name).to_owned(), FieldPick::default()));
                level.named.len() - 1
            });
            let pick = &mut level.named[at].1;
            if is_last {
                pick.whole = true;
                pick.excerpt = excerpt;
                return;
            }
            level = &mut pick.inner;
        }
    }

    /// Keeps of a reply what was asked for: of an object, of each object of a list.
    pub fn pick(&self, value: Value) -> Value {
        if self.is_empty() {
            return value;
        }
        match value {
            Value::Object(map) => Value::Object(self.pick_map(map)),
            Value::Array(items) if items.first().is_some_and(Value::is_object) => {
                items.into_iter().map(|item| self.pick(item)).collect()
            }
            other => other,
        }
    }

    fn pick_map(&self, map: Map<String, Value>) -> Map<String, Value> {
        map.into_iter()
            .filter_map(|(key, value)| match self.named.iter().find(|(name, _)| *name == key) {
                Some((_, pick)) => Some((key, pick.apply(value))),
                None => self.all.then(|| (key, Excerpt::apply(self.excerpt, value))),
            })
            .collect()
    }
}

impl FieldPick {
    fn apply(&self, value: Value) -> Value {
        match Excerpt::apply(self.excerpt, value) {
            value if self.whole => value,
            value => self.inner.pick(value),
        }
    }
}

impl Excerpt {
    /// The excerpt of a text; anything else stays.
    fn apply(excerpt: Option<Self>, value: Value) -> Value {
        match (value, excerpt) {
            (Value::String(text), Some(excerpt)) => Value::String(excerpt.of(&text)),
            (value, _) => value,
        }
    }

    fn parse(modifier: &str) -> Option<Self> {
        let (arguments, _) = modifier.strip_prefix("excerpt(")?.split_once(')')?;
        let mut arguments = arguments.split(',').map(str::trim);
        let (whole, fraction) = arguments.next().map(|max| max.split_once('.').unwrap_or((max, "")))?;
        let chars_max: i64 = whole.parse().ok().filter(|max| *max >= 1)?;
        if !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let with_ellipsis = matches!(arguments.next(), Some("1" | "t" | "T" | "true" | "TRUE" | "True"));
        let chars_max = usize::try_from(chars_max).unwrap_or(usize::MAX);
        arguments.next().is_none().then_some(Self { chars_max, with_ellipsis })
    }

    /// The excerpt of a text: tags and what scripts and styles hold removed, entities resolved, runs of
    /// white space made one space.
    pub fn of(&self, text: &str) -> String {
        let plain = plain_text(text);
        let mut excerpt: String = plain.chars().take(self.chars_max).collect();
        let is_cut = excerpt.len() < plain.len();
        excerpt.truncate(excerpt.trim_end().len());
        if is_cut && self.with_ellipsis {
            excerpt.push_str("...");
        }
        excerpt
    }
}

/// Elements within a line. The text of any other is apart from what is around it.
const INLINE: [&str; 27] = [
    "a", "abbr", "acronym", "b", "bdo", "big", "br", "button", "cite", "code", "em", "i", "label", "q",
    "small", "span", "strong", "strike", "sub", "sup", "time", "u", "s", "del", "ins", "mark", "kbd",
];
/// Elements whose text is not for reading.
const SILENT: [&str; 2] = ["script", "style"];

fn plain_text(html: &str) -> String {
    let mut text = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        push_text(&mut text, &rest[..at]);
        let tag = &rest[at + 1..];
        if let Some(after) = tag.strip_prefix("!--") {
            rest = after.find("-->").map_or("", |end| &after[end + 3..]);
            continue;
        }
        let name_at = usize::from(tag.starts_with('/'));
        if !tag[name_at..].starts_with(|char: char| char.is_ascii_alphabetic() || char == '!') {
            push_text(&mut text, "<");
            rest = tag;
            continue;
        }
        // A tag without an end is dropped with what follows it.
        let Some(end) = tag.find('>') else {
            rest = "";
            break;
        };
        let name_end = tag[name_at..].find(|char: char| !char.is_ascii_alphanumeric()).unwrap_or(end);
        let name = tag[name_at..].get(..name_end).unwrap_or_default().to_ascii_lowercase();
        let is_silent = SILENT.contains(&name.as_str());
        if !is_silent && !INLINE.contains(&name.as_str()) {
            text.push(' ');
        }
        rest = &tag[end + 1..];
        if is_silent && name_at == 0 {
            let close = format!("</{name}");
            rest = rest.to_ascii_lowercase().find(&close).map_or("", |close| &rest[close..]);
        }
    }
    push_text(&mut text, rest);
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ")
}

/// Adds text with its entities resolved.
fn push_text(text: &mut String, source: &str) {
    let mut rest = source;
    while let Some(at) = rest.find('&') {
        text.push_str(&rest[..at]);
        let entity =
            rest[at + 1..].split_once(';').and_then(|(name, after)| Some((resolve_entity(name)?, after)));
        match entity {
            Some((char, after)) => {
                text.push(char);
                rest = after;
            }
            None => {
                text.push('&');
                rest = &rest[at + 1..];
            }
        }
    }
    text.push_str(rest);
}

fn resolve_entity(name: &str) -> Option<char> {
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => '\u{a0}',
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code)?
        }
    })
}
