//! A request on its way to a component: its address, Spin's headers, and its body with the limit.

use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use bytes::Bytes;
use http::uri::{Authority, PathAndQuery, Scheme};
use http::{HeaderMap, HeaderName, Request, Uri, header};
use http_body::{Body, Frame, SizeHint};
use http_body_util::{BodyExt as _, Empty};
use hyper::body::Incoming;
use wasmtime_wasi_http::{Error, WasiBody};

use crate::component::Progress;

/// The headers that only a host sets begin so.
const HOST_HEADER_PREFIX: &str = "spin-";

/// Whether the client's declared body length is over `bytes_max`.
pub(super) fn is_declared_too_large(headers: &HeaderMap, bytes_max: u64) -> bool {
    let declared = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    declared.and_then(|text| text.parse::<u64>().ok()).is_some_and(|bytes| bytes > bytes_max)
}

/// Removes the client's copies of the headers that a host sets.
pub(super) fn remove_host_headers(headers: &mut HeaderMap) {
    let forged: Vec<HeaderName> =
        headers.keys().filter(|name| name.as_str().starts_with(HOST_HEADER_PREFIX)).cloned().collect();
    for name in forged {
        headers.remove(&name);
    }
}

/// The full address of a request: its path on the host that the client asked for, else on `own_address`.
/// `None` if the client's host is no valid authority.
pub(super) fn full_uri(uri: &Uri, headers: &HeaderMap, own_address: SocketAddr) -> Option<Uri> {
    let authority = match (uri.authority(), headers.get(header::HOST)) {
        (Some(authority), _) => authority.clone(),
        (None, Some(host)) if !host.is_empty() => Authority::try_from(host.as_bytes()).ok()?,
        (None, _) => Authority::try_from(own_address.to_string()).ok()?,
    };
    let mut parts = http::uri::Parts::default();
    parts.scheme = Some(Scheme::HTTP);
    parts.authority = Some(authority);
    parts.path_and_query =
        Some(uri.path_and_query().cloned().unwrap_or_else(|| PathAndQuery::from_static("/")));
    Uri::from_parts(parts).ok()
}

/// Tells whether a request's body turned out to be over the limit.
#[derive(Clone, Default)]
pub(super) struct TooLarge(Arc<AtomicBool>);

impl TooLarge {
    pub(super) fn is_set(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

/// Wraps the client's body so that it ends with an error after `bytes_max` bytes, and so that each part
/// that comes counts as progress.
pub(super) fn limit_body(
    request: Request<Incoming>,
    bytes_max: u64,
    progress: &Progress,
) -> (Request<WasiBody>, TooLarge) {
    let too_large = TooLarge::default();
    let flag = too_large.clone();
    let progress = progress.clone();
    let request = request.map(|body| {
        if body.is_end_stream() {
            Empty::new().map_err(|never| match never {}).boxed_unsync()
        } else {
            LimitedBody { body, bytes_left: bytes_max, bytes_max, too_large: flag, progress }.boxed_unsync()
        }
    });
    (request, too_large)
}

struct LimitedBody {
    body: Incoming,
    bytes_left: u64,
    bytes_max: u64,
    too_large: TooLarge,
    progress: Progress,
}

impl Body for LimitedBody {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        let frame = std::task::ready!(Pin::new(&mut self.body).poll_frame(cx));
        self.progress.touch();
        Poll::Ready(match frame {
            None => None,
            Some(Err(error)) => Some(Err(error.into())),
            Some(Ok(frame)) => {
                let bytes = frame.data_ref().map_or(0, |data| data.len() as u64);
                match self.bytes_left.checked_sub(bytes) {
                    Some(bytes_left) => {
                        self.bytes_left = bytes_left;
                        Some(Ok(frame))
                    }
                    None => {
                        self.too_large.0.store(true, Ordering::Release);
                        Some(Err(Error::HttpRequestBodySize(Some(self.bytes_max))))
                    }
                }
            }
        })
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn headers(list: &[(&'static str, &'static str)]) -> HeaderMap {
        list.iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
            .collect()
    }

    fn own() -> SocketAddr {
        ([127, 0, 0, 1], 3000).into()
    }

    #[test]
    fn forged_host_headers_are_removed() {
        let mut headers =
            headers(&[("spin-client-addr", "9.9.9.9"), ("spin-path-match-id", "x"), ("accept", "*/*")]);
        remove_host_headers(&mut headers);
        assert_eq!(headers.keys().map(HeaderName::as_str).collect::<Vec<_>>(), ["accept"]);
    }

    #[test]
    fn the_full_address_is_on_the_host_asked_for() {
        let uri = Uri::from_static("/a?b=c");
        let full = |list| full_uri(&uri, &headers(list), own()).map(|uri| uri.to_string());
        assert_eq!(full(&[("host", "example.com:81")]).unwrap(), "http://example.com:81/a?b=c");
        assert_eq!(full(&[]).unwrap(), "http://127.0.0.1:3000/a?b=c");
        assert_eq!(full(&[("host", "no host")]), None);
    }

    #[test]
    fn a_declared_length_over_the_limit_is_refused() {
        assert!(is_declared_too_large(&headers(&[("content-length", "11")]), 10));
        assert!(!is_declared_too_large(&headers(&[("content-length", "10")]), 10));
        assert!(!is_declared_too_large(&headers(&[]), 10));
    }
}
