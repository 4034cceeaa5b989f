//! The mail server of a test: what SMTP says is mailin's, the connections are sockets of this machine.

use std::cell::Cell;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{JoinHandle, spawn};

use mailin::{Action, AuthMechanism, Session, SessionBuilder};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::authority::Authority;
use crate::mailbox::{GONE, Mail, Mailbox};

const LOCALHOST: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// When a server begins TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tls {
    Never,
    Immediately,
    /// Where a client asks for it by STARTTLS.
    WhenAsked,
}

/// A server that ends with this: from then on its port refuses connections.
pub struct Server {
    pub port: u16,
    mails: Receiver<Mail>,
    is_over: Arc<AtomicBool>,
    accepting: Option<JoinHandle<()>>,
}

impl Server {
    /// Starts one. With a `password`, clients have to sign in as `app`, which they can through TLS only.
    pub fn start(tls: Tls, password: Option<&'static str>) -> Self {
        let listener = TcpListener::bind((LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let (sender, mails) = channel();
        let is_over = Arc::new(AtomicBool::new(false));
        let reception = Reception { tls, password, config: Authority::of_all().server(), mails: sender };
        let accepting = spawn({
            let is_over = is_over.clone();
            move || {
                for stream in listener.incoming() {
                    if is_over.load(Ordering::SeqCst) {
                        return;
                    }
                    let (stream, reception) = (stream.unwrap(), reception.clone());
                    // A client may go away at any point: some refuse the certificate.
                    spawn(move || reception.receive(stream));
                }
            }
        });
        Server { port, mails, is_over, accepting: Some(accepting) }
    }

    /// The next mail that it took. It has been here when the client was told that it is taken.
    #[track_caller]
    pub fn mail(&self) -> Mail {
        self.mails.try_recv().expect("a mail has been taken")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::SeqCst);
        // Wakes the thread that waits for the next client.
        let _ = TcpStream::connect(SocketAddr::from((LOCALHOST, self.port)));
        if let Some(accepting) = self.accepting.take() {
            let _ = accepting.join();
        }
    }
}

/// What each client meets.
#[derive(Clone)]
struct Reception {
    tls: Tls,
    password: Option<&'static str>,
    config: Arc<ServerConfig>,
    mails: Sender<Mail>,
}

impl Reception {
    /// One client, from the greeting to the end.
    fn receive(self, stream: TcpStream) -> io::Result<()> {
        let is_secure = Rc::new(Cell::new(false));
        let mut session = self.session(is_secure.clone());
        let mut stream = BufReader::new(stream);
        if self.tls != Tls::Immediately {
            stream.get_mut().write_all(&session.greeting().buffer()?)?;
            if converse(&mut session, &mut stream)? != Action::UpgradeTls {
                return Ok(());
            }
            assert_eq!(stream.buffer(), b"", "the client spoke on before TLS began");
        }
        let tls = ServerConnection::new(self.config).map_err(io::Error::other)?;
        let mut stream = BufReader::new(StreamOwned::new(tls, stream.into_inner()));
        is_secure.set(true);
        session.tls_active();
        if self.tls == Tls::Immediately {
            stream.get_mut().write_all(&session.greeting().buffer()?)?;
        }
        converse(&mut session, &mut stream).map(|_| ())
    }

    fn session(&self, is_secure: Rc<Cell<bool>>) -> Session<Mailbox> {
        let mut builder = SessionBuilder::new("mail.example.com");
        if self.tls == Tls::WhenAsked {
            builder.enable_start_tls();
        }
        if self.password.is_some() {
            builder.enable_auth(AuthMechanism::Plain).enable_auth(AuthMechanism::Login);
        }
        builder.build(LOCALHOST, Mailbox::new(self.password, is_secure, self.mails.clone()))
    }
}

/// Answers line after line. Returns why it stopped: to close, or to go on through TLS.
fn converse(session: &mut Session<Mailbox>, stream: &mut BufReader<impl Read + Write>) -> io::Result<Action> {
    loop {
        let mut line = Vec::new();
        if stream.read_until(b'\n', &mut line)? == 0 {
            return Ok(Action::Close);
        }
        let response = session.process(&line);
        stream.get_mut().write_all(&response.buffer()?)?;
        stream.get_mut().flush()?;
        if matches!(response.action, Action::Close | Action::UpgradeTls) {
            return Ok(response.action);
        }
        if response.code == GONE {
            return Ok(Action::Close);
        }
    }
}
