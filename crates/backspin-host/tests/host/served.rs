//! An application of the two test guests, served in this process, and a client for it.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use backspin_host::build::build;
use backspin_host::manifest::Manifest;
use backspin_host::{Host, Options, Output};
use bytes::Bytes;
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper_util::rt::TokioIo;
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// How long a test waits for what has to happen.
const PATIENCE: Duration = Duration::from_secs(30);

/// A running application; stopped when dropped.
pub(crate) struct Served {
    pub(crate) address: SocketAddr,
    pub(crate) folder: TempDir,
    log: Arc<Mutex<Vec<String>>>,
    stop: Option<oneshot::Sender<()>>,
    task: JoinHandle<anyhow::Result<()>>,
}

/// The reply to one request.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

/// The folder of the built guests.
pub(crate) fn guests() -> &'static Path {
    static GUESTS: OnceLock<PathBuf> = OnceLock::new();
    GUESTS.get_or_init(|| {
        let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/guests");
        let manifest = Manifest::load(&manifest).expect("the guests have a manifest");
        build(&manifest, &mut |_| {}).expect("the guests build");
        target_dir().join("wasm32-wasip2/release")
    })
}

/// The target folder that this test was built into.
pub(crate) fn target_dir() -> PathBuf {
    let test = std::env::current_exe().expect("the test has a path");
    // target/debug/deps/host-…
    test.ancestors().nth(3).expect("the test is in the target folder").to_owned()
}

/// A manifest with both guests, each with these fields.
pub(crate) fn manifest(fields: &str) -> String {
    let guests = guests().display();
    format!(
        r#"
spin_manifest_version = 2
[application]
name = "test"
[variables]
greeting = {{ default = "hello" }}
[[trigger.http]]
route = "/..."
component = "current"
[[trigger.http]]
route = "/named/:first/rest/..."
component = "current"
[[trigger.http]]
route = "/classic/..."
component = "classic"
[[trigger.http]]
route = "/fixed"
static_response = {{ status_code = 418, headers = {{ "x-kind" = "static" }}, body = "fixed" }}
[component.current]
source = "{guests}/guest_current.wasm"
{fields}
[component.classic]
source = "{guests}/guest_classic.wasm"
{fields}
"#
    )
}

/// Options for a manifest in `folder`: a free port, and compiled code shared by all tests.
pub(crate) fn options(folder: &Path) -> Options {
    Options {
        manifest: folder.to_owned(),
        listen: ([127, 0, 0, 1], 0).into(),
        cache_dir: Some(target_dir().join("backspin-compiled")),
        output: Output::Silent,
        ..Options::default()
    }
}

/// Serves both guests with these fields.
pub(crate) async fn serve(fields: &str) -> Served {
    serve_with(fields, |_| {}).await
}

/// Serves both guests with these fields and options.
pub(crate) async fn serve_with(fields: &str, change: impl FnOnce(&mut Options)) -> Served {
    let folder = TempDir::new().expect("a temporary folder");
    std::fs::write(folder.path().join("spin.toml"), manifest(fields)).expect("a manifest");
    let log = Arc::new(Mutex::new(Vec::new()));
    let lines = log.clone();
    let mut options = options(folder.path());
    options.output = Output::Function(Arc::new(move |component, line| {
        lines.lock().expect("no test panics here").push(format!("{component}: {line}"));
    }));
    change(&mut options);
    let host = Host::prepare(options).await.expect("the application starts");
    let address = host.address();
    let (stop, stopped) = oneshot::channel::<()>();
    let task = tokio::spawn(host.serve(async move { drop(stopped.await) }));
    Served { address, folder, log, stop: Some(stop), task }
}

impl Served {
    pub(crate) async fn get(&self, path: &str) -> Reply {
        self.send(Method::GET, path, &[], Bytes::new()).await
    }

    /// The text of a reply that must be a success.
    pub(crate) async fn text(&self, path: &str) -> String {
        let reply = self.get(path).await;
        assert_eq!(reply.status, StatusCode::OK, "{path}: {}", reply.text);
        reply.text
    }

    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Bytes>,
    ) -> Reply {
        let response = self.stream(method, path, headers, Full::new(body.into())).await;
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.expect("the reply comes whole").to_bytes();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        Reply { status: parts.status, headers: parts.headers, text }
    }

    /// Sends a request on a connection of its own; the reply's body is still to come.
    pub(crate) async fn stream<B>(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: B,
    ) -> http::Response<Incoming>
    where
        B: http_body::Body<Data = Bytes, Error = std::convert::Infallible> + Send + 'static,
    {
        let stream = TcpStream::connect(self.address).await.expect("the server listens");
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
            .await
            .expect("the server speaks HTTP");
        tokio::spawn(connection);
        let mut request = Request::builder().method(method).uri(path);
        if !headers.iter().any(|(name, _)| *name == "host") {
            request = request.header("host", self.address.to_string());
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(body).expect("a valid request");
        sender.send_request(request).await.expect("the server replies")
    }

    /// Waits until a line of the log contains `text`.
    pub(crate) async fn wait_for_log(&self, text: &str) -> String {
        let found = tokio::time::timeout(PATIENCE, async {
            loop {
                let line = self.log().into_iter().find(|line| line.contains(text));
                if let Some(line) = line {
                    return line;
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        });
        found.await.unwrap_or_else(|_| panic!("no {text:?} in the log: {:#?}", self.log()))
    }

    pub(crate) fn log(&self) -> Vec<String> {
        self.log.lock().expect("no test panics here").clone()
    }

    /// Tells the server to stop and waits until it has.
    pub(crate) async fn stop(mut self) -> anyhow::Result<()> {
        drop(self.stop.take());
        self.task.await.expect("the server does not panic")
    }
}

/// `text` as a query value.
pub(crate) fn encode(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}
