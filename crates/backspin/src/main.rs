//! The command line: `backspin up` serves an application, the other commands help to run one.

mod application;
mod build;
mod failure;
mod manifest_path;
mod password;
mod superuser;
mod up;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

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
}

const EXIT_CODES: &str = "\
Exit codes:
  0  done, or stopped as asked
  1  failed: the reason is on standard error
  2  wrong arguments
  A build command that fails ends the command with its own exit code.";

fn main() -> ExitCode {
    let result = match Arguments::parse().command {
        Command::Up(up) => up.run(),
        Command::Build(build) => build.run(),
        Command::Superuser(superuser) => superuser.run(),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => failure::report(&error),
    }
}
