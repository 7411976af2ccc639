//! What is wrong with an expression, and where.

use std::ops::Range;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The expression has no meaning.
    Error,
    /// It has one, though hardly the one that was meant.
    Warning,
}

/// One mistake in an expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// In bytes of the source.
    pub at: Range<usize>,
    pub severity: Severity,
    pub what: String,
    /// What would be right, as a sentence without its capital and point.
    pub mend: Option<String>,
}

impl Problem {
    pub(crate) fn error(at: Range<usize>, what: impl Into<String>) -> Self {
        Self {
            at,
            severity: Severity::Error,
            what: what.into(),
            mend: None,
        }
    }

    pub(crate) fn warning(at: Range<usize>, what: impl Into<String>) -> Self {
        Self {
            severity: Severity::Warning,
            ..Self::error(at, what)
        }
    }

    pub(crate) fn mend(self, mend: impl Into<String>) -> Self {
        Self {
            mend: Some(mend.into()),
            ..self
        }
    }

    /// The expression, a marker under the place, what is wrong and the mend, each on a line of its own.
    pub fn render(&self, source: &str) -> String {
        let start = self.at.start.min(source.len());
        let before = source.get(..start).unwrap_or(source);
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        let line = source.get(line_start..).unwrap_or_default();
        let line = line.split('\n').next().unwrap_or_default();
        let column = source.get(line_start..start).unwrap_or_default().chars().count();
        let marked = source.get(start..self.at.end).unwrap_or_default();
        let width = marked.split('\n').next().unwrap_or_default().chars().count().max(1);
        let mut out = format!("{line}\n{}{}\n{}", " ".repeat(column), "^".repeat(width), self.what);
        if let Some(mend) = &self.mend {
            out.push('\n');
            out.push_str(mend);
        }
        out
    }
}
