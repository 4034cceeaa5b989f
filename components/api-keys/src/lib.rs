//! `/api/api-keys`: made, listed, taken back.

use backspin_auth::{create_api_key, delete_api_key, identify_session, list_api_keys};
use backspin_core::{Error, Result};
use backspin_http::{Method, Reply, Request};
use backspin_spin::App;

backspin_spin::serve!(handle);

const UNREADABLE: &str = "An error occurred while loading the submitted data.";

async fn handle(app: &App, request: &Request) -> Result<Reply> {
    let identified = identify_session(app, request.token()).await?;
    let id = request.find_path("id")?;
    match (request.method(), id) {
        (&Method::GET, None) => list_api_keys(app, &identified.caller, request).await.map(Reply::ok),
        (&Method::POST, None) => {
            create_api_key(app, &identified, request.json(UNREADABLE)).await.map(Reply::ok)
        }
        (&Method::DELETE, Some(id)) => {
            delete_api_key(app, &identified.caller, &id).await.map(|()| Reply::no_content())
        }
        _ => Err(Error::not_found()),
    }
}
