//! A conversation with the mail server: who is there, TLS, sign-in, and then one message after the other.

use backspin_core::{Connection, Network, NetworkError};
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;

use crate::Target;
use crate::channel::Channel;
use crate::reply::Reply;

/// Why a message was not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// Nobody there, or nobody to be trusted: worth another try later.
    #[error("{0}")]
    Network(#[from] NetworkError),
    /// The server does not let us send anything now: worth another try later.
    #[error("{0}")]
    Unwilling(String),
    /// The server will never take this message.
    #[error("{0}")]
    Refused(String),
}

/// A conversation that is ready for messages.
pub struct Session<C> {
    channel: Channel<C>,
    /// Whether addresses may have letters beyond ASCII.
    has_utf8: bool,
    is_over: bool,
}

impl<C: Connection> Session<C> {
    /// Connects and signs in. Without TLS from the start it is begun by STARTTLS where the server can; user name and
    /// password are never sent without TLS, unless the server is on this machine.
    pub async fn open<N: Network<Connection = C>>(network: &N, target: &Target) -> Result<Self, SendError> {
        let smtp = &target.smtp;
        let port = u16::try_from(smtp.port).ok().filter(|port| *port > 0);
        let port = port.ok_or_else(|| SendError::Unwilling(format!("{} is no port", smtp.port)))?;
        let connection = network.connect(&target.host(), port).await?;
        let mut channel = match smtp.tls {
            true => Channel::secure(connection, &smtp.host, &target.trusted_pem).await?,
            false => Channel::plain(connection),
        };
        expect(channel.reply().await?, 220)?;
        let mut hello = say_hello(&mut channel, smtp.local_name.as_str()).await?;
        if !channel.is_secure() && hello.capability("STARTTLS").is_some() {
            expect(command(&mut channel, "STARTTLS").await?, 220)?;
            channel = channel.upgrade(&smtp.host, &target.trusted_pem).await?;
            hello = say_hello(&mut channel, smtp.local_name.as_str()).await?;
        }
        if !smtp.username.is_empty() {
            if !channel.is_secure() && !target.is_local() {
                let reason = "the server offers no TLS, and the password is not sent without it";
                return Err(SendError::Unwilling(reason.to_owned()));
            }
            sign_in(&mut channel, target).await?;
        }
        Ok(Session { channel, has_utf8: hello.capability("SMTPUTF8").is_some(), is_over: false })
    }

    /// Hands over one message: `data` as RFC 5322 has it, with CRLF at the end of each line. After a message that was
    /// not taken the conversation goes on with the next, unless [it is over](Session::is_over).
    pub async fn send(&mut self, from: &str, to: &str, data: &[u8]) -> Result<(), SendError> {
        let sent = self.try_send(from, to, data).await;
        // What was said about the message holds, whether or not the server stays for others.
        self.is_over = match &sent {
            Ok(()) => false,
            Err(SendError::Network(_)) => true,
            Err(SendError::Unwilling(_) | SendError::Refused(_)) => self.reset().await.is_err(),
        };
        sent
    }

    /// Whether the server has gone: further messages need a new conversation.
    pub fn is_over(&self) -> bool {
        self.is_over
    }

    async fn reset(&mut self) -> Result<(), SendError> {
        expect(command(&mut self.channel, "RSET").await?, 250)
    }

    async fn try_send(&mut self, from: &str, to: &str, data: &[u8]) -> Result<(), SendError> {
        let needs_utf8 = !from.is_ascii() || !to.is_ascii();
        if needs_utf8 && !self.has_utf8 {
            let reason = "the server takes no addresses with letters beyond ASCII";
            return Err(SendError::Refused(reason.to_owned()));
        }
        let utf8 = if needs_utf8 { " SMTPUTF8" } else { "" };
        expect(command(&mut self.channel, &format!("MAIL FROM:<{from}>{utf8}")).await?, 250)?;
        accept(command(&mut self.channel, &format!("RCPT TO:<{to}>")).await?, &[250, 251])?;
        accept(command(&mut self.channel, "DATA").await?, &[354])?;
        self.channel.write(stuffed(data)).await?;
        accept(self.channel.reply().await?, &[250])
    }

    /// Says goodbye, to which nobody needs to listen.
    pub async fn close(mut self) {
        let _ = command(&mut self.channel, "QUIT").await;
    }
}

async fn command<C: Connection>(channel: &mut Channel<C>, line: &str) -> Result<Reply, SendError> {
    if line.bytes().any(|byte| byte.is_ascii_control()) {
        return Err(SendError::Refused("a line break in an address".to_owned()));
    }
    channel.write(format!("{line}\r\n").into_bytes()).await?;
    Ok(channel.reply().await?)
}

async fn say_hello<C: Connection>(channel: &mut Channel<C>, name: &str) -> Result<Reply, SendError> {
    let name = if name.is_empty() { "localhost" } else { name };
    let reply = command(channel, &format!("EHLO {name}")).await?;
    expect(reply.clone(), 250)?;
    Ok(reply)
}

async fn sign_in<C: Connection>(channel: &mut Channel<C>, target: &Target) -> Result<(), SendError> {
    let (username, password) = (&target.smtp.username, &target.smtp.password);
    if target.smtp.auth_method == "LOGIN" {
        expect(command(channel, "AUTH LOGIN").await?, 334)?;
        expect(command(channel, &BASE64.encode(username)).await?, 334)?;
        return expect(command(channel, &BASE64.encode(password)).await?, 235);
    }
    let credentials = BASE64.encode(format!("\0{username}\0{password}"));
    expect(command(channel, &format!("AUTH PLAIN {credentials}")).await?, 235)
}

/// What is not about one message can be mended, by the server or in the settings.
fn expect(reply: Reply, code: u16) -> Result<(), SendError> {
    match reply.code == code {
        true => Ok(()),
        false => Err(SendError::Unwilling(reply.text())),
    }
}

/// A reply about a message: from 500 on it is the last word.
fn accept(reply: Reply, codes: &[u16]) -> Result<(), SendError> {
    match reply.code {
        code if codes.contains(&code) => Ok(()),
        500.. => Err(SendError::Refused(reply.text())),
        _ => Err(SendError::Unwilling(reply.text())),
    }
}

/// `data` so that no line of it is the point that ends it, and that point.
fn stuffed(data: &[u8]) -> Vec<u8> {
    let mut stuffed = Vec::with_capacity(data.len() + 64);
    let mut starts_line = true;
    for byte in data {
        if starts_line && *byte == b'.' {
            stuffed.push(b'.');
        }
        stuffed.push(*byte);
        starts_line = *byte == b'\n';
    }
    if !stuffed.ends_with(b"\r\n") {
        stuffed.extend(b"\r\n");
    }
    stuffed.extend(b".\r\n");
    stuffed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_at_the_beginning_of_lines_are_doubled() {
        assert_eq!(stuffed(b".a\r\n.\r\nb."), b"..a\r\n..\r\nb.\r\n.\r\n");
        assert_eq!(stuffed(b"a\r\n"), b"a\r\n.\r\n");
    }
}
