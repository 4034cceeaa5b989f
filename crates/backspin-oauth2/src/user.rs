//! Who the user is, as the provider tells it.

use backspin_core::{Error, OutboundRequest, Result, Timestamp};
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, USER_AGENT};
use http::{Method, StatusCode};
use serde::Serialize;
use serde_json::Value as Json;

use crate::provider::EmailsPaths;
use crate::token::no_url;
use crate::{Provider, Tokens};

/// A user of a provider.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ProvidedUser {
    /// Never empty.
    pub id: String,
    pub name: String,
    pub username: String,
    /// Only one that the provider has verified; else empty. An account is never found by another.
    pub email: String,
    /// An email that the provider does not vouch for; empty if there is none, or if there is a verified one.
    #[serde(skip)]
    pub unverified_email: String,
    #[serde(rename = "avatarURL")]
    pub avatar_url: String,
    #[serde(rename = "rawUser")]
    pub raw: Json,
}

/// Asks who the owner of the access token is.
///
/// Errors: 400 if the provider has no URL for it.
pub fn user_request(provider: &Provider, tokens: &Tokens) -> Result<OutboundRequest> {
    request(provider, tokens, &provider.user_info_url)
}

/// Asks for the addresses of the user, where they are not told with the user.
pub fn email_request(provider: &Provider, tokens: &Tokens) -> Option<Result<OutboundRequest>> {
    let emails = provider.emails.as_ref()?;
    Some(request(provider, tokens, &format!("{}{}", provider.user_info_url, emails.path)).map(
        |mut request| {
            *request.method_mut() = Method::GET;
            request
        },
    ))
}

fn request(provider: &Provider, tokens: &Tokens, url: &str) -> Result<OutboundRequest> {
    let mut request = http::Request::builder()
        .uri(url)
        .header(ACCEPT, "application/json")
        .header(USER_AGENT, "Backspin")
        .header(AUTHORIZATION, format!("Bearer {}", tokens.access_token));
    for (name, value) in &provider.user_info_headers {
        request = request.header(name, value.replace("{clientId}", &provider.client_id));
    }
    let body = match &provider.user_info_body {
        None => Vec::new(),
        Some(body) => {
            request = request.method(Method::POST).header(CONTENT_TYPE, "application/json");
            body.to_string().into_bytes()
        }
    };
    request.body(body).map_err(|_| no_url("user info"))
}

/// Reads the reply to [`user_request`], or the claims of an `id_token`.
///
/// Errors: 400 if it names no user, or one whose account is closed.
pub fn read_user(provider: &Provider, tokens: &Tokens, raw: Json) -> Result<ProvidedUser> {
    let paths = &provider.user;
    let texts = |pointers: &[String]| -> String {
        let texts = pointers.iter().filter_map(|pointer| text(&raw, pointer));
        texts.filter(|text| !text.is_empty()).collect::<Vec<_>>().join(" ")
    };
    if paths.must_be_true.as_ref().is_some_and(|pointer| !is_true(&raw, pointer)) {
        return Err(unknown_user());
    }
    if paths.must_be_active.as_ref().is_some_and(|pointer| text(&raw, pointer).as_deref() != Some("active")) {
        return Err(unknown_user());
    }
    let verified = paths.email_always_verified
        || paths.email_verified_at.as_ref().is_some_and(|pointer| is_date(&raw, pointer))
        || (!paths.email_verified.is_empty()
            && paths.email_verified.iter().all(|pointer| is_true(&raw, pointer)));
    let email = match &provider.email_from_token {
        Some(pointer) => text(&tokens.raw, pointer).unwrap_or_default(),
        None if verified => texts(&paths.email),
        None => String::new(),
    };
    let shows_avatar = paths.avatar_is_public.as_ref().is_none_or(|pointer| is_true(&raw, pointer));
    let user = ProvidedUser {
        id: texts(&paths.id),
        name: texts(&paths.name),
        username: texts(&paths.username),
        email,
        unverified_email: paths
            .unverified_email
            .as_ref()
            .and_then(|pointer| text(&raw, pointer))
            .unwrap_or_default(),
        avatar_url: filled(&paths.avatar_url, &raw).filter(|_| shows_avatar).unwrap_or_default(),
        raw,
    };
    if user.id.is_empty() { Err(unknown_user()) } else { Ok(user) }
}

/// Whether a reply of this status to [`email_request`] means that the user has not let us see the addresses. Any other failure
/// may pass: a user who has an account here must not get a second one for it.
pub fn withholds_emails(status: StatusCode) -> bool {
    matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN | StatusCode::NOT_FOUND)
}

/// The verified main address in a reply to [`email_request`]; empty if there is none.
pub fn read_email(provider: &Provider, raw: &Json) -> String {
    let Some(EmailsPaths { list, address, primary, verified, .. }) = &provider.emails else {
        return String::new();
    };
    let emails = raw.pointer(list).and_then(Json::as_array);
    let main = emails.into_iter().flatten().find(|email| is_true(email, primary) && is_true(email, verified));
    main.and_then(|email| text(email, address)).unwrap_or_default()
}

fn unknown_user() -> Error {
    Error::bad_request("Failed to fetch OAuth2 user.")
}

/// Of numbers only whole ones that are read exactly: of others two users could have the same digits.
fn text(json: &Json, pointer: &str) -> Option<String> {
    match json.pointer(pointer)? {
        Json::String(text) => Some(text.clone()),
        Json::Number(number) if !number.is_f64() => Some(number.to_string()),
        _ => None,
    }
}

/// Some providers say it in words or as a number. What is not known to mean yes means no.
fn is_true(json: &Json, pointer: &str) -> bool {
    match json.pointer(pointer) {
        Some(Json::Bool(boolean)) => *boolean,
        Some(Json::String(text)) => matches!(text.as_str(), "true" | "True" | "1"),
        Some(Json::Number(number)) => number.as_f64().is_some_and(|number| number != 0.0),
        None | Some(Json::Null | Json::Array(_) | Json::Object(_)) => false,
    }
}

fn is_date(json: &Json, pointer: &str) -> bool {
    let text = json.pointer(pointer).and_then(Json::as_str);
    text.is_some_and(|text| Timestamp::parse(text).is_some())
}

/// The template with its pointers filled in; `None` if there is nothing for one of them.
fn filled(template: &str, json: &Json) -> Option<String> {
    let mut filled = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        let (pointer, after) = after.split_once('}')?;
        filled.push_str(before);
        filled.push_str(&text(json, pointer).filter(|text| !text.is_empty())?);
        rest = after;
    }
    filled.push_str(rest);
    Some(filled)
}
