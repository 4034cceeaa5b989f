//! Outgoing HTTP, limited to the hosts that the manifest grants: the network, the application itself,
//! and its other components.

use std::future::Future;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, OnceLock, Weak};

use http::uri::{Authority, PathAndQuery, Scheme};
use http::{HeaderName, Request, Response, Uri};
use http_body_util::{BodyExt, Empty};
use wasmtime_wasi_http::{
    Error, ForbiddenHeaderFilter, RequestOptions, WasiBody, WasiHttpHooks, default_send_request,
};

use crate::component::{HandleError, Progress};
use crate::options::Output;
use crate::outbound::{AllowedHosts, internal_component};
use crate::routes::{client_address, full_url};
use crate::serve::{Application, reply_body};

/// The host under which a component can name its own application; a URL without a host means the same.
const SELF_HOST: &str = "self.alt";

/// What the components of an application know of each other, filled once all are loaded.
#[derive(Default)]
pub(crate) struct Neighbours {
    application: OnceLock<Weak<Application>>,
}

impl Neighbours {
    /// Makes the components reachable under `ID.spin.internal`, and the application under `self`.
    pub(crate) fn introduce(&self, application: &Arc<Application>) {
        // Called once for each application.
        let _ = self.application.set(Arc::downgrade(application));
    }

    fn application(&self) -> Result<Arc<Application>, Error> {
        self.application.get().and_then(Weak::upgrade).ok_or(Error::DestinationNotFound)
    }
}

/// Sends the requests of one component.
#[derive(Clone)]
pub(crate) struct OutboundHttp {
    component_id: Arc<str>,
    allowed_hosts: Arc<AllowedHosts>,
    neighbours: Arc<Neighbours>,
    log: Output,
    forbidden_headers: ForbiddenHeaderFilter,
}

/// Where a request may go.
enum Destination {
    Network,
    /// The one at this index of the manifest.
    Component(usize, Arc<Application>),
}

type Sent = (Response<WasiBody>, Box<dyn Future<Output = Result<(), Error>> + Send>);

impl OutboundHttp {
    pub(crate) fn new(
        component_id: &str,
        allowed_hosts: Arc<AllowedHosts>,
        neighbours: Arc<Neighbours>,
        log: Output,
    ) -> Self {
        Self {
            component_id: component_id.into(),
            allowed_hosts,
            neighbours,
            log,
            forbidden_headers: Arc::new(is_forbidden_header),
        }
    }

    /// Checks `request` against the allowed hosts and fills in its address if it is meant for the
    /// application itself.
    fn destination(&self, request: &mut Request<WasiBody>) -> Result<Destination, Error> {
        let uri = request.uri();
        let scheme = uri.scheme().cloned().unwrap_or(Scheme::HTTPS);
        let own = uri.authority().is_none_or(|authority| matches!(authority.as_str(), "" | SELF_HOST));
        let host = uri.host().unwrap_or_default().to_owned();
        let is_allowed = if own {
            self.allowed_hosts.allows_self(scheme.as_str())
        } else {
            self.allowed_hosts.allows(scheme.as_str(), &host, uri.port_u16())
        };
        if !is_allowed {
            let wanted = match uri.authority() {
                Some(authority) if !own => format!("{scheme}://{authority}"),
                _ => format!("{scheme}://self"),
            };
            self.log.line(
                &self.component_id,
                &format!("may not send a request to {wanted}: its allowed_outbound_hosts in spin.toml lack \"{wanted}\""),
            );
            return Err(Error::HttpRequestDenied);
        }
        if let Some(component_id) = internal_component(&host) {
            let application = self.neighbours.application()?;
            let component = application.component_index(component_id).ok_or(Error::DestinationNotFound)?;
            return Ok(Destination::Component(component, application));
        }
        if own {
            let own_address = self.neighbours.application()?.own_address;
            *request.uri_mut() = own_uri(request.uri(), own_address)?;
        }
        Ok(Destination::Network)
    }
}

