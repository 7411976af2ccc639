//! One mistake in a programme's files, and where it is.

use std::fmt;
use std::ops::Range;

use serde::Serialize;

/// Whether a programme with such a mistake can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// It cannot.
    Error,
    /// It can, and hardly means what it says.
    Warning,
}

impl Severity {
    pub fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

/// One mistake in a programme's files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    pub severity: Severity,
    /// The file's name inside the programme's folder.
    pub file: String,
    /// The bytes that are wrong; none where it is the file as a whole, for something is not in it.
    pub bytes: Range<usize>,
    /// Counted from 1.
    pub line: usize,
    /// In characters, counted from 1.
    pub column: usize,
    /// The first place after it.
    pub end_line: usize,
    pub end_column: usize,
    /// What is wrong.
    pub what: String,
    /// What would be right.
    pub mend: Option<String>,
}

impl Mistake {
    /// Whether it is the file as a whole, and no place in it.
    pub fn is_of_whole_file(&self) -> bool {
        self.bytes == (0..0)
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}:{}:{}: {}", self.file, self.line, self.column, self.what)?;
        self.mend.iter().try_for_each(|mend| write!(out, "; {mend}"))
    }
}

/// A file's name and content, to place mistakes in.
#[derive(Clone, Copy)]
pub(crate) struct Source<'a> {
    pub(crate) name: &'a str,
    pub(crate) text: &'a str,
}

impl Source<'_> {
    /// A mistake in a range of bytes. What is said after its last semicolon is its mend, as in "it lasts 0 days; write 1 or
    /// more".
    pub(crate) fn mistake(self, severity: Severity, bytes: Range<usize>, said: impl Into<String>) -> Mistake {
        let (line, column) = self.place(bytes.start);
        let (end_line, end_column) = self.place(bytes.end);
        let said = said.into();
        let (what, mend) = match said.rsplit_once("; ") {
            Some((what, mend)) => (what.to_owned(), Some(mend.to_owned())),
            None => (said, None),
        };
        Mistake {
            severity,
            file: self.name.to_owned(),
            bytes,
            line,
            column,
            end_line,
            end_column,
            what,
            mend,
        }
    }

    pub(crate) fn error(self, bytes: Range<usize>, said: impl Into<String>) -> Mistake {
        self.mistake(Severity::Error, bytes, said)
    }

    /// Line and column of a byte, counted from 1.
    fn place(self, byte: usize) -> (usize, usize) {
        let before = self.text.get(..byte).unwrap_or(self.text);
        let line = before.rsplit('\n').next().unwrap_or_default();
        // Some editors put a mark that nobody sees before the first line.
        let line = line.strip_prefix('\u{feff}').unwrap_or(line);
        (before.matches('\n').count() + 1, line.chars().count() + 1)
    }
}
