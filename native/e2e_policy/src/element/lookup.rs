// SPDX-License-Identifier: GPL-2.0-or-later
//! Finds the row of an element: a hash table with linear probing over the rows.
//!
//! An entry with its texts fits in one cache line, which is all that a look-up fetches from memory.
//! docs/performance.md has the reasons under "Element table".

use crate::element::attributes::Attributes;
use crate::element::class::Class;
use crate::element::table::{Row, TABLE};
use crate::stanza::element::{ElementView, has_prefix};
use std::sync::LazyLock;

/// What an element means, if the table has a row for it.
pub(crate) fn class_of<'a>(element: impl ElementView<'a>) -> Option<Class> {
    look_up(element).map(|entry| entry.class)
}

/// The entry of an element's row, if there is one. No row matches a name whose prefix is not
/// declared.
pub(crate) fn look_up<'a>(element: impl ElementView<'a>) -> Option<&'static Entry> {
    let namespace = element.namespace();
    SLOTS
        .get(first_slot(&namespace)?..)?
        .iter()
        .take_while(|entry| entry.is_taken())
        .find(|entry| entry.matches(&namespace, element.name()))
}

/// The hash table. Each row is in the slot that its namespace hashes to, or in the next free one.
static SLOTS: LazyLock<Vec<Entry>> = LazyLock::new(|| {
    let mut slots = vec![Entry::FREE; HASHES.saturating_add(TABLE.len())];
    for (number, row) in (0..).zip(TABLE) {
        let first = first_slot(row.namespace.as_bytes()).unwrap_or(0);
        let free = slots.iter_mut().skip(first).find(|entry| !entry.is_taken());
        if let Some(slot) = free {
            *slot = Entry::new(number, row);
        }
    }
    slots
});

/// How many hashes there are. Prime, so that each of the octets that are hashed makes a difference.
const HASHES: usize = 251;

/// The hash of a namespace: its last eight octets, as namespaces begin alike and end differently.
/// None is as short.
fn first_slot(namespace: &[u8]) -> Option<usize> {
    let end = namespace.last_chunk()?;
    usize::from_le_bytes(*end).checked_rem(HASHES)
}

/// One slot: a row with its texts, or free, which an empty namespace says. An empty name matches
/// every name.
#[derive(Clone, Debug)]
#[repr(align(64))]
pub(crate) struct Entry {
    pub class: Class,
    /// Whether people read attributes of the element itself.
    pub reads_itself: bool,
    /// The index of the row.
    row: u8,
    /// The length of the namespace in octets.
    namespace: u8,
    /// The length of the name in octets.
    name: u8,
    /// The namespace, then the name.
    texts: [u8; 59],
}

impl Entry {
    /// Which attributes people read.
    pub(crate) fn read(&self) -> Attributes {
        self.row().map_or(Attributes::All, |row| row.read)
    }

    /// The document that defines the element.
    pub(crate) fn document(&self) -> &'static str {
        self.row().map_or("", |row| row.document)
    }

    fn row(&self) -> Option<&'static Row> {
        TABLE.get(usize::from(self.row))
    }

    const FREE: Self = Self {
        class: Class::Neutral,
        reads_itself: false,
        row: 0,
        namespace: 0,
        name: 0,
        texts: [0; 59],
    };

    /// Texts that are too long together are cut off, and never match. A test finds such a row.
    fn new(number: u8, row: &Row) -> Self {
        let name = if row.name == "*" { "" } else { row.name };
        let length = |text: &str| u8::try_from(text.len()).unwrap_or(u8::MAX);
        let mut entry = Self {
            class: row.class,
            reads_itself: row.read.of_itself(),
            row: number,
            namespace: length(row.namespace),
            name: length(name),
            ..Self::FREE
        };
        let texts = [row.namespace, name].concat();
        for (slot, octet) in entry.texts.iter_mut().zip(texts.bytes()) {
            *slot = octet;
        }
        entry
    }

    const fn is_taken(&self) -> bool {
        self.namespace > 0
    }

    fn matches(&self, namespace: &[u8], name: &[u8]) -> bool {
        let Some((own_namespace, rest)) = self.texts.split_at_checked(self.namespace.into()) else {
            return false;
        };
        own_namespace == namespace
            && match self.name {
                0 => !has_prefix(name),
                length => rest.get(..length.into()) == Some(name),
            }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCUMENTATION: &str = include_str!("../../../../docs/detection.md");

    #[test]
    fn the_documentation_lists_every_row_and_no_other() {
        let (_, table) = DOCUMENTATION.split_once("| element | namespace |").unwrap();
        let documented: Vec<&str> = table
            .lines()
            .skip(2)
            .take_while(|line| line.starts_with('|'))
            .collect();
        let rows: Vec<String> = TABLE
            .iter()
            .map(|row| {
                let Row {
                    name,
                    namespace,
                    class,
                    read,
                    document,
                } = row;
                let read = match read {
                    Attributes::None => String::new(),
                    Attributes::Named(names) => format!("`{}`", names.join("`, `")),
                    Attributes::Below => "all below".to_owned(),
                    Attributes::All => "all".to_owned(),
                };
                format!("| `{name}` | `{namespace}` | {document} | {class:?} | {read} |")
            })
            .collect();
        assert_eq!(rows, documented);
    }

    #[test]
    fn every_row_is_found() {
        for row in TABLE {
            let name = if row.name == "*" { "any" } else { row.name };
            let element = minidom::Element::builder(name, row.namespace).build();
            let entry = look_up(&element).unwrap();
            assert_eq!(entry.class, row.class, "{element:?}");
            assert_eq!(entry.read(), row.read, "{element:?}");
            assert_eq!(entry.document(), row.document, "{element:?}");
        }
    }

    #[test]
    fn nothing_else_is_found() {
        for row in TABLE {
            let longer = format!("{}x", row.namespace);
            for (name, namespace) in [
                (row.name.to_uppercase(), row.namespace.to_uppercase()),
                (row.name.to_owned(), longer),
            ] {
                let name = if name == "*" { "any".to_owned() } else { name };
                let element = minidom::Element::builder(name, namespace).build();
                assert_eq!(class_of(&element), None, "{element:?}");
            }
        }
        for namespace in ["", "x", "urn:"] {
            let element = minidom::Element::builder("body", namespace).build();
            assert_eq!(class_of(&element), None, "{element:?}");
        }
    }

    #[test]
    fn no_element_has_two_rows() {
        for (index, row) in TABLE.iter().enumerate() {
            let duplicates = TABLE[..index]
                .iter()
                .filter(|other| (other.name, other.namespace) == (row.name, row.namespace));
            assert_eq!(duplicates.count(), 0, "{} in {}", row.name, row.namespace);
        }
    }
}
