//! `cargo run -p sandbox`: starts the five services, prints where they are, and serves until told to stop.

use std::io::{Read as _, Write as _};

use clap::Parser as _;
use sandbox::{Sandbox, Settings};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let settings = Settings::parse();
    let until_stdin_closes = settings.until_stdin_closes;
    let sandbox = Sandbox::start(settings).await?;
    let mut out = std::io::stdout();
    writeln!(out, "{}", sandbox.ready()?)?;
    out.flush()?;

    tokio::select! {
        () = stop_signal() => {}
        () = stdin_closed(), if until_stdin_closes => {}
    }
    Ok(())
}

#[cfg(unix)]
async fn stop_signal() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
        }
        Err(_) => drop(tokio::signal::ctrl_c().await),
    }
}

#[cfg(not(unix))]
async fn stop_signal() {
    drop(tokio::signal::ctrl_c().await);
}

/// A plain thread: the runtime would wait for its own blocking read before it ends.
async fn stdin_closed() {
    let (closed, wait) = tokio::sync::oneshot::channel::<()>();
    std::thread::spawn(move || {
        let mut buffer = [0u8; 256];
        let mut stdin = std::io::stdin();
        while matches!(stdin.read(&mut buffer), Ok(n) if n > 0) {}
        drop(closed);
    });
    drop(wait.await);
}
