//! `POST /api/collections/:collection/request-otp` and `…/auth-with-otp`: a code by mail, and a token for it.

use backspin_auth::{SignIn, identify, request_code, with_code};
use backspin_core::{Error, Result};
use backspin_http::{Method, Reply, Request};
use backspin_records::{ReplyShape, RequestInfo};
use backspin_spin::App;

backspin_spin::serve!(handle);

const UNREADABLE: &str = "An error occurred while loading the submitted data.";

async fn handle(app: &App, request: &Request) -> Result<Reply> {
    match (request.method(), request.route().rsplit('/').next()) {
        (&Method::POST, Some("request-otp")) => ask(app, request).await,
        (&Method::POST, Some("auth-with-otp")) => sign_in(app, request).await,
        (&Method::GET, _) => Err(Error::NotFound("File not found.".to_owned())),
        _ => Err(Error::not_found()),
    }
}

async fn ask(app: &App, request: &Request) -> Result<Reply> {
    let caller = identify(app, request.token()).await?;
    let info = RequestInfo::new(&caller, "POST", request);
    let (collection, fields) = (request.path("collection")?, request.query("fields").unwrap_or_default());
    request_code(app, &info, &collection, request.json(UNREADABLE), &fields).await.map(Reply::ok)
}

async fn sign_in(app: &App, request: &Request) -> Result<Reply> {
    let caller = identify(app, request.token()).await?;
    let (info, shape) = (RequestInfo::new(&caller, "POST", request), ReplyShape::of(request));
    let (collection, code) = (request.path("collection")?, request.json(UNREADABLE));
    // What cannot be read is an error of the code already.
    let body = request.object(UNREADABLE).unwrap_or_default();
    Ok(match with_code(app, &info, &collection, code, &body, &shape).await? {
        SignIn::Done(json) => Reply::ok(json),
        SignIn::SecondFactor(json) => Reply::json(401, json),
    })
}
