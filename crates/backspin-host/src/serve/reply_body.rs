//! The bodies of replies: kept open, ended when the server stops, or sent with their head at once.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::Response;
use http_body::{Body, Frame, SizeHint};
use http_body_util::BodyExt as _;
use tokio::sync::watch;
use wasmtime_wasi_http::{Error, WasiBody};

use crate::component::{OpenReply, Reply};

/// The reply with its instance kept alive until the body is sent or dropped.
pub(crate) fn keep_open(reply: Reply) -> Response<WasiBody> {
    let Reply { response, open } = reply;
    response.map(|body| Held { body, _open: open }.boxed_unsync())
}

/// A body that keeps its instance alive.
struct Held {
    body: WasiBody,
    _open: Option<OpenReply>,
}

impl Body for Held {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// A stream that ends, as if the component had ended it, when the server stops.
pub(super) struct UntilStop {
    body: WasiBody,
    stopping: Pin<Box<dyn Future<Output = ()> + Send>>,
    has_stopped: bool,
}

impl UntilStop {
    pub(super) fn new(body: WasiBody, mut stopping: watch::Receiver<bool>) -> Self {
        let stopping = Box::pin(async move {
            // An error means that the server is gone already.
            let _ = stopping.wait_for(|stopping| *stopping).await;
        });
        Self { body, stopping, has_stopped: false }
    }
}

impl Body for UntilStop {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        if self.has_stopped || self.stopping.as_mut().poll(cx).is_ready() {
            self.has_stopped = true;
            return Poll::Ready(None);
        }
        Pin::new(&mut self.body).poll_frame(cx)
    }
}
