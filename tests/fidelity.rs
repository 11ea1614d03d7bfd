//! `docs/fidelity.md` lists every rule of which nobody has shown how AWS does it. It is made from the comments that say
//! so, each beside its rule, and is red when it is stale: `UPDATE_DOCS=1 cargo test --test fidelity`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use kmslab::cloud::Fidelity;

/// A rule that a comment calls doubtful.
#[derive(Debug, PartialEq)]
struct Doubt {
    /// The file, from `src`.
    file: String,
    /// What the comment stands at, else what it stands in.
    item: String,
    /// What the comment says first, if that is not the doubt itself.
    rule: String,
    what: String,
    sources: Vec<String>,
    switch: Option<String>,
    /// Whether the comment says that only one form of the rule is known, so that a switch would have nothing to turn to.
    one_form: bool,
}

impl Doubt {
    /// Returns what the comment leaves out of what every doubtful rule has to say, if anything.
    ///
    /// A rule of two known forms is a switch. One form alone has to be said, or a reader takes a missing switch for a
    /// forgotten one.
    fn lacks(&self, switches: &serde_json::Value) -> Option<&'static str> {
        let known = |name: &String| switches.get(name).is_some();
        match (&self.switch, self.one_form) {
            _ if self.what.is_empty() => Some("what is doubtful"),
            _ if self.sources.is_empty() => Some("a `Source:`, at least the page that is silent"),
            (Some(name), _) if !known(name) => Some("a switch that a world has"),
            (Some(_), true) => Some("either a switch or the words `One form is known`, not both"),
            (None, false) => Some("a `Switch:`, or the words `One form is known.`"),
            (Some(_), false) | (None, true) => None,
        }
    }
}

/// The words that say that there is nothing to turn to.
const ONE_FORM: &str = "One form is known";

const LEAD: &str = "# Doubtful rules

Where AWS's documentation is silent, or two sources disagree, kmslab does one thing and says so beside the code. This page lists
all of it, made from those comments. Where two forms are known, a switch of a scenario's world (`fidelity`) turns from one to
the other. Where nobody has published but one form, or none, there is nothing to turn to, and the page says so. The sources are
those that disagree, or the page that is nearest and silent. Whoever has seen AWS's answer: please tell, with the request and
the response.
";

#[test]
fn the_page_of_doubtful_rules_is_what_the_code_says() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let doubts = doubts(&root.join("src"));
    assert!(!doubts.is_empty(), "no comment calls a rule doubtful");
    let switches = serde_json::to_value(Fidelity::default()).expect("switches are JSON");
    let lacking = doubts.iter().filter_map(|doubt| {
        let what = doubt.lacks(&switches)?;
        Some(format!("{}, {}: {}", doubt.file, doubt.item, what))
    });
    let lacking: Vec<String> = lacking.collect();
    assert!(lacking.is_empty(), "these doubtful rules lack something:\n{}", lacking.join("\n"));
    let page = root.join("docs/fidelity.md");
    let made = render(&doubts);
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&page, &made).expect("the page can be written");
    }
    let kept = fs::read_to_string(&page).expect("the page is there");
    assert!(kept == made, "docs/fidelity.md is stale: UPDATE_DOCS=1 cargo test --test fidelity");
}

#[test]
fn a_comment_is_taken_apart() {
    let text = "
/// Returns the wait.
///
/// Doubtful: nobody
/// measured it. The alternative is none.
/// Switch: `table_status_delay`.
///
/// Other words.
// Source: A guide, \"page\";
// another guide
const WAIT: u8 = 1;

fn outer() {
    let a = 1;
    // Doubtful: the text. One form
    // is known.
    let b = 2;
}
";
    let found = in_file("cloud/x.rs", text);
    assert_eq!(
        found,
        [
            Doubt {
                file: "cloud/x.rs".into(),
                item: "WAIT".into(),
                rule: "Returns the wait.".into(),
                what: "Nobody measured it. The alternative is none.".into(),
                sources: vec!["A guide, \"page\"; another guide".into()],
                switch: Some("table_status_delay".into()),
                one_form: false,
            },
            Doubt {
                file: "cloud/x.rs".into(),
                item: "outer".into(),
                rule: String::new(),
                what: "The text.".into(),
                sources: vec![],
                switch: None,
                one_form: true,
            },
        ]
    );
}

