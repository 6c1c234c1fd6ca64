// SPDX-License-Identifier: GPL-2.0-or-later
//! The source files of the core, and what each of them imports from the others.
//!
//! What is in a `#[cfg(test)]` module or a file `tests.rs` does not count. A path that is not
//! understood is an import without a file, so that a test can refuse it.

mod modules;
mod paths;

use modules::{Module, Modules};
use std::path::Path;
use syn::{Expr, Lit, Meta};

/// A file of `src`.
pub struct Source {
    /// Its path below `src`, such as `content/mod.rs`.
    pub file: String,
    /// The first sentence of its `//!` comment, without the full stop.
    pub sentence: String,
    pub imports: Vec<Import>,
}

/// A path in a source file that leads to another file of the core.
pub struct Import {
    /// The line where the path is, or the `use` that it is part of.
    pub line: usize,
    pub path: String,
    /// The file that the path leads to; nothing when there is none.
    pub file: Option<String>,
}

impl Source {
    /// The folder of the file, or the file itself when it is directly in `src`.
    pub fn folder(&self) -> &str {
        folder(&self.file)
    }
}

/// The first part of a path below `src`.
pub fn folder(file: &str) -> &str {
    file.split_once('/').map_or(file, |(folder, _)| folder)
}

/// All files of `src`, by name.
pub fn read() -> Vec<Source> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    list(&src, "", &mut files);
    files.sort();
    let modules = files.into_iter().map(|file| {
        let text = std::fs::read_to_string(src.join(&file)).expect("a source file");
        let syntax = syn::parse_file(&text).unwrap_or_else(|error| panic!("{file}: {error}"));
        (module_path(&file), Module::new(file, syntax))
    });
    let modules = Modules(modules.collect());
    let sources = modules.0.iter().map(|(path, module)| Source {
        file: module.file.clone(),
        sentence: first_sentence(module),
        imports: modules.imports(path, module),
    });
    sources.collect()
}

/// Adds the names of all source files below a folder, except those of tests.
fn list(src: &Path, folder: &str, files: &mut Vec<String>) {
    for entry in std::fs::read_dir(src.join(folder)).expect("a folder") {
        let entry = entry.expect("an entry of a folder");
        let name = format!("{folder}{}", entry.file_name().to_string_lossy());
        if entry.path().is_dir() {
            list(src, &format!("{name}/"), files);
        } else if Path::new(&name).extension().is_some_and(|end| end == "rs")
            && entry.file_name() != "tests.rs"
        {
            files.push(name);
        }
    }
}

/// The names of modules that lead from `crate` to a file: none for `lib.rs`.
fn module_path(file: &str) -> Vec<String> {
    let name = file.trim_end_matches(".rs").trim_end_matches("/mod");
    match name {
        "lib" => Vec::new(),
        name => name.split('/').map(str::to_owned).collect(),
    }
}

fn first_sentence(module: &Module) -> String {
    let mut text = String::new();
    for attribute in &module.syntax.attrs {
        if let Meta::NameValue(pair) = &attribute.meta
            && pair.path.is_ident("doc")
            && let Expr::Lit(literal) = &pair.value
            && let Lit::Str(line) = &literal.lit
        {
            text.push_str(line.value().trim());
            text.push(' ');
        }
    }
    let sentence = text.split_once(". ").map(|(sentence, _)| sentence);
    let sentence = sentence.unwrap_or_else(|| panic!("{} begins with no sentence", module.file));
    // Brackets are links, which only rustdoc can follow.
    sentence
        .replace("[`", "`")
        .replace("`]", "`")
        .trim()
        .to_owned()
}
