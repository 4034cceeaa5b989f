//! Shows differences to a person: those of one kind together, with an example of each.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use super::difference::Difference;

const VALUE_CHARACTERS_SHOWN: usize = 300;

/// Prints one example of each kind, and how many there are of it. Two differences are of one kind when the place is the
/// same, but for positions in lists, and either the step or both values are too.
pub(crate) fn print(found: &[Difference]) {
    for (example, count) in kinds(found) {
        println!("\n{}\n    {} {}", example.label, example.request_line, example.pointer);
        println!("    PocketBase: {}", shortened(&example.pocketbase));
        println!("    Backspin:   {}", shortened(&example.backspin));
        if count > 1 {
            println!("    and {} more like it", count - 1);
        }
    }
    if !found.is_empty() {
        println!();
    }
}

/// Writes every difference, unshortened, one to a line with its fields separated by tabs.
///
/// # Errors
/// When the file cannot be written.
pub(crate) fn write(path: &Path, found: &[Difference]) -> Result<()> {
    let line = |one: &Difference| {
        format!(
            "{}\t{}\t{}\t{}\t{}\n",
            on_one_line(&one.label),
            on_one_line(&one.request_line),
            one.pointer,
            one.pocketbase,
            one.backspin
        )
    };
    fs::write(path, found.iter().map(line).collect::<String>())
        .with_context(|| format!("cannot write {}", path.display()))
}

fn on_one_line(text: &str) -> String {
    text.replace('\n', "\\n").replace('\t', "\\t")
}

fn kinds(found: &[Difference]) -> Vec<(&Difference, usize)> {
    let mut kinds: Vec<(&Difference, usize)> = Vec::new();
    for one in found {
        let same = |other: &&mut (&Difference, usize)| {
            (other.0.label == one.label
                || (&other.0.pocketbase, &other.0.backspin) == (&one.pocketbase, &one.backspin))
                && without_positions(&other.0.pointer) == without_positions(&one.pointer)
        };
        match kinds.iter_mut().find(same) {
            Some((_, count)) => *count += 1,
            None => kinds.push((one, 1)),
        }
    }
    kinds
}

fn without_positions(pointer: &str) -> String {
    let step = |step: &str| {
        if step.bytes().all(|byte| byte.is_ascii_digit()) { "*".to_owned() } else { step.to_owned() }
    };
    pointer.split('/').map(step).collect::<Vec<_>>().join("/")
}

fn shortened(value: &str) -> String {
    match value.char_indices().nth(VALUE_CHARACTERS_SHOWN) {
        Some((end, _)) => format!("{}…", &value[..end]),
        None => value.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(pointer: &str) -> Difference {
        Difference {
            label: "step".to_owned(),
            request_line: "GET /".to_owned(),
            pointer: pointer.to_owned(),
            pocketbase: "1".to_owned(),
            backspin: "2".to_owned(),
        }
    }

    #[test]
    fn places_that_differ_in_a_position_are_one_kind() {
        let found = [at("/body/items/0/id"), at("/body/items/29/id"), at("/body/items/0/title")];
        let elsewhere = Difference { label: "other step".to_owned(), ..at("/body/items/3/title") };
        let other_values = Difference { pocketbase: "3".to_owned(), ..elsewhere.clone() };
        let found = [&found[..], &[elsewhere, other_values]].concat();
        let counts = kinds(&found).into_iter().map(|(_, count)| count).collect::<Vec<_>>();
        assert_eq!(counts, [2, 2, 1]);
    }
}
