//! The commands that the README shows exist, with the flags it shows.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use clap::CommandFactory;
use serde::Deserialize;

use crate::backspin::{self, Profile};
use crate::tool;

use super::Breach;

/// Cargo's own commands that the README may show.
const OF_CARGO: [&str; 8] = ["build", "check", "clippy", "doc", "fmt", "install", "run", "test"];

/// Programs of others; what they take is theirs.
const OF_OTHERS: [&str; 12] =
    ["cat", "cd", "cp", "curl", "docker", "git", "kubectl", "mkdir", "node", "npm", "rustup", "spin"];

/// What exists to be called.
struct Known {
    /// Aliases of `.cargo/config.toml`, with what they stand for.
    aliases: Vec<(String, String)>,
    /// Commands of `cargo xtask`.
    tasks: BTreeSet<String>,
}

/// Checks the README against the aliases, the tasks, and the help of the `backspin` binary.
///
/// # Errors
/// When the README is missing, or `backspin` does not compile.
pub(crate) fn check(root: &Path) -> Result<Vec<Breach>> {
    let readme = fs::read_to_string(root.join("README.md")).context("README.md is missing")?;
    let known = Known { aliases: aliases(root)?, tasks: tasks() };
    let binary = backspin::build(Profile::Dev)?;
    let help = |words: &[&str]| {
        tool::output(std::process::Command::new(&binary).args(words).arg("--help").current_dir(root)).ok()
    };
    Ok(breaches(&commands(&readme), &known, &help))
}

fn aliases(root: &Path) -> Result<Vec<(String, String)>> {
    #[derive(Deserialize)]
    struct Config {
        alias: BTreeMap<String, Alias>,
    }
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Alias {
        Line(String),
        Words(Vec<String>),
    }
    let text =
        fs::read_to_string(root.join(".cargo/config.toml")).context(".cargo/config.toml is missing")?;
    let aliases = toml::from_str::<Config>(&text)?.alias.into_iter().map(|(name, alias)| match alias {
        Alias::Line(line) => (name, line),
        Alias::Words(words) => (name, words.join(" ")),
    });
    Ok(aliases.collect())
}

fn tasks() -> BTreeSet<String> {
    crate::Arguments::command().get_subcommands().map(|task| task.get_name().to_owned()).collect()
}

/// The command lines in the shell blocks of a page, and those in its text between backticks.
fn commands(page: &str) -> Vec<String> {
    let mut commands = Vec::new();
    let (mut in_block, mut in_shell) = (false, false);
    for line in page.lines() {
        match line.trim_start().strip_prefix("```") {
            Some(language) => {
                in_block = !in_block;
                in_shell = in_block && matches!(language.trim(), "sh" | "shell" | "bash" | "console");
            }
            None if !in_block => {
                let spans = line.split('`').skip(1).step_by(2);
                let ours = spans.filter(|span| span.starts_with("cargo ") || span.starts_with("backspin "));
                commands.extend(ours.map(str::to_owned));
            }
            None if in_shell => {
                let command =
                    line.trim().trim_start_matches("$ ").split(" #").next().unwrap_or_default().trim();
                if !command.is_empty() && !command.starts_with('#') {
                    commands.push(command.to_owned());
                }
            }
            None => {}
        }
    }
    commands
}

fn breaches(commands: &[String], known: &Known, help: &dyn Fn(&[&str]) -> Option<String>) -> Vec<Breach> {
    let fault = |command: &String| {
        fault(command, known, help).map(|fault| Breach::new("README.md", format!("`{command}`: {fault}")))
    };
    commands.iter().filter_map(fault).collect()
}

fn fault(command: &str, known: &Known, help: &dyn Fn(&[&str]) -> Option<String>) -> Option<String> {
    // Of `a && b` both are called.
    let parts = command.split(" && ").map(str::trim);
    parts.filter_map(|part| fault_of_one(part, known, help)).next()
}

