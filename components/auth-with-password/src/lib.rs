//! `POST /api/collections/:collection/auth-with-password`: a password in, a token out.

use backspin_core::{Error, Result};
use backspin_http::{Method, Reply, Request};
use backspin_spin::App;

backspin_spin::serve!(handle);

async fn handle(app: &App, request: &Request) -> Result<Reply> {
    match *request.method() {
        Method::POST => {
            let credentials = request.json("An error occurred while loading the submitted data.")?;
            let collection = request.path("collection")?;
            backspin_auth::with_password(app, &collection, &credentials).await.map(Reply::ok)
        }
        Method::GET => Err(Error::NotFound("File not found.".to_owned())),
        _ => Err(Error::not_found()),
    }
}
