//! The words in the source: what is public says what it is, and no doc comment says nothing.
//!
//! Three rules hold for every file under `src/`. Where a folder still breaks one, [`ALLOWANCES`] says how often; a
//! number there may only fall, and falls in the same change that mends a comment, so that the table stays true.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

/// A doc comment of no more words than this only repeats the name under it.
const MAX_EMPTY_WORDS: usize = 3;

/// Offenders that a folder may still have: items without a doc comment, comments of too few words, and comments whose
/// subject is a pronoun.
const ALLOWANCES: &[(&str, Count)] = &[
    ("cli", Count { missing: 0, short: 9, pronoun: 1 }),
    ("cloud", Count { missing: 0, short: 5, pronoun: 1 }),
];

/// Words that stand for a noun. The first sentence of a doc comment has no noun before it.
const PRONOUNS: [&str; 9] = ["it", "its", "it's", "they", "their", "them", "these", "those", "he"];

/// Words before a pronoun that leave it the subject: "Whether it holds.", "What they are."
const BEFORE_PRONOUNS: [&str; 8] = ["does", "how", "what", "when", "where", "whether", "who", "why"];

/// How often each rule is broken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Count {
    missing: usize,
    short: usize,
    pronoun: usize,
}

/// A folder's offenders, by rule, each with its place.
#[derive(Default)]
struct Offenders {
    missing: Vec<String>,
    short: Vec<String>,
    pronoun: Vec<String>,
}

impl Offenders {
    fn count(&self) -> Count {
        Count { missing: self.missing.len(), short: self.short.len(), pronoun: self.pronoun.len() }
    }
}

/// A doc comment: its first line, and its text in one line.
#[derive(Debug, PartialEq, Eq)]
struct Comment {
    line: usize,
    text: String,
}

fn source_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("the folder exists") {
        let path = entry.expect("readable").path();
        if path.is_dir() {
            source_files(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
}

/// Returns the doc comments of a text, read by lines, because macros hold some, too.
fn comments(text: &str) -> Vec<Comment> {
    let mut found: Vec<Comment> = Vec::new();
    let mut open = None;
    for (at, line) in text.lines().enumerate() {
        let line = line.trim_start();
        let sign =
            ["///", "//!"].into_iter().find(|sign| line.starts_with(sign) && !line.starts_with("////"));
        match (sign, found.last_mut()) {
            (Some(sign), Some(comment)) if open == Some(sign) => {
                comment.text.push(' ');
                comment.text.push_str(line[sign.len()..].trim());
            }
            (Some(sign), _) => {
                found.push(Comment { line: at + 1, text: line[sign.len()..].trim().to_owned() });
            }
            (None, _) => {}
        }
        open = sign;
    }
    found
}

fn is_short(text: &str) -> bool {
    text.split_whitespace().count() <= MAX_EMPTY_WORDS
}

/// Says whether a comment begins with a pronoun, which nothing before it explains.
fn opens_with_a_pronoun(text: &str) -> bool {
    let mut words =
        text.split_whitespace().map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase());
    let first = words.next().unwrap_or_default();
    let subject = if BEFORE_PRONOUNS.contains(&&*first) { words.next().unwrap_or_default() } else { first };
    PRONOUNS.contains(&&*subject)
}

/// Returns the file of a module that is declared without a body.
fn file_of_module(declared_in: &Path, name: &str) -> PathBuf {
    let stem = declared_in.file_stem().unwrap_or_default();
    let own = ["mod", "lib", "main"].iter().any(|root| stem == *root);
    let folder = declared_in.parent().expect("a file stands in a folder");
    let folder = if own { folder.to_owned() } else { folder.join(stem) };
    let alone = folder.join(format!("{name}.rs"));
    if alone.is_file() { alone } else { folder.join(name).join("mod.rs") }
}

fn module_says_what_it_is(declared_in: &Path, name: &str) -> bool {
    let text = fs::read_to_string(file_of_module(declared_in, name)).expect("a declared module has a file");
    text.lines().find(|line| !line.trim().is_empty()).is_some_and(|line| line.starts_with("//!"))
}

/// Returns the kind and the name of the public item that a line begins, or of the item of a trait.
fn item_on(line: &str, in_trait: bool) -> Option<(&str, &str)> {
    let declared = match line.strip_prefix("pub ") {
        Some(declared) => declared,
        None if in_trait => line,
        None => return None,
    };
    let mut words =
        declared.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty());
    let kind = words.find(|word| !["async", "const", "unsafe", "extern"].contains(word));
    match kind {
        Some(kind @ ("enum" | "fn" | "mod" | "static" | "struct" | "trait" | "type" | "union")) => {
            Some((kind, words.next()?))
        }
        // The word after `const` is the name, unless it was `fn`. A field has a colon, too, and no `const`.
        Some(name) if declared.starts_with("const ") => Some(("const", name)),
        _ => None,
    }
}

