//! Puts an application together and runs it.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::Context as _;
use tokio::sync::watch;
use wasmtime::component::Linker;

use crate::compiled::CompiledFolder;
use crate::component::{Background, Capabilities, ComponentHandler, InstanceLimits, mounts};
use crate::engine::{EpochTicker, create_engine};
use crate::interfaces;
use crate::interfaces::outbound_http::{self, Neighbours, OutboundHttp};
use crate::manifest::{Component, Located, Manifest, Priority};
use crate::memory;
use crate::options::{Event, Options};
use crate::outbound::AllowedHosts;
use crate::routes::Router;
use crate::serve::{Application, Listener};
use crate::state::StateFolder;
use crate::stores::{key_value, sqlite};
use crate::variables::{Environment, Resolver};

/// The only label that needs no runtime configuration.
const DEFAULT_LABEL: &str = "default";

/// The name under which the runtime itself writes to the log.
const HOST_LOG_NAME: &str = "backspin";

/// An application that is ready to serve.
pub struct Host {
    listener: Listener,
    application: Arc<Application>,
    stopper: watch::Sender<bool>,
    stores: Stores,
    _ticker: EpochTicker,
}

/// The stores that the components of an application share.
struct Stores {
    sqlite: Option<sqlite::Database>,
    key_value: Option<key_value::KeyValue>,
}

impl Host {
    /// Reads the manifest, opens the stores, compiles the components and binds the address.
    ///
    /// # Errors
    /// Whatever keeps the application from serving, with what to do about it.
    pub async fn prepare(options: Options) -> anyhow::Result<Self> {
        let manifest = Manifest::load(&options.manifest)?;
        let environment = Environment::of_process(&manifest.folder).map_err(anyhow::Error::msg)?;
        let variables =
            Resolver::new(&manifest, &options.variables, &environment).map_err(anyhow::Error::msg)?;
        let variables = Arc::new(variables);
        let router = Router::new(&manifest)?;
        memory::begin_loading();
        // Before anything that takes long: a taken port should show at once.
        let listener = Listener::bind(options.listen).await?;

        let state = StateFolder::new(options.state_dir.as_deref(), &manifest);
        let stores = Stores::open(&manifest, &state, &options).await?;
        let cache_dir = options.cache_dir.clone().unwrap_or_else(|| state.compiled());
        let compiled = CompiledFolder::open(std::path::absolute(cache_dir)?)?;
        let engine = create_engine(options.instance_memory_bytes_max)?;
        let ticker = EpochTicker::start(&engine)?;
        let mut linker = Linker::new(&engine);
        interfaces::add_to_linker(&mut linker)?;

        let neighbours = Arc::new(Neighbours::default());
        let background = background(&manifest)?;
        let ready = AtomicUsize::new(0);
        let loading = manifest.components.iter().map(|component| {
            let (engine, compiled, linker, options, ready) = (&engine, &compiled, &linker, &options, &ready);
            let capabilities = capabilities(&manifest, component, &variables, &stores, &neighbours, options);
            let source = manifest.resolve(&component.source.value);
            let total = manifest.components.len();
            let background = background.clone();
            async move {
                let limits = instance_limits(options, component.priority);
                let capabilities = capabilities?;
                let loading = ComponentHandler::load(
                    engine,
                    compiled,
                    linker,
                    &source,
                    capabilities,
                    limits,
                    background,
                );
                let handler = loading.await?;
                let component_id = handler.component_id().to_owned();
                let ready = ready.fetch_add(1, Ordering::Relaxed) + 1;
                (options.on_event)(Event::ComponentReady { component_id, ready, total });
                anyhow::Ok(handler)
            }
        });
        let handlers = futures::future::try_join_all(loading).await?;
        memory::end_loading();
        let (stopper, stopping) = watch::channel(false);
        let application = Arc::new(Application {
            manifest,
            router,
            handlers,
            own_address: listener.address(),
            request_body_bytes_max: options.request_body_bytes_max,
            stopping,
        });
        neighbours.introduce(&application);
        Ok(Self { listener, application, stopper, stores, _ticker: ticker })
    }

    /// The address that is listened on, with the port that was taken.
    pub fn address(&self) -> SocketAddr {
        self.listener.address()
    }

    /// Has a component look for work, as another of the application does by a request to `http://ID.spin.internal/wake`.
    /// Whether there is such a component, and what it replies, is of no interest.
    pub fn wake(&self, component_id: &str) {
        outbound_http::wake(self.application.clone(), component_id);
    }

