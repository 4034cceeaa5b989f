//! Where mail leaves, by the settings.

use backspin_core::{Env, NetworkError, Result};
use backspin_secrets::SecretKey;
use backspin_settings::Settings;
use backspin_smtp::{SendError, Target};

use crate::api::Api;

/// What takes the mail.
pub(crate) enum Transport<'a> {
    Smtp(Target),
    Api(Api<'a>),
}

/// Why nothing is sent at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Unready {
    /// The settings name nothing that takes mail: it stays where superusers can read it.
    NotConfigured,
    /// What an operator has to do first.
    NotAllowed(&'static str),
}

/// What the variables hold that name where mail may go, as long as nobody has set them: nothing has that name.
const UNSET: &str = "unset.invalid";

const SET_SMTP: &str = "the application may not reach the mail server yet: start it with \
     --variable smtp_address=ADDRESS, the address of the server, and --variable smtp_port=PORT";
const SET_API: &str = "the application may not reach the mail API yet: start it with \
     --variable mail_api_origin=https://HOST, where HOST is that of mailApi.url";

const SEALED: Unready = Unready::NotAllowed(
    "the secrets of the settings were sealed with another secret_key: start the application with that one, or enter them again",
);

impl<'a> Transport<'a> {
    /// The mail API if it is enabled, else the mail server.
    ///
    /// Errors (inner): why there is none.
    pub(crate) async fn of(settings: &'a Settings, env: &impl Env) -> Result<Result<Self, Unready>> {
        let is_unset = async |variable: &str| {
            Ok::<_, backspin_core::Error>(
                env.variable(variable).await?.is_some_and(|value| value.ends_with(UNSET)),
            )
        };
        let key = SecretKey::of(env).await?;
        if settings.mail_api.enabled {
            return Ok(match is_unset("mail_api_origin").await? {
                true => Err(Unready::NotAllowed(SET_API)),
                false => Api::of(settings, &key).map(Transport::Api).map_err(|_| SEALED),
            });
        }
        if !settings.smtp.enabled {
            return Ok(Err(Unready::NotConfigured));
        }
        if is_unset("smtp_address").await? {
            return Ok(Err(Unready::NotAllowed(SET_SMTP)));
        }
        Ok(match settings.smtp.opened(&key) {
            Ok(smtp) => Ok(Transport::Smtp(Target::of(smtp, env).await?)),
            Err(_) => Err(SEALED),
        })
    }

    /// Why a message was not taken, and what an operator can do about it.
    pub(crate) fn explain(&self, error: &SendError) -> String {
        match (self, error) {
            (
                Transport::Smtp(_),
                SendError::Network(NetworkError::Denied(_) | NetworkError::NameUnknown(_)),
            ) => format!("{error}; {SET_SMTP}"),
            (Transport::Api(_), SendError::Network(NetworkError::Denied(_))) => format!("{error}; {SET_API}"),
            _ => error.to_string(),
        }
    }
}

impl Unready {
    pub(crate) fn reason(&self) -> &'static str {
        match self {
            Unready::NotConfigured => "neither an SMTP server nor a mail API is enabled in the settings",
            Unready::NotAllowed(reason) => reason,
        }
    }
}
