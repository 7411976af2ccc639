//! A row as it lies in a part.

use programme::Currency;

/// What a simulation needs of a row, and its place in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Record<'a> {
    /// Among all rows that can be used: rows of one line end may stand on one line.
    pub(super) row: u64,
    pub(super) line: u64,
    pub(super) nanosecond: i64,
    pub(super) minor: i64,
    pub(super) currency: Currency,
    pub(super) time_made_up: bool,
    pub(super) id: &'a str,
    pub(super) member: &'a str,
}

impl<'a> Record<'a> {
    /// Writes it in place of what stands there.
    pub(super) fn write(&self, bytes: &mut Vec<u8>) {
        bytes.clear();
        for number in [self.row, self.line] {
            bytes.extend(number.to_le_bytes());
        }
        for number in [self.nanosecond, self.minor] {
            bytes.extend(number.to_le_bytes());
        }
        bytes.push(u8::from(self.time_made_up));
        for text in [self.currency.code(), self.id, self.member] {
            // The longest id has 512 bytes.
            let length = u16::try_from(text.len()).unwrap_or(u16::MAX);
            bytes.extend(length.to_le_bytes());
            bytes.extend(text.bytes().take(usize::from(length)));
        }
    }

    /// All records of a part, in their order.
    pub(super) fn all(mut bytes: &'a [u8]) -> impl Iterator<Item = Self> {
        std::iter::from_fn(move || Self::next(&mut bytes))
    }

    fn next(bytes: &mut &'a [u8]) -> Option<Self> {
        Some(Self {
            row: u64::from_le_bytes(array(bytes)?),
            line: u64::from_le_bytes(array(bytes)?),
            nanosecond: i64::from_le_bytes(array(bytes)?),
            minor: i64::from_le_bytes(array(bytes)?),
            time_made_up: array::<1>(bytes)? != [0],
            currency: text(bytes)?.parse().ok()?,
            id: text(bytes)?,
            member: text(bytes)?,
        })
    }
}

fn array<const LENGTH: usize>(bytes: &mut &[u8]) -> Option<[u8; LENGTH]> {
    let (array, rest) = bytes.split_first_chunk()?;
    *bytes = rest;
    Some(*array)
}

fn text<'a>(bytes: &mut &'a [u8]) -> Option<&'a str> {
    let length = u16::from_le_bytes(array(bytes)?);
    let (text, rest) = bytes.split_at_checked(usize::from(length))?;
    *bytes = rest;
    std::str::from_utf8(text).ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_record_is_read_as_it_was_written() {
        let (short, long) = ("o", "given#".to_owned() + &"x".repeat(506));
        let one = Record {
            row: 7,
            line: u64::MAX,
            nanosecond: -1,
            minor: i64::MAX,
            currency: "JPY".parse().unwrap(),
            time_made_up: true,
            id: short,
            member: "m",
        };
        let other = Record {
            row: 8,
            nanosecond: i64::MIN,
            time_made_up: false,
            id: &long,
            ..one
        };
        let (mut all, mut bytes) = (Vec::new(), Vec::new());
        for record in [one, other, one] {
            record.write(&mut bytes);
            all.extend_from_slice(&bytes);
        }
        assert_eq!(Record::all(&all).collect::<Vec<_>>(), [one, other, one]);
    }
}
