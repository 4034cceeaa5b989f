//! What asks identity providers: `POST /api/collections/:collection/auth-with-oauth2`, a code in and a token out, and
//! `POST /api/collections/meta/oauth2-discovery`, the settings of a provider by its issuer.

use backspin_auth::{SignIn, identify, oauth2_discovery, with_oauth2};
use backspin_core::{Error, Result};
use backspin_http::{Method, Reply, Request};
use backspin_records::{ReplyShape, RequestInfo};
use backspin_spin::{App, SpinOutbound};

backspin_spin::serve!(handle);

const UNREADABLE: &str = "An error occurred while loading the submitted data.";

async fn handle(app: &App, request: &Request) -> Result<Reply> {
    match (request.method(), request.route()) {
        (&Method::POST, "/api/collections/meta/oauth2-discovery") => discover(app, request).await,
        (&Method::POST, _) => sign_in(app, request).await,
        (&Method::GET, _) => Err(Error::NotFound("File not found.".to_owned())),
        _ => Err(Error::not_found()),
    }
}

async fn discover(app: &App, request: &Request) -> Result<Reply> {
    let caller = identify(app, request.token()).await?;
    let fields = request.query("fields").unwrap_or_default();
    oauth2_discovery(&caller, &SpinOutbound, request.json(UNREADABLE), &fields).await.map(Reply::ok)
}

async fn sign_in(app: &App, request: &Request) -> Result<Reply> {
    let caller = identify(app, request.token()).await?;
    let (info, shape) = (RequestInfo::new(&caller, "POST", request), ReplyShape::of(request));
    let collection = request.path("collection")?;
    let code = request.json(UNREADABLE);
    // What cannot be read is an error of the code already.
    let body = request.object(UNREADABLE).unwrap_or_default();
    Ok(match with_oauth2(app, &SpinOutbound, &info, &collection, code, &body, &shape).await? {
        SignIn::Done(json) => Reply::ok(json),
        SignIn::SecondFactor(json) => Reply::json(401, json),
    })
}
