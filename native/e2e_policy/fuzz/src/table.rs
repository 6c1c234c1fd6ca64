// SPDX-License-Identifier: GPL-2.0-or-later
//! The table of elements, as docs/detection.md shows it.

use minidom::Element;
use std::sync::LazyLock;

static TABLE: LazyLock<Vec<Row>> = LazyLock::new(|| {
    include_str!("../../../../docs/detection.md")
        .lines()
        .filter_map(Row::read)
        .collect()
});

/// What the table says of the elements with one name and namespace.
#[derive(Debug)]
pub struct Row {
    name: &'static str,
    namespace: &'static str,
    /// What it means.
    pub class: &'static str,
    /// The document that defines it.
    pub document: &'static str,
    /// Which attributes people read.
    pub attributes: Attributes,
}

/// Which attributes people read, on an element and on all below it.
#[derive(Clone, Debug)]
pub enum Attributes {
    /// Those with these names, or none.
    Named(Vec<&'static str>),
    /// All but its own.
    Below,
    /// All.
    All,
}

impl Row {
    /// Reads a line of the document; nothing when it is no row of the table, which has five
    /// columns, the first two in code.
    fn read(line: &'static str) -> Option<Self> {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let ["", name, namespace, document, class, attributes, ""] = cells[..] else {
            return None;
        };
        let attributes = match attributes {
            "all below" => Attributes::Below,
            "all" => Attributes::All,
            names => Attributes::Named(names.split(", ").map(code).collect()),
        };
        namespace.starts_with('`').then(|| Self {
            name: code(name),
            namespace: code(namespace),
            class,
            document,
            attributes,
        })
    }
}

fn code(cell: &'static str) -> &'static str {
    cell.trim_matches('`')
}

/// The row of an element: the first that matches.
#[must_use]
pub fn row(element: &Element) -> Option<&'static Row> {
    let (name, namespace) = (element.name(), element.ns());
    let matches_any = name.len() <= MAX_NAME;
    TABLE.iter().find(|row| {
        row.namespace == namespace && (row.name == "*" && matches_any || row.name == name)
    })
}

/// In octets: a longer name is taken to have a prefix, and no wildcard matches it.
const MAX_NAME: usize = 256;

/// The class of an element, or nothing when it is not in the table.
#[must_use]
pub fn class(element: &Element) -> &'static str {
    row(element).map_or("", |row| row.class)
}

/// Whether an element is content in the clear, which an element of ciphertext cannot have in it.
#[must_use]
pub fn is_content(element: &Element) -> bool {
    const CONTENT: [&str; 8] = [
        "Body",
        "Subject",
        "Xhtml",
        "Text",
        "Reference",
        "Form",
        "Wrapper",
        "Fastening",
    ];
    CONTENT.contains(&class(element))
}
