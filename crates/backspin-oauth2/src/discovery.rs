//! What an OpenID provider tells of itself (OpenID Connect Discovery 1.0), as the settings of a collection.

use backspin_core::{OutboundRequest, check_url};
use http::Uri;
use http::header::ACCEPT;
use serde::Deserialize;
use serde_json::{Value as Json, json};

/// An issuer, or a URL that its document names.
pub const URL_BYTES_MAX: usize = 2048;
const WELL_KNOWN: &str = "/.well-known/openid-configuration";

/// Why there are no settings, in a sentence for who sets the provider up. It holds nothing of the document but URLs
/// and the issuer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DiscoveryError {
    #[error("The document is no JSON of OpenID Connect Discovery, or lacks {0}.")]
    Unreadable(&'static str),
    #[error(
        "The document is that of the issuer {0:?}. Ask for exactly this one, if it is the one that you trust."
    )]
    OtherIssuer(String),
    #[error(
        "Its {0} must be an absolute URL with https (http for this machine alone) of at most 2048 bytes."
    )]
    InvalidUrl(&'static str),
    #[error("The provider gives no codes (response_types_supported lacks \"code\").")]
    NoCodes,
}

#[derive(Debug, Deserialize)]
struct Document {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
    #[serde(default)]
    userinfo_endpoint: Option<String>,
    #[serde(default)]
    response_types_supported: Option<Vec<String>>,
    #[serde(default)]
    code_challenge_methods_supported: Option<Vec<String>>,
}

/// Asks `issuer` for its document (section 4.1); `None` if it is no issuer: an absolute URL with https, or http for this
/// machine, without user, query and fragment, of at most [`URL_BYTES_MAX`] bytes.
pub fn discovery_request(issuer: &str) -> Option<OutboundRequest> {
    if !is_url(issuer) || issuer.contains('?') {
        return None;
    }
    let url = format!("{}{WELL_KNOWN}", issuer.trim_end_matches('/'));
    http::Request::get(url).header(ACCEPT, "application/json").body(Vec::new()).ok()
}

/// The settings of a collection's provider by the reply to [`discovery_request`], which was a success:
/// `{"authURL","tokenURL","userInfoURL","pkce","extra":{"jwksURL","issuers"}}`. `userInfoURL` is empty if there is none:
/// the `id_token` tells the user then. A provider that does not tell which challenges it knows is sent one: those that
/// know none ignore it.
pub fn read_discovery(issuer: &str, body: &[u8]) -> Result<Json, DiscoveryError> {
    let json: Json = serde_json::from_slice(body).map_err(|_| DiscoveryError::Unreadable("an object"))?;
    let required = ["issuer", "authorization_endpoint", "token_endpoint", "jwks_uri"];
    if let Some(name) = required.into_iter().find(|name| !json[*name].is_string()) {
        return Err(DiscoveryError::Unreadable(name));
    }
    let document: Document =
        serde_json::from_value(json).map_err(|_| DiscoveryError::Unreadable("lists where they belong"))?;
    // Section 4.3: else one provider could pass for another.
    if document.issuer != issuer {
        let shown = document.issuer.chars().take(URL_BYTES_MAX).collect();
        return Err(DiscoveryError::OtherIssuer(shown));
    }
    let user_info_url = document.userinfo_endpoint.unwrap_or_default();
    for (name, url) in [
        ("authorization_endpoint", &document.authorization_endpoint),
        ("token_endpoint", &document.token_endpoint),
        ("jwks_uri", &document.jwks_uri),
        ("userinfo_endpoint", &user_info_url),
    ] {
        if !is_url(url) && (name != "userinfo_endpoint" || !url.is_empty()) {
            return Err(DiscoveryError::InvalidUrl(name));
        }
    }
    let has = |list: &Option<Vec<String>>, wanted: &str| {
        list.as_ref().is_none_or(|list| list.iter().any(|one| one == wanted))
    };
    if !has(&document.response_types_supported, "code") {
        return Err(DiscoveryError::NoCodes);
    }
    Ok(json!({
        "authURL": document.authorization_endpoint,
        "tokenURL": document.token_endpoint,
        "userInfoURL": user_info_url,
        "pkce": has(&document.code_challenge_methods_supported, "S256"),
        "extra": { "jwksURL": document.jwks_uri, "issuers": [issuer] },
    }))
}

