//! `POST /api/collections/:collection/request-password-reset` and `…/confirm-password-reset`

use backspin_auth::{confirm_password_reset, identify, request_password_reset};
use backspin_core::{Error, Result};
use backspin_http::{Method, Reply, Request};
use backspin_records::RequestInfo;
use backspin_spin::App;

backspin_spin::serve!(handle);

const UNREADABLE: &str = "An error occurred while loading the submitted data.";

async fn handle(app: &App, request: &Request) -> Result<Reply> {
    match (request.method(), last_segment(request)) {
        (&Method::POST, "request-password-reset") => ask(app, request).await,
        (&Method::POST, "confirm-password-reset") => confirm(app, request).await,
        (&Method::GET, _) => Err(Error::NotFound("File not found.".to_owned())),
        _ => Err(Error::not_found()),
    }
}

async fn ask(app: &App, request: &Request) -> Result<Reply> {
    let caller = identify(app, request.token()).await?;
    let info = RequestInfo::new(&caller, "POST", request);
    request_password_reset(app, &info, &request.path("collection")?, request.json(UNREADABLE)).await?;
    Ok(Reply::no_content())
}

async fn confirm(app: &App, request: &Request) -> Result<Reply> {
    let caller = identify(app, request.token()).await?;
    let info = RequestInfo::new(&caller, "POST", request);
    confirm_password_reset(app, &info, &request.path("collection")?, request.json(UNREADABLE)).await?;
    Ok(Reply::no_content())
}

fn last_segment(request: &Request) -> &str {
    request.route().rsplit('/').next().unwrap_or_default()
}
