//! The settings as PocketBase's JSON has them. Absent keys take the values of a new application.

use backspin_core::{Error, Result};
use backspin_password::Hashing;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use crate::ClientAddress;

/// All settings. Serialised with their secrets, as they are stored; for clients there is
/// [`Settings::without_secrets`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Settings {
    /// Addresses and networks that superusers may come from; any if there are none.
    #[serde(rename = "superuserIPs")]
    pub superuser_ips: Vec<String>,
    pub smtp: Smtp,
    /// Not among PocketBase's.
    pub mail_api: MailApi,
    /// Not among PocketBase's.
    pub passwords: Hashing,
    /// Kept, and not applied yet.
    pub backups: Backups,
    /// Kept, and not applied yet.
    pub s3: S3,
    pub meta: Meta,
    pub rate_limits: RateLimits,
    pub trusted_proxy: TrustedProxy,
    pub batch: Batch,
    /// Kept, and not applied yet.
    pub logs: Logs,
}

/// The server that takes mail.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Smtp {
    pub enabled: bool,
    pub port: i64,
    /// A name or an address.
    pub host: String,
    /// Empty for a server that asks nobody who he is.
    pub username: String,
    /// A secret: never sent to clients.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub password: String,
    /// `PLAIN` or `LOGIN`; empty for PLAIN.
    pub auth_method: String,
    /// TLS from the first byte. Without it the connection turns to TLS by STARTTLS where the server can.
    pub tls: bool,
    /// The name this server gives itself; empty for `localhost`.
    pub local_name: String,
}

/// An HTTP API that takes mail, in place of a server.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct MailApi {
    pub enabled: bool,
    /// With `https`; `http` only for this machine.
    pub url: String,
    /// `POST`, `PUT` or `PATCH`.
    pub method: String,
    /// `Content-Type` and `Accept` are `application/json` if they are not among them.
    pub headers: Vec<MailApiHeader>,
    /// An object, in whose texts `{FROM}`, `{FROM_NAME}`, `{FROM_ADDRESS}`, `{TO}`, `{SUBJECT}`, `{HTML}` and `{TEXT}` stand for those
    /// of a message.
    pub body: Json,
}

/// A header of each request.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct MailApiHeader {
    pub name: String,
    /// A secret: never sent to clients. One that is not sent back stays what it was.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub value: String,
}

/// What the application is called and where it is found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Meta {
    /// Empty or `#` and six hexadecimal digits.
    pub accent_color: String,
    pub app_name: String,
    /// Where links in mail lead to, whatever host a request named.
    #[serde(rename = "appURL")]
    pub app_url: String,
    pub sender_name: String,
    pub sender_address: String,
    /// For the dashboard: hide what changes collections.
    pub hide_controls: bool,
}

/// How often requests may come.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct RateLimits {
    pub rules: Vec<RateLimitRule>,
    /// Addresses and networks to which the rules do not apply.
    #[serde(rename = "excludedIPs")]
    pub excluded_ips: Vec<String>,
    pub enabled: bool,
}

/// At most `max_requests` in `duration` seconds.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct RateLimitRule {
    /// A path or its beginning (`/api/`), with a method before it (`POST /api/`), or an action (`users:create`,
    /// `*:auth`).
    pub label: String,
    /// Whom it is for: all (empty), `@guest` or `@auth`.
    pub audience: String,
    pub duration: i64,
    pub max_requests: i64,
}

/// Which headers tell a client's address.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct TrustedProxy {
    pub headers: Vec<String>,
    #[serde(rename = "useLeftmostIP")]
    pub use_leftmost_ip: bool,
}

/// Whether there are batches, and the limits of one: requests, seconds, and bytes (0 for the server's own). Limits
/// beyond the server's own are those.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Batch {
    pub enabled: bool,
    pub max_requests: i64,
    pub timeout: i64,
    pub max_body_size: i64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Logs {
    pub max_data_size: i64,
    pub max_days: i64,
    pub min_level: i64,
    #[serde(rename = "logIP")]
    pub log_ip: bool,
    pub log_auth_id: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Backups {
    /// Empty for none; else five fields, or a name such as `@daily`.
    pub cron: String,
    pub cron_max_keep: i64,
    pub s3: S3,
}

/// A store for files outside.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct S3 {
    pub enabled: bool,
    pub bucket: String,
    pub region: String,
    pub endpoint: String,
    pub access_key: String,
    /// A secret: never sent to clients.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub secret: String,
    pub force_path_style: bool,
}

impl Settings {
    /// Lets superusers pass who come from an address that is theirs.
    ///
    /// Errors: 403.
    pub fn check_superuser_address(&self, address: ClientAddress) -> Result<()> {
        match self.superuser_ips.is_empty() || address.is_among(&self.superuser_ips) {
            true => Ok(()),
            false => Err(Error::Forbidden("You are not allowed to perform this request.".to_owned())),
        }
    }
}

impl Default for Smtp {
    fn default() -> Self {
        Smtp {
            enabled: false,
            port: 587,
            host: "smtp.example.com".to_owned(),
            username: String::new(),
            password: String::new(),
            auth_method: String::new(),
            tls: false,
            local_name: String::new(),
        }
    }
}

impl Default for MailApi {
    fn default() -> Self {
        MailApi {
            enabled: false,
            url: String::new(),
            method: "POST".to_owned(),
            headers: Vec::new(),
            body: json!({
                "from": "{FROM}",
                "to": "{TO}",
                "subject": "{SUBJECT}",
                "html": "{HTML}",
                "text": "{TEXT}",
            }),
        }
    }
}

impl MailApi {
    /// Gives headers without a value the one that `old` has under their name.
    pub(crate) fn keep_values(&mut self, old: &MailApi) {
        for header in self.headers.iter_mut().filter(|header| header.value.is_empty()) {
            let mut named = old.headers.iter().filter(|other| other.name.eq_ignore_ascii_case(&header.name));
            header.value = named.next().map(|other| other.value.clone()).unwrap_or_default();
        }
    }
}

impl Default for Meta {
    fn default() -> Self {
        Meta {
            accent_color: "#1055c9".to_owned(),
            app_name: "Acme".to_owned(),
            app_url: "http://localhost:3000".to_owned(),
            sender_name: "Support".to_owned(),
            sender_address: "support@example.com".to_owned(),
            hide_controls: false,
        }
    }
}

impl Default for RateLimits {
    fn default() -> Self {
        let rule = |label: &str, duration, max_requests| RateLimitRule {
            label: label.to_owned(),
            audience: String::new(),
            duration,
            max_requests,
        };
        let rules = vec![
            rule("*:auth", 3, 2),
            rule("*:create", 5, 20),
            rule("/api/batch", 1, 3),
            rule("/api/", 10, 300),
        ];
        RateLimits { rules, excluded_ips: Vec::new(), enabled: false }
    }
}

impl Default for Batch {
    fn default() -> Self {
        Batch { enabled: false, max_requests: 50, timeout: 3, max_body_size: 0 }
    }
}

impl Default for Logs {
    fn default() -> Self {
        Logs { max_data_size: 0, max_days: 5, min_level: 0, log_ip: true, log_auth_id: false }
    }
}

impl Default for Backups {
    fn default() -> Self {
        Backups { cron: String::new(), cron_max_keep: 3, s3: S3::default() }
    }
}
