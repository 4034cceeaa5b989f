//! `/api/collections` and `/api/collections/:collection`: the schema, for superusers.

use backspin_auth::identify;
use backspin_core::{Error, Result};
use backspin_http::{Method, Reply, Request};
use backspin_schema::Page;
use backspin_spin::App;

backspin_spin::serve!(handle);

async fn handle(app: &App, request: &Request) -> Result<Reply> {
    let caller = identify(app, request.token()).await?;
    match (request.method(), request.find_path("collection")?.as_deref()) {
        (&Method::GET, None) => {
            request.refuse_query(&["filter", "fields"])?;
            let page = |name| request.query(name);
            let (number, size, skip_total) = (page("page"), page("perPage"), page("skipTotal"));
            let page = Page::parse(number.as_deref(), size.as_deref(), skip_total.as_deref())?;
            let sort = request.query("sort").unwrap_or_default();
            backspin_collections::list(app, &caller, page, &sort).await.map(Reply::ok)
        }
        (&Method::POST, None) => {
            let body =
                request.object("Failed to load the collection type data due to invalid formatting.")?;
            backspin_collections::create(app, &caller, body).await.map(Reply::ok)
        }
        (&Method::GET, Some(collection)) => {
            request.refuse_query(&["fields"])?;
            backspin_collections::view(app, &caller, collection).await.map(Reply::ok)
        }
        (&Method::DELETE, Some(collection)) => {
            backspin_collections::delete(app, &caller, collection).await.map(|()| Reply::no_content())
        }
        _ => Err(Error::not_found()),
    }
}
