//! Reads a shop's orders from CSV. A row that cannot be used is refused with its reason and stops no other row.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fmt;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use csv::{ByteRecord, ReaderBuilder, Trim};
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use ledger::{ActivityId, MemberId};
use programme::{Amount, Currency};

use super::dice::Dice;
use super::header::{self, AMOUNT, COLUMNS, CURRENCY, Columns, MEMBER, ORDER, ORDERED};
use super::people::SEED;
use super::timeline::PURCHASE;

/// One purchase of a member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    pub id: String,
    pub member: String,
    pub at: Timestamp,
    /// A decimal, with exactly the currency's decimals.
    pub amount: String,
    pub currency: String,
    /// How many items, where the file tells.
    pub quantity: Option<u32>,
    /// The file gave a day without a time.
    pub time_made_up: bool,
}

/// A row that can be used, as long as the file's next is not read.
#[derive(Debug, Clone, Copy)]
pub struct Row<'a> {
    pub id: &'a str,
    pub member: &'a str,
    pub at: Timestamp,
    pub amount: Amount,
    /// How many items, where the file tells.
    pub quantity: Option<u32>,
    /// The file gave a day without a time.
    pub time_made_up: bool,
}

impl Row<'_> {
    fn order(&self) -> Order {
        Order {
            id: self.id.to_owned(),
            member: self.member.to_owned(),
            at: self.at,
            amount: self.amount.to_string(),
            currency: self.amount.currency().code().to_owned(),
            quantity: self.quantity,
            time_made_up: self.time_made_up,
        }
    }
}

/// A file's orders by time, and what was wrong with the others.
#[derive(Debug)]
pub struct Orders {
    /// By instant; at the same instant in the file's order.
    pub orders: Vec<Order>,
    pub refused: Vec<Refused>,
}

/// A row that was left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    pub file: PathBuf,
    /// Counted from 1, the header included.
    pub line: u64,
    pub column: &'static str,
    /// What is wrong and how to mend it.
    pub why: String,
}

impl fmt::Display for Refused {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            out,
            "{}:{}: {}: {}",
            self.file.display(),
            self.line,
            self.column,
            self.why
        )
    }
}

/// A file that gives no orders at all.
#[derive(Debug, thiserror::Error)]
pub enum OrdersError {
    #[error("cannot read the orders in {path}: {why}; name a CSV file with --orders FILE.csv")]
    Unreadable { path: PathBuf, why: csv::Error },
    #[error("{path} is empty; its first line must name the columns: {}", COLUMNS.join(","))]
    Empty { path: PathBuf },
    #[error("{path} is {found}; save it as CSV in UTF-8")]
    NoText { path: PathBuf, found: &'static str },
    #[error(
        "{path}:1: {} is missing from the header, which names {found}{hint}",
        listed(missing)
    )]
    MissingColumn {
        path: PathBuf,
        missing: Vec<&'static str>,
        found: String,
        hint: &'static str,
    },
    #[error("{path}:1: the column {column} stands twice in the header; leave one")]
    ColumnTwice { path: PathBuf, column: &'static str },
    #[error("{path} has a header and no rows; add one row for each order")]
    NoRows { path: PathBuf },
    #[error("none of the {count} rows of {path} can be used; the first is\n  {first}")]
    AllRefused { path: PathBuf, count: u64, first: Refused },
}

fn listed(missing: &[&str]) -> String {
    match missing {
        [one] => format!("the column {one}"),
        several => format!("each of the columns {}", several.join(", ")),
    }
}

/// Reads a file. Days without a time of day get one, in `zone`. Nothing may lie after `today`.
pub fn read(path: &Path, zone: &TimeZone, today: Timestamp) -> Result<Orders, OrdersError> {
    let mut orders = Vec::new();
    let mut first_lines: HashMap<String, u64> = HashMap::new();
    let refused = each(
        (path, open(path)?),
        (zone, today),
        usize::MAX,
        |row, line| match first_lines.entry(row.id.to_owned()) {
            Entry::Occupied(first) => Ok::<_, OrdersError>(Some(*first.get())),
            Entry::Vacant(free) => {
                free.insert(line);
                orders.push(row.order());
                Ok(None)
            }
        },
    )?;
    orders.sort_by_key(|order| order.at);
    Ok(Orders {
        orders,
        refused: refused.first,
    })
}

