//! Hands requests to the instances of one component, and tells apart what can go wrong.

use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use http::{Method, Request, Response};
use http_body_util::{BodyExt as _, Empty};
use tokio::sync::oneshot;
use wasmtime::component::{InstancePre, Linker};
use wasmtime::{Engine, PoolConcurrencyLimitError, Trap};
use wasmtime_wasi_http::WasiBody;
use wasmtime_wasi_http::handler::{
    ExpirationError, InstantiationError, ProxyHandler, ProxyPre, TrapOrPanicError,
};
use wasmtime_wasi_http::p2::bindings::ProxyPre as P2Pre;
use wasmtime_wasi_http::p3::bindings::ServicePre as P3Pre;

use super::background::Background;
use super::crowd::Crowd;
use super::worker::{OpenReply, Ticket, Workers};
use super::{Capabilities, InstanceState, Progress, imports};
use crate::compiled::CompiledFolder;
use crate::manifest::Priority;
use crate::spread::Spread;

/// How long a request waits before it tries again for an instance when all of them are taken.
const INSTANCE_RETRY_PAUSE: Duration = Duration::from_millis(5);

/// How instances are reused and bounded.
#[derive(Clone, Copy, Debug)]
pub(crate) struct InstanceLimits {
    /// Requests that one instance handles before it is replaced.
    pub(crate) reuse_count_max: Spread<usize>,
    /// Requests that one instance handles at the same time.
    pub(crate) concurrent_reuse_count_max: Spread<usize>,
    /// How long an unused instance is kept.
    pub(crate) idle_timeout: Spread<Duration>,
    /// How long a request may take until its reply begins.
    pub(crate) request_timeout: Duration,
    /// Linear memory of one instance.
    pub(crate) memory_bytes_max: usize,
    /// Whether others go first.
    pub(crate) priority: Priority,
}

/// Why a component gave no reply.
#[derive(Debug)]
pub(crate) enum HandleError {
    /// It took longer than the request timeout.
    Timeout,
    /// It trapped, panicked, ran out of memory, or ended without a reply.
    Failed,
    /// No instance was free within the request timeout.
    Busy,
}

impl fmt::Display for HandleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Timeout => "the component took too long",
            Self::Failed => "the component failed",
            Self::Busy => "the component is busy",
        })
    }
}

impl std::error::Error for HandleError {}

/// Handles the requests of one component.
#[derive(Clone)]
pub(crate) struct ComponentHandler {
    workers: ProxyHandler<Workers>,
    /// For second chances: an instance for each request, so that none suffers from another again.
    lone_workers: ProxyHandler<Workers>,
    request_timeout: Duration,
    crowd: Arc<Crowd>,
    /// Where its instances run, if not on the threads that serve.
    background: Option<Arc<Background>>,
}

impl ComponentHandler {
    /// Compiles the component at `source` (or takes it from the folder of compiled ones), checks its imports, and
    /// instantiates it once, so that what cannot work fails now. Instances of low priority run on the threads of `background`.
    ///
    /// # Errors
    /// When the file is missing or no component, imports what this runtime does not offer, or does not start.
    pub(crate) async fn load(
        engine: &Engine,
        compiled: &CompiledFolder,
        linker: &Linker<InstanceState>,
        source: &Path,
        capabilities: Arc<Capabilities>,
        limits: InstanceLimits,
        background: Option<Arc<Background>>,
    ) -> anyhow::Result<Self> {
        let id = capabilities.component_id.clone();
        if !source.is_file() {
            bail!("component `{id}` is not built: {} is missing; start with --build", source.display());
        }
        let component = tokio::task::spawn_blocking({
            let (engine, compiled, source) = (engine.clone(), compiled.clone(), source.to_owned());
            move || compiled.component(&engine, &source)
        })
        .await?
        .with_context(|| format!("component `{id}`"))?;

        let component_type = component.component_type();
        let missing: Vec<&str> = component_type
            .imports(engine)
            .map(|(name, _)| name)
            .filter(|name| !imports::is_offered(name))
            .collect();
        if !missing.is_empty() {
            bail!(
                "component `{id}` imports {}, which `backspin up` does not offer; `spin up` provides it",
                missing.join(", ")
            );
        }
        let pre = linker
            .instantiate_pre(&component)
            .map_err(anyhow::Error::from)
            .with_context(|| format!("component `{id}` cannot be linked"))?;
        let (own, limits) = proxy(&pre, &id, limits)?;
        let workers = Workers::new(engine.clone(), capabilities.clone(), own, limits);
        let alone = InstanceLimits { concurrent_reuse_count_max: Spread::Exact(1), ..limits };
        let (own, alone) = proxy(&pre, &id, alone)?;
        let lone_workers = Workers::new(engine.clone(), capabilities, own, alone);
        workers
            .warm_up()
            .await
            .map_err(anyhow::Error::from)
            .with_context(|| format!("component `{id}` cannot be instantiated"))?;
        Ok(Self {
            workers: ProxyHandler::new(workers),
            lone_workers: ProxyHandler::new(lone_workers),
            request_timeout: limits.request_timeout,
            crowd: Arc::new(Crowd::new()),
            background: background.filter(|_| limits.priority == Priority::Low),
        })
    }

