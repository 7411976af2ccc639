//! The writes and publishes that were carried out, in their order, for who asks what stood where when something was done.

use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use serde_json::Value;

use super::bundle::Bundle;

/// A request that changed something.
#[derive(Debug, Clone)]
pub struct Carried {
    /// The binary that asked, or whoever signed.
    pub caller: String,
    /// Such as `PutItem` or `Publish`.
    pub operation: String,
    /// As it was asked; a form as an object of its fields.
    pub body: Value,
    /// Virtual time.
    pub at: Timestamp,
}

/// Nothing is kept until somebody asks for it.
#[derive(Debug, Default)]
pub(super) struct Journal {
    kept: Mutex<Option<Vec<Carried>>>,
}

/// Held while a request is carried out, so that the order kept is the order in which they were.
pub(super) struct Page<'a>(MutexGuard<'a, Option<Vec<Carried>>>);

impl Journal {
    /// A page to write a request on; none where nothing is kept.
    pub(super) fn page(&self) -> Option<Page<'_>> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.is_some().then(|| Page(kept))
    }
}

impl Page<'_> {
    pub(super) fn add(&mut self, caller: &str, operation: &str, body: Value, at: Timestamp) {
        let carried = Carried {
            caller: caller.to_owned(),
            operation: operation.to_owned(),
            body,
            at,
        };
        self.0.get_or_insert_default().push(carried);
    }
}

impl Bundle {
    /// Keeps every write and publish from now on.
    pub fn keep_journal(&self) {
        let journal = &self.shared().journal;
        let mut kept = journal.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.get_or_insert_default();
    }

    /// What was kept, in the order in which it was carried out.
    pub fn journal(&self) -> Vec<Carried> {
        let journal = &self.shared().journal;
        let kept = journal.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.clone().unwrap_or_default()
    }
}
