//! From a request to its reply: the route, the component, and what the client gets when there is none.

use std::net::SocketAddr;

use bytes::Bytes;
use http::uri::{Authority, PathAndQuery};
use http::{HeaderName, HeaderValue, Method, Request, Response, StatusCode, header};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use tokio::sync::watch;
use wasmtime_wasi_http::WasiBody;

use super::reply_body::{UntilStop, keep_open};
use super::request::{full_uri, is_declared_too_large, limit_body, remove_host_headers};
use crate::component::{ComponentHandler, HandleError, Progress, Reply};
use crate::manifest::{Manifest, StaticResponse, TriggerTarget};
use crate::routes::{RouteMatch, RouteTarget, Router, full_url};

/// Replies up to this length are collected and sent with their head in one write.
const REPLY_AT_ONCE_BYTES_MAX: u64 = 1 << 20;

/// A running application, as the server sees it.
pub(crate) struct Application {
    pub(crate) manifest: Manifest,
    pub(crate) router: Router,
    /// In the manifest's order of components.
    pub(crate) handlers: Vec<ComponentHandler>,
    pub(crate) own_address: SocketAddr,
    pub(crate) request_body_bytes_max: u64,
    pub(crate) stopping: watch::Receiver<bool>,
}

impl Application {
    /// Where the component of that id stands in the manifest.
    pub(crate) fn component_index(&self, id: &str) -> Option<usize> {
        self.manifest.components.iter().position(|component| component.id.value == id)
    }

    /// Answers one request of the client at `client_address`; whatever goes wrong is an answer too.
    pub(super) async fn respond(
        &self,
        request: Request<Incoming>,
        client_address: HeaderValue,
    ) -> Response<WasiBody> {
        let uri = request.uri().clone();
        let Some(found) = self.router.find(uri.path()) else { return plain(StatusCode::NOT_FOUND) };
        match found.route.target {
            RouteTarget::StaticResponse(trigger) => {
                match self.manifest.triggers.get(trigger).map(|it| &it.target) {
                    Some(TriggerTarget::StaticResponse(response)) => static_reply(response),
                    _ => plain(StatusCode::NOT_FOUND),
                }
            }
            RouteTarget::Component(component) => {
                let Some(handler) = self.handlers.get(component) else { return plain(StatusCode::NOT_FOUND) };
                let is_head = request.method() == Method::HEAD;
                match self.prepare(request, &found, client_address) {
                    Ok(prepared) => self.ask(handler, prepared, is_head).await,
                    Err(status) => plain(status),
                }
            }
        }
    }

    /// The request as the component gets it, or the status that refuses it.
    fn prepare(
        &self,
        mut request: Request<Incoming>,
        found: &RouteMatch<'_, '_>,
        client_address: HeaderValue,
    ) -> Result<Request<Incoming>, StatusCode> {
        if is_declared_too_large(request.headers(), self.request_body_bytes_max) {
            return Err(StatusCode::PAYLOAD_TOO_LARGE);
        }
        let uri =
            full_uri(request.uri(), request.headers(), self.own_address).ok_or(StatusCode::BAD_REQUEST)?;
        let authority = uri.authority().map(Authority::as_str).unwrap_or_default();
        let path_and_query = uri.path_and_query().map(PathAndQuery::as_str).unwrap_or_default();
        let full_url = full_url("http", authority, path_and_query).map_err(|_| StatusCode::BAD_REQUEST)?;
        let headers = request.headers_mut();
        remove_host_headers(headers);
        found.set_headers(headers, full_url, client_address).map_err(|_| StatusCode::BAD_REQUEST)?;
        *request.uri_mut() = uri;
        Ok(request)
    }

    async fn ask(
        &self,
        handler: &ComponentHandler,
        request: Request<Incoming>,
        is_head: bool,
    ) -> Response<WasiBody> {
        let progress = Progress::now();
        let (request, too_large) = limit_body(request, self.request_body_bytes_max, &progress);
        let reply = match handler.handle_in_turn(request, &progress).await {
            Ok(reply) => reply,
            Err(_) if too_large.is_set() => return plain(StatusCode::PAYLOAD_TOO_LARGE),
            Err(HandleError::Timeout) => return plain(StatusCode::GATEWAY_TIMEOUT),
            Err(HandleError::Failed) => return plain(StatusCode::INTERNAL_SERVER_ERROR),
            Err(HandleError::Busy) => return plain(StatusCode::SERVICE_UNAVAILABLE),
        };
        if too_large.is_set() {
            return plain(StatusCode::PAYLOAD_TOO_LARGE);
        }
        self.finish(reply, is_head).await
    }

    /// Sends a short reply at once, a long one as it comes, and ends streams when the server stops.
    async fn finish(&self, reply: Reply, is_head: bool) -> Response<WasiBody> {
        let length = content_length(&reply.response);
        if is_head {
            return reply.response.map(|_| full(Bytes::new()));
        }
        match length {
            Some(length) if length <= REPLY_AT_ONCE_BYTES_MAX => {
                let (parts, body) = reply.response.into_parts();
                match body.collect().await {
                    Ok(body) => Response::from_parts(parts, full(body.to_bytes())),
                    Err(_) => plain(StatusCode::INTERNAL_SERVER_ERROR),
                }
            }
            Some(_) => keep_open(reply),
            None => keep_open(reply).map(|body| UntilStop::new(body, self.stopping.clone()).boxed_unsync()),
        }
    }
}

fn content_length<B>(response: &Response<B>) -> Option<u64> {
    response.headers().get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

fn full(bytes: Bytes) -> WasiBody {
    Full::new(bytes).map_err(|never| match never {}).boxed_unsync()
}

fn static_reply(response: &StaticResponse) -> Response<WasiBody> {
    let mut reply = Response::new(full(response.body.clone()));
    *reply.status_mut() = response.status;
    *reply.headers_mut() = response.headers.clone();
    reply
}

/// A reply that says no more than its status.
fn plain(status: StatusCode) -> Response<WasiBody> {
    let text = status.canonical_reason().unwrap_or("error");
    let mut reply = Response::new(full(Bytes::from_static(text.as_bytes())));
    *reply.status_mut() = status;
    let text_plain = HeaderValue::from_static("text/plain; charset=utf-8");
    reply.headers_mut().insert(HeaderName::from_static("content-type"), text_plain);
    reply
}
