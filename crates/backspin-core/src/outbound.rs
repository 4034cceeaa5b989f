//! The port to other HTTP servers, for the few components that may call them.

use http::Uri;

use crate::NetworkError;

/// A request with an absolute URL, its headers and its body.
pub type OutboundRequest = http::Request<Vec<u8>>;

/// The status, headers and body of a reply.
pub type OutboundReply = http::Response<Vec<u8>>;

/// Sends requests to other servers.
#[allow(async_fn_in_trait, reason = "callers are generic: no future needs to be named or sent")]
pub trait Outbound {
    /// Sends `request` and reads the whole reply, whatever its status; a redirection is not followed. Ends within
    /// [`crate::limits::NETWORK_MS_MAX`].
    ///
    /// Errors: what [`check_url`] refuses; a reply whose body is longer than `reply_bytes_max`; no reply.
    async fn send(
        &self,
        request: OutboundRequest,
        reply_bytes_max: usize,
    ) -> Result<OutboundReply, NetworkError>;
}

/// Refuses the URLs that no request goes to: only `https` keeps secrets on the way, so `http` is for this machine alone.
///
/// Errors: [`NetworkError::Failed`] for a URL of another scheme, without a host, or of `http` to another machine.
pub fn check_url(url: &Uri) -> Result<(), NetworkError> {
    let host = url.host().unwrap_or_default();
    let is_own = matches!(host, "127.0.0.1" | "[::1]" | "localhost");
    match url.scheme_str() {
        Some("https") if !host.is_empty() => Ok(()),
        Some("http") if is_own => Ok(()),
        _ => Err(NetworkError::Failed(format!("{} is no URL with https", without_query(url)))),
    }
}

/// The URL as the log may show it: the query may have secrets.
fn without_query(url: &Uri) -> String {
    let origin = url.scheme_str().zip(url.host()).map(|(scheme, host)| format!("{scheme}://{host}"));
    format!("{}{}", origin.unwrap_or_default(), url.path())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_leave_this_machine_by_https_only() {
        for good in ["https://a.example/x?y", "http://127.0.0.1:8080/", "http://[::1]:1/", "http://localhost"]
        {
            assert_eq!(check_url(&Uri::from_static(good)), Ok(()), "{good}");
        }
        for bad in
            ["http://a.example/", "http://127.0.0.1.example/", "ftp://a.example/", "/path", "a.example"]
        {
            assert!(check_url(&Uri::from_static(bad)).is_err(), "{bad}");
        }
        let error = check_url(&Uri::from_static("http://a.example/x?secret=1")).unwrap_err();
        assert_eq!(error.to_string(), "http://a.example/x is no URL with https");
    }
}
