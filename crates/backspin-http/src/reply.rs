//! A reply: its status, its headers, and its body unless that is a stream.

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use sha2::{Digest, Sha256};

/// Status, body and headers. The length of a body that is no stream is always among the headers: without it, stock
/// Spin sends the reply in two packets and every request on a kept-alive connection takes 40 ms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    status: u16,
    content_type: Option<&'static str>,
    is_stream: bool,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
}

impl Reply {
    /// JSON that is already rendered.
    pub fn json(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Reply { body: body.into(), ..Reply::of_type(status, Some("application/json")) }
    }

    /// 200 with JSON that is already rendered.
    pub fn ok(body: impl Into<Vec<u8>>) -> Self {
        Reply::json(200, body)
    }

    /// 204: done, and nothing to say.
    pub fn no_content() -> Self {
        Reply::of_type(204, None)
    }

    /// 200 with a page of these parts, none of which may come from a client. It runs this script and no other, may call
    /// this server and nobody else, loads nothing, and is framed by nobody.
    pub fn page(title: &str, style: &str, body: &str, script: &str) -> Self {
        let html = format!(
            "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{title}</title>\n\
             <style>{style}</style>\n</head>\n<body>\n{body}<script>{script}</script>\n</body>\n</html>\n"
        );
        let hash = |part: &str| BASE64.encode(Sha256::digest(part));
        let policy = format!(
            "default-src 'none'; script-src 'sha256-{}'; style-src 'sha256-{}'; connect-src 'self'; \
             base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
            hash(script),
            hash(style)
        );
        let reply = Reply { body: html.into(), ..Reply::of_type(200, Some("text/html; charset=utf-8")) };
        reply.with_header("content-security-policy", policy).with_header("referrer-policy", "no-referrer")
    }

    /// Sends the browser on to `target`. What stood in this request's address is not told to the next.
    pub fn redirect(status: u16, target: impl Into<String>) -> Self {
        Reply::of_type(status, None)
            .with_header("location", target)
            .with_header("cache-control", "no-store")
            .with_header("referrer-policy", "no-referrer")
    }

    /// The head of a stream of server-sent events, which proxies are to pass on as they come.
    pub fn event_stream() -> Self {
        let head = Reply { is_stream: true, ..Reply::of_type(200, Some("text/event-stream")) };
        head.with_header("cache-control", "no-store").with_header("x-accel-buffering", "no")
    }

    fn of_type(status: u16, content_type: Option<&'static str>) -> Self {
        Reply { status, content_type, is_stream: false, headers: Vec::new(), body: Vec::new() }
    }

    /// Adds a header.
    pub fn with_header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    pub fn status(&self) -> u16 {
        self.status
    }

    pub fn body(&self) -> &[u8] {
        &self.body
    }

    pub fn into_body(self) -> Vec<u8> {
        self.body
    }

    /// All headers, in lower case.
    pub fn headers(&self) -> Vec<(String, Vec<u8>)> {
        let mut headers = Vec::with_capacity(self.headers.len() + 3);
        if let Some(content_type) = self.content_type {
            headers.push(("content-type".to_owned(), content_type.as_bytes().to_vec()));
            headers.push(("x-content-type-options".to_owned(), b"nosniff".to_vec()));
        }
        // RFC 9110, 8.6: a 204 has no content, so it must not have a length.
        if self.status != 204 && !self.is_stream {
            headers.push(("content-length".to_owned(), self.body.len().to_string().into_bytes()));
        }
        let own = self.headers.iter().map(|(name, value)| ((*name).to_owned(), value.as_bytes().to_vec()));
        headers.extend(own);
        headers
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(reply: &Reply, name: &str) -> Option<String> {
        let (_, value) = reply.headers().into_iter().find(|(key, _)| key == name)?;
        String::from_utf8(value).ok()
    }

    #[test]
    fn every_reply_with_a_body_tells_its_length() {
        let reply = Reply::ok("{\"ü\":1}");
        assert_eq!(header(&reply, "content-length").as_deref(), Some("8"));
        assert_eq!(header(&reply, "content-type").as_deref(), Some("application/json"));
        assert_eq!(header(&Reply::redirect(307, "../"), "content-length").as_deref(), Some("0"));
        assert_eq!(header(&Reply::no_content(), "content-length"), None);
    }

    #[test]
    fn a_page_runs_its_script_and_no_other() {
        let page = Reply::page("A", "", "<p>", "abc");
        let policy = header(&page, "content-security-policy").unwrap();
        // SHA-256 of `abc` and of nothing, from its standard.
        assert!(
            policy.contains("; script-src 'sha256-ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=';"),
            "{policy}"
        );
        assert!(
            policy.contains("; style-src 'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=';"),
            "{policy}"
        );
        assert!(policy.starts_with("default-src 'none';") && policy.ends_with("frame-ancestors 'none'"));
        assert!(page.body().windows(20).any(|part| part == b"<script>abc</script>"));
        assert_eq!(header(&page, "referrer-policy").as_deref(), Some("no-referrer"));
    }

    #[test]
    fn a_stream_has_no_length() {
        let head = Reply::event_stream();
        assert_eq!(header(&head, "content-type").as_deref(), Some("text/event-stream"));
        assert_eq!(header(&head, "content-length"), None);
    }
}
