//! The mail to the owner of an account about what somebody else may have done.

use backspin_core::{Env, LogLevel, Result, Timestamp};
use backspin_mail::{Message, Values, render};
use backspin_schema::AuthRecord;

use crate::client::Client;
use crate::found::Found;
use crate::record::text;

/// What was done to an account.
#[derive(Clone, Copy)]
pub(crate) struct Event<'a> {
    pub(crate) client: &'a Client,
    pub(crate) now: Timestamp,
    /// `None` for a sign-in.
    pub(crate) what: Option<&'a str>,
}

/// The mail; `None` if the collection does not ask for alerts, or the account has no email that mail can go to: nobody is
/// kept out for that.
pub(crate) fn alert(
    env: &impl Env,
    found: &Found,
    record: &AuthRecord,
    event: Event<'_>,
) -> Result<Option<Message>> {
    let options = &found.options()?.auth_alert;
    let Some(email) = text(record, "email").filter(|_| options.enabled) else { return Ok(None) };
    let Event { client, now, what } = event;
    let mut info = format!("{now} - {} {}", client.full_address(), client.short_user_agent());
    if let Some(what) = what {
        info = format!("{info} - {what}");
    }
    let record = Some((&found.collection, record));
    let values = Values { alert_info: Some(&info), record, ..Values::default() };
    let message = render(&options.email_template, email, &*found.settings()?, &values);
    Ok(message.inspect_err(|error| env.log(LogLevel::Warning, &format!("an alert: {}", error.chain()))).ok())
}
