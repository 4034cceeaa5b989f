//! `GET /api/collections/meta/oauth2-providers`

use backspin_core::Result;
use backspin_schema::Caller;
use serde_json::{Value as Json, json};

/// The names by which PocketBase knows identity providers, and those that people know, in its order.
const PROVIDERS: [(&str, &str); 32] = [
    ("apple", "Apple"),
    ("google", "Google"),
    ("microsoft", "Microsoft"),
    ("yandex", "Yandex"),
    ("facebook", "Facebook"),
    ("instagram2", "Instagram"),
    ("github", "GitHub"),
    ("gitlab", "GitLab"),
    ("bitbucket", "Bitbucket"),
    ("gitee", "Gitee"),
    ("gitea", "Gitea/Forgejo"),
    ("discord", "Discord"),
    ("twitter", "X/Twitter"),
    ("kakao", "Kakao"),
    ("vk", "ВКонтакте"),
    ("linear", "Linear"),
    ("notion", "Notion"),
    ("monday", "monday.com"),
    ("lark", "Lark"),
    ("box", "Box"),
    ("spotify", "Spotify"),
    ("trakt", "Trakt"),
    ("twitch", "Twitch"),
    ("patreon", "Patreon"),
    ("strava", "Strava"),
    ("wakatime", "WakaTime"),
    ("livechat", "LiveChat"),
    ("mailcow", "mailcow"),
    ("planningcenter", "Planning Center"),
    ("oidc", "OIDC"),
    ("oidc2", "OIDC"),
    ("oidc3", "OIDC"),
];

/// The identity providers that a collection can have, as a JSON array of `{"name","displayName","logo"}`. The
/// logo is an SVG of the name's first letter: brands are their owners'.
///
/// Errors: 401, 403.
pub fn providers(caller: &Caller) -> Result<String> {
    caller.require_superuser()?;
    let provider = |(name, display_name): &(&str, &str)| json!({ "name": name, "displayName": display_name, "logo": logo(display_name) });
    Ok(PROVIDERS.iter().map(provider).collect::<Json>().to_string())
}

/// Whether a collection can have the provider of this name.
pub(crate) fn is_provider(name: &str) -> bool {
    PROVIDERS.iter().any(|(known, _)| *known == name)
}

fn logo(display_name: &str) -> String {
    let letter: String = display_name.chars().take(1).flat_map(char::to_uppercase).collect();
    format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><rect width="24" height="24" rx="5" fill="#56606e"/><text x="12" y="17" font-family="sans-serif" font-size="14" fill="#fff" text-anchor="middle">{letter}</text></svg>"##
    )
}
