//! The workers of one component: each owns one instance and decides how long it lives.

use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use futures::task::AtomicWaker;
use tokio::sync::oneshot;
use tokio::time::Sleep;
use wasmtime::component::GuestTaskId;
use wasmtime::{AsContextMut, Engine, Result, Store, StoreContextMut};
use wasmtime_wasi_http::WasiHttpView;
use wasmtime_wasi_http::handler::{
    HandlerState, Instance, ProxyPre, ShouldAccept, WorkerExpiration, WorkerState, WorkerStatus,
};

use super::memory::MemoryUse;
use super::{Capabilities, InstanceLimits, InstanceState, Progress};
use crate::engine::TICKS_WITHOUT_PAUSE;

/// What a guest that never pauses gets beyond the request timeout before its instance is taken away.
const STUCK_GRACE: Duration = Duration::from_millis(500);

/// How long an instance may go on working for a client that has gone.
const CANCELLED_GRACE: Duration = Duration::from_secs(1);

/// What a worker gets with each request, and what it tells of itself in return.
#[derive(Clone)]
pub(super) struct Ticket(Arc<TicketState>);

struct TicketState {
    client_gone: Mutex<Option<oneshot::Receiver<()>>>,
    progress: Progress,
    activity: OnceLock<Arc<Activity>>,
}

impl Ticket {
    /// A ticket for a request whose client has gone when `client_gone` resolves, and whose time counts
    /// from its latest `progress`.
    pub(super) fn new(client_gone: oneshot::Receiver<()>, progress: Progress) -> Self {
        Self(Arc::new(TicketState {
            client_gone: Mutex::new(Some(client_gone)),
            progress,
            activity: OnceLock::new(),
        }))
    }

    /// Marks the reply as open until the guard is dropped: its instance stays alive as long.
    pub(super) fn open_reply(&self) -> Option<OpenReply> {
        let activity = self.0.activity.get()?.clone();
        activity.open_replies.fetch_add(1, Ordering::AcqRel);
        Some(OpenReply(activity))
    }
}

/// What goes on in one instance beyond the requests that wait for a reply.
struct Activity {
    open_replies: AtomicUsize,
    last_closed: Mutex<Instant>,
    has_cancelled: AtomicBool,
    /// When the instance's event loop last turned: a busy guest keeps it from turning.
    event_loop: Progress,
    changed: AtomicWaker,
}

/// Keeps an instance alive while its reply is being sent.
pub(crate) struct OpenReply(Arc<Activity>);

impl Drop for OpenReply {
    fn drop(&mut self) {
        *self.0.last_closed.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
        self.0.open_replies.fetch_sub(1, Ordering::AcqRel);
        self.0.changed.wake();
    }
}

/// Makes the workers of one component.
pub(super) struct Workers {
    engine: Engine,
    capabilities: Arc<Capabilities>,
    pre: ProxyPre<InstanceState>,
    limits: InstanceLimits,
}

impl Workers {
    pub(super) fn new(
        engine: Engine,
        capabilities: Arc<Capabilities>,
        pre: ProxyPre<InstanceState>,
        limits: InstanceLimits,
    ) -> Self {
        Self { engine, capabilities, pre, limits }
    }

    pub(super) fn component_id(&self) -> &str {
        &self.capabilities.component_id
    }

    /// Writes a line about the component to the log.
    pub(super) fn report(&self, text: &str) {
        self.capabilities.log.line(&self.capabilities.component_id, text);
    }

    /// Makes an instance and drops it: its pages are then mapped, and a broken component shows at start.
    pub(super) async fn warm_up(&self) -> Result<()> {
        let mut store = InstanceState::new_store(&self.engine, &self.capabilities, &self.limits)?;
        self.pre.instantiate_async(&mut store).await?;
        Ok(())
    }
}

impl HandlerState for Workers {
    type StoreData = InstanceState;
    type WorkerExpiration = Expiration;
    type WorkerState = Worker;

    async fn instantiate(&self) -> Result<Instance<InstanceState, Expiration, Worker>> {
        let mut store = InstanceState::new_store(&self.engine, &self.capabilities, &self.limits)?;
        // A component may loop in its start function: that counts as its request's time.
        let proxy = tokio::time::timeout(self.limits.request_timeout, self.pre.instantiate_async(&mut store))
            .await
            .map_err(|_| wasmtime::format_err!("instantiation took too long"))??;
        let activity = Arc::new(Activity {
            open_replies: AtomicUsize::new(0),
            last_closed: Mutex::new(Instant::now()),
            has_cancelled: AtomicBool::new(false),
            event_loop: Progress::now(),
            changed: AtomicWaker::new(),
        });
        let memory = store.data().memory.taken();
        let idle_timeout = self.limits.idle_timeout.pick();
        Ok(Instance {
            store,
            proxy,
            view: InstanceState::http,
            expiration: Expiration {
                idle_timeout,
                request_timeout: self.limits.request_timeout,
                activity: activity.clone(),
                sleep: Box::pin(tokio::time::sleep(idle_timeout)),
            },
            state: Worker {
                reuse_count_max: self.limits.reuse_count_max.pick(),
                concurrent_reuse_count_max: self.limits.concurrent_reuse_count_max.pick(),
                request_timeout: self.limits.request_timeout,
                capabilities: self.capabilities.clone(),
                activity,
                memory,
            },
        })
    }
}