/// `uri` with the scheme and address of this server.
fn own_uri(uri: &Uri, own_address: SocketAddr) -> Result<Uri, Error> {
    let mut parts = uri.clone().into_parts();
    parts.scheme = Some(Scheme::HTTP);
    parts.authority =
        Some(Authority::try_from(own_address.to_string()).map_err(|_| Error::HttpRequestUriInvalid)?);
    if parts.path_and_query.is_none() {
        parts.path_and_query = Some(PathAndQuery::from_static("/"));
    }
    Uri::from_parts(parts).map_err(|_| Error::HttpRequestUriInvalid)
}

/// The headers of a connection, which no component sees or sets: those of the default hooks, without
/// building a list of them for each header of each request.
fn is_forbidden_header(name: &HeaderName) -> bool {
    matches!(
        name.as_str(),
        "connection"
            | "keep-alive"
            | "proxy-authenticate"
            | "proxy-authorization"
            | "proxy-connection"
            | "transfer-encoding"
            | "upgrade"
            | "host"
            | "http2-settings"
    )
}

impl WasiHttpHooks for OutboundHttp {
    fn is_forbidden_header(&mut self, name: &HeaderName) -> bool {
        is_forbidden_header(name)
    }

    fn forbidden_header_filter(&mut self) -> ForbiddenHeaderFilter {
        self.forbidden_headers.clone()
    }

    fn send_request(
        &mut self,
        mut request: Request<WasiBody>,
        options: Option<RequestOptions>,
        _received: Box<dyn Future<Output = Result<(), Error>> + Send>,
    ) -> Box<dyn Future<Output = Result<Sent, Error>> + Send> {
        let destination = self.destination(&mut request);
        Box::new(async move {
            match destination? {
                Destination::Network => {
                    let (response, io) = default_send_request(request, options).await?;
                    Ok((response.map(BodyExt::boxed_unsync), Box::new(io) as Box<_>))
                }
                Destination::Component(component, application) => {
                    let response = call_component(component, application, request).await?;
                    Ok((response, Box::new(async { Ok(()) }) as Box<_>))
                }
            }
        })
    }
}

/// Sends the component a request as another of the application would, without waiting for the reply.
pub(crate) fn wake(application: Arc<Application>, component_id: &str) {
    let Some(component) = application.component_index(component_id) else { return };
    let body = Empty::new().map_err(|never| match never {}).boxed_unsync();
    let request = Request::post(format!("http://{component_id}.spin.internal/wake")).body(body);
    tokio::spawn(async move { call_component(component, application, request.ok()?).await.ok() });
}

/// Hands the request to another component of the application, as Spin does: without the network, and
/// with the headers of a route that matches everything.
fn call_component(
    component: usize,
    application: Arc<Application>,
    mut request: Request<WasiBody>,
) -> Pin<Box<dyn Future<Output = Result<Response<WasiBody>, Error>> + Send>> {
    Box::pin(async move {
        let uri = request.uri().clone();
        let authority = uri.authority().map(Authority::as_str).unwrap_or_default();
        let path_and_query = uri.path_and_query().map(PathAndQuery::as_str).unwrap_or_default();
        let full_url =
            full_url("http", authority, path_and_query).map_err(|_| Error::HttpRequestUriInvalid)?;
        let found = application.router.internal(component, uri.path()).ok_or(Error::DestinationNotFound)?;
        let handler = application.handlers.get(component).ok_or(Error::DestinationNotFound)?;
        found
            .set_headers(request.headers_mut(), full_url, client_address(application.own_address))
            .map_err(|_| Error::HttpRequestUriInvalid)?;
        match handler.handle(request, &Progress::now()).await {
            Ok(reply) => Ok(reply_body::keep_open(reply)),
            Err(HandleError::Timeout) => Err(Error::HttpResponseTimeout),
            Err(HandleError::Busy) => Err(Error::DestinationUnavailable),
            Err(HandleError::Failed) => Err(Error::InternalError(Some("the component failed".into()))),
        }
    })
}

#[cfg(test)]
mod tests {
    use wasmtime_wasi_http::DEFAULT_FORBIDDEN_HEADERS;

    use super::*;

    #[test]
    fn the_forbidden_headers_are_those_of_the_default() {
        assert!(DEFAULT_FORBIDDEN_HEADERS.iter().all(is_forbidden_header));
        assert!(!is_forbidden_header(&http::header::AUTHORIZATION));
        assert_eq!(DEFAULT_FORBIDDEN_HEADERS.len(), 9);
    }
}
