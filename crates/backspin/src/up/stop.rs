//! When to stop: Ctrl-C, or a signal from whoever started the process.

/// Resolves on the first request to stop. A second Ctrl-C ends the process at once.
pub(super) async fn requested() {
    first().await;
    eprintln!("\nStopping: running requests may finish. Ctrl-C again ends at once.");
    tokio::spawn(async {
        first().await;
        std::process::exit(130);
    });
}

#[cfg(unix)]
async fn first() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        // Without a handler the signal ends the process by itself.
        return interrupt().await;
    };
    tokio::select! {
        () = interrupt() => {}
        _ = terminate.recv() => {}
    }
}

#[cfg(not(unix))]
async fn first() {
    interrupt().await;
}

async fn interrupt() {
    if tokio::signal::ctrl_c().await.is_err() {
        // Without a handler Ctrl-C ends the process by itself.
        std::future::pending::<()>().await;
    }
}
