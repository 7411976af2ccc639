//! What a call spent, worked out from the capacity that the engine answers.

use dynoxide::DynoxideError;
use dynoxide::types::{ConsumedCapacity, table_write_capacity_units};

use super::operations::Refused;
use super::units::Spent;

/// The kinds of item that a request names, by deployed table, in the order of the request.
#[derive(Default, Clone)]
pub(super) struct Kinds {
    rows: Vec<(String, Vec<String>, bool, usize)>,
}

impl Kinds {
    pub(super) fn add(&mut self, table: &str, kind: String, created: bool) {
        if let Some((_, kinds, any_created, count)) = self.rows.iter_mut().find(|(name, ..)| name == table) {
            *any_created |= created;
            *count += 1;
            if !kinds.contains(&kind) {
                kinds.push(kind);
            }
            return;
        }
        self.rows.push((table.to_owned(), vec![kind], created, 1));
    }

    pub(super) fn tables(&self) -> Vec<String> {
        self.rows.iter().map(|(table, ..)| table.clone()).collect()
    }

    pub(super) fn least(self) -> Vec<Spent> {
        self.rows
            .into_iter()
            .map(|(table, kinds, created, count)| Spent {
                table,
                item: kinds.join("+"),
                created,
                read: 0.0,
                write: f64::from(u32::try_from(count).unwrap_or(u32::MAX)) * 2.0,
            })
            .collect()
    }

    pub(super) fn spent(self, capacity: Vec<ConsumedCapacity>, write: bool) -> Vec<Spent> {
        capacity
            .into_iter()
            .map(|capacity| {
                let row = self.rows.iter().find(|(table, ..)| *table == capacity.table_name);
                let units = capacity.capacity_units;
                Spent {
                    item: row.map_or_else(String::new, |(_, kinds, ..)| kinds.join("+")),
                    created: row.is_some_and(|(_, _, created, _)| *created),
                    read: if write { 0.0 } else { units },
                    write: if write { units } else { 0.0 },
                    table: capacity.table_name,
                }
            })
            .collect()
    }
}

/// Takes the capacity out of a response, unless the caller had asked for it too.
pub(super) fn taken(capacity: &mut Option<ConsumedCapacity>, asked: Option<&String>) -> Option<ConsumedCapacity> {
    match asked.map(String::as_str) {
        None | Some("NONE") => capacity.take(),
        Some(_) => capacity.clone(),
    }
}

pub(super) fn taken_all(capacity: &mut Option<Vec<ConsumedCapacity>>, asked: Option<&String>) -> Vec<ConsumedCapacity> {
    match asked.map(String::as_str) {
        None | Some("NONE") => capacity.take(),
        Some(_) => capacity.clone(),
    }
    .unwrap_or_default()
}

pub(super) fn reading(capacity: ConsumedCapacity, item: String) -> Spent {
    Spent {
        read: capacity.capacity_units,
        write: 0.0,
        table: capacity.table_name,
        item,
        created: false,
    }
}

/// A failed condition spends the write of the request's item; the stored item's size is not told.
pub(super) fn refused(error: DynoxideError, table: &str, item: String, created: bool, size: usize) -> Refused {
    let spent = match &error {
        DynoxideError::ConditionalCheckFailedException(..) => vec![Spent {
            table: table.to_owned(),
            item,
            created,
            read: 0.0,
            write: table_write_capacity_units(None, Some(size)),
        }],
        _ => Vec::new(),
    };
    Refused { error, spent }
}

pub(super) fn creates(condition: Option<&str>) -> bool {
    condition.is_some_and(|condition| condition.contains("attribute_not_exists"))
}
