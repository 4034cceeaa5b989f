//! `POST /api/collections/:collection/impersonate/:id`: a superuser takes on another account.

use backspin_auth::identify;
use backspin_core::{Error, Result};
use backspin_http::{Method, Reply, Request};
use backspin_records::{ReplyShape, RequestInfo};
use backspin_spin::App;

backspin_spin::serve!(handle);

const UNREADABLE: &str = "An error occurred while loading the submitted data.";

async fn handle(app: &App, request: &Request) -> Result<Reply> {
    match *request.method() {
        Method::POST => impersonate(app, request).await.map(Reply::ok),
        Method::GET => Err(Error::NotFound("File not found.".to_owned())),
        _ => Err(Error::not_found()),
    }
}

async fn impersonate(app: &App, request: &Request) -> Result<Vec<u8>> {
    let caller = identify(app, request.token()).await?;
    let (info, shape) = (RequestInfo::new(&caller, "POST", request), ReplyShape::of(request));
    let (collection, id) = (request.path("collection")?, request.path("id")?);
    let body = request.object(UNREADABLE);
    backspin_auth::impersonate(app, &info, &collection, &id, body, &shape).await
}
