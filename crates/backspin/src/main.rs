//! The command line: `backspin up` serves an application, the other commands help to run one.

mod application;
mod build;
mod change;
mod failure;
mod import;
mod manifest_path;
mod migrate;
mod outcome;
mod output;
mod password;
mod question;
mod schema;
mod schema_folder;
mod superuser;
mod target;
mod up;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use outcome::Outcome;

/// Backspin: the open-source back end that runs as WebAssembly.
#[derive(Parser)]
#[command(name = "backspin", version, max_term_width = 100, after_help = EXIT_CODES)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Up(Box<up::Up>),
    Build(build::Build),
    Superuser(superuser::Superuser),
    Migrate(migrate::Migrate),
    Schema(schema::Schema),
    Import(import::Import),
}

const EXIT_CODES: &str = "\
Exit codes:
  0  done, or stopped as asked
  1  failed: the reason is on standard error
  2  wrong arguments, or, for commands that compare: the schema files and the database differ
  A build command that fails ends the command with its own exit code.";

fn main() -> ExitCode {
    let result = match Arguments::parse().command {
        Command::Up(up) => up.run().map(|()| Outcome::Done),
        Command::Build(build) => build.run().map(|()| Outcome::Done),
        Command::Superuser(superuser) => superuser.run().map(|()| Outcome::Done),
        Command::Migrate(migrate) => migrate.run(),
        Command::Schema(schema) => schema.run(),
        Command::Import(import) => import.run().map(|()| Outcome::Done),
    };
    match result {
        Ok(outcome) => outcome.into(),
        Err(error) => failure::report(&error),
    }
}
