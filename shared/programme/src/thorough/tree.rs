//! Finding places in a file that was taken apart, and changing what stands there.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeArray, DeValue};

pub(super) type Node<'a> = Spanned<DeValue<'a>>;

/// One step from a table or a list into it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Step {
    Key(String),
    Item(usize),
}

pub(super) type Path = Vec<Step>;

/// What has a span.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) path: Path,
    /// It is the key's own span, and not that of its value.
    pub(super) is_key: bool,
}

/// The innermost key or value of a span.
pub(super) fn find(root: &Node<'_>, span: &Range<usize>, tables_alone: bool) -> Option<Found> {
    let mut found = None;
    walk(root, &mut Path::new(), &mut |path, at, key, value| {
        let wanted = !tables_alone || (key.is_none() && value.is_table());
        if at == *span && wanted {
            found = Some(Found {
                path: path.to_vec(),
                is_key: key.is_some(),
            });
        }
    });
    found
}

/// Where everything in a node starts.
pub(super) fn starts(node: &Node<'_>) -> Vec<usize> {
    let mut starts = Vec::new();
    walk(node, &mut Path::new(), &mut |_, span, _, _| starts.push(span.start));
    starts
}

/// The whole of what starts at a byte: a value, or a table's header.
pub(crate) fn whole(root: &Node<'_>, start: usize) -> Option<Range<usize>> {
    let mut whole: Option<Range<usize>> = None;
    walk(root, &mut Path::new(), &mut |path, span, key, _| {
        let larger = whole.as_ref().is_none_or(|known| known.end < span.end);
        if span.start == start && key.is_none() && !path.is_empty() && larger {
            whole = Some(span);
        }
    });
    whole
}

type See<'s> = dyn FnMut(&[Step], Range<usize>, Option<&str>, &DeValue<'_>) + 's;

/// Sees every value, and before it its key.
fn walk(node: &Node<'_>, path: &mut Path, see: &mut See<'_>) {
    see(path, node.span(), None, node.get_ref());
    match node.get_ref() {
        DeValue::Table(table) => {
            for (key, value) in table {
                path.push(Step::Key(key.get_ref().to_string()));
                see(path, key.span(), Some(key.get_ref().as_ref()), value.get_ref());
                walk(value, path, see);
                path.pop();
            }
        }
        DeValue::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                path.push(Step::Item(index));
                walk(item, path, see);
                path.pop();
            }
        }
        _ => {}
    }
}

pub(super) fn get<'n, 'a>(node: &'n Node<'a>, path: &[Step]) -> Option<&'n Node<'a>> {
    path.iter().try_fold(node, |node, step| match (node.get_ref(), step) {
        (DeValue::Table(table), Step::Key(key)) => table.get(key.as_str()),
        (DeValue::Array(items), Step::Item(index)) => items.get(*index),
        _ => None,
    })
}

pub(super) fn get_mut<'n, 'a>(node: &'n mut Node<'a>, path: &[Step]) -> Option<&'n mut Node<'a>> {
    path.iter().try_fold(node, |node, step| match (node.get_mut(), step) {
        (DeValue::Table(table), Step::Key(key)) => table.get_mut(key.as_str()),
        (DeValue::Array(items), Step::Item(index)) => items.get_mut(*index),
        _ => None,
    })
}

/// Takes out what is at a path.
pub(super) fn remove(root: &mut Node<'_>, path: &[Step]) -> bool {
    let Some((last, above)) = path.split_last() else {
        return false;
    };
    match (get_mut(root, above).map(Spanned::get_mut), last) {
        (Some(DeValue::Table(table)), Step::Key(key)) => table.remove(key.as_str()).is_some(),
        (Some(DeValue::Array(items)), Step::Item(index)) => {
            let old = std::mem::replace(items, DeArray::new());
            let rest = old.into_iter().enumerate().filter(|(place, _)| place != index);
            *items = rest.map(|(_, item)| item).collect();
            true
        }
        _ => false,
    }
}

/// Puts a value under a key of the table at a path.
pub(super) fn insert<'a>(root: &mut Node<'a>, table: &[Step], key: &str, value: Node<'a>) -> bool {
    match get_mut(root, table).map(Spanned::get_mut) {
        Some(DeValue::Table(table)) => {
            let key = Spanned::new(value.span(), key.to_owned().into());
            table.insert(key, value);
            true
        }
        _ => false,
    }
}

/// Gives a key another name, keeping its value and both places.
pub(super) fn rename(root: &mut Node<'_>, path: &[Step], name: &str) -> bool {
    let Some((Step::Key(key), above)) = path.split_last() else {
        return false;
    };
    match get_mut(root, above).map(Spanned::get_mut) {
        Some(DeValue::Table(table)) if !table.contains_key(name) => match table.remove_entry(key.as_str()) {
            Some((old, value)) => {
                table.insert(Spanned::new(old.span(), name.to_owned().into()), value);
                true
            }
            None => false,
        },
        _ => false,
    }
}

/// A value that stands nowhere in the file: it has no place but the file's end.
pub(super) fn placed_at(node: Node<'_>, end: usize) -> Node<'_> {
    let value = match node.into_inner() {
        DeValue::Array(items) => DeValue::Array(items.into_iter().map(|item| placed_at(item, end)).collect()),
        DeValue::Table(table) => {
            let pairs = table.into_iter();
            let pairs = pairs.map(|(key, value)| (Spanned::new(end..end, key.into_inner()), placed_at(value, end)));
            DeValue::Table(pairs.collect())
        }
        value => value,
    };
    Spanned::new(end..end, value)
}

/// The table of this name in the list that starts at a byte.
pub(crate) fn named(root: &Node<'_>, list: usize, name: &str) -> Option<Range<usize>> {
    let mut named = None;
    walk(root, &mut Path::new(), &mut |_, span, key, value| {
        let items = value.as_array().filter(|_| key.is_none() && span.start == list);
        let mut tables = items.into_iter().flat_map(|items| items.iter());
        let is_named =
            |table: &&Node<'_>| table.get_ref().get("name").and_then(|name| name.get_ref().as_str()) == Some(name);
        named = named.take().or_else(|| tables.find(is_named).map(Spanned::span));
    });
    named
}
