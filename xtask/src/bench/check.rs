//! The check, before anything is timed, that every server answers rightly.

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::contender::Contender;
use super::data::{self, Data};
use super::requests;
use super::scenario::Scenario;

/// Views are many; each list is checked.
const VIEWS_STEP: usize = 400;

/// Checks that each server answers these scenarios with 200 and what was stored, and all with the same.
///
/// # Errors
/// With the path and both replies, where that is not so.
pub(crate) fn replies(contenders: &[Contender], scenarios: &[Scenario], data: &Data) -> Result<()> {
    for scenario in scenarios {
        let paths = requests::read_paths(*scenario);
        let step = if paths.len() > VIEWS_STEP { VIEWS_STEP } else { 1 };
        for path in paths.iter().step_by(step) {
            same_reply(*scenario, path, contenders)?;
        }
    }
    if !scenarios.iter().any(|scenario| scenario.needs(data::POSTS)) {
        return Ok(());
    }
    contenders.iter().try_for_each(|contender| stored(&contender.server().url, data))
}

fn same_reply(scenario: Scenario, path: &str, contenders: &[Contender]) -> Result<()> {
    let mut first: Option<(&str, Value)> = None;
    for contender in contenders.iter().filter(|contender| scenario.is_for(contender.kind())) {
        let token = contender.token_for(scenario);
        let mut reply = get(&contender.server().url, path, token)?;
        // The servers were filled at different times.
        strip_times(&mut reply);
        if reply["items"].as_array().is_some_and(Vec::is_empty) {
            bail!("{path}: {} lists nothing", contender.name());
        }
        match &first {
            None => first = Some((contender.name(), reply)),
            Some((_, other)) if *other == reply => {}
            Some((name, other)) => {
                bail!("{path}: {name} answers\n{other}\nbut {} answers\n{reply}", contender.name())
            }
        }
    }
    Ok(())
}

/// Checks one page against the data itself, and that an insert gives back what was sent.
fn stored(url: &str, data: &Data) -> Result<()> {
    let list = get(url, &data::list_path(1), None)?;
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

fn get(url: &str, path: &str, token: Option<&str>) -> Result<Value> {
    let mut request = ureq::get(format!("{url}{path}"));
    if let Some(token) = token {
        request = request.header("authorization", token);
    }
    let mut reply = request.call().with_context(|| format!("GET {url}{path}"))?;
    if reply.status() != 200 {
        bail!("GET {url}{path} answers {}", reply.status());
    }
    Ok(serde_json::from_str(&reply.body_mut().read_to_string()?)?)
}

/// Takes `created` and `updated` out of every object.
fn strip_times(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.retain(|name, _| name != "created" && name != "updated");
            fields.values_mut().for_each(strip_times);
        }
        Value::Array(items) => items.iter_mut().for_each(strip_times),
        _ => {}
    }
}
