//! Tables and counts as they are read in a terminal.

use std::fmt::{self, Write};

use anstyle::{AnsiColor, Style};

pub(crate) const HEADING: Style = Style::new().bold();
pub(crate) const FAINT: Style = Style::new().dimmed();
pub(crate) const WARNING: Style = AnsiColor::Yellow.on_default();

/// Rows of a name and right-aligned cells.
pub(crate) struct Table<'a> {
    out: &'a mut String,
    pub(crate) columns: Vec<&'static str>,
    pub(crate) rows: Vec<Row>,
}

pub(crate) struct Row {
    pub(crate) name: String,
    pub(crate) cells: Vec<String>,
    /// Follows the cells.
    pub(crate) after: String,
    /// A line above, where a new group of rows begins.
    pub(crate) apart: bool,
}

impl Row {
    pub(crate) fn new<const N: usize>(name: &str, cells: [String; N]) -> Self {
        Self {
            name: name.to_owned(),
            cells: cells.into(),
            after: String::new(),
            apart: false,
        }
    }
}

impl<'a> Table<'a> {
    pub(crate) fn new(out: &'a mut String) -> Self {
        Self {
            out,
            columns: Vec::new(),
            rows: Vec::new(),
        }
    }

    pub(crate) fn write(self, title: &str) -> fmt::Result {
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
pub(crate) fn width(text: &str) -> usize {
    text.chars()
        .map(|character| if character >= '\u{2e80}' { 2 } else { 1 })
        .sum()
}

/// A count with its thousands set apart.
pub(crate) fn thousands(count: u64) -> String {
    let digits = count.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_set_apart() {
        let cases = [
            (0, "0"),
            (999, "999"),
            (1_000, "1,000"),
            (6_919, "6,919"),
            (1_234_567, "1,234,567"),
        ];
        for (count, text) in cases {
            assert_eq!(thousands(count), text);
        }
    }
}
