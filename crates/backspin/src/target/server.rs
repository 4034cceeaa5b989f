//! A running server, by HTTP.

use std::time::Duration;

use anyhow::{Context, anyhow, bail};
use backspin_core::limits;
use backspin_schema::Collection;
use backspin_schema_files::from_json;
use clap::Args;
use serde_json::{Value, json};
use ureq::http::Request;

use super::Target;
use super::refusal::explain;

const REPLY_BYTES_MAX: u64 = 64 << 20;
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const READ_TIMEOUT: Duration = Duration::from_secs(60);
/// A change may rewrite large tables.
const CHANGE_TIMEOUT: Duration = Duration::from_secs(15 * 60);
const COLLECTIONS_PER_PAGE: usize = 200;

/// Which server, and who is asking.
#[derive(Args)]
#[command(next_help_heading = "Server")]
pub(super) struct ServerArguments {
    /// A running server, as https://example.com, instead of the files of a state folder
    #[arg(long, value_name = "URL", env = "BACKSPIN_SERVER", conflicts_with = "state_dir", value_parser = parse_url)]
    server: Option<String>,

    /// Email of a superuser of the server
    #[arg(long, env = "BACKSPIN_EMAIL", hide_env_values = true)]
    email: Option<String>,

    /// Password of the superuser; others can see it here, so better set it in the environment
    #[arg(long, env = "BACKSPIN_PASSWORD", hide_env_values = true)]
    password: Option<String>,

    /// Token of a superuser, instead of email and password
    #[arg(long, env = "BACKSPIN_TOKEN", hide_env_values = true)]
    token: Option<String>,
}

impl ServerArguments {
    pub(super) fn url(&self) -> Option<&str> {
        self.server.as_deref()
    }
}

/// Errors: anything but `http` or `https` with a host; what would be secret or of no use in it.
fn parse_url(text: &str) -> Result<String, String> {
    let url: ureq::http::Uri = text.parse().map_err(|_| "write it as https://example.com".to_owned())?;
    if !matches!(url.scheme_str(), Some("http" | "https")) || url.host().is_none_or(str::is_empty) {
        return Err("write it as https://example.com".to_owned());
    }
    if url.authority().is_some_and(|authority| authority.as_str().contains('@')) {
        return Err("leave the name and password out of it, and use --email and --password".to_owned());
    }
    if url.query().is_some() {
        return Err("leave the ? and what follows out of it".to_owned());
    }
    Ok(text.trim_end_matches('/').to_owned())
}

/// A server where somebody is signed in.
pub(super) struct Server {
    url: String,
    agent: ureq::Agent,
    token: String,
}

impl Server {
    /// Errors: no credentials, wrong ones, no server there.
    pub(super) fn sign_in(url: &str, arguments: &ServerArguments) -> anyhow::Result<Self> {
        let config = ureq::Agent::config_builder()
            .timeout_connect(Some(CONNECT_TIMEOUT))
            .http_status_as_error(false)
            // A superuser's token goes to no other server than the one that was named.
            .max_redirects(0)
            .build();
        let mut server = Server {
            url: url.to_owned(),
            agent: config.into(),
            token: arguments.token.clone().unwrap_or_default(),
        };
        match (&arguments.email, &arguments.password) {
            _ if arguments.token.is_some() => {}
            (Some(email), Some(password)) => server.token = server.token_for(email, password)?,
            _ => bail!(
                "{url} asks who you are: set BACKSPIN_EMAIL and BACKSPIN_PASSWORD to those of a superuser, or \
                 BACKSPIN_TOKEN"
            ),
        }
        Ok(server)
    }

    fn token_for(&self, email: &str, password: &str) -> anyhow::Result<String> {
        let credentials = json!({ "identity": email, "password": password });
        let path = "/api/collections/_superusers/auth-with-password";
        let (status, reply) = self.send("POST", path, Some(&credentials), READ_TIMEOUT)?;
        match reply["token"].as_str() {
            Some(token) => Ok(token.to_owned()),
            None if reply.get("mfaId").is_some() => bail!(
                "the superuser signs in with more than a password: give a --token, as the dashboard and the API issue \
                 them"
            ),
            None if status == 400 => bail!("{} refuses the email or the password", self.url),
            None => Err(explain(&reply, &Value::Null))
                .with_context(|| format!("{} did not let you sign in", self.url)),
        }
    }

    /// The reply to a request that went well.
    fn get(&self, path: &str) -> anyhow::Result<Value> {
        self.checked(self.send("GET", path, None, READ_TIMEOUT)?, &Value::Null)
    }

