//! The table of limits: its page, and that each row is used.
//!
//! `UPDATE_DOCS=1 cargo test --test limits` makes `docs/limits.md` anew.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use kmslab::limits;

const LEAD: &str = "# Limits

Whatever comes from outside may be this large and no larger. What goes beyond a limit is refused in words that name it, with
exit status 2 on the command line, and nothing is lost. Within the limits time and memory grow no faster than the input. The
page is made from the table in `src/limits`. The quotas of AWS (4 KB for Encrypt, 400 KB an item) stand in
[operations.md](operations.md), with the operations that have them.
";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every source file under a folder with its path from the root.
fn sources(folder: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut open: Vec<PathBuf> = vec![root().join(folder)];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("readable").path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                let name = path.strip_prefix(root()).expect("inside").display().to_string();
                found.push((name, fs::read_to_string(&path).expect("readable")));
            }
        }
    }
    found.sort();
    found
}

/// The code of a source file without its comments and its tests.
fn code(text: &str) -> String {
    let code = text.lines().take_while(|line| !line.starts_with("#[cfg(test)]"));
    code.map(|line| line.split("//").next().unwrap_or_default()).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_page_of_limits_is_what_the_table_says() {
    let mut page = LEAD.to_owned();
    let mut last = "";
    for (part, limit) in limits::all() {
        if part != last {
            write!(page, "\n## {part}\n\n| limit | what | at most | because |\n|---|---|---|---|\n")
                .expect("text");
            last = part;
        }
        writeln!(page, "| `{}` | {} | {} | {} |", limit.name, limit.what, limit.amount(), limit.reason)
            .expect("text");
    }
    let path = root().join("docs/limits.md");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&path, &page).expect("written");
    }
    assert_eq!(fs::read_to_string(path).unwrap_or_default(), page, "UPDATE_DOCS=1 cargo test --test limits");
}

#[test]
fn each_limit_has_a_name_of_its_own_and_is_used() {
    let mut names = BTreeSet::new();
    let sources = sources("src");
    let tables: String = sources
        .iter()
        .filter(|(name, _)| name.starts_with("src/limits"))
        .map(|(_, text)| text.as_str())
        .collect();
    for (_, limit) in limits::all() {
        assert!(names.insert(limit.name), "two limits are called {}", limit.name);
        let row = tables.lines().find(|line| line.contains(&format!("\"{}\"", limit.name))).expect("its row");
        let constant = row.split_whitespace().next().expect("its constant");
        let used = sources.iter().filter(|(name, _)| !name.starts_with("src/limits")).any(|(_, text)| {
            code(text).split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == constant)
        });
        assert!(used, "nothing outside the table uses {constant}");
    }
}
