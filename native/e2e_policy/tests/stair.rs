// SPDX-License-Identifier: GPL-2.0-or-later
//! The folders of the core are a stair: each imports only from those before it, and no files import
//! each other in a circle. docs/architecture.md shows both, as they are in the sources.
//!
//! `UPDATE_DOCS=1 cargo test -p e2e_policy --test stair` writes that document.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "a test fails by panicking"
)]

mod sources;

use sources::{Import, Source, folder};
use std::collections::BTreeSet;
use std::fmt::Write;

/// The folders in their order, and what uses all of them.
const STAIR: [&str; 7] = [
    "language", "stanza", "element", "scheme", "content", "policy", "lib.rs",
];

const DOCUMENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/architecture.md");

/// Columns of a line of the document.
const WIDTH: usize = 100;

#[test]
fn every_import_leads_to_a_file_of_the_core_or_to_another_crate() {
    let sources = sources::read();
    let unknown = imports(&sources).filter(|(_, import)| import.file.is_none());
    let unknown: Vec<String> = unknown
        .map(|(source, import)| format!("{}, which no file has", place(source, import)))
        .collect();
    assert!(unknown.is_empty(), "\n{}", unknown.join("\n"));
}

#[test]
fn every_folder_imports_only_from_those_before_it() {
    let sources = sources::read();
    let step = |folder: &str| STAIR.iter().position(|step| *step == folder);
    for source in &sources {
        let file = &source.file;
        assert!(
            step(source.folder()).is_some(),
            "{file} is in no folder of {STAIR:?}"
        );
    }
    let upward = imports(&sources).filter(|(source, import)| {
        let target = import.file.as_deref().map(folder);
        target.is_some_and(|target| step(target) > step(source.folder()))
    });
    let upward: Vec<String> = upward
        .map(|(source, import)| {
            let folder = source.folder();
            format!(
                "{}: {folder} imports only from folders before it",
                place(source, import)
            )
        })
        .collect();
    assert!(
        upward.is_empty(),
        "\n{}\nThe order is {STAIR:?}.",
        upward.join("\n")
    );
}

#[test]
fn no_files_import_each_other_in_a_circle() {
    let sources = sources::read();
    if let Err(circle) = in_order(sources.iter().collect()) {
        let circle: Vec<String> = circle
            .iter()
            .map(|(source, import)| place(source, import))
            .collect();
        panic!("a circle of imports:\n{}", circle.join("\n"));
    }
}

#[test]
fn the_document_on_architecture_shows_the_files_and_the_folders_as_they_are() {
    let sources = sources::read();
    let old = std::fs::read_to_string(DOCUMENT).expect("the document");
    let new = with_part(&old, "core", &listing(&sources));
    let new = with_part(&new, "stair", &picture(&sources));
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(DOCUMENT, new).expect("the document is written");
    } else {
        let differs = new.lines().zip(old.lines()).find(|(new, old)| new != old);
        assert!(
            new == old,
            "docs/architecture.md is out of date, set UPDATE_DOCS to write it: {differs:?}"
        );
    }
}

fn imports(sources: &[Source]) -> impl Iterator<Item = (&Source, &Import)> {
    sources
        .iter()
        .flat_map(|source| source.imports.iter().map(move |import| (source, import)))
}

/// Where an import is, and where it leads.
fn place(source: &Source, import: &Import) -> String {
    let Import { line, path, file } = import;
    let target = file
        .as_ref()
        .map(|file| format!(" of {file}"))
        .unwrap_or_default();
    format!("src/{}:{line} imports `{path}`{target}", source.file)
}

/// A file comes after those of the list that it imports, and among others by name. An error is a
/// circle, each import with the file that it is in.
fn in_order(mut rest: Vec<&Source>) -> Result<Vec<&Source>, Vec<(&Source, &Import)>> {
    let mut ordered = Vec::new();
    while !rest.is_empty() {
        let (free, bound): (Vec<&Source>, Vec<&Source>) = rest
            .iter()
            .partition(|source| import_of(source, &rest).is_none());
        if free.is_empty() {
            return Err(circle(&rest));
        }
        ordered.extend(free);
        rest = bound;
    }
    Ok(ordered)
}

