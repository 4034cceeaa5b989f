//! The options of an auth collection: ways to sign in, tokens, emails.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The options of an auth collection; absent keys take the values of a new collection.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AuthOptions {
    /// Which records may sign in. `None`: none, empty: all.
    pub auth_rule: Option<String>,
    /// Who may change email, password and the like of others. `None`: superusers only.
    pub manage_rule: Option<String>,
    pub auth_alert: AuthAlert,
    #[serde(rename = "oauth2")]
    pub oauth2: OAuth2,
    pub password_auth: PasswordAuth,
    pub mfa: Mfa,
    pub otp: Otp,
    pub auth_token: Token,
    pub password_reset_token: Token,
    pub email_change_token: Token,
    pub verification_token: Token,
    pub file_token: Token,
    pub verification_template: EmailTemplate,
    pub reset_password_template: EmailTemplate,
    pub confirm_email_change_template: EmailTemplate,
}

/// An email to the user when a sign-in comes from a new place.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AuthAlert {
    pub enabled: bool,
    pub email_template: EmailTemplate,
}

/// Subject and HTML body; `{APP_NAME}`, `{APP_URL}`, `{TOKEN}`, `{OTP}`, `{ALERT_INFO}` and
/// `{RECORD:field}` are filled in where they apply.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct EmailTemplate {
    pub subject: String,
    pub body: String,
}

/// Sign-in through other identity providers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct OAuth2 {
    pub providers: Vec<OAuth2Provider>,
    pub mapped_fields: OAuth2MappedFields,
    pub enabled: bool,
}

/// Into which fields of a new record the provider's data goes; empty for none.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct OAuth2MappedFields {
    pub id: String,
    pub name: String,
    pub username: String,
    #[serde(rename = "avatarURL")]
    pub avatar_url: String,
}

/// One identity provider. Empty URLs mean those known for the provider's name.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct OAuth2Provider {
    /// `None`: the provider's default.
    pub pkce: Option<bool>,
    pub name: String,
    pub client_id: String,
    /// A secret: never sent to clients. Sealed for its [`secret_place`] where the operator has set a key.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub client_secret: String,
    #[serde(rename = "authURL")]
    pub auth_url: String,
    #[serde(rename = "tokenURL")]
    pub token_url: String,
    #[serde(rename = "userInfoURL")]
    pub user_info_url: String,
    pub display_name: String,
    pub extra: Map<String, Value>,
}

/// Sign-in with a password and one of `identity_fields`, each of which has a unique index.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PasswordAuth {
    pub enabled: bool,
    pub identity_fields: Vec<String>,
}

/// A second factor. `duration` is in seconds; an empty `rule` asks it of everyone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Mfa {
    pub enabled: bool,
    pub duration: i64,
    pub rule: String,
}

/// One-time passwords by email. `duration` is in seconds, `length` in digits.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Otp {
    pub enabled: bool,
    pub duration: i64,
    pub length: i64,
    pub email_template: EmailTemplate,
}

/// How tokens of one purpose are signed and how many seconds they last.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Token {
    /// Part of the signing key: never sent to clients.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub secret: String,
    pub duration: i64,
}

/// What the secret of an identity provider is sealed for.
pub fn secret_place<'a>(collection_id: &'a str, provider: &'a str) -> [&'a str; 3] {
    ["oauth2", collection_id, provider]
}

impl AuthOptions {
    /// Gives each token without a secret the next one `secret` yields (50 random characters).
    pub fn fill_secrets(&mut self, mut secret: impl FnMut() -> String) {
        for token in self.tokens_mut() {
            if token.secret.is_empty() {
                token.secret = secret();
            }
        }
    }

    pub(super) fn clear_secrets(&mut self) {
        for token in self.tokens_mut() {
            token.secret.clear();
        }
        for provider in &mut self.oauth2.providers {
            provider.client_secret.clear();
        }
    }

    fn tokens_mut(&mut self) -> [&mut Token; 5] {
        [
            &mut self.auth_token,
            &mut self.password_reset_token,
            &mut self.email_change_token,
            &mut self.verification_token,
            &mut self.file_token,
        ]
    }
}

impl Default for AuthOptions {
    /// What a new auth collection has; its tokens still need secrets.
    fn default() -> Self {
        Self {
            auth_rule: Some(String::new()),
            manage_rule: None,
            auth_alert: AuthAlert::default(),
            oauth2: OAuth2::default(),
            password_auth: PasswordAuth::default(),
            mfa: Mfa::default(),
            otp: Otp::default(),
            auth_token: Token::lasting(5 * DAY_SECONDS),
            password_reset_token: Token::lasting(30 * MINUTE_SECONDS),
            email_change_token: Token::lasting(30 * MINUTE_SECONDS),
            verification_token: Token::lasting(DAY_SECONDS),
            file_token: Token::lasting(3 * MINUTE_SECONDS),
            verification_template: EmailTemplate::link(
                "Confirm your email for {APP_NAME}",
                "Please confirm that this address is yours.",
                "confirm-verification",
                "Confirm email",
            ),
            reset_password_template: EmailTemplate::link(
                "Choose a new {APP_NAME} password",
                "Somebody, hopefully you, asked to change the password of your account. \
                 If it was not you, nothing needs to be done.",
                "confirm-password-reset",
                "Choose a new password",
            ),
            confirm_email_change_template: EmailTemplate::link(
                "Confirm your new email for {APP_NAME}",
                "Please confirm that your account should use this address from now on.",
                "confirm-email-change",
                "Confirm new email",
            ),
        }
    }
}

const MINUTE_SECONDS: i64 = 60;
const DAY_SECONDS: i64 = 24 * 60 * MINUTE_SECONDS;

impl Token {
    fn lasting(duration: i64) -> Self {
        Self { secret: String::new(), duration }
    }
}

impl EmailTemplate {
    fn new(subject: &str, body: String) -> Self {
        Self { subject: subject.to_owned(), body }
    }

    /// A template whose body leads to a page of the dashboard that takes the token.
    fn link(subject: &str, text: &str, page: &str, label: &str) -> Self {
        Self::new(
            subject,
            format!(
                "<p>{text}</p>\n\
                 <p><a href=\"{{APP_URL}}/_/#/auth/{page}/{{TOKEN}}\">{label}</a></p>\n\
                 <p>{{APP_NAME}}</p>\n"
            ),
        )
    }
}

impl Default for AuthAlert {
    fn default() -> Self {
        Self {
            enabled: true,
            email_template: EmailTemplate::new(
                "New sign-in to {APP_NAME}",
                "<p>Your account was used from a new place:</p>\n\
                 <p>{ALERT_INFO}</p>\n\
                 <p>If this was not you, change your password now: that signs out everyone else.</p>\n\
                 <p>{APP_NAME}</p>\n"
                    .to_owned(),
            ),
        }
    }
}

impl Default for PasswordAuth {
    fn default() -> Self {
        Self { enabled: true, identity_fields: vec!["email".to_owned()] }
    }
}

impl Default for Mfa {
    fn default() -> Self {
        Self { enabled: false, duration: 10 * MINUTE_SECONDS, rule: String::new() }
    }
}

impl Default for Otp {
    fn default() -> Self {
        Self {
            enabled: false,
            duration: 3 * MINUTE_SECONDS,
            length: 8,
            email_template: EmailTemplate::new(
                "Your code for {APP_NAME}",
                "<p>Your one-time password:</p>\n<p><strong>{OTP}</strong></p>\n<p>{APP_NAME}</p>\n"
                    .to_owned(),
            ),
        }
    }
}
