//! One component of the application at run time: what it may use, its compiled code, and the
//! instances that handle its requests.

mod assets;
mod background;
mod crowd;
mod handler;
mod imports;
mod memory;
mod output;
mod progress;
mod worker;

use std::collections::HashMap;
use std::sync::Arc;

use wasmtime::component::ResourceTable;
use wasmtime::{Engine, Store, UpdateDeadline};
use wasmtime_wasi::{FsPerms, WasiCtx, WasiCtxBuilder, WasiCtxView, WasiView};
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView, WasiHttpView};

pub(crate) use assets::{Mount, mounts};
pub(crate) use background::Background;
pub(crate) use handler::{ComponentHandler, HandleError, InstanceLimits, Reply};
pub(crate) use progress::Progress;
pub(crate) use worker::OpenReply;

use memory::MemoryLimit;

use crate::engine::TICKS_WITHOUT_PAUSE;
use crate::interfaces::outbound_http::OutboundHttp;
use crate::manifest::Priority;
use crate::options::Output;
use crate::outbound::AllowedHosts;
use crate::stores::key_value;
use crate::stores::sqlite;
use crate::variables::Resolver;

/// What one component may use: exactly what the manifest grants it.
pub(crate) struct Capabilities {
    /// The component's id in the manifest.
    pub(crate) component_id: String,
    /// Databases by label.
    pub(crate) sqlite_databases: HashMap<String, sqlite::Database>,
    /// Key-value stores by label.
    pub(crate) key_value_stores: HashMap<String, key_value::Store>,
    /// The application's variables; the component sees only its own.
    pub(crate) variables: Arc<Resolver>,
    /// Environment variables.
    pub(crate) environment: Vec<(String, String)>,
    /// Folders it may read.
    pub(crate) mounts: Vec<Mount>,
    /// Where it may send requests.
    pub(crate) outbound_http: OutboundHttp,
    /// Where it may open sockets.
    pub(crate) allowed_hosts: Arc<AllowedHosts>,
    /// Where its standard output and error go.
    pub(crate) log: Output,
}

/// What the host keeps for one instance of a component.
pub(crate) struct InstanceState {
    pub(crate) table: ResourceTable,
    pub(crate) capabilities: Arc<Capabilities>,
    wasi: WasiCtx,
    http: WasiHttpCtx,
    outbound_http: OutboundHttp,
    memory: MemoryLimit,
}

impl InstanceState {
    /// A store for a new instance, with its memory bounded and its busy loops interruptible.
    ///
    /// # Errors
    /// When a mounted folder has vanished.
    fn new_store(
        engine: &Engine,
        capabilities: &Arc<Capabilities>,
        limits: &InstanceLimits,
    ) -> wasmtime::Result<Store<Self>> {
        let mut wasi = WasiCtxBuilder::new();
        wasi.envs(&capabilities.environment);
        wasi.stdout(capabilities.log.stream(&capabilities.component_id));
        wasi.stderr(capabilities.log.stream(&capabilities.component_id));
        for mount in &capabilities.mounts {
            wasi.preopened_dir(&mount.source, &mount.destination, FsPerms::ReadOnly)?;
        }
        if capabilities.allowed_hosts.opens_sockets() {
            let allowed_hosts = capabilities.allowed_hosts.clone();
            wasi.allow_tcp(true).allow_udp(true).allow_ip_name_lookup(true);
            wasi.socket_addr_check(move |address, purpose| {
                let is_allowed = allowed_hosts.allows_socket(address, purpose);
                Box::pin(async move { is_allowed })
            });
        }
        let state = Self {
            table: ResourceTable::new(),
            capabilities: capabilities.clone(),
            wasi: wasi.build(),
            http: WasiHttpCtx::new(),
            outbound_http: capabilities.outbound_http.clone(),
            memory: MemoryLimit::new(limits.memory_bytes_max),
        };
        let mut store = Store::new(engine, state);
        store.limiter(|state| &mut state.memory);
        match limits.priority {
            Priority::Normal => store.epoch_deadline_async_yield_and_update(1),
            Priority::Low => store.epoch_deadline_callback(|_| {
                // Else the system would let the thread go on for some milliseconds, although others want to run.
                std::thread::yield_now();
                Ok(UpdateDeadline::Yield(1))
            }),
        }
        store.set_epoch_deadline(TICKS_WITHOUT_PAUSE);
        Ok(store)
    }
}

impl WasiView for InstanceState {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}

impl WasiHttpView for InstanceState {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView { hooks: &mut self.outbound_http, table: &mut self.table, ctx: &mut self.http }
    }
}
