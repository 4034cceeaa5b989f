//! What `backspin up` shows until it serves.

use std::io::{IsTerminal, Write};

use backspin_host::Event;

/// One line that is rewritten as the components become ready; a terminal only, a log has no use for it.
pub(super) fn show(event: &Event) {
    let mut stderr = std::io::stderr();
    if !stderr.is_terminal() {
        return;
    }
    let Event::ComponentReady { component_id, ready, total } = event;
    let line = if ready < total {
        format!("Compiling components: {ready} of {total} ({component_id})")
    } else {
        String::new()
    };
    // A terminal that has gone is no reason not to serve.
    let _ = write!(stderr, "\r\x1b[2K{line}").and_then(|()| stderr.flush());
}
