//! `GET /api/collections/:collection/auth-methods`: how somebody can sign in.

use backspin_core::{Error, Result};
use backspin_http::{Method, Reply, Request};
use backspin_spin::App;

backspin_spin::serve!(handle);

async fn handle(app: &App, request: &Request) -> Result<Reply> {
    match *request.method() {
        Method::GET => {
            let fields = request.query("fields").unwrap_or_default();
            backspin_auth::auth_methods(app, &request.path("collection")?, &fields).await.map(Reply::ok)
        }
        _ => Err(Error::not_found()),
    }
}
