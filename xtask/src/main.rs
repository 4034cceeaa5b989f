//! Tasks of this repository that `cargo` has no command for. Run `cargo xtask` for the list.

mod backspin;
mod bench;
mod conformance;
mod invariants;
mod pocketbase;
mod server;
mod tool;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Tasks of the Backspin repository")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Drive Backspin and the real PocketBase with the JavaScript SDK and compare every reply
    Conformance(conformance::Options),
    /// Measure Backspin beside PocketBase and a native server, and write docs/benchmarks.md
    Bench(bench::Options),
    /// Check the invariants of ARCHITECTURE.md that a command can check
    Invariants(invariants::Options),
}

fn main() -> ExitCode {
    let done = match Arguments::parse().task {
        Task::Conformance(options) => conformance::run(&options),
        Task::Bench(options) => bench::run(&options),
        Task::Invariants(options) => invariants::run(&options),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            eprintln!("error: {fault:#}");
            ExitCode::FAILURE
        }
    }
}
