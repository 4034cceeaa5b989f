//! From the host's request to the handler's, and back. On the hot path: few crossings, no copies that
//! can be spared.

use backspin_auth::{Arrival, admit};
use backspin_core::{Error, Result, limits};
use backspin_http::{Headers, Method, Request, logged_error_reply, preflight};
use spin_sdk::wasip3::http::types as wasi;
use spin_sdk::wasip3::wit_bindgen::StreamResult;
use spin_sdk::wasip3::{wit_future, wit_stream};

use crate::answer::SpinBody;
use crate::{Answer, App, Spin};

const CHUNK_BYTES: usize = 64 << 10;

thread_local! {
    /// An instance serves many requests; what it has opened and compiled is kept between them.
    static APP: &'static App = Box::leak(Box::new(App::new(Spin::default())));
}

/// Answers a request of the host by `handler`, if the settings let it in. Never fails: an error is a reply too.
pub async fn serve<A: Into<Answer>>(
    request: wasi::Request,
    handler: impl AsyncFn(&'static App, &Request) -> Result<A>,
) -> wasi::Response {
    let admitted = async |app: &'static App, request: &Request| {
        let method = request.method().as_str();
        let (path, token) = (request.route(), request.token());
        admit(app, Arrival { method, path, token, parameters: request }).await?;
        handler(app, request).await
    };
    serve_all(request, admitted).await
}

/// As [`serve`], whoever asks and however often: for components that have no database to look into.
pub async fn serve_all<A: Into<Answer>>(
    request: wasi::Request,
    handler: impl AsyncFn(&'static App, &Request) -> Result<A>,
) -> wasi::Response {
    let app = APP.with(|app| *app);
    let method = method(request.get_method());
    let path_and_query = request.get_path_with_query().unwrap_or_default();
    let headers = Headers::new(request.get_headers().copy_all());

    let body = if matches!(method, Method::GET | Method::HEAD | Method::OPTIONS) {
        Ok(Vec::new())
    } else {
        read_body(request, headers.content_length()).await
    };
    let (body, too_large) = body.map_or_else(|error| (Vec::new(), Some(error)), |body| (body, None));
    let request = Request::new(method, path_and_query, headers, body);

    let result = match too_large.map_or_else(|| request.check_query(), Err) {
        Err(error) => Err(error),
        Ok(()) if *request.method() == Method::OPTIONS => return response(preflight(&request).into()),
        Ok(()) => match request.surplus_slashes() {
            None => handler(app, &request).await.map(Into::into),
            Some(reply) => reply.map(Into::into),
        },
    };
    let Answer { reply, rest } =
        result.unwrap_or_else(|error| logged_error_reply(&error, &request, &crate::SpinEnv).into());
    response(Answer { reply: reply.allow_origin(&request), rest })
}

/// Once all that was announced is there, the end is not waited for: each look at the stream is a crossing.
async fn read_body(request: wasi::Request, announced: Option<u64>) -> Result<Vec<u8>> {
    let too_large = || Error::PayloadTooLarge("Request entity too large.".to_owned());
    if announced == Some(0) {
        return Ok(Vec::new());
    }
    if announced.is_some_and(|bytes| bytes > limits::BODY_BYTES_MAX as u64) {
        return Err(too_large());
    }
    let (_, received) = wit_future::new(|| Ok(()));
    let (mut stream, _trailers) = wasi::Request::consume_body(request, received);
    let mut body = Vec::with_capacity((announced.unwrap_or(0) as usize).min(CHUNK_BYTES) + 1);
    loop {
        if body.len() == body.capacity() {
            body.reserve(CHUNK_BYTES);
        }
        let (result, buffer) = stream.read(body).await;
        body = buffer;
        if body.len() > limits::BODY_BYTES_MAX {
            return Err(too_large());
        }
        let is_whole = announced.is_some_and(|bytes| body.len() as u64 >= bytes);
        if is_whole || !matches!(result, StreamResult::Complete(_)) {
            return Ok(body);
        }
    }
}

/// The body is written after the head has been handed over.
fn response(Answer { reply, rest }: Answer) -> wasi::Response {
    let (status, headers) = (reply.status(), reply.headers());
    let headers = wasi::Fields::from_list(&headers).unwrap_or_else(|_| wasi::Fields::new());
    let (trailers_writer, trailers) = wit_future::new(|| Ok(None));
    let body = reply.into_body();
    let contents = if body.is_empty() && rest.is_none() {
        None
    } else {
        let (mut writer, reader) = wit_stream::new();
        spin_sdk::wasip3::spawn(async move {
            match rest {
                Some(write) => write(SpinBody(writer)).await,
                None => {
                    // What is left over was meant for a client that has gone.
                    let _unsent = writer.write_all(body).await;
                    drop(writer);
                }
            }
            drop(trailers_writer);
        });
        Some(reader)
    };
    let (response, _sent) = wasi::Response::new(headers, contents, trailers);
    // Statuses are those of `Error::status` and of replies: all of them are valid.
    let _ = response.set_status_code(status);
    response
}

fn method(method: wasi::Method) -> Method {
    match method {
        wasi::Method::Get => Method::GET,
        wasi::Method::Head => Method::HEAD,
        wasi::Method::Post => Method::POST,
        wasi::Method::Put => Method::PUT,
        wasi::Method::Delete => Method::DELETE,
        wasi::Method::Connect => Method::CONNECT,
        wasi::Method::Options => Method::OPTIONS,
        wasi::Method::Trace => Method::TRACE,
        wasi::Method::Patch => Method::PATCH,
        // No route has such a method, so the handler answers 404 as to any that it does not serve.
        wasi::Method::Other(name) => Method::from_bytes(name.as_bytes()).unwrap_or(Method::TRACE),
    }
}
