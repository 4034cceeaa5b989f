//! An HTTP server that takes mail as the APIs of mail services do: JSON in, a status out.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::spawn;
use std::time::Duration;

/// How long a test waits for a request.
const WAIT: Duration = Duration::from_secs(30);

/// A request as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// `POST /send`
    pub target: String,
    /// In lower case, each with its value.
    pub headers: Vec<(String, String)>,
    pub body: String,
}

/// A server that ends with the test.
pub struct Api {
    pub port: u16,
    calls: Receiver<Call>,
}

impl Api {
    /// Answers one request with each of `statuses`, then all with the last of them. What it says is the body of the
    /// request.
    pub fn start(statuses: &'static [u16]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (sender, calls) = channel();
        spawn(move || {
            for (number, stream) in listener.incoming().enumerate() {
                let status = statuses.get(number).or(statuses.last()).unwrap();
                answer(stream.unwrap(), *status, &sender);
            }
        });
        Api { port, calls }
    }

    /// `http://127.0.0.1:PORT`
    pub fn origin(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The next request, which has to come in time.
    pub fn call(&self) -> Call {
        self.calls.recv_timeout(WAIT).expect("no request in 30 seconds")
    }

    /// Whether a request has come that was not asked for yet.
    pub fn was_called(&self) -> bool {
        self.calls.try_recv().is_ok()
    }
}

impl Call {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }
}

fn answer(mut stream: TcpStream, status: u16, calls: &Sender<Call>) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut line = || {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    };
    let target = line().trim_end_matches(" HTTP/1.1").to_owned();
    let mut headers = Vec::new();
    loop {
        let header = line();
        match header.split_once(':') {
            Some((name, value)) => headers.push((name.to_ascii_lowercase(), value.trim().to_owned())),
            None => break,
        }
    }
    let length = headers.iter().find(|(name, _)| name == "content-length").map(|(_, length)| length.parse());
    let mut body = vec![0; length.map_or(0, Result::unwrap)];
    reader.read_exact(&mut body).unwrap();
    let body = String::from_utf8(body).unwrap();
    let reply = format!(
        "HTTP/1.1 {status} X\r\nLocation: /elsewhere\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    // The test may be over.
    let _ = calls.send(Call { target, headers, body });
    let _ = stream.write_all(reply.as_bytes());
}
