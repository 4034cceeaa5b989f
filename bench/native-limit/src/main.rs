//! The limit that Backspin is measured against: a hand-written native server that does the same work, axum on
//! rusqlite, with nothing in between. One table shape is compiled in, there are no rules, no sign-in and no schema.
//!
//! Reads run on a connection of the worker's own thread, inserts on one connection behind a lock; statements are
//! prepared once, and SQLite renders the reply.

mod posts;
mod store;

use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::{Context, Result};
use axum::Router;
use axum::routing::get;
use axum::serve::ListenerExt;
use clap::Parser;

/// A native server with the routes of the benchmark, as an upper bound.
#[derive(Parser)]
struct Arguments {
    /// Where to listen
    #[arg(long)]
    listen: SocketAddr,
    /// An existing folder for the database
    #[arg(long)]
    dir: PathBuf,
}

#[tokio::main]
async fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let store = store::Store::open(arguments.dir.join("limit.db"))?;
    let routes = Router::new()
        .route("/api/health", get(|| async { "{}" }))
        .route("/api/collections/{collection}/records", get(posts::list).post(posts::create))
        .route("/api/collections/{collection}/records/{id}", get(posts::view))
        .with_state(store);
    let listener = tokio::net::TcpListener::bind(arguments.listen)
        .await
        .with_context(|| format!("cannot listen on {}", arguments.listen))?;
    // Not to set it would only cost a reply that does not fit into one write.
    let listener = listener.tap_io(|stream| drop(stream.set_nodelay(true)));
    axum::serve(listener, routes).await.context("the server ended")
}