/// Returns the names of public items that no doc comment explains. The text is formatted by rustfmt, so an item begins
/// its line, and the line that closes it is indented as the line that opens it.
fn undocumented(path: &Path, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut documented = false;
    // The indentation of the trait that is open, and of the item for tests that is being left out.
    let (mut open_trait, mut left_out) = (None, None);
    let mut for_tests = false;
    let mut in_attribute = false;
    for line in text.lines() {
        let code = line.trim_start();
        let indent = line.len() - code.len();
        let closes = code.starts_with('}');
        if let Some(outside) = left_out {
            if indent == outside && (closes || code.ends_with(';')) {
                left_out = None;
            }
            continue;
        }
        if closes && open_trait == Some(indent) {
            open_trait = None;
        }
        if in_attribute || code.starts_with("#[") {
            for_tests |= code == "#[cfg(test)]";
            in_attribute = !code.ends_with(']');
            continue;
        }
        if code.starts_with("///") {
            documented = true;
            continue;
        }
        // A source may stand between an item and its doc comment.
        if code.starts_with("//") {
            continue;
        }
        if for_tests {
            for_tests = false;
            documented = false;
            let whole = code.ends_with(';') || (code.ends_with('}') && code.contains('{'));
            left_out = (!whole).then_some(indent);
            continue;
        }
        let in_trait = open_trait.is_some_and(|outside| indent == outside + 4);
        if let Some((kind, name)) = item_on(code, in_trait) {
            let says =
                documented || (kind == "mod" && code.ends_with(';') && module_says_what_it_is(path, name));
            if !says {
                found.push(name.to_owned());
            }
            if kind == "trait" && code.ends_with('{') {
                open_trait = Some(indent);
            }
        }
        documented = false;
    }
    found
}

fn is_test_file(path: &Path) -> bool {
    path.iter().any(|part| part == "tests")
        || path.file_stem().is_some_and(|stem| {
            stem.to_string_lossy() == "tests" || stem.to_string_lossy().ends_with("_tests")
        })
}

/// Returns what is wrong in each folder of the source; files that stand in no folder have the name `.`.
fn offenders() -> BTreeMap<String, Offenders> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    source_files(&source, &mut files);
    files.sort();
    let mut folders: BTreeMap<String, Offenders> = BTreeMap::new();
    for path in files {
        let inside = path.strip_prefix(&source).expect("found there");
        let mut parts = inside.iter();
        let folder = match (parts.next(), parts.next()) {
            (Some(folder), Some(_)) => folder.to_string_lossy().into_owned(),
            _ => ".".to_owned(),
        };
        let folder = folders.entry(folder).or_default();
        let text = fs::read_to_string(&path).expect("readable");
        for Comment { line, text } in comments(&text) {
            let place = format!("src/{}:{line}: {text}", inside.display());
            if opens_with_a_pronoun(&text) {
                folder.pronoun.push(place.clone());
            }
            if is_short(&text) {
                folder.short.push(place);
            }
        }
        if !is_test_file(inside) {
            let names = undocumented(&path, &text);
            folder.missing.extend(names.iter().map(|name| format!("src/{}: {name}", inside.display())));
        }
    }
    folders
}

