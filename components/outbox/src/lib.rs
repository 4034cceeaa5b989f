//! `GET /api/outbox`: mail that is not delivered yet, for superusers.

use backspin_auth::identify;
use backspin_core::{Error, Result};
use backspin_http::{Method, Reply, Request};
use backspin_schema::Page;
use backspin_spin::App;

backspin_spin::serve!(handle);

async fn handle(app: &App, request: &Request) -> Result<Reply> {
    let caller = identify(app, request.token()).await?;
    match *request.method() {
        Method::GET => {
            let page = |name| request.query(name);
            let (number, size, skip_total) = (page("page"), page("perPage"), page("skipTotal"));
            let page = Page::parse(number.as_deref(), size.as_deref(), skip_total.as_deref())?;
            backspin_mail::outbox::list(app, &caller, page).await.map(Reply::ok)
        }
        _ => Err(Error::not_found()),
    }
}