/// Rows that were left out: how many, and the first of them.
#[derive(Debug, Default)]
pub struct LeftOut {
    pub count: u64,
    pub first: Vec<Refused>,
}

/// Opens a file of orders.
pub fn open(path: &Path) -> Result<File, OrdersError> {
    File::open(path).map_err(|why| unreadable(path, why.into()))
}

fn unreadable(path: &Path, why: csv::Error) -> OrdersError {
    OrdersError::Unreadable {
        path: path.to_owned(),
        why,
    }
}

/// Reads a file row by row, in its order. `take` gives, of a row whose id stood before, the line on which it did. Gives what
/// was left out, and why for the first `kept` of them.
pub fn each<E: From<OrdersError>>(
    (path, file): (&Path, impl Read),
    (zone, today): (&TimeZone, Timestamp),
    kept: usize,
    mut take: impl FnMut(Row<'_>, u64) -> Result<Option<u64>, E>,
) -> Result<LeftOut, E> {
    let unreadable = |why| unreadable(path, why);
    let mut file = BufReader::with_capacity(READ_AT_ONCE, file);
    let separator = header::separator(path, file.fill_buf().map_err(|why| unreadable(why.into()))?)?;
    let mut options = ReaderBuilder::new();
    options.flexible(true).trim(Trim::All).delimiter(separator);
    let mut reader = options.from_reader(file);
    let columns = Columns::find(path, reader.byte_headers().map_err(unreadable)?)?;
    let rows = Rows { zone, today, columns };
    let (mut taken, mut left_out) = (0_u64, LeftOut::default());
    let mut record = ByteRecord::new();
    while reader.read_byte_record(&mut record).map_err(unreadable)? {
        let line = record.position().map_or(0, csv::Position::line);
        let wrong = match rows.row(&record) {
            Ok(row) => take(row, line)?.map(|first| Wrong::twice(row.id, first)),
            Err(wrong) => Some(wrong),
        };
        match wrong {
            None => taken += 1,
            Some(wrong) => {
                left_out.count += 1;
                if left_out.first.len() < kept {
                    left_out.first.push(wrong.refused(path, line));
                }
            }
        }
    }
    if taken > 0 {
        return Ok(left_out);
    }
    let (path, count) = (path.to_owned(), left_out.count);
    Err(match left_out.first.into_iter().next() {
        Some(first) => OrdersError::AllRefused { path, count, first },
        None => OrdersError::NoRows { path },
    }
    .into())
}

const READ_AT_ONCE: usize = 1 << 16;

/// What a cell says wrong.
struct Wrong {
    column: &'static str,
    why: String,
}

impl Wrong {
    fn new(column: &'static str, why: impl Into<String>) -> Self {
        Self {
            column,
            why: why.into(),
        }
    }

    fn twice(order: &str, first: u64) -> Self {
        let why = format!("{order:?} stands on line {first} already; an order counts once");
        Self::new(ORDER, why)
    }

    fn refused(self, path: &Path, line: u64) -> Refused {
        let Self { column, why } = self;
        Refused {
            file: path.to_owned(),
            line,
            column,
            why,
        }
    }
}

impl Refused {
    /// A row whose order's id stood before.
    pub(crate) fn twice(path: &Path, (order, line): (&str, u64), first: u64) -> Self {
        Wrong::twice(order, first).refused(path, line)
    }
}

struct Rows<'a> {
    zone: &'a TimeZone,
    today: Timestamp,
    columns: Columns,
}

