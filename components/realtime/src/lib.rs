//! `/api/realtime`: `GET` opens a stream of events, `POST` says of what.

use std::rc::Rc;

use backspin_auth::identify;
use backspin_core::{Error, Result};
use backspin_http::{Method, Reply, Request};
use backspin_realtime::{Board, connect, stream, subscribe};
use backspin_spin::{Answer, App};

backspin_spin::serve!(handle);

thread_local! {
    /// The streams of an instance look for mail together.
    static BOARD: Rc<Board> = Rc::default();
}

async fn handle(app: &'static App, request: &Request) -> Result<Answer> {
    match *request.method() {
        Method::GET => open(app).await,
        Method::POST => {
            let caller = identify(app, request.token()).await?;
            let form = request.json("Something went wrong while processing your request.")?;
            subscribe(app, &caller, &form).await.map(|()| Reply::no_content().into())
        }
        _ => Err(Error::not_found()),
    }
}

async fn open(app: &'static App) -> Result<Answer> {
    let (client, board) = (connect(app).await?, BOARD.with(Rc::clone));
    let write = async move |body| stream(app, &board, &client, body).await;
    Ok(Answer::stream(Reply::event_stream(), write))
}
