// SPDX-License-Identifier: GPL-2.0-or-later
//! The paths in a file that may lead to other files, as they are written.

use proc_macro2::{Ident, TokenStream, TokenTree};
use syn::visit::{self, Visit};
use syn::{ItemMod, ItemUse, Macro, UseTree, Visibility};

/// A path as it is written in a file.
pub struct Written {
    pub line: usize,
    pub segments: Vec<String>,
    /// For `use`: the name that the file has for it.
    pub name: Option<String>,
}

/// Collects all paths of a file that may lead to other files.
#[derive(Default)]
pub struct Paths(pub Vec<Written>);

impl Paths {
    /// A path of one segment is a name of the file itself.
    fn add(&mut self, segments: &[Ident]) {
        if let [first, _, ..] = segments {
            self.0.push(Written {
                line: first.span().start().line,
                segments: segments.iter().map(ToString::to_string).collect(),
                name: None,
            });
        }
    }

    fn add_use(&mut self, line: usize, before: &[String], tree: &UseTree) {
        let (last, name) = match tree {
            UseTree::Path(path) => {
                let before = [before, &[path.ident.to_string()]].concat();
                return self.add_use(line, &before, &path.tree);
            }
            UseTree::Group(group) => {
                return group
                    .items
                    .iter()
                    .for_each(|tree| self.add_use(line, before, tree));
            }
            UseTree::Name(name) => (name.ident.to_string(), name.ident.to_string()),
            UseTree::Rename(rename) => (rename.ident.to_string(), rename.rename.to_string()),
            // No file has that name, so `*` is refused, except of an enum.
            UseTree::Glob(_) => ("*".to_owned(), "*".to_owned()),
        };
        let mut segments = before.to_vec();
        if last != "self" {
            segments.push(last);
        }
        let name = match (name.as_str(), before) {
            ("self", [.., module]) => module.clone(),
            _ => name,
        };
        self.0.push(Written {
            line,
            segments,
            name: Some(name),
        });
    }

    /// The arguments of a macro have no syntax, but paths in them are the same tokens.
    fn add_tokens(&mut self, tokens: TokenStream) {
        let mut path = Vec::new();
        let mut colons = 0;
        for token in tokens {
            match token {
                TokenTree::Punct(mark) if mark.as_char() == ':' => colons += 1,
                TokenTree::Ident(ident) => {
                    if colons != 2 {
                        self.add(&std::mem::take(&mut path));
                    }
                    path.push(ident);
                    colons = 0;
                }
                other => {
                    self.add(&std::mem::take(&mut path));
                    if let TokenTree::Group(group) = other {
                        self.add_tokens(group.stream());
                    }
                }
            }
        }
        self.add(&path);
    }
}

impl<'ast> Visit<'ast> for Paths {
    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        self.add_use(item.use_token.span.start().line, &[], &item.tree);
    }

    /// `mod name;` is no import. A module within a file would be a file that is not read.
    fn visit_item_mod(&mut self, item: &'ast ItemMod) {
        let is_for_tests = item.attrs.iter().any(|attribute| {
            attribute.path().is_ident("cfg")
                && attribute
                    .parse_args::<Ident>()
                    .is_ok_and(|condition| condition == "test")
        });
        if item.content.is_some() && !is_for_tests {
            self.0.push(Written {
                line: item.ident.span().start().line,
                segments: vec![format!("mod {}", item.ident)],
                name: Some(item.ident.to_string()),
            });
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let segments: Vec<Ident> = path
            .segments
            .iter()
            .map(|segment| segment.ident.clone())
            .collect();
        self.add(&segments);
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, call: &'ast Macro) {
        self.add_tokens(call.tokens.clone());
    }

    /// `pub(crate)` imports nothing.
    fn visit_visibility(&mut self, _: &'ast Visibility) {}
}
