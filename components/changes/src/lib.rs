//! `/api/changes`: the change log, how much of it is kept, and collections put back to a moment.

use backspin_auth::identify_with_key;
use backspin_changes::{apply, changes, compact, plan, restore, set_retention, view_retention};
use backspin_core::{Error, Result};
use backspin_http::{Method, Reply, Request};
use backspin_records::RequestInfo;
use backspin_spin::App;

backspin_spin::serve!(handle);

async fn handle(app: &App, request: &Request) -> Result<Reply> {
    let caller = identify_with_key(app, request.token()).await?;
    let body = || request.object("An error occurred while loading the submitted data.");
    let (part, step) = (request.find_path("part")?, request.find_path("restore")?);
    match (request.method(), part.as_deref(), step.as_deref()) {
        (&Method::GET, None, None) => {
            let info = RequestInfo::new(&caller, request.method().as_str(), request);
            changes(app, &info).await.map(Reply::ok)
        }
        (&Method::GET, Some("settings"), None) => view_retention(app, &caller).await.map(Reply::ok),
        (&Method::PATCH, Some("settings"), None) => {
            set_retention(app, &caller, &body()?).await.map(Reply::ok)
        }
        (&Method::POST, Some("compact"), None) => compact(app, &caller).await.map(Reply::ok),
        (&Method::POST, Some("restore"), None) => restore(app, &caller, body()?).await.map(Reply::ok),
        (&Method::POST, None, Some("plan")) => plan(app, &caller, body()?).await.map(Reply::ok),
        (&Method::POST, None, Some("apply")) => apply(app, &caller, body()?).await.map(Reply::ok),
        _ => Err(Error::not_found()),
    }
}
