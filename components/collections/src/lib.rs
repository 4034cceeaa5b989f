//! `/api/collections`, `/api/collections/:collection` and `PUT /api/collections/import`: the schema, for
//! superusers.

use backspin_auth::identify;
use backspin_collections::ListQuery;
use backspin_core::{Error, Result};
use backspin_http::{Method, Reply, Request};
use backspin_query::Fields;
use backspin_schema::Page;
use backspin_spin::App;

backspin_spin::serve!(handle);

const UNREADABLE_NEW: &str = "Failed to load the collection type data due to invalid formatting.";
const UNREADABLE_IMPORT: &str = "An error occurred while loading the submitted data.";
const UNREADABLE: &str = "Failed to load the submitted data due to invalid formatting.";

async fn handle(app: &App, request: &Request) -> Result<Reply> {
    let caller = identify(app, request.token()).await?;
    let fields = Fields::parse(&request.query("fields").unwrap_or_default())?;
    let picked = |collection| backspin_collections::pick(collection, &fields).map(Reply::ok);
    match (request.method(), request.find_path("collection")?.as_deref()) {
        (&Method::GET, None) => {
            let page = |name| request.query(name);
            let (number, size, skip_total) = (page("page"), page("perPage"), page("skipTotal"));
            let page = Page::parse(number.as_deref(), size.as_deref(), skip_total.as_deref())?;
            let filter = request.query("filter").unwrap_or_default();
            let sort = request.query("sort").unwrap_or_default();
            let query = ListQuery { page, filter: &filter, sort: &sort, fields: &fields };
            backspin_collections::list(app, &caller, query).await.map(Reply::ok)
        }
        (&Method::POST, None) => {
            let body = request.object(UNREADABLE_NEW)?;
            picked(backspin_collections::create(app, &caller, body).await?)
        }
        (&Method::PUT, Some("import")) => {
            let body = request.object(UNREADABLE_IMPORT)?;
            backspin_collections::import(app, &caller, body).await.map(|()| Reply::no_content())
        }
        (&Method::GET, Some(collection)) => {
            picked(backspin_collections::view(app, &caller, collection).await?)
        }
        (&Method::PATCH, Some(collection)) => {
            let body = request.object(UNREADABLE)?;
            picked(backspin_collections::update(app, &caller, collection, body).await?)
        }
        (&Method::DELETE, Some(collection)) => {
            backspin_collections::delete(app, &caller, collection).await.map(|()| Reply::no_content())
        }
        _ => Err(Error::not_found()),
    }
}
