//! Every path that no other component serves.

use backspin_core::{Error, Result};
use backspin_http::{Method, Reply, Request};
use backspin_spin::App;

backspin_spin::serve!(handle, all);

/// The message tells a page or file that is not there from a call that is not known, as in PocketBase.
async fn handle(_app: &App, request: &Request) -> Result<Reply> {
    match *request.method() {
        Method::GET => Err(Error::NotFound("File not found.".to_owned())),
        _ => Err(Error::not_found()),
    }
}
