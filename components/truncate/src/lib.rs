//! `DELETE /api/collections/:collection/truncate`: all records of a collection at once, for superusers.

use backspin_auth::identify;
use backspin_core::{Error, Result};
use backspin_http::{Method, Reply, Request};
use backspin_spin::App;

backspin_spin::serve!(handle);

async fn handle(app: &App, request: &Request) -> Result<Reply> {
    match *request.method() {
        Method::DELETE => {
            let caller = identify(app, request.token()).await?;
            let collection = request.path("collection")?;
            backspin_records::truncate(app, &caller, &collection).await.map(|()| Reply::no_content())
        }
        Method::GET => Err(Error::NotFound("File not found.".to_owned())),
        _ => Err(Error::not_found()),
    }
}
