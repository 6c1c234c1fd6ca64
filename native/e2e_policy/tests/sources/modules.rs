// SPDX-License-Identifier: GPL-2.0-or-later
//! The modules of the core, and which file a path in one of them leads to.

use super::Import;
use super::paths::Paths;
use std::collections::{BTreeMap, BTreeSet};
use syn::Item;
use syn::visit::Visit;

/// A file, read.
pub struct Module {
    pub file: String,
    pub syntax: syn::File,
    /// What other files can import from it.
    names: BTreeSet<String>,
}

impl Module {
    pub fn new(file: String, syntax: syn::File) -> Self {
        let mut names = BTreeSet::new();
        for item in &syntax.items {
            let ident = match item {
                Item::Const(item) => &item.ident,
                Item::Enum(item) => &item.ident,
                Item::Fn(item) => &item.sig.ident,
                Item::Static(item) => &item.ident,
                Item::Struct(item) => &item.ident,
                Item::Trait(item) => &item.ident,
                Item::Type(item) => &item.ident,
                Item::Use(item) => {
                    let mut paths = Paths::default();
                    paths.visit_item_use(item);
                    names.extend(paths.0.into_iter().filter_map(|path| path.name));
                    continue;
                }
                _ => continue,
            };
            names.insert(ident.to_string());
        }
        Self {
            file,
            syntax,
            names,
        }
    }
}

/// All modules by their paths.
pub struct Modules(pub BTreeMap<Vec<String>, Module>);

impl Modules {
    /// What a module imports from others.
    pub fn imports(&self, from: &[String], module: &Module) -> Vec<Import> {
        let mut paths = Paths::default();
        paths.visit_file(&module.syntax);

        // Modules that have a name of their own in the file, beside those below it.
        let mut names = BTreeMap::new();
        for path in &paths.0 {
            if let Some(name) = &path.name
                && let Some((target, [])) = self.follow(from, &names, &path.segments)
            {
                names.insert(name.clone(), target);
            }
        }
        let mut imports = Vec::new();
        for path in &paths.0 {
            let file = match self.follow(from, &names, &path.segments) {
                Some((target, rest)) => self.file(&target, rest),
                None if path.name.is_none() || is_known(&path.segments[0], module) => continue,
                None => None,
            };
            if file.as_ref() != Some(&module.file) {
                let (line, path) = (path.line, path.segments.join("::"));
                imports.push(Import { line, path, file });
            }
        }
        imports
    }

    /// The module that a path leads to and what is left of the path; nothing when it does not begin
    /// at a module of the core.
    fn follow<'a>(
        &self,
        from: &[String],
        names: &BTreeMap<String, Vec<String>>,
        mut segments: &'a [String],
    ) -> Option<(Vec<String>, &'a [String])> {
        let mut target = from.to_vec();
        match segments[0].as_str() {
            "crate" => target.clear(),
            "self" => {}
            "super" => _ = target.pop(),
            name if names.contains_key(name) => target.clone_from(&names[name]),
            name if self.has(from, name) => target.push(name.to_owned()),
            _ => return None,
        }
        segments = &segments[1..];
        while let Some((name, rest)) = segments.split_first() {
            if name == "super" {
                target.pop();
            } else if self.has(&target, name) {
                target.push(name.clone());
            } else {
                break;
            }
            segments = rest;
        }
        Some((target, segments))
    }

    fn has(&self, parent: &[String], name: &str) -> bool {
        self.0.contains_key(&[parent, &[name.to_owned()]].concat())
    }

    /// The file of a module, if it has what is left of a path.
    fn file(&self, module: &[String], rest: &[String]) -> Option<String> {
        let module = self.0.get(module)?;
        let has_it = rest.first().is_none_or(|name| module.names.contains(name));
        has_it.then(|| module.file.clone())
    }
}

/// Whether an import without a module of the core is of another crate, or of an enum in the file.
fn is_known(name: &str, module: &Module) -> bool {
    let manifest = include_str!("../../Cargo.toml");
    let (_, dependencies) = manifest
        .split_once("[dependencies]\n")
        .expect("dependencies");
    let (dependencies, _) = dependencies
        .split_once("\n[")
        .expect("a section behind them");
    let mut crates = dependencies
        .lines()
        .filter_map(|line| line.split_once(" = "))
        .map(|(package, _)| package.replace('-', "_"));
    name == "std" || crates.any(|known| known == name) || module.names.contains(name)
}
