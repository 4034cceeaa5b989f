//! `/_/`: the page that links in mail lead to, and on which a sign-in with a provider ends. The end of the address, which
//! no server gets to see, chooses what it shows.

use backspin_core::{Error, Result};
use backspin_http::{Method, Reply, Request};
use backspin_spin::App;

backspin_spin::serve!(handle, all);

const STYLE: &str = include_str!("page.css");
const BODY: &str = include_str!("page.html");
const SCRIPT: &str = include_str!("page.js");

async fn handle(_app: &App, request: &Request) -> Result<Reply> {
    match *request.method() {
        Method::GET => Ok(Reply::page("Account", STYLE, BODY, SCRIPT)),
        _ => Err(Error::not_found()),
    }
}
