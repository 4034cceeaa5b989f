//! `/api/sessions` and `/api/sign-ins`: who is signed in where, signing out, and the log of sign-ins.

use backspin_auth::{end_session, end_sessions, identify, identify_session, list_sessions, list_sign_ins};
use backspin_core::{Error, Result};
use backspin_http::{Method, Reply, Request};
use backspin_spin::App;

backspin_spin::serve!(handle);

async fn handle(app: &App, request: &Request) -> Result<Reply> {
    match request.route() {
        "/api/sign-ins" => sign_ins(app, request).await,
        _ => sessions(app, request).await,
    }
}

async fn sessions(app: &App, request: &Request) -> Result<Reply> {
    let identified = identify_session(app, request.token()).await?;
    let id = request.find_path("id")?;
    match (request.method(), id) {
        (&Method::GET, None) => list_sessions(app, &identified, request).await.map(Reply::ok),
        (&Method::DELETE, None) => {
            end_sessions(app, &identified, request).await.map(|()| Reply::no_content())
        }
        (&Method::DELETE, Some(id)) => end_session(app, &identified, &id).await.map(|()| Reply::no_content()),
        _ => Err(Error::not_found()),
    }
}

async fn sign_ins(app: &App, request: &Request) -> Result<Reply> {
    let caller = identify(app, request.token()).await?;
    match *request.method() {
        Method::GET => list_sign_ins(app, &caller, request).await.map(Reply::ok),
        _ => Err(Error::not_found()),
    }
}
