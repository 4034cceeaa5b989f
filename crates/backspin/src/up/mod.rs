//! `backspin up`: serves an application.

mod arguments;
mod first_superuser;
mod mail_links;
mod progress;
mod stop;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use std::{io, thread};

use anyhow::Context;
use backspin_core::Platform;
use backspin_host::manifest::{Manifest, TriggerRoute, TriggerTarget};
use backspin_host::stores::sqlite::Synchronous;
use backspin_host::variables::{Environment, Resolver, VariableArgument};
use backspin_host::{Host, Options, Output, Spread, StateFolder};
use backspin_mail::outbox;
use backspin_schema::App;
use clap::{Args, ValueEnum};
use tokio::runtime::{Builder, Runtime};

use crate::application::{explain, open};
use crate::build;
use crate::manifest_path::ManifestPath;
use crate::output::println;
use arguments::{parse_count, parse_duration, parse_listen};

/// Serve an application
///
/// Runs the components of a Spin manifest, as `spin up` does, and takes its flags.
#[derive(Args)]
pub(crate) struct Up {
    #[command(flatten)]
    manifest: ManifestPath,

    /// Build the components first
    #[arg(long, env = "SPIN_ALWAYS_BUILD", value_parser = clap::builder::FalseyValueParser::new())]
    build: bool,

    /// Address to serve at; port 0 takes a free one
    #[arg(long, env = "SPIN_HTTP_LISTEN_ADDR", value_name = "HOST:PORT", default_value = "127.0.0.1:3000", value_parser = parse_listen)]
    listen: SocketAddr,

    /// Folder of the databases, the same as Spin's [default: .spin beside the manifest]
    #[arg(long, value_name = "FOLDER", value_parser = clap::builder::PathBufValueParser::new())]
    state_dir: Option<PathBuf>,

    /// Set a variable of the application; can be repeated
    ///
    /// NAME=@FILE takes the text of a file, @FILE.json and @FILE.toml hold names and texts. Of two values the
    /// later counts. Variables are also read from the environment (SPIN_VARIABLE_NAME) and from a .env file
    /// beside the manifest.
    #[arg(long, value_name = "NAME=VALUE")]
    variable: Vec<VariableArgument>,

    /// Show nothing of what the components print
    #[arg(short, long, aliases = ["sh", "shush"])]
    quiet: bool,

    /// When a write is on the disk
    #[arg(long, value_enum, value_name = "WHEN", default_value_t = SqliteSynchronous::Normal)]
    sqlite_synchronous: SqliteSynchronous,

    /// Folder of compiled components [default: compiled in the state folder]
    #[arg(long, value_name = "FOLDER")]
    cache_dir: Option<PathBuf>,

    /// Requests that one instance of a component handles before it is replaced: a number, or a range as 1..8
    /// from which each instance takes one. More than Spin's 128: reading the schema anew costs every request its share
    #[arg(long, value_name = "COUNT", default_value = "2048", value_parser = parse_count, help_heading = "Limits")]
    max_instance_reuse_count: Spread<usize>,

    /// Requests that one instance handles at the same time: a number or a range
    ///
    /// WASI 0.2 components handle one request in one instance, whatever is set.
    #[arg(long, value_name = "COUNT", default_value = "16", value_parser = parse_count, help_heading = "Limits")]
    max_instance_concurrent_reuse_count: Spread<usize>,

    /// How long an instance without requests is kept: 1s, 500ms, or a range as 1s..8s
    #[arg(long, env = "SPIN_HTTP_IDLE_INSTANCE_TIMEOUT_SECS", value_name = "TIME", default_value = "1s", value_parser = parse_duration, help_heading = "Limits")]
    idle_instance_timeout: Spread<Duration>,

    /// How long a request may take until its reply begins; then it gets a 504. Of a range one is taken at start
    #[arg(long, value_name = "TIME", default_value = "30s", value_parser = parse_duration, help_heading = "Limits")]
    request_timeout: Spread<Duration>,

    /// Memory of one instance; one that needs more fails its request
    #[arg(long, visible_alias = "max-instance-memory", env = "SPIN_MAX_INSTANCE_MEMORY", value_name = "BYTES", default_value_t = 128 << 20, value_parser = parse_memory, help_heading = "Limits")]
    instance_memory_bytes_max: usize,

    /// Length of a request's body; a longer one gets a 413
    #[arg(long, value_name = "BYTES", default_value_t = 128 << 20, help_heading = "Limits")]
    request_body_bytes_max: u64,
}

