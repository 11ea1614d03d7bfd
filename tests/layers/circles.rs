//! Files that import each other, directly or in a circle.

use std::collections::{BTreeMap, BTreeSet};

use super::sources::{Names, Source};

/// The files of `src`, and for each the files it needs something from.
pub fn needs(sources: &BTreeMap<Names, Source>) -> BTreeMap<String, BTreeSet<String>> {
    let mut all = BTreeMap::new();
    for source in sources.values() {
        let mut needed = BTreeSet::new();
        for import in &source.imports {
            // What a map of modules passes on it does not use itself.
            let used = source.mentioned.contains(&import.alias)
                || source.paths.iter().any(|path| path.first() == Some(&import.alias));
            if !import.public || used {
                needed.extend(find(sources, &import.path));
            }
        }
        needed.remove(&source.file);
        all.insert(source.file.clone(), needed);
    }
    all
}

/// The file that defines the item of that path from the root of the crate, or that is the module of that path. `None` for
/// the map of a folder, through which anything may be reached, and for what is none of ours.
fn find(sources: &BTreeMap<Names, Source>, path: &[String]) -> Option<String> {
    look(sources, path, 8)
}

fn look(sources: &BTreeMap<Names, Source>, path: &[String], patience: usize) -> Option<String> {
    let patience = patience.checked_sub(1)?;
    let length = (0..=path.len()).rev().find(|n| sources.contains_key(&path[..*n]))?;
    let source = &sources[&path[..length]];
    let Some((name, rest)) = path[length..].split_first() else {
        // The map of a folder passes on what it has not got itself.
        return Some(source.file.clone()).filter(|file| !file.ends_with("mod.rs"));
    };
    if source.defined.contains(name) {
        return Some(source.file.clone());
    }
    let named = source.imports.iter().filter(|import| import.alias == *name);
    let found = named
        .into_iter()
        .find_map(|import| look(sources, &[import.path.as_slice(), rest].concat(), patience));
    let globs = || source.imports.iter().filter(|import| import.alias == "*");
    found.or_else(|| {
        globs()
            .find_map(|import| look(sources, &[import.path.as_slice(), &path[length..]].concat(), patience))
    })
}

/// The strongly connected components of more than one file, the largest first.
pub fn components(needs: &BTreeMap<String, BTreeSet<String>>) -> Vec<BTreeSet<String>> {
    let reach: BTreeMap<&String, BTreeSet<&String>> =
        needs.keys().map(|file| (file, reached(needs, file))).collect();
    let mut seen: BTreeSet<&String> = BTreeSet::new();
    let mut out = Vec::new();
    for file in needs.keys() {
        if seen.contains(file) {
            continue;
        }
        let circle: BTreeSet<&String> = reach[file]
            .iter()
            .copied()
            .filter(|other| reach.get(other).is_some_and(|r| r.contains(file)))
            .collect();
        seen.extend(&circle);
        if circle.len() > 1 {
            out.push(circle.into_iter().cloned().collect());
        }
    }
    out.sort_by_key(|circle: &BTreeSet<String>| std::cmp::Reverse(circle.len()));
    out
}

fn reached<'a>(needs: &'a BTreeMap<String, BTreeSet<String>>, from: &'a String) -> BTreeSet<&'a String> {
    let mut found = BTreeSet::new();
    let mut open = vec![from];
    while let Some(file) = open.pop() {
        for next in needs.get(file).into_iter().flatten() {
            if found.insert(next) {
                open.push(next);
            }
        }
    }
    found
}
