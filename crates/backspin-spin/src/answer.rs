//! What a handler answers: a whole reply, or the head of one whose body it goes on writing.

use std::future::Future;
use std::pin::Pin;

use backspin_core::{BodyWriter, ClientGone};
use backspin_http::Reply;
use spin_sdk::wasip3::wit_bindgen::StreamWriter;

use crate::network::in_time;

type Rest = Box<dyn FnOnce(SpinBody) -> Pin<Box<dyn Future<Output = ()>>>>;

/// An answer; a [`Reply`] is one.
pub struct Answer {
    pub(crate) reply: Reply,
    /// What writes the body, if it is a stream.
    pub(crate) rest: Option<Rest>,
}

impl Answer {
    /// `head` at once, and then what `write` writes, which goes on beside other requests of the instance.
    pub fn stream<F: Future<Output = ()> + 'static>(
        head: Reply,
        write: impl FnOnce(SpinBody) -> F + 'static,
    ) -> Self {
        Answer { reply: head, rest: Some(Box::new(move |body| Box::pin(write(body)))) }
    }
}

impl From<Reply> for Answer {
    fn from(reply: Reply) -> Self {
        Answer { reply, rest: None }
    }
}

/// The body of a reply that is being sent.
pub struct SpinBody(pub(crate) StreamWriter<u8>);

impl BodyWriter for SpinBody {
    async fn write(&mut self, bytes: Vec<u8>) -> Result<(), ClientGone> {
        match in_time(self.0.write_all(bytes)).await {
            Ok(rest) if rest.is_empty() => Ok(()),
            _ => Err(ClientGone),
        }
    }
}
