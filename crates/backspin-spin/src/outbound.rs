//! HTTP to other servers through `wasi:http`, limited by the component's `allowed_outbound_hosts`.

use backspin_core::{NetworkError, Outbound, OutboundReply, OutboundRequest, check_url};
use spin_sdk::wasip3::http::client;
use spin_sdk::wasip3::http::types::{ErrorCode, Fields, Method, Request, Response, Scheme};
use spin_sdk::wasip3::wit_bindgen::{StreamReader, StreamResult};
use spin_sdk::wasip3::{wit_future, wit_stream};

use crate::network::in_time;

const CHUNK_BYTES: usize = 16 << 10;

/// The HTTP client of a component.
#[derive(Clone, Copy, Debug, Default)]
pub struct SpinOutbound;

impl Outbound for SpinOutbound {
    async fn send(
        &self,
        request: OutboundRequest,
        reply_bytes_max: usize,
    ) -> Result<OutboundReply, NetworkError> {
        check_url(request.uri())?;
        in_time(exchange(request, reply_bytes_max)).await?
    }
}

/// Sends `request`, wherever it goes, and reads the reply; nothing but the runtime bounds the time.
pub(crate) async fn exchange(
    request: OutboundRequest,
    reply_bytes_max: usize,
) -> Result<OutboundReply, NetworkError> {
    let origin = format!(
        "{}://{}",
        request.uri().scheme_str().unwrap_or_default(),
        request.uri().authority().map(http::uri::Authority::as_str).unwrap_or_default()
    );
    let response = client::send(to_wasi(request)?).await.map_err(|error| failed(error, &origin))?;
    let mut reply = http::Response::builder().status(response.get_status_code());
    for (name, value) in response.get_headers().copy_all() {
        reply = reply.header(name, value);
    }
    let (_, received) = wit_future::new(|| Ok(()));
    let (body, ended) = Response::consume_body(response, received);
    let body = read(body, reply_bytes_max).await?;
    // Else a connection that broke would look like the end.
    ended.await.map_err(|error| failed(error, &origin))?;
    reply.body(body).map_err(|error| NetworkError::Failed(error.to_string()))
}

fn to_wasi(request: OutboundRequest) -> Result<Request, NetworkError> {
    let invalid = |()| NetworkError::Failed("the request is not valid".to_owned());
    let (head, body) = request.into_parts();
    let mut headers: Vec<(String, Vec<u8>)> =
        head.headers.iter().map(|(name, value)| (name.to_string(), value.as_bytes().to_vec())).collect();
    if !body.is_empty() {
        headers.push(("content-length".to_owned(), body.len().to_string().into_bytes()));
    }
    let headers = Fields::from_list(&headers).map_err(|_| invalid(()))?;
    let (trailers_writer, trailers) = wit_future::new(|| Ok(None));
    let contents = (!body.is_empty()).then(|| {
        let (mut writer, reader) = wit_stream::new();
        spin_sdk::wasip3::spawn(async move {
            // A server that answers before it has read everything needs no more.
            let _unsent = writer.write_all(body).await;
        });
        reader
    });
    drop(trailers_writer);
    let (request, _sent) = Request::new(headers, contents, trailers, None);
    request.set_method(&method(&head.method)).map_err(invalid)?;
    let scheme = if head.uri.scheme_str() == Some("http") { Scheme::Http } else { Scheme::Https };
    request.set_scheme(Some(&scheme)).map_err(invalid)?;
    request.set_authority(head.uri.authority().map(http::uri::Authority::as_str)).map_err(invalid)?;
    let path = head.uri.path_and_query().map(http::uri::PathAndQuery::as_str);
    request.set_path_with_query(path).map_err(invalid)?;
    Ok(request)
}

async fn read(mut body: StreamReader<u8>, bytes_max: usize) -> Result<Vec<u8>, NetworkError> {
    let mut bytes = Vec::new();
    loop {
        let (result, chunk) = body.read(Vec::with_capacity(CHUNK_BYTES)).await;
        bytes.extend(chunk);
        if bytes.len() > bytes_max {
            return Err(NetworkError::Failed(format!("the reply is longer than {bytes_max} bytes")));
        }
        if !matches!(result, StreamResult::Complete(_)) {
            return Ok(bytes);
        }
    }
}

fn method(method: &http::Method) -> Method {
    match method.as_str() {
        "GET" => Method::Get,
        "HEAD" => Method::Head,
        "POST" => Method::Post,
        "PUT" => Method::Put,
        "PATCH" => Method::Patch,
        "DELETE" => Method::Delete,
        other => Method::Other(other.to_owned()),
    }
}

fn failed(error: ErrorCode, origin: &str) -> NetworkError {
    match error {
        ErrorCode::HttpRequestDenied => NetworkError::Denied(origin.to_owned()),
        ErrorCode::DnsTimeout
        | ErrorCode::ConnectionTimeout
        | ErrorCode::ConnectionReadTimeout
        | ErrorCode::ConnectionWriteTimeout
        | ErrorCode::HttpResponseTimeout => NetworkError::Timeout,
        ErrorCode::DnsError(_) | ErrorCode::DestinationNotFound => {
            NetworkError::NameUnknown(origin.to_owned())
        }
        error => NetworkError::Failed(format!("{origin}: {error}")),
    }
}
