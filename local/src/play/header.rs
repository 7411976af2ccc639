//! What a file of orders begins with: what separates its columns, and where each of them is.

use std::path::Path;

use csv::ByteRecord;

use super::orders::OrdersError;

pub(super) const ORDER: &str = "order_id";
pub(super) const MEMBER: &str = "member_id";
pub(super) const ORDERED: &str = "ordered_at";
pub(super) const AMOUNT: &str = "amount";
pub(super) const CURRENCY: &str = "currency";
/// Read where the header has it.
const QUANTITY: &str = "quantity";
pub(super) const COLUMNS: [&str; 5] = [ORDER, MEMBER, ORDERED, AMOUNT, CURRENCY];

/// What separates the columns, as a file's beginning shows: spreadsheets write semicolons where the comma is for decimals.
pub(super) fn separator(path: &Path, start: &[u8]) -> Result<u8, OrdersError> {
    let header = start.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let found = match start {
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => Some("in UTF-16"),
        [b'P', b'K', 3, 4, ..] => Some("a workbook of a spreadsheet, or a zip archive"),
        [0x1f, 0x8b, ..] => Some("compressed by gzip"),
        // As text of one byte for each letter has none, and of two is full of them.
        _ if header.contains(&0) => Some("in UTF-16 or no text at all"),
        _ => None,
    };
    if let Some(found) = found {
        let path = path.to_owned();
        return Err(OrdersError::NoText { path, found });
    }
    let columns = |separator: u8| header.split(|byte| *byte == separator).count();
    // Of equals the last is taken.
    let most = [b'\t', b';', b',']
        .into_iter()
        .max_by_key(|separator| columns(*separator));
    Ok(most.unwrap_or(b','))
}

/// Where the header puts each column.
pub(super) struct Columns {
    pub(super) needed: [usize; 5],
    pub(super) quantity: Option<usize>,
}

impl Columns {
    pub(super) fn find(path: &Path, header: &ByteRecord) -> Result<Self, OrdersError> {
        if header.iter().all(<[u8]>::is_empty) {
            return Err(OrdersError::Empty { path: path.to_owned() });
        }
        let mut places = [0; 5];
        let mut missing = Vec::new();
        for (place, column) in places.iter_mut().zip(COLUMNS) {
            let mut found = (0..)
                .zip(header)
                .filter(|(_, name)| *name == column.as_bytes())
                .map(|(place, _)| place);
            match (found.next(), found.next()) {
                (Some(only), None) => *place = only,
                (Some(_), Some(_)) => {
                    return Err(OrdersError::ColumnTwice {
                        path: path.to_owned(),
                        column,
                    });
                }
                (None, _) => missing.push(column),
            }
        }
        if missing.is_empty() {
            let quantity = header.iter().position(|name| name == QUANTITY.as_bytes());
            return Ok(Self {
                needed: places,
                quantity,
            });
        }
        let names: Vec<_> = header.iter().map(String::from_utf8_lossy).collect();
        let found = names.join(", ");
        let hint = match names.as_slice() {
            [_] => "; separate the columns by commas, semicolons or tabs",
            _ => "; the names are compared letter by letter",
        };
        Err(OrdersError::MissingColumn {
            path: path.to_owned(),
            missing,
            found,
            hint,
        })
    }
}