fn fault_of_one(command: &str, known: &Known, help: &dyn Fn(&[&str]) -> Option<String>) -> Option<String> {
    // Variables may be set in front of a command.
    let words = command.split_whitespace().skip_while(|word| word.contains('=') && !word.starts_with('-'));
    let words = words.collect::<Vec<_>>();
    match words.as_slice() {
        ["cargo", "xtask", task, ..] if !known.tasks.contains(*task) => {
            Some(format!("there is no task `{task}`"))
        }
        ["cargo", "xtask", ..] => None,
        ["cargo", name, rest @ ..] => match known.aliases.iter().find(|(alias, _)| alias == name) {
            Some((_, meaning)) => {
                let own = meaning.split_once(" -- ").map_or("", |(_, own)| own);
                let words = own.split_whitespace().chain(rest.iter().copied()).collect::<Vec<_>>();
                if own.is_empty() { None } else { fault_of_backspin(&words, help) }
            }
            None if OF_CARGO.contains(name) => None,
            None => Some(format!("`cargo {name}` is neither Cargo's nor an alias")),
        },
        [program, rest @ ..] if program.rsplit('/').next() == Some("backspin") => {
            fault_of_backspin(rest, help)
        }
        [program, ..] if OF_OTHERS.contains(program) || program.starts_with(".ci/") => None,
        [program, ..] => Some(format!("`{program}` is not known here")),
        [] => None,
    }
}

fn fault_of_backspin(words: &[&str], help: &dyn Fn(&[&str]) -> Option<String>) -> Option<String> {
    // The subcommand is what stands before flags and before values, which are written in capitals or hold other signs.
    let is_name = |word: &&&str| {
        word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-') && !word.starts_with('-')
    };
    let subcommand = words.iter().take_while(is_name).copied().collect::<Vec<_>>();
    let Some(help) = help(&subcommand) else {
        return Some(format!("`backspin {}` does not exist", subcommand.join(" ")));
    };
    if words.contains(&"--") {
        return Some("it takes nothing after `--`".to_owned());
    }
    let flags =
        words.iter().filter(|word| word.starts_with("--")).map(|word| word.split('=').next().unwrap_or(word));
    let takes =
        |flag: &str| help.split(|c: char| c.is_whitespace() || c == ',' || c == '=').any(|word| word == flag);
    flags
        .filter(|flag| *flag != "--help")
        .find(|flag| !takes(flag))
        .map(|flag| format!("it does not take `{flag}`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(page: &str) -> Vec<String> {
        let known = Known {
            aliases: vec![
                ("up".to_owned(), "run --package backspin -- up --build".to_owned()),
                ("components".to_owned(), "build --release".to_owned()),
            ],
            tasks: BTreeSet::from(["bench".to_owned()]),
        };
        let help = |words: &[&str]| match words {
            ["up"] => Some("  --listen <ADDRESS>  where\n  --build  builds".to_owned()),
            ["superuser", "upsert"] => Some("EMAIL".to_owned()),
            _ => None,
        };
        breaches(&commands(page), &known, &help).into_iter().map(|breach| breach.fault).collect()
    }

    fn block(line: &str) -> String {
        format!("Text\n```sh\n{line}\n```\n")
    }

    #[test]
    fn commands_that_exist_are_no_fault() {
        for line in [
            "cargo up",
            "cargo up --listen 127.0.0.1:4000   # elsewhere",
            "cargo components",
            "cargo xtask bench --only view",
            "cargo test && cargo up",
            "$ target/debug/backspin superuser upsert EMAIL",
            "SPIN_VARIABLE_A=1 spin up",
            "# a comment",
        ] {
            assert_eq!(faults(&block(line)), [""; 0], "{line}");
        }
    }

    #[test]
    fn commands_that_do_not_exist_are_found() {
        for line in [
            "cargo upp",
            "cargo xtask fly",
            "cargo up --listn 1",
            "backspin fly",
            "backspin up --fly",
            "cargo up -- --listen 1",
            "cargo test && cargo upp",
            "fly me",
        ] {
            assert_eq!(faults(&block(line)).len(), 1, "{line}");
        }
    }

    #[test]
    fn shell_blocks_and_spans_of_text_are_read() {
        let page = "cargo fly, `cargo a`, `b`\n```toml\ncargo = `cargo b`\n```\n```console\ncargo up\n```\n`backspin c`";
        assert_eq!(commands(page), ["cargo a", "cargo up", "backspin c"]);
    }
}
