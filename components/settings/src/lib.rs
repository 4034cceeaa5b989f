//! `/api/settings`: what the application is called and how it behaves, for superusers.

use backspin_auth::identify;
use backspin_core::{Error, Result};
use backspin_http::{Method, Reply, Request};
use backspin_spin::App;

backspin_spin::serve!(handle);

async fn handle(app: &App, request: &Request) -> Result<Reply> {
    let caller = identify(app, request.token()).await?;
    let fields = request.query("fields").unwrap_or_default();
    match *request.method() {
        Method::GET => backspin_settings::view(app, &caller, &fields).await.map(Reply::ok),
        Method::PATCH => {
            let body = request.object("An error occurred while loading the submitted data.")?;
            let settings = backspin_settings::update(app, &caller, body, &fields).await?;
            // Mail that waits may have somewhere to go now.
            backspin_mail::wake(app);
            Ok(Reply::ok(settings))
        }
        _ => Err(Error::not_found()),
    }
}
