//! HTTP: routes, headers, bodies, streams, limits, and the end.

use std::time::Duration;

use backspin_host::Spread;
use bytes::Bytes;
use futures::StreamExt as _;
use http::{Method, StatusCode};
use http_body::Frame;
use http_body_util::{BodyExt as _, Full, StreamBody};
use tokio::time::Instant;

use crate::served::{serve, serve_with};

#[tokio::test(flavor = "multi_thread")]
async fn routes_find_components_and_static_replies() {
    let app = serve("").await;
    assert_eq!(app.text("/hello").await, "hello");
    assert_eq!(app.text("/classic/hello").await, "hello");
    let fixed = app.get("/fixed").await;
    assert_eq!((fixed.status.as_u16(), fixed.text.as_str()), (418, "fixed"));
    assert_eq!(fixed.headers["x-kind"], "static");
    assert_eq!(fixed.headers["content-length"], "5");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_host_sets_its_headers_and_believes_no_copies() {
    let app = serve("").await;
    let forged =
        [("spin-client-addr", "6.6.6.6"), ("spin-path-match-first", "forged"), ("host", "example.com")];
    let reply = app.send(Method::GET, "/headers?a=b", &forged, "").await;
    assert!(!reply.text.contains("forged") && !reply.text.contains("6.6.6.6"), "{}", reply.text);
    for line in [
        "spin-base-path: /",
        "spin-component-route: ",
        "spin-full-url: http://example.com/headers?a=b",
        "spin-matched-route: /...",
        "spin-path-info: /headers",
        "spin-raw-component-route: /...",
    ] {
        assert!(reply.text.lines().any(|found| found == line), "no {line:?} in\n{}", reply.text);
    }
    assert!(reply.text.contains("spin-client-addr: 127.0.0.1:"), "{}", reply.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_stream_both_ways() {
    let app = serve("").await;
    let (sender, receiver) = tokio::sync::mpsc::channel::<Bytes>(1);
    let body = futures::stream::unfold(receiver, |mut receiver| async move {
        receiver.recv().await.map(|bytes| (Ok(Frame::data(bytes)), receiver))
    });
    let mut reply = app.stream(Method::POST, "/echo", &[], StreamBody::new(body)).await;
    // Each part comes back before the next one is sent.
    for part in ["one", "two", "three"] {
        sender.send(Bytes::from(part)).await.unwrap();
        assert_eq!(reply.frame().await.unwrap().unwrap().into_data().unwrap(), part);
    }
    drop(sender);
    assert!(reply.frame().await.is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn large_bodies_pass() {
    let app = serve("").await;
    let bytes = Bytes::from(vec![b'x'; 20 << 20]);
    assert_eq!(app.send(Method::POST, "/length", &[], bytes.clone()).await.text, (20 << 20).to_string());
    let echoed = app.stream(Method::POST, "/echo", &[], Full::new(bytes.clone())).await;
    assert_eq!(echoed.into_body().collect().await.unwrap().to_bytes(), bytes);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_over_the_limit_is_refused() {
    let app = serve_with("", |options| options.request_body_bytes_max = 1_000).await;
    assert_eq!(app.send(Method::POST, "/length", &[], vec![b'x'; 1_000]).await.text, "1000");
    assert_eq!(
        app.send(Method::POST, "/length", &[], vec![b'x'; 1_001]).await.status,
        StatusCode::PAYLOAD_TOO_LARGE
    );
    // The same without a declared length.
    let parts = futures::stream::iter(0..20).map(|_| Ok(Frame::data(Bytes::from(vec![b'x'; 100]))));
    let reply = app.stream(Method::POST, "/length", &[], StreamBody::new(parts)).await;
    assert_eq!(reply.status(), StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_upload_is_no_stuck_request() {
    let app = serve_with("", |options| options.request_timeout = Duration::from_millis(800)).await;
    let parts = futures::stream::unfold(0, |sent| async move {
        tokio::time::sleep(Duration::from_millis(200)).await;
        (sent < 10).then(|| (Ok(Frame::data(Bytes::from_static(b"part"))), sent + 1))
    });
    let reply = app.stream(Method::POST, "/length", &[], StreamBody::new(parts)).await;
    assert_eq!(reply.into_body().collect().await.unwrap().to_bytes(), "40");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_goes_on_for_more_than_a_minute() {
    // Its instance must outlive every timeout while the reply is open.
    let app = serve_with("", |options| {
        options.request_timeout = Duration::from_secs(5);
        options.idle_instance_timeout = Spread::Exact(Duration::from_secs(1));
    })
    .await;
    let start = Instant::now();
    let mut reply =
        app.stream(Method::GET, "/ticks?count=62&pause_ms=1000", &[], Full::new(Bytes::new())).await;
    let mut ticks = 0;
    while let Some(frame) = reply.frame().await {
        assert_eq!(frame.unwrap().into_data().unwrap(), format!("data: {ticks}\n\n"));
        ticks += 1;
    }
    assert_eq!(ticks, 62);
    assert!(start.elapsed() > Duration::from_secs(60));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_head_request_gets_no_body() {
    let app = serve("").await;
    let reply = app.send(Method::HEAD, "/hello", &[], "").await;
    assert_eq!((reply.status, reply.text.as_str()), (StatusCode::OK, ""));
}

#[tokio::test(flavor = "multi_thread")]
async fn many_requests_at_once_are_all_answered() {
    let app = serve("").await;
    let replies = futures::future::join_all((0..300).map(|_| app.text("/hello"))).await;
    assert!(replies.iter().all(|text| text == "hello"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopping_server_finishes_requests_and_closes_streams() {
    let app = serve("").await;
    let address = app.address;
    let mut ticks =
        app.stream(Method::GET, "/ticks?count=100000&pause_ms=20", &[], Full::new(Bytes::new())).await;
    ticks.frame().await.unwrap().unwrap();
    let running = app.stream(Method::GET, "/sleep?ms=700", &[], Full::new(Bytes::new()));
    let (reply, stopped) = tokio::join!(running, async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        // A server that is told to stop takes no further connections.
        true
    });
    assert_eq!(reply.status(), StatusCode::OK);
    assert!(stopped);
    let stopping = tokio::spawn(app.stop());
    // The stream ends properly, not by a broken connection.
    while let Some(frame) = ticks.frame().await {
        frame.unwrap();
    }
    stopping.await.unwrap().unwrap();
    assert!(tokio::net::TcpStream::connect(address).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_request_outlives_the_stop() {
    let app = serve("").await;
    let address = app.address;
    let slow = tokio::spawn(async move {
        let stream = tokio::net::TcpStream::connect(address).await.unwrap();
        let io = hyper_util::rt::TokioIo::new(stream);
        let (mut sender, connection) = hyper::client::conn::http1::handshake(io).await.unwrap();
        tokio::spawn(connection);
        let request = http::Request::get("/sleep?ms=1000")
            .header("host", "test")
            .body(Full::new(Bytes::new()))
            .unwrap();
        sender.send_request(request).await.unwrap().status()
    });
    tokio::time::sleep(Duration::from_millis(300)).await;
    app.stop().await.unwrap();
    assert_eq!(slow.await.unwrap(), StatusCode::OK);
}