/// Whether it is absolute, is asked for in a safe way, and has neither a user nor a fragment, which no endpoint has.
fn is_url(url: &str) -> bool {
    let names_user = |url: &Uri| url.authority().is_some_and(|authority| authority.as_str().contains('@'));
    url.len() <= URL_BYTES_MAX
        && !url.contains('#')
        && url.parse::<Uri>().is_ok_and(|url| check_url(&url).is_ok() && !names_user(&url))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ISSUER: &str = "https://id.example/realms/a";

    /// The document with these members in their place; null takes one away.
    fn read(other: Json) -> Result<Json, DiscoveryError> {
        let mut document = json!({
            "issuer": ISSUER,
            "authorization_endpoint": "https://id.example/auth?tenant=a",
            "token_endpoint": "https://token.example/token",
            "userinfo_endpoint": "https://id.example/me",
            "jwks_uri": "https://id.example/keys",
            "response_types_supported": ["code", "id_token"],
            "code_challenge_methods_supported": ["plain", "S256"],
        });
        for (name, value) in other.as_object().unwrap() {
            match value {
                Json::Null => document.as_object_mut().unwrap().remove(name),
                value => document.as_object_mut().unwrap().insert(name.clone(), value.clone()),
            };
        }
        read_discovery(ISSUER, document.to_string().as_bytes())
    }

    #[test]
    fn the_document_lies_below_the_issuer() {
        let url = |issuer| discovery_request(issuer).map(|request| request.uri().to_string());
        let expected = Some("https://id.example/a/.well-known/openid-configuration".to_owned());
        assert_eq!(url("https://id.example/a"), expected);
        assert_eq!(url("https://id.example/a/"), expected);
        assert!(url("http://127.0.0.1:9000").is_some() && url("https://id.example/@a").is_some());
        let long = format!("https://id.example/{}", "a".repeat(URL_BYTES_MAX));
        for none in [
            "",
            "id.example",
            "/a",
            "http://id.example",
            "ftp://id.example",
            "https://id.example?a=b",
            "https://id.example#a",
            "https://me@id.example",
            "https://id.example/a b",
            &long,
        ] {
            assert_eq!(url(none), None, "{none}");
        }
    }

    #[test]
    fn a_document_becomes_settings() {
        let settings = json!({
            "authURL": "https://id.example/auth?tenant=a",
            "tokenURL": "https://token.example/token",
            "userInfoURL": "https://id.example/me",
            "pkce": true,
            "extra": { "jwksURL": "https://id.example/keys", "issuers": [ISSUER] },
        });
        assert_eq!(read(json!({})), Ok(settings));
        let least = json!({"userinfo_endpoint": null, "response_types_supported": null,
            "code_challenge_methods_supported": null});
        let least = read(least).unwrap();
        assert_eq!((&least["userInfoURL"], &least["pkce"]), (&json!(""), &json!(true)));
        let plain = read(json!({"code_challenge_methods_supported": ["plain"]})).unwrap();
        assert_eq!(plain["pkce"], false);
    }

    #[test]
    fn a_document_of_another_issuer_is_refused() {
        for other in
            ["https://id.example/realms/b", "https://id.example/realms/a/", "https://ID.example/realms/a"]
        {
            let refused = Err(DiscoveryError::OtherIssuer(other.to_owned()));
            assert_eq!(read(json!({ "issuer": other })), refused);
        }
    }

    #[test]
    fn a_document_without_what_a_sign_in_needs_is_refused() {
        for name in ["issuer", "authorization_endpoint", "token_endpoint", "jwks_uri"] {
            assert_eq!(read(json!({ name: null })), Err(DiscoveryError::Unreadable(name)));
            assert_eq!(read(json!({ name: 7 })), Err(DiscoveryError::Unreadable(name)));
        }
        for name in ["authorization_endpoint", "token_endpoint", "jwks_uri", "userinfo_endpoint"] {
            for url in ["/auth", "javascript:alert(1)", "http://id.example/x", "https:///x", "https://a.b/#c"]
            {
                assert_eq!(read(json!({ name: url })), Err(DiscoveryError::InvalidUrl(name)), "{url}");
            }
        }
        assert_eq!(read(json!({"response_types_supported": ["id_token"]})), Err(DiscoveryError::NoCodes));
        assert!(read(json!({"response_types_supported": "code"})).is_err());
        for body in ["", "<html>", "[]", "null", "7"] {
            assert!(read_discovery(ISSUER, body.as_bytes()).is_err(), "{body}");
        }
    }
}
