//! HTTP to other servers by the operating system, one request after the other.

use std::time::Duration;

use backspin_core::{NetworkError, Outbound, OutboundReply, OutboundRequest, check_url, limits};
use ureq::{Agent, Error};

/// The HTTP client of this process.
#[derive(Clone, Debug)]
pub struct HttpOutbound(Agent);

impl Default for HttpOutbound {
    fn default() -> Self {
        let config = Agent::config_builder()
            .timeout_global(Some(Duration::from_millis(limits::NETWORK_MS_MAX)))
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .proxy(None)
            .build();
        HttpOutbound(Agent::new_with_config(config))
    }
}

impl Outbound for HttpOutbound {
    async fn send(
        &self,
        request: OutboundRequest,
        reply_bytes_max: usize,
    ) -> Result<OutboundReply, NetworkError> {
        check_url(request.uri())?;
        let (head, mut body) = self.0.run(request).map_err(failed)?.into_parts();
        let bytes = body.with_config().limit(reply_bytes_max as u64 + 1).read_to_vec().map_err(failed)?;
        if bytes.len() > reply_bytes_max {
            return Err(NetworkError::Failed(format!("the reply is longer than {reply_bytes_max} bytes")));
        }
        Ok(OutboundReply::from_parts(head, bytes))
    }
}

fn failed(error: Error) -> NetworkError {
    match error {
        Error::Timeout(_) => NetworkError::Timeout,
        Error::HostNotFound => NetworkError::NameUnknown("of the server".to_owned()),
        error => NetworkError::Failed(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::TcpListener;

    use futures::executor::block_on;
    use ureq::http;

    use super::*;

    /// Sends a request to a server that has this one reply.
    fn ask(reply: &'static str, reply_bytes_max: usize) -> Result<OutboundReply, NetworkError> {
        let server = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/", server.local_addr().unwrap());
        let served = std::thread::spawn(move || {
            let (mut stream, _) = server.accept().unwrap();
            let count = stream.read(&mut [0; 1024]).unwrap();
            stream.write_all(reply.as_bytes()).unwrap();
            count
        });
        let request = http::Request::get(url).body(Vec::new()).unwrap();
        let reply = block_on(HttpOutbound::default().send(request, reply_bytes_max));
        assert!(served.join().unwrap() > 0);
        reply
    }

    #[test]
    fn a_reply_of_any_status_is_read_and_no_redirection_followed() {
        let reply =
            ask("HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 5\r\n\r\nabcde", 5);
        let reply = reply.unwrap();
        assert_eq!((reply.status().as_u16(), reply.body().as_slice()), (302, b"abcde".as_slice()));
    }

    #[test]
    fn a_reply_that_is_too_long_is_refused() {
        let error = ask("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nabcde", 4).unwrap_err();
        assert!(matches!(error, NetworkError::Failed(_)), "{error}");
    }

    #[test]
    fn another_machine_is_asked_by_https_only() {
        let request = http::Request::get("http://a.example/").body(Vec::new()).unwrap();
        let error = block_on(HttpOutbound::default().send(request, 1)).unwrap_err();
        assert_eq!(error.to_string(), "http://a.example/ is no URL with https");
    }
}
