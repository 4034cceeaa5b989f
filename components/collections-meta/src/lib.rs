//! `/api/collections/meta/…`: what helps to design a collection, for superusers.

use backspin_auth::identify;
use backspin_collections::{dry_run_view, pick, providers, scaffolds};
use backspin_core::{Error, Result};
use backspin_http::{Method, Reply, Request};
use backspin_query::Fields;
use backspin_spin::App;

backspin_spin::serve!(handle);

const UNREADABLE: &str = "An error occurred while loading the submitted data.";

async fn handle(app: &App, request: &Request) -> Result<Reply> {
    let caller = identify(app, request.token()).await?;
    let fields = Fields::parse(&request.query("fields").unwrap_or_default())?;
    let json = match (request.method(), request.route().rsplit('/').next()) {
        (&Method::GET, Some("scaffolds")) => scaffolds(app, &caller),
        (&Method::GET, Some("oauth2-providers")) => providers(&caller),
        (&Method::POST, Some("dry-run-view")) => {
            dry_run_view(app, &caller, request.object(UNREADABLE)?).await
        }
        (&Method::GET, _) => Err(Error::NotFound("File not found.".to_owned())),
        _ => Err(Error::not_found()),
    };
    pick(json?, &fields).map(Reply::ok)
}
