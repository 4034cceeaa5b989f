//! What is known of each identity provider, as data.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use backspin_schema::collection::OAuth2Provider;
use serde::Deserialize;
use serde_json::Value as Json;

/// In the order in which they are offered. The endpoints, scopes and members are those that the providers document.
const TABLE_JSON: &str = include_str!("providers.json");

/// For those who have more than one.
const SEVERAL_OIDC: [&str; 2] = ["oidc2", "oidc3"];

static TABLE: LazyLock<Vec<Provider>> =
    LazyLock::new(|| serde_json::from_str(TABLE_JSON).unwrap_or_default());

/// An identity provider. URLs are empty where each installation has its own.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Provider {
    pub name: String,
    pub display_name: String,
    #[serde(rename = "authURL")]
    pub auth_url: String,
    #[serde(rename = "tokenURL")]
    pub token_url: String,
    #[serde(rename = "userInfoURL")]
    pub user_info_url: String,
    pub scopes: Vec<String>,
    pub pkce: Pkce,
    pub(crate) auth_parameters: BTreeMap<String, String>,
    pub(crate) id_token: Option<IdTokenRules>,
    pub(crate) is_open_id: bool,
    pub(crate) user: UserPaths,
    /// The body of a POST that asks who the user is; `None` for a GET.
    pub(crate) user_info_body: Option<Json>,
    /// `{clientId}` is filled in.
    pub(crate) user_info_headers: BTreeMap<String, String>,
    pub(crate) emails: Option<EmailsPaths>,
    /// Where the reply with the access token has a verified email.
    pub(crate) email_from_token: Option<String>,
    #[serde(skip)]
    pub client_id: String,
    /// As the settings have it: whoever asks the provider opens it first.
    #[serde(skip)]
    pub secret: String,
}

/// Whether PKCE is used.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(transparent)]
pub struct Pkce(pub bool);

impl Default for Pkce {
    fn default() -> Self {
        Pkce(true)
    }
}

/// How a client tells the token endpoint its secret (RFC 6749, 2.3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecretIn {
    /// The `Authorization` header, which every server has to take.
    Header,
    /// The body, which some want all the same.
    Body,
}

/// Who signs a provider's `id_token`s, and with which keys.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct IdTokenRules {
    /// The URL of its JSON Web Key Set; empty if signatures are not checked.
    pub(crate) keys: String,
    /// Accepted values of `iss`; empty for any.
    pub(crate) issuers: Vec<String>,
}

/// Where the reply has what is known of the user: JSON pointers (RFC 6901). Texts of several are joined by spaces.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub(crate) struct UserPaths {
    pub(crate) id: Vec<String>,
    pub(crate) name: Vec<String>,
    pub(crate) username: Vec<String>,
    pub(crate) email: Vec<String>,
    /// What must be true, all of it, for the email to be verified.
    pub(crate) email_verified: Vec<String>,
    /// Where it says when the email was verified.
    pub(crate) email_verified_at: Option<String>,
    /// For a provider that only tells emails that it has verified.
    pub(crate) email_always_verified: bool,
    /// A template with pointers in braces.
    #[serde(rename = "avatarURL")]
    pub(crate) avatar_url: String,
    /// What must be true for others to see the avatar.
    pub(crate) avatar_is_public: Option<String>,
    /// An email that anybody could have written there: good for a proposal, no proof.
    pub(crate) unverified_email: Option<String>,
    /// What must be so for the account to be good.
    pub(crate) must_be_true: Option<String>,
    /// What must be `active` for the account to be good.
    pub(crate) must_be_active: Option<String>,
}

/// A list of the user's addresses, at a path below the user's.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct EmailsPaths {
    pub(crate) path: String,
    pub(crate) list: String,
    pub(crate) address: String,
    pub(crate) primary: String,
    pub(crate) verified: String,
}

/// The names that a collection can have providers by, each with the name that people know, in PocketBase's order.
pub fn offered() -> impl Iterator<Item = (&'static str, &'static str)> {
    let own = TABLE.iter().map(|provider| (provider.name.as_str(), provider.display_name.as_str()));
    own.chain(SEVERAL_OIDC.map(|name| (name, "OIDC")))
}

impl Provider {
    /// The provider of this name with what the collection says of it; `None` if it is unknown.
    pub fn of(settings: &OAuth2Provider) -> Option<Provider> {
        let kind = if SEVERAL_OIDC.contains(&settings.name.as_str()) { "oidc" } else { &settings.name };
        let mut provider = TABLE.iter().find(|provider| provider.name == kind)?.clone();
        provider.name.clone_from(&settings.name);
        for (own, said) in [
            (&mut provider.display_name, &settings.display_name),
            (&mut provider.auth_url, &settings.auth_url),
            (&mut provider.token_url, &settings.token_url),
            (&mut provider.user_info_url, &settings.user_info_url),
        ] {
            if !said.is_empty() {
                own.clone_from(said);
            }
        }
        if let Some(pkce) = settings.pkce {
            provider.pkce = Pkce(pkce);
        }
        provider.client_id.clone_from(&settings.client_id);
        provider.secret.clone_from(&settings.client_secret);
        if provider.is_open_id {
            provider.id_token = Some(id_token_rules(settings));
        }
        Some(provider)
    }

    /// Whether it sends the user back with a form, in which it can tell more than in a URL.
    pub fn answers_by_form(&self) -> bool {
        self.auth_parameters.get("response_mode").is_some_and(|mode| mode == "form_post")
    }

    /// The URL of the keys that sign its `id_token`s; `None` if it has none that are checked.
    pub fn keys_url(&self) -> Option<&str> {
        self.id_token.as_ref().map(|rules| rules.keys.as_str()).filter(|keys| !keys.is_empty())
    }
}

/// `extra.jwksURL` and `extra.issuers` of a collection's OpenID provider.
fn id_token_rules(settings: &OAuth2Provider) -> IdTokenRules {
    let keys = settings.extra.get("jwksURL").and_then(Json::as_str).unwrap_or_default().to_owned();
    let issuers = settings.extra.get("issuers").and_then(Json::as_array);
    let issuers = issuers.into_iter().flatten().filter_map(Json::as_str).map(str::to_owned).collect();
    IdTokenRules { keys, issuers }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_can_be_read() {
        serde_json::from_str::<Vec<Provider>>(TABLE_JSON).unwrap();
        assert_eq!(offered().count(), 32);
        for provider in TABLE.iter() {
            assert!(!provider.display_name.is_empty(), "{}", provider.name);
            assert!(!provider.user.id.is_empty(), "{}", provider.name);
            for url in [&provider.auth_url, &provider.token_url, &provider.user_info_url] {
                assert!(url.is_empty() || url.starts_with("https://"), "{url}");
            }
        }
    }

    #[test]
    fn a_collection_has_the_last_word() {
        let settings = OAuth2Provider {
            name: "oidc2".into(),
            display_name: "Home".into(),
            auth_url: "https://id.example/auth".into(),
            pkce: Some(false),
            ..OAuth2Provider::default()
        };
        let provider = Provider::of(&settings).unwrap();
        assert_eq!((provider.name.as_str(), provider.display_name.as_str()), ("oidc2", "Home"));
        assert_eq!(provider.auth_url, "https://id.example/auth");
        assert_eq!(provider.scopes, ["openid", "email", "profile"]);
        assert!(!provider.pkce.0 && provider.keys_url().is_none());
        assert!(Provider::of(&OAuth2Provider { name: "nobody".into(), ..settings }).is_none());
    }
}