/// Says how a count differs from its allowance: more than allowed with each offender, fewer with the new number.
fn complain(rule: &str, folder: &str, places: &[String], allowed: usize, complaints: &mut String) {
    if places.len() > allowed {
        let _ = writeln!(complaints, "src/{folder}: {} {rule}, {allowed} allowed:", places.len());
        for place in places {
            let _ = writeln!(complaints, "  {place}");
        }
    } else if places.len() < allowed {
        let found = places.len();
        let _ = writeln!(complaints, "src/{folder}: {found} {rule}; lower the allowance of {allowed}");
    }
}

#[test]
fn public_items_are_documented_and_doc_comments_say_something() {
    let folders = offenders();
    let mut complaints = String::new();
    for (folder, found) in &folders {
        let allowed =
            ALLOWANCES.iter().find(|(name, _)| name == folder).map_or_else(Count::default, |(_, n)| *n);
        complain(
            "public items without a doc comment",
            folder,
            &found.missing,
            allowed.missing,
            &mut complaints,
        );
        let short = format!("doc comments of at most {MAX_EMPTY_WORDS} words");
        complain(&short, folder, &found.short, allowed.short, &mut complaints);
        let pronoun = "doc comments that open with a pronoun";
        complain(pronoun, folder, &found.pronoun, allowed.pronoun, &mut complaints);
    }
    for (folder, _) in ALLOWANCES.iter().filter(|(name, _)| !folders.contains_key(*name)) {
        let _ = writeln!(complaints, "src/{folder} is gone: so is its allowance");
    }
    if !complaints.is_empty() {
        let _ = writeln!(complaints, "the table of today, of which no number may be higher than before:");
        for (folder, count) in
            folders.iter().map(|(f, o)| (f, o.count())).filter(|(_, c)| *c != Count::default())
        {
            let _ = writeln!(complaints, "    ({folder:?}, {count:?}),");
        }
    }
    assert!(complaints.is_empty(), "{complaints}");
}

#[test]
fn comments_are_read_line_by_line_and_judged_by_their_words() {
    let text =
        "//! A module.\n//! Two lines.\n\n/// The ARN.\npub x: u8, // no\n//// no\n    /// It\n    /// is.\n";
    let found = comments(text);
    let said: Vec<(usize, &str)> = found.iter().map(|c| (c.line, &*c.text)).collect();
    assert_eq!(said, [(1, "A module. Two lines."), (4, "The ARN."), (7, "It is.")]);
    for (text, short, pronoun) in [
        ("The ARN.", true, false),
        ("The ARN of it.", false, false),
        ("Does it.", true, true),
        ("Whether it holds for everybody.", false, true),
        ("What `aws:userid` says.", true, false),
        ("Their order is that of the file.", false, true),
        ("What a key says of its users.", false, false),
    ] {
        assert_eq!((is_short(text), opens_with_a_pronoun(text)), (short, pronoun), "{text}");
    }
}

#[test]
fn what_is_public_needs_a_comment_and_what_is_not_does_not() {
    let text = "
pub fn bare() {}
fn private() {}
/// Says something.
#[derive(
    Clone,
)]
pub struct Said {
    pub field: u8,
}

impl Said {
    pub const BARE: u8 = 1;
    pub const fn method(&self) {}
    #[cfg(test)]
    pub fn helper(&self) {
        pub fn inside() {}
    }
    #[cfg(test)]
    pub fn short(&self) {}
    pub(super) fn hidden(&self) {}
}

pub mod inner {
    pub type Alias = u8;
}

#[cfg(test)]
mod tests {
    pub fn helper() {}
}

/// Says something.
pub trait Known {
    fn by_all(&self) {
        const LOCAL: u8 = 1;
    }
}

fn last() {
    let text = 1;
}
pub static END: u8 = 1;
";
    let found = undocumented(Path::new("lib.rs"), text);
    assert_eq!(found, ["bare", "BARE", "method", "inner", "Alias", "by_all", "END"]);
}
