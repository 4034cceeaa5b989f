//! `POST /api/batch`: several writes of records, all or nothing.

use backspin_auth::identify;
use backspin_core::{Error, Result};
use backspin_http::{Method, Reply, Request};
use backspin_records::{RequestInfo, batch};
use backspin_spin::App;

backspin_spin::serve!(handle);

async fn handle(app: &App, request: &Request) -> Result<Reply> {
    match *request.method() {
        Method::POST => {
            let body = request.object("Failed to read the submitted batch data.")?;
            let caller = identify(app, request.token()).await?;
            batch(app, &RequestInfo::new(&caller, "POST", request), body).await.map(Reply::ok)
        }
        Method::GET => Err(Error::NotFound("File not found.".to_owned())),
        _ => Err(Error::not_found()),
    }
}
