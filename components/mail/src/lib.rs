//! Delivers the mail of the outbox: the only component that may reach the mail server or a mail API. Others wake it by a request of
//! any path, which does no harm; `POST /api/settings/test/email` is the only one that has a route.

use std::cell::Cell;

use backspin_auth::identify;
use backspin_core::{Env, Error, LogLevel, Result};
use backspin_delivery::{deliver, send_test_email};
use backspin_http::{Method, Reply, Request};
use backspin_mail::outbox::COMPONENT;
use backspin_spin::{App, SpinNetwork, SpinOutbound, after_reply, sleep_ms};

backspin_spin::serve!(handle);

/// What is due later than this has to be woken for.
const WATCH_MS_MAX: i64 = 15 * 60_000;
/// How long the component waits at a time: runtimes end what goes on for longer than a request may take.
const STRETCH_MS_MAX: i64 = 10_000;

thread_local! {
    static IS_WATCHING: Cell<bool> = const { Cell::new(false) };
}

async fn handle(app: &'static App, request: &Request) -> Result<Reply> {
    match (request.method(), request.route()) {
        (&Method::POST, "/api/settings/test/email") => {
            let caller = identify(app, request.token()).await?;
            let body = request.object("An error occurred while loading the submitted data.")?;
            send_test_email(app, &SpinNetwork, &SpinOutbound, &caller, &body).await?;
            // It went, so others will.
            after_reply(deliver_and_watch(app));
            Ok(Reply::no_content())
        }
        (_, "/api/settings/test/email") => Err(Error::not_found()),
        _ => {
            after_reply(deliver_and_watch(app));
            Ok(Reply::no_content())
        }
    }
}

/// Delivers what is due. If more will be soon, the component waits for a while, once in each instance, and wakes
/// itself, so that the waiting goes on as a new request.
async fn deliver_and_watch(app: &App) {
    let Some(pause) = deliver_now(app).await.filter(|pause| *pause <= WATCH_MS_MAX) else { return };
    if IS_WATCHING.replace(true) {
        return;
    }
    sleep_ms(pause.clamp(1000, STRETCH_MS_MAX).unsigned_abs()).await;
    IS_WATCHING.set(false);
    app.env().wake(COMPONENT);
}

/// Returns in how many milliseconds the next message is due.
async fn deliver_now(app: &App) -> Option<i64> {
    deliver(app, &SpinNetwork, &SpinOutbound).await.unwrap_or_else(|error| {
        app.env().log(LogLevel::Error, &format!("the outbox: {}", error.chain()));
        None
    })
}
