//! `/api/collections/meta/…`

use backspin_tests::start;
use serde_json::json;

const SCAFFOLDS: &str = "/api/collections/meta/scaffolds";
const PROVIDERS: &str = "/api/collections/meta/oauth2-providers";
const DISCOVERY: &str = "/api/collections/meta/oauth2-discovery";
const DRY_RUN: &str = "/api/collections/meta/dry-run-view";

#[test]
fn a_scaffold_makes_a_collection() {
    let (_app, anon, root) = start();
    assert_eq!(anon.get(SCAFFOLDS).refused_with(401), [""; 0]);
    let fields = "?fields=base.type,view.viewQuery";
    let some = root.get(&format!("{SCAFFOLDS}{fields}")).ok();
    assert_eq!(some, json!({"base": {"type": "base"}, "view": {"viewQuery": ""}}));
    let mut people = root.get(SCAFFOLDS).ok()["auth"].take();
    people["name"] = json!("people");
    assert_eq!(root.post("/api/collections", people).ok()["id"], "pbc_1846335439");
}

#[test]
fn identity_providers_are_listed() {
    let (_app, anon, root) = start();
    assert_eq!(anon.get(PROVIDERS).refused_with(401), [""; 0]);
    let providers = root.get(&format!("{PROVIDERS}?fields=name,displayName")).ok();
    assert_eq!(providers[0], json!({"name": "apple", "displayName": "Apple"}));
}

/// What a provider replies with is in `tests/oidc/flow.mjs`.
#[test]
fn an_openid_provider_is_asked_only_where_the_operator_allows_it() {
    let (_app, anon, root) = start();
    let issuer = json!({"issuer": "https://id.example.com"});
    assert_eq!(anon.post(DISCOVERY, issuer.clone()).refused_with(401), [""; 0]);
    let denied = ["issuer: validation_host_not_allowed"];
    assert_eq!(root.post(DISCOVERY, issuer).refused_with(400), denied);
    assert_eq!(root.post(DISCOVERY, json!({})).refused_with(400), ["issuer: validation_required"]);
    assert_eq!(root.get(DISCOVERY).status, 404);
}

#[test]
fn a_view_is_tried_before_it_is_made() {
    let (_app, anon, root) = start();
    root.post("/api/collections", json!({"name": "posts"})).ok();
    let post = root.post("/api/collections/posts/records", json!({})).ok();
    let shown = root.post(DRY_RUN, json!({"query": "SELECT id, 1 AS one FROM posts"})).ok();
    assert_eq!([&shown["sample"][0]["id"], &shown["sample"][0]["one"]], [&post["id"], &json!(1)]);
    assert_eq!([&shown["fields"][0]["name"], &shown["fields"][1]["type"]], ["id", "json"]);
    assert_eq!(root.post(DRY_RUN, json!({"query": "SELECT 1"})).refused_with(400), [""; 0]);
    assert_eq!(root.post(DRY_RUN, json!({})).refused_with(400), ["query: validation_required"]);
    assert_eq!(anon.post(DRY_RUN, json!({"query": "SELECT 1"})).refused_with(401), [""; 0]);
}

#[test]
fn a_collection_may_be_called_meta() {
    let (_app, _anon, root) = start();
    root.post("/api/collections", json!({"name": "meta"})).ok();
    root.post("/api/collections/meta/records", json!({})).ok();
    assert_eq!(root.get("/api/collections/meta/records").ok()["totalItems"], 1);
    assert_eq!(root.delete("/api/collections/meta/truncate").status, 204);
}
