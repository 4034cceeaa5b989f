//! `/api/migrations`: changes of the schema planned, applied, listed and taken back, by superusers.

use backspin_auth::identify;
use backspin_collections::{migrate, pick_items};
use backspin_core::{Error, Result};
use backspin_http::{Method, Reply, Request};
use backspin_query::Fields;
use backspin_schema::Page;
use backspin_spin::App;

backspin_spin::serve!(handle);

async fn handle(app: &App, request: &Request) -> Result<Reply> {
    let caller = identify(app, request.token()).await?;
    let body = || request.object("An error occurred while loading the submitted data.");
    match (request.method(), request.find_path("action")?.as_deref()) {
        (&Method::GET, None) => {
            let query = |name| request.query(name);
            let (number, size, skip_total) = (query("page"), query("perPage"), query("skipTotal"));
            let page = Page::parse(number.as_deref(), size.as_deref(), skip_total.as_deref())?;
            let fields = Fields::parse(&query("fields").unwrap_or_default())?;
            pick_items(migrate::history(app, &caller, page).await?, &fields).map(Reply::ok)
        }
        (&Method::POST, Some("plan")) => migrate::plan(app, &caller, body()?).await.map(Reply::ok),
        (&Method::POST, Some("apply")) => migrate::apply(app, &caller, body()?).await.map(Reply::ok),
        (&Method::POST, Some("revert")) => migrate::revert(app, &caller, body()?).await.map(Reply::ok),
        (&Method::POST, Some("forget")) => {
            migrate::forget(app, &caller, body()?).await.map(|()| Reply::no_content())
        }
        _ => Err(Error::not_found()),
    }
}
