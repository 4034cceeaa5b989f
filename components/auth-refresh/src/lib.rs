//! `POST /api/collections/:collection/auth-refresh`: a token in, a later one out.

use backspin_auth::identify_to_show;
use backspin_core::{Error, Result};
use backspin_http::{Method, Reply, Request};
use backspin_records::{ReplyShape, RequestInfo};
use backspin_spin::App;

backspin_spin::serve!(handle);

const UNREADABLE: &str = "Something went wrong while processing your request.";

async fn handle(app: &App, request: &Request) -> Result<Reply> {
    match *request.method() {
        Method::POST => refresh(app, request).await.map(Reply::ok),
        Method::GET => Err(Error::NotFound("File not found.".to_owned())),
        _ => Err(Error::not_found()),
    }
}

async fn refresh(app: &App, request: &Request) -> Result<Vec<u8>> {
    let identified = identify_to_show(app, request.token()).await?;
    let (info, shape) = (RequestInfo::new(&identified.caller, "POST", request), ReplyShape::of(request));
    let collection = request.path("collection")?;
    let body = request.object(UNREADABLE);
    backspin_auth::refresh(app, &info, (&identified, request.token()), &collection, body, &shape).await
}
