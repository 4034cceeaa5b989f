//! What can be chosen when an application starts.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::spread::Spread;
use crate::stores::sqlite::Synchronous;
use crate::variables::VariableArgument;

/// Everything that `backspin up` can be told. The defaults are Spin's, but for the count of reuses: 128 there.
#[derive(Clone)]
pub struct Options {
    /// The manifest, or the folder that holds a `spin.toml`.
    pub manifest: PathBuf,
    /// Where to listen; port 0 takes a free one.
    pub listen: SocketAddr,
    /// The folder of the databases; `.spin` beside the manifest if not given.
    pub state_dir: Option<PathBuf>,
    /// The folder of compiled code; `compiled` in the state folder if not given.
    pub cache_dir: Option<PathBuf>,
    /// Values of application variables that are given by hand; of two for the same one, the later counts.
    pub variables: Vec<VariableArgument>,
    /// Requests that one instance handles before it is replaced.
    pub instance_reuse_count_max: Spread<usize>,
    /// Requests that one instance handles at the same time.
    pub instance_concurrent_reuse_count_max: Spread<usize>,
    /// How long an unused instance is kept.
    pub idle_instance_timeout: Spread<Duration>,
    /// How long a request may take until its reply begins.
    pub request_timeout: Duration,
    /// Linear memory of one instance.
    pub instance_memory_bytes_max: usize,
    /// Length of a request's body.
    pub request_body_bytes_max: u64,
    /// When the database waits for the disk.
    pub sqlite_synchronous: Synchronous,
    /// Where the components' output goes.
    pub output: Output,
    /// Told of each step of the start.
    pub on_event: Arc<dyn Fn(Event) + Send + Sync>,
}

/// Receives a component's id and a line that it printed.
pub type OnLine = Arc<dyn Fn(&str, &str) + Send + Sync>;

/// Where the components' standard output and error go, line by line.
#[derive(Clone)]
pub enum Output {
    /// To the standard error of this process, with the component's name.
    Terminal,
    /// Nowhere.
    Silent,
    /// To a function.
    Function(OnLine),
}

/// A step of the start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A component is compiled (or was found in the cache) and can be instantiated.
    ComponentReady {
        component_id: String,
        /// How many are ready.
        ready: usize,
        /// How many there are.
        total: usize,
    },
}

impl Default for Options {
    fn default() -> Self {
        Self {
            manifest: PathBuf::from("."),
            listen: ([127, 0, 0, 1], 3000).into(),
            state_dir: None,
            cache_dir: None,
            variables: Vec::new(),
            instance_reuse_count_max: Spread::Exact(2048),
            instance_concurrent_reuse_count_max: Spread::Exact(16),
            idle_instance_timeout: Spread::Exact(Duration::from_secs(1)),
            request_timeout: Duration::from_secs(30),
            instance_memory_bytes_max: 128 << 20,
            request_body_bytes_max: 128 << 20,
            sqlite_synchronous: Synchronous::Normal,
            output: Output::Terminal,
            on_event: Arc::new(|_| {}),
        }
    }
}
