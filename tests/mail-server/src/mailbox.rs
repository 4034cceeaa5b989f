//! What the mail server of a test takes and what it refuses.

use std::cell::Cell;
use std::io;
use std::mem;
use std::rc::Rc;
use std::sync::mpsc::Sender;

use mailin::response::{AUTH_OK, OK};
use mailin::{Handler, Response};

/// After this code the server hangs up, as some do.
pub(crate) const GONE: u16 = 554;

/// A mail that was taken, with what its conversation was like.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mail {
    pub from: String,
    pub to: Vec<String>,
    pub data: String,
    /// It came through TLS.
    pub is_secure: bool,
    /// Who had signed in, and how, as in `app by PLAIN`.
    pub user: Option<String>,
}

/// The decisions of one conversation.
pub(crate) struct Mailbox {
    password: Option<&'static str>,
    is_secure: Rc<Cell<bool>>,
    user: Option<String>,
    mail: Mail,
    data: Vec<u8>,
    mails: Sender<Mail>,
}

impl Mailbox {
    /// Takes mails to `mails`. `is_secure` tells at any time whether TLS has begun.
    pub(crate) fn new(
        password: Option<&'static str>,
        is_secure: Rc<Cell<bool>>,
        mails: Sender<Mail>,
    ) -> Self {
        Mailbox { password, is_secure, user: None, mail: Mail::default(), data: Vec::new(), mails }
    }

    fn sign_in(&mut self, username: &str, password: &str, method: &str) -> Response {
        if username != "app" || Some(password) != self.password {
            return Response::custom(535, "wrong password".to_owned());
        }
        self.user = Some(format!("{username} by {method}"));
        AUTH_OK
    }
}

impl Handler for Mailbox {
    fn auth_plain(&mut self, _authorization_id: &str, username: &str, password: &str) -> Response {
        self.sign_in(username, password, "PLAIN")
    }

    fn auth_login(&mut self, username: &str, password: &str) -> Response {
        self.sign_in(username, password, "LOGIN")
    }

    fn rcpt(&mut self, to: &str) -> Response {
        match to.split_once('@') {
            Some(("nobody", _)) => Response::custom(550, "no such user".to_owned()),
            Some(("gone", _)) => Response::custom(GONE, "no service for you".to_owned()),
            Some(("later", _)) => Response::custom(451, "try again later".to_owned()),
            _ => OK,
        }
    }

    fn data_start(&mut self, _domain: &str, from: &str, _is_8_bit: bool, to: &[String]) -> Response {
        let (is_secure, user) = (self.is_secure.get(), self.user.clone());
        self.mail = Mail { from: from.to_owned(), to: to.to_vec(), data: String::new(), is_secure, user };
        self.data.clear();
        OK
    }

    fn data(&mut self, line: &[u8]) -> io::Result<()> {
        self.data.extend(line);
        Ok(())
    }

    fn data_end(&mut self) -> Response {
        let mut mail = mem::take(&mut self.mail);
        mail.data = String::from_utf8(mem::take(&mut self.data)).unwrap();
        // A test that has ended wants no more mail.
        let _ = self.mails.send(mail);
        OK
    }
}