impl Rows<'_> {
    fn row<'a>(&self, record: &'a ByteRecord) -> Result<Row<'a>, Wrong> {
        let id = self.cell(record, ORDER)?;
        // Both become keys in the tables, where a purchase's is longer than its id.
        let key = ActivityId::of(PURCHASE, id);
        key.map_err(|why| Wrong::new(ORDER, format!("{id:?}: {why}")))?;
        let member = self.cell(record, MEMBER)?;
        let key = member.parse::<MemberId>();
        key.map_err(|why| Wrong::new(MEMBER, format!("{member:?}: {why}")))?;
        let currency = self.cell(record, CURRENCY)?.parse::<Currency>();
        let currency = currency.map_err(|why| Wrong::new(CURRENCY, why.to_string()))?;
        let amount = Amount::parse(self.cell(record, AMOUNT)?, currency);
        let amount = amount.map_err(|why| Wrong::new(AMOUNT, why.to_string()))?;
        let (at, time_made_up) = self.ordered_at(self.cell(record, ORDERED)?, id)?;
        Ok(Row {
            id,
            member,
            at,
            amount,
            quantity: self.quantity(record),
            time_made_up,
        })
    }

    /// Not every file counts items, and not every one counts them in whole numbers.
    fn quantity(&self, record: &ByteRecord) -> Option<u32> {
        let text = std::str::from_utf8(record.get(self.columns.quantity?)?).ok()?;
        text.parse().ok().filter(|quantity| *quantity > 0)
    }

    fn cell<'a>(&self, record: &'a ByteRecord, column: &'static str) -> Result<&'a str, Wrong> {
        let place = COLUMNS
            .iter()
            .position(|name| *name == column)
            .and_then(|nth| self.columns.needed.get(nth));
        let bytes = place.and_then(|place| record.get(*place)).ok_or_else(|| {
            Wrong::new(
                column,
                format!("the row ends after {} columns; complete it", record.len()),
            )
        })?;
        match std::str::from_utf8(bytes) {
            Ok("") => Err(Wrong::new(column, "is empty; fill it in")),
            Ok(text) => Ok(text),
            Err(_) => Err(Wrong::new(column, "is not UTF-8; save the file as UTF-8")),
        }
    }

    fn ordered_at(&self, text: &str, order: &str) -> Result<(Timestamp, bool), Wrong> {
        let (at, time_made_up) = match text.parse::<Timestamp>() {
            Ok(at) => (at, false),
            Err(_) => (self.opening_hours(text, order)?, true),
        };
        if at < Timestamp::UNIX_EPOCH {
            return Err(Wrong::new(
                ORDERED,
                format!("{text:?} is before 1970, where the tables' clock begins"),
            ));
        }
        if at > self.today.saturating_add(24.hours()).unwrap_or(Timestamp::MAX) {
            return Err(Wrong::new(
                ORDERED,
                format!("{text:?} is in the future; orders are history"),
            ));
        }
        Ok((at, time_made_up))
    }

    /// A day's minute between 09:00 and 21:59 that follows from the order's id.
    fn opening_hours(&self, text: &str, order: &str) -> Result<Timestamp, Wrong> {
        let date = text
            .parse::<Date>()
            .ok()
            .filter(|_| text.len() == 10)
            .ok_or_else(|| not_a_day(text))?;
        let minute = 9 * 60 + Dice::new(SEED, order, "time of day").below(13 * 60);
        let hour = i8::try_from(minute / 60).unwrap_or(9);
        let local = date.at(hour, i8::try_from(minute % 60).unwrap_or(0), 0, 0);
        let zoned = local.to_zoned(self.zone.clone());
        zoned.map(|zoned| zoned.timestamp()).map_err(|_| not_a_day(text))
    }
}

fn not_a_day(text: &str) -> Wrong {
    let looks_like_a_day = text.len() == 10
        && text.bytes().enumerate().all(|(at, byte)| {
            if at == 4 || at == 7 {
                byte == b'-'
            } else {
                byte.is_ascii_digit()
            }
        });
    let why = if looks_like_a_day {
        format!("{text:?} is no day of the calendar")
    } else if text.parse::<DateTime>().is_ok() && text.len() > 10 {
        format!("{text:?} has a time and no zone; add Z or an offset such as -05:00")
    } else {
        format!("{text:?} is no day such as 1997-01-31 and no instant such as 1997-01-31T14:30:00-05:00")
    };
    Wrong::new(ORDERED, why)
}

#[cfg(test)]
#[path = "orders_tests.rs"]
mod tests;
