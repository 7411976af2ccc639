//! Where things are in the file, looked for only when something is said of them.

use std::cell::OnceCell;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::Tiers;
use crate::mistake::Source;
use crate::thorough;

/// The places of a file.
pub(super) struct Places<'a> {
    source: Source<'a>,
    tree: OnceCell<Spanned<DeValue<'a>>>,
}

impl<'a> Places<'a> {
    pub(super) fn new(source: Source<'a>) -> Self {
        Self {
            source,
            tree: OnceCell::new(),
        }
    }

    fn tree(&self) -> &Spanned<DeValue<'a>> {
        self.tree.get_or_init(|| {
            let (tree, _) = DeTable::parse_recoverable(self.source.text);
            Spanned::new(tree.span(), DeValue::Table(tree.into_inner()))
        })
    }

    /// All of what starts at a byte; 0 is the file as a whole.
    pub(super) fn whole(&self, start: usize) -> Range<usize> {
        let whole = Some(start).filter(|start| *start > 0);
        whole
            .and_then(|start| thorough::whole(self.tree(), start))
            .unwrap_or(start..start)
    }

    /// A value by the keys that lead to it.
    pub(super) fn of(&self, keys: &[&str]) -> Range<usize> {
        let value = keys.iter().try_fold(self.tree(), |node, key| match node.get_ref() {
            DeValue::Table(table) => table.get(*key),
            _ => None,
        });
        value.map_or(0..0, Spanned::span)
    }

    /// A tier of a set.
    pub(super) fn level(&self, tiers: &Tiers, name: &str) -> Range<usize> {
        let levels = tiers.levels.span();
        thorough::named(self.tree(), levels.start, name).unwrap_or(levels)
    }
}
