// SPDX-License-Identifier: GPL-2.0-or-later
//! The table of elements as the documentation has it.

use minidom::Element;
use std::sync::LazyLock;

static TABLE: LazyLock<Vec<Row>> = LazyLock::new(|| {
    include_str!("../../../../docs/detection.md")
        .lines()
        .filter_map(Row::read)
        .collect()
});

/// What is known of elements of one kind.
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
    /// A line with five columns, the first two in code.
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

/// What is known of an element: the first row that fits.
#[must_use]
pub fn row(element: &Element) -> Option<&'static Row> {
    let namespace = element.ns();
    TABLE
        .iter()
        .find(|row| row.namespace == namespace && (row.name == "*" || row.name == element.name()))
}

/// Whether an element has no place inside ciphertext.
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
    row(element).is_some_and(|row| CONTENT.contains(&row.class))
}
