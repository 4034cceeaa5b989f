//! How a command ends that could not do what it was asked.

use std::process::ExitCode;

use backspin_host::build::BuildError;

/// Prints `error` with everything that led to it, and gives the exit code for it.
pub(crate) fn report(error: &anyhow::Error) -> ExitCode {
    eprintln!("error: {error}");
    for cause in error.chain().skip(1) {
        eprintln!("  because: {cause}");
    }
    let code = error.downcast_ref::<BuildError>().and_then(BuildError::exit_code);
    code.map_or(ExitCode::FAILURE, ExitCode::from)
}
