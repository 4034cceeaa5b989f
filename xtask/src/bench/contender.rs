//! The servers that are compared, each with the same data.

use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use serde_json::{Value, json};

use crate::server::{SUPERUSER_EMAIL, SUPERUSER_PASSWORD, Server, empty_folder, free_port};
use crate::{backspin, pocketbase, tool, workspace};

use super::data::{self, Data};
use super::related;
use super::scenario::Scenario;

const FILLING_THREADS: usize = 4;

/// Which server it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Backspin,
    BackspinOnSpin,
    PocketBase,
    NativeLimit,
}

/// A running server that takes part.
pub(crate) struct Contender {
    kind: Kind,
    server: Server,
    /// Of the user of [`related`], once there is one.
    token: Option<String>,
}

/// Starts every server that this machine has: Spin only where `spin` is on the PATH. `binary` is a `backspin` that is
/// there already.
///
/// # Errors
/// When one cannot be built, installed or started.
pub(crate) fn start_all(folder: &Path, with_backspin: bool, binary: Option<&Path>) -> Result<Vec<Contender>> {
    let mut contenders = Vec::new();
    if with_backspin {
        let server = match binary {
            Some(binary) => backspin::start_binary(binary, folder)?,
            None => backspin::start(folder)?,
        };
        contenders.push(Contender::new(Kind::Backspin, server));
        if tool::is_installed("spin") {
            contenders.push(Contender::new(Kind::BackspinOnSpin, backspin::start_on_spin(folder)?));
        }
    }
    contenders.push(Contender::new(Kind::PocketBase, pocketbase::start(folder, "pocketbase")?));
    contenders.push(Contender::new(Kind::NativeLimit, start_native_limit(folder)?));
    Ok(contenders)
}

fn start_native_limit(folder: &Path) -> Result<Server> {
    tool::run(tool::cargo().args(["build", "--release", "--package", "native-limit"]))?;
    let data = empty_folder(folder.join("native-limit"))?;
    let port = free_port()?;
    let mut command = Command::new(workspace::target().join("release/native-limit"));
    command.arg("--dir").arg(&data).arg("--listen").arg(format!("127.0.0.1:{port}"));
    Server::start(command, port, "/api/health", &folder.join("native-limit.log"), Duration::from_secs(10))
}

impl Contender {
    fn new(kind: Kind, server: Server) -> Self {
        Self { kind, server, token: None }
    }

    pub(crate) fn kind(&self) -> Kind {
        self.kind
    }

    pub(crate) fn name(&self) -> &'static str {
        match self.kind {
            Kind::Backspin => "Backspin (embedded)",
            Kind::BackspinOnSpin => "Backspin (on Spin)",
            Kind::PocketBase => "PocketBase",
            Kind::NativeLimit => "native limit",
        }
    }

    pub(crate) fn server(&self) -> &Server {
        &self.server
    }

    /// The token that the requests of this scenario carry, if they carry one.
    pub(crate) fn token_for(&self, scenario: Scenario) -> Option<&str> {
        self.token.as_deref().filter(|_| scenario.is_signed_in())
    }

    /// Makes the collections, where the server has such a thing, stores the records of those that these scenarios need,
    /// and signs the user in.
    ///
    /// # Errors
    /// When the server refuses any of it.
    pub(crate) fn fill(&mut self, data: &Data, scenarios: &[Scenario]) -> Result<()> {
        let name = self.name();
        self.store(data, scenarios).with_context(|| format!("{name} could not be filled"))
    }

    fn store(&mut self, data: &Data, scenarios: &[Scenario]) -> Result<()> {
        let url = &self.server.url;
        let need = |collection| scenarios.iter().any(|scenario| scenario.needs(collection));
        if self.kind == Kind::NativeLimit {
            return if need(data::POSTS) { store_all(url, data::POSTS, data.posts()) } else { Ok(()) };
        }
        let token = superuser(&self.server)?;
        let settings = json!({"batch": {"enabled": true}});
        send_once(&token, ureq::patch(format!("{url}/api/settings")), &settings)?;
        let posts = [data::POSTS, data::ENTRIES].map(data::definition);
        for definition in posts.iter().chain(&related::definitions()) {
            send_once(&token, ureq::post(format!("{url}/api/collections")), definition)
                .with_context(|| format!("the collection {}", definition["name"]))?;
        }
        if need(data::POSTS) {
            store_all(url, data::POSTS, data.posts())?;
        }
        for (collection, records) in related::records() {
            if need(collection) {
                store_all(url, collection, &records)?;
            }
        }
        self.token = Some(sign_in(url, related::USERS, &related::email(0), related::PASSWORD)?);
        Ok(())
    }
}

/// Sends one request as this superuser.
///
/// # Errors
/// When the server refuses it.
pub(crate) fn send_once(
    token: &str,
    request: ureq::RequestBuilder<ureq::typestate::WithBody>,
    body: &Value,
) -> Result<()> {
    request.header("authorization", token).content_type("application/json").send(body.to_string())?;
    Ok(())
}

fn store_all(url: &str, collection: &str, records: &[Value]) -> Result<()> {
    let path = format!("{url}/api/collections/{collection}/records");
    let chunk_length = records.len().div_ceil(FILLING_THREADS);
    thread::scope(|scope| {
        let chunks = records.chunks(chunk_length);
        let storing = chunks.map(|records| scope.spawn(|| store(&path, records))).collect::<Vec<_>>();
        storing.into_iter().try_for_each(|chunk| chunk.join().map_err(|_| anyhow!("a thread panicked"))?)
    })
    .with_context(|| format!("the records of {collection}"))
}

fn store(path: &str, records: &[Value]) -> Result<()> {
    let agent = ureq::agent();
    for record in records {
        let mut reply = agent.post(path).content_type("application/json").send(record.to_string())?;
        // Read to its end, so that the connection is used again.
        reply.body_mut().read_to_string()?;
    }
    Ok(())
}

/// The token of a server's superuser.
///
/// # Errors
/// When it gives none.
pub(crate) fn superuser(server: &Server) -> Result<String> {
    sign_in(&server.url, "_superusers", SUPERUSER_EMAIL, SUPERUSER_PASSWORD)
}

/// The token that a server gives for a password.
///
/// # Errors
/// When it gives none.
pub(crate) fn sign_in(url: &str, collection: &str, identity: &str, password: &str) -> Result<String> {
    let credentials = json!({"identity": identity, "password": password});
    let reply = ureq::post(format!("{url}/api/collections/{collection}/auth-with-password"))
        .content_type("application/json")
        .send(credentials.to_string())
        .and_then(|mut reply| reply.body_mut().read_to_string())
        .with_context(|| format!("{url} refused {identity}"))?;
    let session = serde_json::from_str::<Value>(&reply)?;
    session["token"].as_str().map(str::to_owned).with_context(|| format!("{url} gave no token: {reply}"))
}
