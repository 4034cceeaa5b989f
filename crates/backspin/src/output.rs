//! What a command prints on standard output. Colours are for terminals only.

use std::fmt::Arguments;
use std::io::{ErrorKind, Write};
use std::process::exit;

/// As the macro of the standard library, by [`write`].
macro_rules! print {
    ($($text:tt)*) => { $crate::output::write(format_args!($($text)*)) };
}

/// As the macro of the standard library, by [`write`].
macro_rules! println {
    ($($text:tt)*) => { $crate::output::write(format_args!("{}\n", format_args!($($text)*))) };
}

pub(crate) use {print, println};

/// Prints `text`. A reader that has gone, such as `head`, is no reason to stop: what was begun is finished, and ends
/// with the same exit code. Output that cannot be written otherwise, to a full disk, ends the command with 1.
pub(crate) fn write(text: Arguments<'_>) {
    let mut stdout = anstream::stdout();
    match stdout.write_fmt(text).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            eprintln!("error: the output cannot be written: {error}");
            exit(1)
        }
        _ => {}
    }
}