#[test]
fn a_doubtful_rule_has_sources_and_a_switch_or_says_that_one_form_is_known() {
    let switches = serde_json::json!({"table_status_delay": false});
    let rows = [
        ("Doubtful: the wait. Source: a guide. Switch: `table_status_delay`.", None),
        ("Doubtful: the wait. Source: a guide. One form is known.", None),
        ("Doubtful: the wait. Source: a guide.", Some("a `Switch:`, or the words `One form is known.`")),
        ("Doubtful: the wait. One form is known.", Some("a `Source:`, at least the page that is silent")),
        ("Doubtful. Source: a guide. One form is known.", Some("what is doubtful")),
        ("Doubtful: the wait. Source: a guide. Switch: `no_delay`.", Some("a switch that a world has")),
        (
            "Doubtful: the wait. Source: a guide. Switch: `table_status_delay`. One form is known.",
            Some("either a switch or the words `One form is known`, not both"),
        ),
    ];
    for (comment, lacks) in rows {
        let found = in_file("cloud/x.rs", &format!("/// {comment}\nconst WAIT: u8 = 1;\n"));
        let [doubt] = found.as_slice() else { panic!("{comment}: one doubt") };
        assert_eq!(doubt.lacks(&switches), lacks, "{comment}");
    }
}

fn doubts(src: &Path) -> Vec<Doubt> {
    let mut files = Vec::new();
    rust_files(src, &mut files);
    files.sort();
    let mut all = Vec::new();
    for file in files {
        let name = file.strip_prefix(src).expect("below src").to_string_lossy().replace('\\', "/");
        if !name.split('/').any(|part| part == "tests" || part == "tests.rs") {
            all.extend(in_file(&name, &fs::read_to_string(&file).expect("a text")));
        }
    }
    all
}

fn rust_files(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            rust_files(&path, files);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            files.push(path);
        }
    }
}

/// The comment on a line, without its slashes.
fn comment(line: &str) -> Option<&str> {
    let line = line.trim_start();
    let rest = ["///", "//!", "//"].iter().find_map(|lead| line.strip_prefix(lead))?;
    Some(rest.trim())
}

fn in_file(file: &str, text: &str) -> Vec<Doubt> {
    let lines: Vec<&str> = text.lines().collect();
    let mut found = Vec::new();
    let mut at = 0;
    while at < lines.len() {
        let end = at + lines[at..].iter().take_while(|line| comment(line).is_some()).count();
        if end == at {
            at += 1;
            continue;
        }
        let parts = parts(&lines[at..end]);
        let of = |lead: &str| {
            parts.iter().filter_map(|part| part.strip_prefix(lead).map(str::to_owned)).collect::<Vec<_>>()
        };
        let one_form = parts.iter().any(|part| part.starts_with(ONE_FORM));
        for what in of("Doubtful") {
            found.push(Doubt {
                file: file.to_owned(),
                item: item(&lines, at, end),
                rule: first_sentence(parts.first().map_or("", String::as_str)),
                what: sentence(what.trim_start_matches([':', '.', ',']).trim()),
                sources: of("Source:").iter().map(|source| source.trim().to_owned()).collect(),
                switch: of("Switch:").first().map(|name| name.trim().trim_matches(['`', '.']).to_owned()),
                one_form,
            });
        }
        at = end;
    }
    found
}

