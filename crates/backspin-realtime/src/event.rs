//! Server-sent events: <https://html.spec.whatwg.org/multipage/server-sent-events.html>.

use serde_json::json;

use crate::client::ClientId;

/// A line that clients skip. It shows whether there still is somebody, to us and to proxies on the way.
pub(crate) const HEARTBEAT: &[u8] = b":\n\n";

/// An event as PocketBase writes it: each has the client's id. `topic` and `data` hold no line ends: topics are of
/// [`crate::topic`], and JSON writes them as `\n`.
pub(crate) fn event(client: &str, topic: &str, data: &str) -> Vec<u8> {
    format!("id:{client}\nevent:{topic}\ndata:{data}\n\n").into_bytes()
}

/// The first event of a stream, which tells the client its id.
pub(crate) fn connected(id: &ClientId) -> Vec<u8> {
    event(id.as_str(), "PB_CONNECT", &json!({ "clientId": id.as_str() }).to_string())
}
