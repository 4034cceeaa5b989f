//! Somebody in between who is not the mail server.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::thread::{JoinHandle, spawn};

use backspin_core::{Network, NetworkError};
use backspin_native::{TcpConnection, TcpNetwork};
use backspin_settings::Smtp;
use backspin_smtp::{SendError, Session, Target};
use futures::executor::block_on;

/// Whatever is asked for, what answers is at this port.
struct Diverted(u16);

impl Network for Diverted {
    type Connection = TcpConnection;

    async fn connect(&self, _host: &str, _port: u16) -> Result<TcpConnection, NetworkError> {
        TcpNetwork.connect("127.0.0.1", self.0).await
    }
}

/// Talks to one client: first the greeting, then an answer to each of its lines. Returns what it heard.
fn attacker(answers: &'static [&'static str]) -> (Diverted, JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let heard = spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
        let mut heard = Vec::new();
        for answer in answers {
            stream.write_all(answer.as_bytes()).unwrap();
            match lines.next() {
                Some(Ok(line)) => heard.push(line),
                _ => break,
            }
        }
        heard
    });
    (Diverted(port), heard)
}

fn target() -> Target {
    let smtp = Smtp {
        enabled: true,
        host: "mail.example.com".to_owned(),
        username: "app".to_owned(),
        password: "s3cret".to_owned(),
        ..Smtp::default()
    };
    Target { smtp, address: None, trusted_pem: String::new() }
}

#[track_caller]
fn refusal(answers: &'static [&'static str]) -> (String, Vec<String>) {
    let (network, heard) = attacker(answers);
    let error = block_on(Session::open(&network, &target())).err().unwrap();
    assert!(
        matches!(error, SendError::Network(_) | SendError::Unwilling(_)),
        "it may be tried again: {error}"
    );
    (error.to_string(), heard.join().unwrap())
}

#[test]
fn a_server_without_tls_does_not_get_the_password() {
    let (error, heard) = refusal(&["220 hello\r\n", "250-hello\r\n250 AUTH PLAIN LOGIN\r\n"]);
    assert!(error.contains("the password is not sent"), "{error}");
    assert_eq!(heard, ["EHLO localhost"]);
}

#[test]
fn words_slipped_in_before_tls_are_not_believed() {
    let (error, heard) =
        refusal(&["220 hello\r\n", "250-hello\r\n250 STARTTLS\r\n", "220 go\r\n250 slipped in\r\n"]);
    assert!(error.contains("unasked words"), "{error}");
    assert_eq!(heard, ["EHLO localhost", "STARTTLS"]);
}

#[test]
fn a_reply_without_end_or_sense_is_given_up() {
    let long: &'static str = Box::leak("220-and so on\r\n".repeat(10_000).into_boxed_str());
    let answers: &'static [&'static str] = Box::leak(Box::new([long, ""]));
    assert!(refusal(answers).0.contains("has no end"));
    assert!(refusal(&["HTTP/1.1 400 Bad Request\r\n"]).0.contains("this is no SMTP"));
    assert!(refusal(&["554 go away\r\n"]).0.contains("554 go away"));
}
