//! `GET /api/health`: tells that requests arrive and are answered.

use backspin_core::{Error, Result};
use backspin_http::{Method, Reply, Request};
use backspin_spin::App;

backspin_spin::serve!(handle, all);

async fn handle(_app: &App, request: &Request) -> Result<Reply> {
    match *request.method() {
        Method::GET => Ok(Reply::ok(r#"{"message":"API is healthy.","code":200,"data":{}}"#)),
        _ => Err(Error::not_found()),
    }
}