/// The first import of a file from one of the list, and that one.
fn import_of<'a>(source: &'a Source, list: &[&'a Source]) -> Option<(&'a Import, &'a Source)> {
    source.imports.iter().find_map(|import| {
        let file = import.file.as_ref()?;
        let target = list.iter().find(|target| target.file == *file)?;
        Some((import, *target))
    })
}

/// From one import to the next until a file comes again, as each file of the list imports another.
fn circle<'a>(list: &[&'a Source]) -> Vec<(&'a Source, &'a Import)> {
    let mut way: Vec<(&Source, &Import)> = Vec::new();
    let mut source = list[0];
    loop {
        if let Some(start) = way
            .iter()
            .position(|(before, _)| before.file == source.file)
        {
            return way.split_off(start);
        }
        let (import, target) = import_of(source, list).expect("an import");
        way.push((source, import));
        source = target;
    }
}

/// The files of a folder, each after those that it imports.
fn files_of<'a>(folder: &str, sources: &'a [Source]) -> Vec<&'a Source> {
    let files = sources
        .iter()
        .filter(|source| source.folder() == folder)
        .collect();
    in_order(files).unwrap_or_else(|_| panic!("a circle in {folder}"))
}

/// The folders that a folder imports from, in their order.
fn imports_of(folder: &str, sources: &[Source]) -> Vec<&'static str> {
    let targets: BTreeSet<&str> = imports(sources)
        .filter(|(source, _)| source.folder() == folder)
        .filter_map(|(_, import)| import.file.as_deref().map(sources::folder))
        .filter(|target| *target != folder)
        .collect();
    STAIR
        .into_iter()
        .filter(|step| targets.contains(step))
        .collect()
}

/// For each file its first sentence, and for each folder what it imports.
fn listing(sources: &[Source]) -> String {
    let indent = 2 + sources
        .iter()
        .map(|source| source.file.len())
        .max()
        .unwrap_or(0);
    let mut text = String::new();
    for folder in STAIR {
        for source in files_of(folder, sources) {
            let mut start = source.file.as_str();
            for line in wrapped(&source.sentence, WIDTH - indent) {
                writeln!(text, "{start:indent$}{line}").expect("text");
                start = "";
            }
        }
        let imported = match &imports_of(folder, sources)[..] {
            [] => "nothing".to_owned(),
            folders => folders.join(", "),
        };
        writeln!(text, "{folder} imports: {imported}\n").expect("text");
    }
    format!("```text\n{}\n```\n", text.trim_end())
}

/// Lines of up to so many characters.
fn wrapped(sentence: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in sentence.split(' ') {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

/// The folders with their first sentences as a flowchart, with an arrow for each import.
fn picture(sources: &[Source]) -> String {
    let mut text = "```mermaid\nflowchart TD\n".to_owned();
    // The names of nodes are plain words, and `lib.rs` is none.
    let node = |folder: &str| folder.trim_end_matches(".rs").to_owned();
    for folder in STAIR.into_iter().rev() {
        let noun = [folder.to_owned(), format!("{folder}/mod.rs")];
        let source = sources.iter().find(|source| noun.contains(&source.file));
        let sentence = &source.expect("a file with the name of the folder").sentence;
        let sentence = sentence.replace('`', "").replace('"', "#quot;");
        let node = node(folder);
        writeln!(text, "    {node}[\"{folder}<br/>{sentence}\"]").expect("text");
    }
    for folder in STAIR.into_iter().rev() {
        for target in imports_of(folder, sources).into_iter().rev() {
            writeln!(text, "    {} --> {}", node(folder), node(target)).expect("text");
        }
    }
    text + "```\n"
}

/// The document with another text between the markers of a part.
fn with_part(document: &str, name: &str, part: &str) -> String {
    let begin = format!("<!-- Written by script/document: {name} -->\n");
    let (before, rest) = document.split_once(&begin).expect("the marker of the part");
    let (_, after) = rest
        .split_once("<!-- end -->")
        .expect("the marker of its end");
    format!("{before}{begin}{part}<!-- end -->{after}")
}
