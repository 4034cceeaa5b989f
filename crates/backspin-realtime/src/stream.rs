//! The stream of a client: its id first, then its messages, as long as there is somebody who reads.

use backspin_core::{BodyWriter, ClientGone, Env, Error, LogLevel, Platform, Result, limits};
use backspin_schema::App;

use crate::client::{Client, is_known};
use crate::event::{HEARTBEAT, connected, event};
use crate::mailbox::Board;

/// Between two looks for mail: soon after a message, as more may follow, and ever less often after that.
const PAUSE_MS_MIN: i64 = 100;
const PAUSE_MS_MAX: i64 = 1000;
/// How long nothing is written before a heartbeat is.
const HEARTBEAT_MS: i64 = 15_000;

/// Writes the events of `client` until it has gone, until it has had none for [`limits::STREAM_IDLE_MS_MAX`] (it
/// connects again then), or until it is no longer known. Faults go to the log and end it, too.
pub async fn stream(app: &App<impl Platform>, board: &Board, client: &Client, mut body: impl BodyWriter) {
    let written = write_events(app, board, client, &mut body).await;
    let forgotten = client.disconnect(app).await;
    if let Err(error) = written.and(forgotten) {
        app.env().log(LogLevel::Error, &format!("a realtime stream: {}", error.chain()));
    }
}

async fn write_events(
    app: &App<impl Platform>,
    board: &Board,
    client: &Client,
    body: &mut impl BodyWriter,
) -> Result<()> {
    let now = || app.env().now().unix_ms();
    let (mut heard, mut written, mut pause) = (now(), now(), PAUSE_MS_MIN);
    let mut outgoing = connected(client.client_id());
    loop {
        if !outgoing.is_empty() {
            if let Err(ClientGone) = body.write(std::mem::take(&mut outgoing)).await {
                return Ok(());
            }
            written = now();
        }
        app.env().sleep_ms(pause.unsigned_abs()).await;
        let messages = match board.take_mail(app, client.key()).await {
            // It waits there for the next look.
            Err(Error::Busy) => Vec::new(),
            messages => messages?,
        };
        for message in &messages {
            outgoing.extend(event(client.id(), &message.topic, &message.data));
        }
        if !messages.is_empty() {
            (heard, pause) = (now(), PAUSE_MS_MIN);
            client.keep(app).await?;
            continue;
        }
        if now() - heard >= limits::STREAM_IDLE_MS_MAX {
            return Ok(());
        }
        pause = (pause * 5 / 4).min(PAUSE_MS_MAX);
        if now() - written >= HEARTBEAT_MS {
            if !is_known(app, client.key()).await? {
                return Ok(());
            }
            outgoing = HEARTBEAT.to_vec();
        }
    }
}
