//! Where a component's standard output and error go: the log, line by line, with the component's name.

use std::io::Write as _;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use tokio::io::AsyncWrite;
use wasmtime_wasi::cli::{IsTerminal, StdoutStream};

use crate::options::Output;

/// A line longer than this is cut into several.
const LINE_BYTES_MAX: usize = 16 << 10;

impl Output {
    /// An output stream of `component_id`.
    pub(super) fn stream(&self, component_id: &str) -> LineStream {
        LineStream { output: self.clone(), component_id: component_id.into(), pending: Arc::default() }
    }

    /// Writes one line as if `component_id` had printed it.
    pub(crate) fn line(&self, component_id: &str, line: &str) {
        match self {
            Self::Terminal => {
                // A closed terminal must not stop the server.
                let _ = writeln!(std::io::stderr().lock(), "[{component_id}] {line}");
            }
            Self::Silent => {}
            Self::Function(function) => function(component_id, line),
        }
    }
}

/// One of a component's output streams.
#[derive(Clone)]
pub(super) struct LineStream {
    output: Output,
    component_id: Arc<str>,
    pending: Arc<Mutex<Vec<u8>>>,
}

impl LineStream {
    fn append(&self, bytes: &[u8]) {
        let mut pending = self.pending.lock().unwrap_or_else(PoisonError::into_inner);
        for part in bytes.split_inclusive(|byte| *byte == b'\n') {
            pending.extend_from_slice(part);
            if part.ends_with(b"\n") || pending.len() >= LINE_BYTES_MAX {
                let line = String::from_utf8_lossy(&pending);
                self.output.line(&self.component_id, line.trim_end_matches(['\r', '\n']));
                pending.clear();
            }
        }
    }
}

impl Drop for LineStream {
    fn drop(&mut self) {
        if Arc::strong_count(&self.pending) == 1 {
            let has_rest = !self.pending.lock().unwrap_or_else(PoisonError::into_inner).is_empty();
            if has_rest {
                self.append(b"\n");
            }
        }
    }
}

impl StdoutStream for LineStream {
    fn async_stream(&self) -> Box<dyn AsyncWrite + Send + Sync> {
        Box::new(self.clone())
    }
}

impl IsTerminal for LineStream {
    fn is_terminal(&self) -> bool {
        false
    }
}

impl AsyncWrite for LineStream {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<std::io::Result<usize>> {
        self.append(bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recording() -> (Output, Arc<Mutex<Vec<String>>>) {
        let lines = Arc::new(Mutex::new(Vec::new()));
        let recorder = lines.clone();
        let output = Output::Function(Arc::new(move |component, line| {
            recorder.lock().unwrap().push(format!("{component}: {line}"));
        }));
        (output, lines)
    }

    #[test]
    fn lines_are_put_together_from_parts() {
        let (output, lines) = recording();
        let stream = output.stream("api");
        stream.append(b"he");
        stream.append(b"llo\nwor");
        stream.append(b"ld\r\n");
        assert_eq!(*lines.lock().unwrap(), ["api: hello", "api: world"]);
    }

    #[test]
    fn an_unfinished_line_is_shown_when_the_stream_ends() {
        let (output, lines) = recording();
        let stream = output.stream("api");
        stream.append(b"last words");
        drop(stream);
        assert_eq!(*lines.lock().unwrap(), ["api: last words"]);
    }

    #[test]
    fn an_endless_line_is_cut() {
        let (output, lines) = recording();
        let stream = output.stream("api");
        for _ in 0..5 {
            stream.append(&[b'x'; LINE_BYTES_MAX / 2]);
        }
        assert_eq!(lines.lock().unwrap().len(), 2);
    }
}
