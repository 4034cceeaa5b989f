//! Work after the reply: in this component, or in another that is woken.

use std::future::Future;

use spin_sdk::wasip3::clocks::monotonic_clock;
use spin_sdk::wasip3::http::client;
use spin_sdk::wasip3::http::types::{Fields, Method, Request, Scheme};
use spin_sdk::wasip3::wit_future;

/// Goes on with `work` when the reply to this request has been handed over. The runtime may end it at any time.
pub fn after_reply(work: impl Future<Output = ()> + 'static) {
    spin_sdk::wasip3::spawn(work);
}

/// Waits.
pub async fn sleep_ms(ms: u64) {
    monotonic_clock::wait_for(ms.saturating_mul(1_000_000)).await;
}

/// Sends a request to another component, whose reply does not matter. Needs `http://NAME.spin.internal` among the
/// component's `allowed_outbound_hosts`.
pub(crate) fn wake(component: &str) {
    let host = format!("{component}.spin.internal");
    after_reply(async move {
        if let Err(reason) = call(&host).await {
            eprintln!("warning: cannot wake {host}: {reason}");
        }
    });
}

async fn call(host: &str) -> Result<(), String> {
    let (trailers_writer, trailers) = wit_future::new(|| Ok(None));
    let (request, _sent) = Request::new(Fields::new(), None, trailers, None);
    drop(trailers_writer);
    let invalid = |()| "the name is no host".to_owned();
    request.set_method(&Method::Post).map_err(invalid)?;
    request.set_scheme(Some(&Scheme::Http)).map_err(invalid)?;
    request.set_authority(Some(host)).map_err(invalid)?;
    request.set_path_with_query(Some("/wake")).map_err(invalid)?;
    client::send(request).await.map(|_| ()).map_err(|error| error.to_string())
}
