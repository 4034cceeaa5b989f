//! What the component that delivers does when it is woken.

use backspin_core::{Env, LogLevel, Network, Outbound, Platform, Result};
use backspin_mail::outbox::{self, Queued};
use backspin_schema::App;
use backspin_settings::Settings;
use backspin_smtp::{SendError, Session, Target, to_bytes};

use crate::api::Api;
use crate::transport::{Transport, Unready};

/// Sends everything that is due, to a mail server several messages through one conversation. Returns in how many
/// milliseconds the next is due; `None` if nothing waits, or nothing that takes mail can be reached as the settings and
/// the application's variables are, in which case the messages stay where superusers can read them and the log says so.
///
/// Errors: those of the database; what cannot be sent is kept with its reason.
pub async fn deliver(
    app: &App<impl Platform>,
    network: &impl Network,
    outbound: &impl Outbound,
) -> Result<Option<i64>> {
    let snapshot = app.reload().await?;
    let settings = backspin_settings::of(&snapshot)?;
    outbox::prune(app).await?;
    let Some((count, _)) = outbox::waiting(app).await? else { return Ok(None) };
    let transport = match Transport::of(&settings, app.env()).await? {
        Ok(transport) => transport,
        Err(unready) => {
            let reason = unready.reason();
            let line =
                format!("{count} mail(s) wait in the outbox (GET /api/outbox, for superusers): {reason}");
            app.env().log(LogLevel::Warning, &line);
            if unready != Unready::NotConfigured {
                outbox::hold(app, reason).await?;
            }
            return Ok(None);
        }
    };
    outbox::give_up_expired(app).await?;
    loop {
        let queued = outbox::claim(app).await?;
        if queued.is_empty() {
            break;
        }
        let goes_on = match &transport {
            Transport::Smtp(target) => {
                send_all(app, network, (&transport, target), &settings, &queued).await?
            }
            Transport::Api(api) => call_for_all(app, outbound, (&transport, api), &queued).await?,
        };
        if !goes_on {
            break;
        }
    }
    Ok(outbox::waiting(app).await?.map(|(_, ms)| ms))
}

/// `false` if there was no use in going on.
async fn send_all(
    app: &App<impl Platform>,
    network: &impl Network,
    (transport, target): (&Transport<'_>, &Target),
    settings: &Settings,
    queued: &[Queued],
) -> Result<bool> {
    let mut session = Session::open(network, target).await;
    for queued in queued {
        let data = to_bytes(&queued.message, &settings.meta, app.env())?;
        let sent = match &mut session {
            Ok(session) => session.send(&settings.meta.sender_address, queued.message.to(), &data).await,
            Err(error) => Err(error.clone()),
        };
        match &sent {
            Ok(()) => outbox::delivered(app, &queued.id).await?,
            Err(error) => keep(app, transport, queued, error).await?,
        }
        session = match (session, sent) {
            (Ok(over), Err(error)) if over.is_over() => match error {
                // The server left over this message: the others have a conversation of their own.
                SendError::Refused(_) => Session::open(network, target).await,
                error => Err(error),
            },
            (session, _) => session,
        };
    }
    match session {
        Ok(session) => {
            session.close().await;
            Ok(true)
        }
        Err(_) => Ok(false),
    }
}

/// `false` if there was no use in going on: an API that does not take one message now takes none.
async fn call_for_all(
    app: &App<impl Platform>,
    outbound: &impl Outbound,
    (transport, api): (&Transport<'_>, &Api<'_>),
    queued: &[Queued],
) -> Result<bool> {
    let mut unwilling = None;
    for queued in queued {
        let sent = match unwilling.clone() {
            None => api.send(outbound, &queued.message).await,
            Some(error) => Err(error),
        };
        match sent {
            Ok(()) => outbox::delivered(app, &queued.id).await?,
            Err(error) => {
                keep(app, transport, queued, &error).await?;
                unwilling = Some(error).filter(|error| !matches!(error, SendError::Refused(_)));
            }
        }
    }
    Ok(unwilling.is_none())
}

/// Keeps a message that was not taken, and logs why, without saying to whom it goes or what is in it.
async fn keep(
    app: &App<impl Platform>,
    transport: &Transport<'_>,
    queued: &Queued,
    error: &SendError,
) -> Result<()> {
    let is_final = matches!(error, SendError::Refused(_));
    let reason = transport.explain(error);
    let line = format!("mail {} could not be sent (try {}): {reason}", queued.id, queued.tries);
    app.env().log(LogLevel::Warning, &line);
    outbox::failed(app, queued, &reason, is_final).await
}
