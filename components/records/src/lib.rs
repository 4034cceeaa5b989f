//! `/api/collections/:collection/records` and `…/records/:id`: the data.

use backspin_auth::{check_old_passwords, identify_with_key};
use backspin_core::{Error, Result};
use backspin_http::{Method, Reply, Request};
use backspin_records::{ListQuery, ReplyShape, RequestInfo, create, delete, list, update, view};
use backspin_schema::Page;
use backspin_spin::App;

backspin_spin::serve!(handle);

const UNREADABLE: &str = "Something went wrong while processing your request.";

async fn handle(app: &App, request: &Request) -> Result<Reply> {
    let caller = identify_with_key(app, request.token()).await?;
    let collection = request.path("collection")?;
    let info = RequestInfo::new(&caller, request.method().as_str(), request);
    let shape = ReplyShape::of(request);
    match (request.method(), request.find_path("id")?.as_deref()) {
        (&Method::GET, None) => {
            let page = |name| request.query(name);
            let (number, size, skip_total) = (page("page"), page("perPage"), page("skipTotal"));
            let page = Page::parse(number.as_deref(), size.as_deref(), skip_total.as_deref())?;
            let sort = request.query("sort").unwrap_or_default();
            let filter = request.query("filter").unwrap_or_default();
            let query = ListQuery { page, sort: &sort, filter: &filter, shape };
            list(app, &info, &collection, &query).await.map(Reply::ok)
        }
        (&Method::POST, None) => {
            create(app, &info, &collection, &request.object(UNREADABLE)?, &shape).await.map(Reply::ok)
        }
        (&Method::GET, Some(id)) => view(app, &info, &collection, id, &shape).await.map(Reply::ok),
        (&Method::PATCH, Some(id)) => {
            let body = request.object(UNREADABLE)?;
            let change = (collection.to_string(), id.to_owned(), &body);
            let checked = check_old_passwords(app, &info, &[change]).await?;
            let info = RequestInfo { checked_passwords: &checked, ..info };
            update(app, &info, &collection, id, &body, &shape).await.map(Reply::ok)
        }
        (&Method::DELETE, Some(id)) => {
            delete(app, &info, &collection, id).await.map(|()| Reply::no_content())
        }
        _ => Err(Error::not_found()),
    }
}
