//! `/api/oauth2-redirect`: identity providers send users here, who go on to `/_/`, a page that says how it went.

use backspin_core::{Error, Result};
use backspin_http::{Method, Reply, Request};
use backspin_realtime::{Arrival, land};
use backspin_spin::App;

backspin_spin::serve!(handle);

async fn handle(app: &App, request: &Request) -> Result<Reply> {
    match *request.method() {
        Method::GET => {
            let given = |name| request.query(name).unwrap_or_default().into_owned();
            let (state, code, error) = (given("state"), given("code"), given("error"));
            let arrival = Arrival { state, code, error, ..Arrival::default() };
            land(app, &arrival).await.map(|landing| Reply::redirect(307, landing.target()))
        }
        Method::POST => {
            // What cannot be read names no client.
            let arrival: Arrival = request.json("The form cannot be read.").unwrap_or_default();
            land(app, &arrival).await.map(|landing| Reply::redirect(303, landing.target()))
        }
        _ => Err(Error::not_found()),
    }
}
