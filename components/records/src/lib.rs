//! `/api/collections/:collection/records` and `…/records/:id`: the data.

use backspin_auth::identify;
use backspin_core::{Error, Result};
use backspin_http::{Method, Reply, Request};
use backspin_records::{ListQuery, create, delete, list, update, view};
use backspin_schema::Page;
use backspin_spin::App;

backspin_spin::serve!(handle);

const UNREADABLE: &str = "Something went wrong while processing your request.";

async fn handle(app: &App, request: &Request) -> Result<Reply> {
    let caller = identify(app, request.token()).await?;
    let collection = request.path("collection")?;
    request.refuse_query(&["filter", "expand", "fields"])?;
    match (request.method(), request.find_path("id")?.as_deref()) {
        (&Method::GET, None) => {
            let page = |name| request.query(name);
            let (number, size, skip_total) = (page("page"), page("perPage"), page("skipTotal"));
            let page = Page::parse(number.as_deref(), size.as_deref(), skip_total.as_deref())?;
            let sort = request.query("sort").unwrap_or_default();
            list(app, &caller, &collection, &ListQuery { page, sort: &sort }).await.map(Reply::ok)
        }
        (&Method::POST, None) => {
            create(app, &caller, &collection, &request.object(UNREADABLE)?).await.map(Reply::ok)
        }
        (&Method::GET, Some(id)) => view(app, &caller, &collection, id).await.map(Reply::ok),
        (&Method::PATCH, Some(id)) => {
            update(app, &caller, &collection, id, &request.object(UNREADABLE)?).await.map(Reply::ok)
        }
        (&Method::DELETE, Some(id)) => {
            delete(app, &caller, &collection, id).await.map(|()| Reply::no_content())
        }
        _ => Err(Error::not_found()),
    }
}