/// Tells when a worker's instance has to go.
pub(super) struct Expiration {
    idle_timeout: Duration,
    request_timeout: Duration,
    activity: Arc<Activity>,
    sleep: Pin<Box<Sleep>>,
}

impl Expiration {
    /// When the worker has to end if nothing changes; never while a reply is being sent.
    fn deadline(&self, status: WorkerStatus, since: Instant) -> Option<Instant> {
        match status {
            WorkerStatus::Idle => since.checked_add(self.idle_timeout),
            WorkerStatus::Requests => {
                let since = since.max(self.activity.event_loop.last());
                since.checked_add(self.request_timeout)?.checked_add(STUCK_GRACE)
            }
            WorkerStatus::PostReturn => {
                if self.activity.open_replies.load(Ordering::Acquire) > 0 {
                    return None;
                }
                let last_closed = *self.activity.last_closed.lock().unwrap_or_else(PoisonError::into_inner);
                let grace = if self.activity.has_cancelled.load(Ordering::Acquire) {
                    CANCELLED_GRACE.min(self.request_timeout)
                } else {
                    self.request_timeout
                };
                since.max(last_closed).checked_add(grace)
            }
        }
    }
}

impl WorkerExpiration for Expiration {
    fn poll(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        status: WorkerStatus,
        since: Instant,
    ) -> Poll<()> {
        self.activity.changed.register(cx.waker());
        let Some(deadline) = self.deadline(status, since) else { return Poll::Pending };
        let deadline = tokio::time::Instant::from_std(deadline);
        if self.sleep.deadline() != deadline {
            self.sleep.as_mut().reset(deadline);
        }
        self.sleep.as_mut().poll(cx)
    }
}

/// Decides which requests an instance takes.
pub(super) struct Worker {
    reuse_count_max: usize,
    concurrent_reuse_count_max: usize,
    request_timeout: Duration,
    capabilities: Arc<Capabilities>,
    activity: Arc<Activity>,
    memory: MemoryUse,
}

impl WorkerState for Worker {
    type StoreData = InstanceState;
    type RequestData = Ticket;

    fn should_accept_request(&self, concurrent_count: usize, total_count: usize) -> ShouldAccept {
        if total_count >= self.reuse_count_max || self.memory.is_large() {
            ShouldAccept::Never
        } else if concurrent_count >= self.concurrent_reuse_count_max {
            ShouldAccept::No
        } else {
            ShouldAccept::Yes
        }
    }

    /// The future resolves when the request is to be given up.
    fn on_request_start(
        &self,
        mut store: StoreContextMut<'_, InstanceState>,
        ticket: Ticket,
        _task: GuestTaskId,
    ) -> Pin<Box<dyn Future<Output = ()> + 'static + Send + Sync>> {
        store.as_context_mut().set_epoch_deadline(TICKS_WITHOUT_PAUSE);
        let client_gone = ticket.0.client_gone.lock().unwrap_or_else(PoisonError::into_inner).take();
        // A ticket is given to one worker only.
        let _ = ticket.0.activity.set(self.activity.clone());
        Box::pin(GiveUp {
            client_gone,
            progress: ticket.0.progress.clone(),
            activity: self.activity.clone(),
            timeout: self.request_timeout,
            sleep: Box::pin(tokio::time::sleep(self.request_timeout)),
        })
    }

    fn drop(&self, store: Store<InstanceState>, result: Result<(), wasmtime::Error>) {
        if let Err(error) = result.or_else(unless_dropped) {
            let text = if self.activity.has_cancelled.load(Ordering::Acquire) {
                "an instance was taken away: its client has gone, or it took too long".to_owned()
            } else {
                format!("an instance failed: {error:#}")
            };
            self.capabilities.log.line(&self.capabilities.component_id, &text);
        }
        drop(store);
    }
}

/// A worker that ends with the runtime tells the same as one that panics, and is no failure.
fn unless_dropped(error: wasmtime::Error) -> Result<()> {
    let is_dropped = error.to_string() == "worker panicked" && !std::thread::panicking();
    if is_dropped { Ok(()) } else { Err(error) }
}

/// Resolves when a request is to be given up: its client has gone, or nothing has happened for too long.
struct GiveUp {
    client_gone: Option<oneshot::Receiver<()>>,
    progress: Progress,
    activity: Arc<Activity>,
    timeout: Duration,
    sleep: Pin<Box<Sleep>>,
}

impl Future for GiveUp {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.activity.event_loop.touch();
        // The sender never sends: it is dropped with the client's request.
        let gone = self.client_gone.as_mut().is_some_and(|gone| Pin::new(gone).poll(cx).is_ready());
        let mut give_up = gone;
        while !give_up {
            if self.sleep.as_mut().poll(cx).is_pending() {
                return Poll::Pending;
            }
            let deadline = self.progress.last() + self.timeout;
            give_up = deadline <= Instant::now();
            if !give_up {
                self.sleep.as_mut().reset(deadline.into());
            }
        }
        self.activity.has_cancelled.store(true, Ordering::Release);
        self.activity.changed.wake();
        Poll::Ready(())
    }
}
