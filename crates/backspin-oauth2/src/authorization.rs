//! Where a user is sent to sign in.

use backspin_core::{Env, id};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use sha2::{Digest, Sha256};

use crate::Provider;

const STATE_CHARS: usize = 30;
const VERIFIER_BYTES: usize = 32;
const STATE_ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// The beginning of a sign-in. The client keeps `state` and `code_verifier` until the user comes back.
#[derive(Clone, Debug)]
pub struct Authorization {
    /// 30 letters and digits, to be compared with those that come back.
    pub state: String,
    /// 43 characters (RFC 7636, 4.1); empty without PKCE, as the challenge is.
    pub code_verifier: String,
    pub code_challenge: String,
    /// Ends with `redirect_uri=`, to which the client adds its own.
    pub url: String,
}

impl Authorization {
    pub fn new(provider: &Provider, env: &impl Env) -> Self {
        let state = id::random_string(env, STATE_CHARS, STATE_ALPHABET);
        let (mut code_verifier, mut code_challenge) = (String::new(), String::new());
        if provider.pkce.0 {
            let mut bytes = [0; VERIFIER_BYTES];
            env.fill_random(&mut bytes);
            code_verifier = BASE64.encode(bytes);
            code_challenge = challenge(&code_verifier);
        }
        let mut parameters = vec![("client_id", provider.client_id.as_str())];
        if provider.pkce.0 {
            parameters
                .extend([("code_challenge", code_challenge.as_str()), ("code_challenge_method", "S256")]);
        }
        let nonce = nonce(&code_verifier);
        if provider.is_open_id && provider.pkce.0 {
            parameters.push(("nonce", &nonce));
        }
        let own = provider.auth_parameters.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        parameters.extend(own);
        parameters.push(("response_type", "code"));
        let scopes = provider.scopes.join(" ");
        if !scopes.is_empty() {
            parameters.push(("scope", &scopes));
        }
        parameters.push(("state", &state));
        let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish();
        let begin = if provider.auth_url.contains('?') { '&' } else { '?' };
        let url = format!("{}{begin}{query}&redirect_uri=", provider.auth_url);
        Authorization { state, code_verifier, code_challenge, url }
    }

    /// `S256`; empty without PKCE.
    pub fn code_challenge_method(&self) -> &'static str {
        if self.code_challenge.is_empty() { "" } else { "S256" }
    }
}

/// RFC 7636, 4.2.
fn challenge(code_verifier: &str) -> String {
    BASE64.encode(Sha256::digest(code_verifier))
}

/// What binds an `id_token` to the sign-in that began with this verifier. It follows from the verifier, so nothing has to
/// be remembered, and does not give it away.
pub fn nonce(code_verifier: &str) -> String {
    BASE64.encode(Sha256::digest(format!("nonce of {code_verifier}")))
}

#[cfg(test)]
mod tests {
    use backspin_native::FixedEnv;
    use backspin_schema::collection::OAuth2Provider;

    use super::*;

    fn begin(settings: OAuth2Provider) -> Authorization {
        let settings = OAuth2Provider { client_id: "my id&".into(), ..settings };
        Authorization::new(&Provider::of(&settings).unwrap(), &FixedEnv::new())
    }

    #[test]
    fn the_url_has_the_parameters_of_pocketbase() {
        let begun = begin(OAuth2Provider { name: "apple".into(), ..Default::default() });
        let Authorization { state, code_challenge, url, .. } = &begun;
        assert_eq!(
            *url,
            format!(
                "https://appleid.apple.com/auth/authorize?client_id=my+id%26&code_challenge={code_challenge}\
                 &code_challenge_method=S256&response_mode=form_post&response_type=code&scope=name+email\
                 &state={state}&redirect_uri="
            )
        );
        assert_eq!((state.len(), begun.code_verifier.len()), (30, 43));
        assert_eq!(begun.code_challenge_method(), "S256");
    }

    #[test]
    fn the_challenge_is_that_of_the_standard() {
        // RFC 7636, appendix B.
        let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        assert_eq!(challenge(verifier), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }

    #[test]
    fn without_pkce_there_is_no_challenge_and_no_nonce() {
        let oidc = |pkce| OAuth2Provider {
            name: "oidc".into(),
            auth_url: "https://id.example/auth?tenant=a".into(),
            pkce,
            ..Default::default()
        };
        let begun = begin(oidc(Some(false)));
        let Authorization { state, url, .. } = &begun;
        assert_eq!(
            *url,
            format!(
                "https://id.example/auth?tenant=a&client_id=my+id%26&response_type=code\
                 &scope=openid+email+profile&state={state}&redirect_uri="
            )
        );
        assert_eq!((begun.code_verifier.as_str(), begun.code_challenge_method()), ("", ""));

        let begun = begin(oidc(None));
        assert!(begun.url.contains(&format!("&nonce={}&", nonce(&begun.code_verifier))), "{}", begun.url);
    }
}
