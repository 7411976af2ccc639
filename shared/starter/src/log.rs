//! The log, by Lambda's logging controls.

use lambda_runtime::tracing::subscriber::filter::{LevelFilter, Targets};
use lambda_runtime::tracing::subscriber::fmt;
use lambda_runtime::tracing::subscriber::prelude::*;

use crate::Settings;

/// Starts the log as the runtime's `init_default_subscriber` does, but for its filter: that one knows patterns for the
/// fields of spans, and so links regular expressions, a twentieth of a function.
pub(crate) fn start() {
    let settings = Settings::from_environment();
    // As `RUST_LOG` says by target, else from the level on that Lambda says.
    let (level, targets) = (settings.optional("AWS_LAMBDA_LOG_LEVEL"), settings.optional("RUST_LOG"));
    let filter = filter(level.as_deref(), targets.as_deref());
    let format = settings.optional("AWS_LAMBDA_LOG_FORMAT");
    let lines = fmt()
        .with_max_level(LevelFilter::TRACE)
        .with_target(false)
        .without_time();
    if format.is_some_and(|format| format.eq_ignore_ascii_case("json")) {
        lines.json().finish().with(filter).init();
    } else {
        lines.finish().with(filter).init();
    }
}

fn filter(level: Option<&str>, targets: Option<&str>) -> Targets {
    let level = level.and_then(|level| level.parse().ok()).unwrap_or(LevelFilter::INFO);
    targets
        .and_then(|targets| targets.parse().ok())
        .unwrap_or_else(|| Targets::new().with_default(level))
}

#[cfg(test)]
mod tests {
    use lambda_runtime::tracing::Level;

    use super::*;

    #[test]
    fn lambdas_level_counts_unless_targets_are_named() {
        let shown = |level, targets, target: &str, of| filter(level, targets).would_enable(target, &of);
        assert!(shown(None, None, "store", Level::INFO));
        assert!(!shown(None, None, "store", Level::DEBUG));
        assert!(shown(Some("DEBUG"), None, "store", Level::DEBUG));
        assert!(!shown(Some("WARN"), None, "store", Level::INFO));
        // No level of `tracing`.
        assert!(shown(Some("FATAL"), None, "store", Level::INFO));
        assert!(shown(Some("INFO"), Some("warn,store=trace"), "store", Level::TRACE));
        assert!(!shown(Some("INFO"), Some("warn,store=trace"), "hyper", Level::INFO));
        assert!(shown(Some("INFO"), Some("store=nonsense"), "hyper", Level::INFO));
    }
}
