//! `/api/collections/:collection/records/:id/history`: the versions of a record, and one of them written again.

use backspin_auth::identify;
use backspin_changes::{history, restore_version};
use backspin_core::{Error, Result};
use backspin_http::{Method, Reply, Request};
use backspin_records::RequestInfo;
use backspin_spin::App;

backspin_spin::serve!(handle);

async fn handle(app: &App, request: &Request) -> Result<Reply> {
    let caller = identify(app, request.token()).await?;
    let info = RequestInfo::new(&caller, request.method().as_str(), request);
    let (collection, id) = (request.path("collection")?, request.path("id")?);
    match (request.method(), request.find_path("seq")?) {
        (&Method::GET, None) => history(app, &info, &collection, &id).await.map(Reply::ok),
        (&Method::POST, Some(seq)) => {
            let body = request.object("An error occurred while loading the submitted data.")?;
            restore_version(app, &info, (&collection, &id, &seq), body).await.map(Reply::ok)
        }
        _ => Err(Error::not_found()),
    }
}
