//! `/api/collections/:collection/totp`: an authenticator app as second factor; `…/auth-with-totp`: a code of it in, a token
//! out.

use backspin_auth::{
    SignIn, confirm_totp, disable_totp, identify, identify_session, remove_totp, renew_recovery_codes,
    request_totp, view_totp, with_totp,
};
use backspin_core::{Error, Result};
use backspin_http::{Method, Reply, Request};
use backspin_records::{ReplyShape, RequestInfo};
use backspin_spin::App;

backspin_spin::serve!(handle);

const UNREADABLE: &str = "An error occurred while loading the submitted data.";

async fn handle(app: &App, request: &Request) -> Result<Reply> {
    let part = request.path("part").ok();
    match (request.method(), part.as_deref()) {
        (&Method::POST, None) if request.route().ends_with("/auth-with-totp") => sign_in(app, request).await,
        (&Method::POST, None) => ask(app, request).await,
        (&Method::POST, Some(action @ ("confirm" | "recovery-codes" | "disable"))) => {
            prove(app, request, action).await
        }
        (&Method::GET, id) if !request.route().ends_with("/auth-with-totp") => view(app, request, id).await,
        (&Method::DELETE, Some(id)) => remove(app, request, id).await,
        (&Method::GET, _) => Err(Error::NotFound("File not found.".to_owned())),
        _ => Err(Error::not_found()),
    }
}

async fn sign_in(app: &App, request: &Request) -> Result<Reply> {
    let caller = identify(app, request.token()).await?;
    let (info, shape) = (RequestInfo::new(&caller, "POST", request), ReplyShape::of(request));
    let (collection, proof) = (request.path("collection")?, request.json(UNREADABLE));
    // What cannot be read is an error of the proof already.
    let body = request.object(UNREADABLE).unwrap_or_default();
    Ok(match with_totp(app, &info, &collection, proof, &body, &shape).await? {
        SignIn::Done(json) => Reply::ok(json),
        SignIn::SecondFactor(json) => Reply::json(401, json),
    })
}

async fn view(app: &App, request: &Request, id: Option<&str>) -> Result<Reply> {
    let caller = identify(app, request.token()).await?;
    let info = RequestInfo::new(&caller, "GET", request);
    view_totp(app, &info, &request.path("collection")?, id).await.map(Reply::ok)
}

async fn ask(app: &App, request: &Request) -> Result<Reply> {
    let identified = identify_session(app, request.token()).await?;
    let info = RequestInfo::new(&identified.caller, "POST", request);
    let collection = request.path("collection")?;
    request_totp(app, &info, &identified, &collection, request.json(UNREADABLE)).await.map(Reply::ok)
}

async fn prove(app: &App, request: &Request, action: &str) -> Result<Reply> {
    let caller = identify(app, request.token()).await?;
    let info = RequestInfo::new(&caller, "POST", request);
    let (collection, proof) = (request.path("collection")?, request.json(UNREADABLE));
    match action {
        "confirm" => confirm_totp(app, &info, &collection, proof).await.map(Reply::ok),
        "disable" => disable_totp(app, &info, &collection, proof).await.map(|()| Reply::no_content()),
        _ => renew_recovery_codes(app, &info, &collection, proof).await.map(Reply::ok),
    }
}

async fn remove(app: &App, request: &Request, id: &str) -> Result<Reply> {
    let caller = identify(app, request.token()).await?;
    let info = RequestInfo::new(&caller, "DELETE", request);
    remove_totp(app, &info, &request.path("collection")?, id).await.map(|()| Reply::no_content())
}