/// The parts of a comment: each begins with one of the words that mean something here, or behind an empty line.
fn parts(lines: &[&str]) -> Vec<String> {
    let mut parts: Vec<String> = Vec::new();
    let lines: Vec<&str> = lines.iter().filter_map(|line| comment(line)).collect();
    for paragraph in lines.split(|line| line.is_empty()) {
        parts.push(String::new());
        // Words that mean something may be broken over two lines.
        let text = paragraph.join(" ");
        let mut rest = text.as_str();
        while !rest.is_empty() {
            let next =
                ["Doubtful", "Source:", "Switch:", ONE_FORM].iter().filter_map(|lead| rest.find(lead)).min();
            let (head, tail) = rest.split_at(next.unwrap_or(rest.len()));
            if let Some(last) = parts.last_mut() {
                let more = format!("{last} {}", head.trim());
                more.trim().clone_into(last);
            }
            if next.is_some() {
                let word = if tail.starts_with(ONE_FORM) { ONE_FORM.len() } else { 0 };
                let lead = tail[word..].find([':', ' ', ',', '.']).map_or(tail.len(), |end| word + end + 1);
                parts.push(tail[..lead].trim().to_owned());
                rest = &tail[lead..];
            } else {
                rest = "";
            }
        }
    }
    parts
}

fn first_sentence(text: &str) -> String {
    text.split_once(". ").map_or_else(|| text.to_owned(), |(first, _)| format!("{first}."))
}

fn sentence(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// The name of what the comment stands at; inside of a function, the function's.
fn item(lines: &[&str], start: usize, end: usize) -> String {
    let inner = lines.get(end.saturating_sub(1)).is_some_and(|line| line.trim_start().starts_with("//!"));
    if inner {
        return "the whole file".to_owned();
    }
    let below =
        lines[end..].iter().find(|line| !line.trim_start().starts_with("#[")).and_then(|line| name_of(line));
    let above =
        || lines[..start].iter().rev().find_map(|line| name_of(line).filter(|_| line.contains("fn ")));
    below.or_else(above).unwrap_or_else(|| "the whole file".to_owned())
}

fn name_of(line: &str) -> Option<String> {
    let mut words = line.split_whitespace().skip_while(|word| {
        word.starts_with("pub")
            || ["(crate)", "in", "const", "async", "static"].contains(word)
            || word.ends_with(')')
    });
    let is_constant = line.contains("const ") || line.contains("static ");
    let first = words.next()?;
    let name = match first {
        "fn" | "struct" | "enum" | "trait" | "type" | "mod" => words.next()?,
        name if is_constant && !line.contains(" fn ") => name,
        _ => return None,
    };
    Some(name.split(['(', '<', ':', '{', ';']).next()?.to_owned())
}

fn render(doubts: &[Doubt]) -> String {
    let mut chapters: BTreeMap<String, Vec<&Doubt>> = BTreeMap::new();
    for doubt in doubts {
        let folder: Vec<&str> = doubt.file.split('/').rev().skip(1).collect();
        let folder = folder.into_iter().rev().take(2).collect::<Vec<_>>().join("/");
        chapters.entry(folder).or_default().push(doubt);
    }
    let cell = |text: &str| text.replace('|', "\\|");
    let mut page = LEAD.to_owned();
    for (folder, doubts) in chapters {
        let count = doubts.len();
        let _ = write!(
            page,
            "\n## `{folder}`: {count}\n\n| rule | what is doubtful | sources | switch |\n|---|---|---|---|\n"
        );
        for Doubt { file, item, rule, what, sources, switch, one_form } in doubts {
            let item = if item.contains(' ') { item.clone() } else { format!("`{item}`") };
            let rule = if rule.is_empty() { String::new() } else { format!(": {}", cell(rule)) };
            let sources = if sources.is_empty() { "none".to_owned() } else { cell(&sources.join(" ")) };
            let without = if *one_form { "one form is known" } else { "none" };
            let switch = switch.as_ref().map_or_else(|| without.to_owned(), |name| format!("`{name}`"));
            let _ = writeln!(page, "| {item} in `{file}`{rule} | {} | {sources} | {switch} |", cell(what));
        }
    }
    page
}
