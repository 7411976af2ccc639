//! The page on which the messages lie in phones: one self-contained HTML page and two JSON answers, on this machine
//! only.

mod list;
mod message;
mod state;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};

use axum::extract::{Query, State};
use axum::http::{HeaderName, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde_json::json;
use tokio::net::TcpListener;

pub use message::{PageMessage, masked};
pub use state::{PageState, Phase, Progress, Shown};

use list::Wanted;

/// A page that cannot be shown.
#[derive(Debug, thiserror::Error)]
pub enum PageError {
    #[error(
        "port {0} is taken, so the page cannot be shown there; choose another with --port N, or --port 0 for any free one"
    )]
    Taken(u16),
    #[error(
        "the page cannot be shown on port {port}: {why}; choose another with --port N, or --port 0 for any free one"
    )]
    Bind { port: u16, why: io::Error },
}

/// Takes a port of this machine; 0 is any free one.
pub async fn bind(port: u16) -> Result<(TcpListener, SocketAddr), PageError> {
    let failed = |why: io::Error| match why.kind() {
        io::ErrorKind::AddrInUse => PageError::Taken(port),
        _ => PageError::Bind { port, why },
    };
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    Ok((listener, address))
}

/// Shows the page until the future is dropped.
pub async fn serve(listener: TcpListener, state: PageState) -> io::Result<()> {
    axum::serve(listener, router(state)).await
}

fn router(state: PageState) -> Router {
    Router::new()
        .route("/", get(page))
        .route("/api/summary", get(summary))
        .route("/api/messages", get(messages))
        .fallback(|| async {
            (
                StatusCode::NOT_FOUND,
                Json(json!({"error": "no such page; the page is at /"})),
            )
        })
        .with_state(state)
}

/// Style, strings and script stand in the one page, so it asks nobody else for anything.
const PAGE: &str = concat!(
    include_str!("page.html"),
    "<style>",
    include_str!("../look.css"),
    include_str!("page.css"),
    "</style>\n<script type=\"module\">\n",
    include_str!("strings.js"),
    include_str!("page.js"),
    "</script>\n",
);

const ONLY_OURS: &str = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:; \
                         connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const FRESH: (HeaderName, &str) = (header::CACHE_CONTROL, "no-store");

async fn page() -> impl IntoResponse {
    ([(header::CONTENT_SECURITY_POLICY, ONLY_OURS), FRESH], Html(PAGE))
}

async fn summary(State(state): State<PageState>) -> Response {
    state.visit();
    state.read(|shown| ([FRESH], Json(shown.overview())).into_response())
}

async fn messages(State(state): State<PageState>, Query(wanted): Query<Wanted>) -> Response {
    state.visit();
    state.read(|shown| match list::list(&shown.messages, &wanted) {
        Ok(listed) => ([FRESH], Json(listed)).into_response(),
        Err(why) => (StatusCode::BAD_REQUEST, Json(json!({"error": why}))).into_response(),
    })
}

#[cfg(test)]
mod tests;
