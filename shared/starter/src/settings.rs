//! A function's settings, read once from the environment. What is missing is told all at once.

/// Reads settings and remembers what was missing.
#[derive(Debug, Default)]
pub struct Settings {
    missing: Vec<String>,
}

/// Settings a function cannot start with.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    #[error("these environment variables are not set: {}; template.yaml sets them", .0.join(", "))]
    Missing(Vec<String>),
    #[error("the environment variable {name} {what}")]
    Wrong { name: &'static str, what: String },
    #[error("cannot read the certificates that AWS_CA_BUNDLE names, {path}: {why}")]
    Roots { path: String, why: std::io::Error },
    #[error("TLS cannot be set up: {0}")]
    Tls(String),
}

impl Settings {
    pub fn from_environment() -> Self {
        Self::default()
    }

    /// A text that must be there. Give the settings to [`Settings::complete`] when all are read.
    pub fn text(&mut self, name: &str) -> String {
        self.optional(name).unwrap_or_else(|| {
            self.missing.push(name.to_owned());
            String::new()
        })
    }

    /// A text that may be absent or empty.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
    pub fn optional(&self, name: &str) -> Option<String> {
        std::env::var(name).ok().filter(|value| !value.is_empty())
    }

    /// A whole number that must be there.
    pub fn number(&mut self, name: &'static str) -> Result<u32, SettingsError> {
        let text = self.text(name);
        if text.is_empty() {
            return Ok(0);
        }
        text.parse().map_err(|_| SettingsError::Wrong {
            name,
            what: format!("is {text:?} and should be a whole number"),
        })
    }

    /// An error where anything was missing.
    pub fn complete(self) -> Result<(), SettingsError> {
        let Self { mut missing } = self;
        missing.sort();
        missing.dedup();
        if missing.is_empty() {
            Ok(())
        } else {
            Err(SettingsError::Missing(missing))
        }
    }
}
