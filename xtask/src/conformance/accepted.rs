//! The short written list of differences that are meant: `tests/conformance/accepted.toml`. Each has its reason in
//! docs/compatibility.md.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use super::difference::Difference;

const LIST: &str = "tests/conformance/accepted.toml";
const PAGE: &str = "docs/compatibility.md";

/// The list, and how often each of its entries was met in this run.
pub(crate) struct Accepted {
    entries: Vec<Entry>,
    met: Vec<usize>,
}

/// One accepted difference. Where a value is left out it may be any; `*` stands for any text.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    /// A short name; docs/compatibility.md explains it under this name.
    id: String,
    /// `SUITE / STEP`.
    step: String,
    /// JSON pointer into `{"request_line", "request", "status", "headers", "body"}`.
    at: String,
    pocketbase: Option<String>,
    backspin: Option<String>,
    /// PocketBase answers at random here, and at times as Backspin does: a run may do without the difference.
    #[serde(default)]
    at_random: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct List {
    #[serde(default)]
    difference: Vec<Entry>,
}

impl Accepted {
    /// Reads the list and checks that each entry has its reason written down.
    ///
    /// # Errors
    /// When the list cannot be read, an id is there twice, or docs/compatibility.md does not name it.
    pub(crate) fn read(root: &Path) -> Result<Self> {
        let list = fs::read_to_string(root.join(LIST)).with_context(|| format!("{LIST} is missing"))?;
        let page = fs::read_to_string(root.join(PAGE)).with_context(|| format!("{PAGE} is missing"))?;
        Self::parse(&list, &page)
    }

    fn parse(list: &str, page: &str) -> Result<Self> {
        let entries = toml::from_str::<List>(list)
            .with_context(|| format!("{LIST} is not as it should be"))?
            .difference;
        for entry in &entries {
            if !page.contains(&format!("`{}`", entry.id)) {
                bail!("{PAGE} does not explain `{}`, which {LIST} accepts", entry.id);
            }
        }
        let met = vec![0; entries.len()];
        Ok(Self { entries, met })
    }

    /// Whether the list has this difference; counts it.
    pub(crate) fn covers(&mut self, found: &Difference) -> bool {
        let Some(at) = self.entries.iter().position(|entry| entry.covers(found)) else { return false };
        self.met[at] += 1;
        true
    }

    /// How many differences were covered.
    pub(crate) fn used(&self) -> usize {
        self.met.iter().sum()
    }

    /// # Errors
    /// When an entry was not met: the difference is gone, and so should the entry be.
    pub(crate) fn refuse_unused(&self) -> Result<()> {
        let unused = self.entries.iter().zip(&self.met).filter(|(entry, met)| **met == 0 && !entry.at_random);
        let unused = unused
            .map(|(entry, _)| format!("{} ({} at {})", entry.id, entry.step, entry.at))
            .collect::<Vec<_>>();
        if unused.is_empty() {
            return Ok(());
        }
        bail!("{LIST} accepts differences that are no more; delete them there:\n{}", unused.join("\n"))
    }
}

impl Entry {
    fn covers(&self, found: &Difference) -> bool {
        let value_fits =
            |pattern: &Option<String>, value: &str| pattern.as_deref().is_none_or(|text| fits(text, value));
        fits(&self.step, &found.label)
            && fits(&self.at, &found.pointer)
            && value_fits(&self.pocketbase, &found.pocketbase)
            && value_fits(&self.backspin, &found.backspin)
    }
}

/// Whether `text` is `pattern`, in which each `*` stands for any text.
fn fits(pattern: &str, text: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('*') else { return pattern == text };
    let Some(mut text) = text.strip_prefix(start) else { return false };
    loop {
        if fits(rest, text) {
            return true;
        }
        let mut characters = text.chars();
        if characters.next().is_none() {
            return false;
        }
        text = characters.as_str();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: &str = r#"
        [[difference]]
        id = "health-data"
        step = "health / *"
        at = "/body/data/*"
        backspin = "(nothing)"
    "#;

    fn difference(label: &str, pointer: &str, backspin: &str) -> Difference {
        Difference {
            label: label.to_owned(),
            request_line: String::new(),
            pointer: pointer.to_owned(),
            pocketbase: "1".to_owned(),
            backspin: backspin.to_owned(),
        }
    }

    #[test]
    fn an_entry_covers_only_what_it_describes() {
        let mut accepted = Accepted::parse(LIST, "`health-data`").unwrap();
        assert!(accepted.covers(&difference("health / as superuser", "/body/data/canBackup", "(nothing)")));
        assert!(!accepted.covers(&difference("health / as superuser", "/body/data/canBackup", "2")));
        assert!(!accepted.covers(&difference("health / as superuser", "/status", "(nothing)")));
        assert!(!accepted.covers(&difference("other / health / as", "/body/data/canBackup", "(nothing)")));
        assert_eq!(accepted.used(), 1);
        accepted.refuse_unused().unwrap();
    }

    #[test]
    fn an_entry_that_is_not_met_is_refused() {
        let accepted = Accepted::parse(LIST, "`health-data`").unwrap();
        assert!(accepted.refuse_unused().unwrap_err().to_string().contains("health-data"));
    }

    #[test]
    fn an_entry_for_a_random_answer_need_not_be_met() {
        let list = format!("{LIST} at_random = true");
        Accepted::parse(&list, "`health-data`").unwrap().refuse_unused().unwrap();
    }

    #[test]
    fn an_entry_without_its_reason_is_refused() {
        let fault = Accepted::parse(LIST, "health-data").err().unwrap();
        assert!(fault.to_string().contains("does not explain `health-data`"));
    }

    #[test]
    fn an_unknown_key_is_refused() {
        assert!(Accepted::parse("[[difference]]\nid='a'\nstep='b'\nat='c'\nwhy='d'", "`a`").is_err());
    }

    #[test]
    fn a_star_stands_for_any_text() {
        assert!(fits("a*c", "abc") && fits("a*c", "ac") && fits("*", "") && fits("a*b*c", "a-b-b-c"));
        assert!(!fits("a*c", "ab") && !fits("a", "ab") && !fits("", "a"));
    }
}