    /// The component's id in the manifest.
    pub(crate) fn component_id(&self) -> &str {
        self.workers.state().component_id()
    }

    /// As [`handle`](Self::handle), for a request from outside: in a crowd it waits for its turn first.
    ///
    /// # Errors
    /// See [`HandleError`]; the cause is in the log.
    pub(crate) async fn handle_in_turn(
        &self,
        request: Request<WasiBody>,
        progress: &Progress,
    ) -> Result<Reply, HandleError> {
        let _turn = self.crowd.turn().await;
        self.handle(request, progress).await
    }

    /// Has an instance of the component handle `request`, whose time counts from its latest `progress`.
    /// Dropping the future before the reply begins cancels the request.
    ///
    /// # Errors
    /// See [`HandleError`]; the cause is in the log.
    pub(crate) async fn handle(
        &self,
        request: Request<WasiBody>,
        progress: &Progress,
    ) -> Result<Reply, HandleError> {
        let mut spare = Spare::of(&request);
        let mut request = request;
        let mut workers = &self.workers;
        loop {
            // Held until the reply begins: when it is dropped first, the worker learns that the client has gone.
            let (_client, gone) = oneshot::channel();
            let ticket = Ticket::new(gone, progress.clone());
            let handling = workers.handle(ticket.clone(), request);
            let handled = match &self.background {
                None => handling.await,
                Some(background) => background.run(handling).await,
            };
            let error = match handled {
                Ok(response) => return Ok(Reply { response, open: ticket.open_reply() }),
                Err(error) => error,
            };
            if error.is::<ExpirationError>() {
                return Err(HandleError::Timeout);
            }
            let time_left =
                (progress.last() + self.request_timeout).saturating_duration_since(Instant::now());
            if time_left.is_zero() {
                return Err(HandleError::Timeout);
            }
            match error.downcast::<InstantiationError<Ticket>>() {
                Ok(refused) if refused.error.is::<PoolConcurrencyLimitError>() => {
                    if time_left <= INSTANCE_RETRY_PAUSE {
                        return Err(HandleError::Busy);
                    }
                    tokio::time::sleep(INSTANCE_RETRY_PAUSE).await;
                    request = refused.request.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
                }
                Ok(refused) => {
                    self.workers.state().report(&format!("cannot start: {:#}", refused.error));
                    return Err(HandleError::Failed);
                }
                // The instance died, maybe by the fault of another request in it: one that changes nothing
                // gets a second chance.
                Err(error) if error.is::<TrapOrPanicError>() || error.is::<Trap>() => match spare.take() {
                    Some(spare) => {
                        request = spare.into_request();
                        workers = &self.lone_workers;
                    }
                    None => return Err(HandleError::Failed),
                },
                Err(error) => {
                    self.workers.state().report(&format!("failed: {error:#}"));
                    return Err(HandleError::Failed);
                }
            }
        }
    }
}

/// The component in the form that handles requests, and the limits that go with it.
///
/// # Errors
/// When it exports no handler.
fn proxy(
    pre: &InstancePre<InstanceState>,
    id: &str,
    limits: InstanceLimits,
) -> anyhow::Result<(ProxyPre<InstanceState>, InstanceLimits)> {
    if let Ok(pre) = P3Pre::new(pre.clone()) {
        return Ok((ProxyPre::P3(pre), limits));
    }
    let pre = P2Pre::new(pre.clone()).map_err(anyhow::Error::from).with_context(|| {
        format!("component `{id}` exports neither wasi:http/handler nor wasi:http/incoming-handler")
    })?;
    // As in Spin: a WASI 0.2 component gets a fresh instance for each request.
    let once = Spread::Exact(1);
    let limits = InstanceLimits { reuse_count_max: once, concurrent_reuse_count_max: once, ..limits };
    Ok((ProxyPre::P2(pre), limits))
}

/// A component's reply, whose body may still be on its way.
pub(crate) struct Reply {
    pub(crate) response: Response<WasiBody>,
    /// To be kept until the body is sent.
    pub(crate) open: Option<OpenReply>,
}

/// A copy of a request that may be sent again: a safe one, without a body.
struct Spare(Request<()>);

impl Spare {
    fn of(request: &Request<WasiBody>) -> Option<Self> {
        use http_body::Body as _;
        let is_safe = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
        if !is_safe || !request.body().is_end_stream() {
            return None;
        }
        let mut spare = Request::new(());
        *spare.method_mut() = request.method().clone();
        *spare.uri_mut() = request.uri().clone();
        *spare.headers_mut() = request.headers().clone();
        Some(Self(spare))
    }

    fn into_request(self) -> Request<WasiBody> {
        self.0.map(|()| Empty::new().map_err(|never| match never {}).boxed_unsync())
    }
}
