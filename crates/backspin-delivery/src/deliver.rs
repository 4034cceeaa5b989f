//! What the component that delivers does when it is woken.

use backspin_core::{Env, LogLevel, Network, Platform, Result};
use backspin_mail::outbox::{self, Queued};
use backspin_schema::App;
use backspin_settings::Settings;

use crate::{SendError, Session, Target, mime};

/// Sends everything that is due, several messages through one conversation. Returns in how many milliseconds the next
/// is due; `None` if nothing waits, or no mail server is named in the settings, in which case the messages stay where
/// superusers can read them and the log says so.
///
/// Errors: those of the database; what cannot be sent is kept with its reason.
pub async fn deliver(app: &App<impl Platform>, network: &impl Network) -> Result<Option<i64>> {
    let snapshot = app.reload().await?;
    let settings = backspin_settings::of(&snapshot)?;
    outbox::prune(app).await?;
    let Some((count, _)) = outbox::waiting(app).await? else { return Ok(None) };
    let Some(target) = Target::of(&settings, app.env()).await? else {
        let line = format!(
            "{count} mail(s) wait in the outbox (GET /api/outbox, for superusers): no SMTP server is enabled in the \
             settings"
        );
        app.env().log(LogLevel::Warning, &line);
        return Ok(None);
    };
    loop {
        let queued = outbox::claim(app).await?;
        if queued.is_empty() || !send_all(app, network, &target, &settings, &queued).await? {
            return Ok(outbox::waiting(app).await?.map(|(_, ms)| ms));
        }
    }
}

/// `false` if there was no use in going on.
async fn send_all(
    app: &App<impl Platform>,
    network: &impl Network,
    target: &Target,
    settings: &Settings,
    queued: &[Queued],
) -> Result<bool> {
    let mut session = match Session::open(network, target).await {
        Ok(session) => session,
        Err(error) => {
            for queued in queued {
                keep(app, queued, &error).await?;
            }
            return Ok(false);
        }
    };
    let mut lost = None;
    for queued in queued {
        if let Some(error) = &lost {
            keep(app, queued, error).await?;
            continue;
        }
        let data = mime::to_bytes(&queued.message, &settings.meta, app.env())?;
        match session.send(&settings.meta.sender_address, queued.message.to(), &data).await {
            Ok(()) => outbox::delivered(app, &queued.id).await?,
            Err(error) => {
                keep(app, queued, &error).await?;
                lost = matches!(error, SendError::Network(_)).then_some(error);
            }
        }
    }
    if lost.is_none() {
        session.close().await;
    }
    Ok(lost.is_none())
}

/// Keeps a message that was not taken, and logs why, without saying to whom it goes or what is in it.
async fn keep(app: &App<impl Platform>, queued: &Queued, error: &SendError) -> Result<()> {
    let is_final = matches!(error, SendError::Refused(_));
    let line = format!("mail {} could not be sent (try {}): {error}", queued.id, queued.tries);
    app.env().log(LogLevel::Warning, &line);
    outbox::failed(app, queued, &error.to_string(), is_final).await
}
