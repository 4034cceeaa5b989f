//! What is measured, and the check that every server answers it rightly.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::Part;
use super::contender::Contender;
use super::data::{self, Data};

/// One kind of request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scenario {
    /// One record by its id.
    View,
    /// 30 of 10,000 records by an indexed column, with totals.
    List,
    /// One new record.
    Insert,
}

impl Scenario {
    pub(crate) const ALL: [Self; 3] = [Self::View, Self::List, Self::Insert];

    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::View => "view one",
            Self::List => "list 30 of 10,000, sorted",
            Self::Insert => "insert",
        }
    }

    pub(super) fn part(self) -> Part {
        match self {
            Self::View => Part::View,
            Self::List => Part::List,
            Self::Insert => Part::Insert,
        }
    }

    /// Where the requests of this scenario are written for the load generator.
    pub(crate) fn requests_file(self, folder: &Path) -> PathBuf {
        let name = match self {
            Self::View => "view",
            Self::List => "list",
            Self::Insert => "insert",
        };
        folder.join(format!("{name}.requests"))
    }
}

/// Checks before anything is timed that each server answers 200 with what was stored, and all with the same.
///
/// # Errors
/// With the path and both replies, where that is not so.
pub(crate) fn check_replies(contenders: &[Contender], data: &Data) -> Result<()> {
    let views = (0..data.posts().len()).step_by(997).map(data::view_path);
    let lists = (1..=data::PAGES).map(data::list_path);
    for path in views.chain(lists) {
        let mut first: Option<(&str, Value)> = None;
        for contender in contenders {
            let reply = without_times(get(&contender.server().url, &path)?);
            match &first {
                None => first = Some((contender.name(), reply)),
                Some((_, other)) if *other == reply => {}
                Some((name, other)) => {
                    bail!("{path}: {name} answers\n{other}\nbut {} answers\n{reply}", contender.name())
                }
            }
        }
    }
    contenders.iter().try_for_each(|contender| check_stored(&contender.server().url, data))
}

/// Checks one page against the data itself, and that an insert gives back what was sent.
fn check_stored(url: &str, data: &Data) -> Result<()> {
    let list = get(url, &data::list_path(1))?;
    let mut expected = data.posts().iter().collect::<Vec<_>>();
    expected.sort_by_key(|post| std::cmp::Reverse(post["rank"].as_u64()));
    let ids = |posts: &[Value]| posts.iter().map(|post| post["id"].clone()).collect::<Vec<_>>();
    let expected = expected.iter().take(data::PER_PAGE).map(|post| post["id"].clone()).collect::<Vec<_>>();
    if list["items"].as_array().map(|items| ids(items)) != Some(expected)
        || list["totalItems"] != data::POSTS_COUNT
    {
        bail!("{url} lists something else than was stored: {list}");
    }
    let mut sent = data.posts()[0].clone();
    sent["id"] = Value::from("checkcheckcheck");
    let path = format!("{url}/api/collections/{}/records", data::ENTRIES);
    let reply = ureq::post(&path)
        .content_type("application/json")
        .send(sent.to_string())
        .and_then(|mut reply| reply.body_mut().read_to_string())
        .with_context(|| format!("POST {path}"))?;
    let stored = serde_json::from_str::<Value>(&reply)?;
    let fields = sent.as_object().context("a post is an object")?;
    match fields.iter().find(|(name, value)| stored[name.as_str()] != **value) {
        Some((name, _)) => bail!("{url} stored {stored}, where `{name}` is not that of {sent}"),
        None => Ok(()),
    }
}

fn get(url: &str, path: &str) -> Result<Value> {
    let mut reply = ureq::get(format!("{url}{path}")).call().with_context(|| format!("GET {url}{path}"))?;
    if reply.status() != 200 {
        bail!("GET {url}{path} answers {}", reply.status());
    }
    Ok(serde_json::from_str(&reply.body_mut().read_to_string()?)?)
}

/// The servers were filled at different times.
fn without_times(mut reply: Value) -> Value {
    let strip = |record: &mut Value| {
        if let Some(fields) = record.as_object_mut() {
            fields.retain(|name, _| name != "created" && name != "updated");
        }
    };
    strip(&mut reply);
    if let Some(items) = reply.get_mut("items").and_then(Value::as_array_mut) {
        items.iter_mut().for_each(strip);
    }
    reply
}
