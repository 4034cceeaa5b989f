//! Outgoing HTTP: only where the manifest says, to the network, to the application, to a neighbour.

use crate::served::{encode, serve};

#[tokio::test(flavor = "multi_thread")]
async fn a_request_goes_where_it_is_allowed() {
    let other = serve("").await;
    let url = encode(&format!("http://{}/hello", other.address));
    let allowed = format!(r#"allowed_outbound_hosts = ["http://{}"]"#, other.address);
    let app = serve(&allowed).await;
    for prefix in ["", "/classic"] {
        assert_eq!(app.text(&format!("{prefix}/fetch?url={url}")).await, "200 hello");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_elsewhere_is_refused_and_reported() {
    let other = serve("").await;
    let app = serve(r#"allowed_outbound_hosts = ["http://127.0.0.1:1"]"#).await;
    for prefix in ["", "/classic"] {
        let text = app
            .text(&format!("{prefix}/fetch?url={}", encode(&format!("http://{}/hello", other.address))))
            .await;
        assert!(text.starts_with("error: "), "{text}");
    }
    let line = app.wait_for_log("allowed_outbound_hosts").await;
    assert!(line.contains(&other.address.to_string()), "{line}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_component_calls_another() {
    let app =
        serve(r#"allowed_outbound_hosts = ["http://current.spin.internal", "http://classic.spin.internal"]"#)
            .await;
    for prefix in ["", "/classic"] {
        let current = encode("http://current.spin.internal/hello");
        assert_eq!(app.text(&format!("{prefix}/fetch?url={current}")).await, "200 hello");
        let classic = encode("http://classic.spin.internal/classic/hello");
        assert_eq!(app.text(&format!("{prefix}/fetch?url={classic}")).await, "200 hello");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_component_may_not_call_another_unasked() {
    let app = serve("").await;
    let url = encode("http://current.spin.internal/hello");
    assert!(app.text(&format!("/fetch?url={url}")).await.starts_with("error: "));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_component_calls_its_own_application() {
    let app = serve(r#"allowed_outbound_hosts = ["http://self"]"#).await;
    let url = encode("http://self.alt/classic/hello");
    assert_eq!(app.text(&format!("/fetch?url={url}")).await, "200 hello");
}
