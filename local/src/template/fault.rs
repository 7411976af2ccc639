//! What can be wrong with a template, and where.

use std::fmt;
use std::path::PathBuf;

/// Why a template cannot be read. The text names the file, the line where there is one, the part and the mend.
#[derive(Debug, thiserror::Error)]
pub enum TemplateError {
    #[error("{}: cannot be read: {source}", path.display())]
    Unreadable { path: PathBuf, source: std::io::Error },
    #[error("{place}: {problem}")]
    Wrong { place: Place, problem: Problem },
}

/// A file and, where it is known, a line counted from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    pub path: PathBuf,
    pub line: Option<usize>,
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(formatter, "{}:{line}", self.path.display()),
            None => write!(formatter, "{}", self.path.display()),
        }
    }
}

/// What is wrong at a place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    #[error("not readable as YAML: {0}")]
    Syntax(String),
    /// A deployment would fail here too, or do something else than is written.
    #[error("{subject}: {problem}")]
    Invalid { subject: String, problem: String },
    /// A deployment may work; the local bundle cannot do the same.
    #[error("{subject}: {what} is not supported by the local bundle; supported: {supported}")]
    Unsupported {
        subject: String,
        what: String,
        supported: String,
    },
}

/// A problem and its line, while the file's name is not at hand. Line 0 is unknown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) line: usize,
    pub(super) problem: Problem,
}

impl Fault {
    /// A fault whose subject is named later by [`Fault::within`].
    pub(super) fn new(line: usize, problem: impl Into<String>) -> Self {
        Self::invalid(line, "", problem)
    }

    pub(super) fn invalid(line: usize, subject: &str, problem: impl Into<String>) -> Self {
        Self {
            line,
            problem: Problem::Invalid {
                subject: subject.to_owned(),
                problem: problem.into(),
            },
        }
    }

    pub(super) fn unsupported(
        line: usize,
        subject: &str,
        what: impl Into<String>,
        supported: impl Into<String>,
    ) -> Self {
        Self {
            line,
            problem: Problem::Unsupported {
                subject: subject.to_owned(),
                what: what.into(),
                supported: supported.into(),
            },
        }
    }

    /// Names the part of the template, where the fault does not name one yet.
    pub(super) fn within(mut self, name: &str) -> Self {
        match &mut self.problem {
            Problem::Invalid { subject, .. } | Problem::Unsupported { subject, .. } if subject.is_empty() => {
                name.clone_into(subject);
            }
            _ => {}
        }
        self
    }

    pub(super) fn at(self, path: PathBuf) -> TemplateError {
        TemplateError::Wrong {
            place: Place {
                path,
                line: (self.line > 0).then_some(self.line),
            },
            problem: self.problem,
        }
    }
}
