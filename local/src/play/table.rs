//! A table as it is read in a terminal.

use std::fmt::{self, Write};

use super::print::{FAINT, HEADING};

/// Rows of a name and right-aligned cells.
pub(super) struct Table<'a> {
    out: &'a mut String,
    pub(super) columns: Vec<&'static str>,
    pub(super) rows: Vec<Row>,
}

pub(super) struct Row {
    pub(super) name: String,
    pub(super) cells: Vec<String>,
    /// Follows the cells.
    pub(super) after: String,
    /// A line above, where a new group of rows begins.
    pub(super) apart: bool,
}

impl Row {
    pub(super) fn new<const N: usize>(name: &str, cells: [String; N]) -> Self {
        Self {
            name: name.to_owned(),
            cells: cells.into(),
            after: String::new(),
            apart: false,
        }
    }
}

impl<'a> Table<'a> {
    pub(super) fn new(out: &'a mut String) -> Self {
        Self {
            out,
            columns: Vec::new(),
            rows: Vec::new(),
        }
    }

    pub(super) fn write(self, title: &str) -> fmt::Result {
        let out = self.out;
        let names = self
            .rows
            .iter()
            .map(|row| width(&row.name) + 2)
            .chain([width(title), 22])
            .max()
            .unwrap_or(0);
        let count = self.rows.iter().map(|row| row.cells.len()).max().unwrap_or(0);
        let widths: Vec<_> = (0..count)
            .map(|nth| {
                let cells = self
                    .rows
                    .iter()
                    .filter_map(|row| row.cells.get(nth))
                    .map(|cell| width(cell));
                cells
                    .chain(self.columns.get(nth).map(|name| name.len()))
                    .chain([8])
                    .max()
                    .unwrap_or(0)
            })
            .collect();
        writeln!(out)?;
        if !title.is_empty() {
            write!(out, "{HEADING}{title}{HEADING:#}")?;
            if !self.columns.is_empty() {
                write!(out, "{}", " ".repeat(names - width(title)))?;
            }
            for (name, width) in self.columns.iter().zip(&widths) {
                write!(out, "  {FAINT}{name:>width$}{FAINT:#}")?;
            }
            writeln!(out)?;
        }
        for row in &self.rows {
            if row.apart {
                let length = widths.iter().map(|width| width + 2).sum::<usize>() + names - 2;
                writeln!(out, "  {FAINT}{}{FAINT:#}", "─".repeat(length))?;
            }
            write!(out, "  {}{}", row.name, " ".repeat(names - width(&row.name) - 2))?;
            for (cell, wide) in row.cells.iter().zip(&widths) {
                write!(out, "  {}{cell}", " ".repeat(wide.saturating_sub(width(cell))))?;
            }
            if !row.after.is_empty() {
                write!(out, "  {}", row.after)?;
            }
            writeln!(out)?;
        }
        Ok(())
    }
}

/// The columns a text takes in a terminal: Chinese, Japanese and Korean characters take two.
pub(super) fn width(text: &str) -> usize {
    text.chars()
        .map(|character| if character >= '\u{2e80}' { 2 } else { 1 })
        .sum()
}
