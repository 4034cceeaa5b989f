//! Runs the program: to its end, or until it serves.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::Duration;

use tempfile::TempDir;

/// How long a process may take to serve, building everything included.
const PATIENCE: Duration = Duration::from_secs(900);

/// A folder of its own, with an application in it or without.
pub(crate) struct Folder(TempDir);

impl Folder {
    pub(crate) fn empty() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// An application without components, which answers `/hello` with `hi`.
    pub(crate) fn hello() -> Self {
        Self::new("[[trigger.http]]\nroute = \"/hello\"\nstatic_response = { body = \"hi\" }\n")
    }

    /// An application with this below the head of its manifest: the first line is line 4.
    pub(crate) fn new(manifest: &str) -> Self {
        let folder = Self::empty();
        let head = "spin_manifest_version = 2\n[application]\nname = \"test\"\n";
        folder.write("spin.toml", &format!("{head}{manifest}"));
        folder
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path().join(name), text).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path().join(name)).unwrap()
    }

    pub(crate) fn remove(&self, name: &str) {
        std::fs::remove_file(self.path().join(name)).unwrap();
    }

    /// The program in this folder, with these arguments divided by spaces.
    pub(crate) fn backspin(&self, arguments: &str) -> Backspin {
        let mut command = Command::new(env!("CARGO_BIN_EXE_backspin"));
        command.args(arguments.split_whitespace()).current_dir(self.path());
        Backspin { command, shown: self.path().display().to_string() }
    }
}

/// The program, yet to be started.
pub(crate) struct Backspin {
    command: Command,
    /// The folder as messages show it.
    shown: String,
}

/// What the program has left: its output, with `DIR` for the folder.
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Backspin {
    pub(crate) fn argument(mut self, argument: impl AsRef<OsStr>) -> Self {
        self.command.arg(argument);
        self
    }

    pub(crate) fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    pub(crate) fn folder(mut self, folder: &Path) -> Self {
        self.command.current_dir(folder);
        self
    }

    /// Runs it to its end.
    pub(crate) fn run(mut self) -> Ended {
        let output = self.command.stdin(Stdio::null()).output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap().replace(&self.shown, "DIR");
        Ended { code: output.status.code(), stdout: text(&output.stdout), stderr: text(&output.stderr) }
    }

    /// Starts it; what it prints comes by pipes.
    pub(crate) fn start(mut self) -> Child {
        self.command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    }

    /// Runs it to its end at a terminal, where somebody types `answer`. What it prints comes as one text.
    #[cfg(target_os = "linux")]
    pub(crate) fn answer(self, answer: &str) -> Ended {
        let quoted = |word: &OsStr| format!("'{}'", word.to_str().unwrap());
        let words = [self.command.get_program()].into_iter().chain(self.command.get_args());
        let line = words.map(quoted).collect::<Vec<_>>().join(" ");
        let mut script = Command::new("script");
        script.args(["-qec", &line, "/dev/null"]).stdin(Stdio::piped()).stdout(Stdio::piped());
        script.current_dir(self.command.get_current_dir().unwrap());
        script.env("TERM", "xterm").env_remove("NO_COLOR");
        let mut child = script.spawn().expect("`script` of util-linux is needed: apt install bsdutils");
        child.stdin.take().unwrap().write_all(format!("{answer}\n").as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        let stdout = String::from_utf8(output.stdout).unwrap().replace('\r', "");
        Ended { code: output.status.code(), stdout, stderr: String::new() }
    }

    /// Starts it and waits until it serves.
    pub(crate) fn serve(self) -> Serving {
        let mut child = self.start();
        let mut stderr = child.stderr.take().unwrap();
        let errors = std::thread::spawn(move || {
            let mut text = String::new();
            stderr.read_to_string(&mut text).map(|_| text)
        });
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let (sender, receiver) = mpsc::channel();
        // Reads to the end, so that the server can always print.
        std::thread::spawn(move || {
            let mut line = String::new();
            while stdout.read_line(&mut line).is_ok_and(|length| length > 0) {
                let _ = sender.send(std::mem::take(&mut line));
            }
        });
        let mut output = String::new();
        loop {
            let Ok(line) = receiver.recv_timeout(PATIENCE) else {
                let _ = child.kill().and_then(|()| child.wait());
                panic!("it does not serve: {output}\n{:?}", errors.join());
            };
            output.push_str(&line);
            if let Some(address) = line.strip_prefix("Serving http://") {
                return Serving { address: address.trim().to_owned(), output, child, errors };
            }
        }
    }
}

/// A running server; killed if the test ends without stopping it.
pub(crate) struct Serving {
    address: String,
    /// What it printed up to the line that tells the address.
    pub(crate) output: String,
    child: Child,
    /// Reads the other stream to its end.
    errors: JoinHandle<std::io::Result<String>>,
}

impl Serving {
    /// As `http://127.0.0.1:PORT`.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Status and body of a reply.
    pub(crate) fn request(&self, method: &str, path: &str, body: &str) -> (u16, String) {
        self.request_as("", method, path, body)
    }

    /// As [`Serving::request`], with this token.
    pub(crate) fn request_as(&self, token: &str, method: &str, path: &str, body: &str) -> (u16, String) {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        let (host, length) = (&self.address, body.len());
        let head = format!(
            "{method} {path} HTTP/1.1\r\nhost: {host}\r\ncontent-type: application/json\r\n\
             authorization: {token}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n"
        );
        stream.write_all(format!("{head}{body}").as_bytes()).unwrap();
        let mut reply = String::new();
        stream.read_to_string(&mut reply).unwrap();
        let (head, body) = reply.split_once("\r\n\r\n").unwrap();
        (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
    }

    /// As [`Serving::stop`], and returns all that it wrote to stderr too.
    pub(crate) fn stop_with_errors(mut self, signal: &str) -> (Option<i32>, String) {
        let code = self.signal_and_wait(signal);
        let nothing = std::thread::spawn(|| Ok(String::new()));
        let errors = std::mem::replace(&mut self.errors, nothing);
        (code, errors.join().unwrap().unwrap())
    }

    /// Sends a signal, such as `TERM`, and returns the exit code.
    pub(crate) fn stop(mut self, signal: &str) -> Option<i32> {
        self.signal_and_wait(signal)
    }

    fn signal_and_wait(&mut self, signal: &str) -> Option<i32> {
        let kill = format!("kill -{signal} {}", self.child.id());
        assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
        self.child.wait().unwrap().code()
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
