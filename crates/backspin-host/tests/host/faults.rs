//! A component that fails harms its own request only.

use std::time::Duration;

use backspin_host::Spread;
use bytes::Bytes;
use http::{Method, StatusCode};
use http_body_util::{BodyExt as _, Full};

use crate::served::{serve, serve_with};

#[tokio::test(flavor = "multi_thread")]
async fn a_trap_or_panic_is_a_500_and_the_next_request_works() {
    let app = serve("").await;
    for path in ["/trap", "/panic", "/classic/panic"] {
        assert_eq!(app.get(path).await.status, StatusCode::INTERNAL_SERVER_ERROR, "{path}");
        assert_eq!(app.text("/hello").await, "hello");
    }
    app.wait_for_log("as asked for").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endless_loop_is_a_504_and_others_go_on() {
    let app = serve_with("", |options| options.request_timeout = Duration::from_secs(2)).await;
    let (looping, others) = tokio::join!(app.get("/loop"), async {
        for _ in 0..20 {
            assert_eq!(app.text("/hello").await, "hello");
            assert_eq!(app.text("/classic/hello").await, "hello");
        }
        true
    });
    assert_eq!(looping.status, StatusCode::GATEWAY_TIMEOUT);
    assert!(others);
    assert_eq!(app.text("/hello").await, "hello");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_waits_too_long_is_a_504() {
    let app = serve_with("", |options| options.request_timeout = Duration::from_millis(500)).await;
    assert_eq!(app.get("/sleep?ms=60000").await.status, StatusCode::GATEWAY_TIMEOUT);
    assert_eq!(app.text("/hello").await, "hello");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_memory_bomb_is_a_500_and_the_next_request_works() {
    let app = serve_with("", |options| options.instance_memory_bytes_max = 16 << 20).await;
    assert_eq!(app.get("/bomb").await.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(app.text("/hello").await, "hello");
}

#[tokio::test(flavor = "multi_thread")]
async fn waiting_requests_survive_the_trap_of_their_neighbour() {
    let app = serve("").await;
    let (waiting, trapped) =
        tokio::join!(futures::future::join_all((0..8).map(|_| app.get("/sleep?ms=400"))), async {
            tokio::time::sleep(Duration::from_millis(100)).await;
            app.get("/trap").await
        });
    assert_eq!(trapped.status, StatusCode::INTERNAL_SERVER_ERROR);
    for reply in waiting {
        assert_eq!((reply.status, reply.text.as_str()), (StatusCode::OK, "awake"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_whose_client_goes_ends() {
    let app = serve("").await;
    let mut reply =
        app.stream(Method::GET, "/ticks?count=100000&pause_ms=5", &[], Full::new(Bytes::new())).await;
    reply.frame().await.unwrap().unwrap();
    drop(reply);
    app.wait_for_log("client gone after").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_whose_client_goes_is_cancelled() {
    let app = serve_with("", |options| {
        options.instance_reuse_count_max = Spread::Exact(1);
        options.idle_instance_timeout = Spread::Exact(Duration::from_millis(100));
    })
    .await;
    let impatient = tokio::time::timeout(Duration::from_millis(200), app.get("/sleep?ms=3600000"));
    assert!(impatient.await.is_err());
    // Its instance is taken away although the guest still sleeps.
    app.wait_for_log("its client has gone").await;
}