    fn checked(&self, (status, reply): (u16, Value), body: &Value) -> anyhow::Result<Value> {
        match status {
            200..=299 => Ok(reply),
            404 if reply["message"]
                .as_str()
                .is_none_or(|message| message.starts_with("The requested resource")) =>
            {
                Err(anyhow!("{} does not know migrations: is it an up-to-date Backspin?", self.url))
            }
            _ => Err(explain(&reply, body)),
        }
    }

    /// Changes the schema. A reply that does not come leaves open what has happened.
    fn change(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        let sent = self.send("POST", path, Some(body), CHANGE_TIMEOUT).context(
            "it is not known whether the change was made: the server finishes it or leaves everything as it was. \
             Look with `backspin migrate status`",
        )?;
        self.checked(sent, body)
    }

    /// Status and JSON of a reply.
    fn send(
        &self,
        method: &str,
        path: &str,
        body: Option<&Value>,
        patience: Duration,
    ) -> anyhow::Result<(u16, Value)> {
        let request = Request::builder().method(method).uri(format!("{}{path}", self.url));
        let request =
            if self.token.is_empty() { request } else { request.header("authorization", &self.token) };
        let request = request.header("content-type", "application/json");
        let body = body.map(Value::to_string).unwrap_or_default();
        if body.len() > limits::BODY_BYTES_MAX {
            bail!(
                "the schema files are too long together: {} bytes of {}",
                body.len(),
                limits::BODY_BYTES_MAX
            );
        }
        let request =
            request.body(body).map_err(|_| anyhow!("the token has characters that no token has"))?;
        let request = self.agent.configure_request(request).timeout_global(Some(patience)).build();
        let reached = || format!("{} cannot be reached", self.url);
        let mut response = self.agent.run(request).with_context(reached)?;
        let status = response.status().as_u16();
        if (300..400).contains(&status) {
            let target = response.headers().get("location").and_then(|target| target.to_str().ok());
            bail!(
                "{} sends to {}: name the server itself with --server",
                self.url,
                target.unwrap_or("elsewhere")
            );
        }
        let bytes =
            response.body_mut().with_config().limit(REPLY_BYTES_MAX).read_to_vec().with_context(reached)?;
        if status == 204 {
            return Ok((status, Value::Null));
        }
        match serde_json::from_slice(&bytes) {
            Ok(reply) => Ok((status, reply)),
            Err(_) if status == 504 => bail!(
                "{} answers 504: that took longer than it, or a proxy before it, gives a request. On its state folder it \
                 may take as long as it needs, while the server runs: on its machine, leave out --server and name the \
                 folder with --state-dir",
                self.url
            ),
            Err(_) if status >= 500 => {
                bail!("{} answers {status}: it, or what is before it, has failed", self.url)
            }
            Err(_) => bail!("{} answers {status} without JSON: is it a Backspin?", self.url),
        }
    }
}

impl Target for Server {
    fn collections(&self) -> anyhow::Result<Vec<Collection>> {
        let mut collections = Vec::new();
        for page in 1.. {
            let reply = self.get(&format!("/api/collections?page={page}&perPage={COLLECTIONS_PER_PAGE}"))?;
            let items = reply["items"].as_array().map(Vec::as_slice).unwrap_or_default();
            for item in items {
                collections.push(from_json(item).map_err(|reason| {
                    let name = &item["name"];
                    anyhow!(
                        "the collection {name} of {} is unknown to this version of Backspin: {reason}",
                        self.url
                    )
                })?);
            }
            if items.len() < COLLECTIONS_PER_PAGE {
                break;
            }
        }
        Ok(collections)
    }

    fn history(&self, count: u32) -> anyhow::Result<Value> {
        self.get(&format!("/api/migrations?page=1&perPage={count}"))
    }

    fn plan(&self, wanted: &Value) -> anyhow::Result<Value> {
        self.checked(self.send("POST", "/api/migrations/plan", Some(wanted), CHANGE_TIMEOUT)?, wanted)
    }

    fn apply(&self, wanted: &Value) -> anyhow::Result<Value> {
        self.change("/api/migrations/apply", wanted)
    }

    fn revert(&self, terms: &Value) -> anyhow::Result<Value> {
        self.change("/api/migrations/revert", terms)
    }

    fn forget(&self, terms: &Value) -> anyhow::Result<()> {
        self.change("/api/migrations/forget", terms).map(drop)
    }
}
