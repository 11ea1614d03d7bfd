//! The table of limits: its page, that each row is used, and that whatever reads bytes from outside has limits and a fuzz
//! target.
//!
//! `UPDATE_DOCS=1 cargo test --test limits` makes `docs/limits.md` anew.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use kmslab::limits::{self, Unit};

#[expect(dead_code, reason = "how the work grows is for tests/growth, which reads the same list")]
mod readers;

use readers::{NO_READERS, READERS};

mod console;
mod scenarios;

const LEAD: &str = "# Limits

Whatever comes from outside may be this large and no larger. What goes beyond a limit is refused in words that name it, with
exit status 2 on the command line, and nothing is lost. Within the limits time and memory grow no faster than the input:
`.ci/growth` prints by how much, for each reader, four shapes of input and three sizes. The
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

/// The code of a source file without its comments and its tests. A module of tests ends the file.
fn code(text: &str) -> String {
    let mut kept = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if line.starts_with("#[cfg(test)]") {
            let only_for_tests = lines.next().unwrap_or_default();
            if only_for_tests.starts_with("mod ") && only_for_tests.ends_with('{') {
                break;
            }
            continue;
        }
        kept.push(line.split("//").next().unwrap_or_default());
    }
    kept.join("\n")
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

/// What a file of sources says when it takes bytes from outside.
const TAKES_BYTES: [&str; 13] = [
    "File::open(",
    "fs::read(",
    "fs::read_to_string(",
    "stdin()",
    "read_until(",
    "read_line(",
    "read_to_end(",
    "io::read(",
    "UnixStream::connect(",
    "EventStream::new(",
    "file::read",
    ".read(true)",
    "Limited::new(",
];

#[test]
fn whatever_takes_bytes_from_outside_is_a_reader_with_limits_and_a_fuzz_target() {
    let known: BTreeSet<&str> =
        READERS.iter().flat_map(|reader| reader.files).map(|(file, _)| *file).collect();
    let excused: BTreeSet<&str> = NO_READERS.iter().map(|(file, _)| *file).collect();
    let mut missing = Vec::new();
    let mut takes = BTreeSet::new();
    for (name, text) in sources("src") {
        let in_tests =
            name.ends_with("/tests.rs") || name.contains("/tests/") || name.starts_with("src/limits/");
        if in_tests || !TAKES_BYTES.iter().any(|word| code(&text).contains(word)) {
            continue;
        }
        takes.insert(name.clone());
        if !known.contains(name.as_str()) && !excused.contains(name.as_str()) {
            missing.push(name);
        }
    }
    assert!(
        missing.is_empty(),
        "a row in tests/limits/readers.rs, with limits and a fuzz target, for: {missing:?}"
    );
    for file in known.iter().chain(&excused) {
        assert!(root().join(file).is_file(), "{file} is no longer there");
    }
    for (file, reason) in NO_READERS {
        assert!(takes.contains(*file), "{file} takes no bytes: its row ({reason}) can go");
    }
}

/// The names of the fuzz targets, by their manifest.
fn targets() -> BTreeSet<String> {
    let manifest = fs::read_to_string(root().join("fuzz/Cargo.toml")).expect("the manifest of the targets");
    let paths = manifest.lines().filter_map(|line| line.strip_prefix("path = \"fuzz_targets/"));
    paths.filter_map(|path| Some(path.strip_suffix(".rs\"")?.to_owned())).collect()
}

#[test]
fn each_reader_names_limits_of_the_table_and_fuzz_targets_that_are_there() {
    let targets = targets();
    let known: BTreeSet<&str> = limits::all().map(|(_, limit)| limit.name).collect();
    let mut used = BTreeSet::new();
    for reader in READERS {
        assert!(!reader.limits.is_empty(), "{} has no limits", reader.name);
        assert!(!reader.fuzz.is_empty(), "{} has no fuzz target", reader.name);
        for limit in reader.limits {
            assert!(known.contains(limit.name), "{}: {} is no limit", reader.name, limit.name);
        }
        for target in reader.fuzz {
            assert!(targets.contains(*target), "{}: fuzz/Cargo.toml has no {target}", reader.name);
            assert!(root().join(format!("fuzz/fuzz_targets/{target}.rs")).is_file(), "{target}");
            used.insert((*target).to_owned());
        }
    }
    assert_eq!(targets, used, "each fuzz target is that of a reader");
}

#[test]
fn each_limit_but_those_of_work_belongs_to_a_reader() {
    let read: BTreeSet<&str> =
        READERS.iter().flat_map(|reader| reader.limits).map(|limit| limit.name).collect();
    let lone: Vec<&str> = limits::all()
        .filter(|(_, limit)| matches!(limit.unit, Unit::Bytes) && !read.contains(limit.name))
        .map(|(_, limit)| limit.name)
        .collect();
    assert!(lone.is_empty(), "a row in tests/limits/readers.rs names no limit of these: {lone:?}");
}
