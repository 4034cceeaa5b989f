//! The servers that are compared, each with the same data.

use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use serde_json::json;

use crate::server::{SUPERUSER_EMAIL, SUPERUSER_PASSWORD, Server, empty_folder, free_port};
use crate::{backspin, pocketbase, tool, workspace};

use super::data::{self, Data};

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
}

/// Starts every server that this machine has: Spin only where `spin` is on the PATH.
///
/// # Errors
/// When one cannot be built, installed or started.
pub(crate) fn start_all(folder: &Path, with_backspin: bool) -> Result<Vec<Contender>> {
    let mut contenders = Vec::new();
    if with_backspin {
        contenders.push(Contender { kind: Kind::Backspin, server: backspin::start(folder)? });
        if tool::is_installed("spin") {
            contenders
                .push(Contender { kind: Kind::BackspinOnSpin, server: backspin::start_on_spin(folder)? });
        }
    }
    contenders.push(Contender { kind: Kind::PocketBase, server: pocketbase::start(folder, "pocketbase")? });
    contenders.push(Contender { kind: Kind::NativeLimit, server: start_native_limit(folder)? });
    Ok(contenders)
}

fn start_native_limit(folder: &Path) -> Result<Server> {
    tool::run(tool::command_in(workspace::root(), "cargo").args([
        "build",
        "--release",
        "--package",
        "native-limit",
    ]))?;
    let data = empty_folder(folder.join("native-limit"))?;
    let port = free_port()?;
    let mut command = Command::new(workspace::target().join("release/native-limit"));
    command.arg("--dir").arg(&data).arg("--listen").arg(format!("127.0.0.1:{port}"));
    Server::start(command, port, "/api/health", &folder.join("native-limit.log"), Duration::from_secs(10))
}

impl Contender {
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

    /// Makes the collections, where the server has such a thing, and stores the posts.
    ///
    /// # Errors
    /// When the server refuses any of it.
    pub(crate) fn fill(&self, data: &Data) -> Result<()> {
        let url = &self.server.url;
        if self.kind != Kind::NativeLimit {
            let token = sign_in(url)?;
            for collection in [data::POSTS, data::ENTRIES] {
                ureq::post(format!("{url}/api/collections"))
                    .header("authorization", &token)
                    .content_type("application/json")
                    .send(data::definition(collection).to_string())
                    .with_context(|| format!("{} refused the collection {collection}", self.name()))?;
            }
        }
        let records = format!("{url}/api/collections/{}/records", data::POSTS);
        let chunk_length = data.posts().len().div_ceil(FILLING_THREADS);
        thread::scope(|scope| {
            let chunks = data.posts().chunks(chunk_length);
            let storing = chunks.map(|posts| scope.spawn(|| store(&records, posts))).collect::<Vec<_>>();
            storing
                .into_iter()
                .try_for_each(|chunk| chunk.join().map_err(|_| anyhow!("a thread panicked"))?)
        })
        .with_context(|| format!("{} could not be filled", self.name()))
    }
}

fn store(records: &str, posts: &[serde_json::Value]) -> Result<()> {
    let agent = ureq::agent();
    for post in posts {
        let mut reply = agent.post(records).content_type("application/json").send(post.to_string())?;
        // Read to its end, so that the connection is used again.
        reply.body_mut().read_to_string()?;
    }
    Ok(())
}

fn sign_in(url: &str) -> Result<String> {
    let credentials = json!({"identity": SUPERUSER_EMAIL, "password": SUPERUSER_PASSWORD});
    let reply = ureq::post(format!("{url}/api/collections/_superusers/auth-with-password"))
        .content_type("application/json")
        .send(credentials.to_string())
        .and_then(|mut reply| reply.body_mut().read_to_string())
        .with_context(|| format!("{url} refused the superuser"))?;
    let session = serde_json::from_str::<serde_json::Value>(&reply)?;
    session["token"].as_str().map(str::to_owned).with_context(|| format!("{url} gave no token: {reply}"))
}
