//! An application in this process.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use backspin_host::variables::VariableArgument;
use backspin_host::{Host, Options, Output};
use serde_json::json;
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::build;
use crate::client::Client;

/// The superuser that every application starts with.
pub const SUPERUSER_EMAIL: &str = "root@example.com";
/// Its password.
pub const SUPERUSER_PASSWORD: &str = "correct-horse-battery";

/// A running application. Dropping it stops it and deletes its state.
pub struct App {
    address: SocketAddr,
    state: TempDir,
    running: Option<Running>,
}

struct Running {
    stop: oneshot::Sender<()>,
    served: JoinHandle<anyhow::Result<()>>,
}

/// Starts the application of this repository on an empty state: with a client that is nobody, and one of the superuser.
///
/// # Panics
/// When it cannot be built or started.
pub fn start() -> (App, Client, Client) {
    let app = start_with(|_| {});
    let (anon, superuser) = (app.anonymous(), app.superuser());
    (app, anon, superuser)
}

/// Starts it with some options changed.
///
/// # Panics
/// When it cannot be built or started.
pub fn start_with(change: impl FnOnce(&mut Options)) -> App {
    build::components();
    let state = tempfile::tempdir().unwrap();
    let mut options = Options {
        manifest: build::root().join("spin.toml"),
        listen: ([127, 0, 0, 1], 0).into(),
        state_dir: Some(state.path().to_owned()),
        cache_dir: Some(build::compiled()),
        variables: vec![
            value("superuser_email", SUPERUSER_EMAIL),
            value("superuser_password", SUPERUSER_PASSWORD),
        ],
        output: Output::Silent,
        ..Options::default()
    };
    change(&mut options);
    let host = runtime().block_on(Host::prepare(options)).unwrap_or_else(|fault| panic!("{fault:#}"));
    let address = host.address();
    let (stop, stopped) = oneshot::channel();
    let served = runtime().spawn(host.serve(async {
        // A sender that is gone means the same.
        let _ = stopped.await;
    }));
    App { address, state, running: Some(Running { stop, served }) }
}

impl App {
    /// `http://127.0.0.1:PORT`
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The folder with its databases.
    pub fn state_dir(&self) -> &Path {
        self.state.path()
    }

    /// Its database file.
    pub fn database_file(&self) -> PathBuf {
        self.state_dir().join("sqlite_db.db")
    }

    /// Whether the files of its database hold this text anywhere.
    ///
    /// # Panics
    /// If they cannot be read.
    pub fn stores(&self, text: &str) -> bool {
        let files =
            std::fs::read_dir(self.state_dir()).expect("the folder").map(|file| file.expect("a file").path());
        files.filter(|path| path.is_file()).any(|path| {
            let bytes = std::fs::read(&path).expect("a file of the database");
            bytes.windows(text.len()).any(|window| window == text.as_bytes())
        })
    }

    /// A client without a token.
    pub fn anonymous(&self) -> Client {
        Client::new(self.url())
    }

    /// A client with the superuser's token.
    ///
    /// # Panics
    /// When the superuser cannot sign in.
    pub fn superuser(&self) -> Client {
        let anon = self.anonymous();
        let credentials = json!({"identity": SUPERUSER_EMAIL, "password": SUPERUSER_PASSWORD});
        let session = anon.post("/api/collections/_superusers/auth-with-password", credentials).ok();
        anon.with_token(session["token"].as_str().unwrap())
    }
}

impl Drop for App {
    fn drop(&mut self) {
        let Some(running) = self.running.take() else { return };
        // It may have ended already.
        let _ = running.stop.send(());
        let served = runtime().block_on(running.served);
        if !std::thread::panicking() {
            served.unwrap().unwrap();
        }
    }
}

/// A variable of the application, for [`start_with`].
pub fn value(name: &str, value: &str) -> VariableArgument {
    VariableArgument::Value { name: name.to_owned(), value: value.to_owned() }
}

/// The variable that secrets are sealed with, for [`start_with`].
pub fn secret_key() -> VariableArgument {
    value("secret_key", "0123456789abcdef0123456789abcdef")
}

/// One runtime for the applications of all tests in this process.
fn runtime() -> &'static Runtime {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| Runtime::new().unwrap())
}