    /// Serves until `stop` resolves, lets the running requests finish, and closes the stores.
    ///
    /// # Errors
    /// When a store cannot be closed properly; nothing that was acknowledged is lost then either.
    pub async fn serve(self, stop: impl Future<Output = ()>) -> anyhow::Result<()> {
        let stopping = self.stopper.subscribe();
        let serving = self.listener.serve(self.application, stopping);
        tokio::pin!(serving);
        tokio::select! {
            () = &mut serving => {}
            () = stop => {
                self.stopper.send_replace(true);
                serving.await;
            }
        }
        self.stores.close().await;
        Ok(())
    }
}

/// The threads for components of low priority, if there is one.
fn background(manifest: &Manifest) -> anyhow::Result<Option<Arc<Background>>> {
    let is_needed = manifest.components.iter().any(|component| component.priority == Priority::Low);
    let background = is_needed.then(Background::start).transpose();
    Ok(background.context("the threads for components of low priority could not be started")?.map(Arc::new))
}

fn instance_limits(options: &Options, priority: Priority) -> InstanceLimits {
    InstanceLimits {
        reuse_count_max: options.instance_reuse_count_max,
        concurrent_reuse_count_max: options.instance_concurrent_reuse_count_max,
        idle_timeout: options.idle_instance_timeout,
        request_timeout: options.request_timeout,
        memory_bytes_max: options.instance_memory_bytes_max,
        priority,
    }
}

fn capabilities(
    manifest: &Manifest,
    component: &Component,
    variables: &Arc<Resolver>,
    stores: &Stores,
    neighbours: &Arc<Neighbours>,
    options: &Options,
) -> anyhow::Result<Arc<Capabilities>> {
    let component_id = component.id.value.clone();
    let log = options.output.clone();
    let allowed_hosts = Arc::new(AllowedHosts::new(manifest, component, variables)?);
    let excluded: Vec<String> = component.exclude_files.iter().map(|pattern| pattern.value.clone()).collect();
    let mounts = mounts(&component.files, &excluded, &manifest.folder)
        .with_context(|| format!("the files of component `{component_id}`"))?;
    let sqlite_databases = granted(&component.sqlite_databases, stores.sqlite.as_ref());
    let key_value = stores.key_value.as_ref().map(|store| store.store(DEFAULT_LABEL));
    let key_value_stores = granted(&component.key_value_stores, key_value.as_ref());
    Ok(Arc::new(Capabilities {
        outbound_http: OutboundHttp::new(
            &component_id,
            allowed_hosts.clone(),
            neighbours.clone(),
            log.clone(),
        ),
        allowed_hosts,
        component_id,
        sqlite_databases,
        key_value_stores,
        variables: variables.clone(),
        environment: component.environment.clone(),
        mounts,
        log,
    }))
}

fn granted<T: Clone>(labels: &[Located<String>], store: Option<&T>) -> HashMap<String, T> {
    labels.iter().filter_map(|label| Some((label.value.clone(), store?.clone()))).collect()
}

impl Stores {
    /// Opens what the components of `manifest` need, in the files of `state`.
    async fn open(manifest: &Manifest, state: &StateFolder, options: &Options) -> anyhow::Result<Self> {
        let log = options.output.clone();
        let settings = || {
            let log = log.clone();
            sqlite::Options {
                synchronous: options.sqlite_synchronous,
                on_abandoned_transaction: Arc::new(move |line| log.line(HOST_LOG_NAME, line)),
                ..Default::default()
            }
        };
        let sqlite = if is_needed(manifest, "sqlite_databases", |component| &component.sqlite_databases)? {
            Some(sqlite::Database::open(state.sqlite(), settings()).await?)
        } else {
            None
        };
        let key_value = if is_needed(manifest, "key_value_stores", |component| &component.key_value_stores)? {
            Some(key_value::KeyValue::open(state.key_value(), settings()).await?)
        } else {
            None
        };
        Ok(Self { sqlite, key_value })
    }

    async fn close(self) {
        if let Some(sqlite) = self.sqlite {
            sqlite.close().await;
        }
        if let Some(key_value) = self.key_value {
            key_value.close().await;
        }
    }
}

/// Whether a component uses the default store; any other label is refused by its line.
fn is_needed(
    manifest: &Manifest,
    field: &str,
    labels: impl Fn(&Component) -> &Vec<Located<String>>,
) -> anyhow::Result<bool> {
    let mut needed = false;
    for label in manifest.components.iter().flat_map(labels) {
        if label.value != DEFAULT_LABEL {
            let message = format!(
                "the label {:?} in `{field}` needs a runtime configuration, which `backspin up` does not read: \
                 use \"default\", or `spin up --runtime-config-file`",
                label.value
            );
            return Err(manifest.error(label.at, message).into());
        }
        needed = true;
    }
    Ok(needed)
}