/// `--sqlite-synchronous`.
#[derive(Clone, Copy, ValueEnum)]
enum SqliteSynchronous {
    /// At the next checkpoint: a crash loses nothing, a loss of power perhaps the last writes
    Normal,
    /// Before it is acknowledged: slower, and a loss of power loses nothing either
    Full,
}

/// Two threads for each processor: while some compute for long, as the hash of a password takes, another sees at once what
/// has come in. With one for each, a read beside a flood of sign-ins waited for 78 ms, with two for 5.
fn runtime() -> io::Result<Runtime> {
    let processors = thread::available_parallelism().map_or(1, usize::from);
    Builder::new_multi_thread().worker_threads(2 * processors).enable_all().build()
}

impl Up {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        let manifest = Manifest::load(&self.manifest.find()?)?;
        for component in manifest.unused_components() {
            eprintln!("warning: the component `{}` has no trigger: nothing reaches it", component.id.value);
        }
        if self.build {
            build::run(&manifest)?;
        }
        let runtime = runtime().context("the threads for serving could not be started")?;
        runtime.block_on(self.serve(manifest))
    }

    async fn serve(self, manifest: Manifest) -> anyhow::Result<()> {
        let environment = Environment::of_process(&manifest.folder).map_err(anyhow::Error::msg)?;
        let variables = Resolver::new(&manifest, &self.variable, &environment).map_err(anyhow::Error::msg)?;
        let state = StateFolder::new(self.state_dir.as_deref(), &manifest);
        let host = Host::prepare(self.options(&manifest)).await?;
        // The database has been opened now, so that its faults have been told in full.
        if is_backspin(&manifest, &variables) {
            let app = open(&state)?;
            first_superuser::ensure(&app, &variables).await?;
            mail_links::tell(&app, host.address()).await?;
            wake_mail(&host, &app).await?;
        }
        announce(&manifest, host.address());
        host.serve(stop::requested()).await
    }

    fn options(self, manifest: &Manifest) -> Options {
        Options {
            manifest: manifest.file.clone(),
            listen: self.listen,
            state_dir: self.state_dir,
            cache_dir: self.cache_dir,
            variables: self.variable,
            instance_reuse_count_max: self.max_instance_reuse_count,
            instance_concurrent_reuse_count_max: self.max_instance_concurrent_reuse_count,
            idle_instance_timeout: self.idle_instance_timeout,
            request_timeout: self.request_timeout.pick(),
            instance_memory_bytes_max: self.instance_memory_bytes_max,
            request_body_bytes_max: self.request_body_bytes_max,
            sqlite_synchronous: match self.sqlite_synchronous {
                SqliteSynchronous::Normal => Synchronous::Normal,
                SqliteSynchronous::Full => Synchronous::Full,
            },
            output: if self.quiet { Output::Silent } else { Output::Terminal },
            on_event: Arc::new(|event| progress::show(&event)),
        }
    }
}

/// Has mail delivered that became due while nothing ran.
async fn wake_mail(host: &Host, app: &App<impl Platform>) -> anyhow::Result<()> {
    if outbox::waiting(app).await.map_err(explain)?.is_some() {
        host.wake(outbox::COMPONENT);
    }
    Ok(())
}

/// Whether the application is Backspin, by its database and variables.
fn is_backspin(manifest: &Manifest, variables: &Resolver) -> bool {
    let uses_database = manifest.components.iter().any(|component| !component.sqlite_databases.is_empty());
    uses_database && first_superuser::is_wanted(variables)
}

/// A component cannot start in less than a page of Wasm memory.
fn parse_memory(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(bytes) if bytes >= 64 << 10 => Ok(bytes),
        Ok(_) => Err("a component needs at least 65536 bytes".to_owned()),
        Err(_) => Err("it is not a number of bytes".to_owned()),
    }
}

/// Says where the application is, and which path goes to which component.
fn announce(manifest: &Manifest, address: SocketAddr) {
    println!("Serving http://{address}");
    let routes: Vec<(&str, &str)> = manifest
        .triggers
        .iter()
        .filter_map(|trigger| match (&trigger.route, &trigger.target) {
            (TriggerRoute::Private, _) => None,
            (TriggerRoute::Public(route), TriggerTarget::Component(id)) => Some((&*route.value, &*id.value)),
            (TriggerRoute::Public(route), TriggerTarget::StaticResponse(_)) => {
                Some((&*route.value, &*trigger.id))
            }
        })
        .collect();
    let width = routes.iter().map(|(route, _)| route.len()).max().unwrap_or_default();
    for (route, target) in routes {
        println!("  {route:width$}  {target}");
    }
}
