//! How far the import is: a bar on a terminal, a line for each collection elsewhere.

use std::ops::ControlFlow;
use std::process::exit;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use backspin_import::Progress;
use indicatif::{ProgressBar, ProgressStyle};

use crate::change::counted;

const TEMPLATE: &str = "{msg:24} {wide_bar} {human_pos}/{human_len} records {eta:>4}";

pub(super) struct Bar {
    bar: ProgressBar,
    is_stopped: Arc<AtomicBool>,
}

impl Bar {
    /// From now on Ctrl-C ends the import, and lets it clear away what it made. Whoever cannot wait for that presses it
    /// again; the next import then clears.
    pub(super) fn new() -> Self {
        let bar = ProgressBar::new(0);
        if let Ok(style) = ProgressStyle::with_template(TEMPLATE) {
            bar.set_style(style);
        }
        bar.set_message("reading the folder");
        let is_stopped = Arc::new(AtomicBool::new(false));
        let stop = is_stopped.clone();
        tokio::spawn(async move {
            if tokio::signal::ctrl_c().await.is_ok() {
                stop.store(true, Ordering::Relaxed);
            }
            if tokio::signal::ctrl_c().await.is_ok() {
                eprintln!("stopped at once");
                exit(1);
            }
        });
        Bar { bar, is_stopped }
    }

    /// Leaves the terminal as it was.
    pub(super) fn clear(&self) {
        self.bar.finish_and_clear();
    }
}

impl Progress for Bar {
    fn collection(&mut self, name: &str, records: u64) {
        if self.bar.is_hidden() {
            eprintln!("{name}: {}", counted(records as usize, "record"));
        }
        self.bar.reset();
        self.bar.set_length(records);
        self.bar.set_message(name.to_owned());
    }

    fn records(&mut self, records: u64) -> ControlFlow<()> {
        self.bar.inc(records);
        match self.is_stopped.load(Ordering::Relaxed) {
            true => ControlFlow::Break(()),
            false => ControlFlow::Continue(()),
        }
    }
}
