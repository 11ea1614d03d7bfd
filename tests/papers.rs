//! What the papers say of the repository is so.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn read(path: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path))
        .unwrap_or_else(|e| panic!("{path}: {e}"))
}

/// Whoever changes a version in one place must change it in all: `NOTICE` is what the licences ask for.
#[test]
fn every_paper_names_the_versions_that_the_assets_are_made_from() {
    let requirements = read("assets/generate/requirements.txt");
    let pins: Vec<(&str, &str)> = requirements
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| line.split(' ').next().and_then(|pin| pin.split_once("==")).expect("name==version"))
        .collect();
    assert_eq!(pins.len(), 3);
    for paper in ["NOTICE", "assets/generate/README.md"] {
        let text = read(paper);
        for (name, version) in &pins {
            assert!(text.contains(&format!("{name} {version}")), "{paper} does not name {name} {version}");
        }
    }
    // The origin of an asset names some of them; those that it names are right.
    for asset in ["assets/cli-model.json", "assets/iam-reference.json"] {
        let text = read(asset);
        for (name, version) in &pins {
            for (at, _) in text.match_indices(&format!("{name} ")) {
                let said = text[at + name.len() + 1..].split([' ', ',', ';']).next().unwrap_or_default();
                assert!(
                    !said.starts_with(|c: char| c.is_ascii_digit()) || said == *version,
                    "{asset}: {name} {said}"
                );
            }
        }
    }
}

fn path(relative: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(relative)
}

/// The text of all Rust files of the program and its tests.
fn code() -> String {
    fn gather(folder: &Path, code: &mut String) {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                gather(&path, code);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                *code += &std::fs::read_to_string(path).expect("a text");
            }
        }
    }
    let mut text = String::new();
    for folder in ["src", "tests", "benches"] {
        gather(&path(folder), &mut text);
    }
    text
}

/// What stands in backticks on a page.
fn quoted(page: &str) -> BTreeSet<&str> {
    let outside_of_blocks = page.split("```").step_by(2);
    outside_of_blocks.flat_map(|text| text.split('`').skip(1).step_by(2)).collect()
}

/// A file that was moved, or a test that was renamed, is moved in the steps as well.
#[test]
fn the_steps_name_files_and_tests_that_are_there() {
    let page = read("CONTRIBUTING.md");
    let code = code();
    let (mut files, mut tests) = (0, 0);
    for name in quoted(&page) {
        let stands_for_one = ["NAME", "ID"].iter().any(|word| name.contains(word));
        let is_path = name.contains('/') && !name.contains([' ', '*', ':', '=']);
        if is_path && !stands_for_one {
            assert!(path(name).exists(), "CONTRIBUTING.md names {name}, which is not there");
            files += 1;
        }
        if page.contains(&format!("[`{name}`]")) && name.contains('_') {
            assert!(
                code.contains(&format!("fn {name}(")),
                "CONTRIBUTING.md names the test {name}, which is not there"
            );
            tests += 1;
        }
    }
    assert!(files > 10 && tests > 2, "{files} files, {tests} tests");
}

/// The code uses the words of the glossary.
#[test]
fn the_glossary_names_types_that_are_there() {
    let page = read("docs/glossary.md");
    let code = code();
    let mut types = 0;
    for name in quoted(&page) {
        if name.starts_with(|c: char| c.is_ascii_uppercase()) && name.chars().all(char::is_alphanumeric) {
            let is_there = ["struct", "enum", "trait", "type"].iter().any(|kind| {
                code.match_indices(&format!("{kind} {name}")).any(|(at, found)| {
                    code[at + found.len()..].starts_with(|c: char| !c.is_alphanumeric() && c != '_')
                })
            });
            assert!(is_there, "the glossary names {name}, and no type has that name");
            types += 1;
        }
    }
    assert!(types > 20, "{types} types");
}

#[test]
fn links_between_papers_lead_somewhere() {
    let mut links = 0;
    let pages = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md", "assets/generate/README.md"];
    let docs = std::fs::read_dir(path("docs")).expect("docs").map(|entry| entry.expect("an entry").path());
    let docs = docs.filter(|path| path.extension().is_some_and(|extension| extension == "md"));
    for page in pages.into_iter().map(path).chain(docs) {
        let text = std::fs::read_to_string(&page).expect("a page");
        let folder = page.parent().expect("a folder");
        for rest in text.split("](").skip(1) {
            let target = rest.split(')').next().unwrap_or_default();
            let (file, heading) = target.split_once('#').unwrap_or((target, ""));
            if file.contains("://") {
                continue;
            }
            let file = if file.is_empty() { page.clone() } else { folder.join(file) };
            assert!(file.exists(), "{}: {target} is not there", page.display());
            if !heading.is_empty() {
                let text = std::fs::read_to_string(&file).expect("a page");
                let mut anchors = text.lines().filter(|line| line.starts_with('#')).map(anchor);
                assert!(anchors.any(|anchor| anchor == heading), "{}: no heading {target}", page.display());
            }
            links += 1;
        }
    }
    assert!(links > 20, "{links} links");
}

/// The name that a heading has in a link.
fn anchor(heading: &str) -> String {
    let words = heading.trim_start_matches('#').trim().to_lowercase();
    let kept = words.chars().filter(|c| c.is_alphanumeric() || [' ', '-', '_'].contains(c));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect()
}

/// The simulated operations of each service, from the page that is made from the code.
fn operations(page: &str) -> Vec<(&str, Vec<&str>)> {
    let mut services: Vec<(&str, Vec<&str>)> = Vec::new();
    for line in page.lines() {
        if let Some(service) = line.strip_prefix("## ") {
            services.push((service, Vec::new()));
        } else if let Some((operation, _)) = line.strip_prefix("| `").and_then(|rest| rest.split_once('`'))
            && let Some((_, operations)) = services.last_mut()
        {
            operations.push(operation);
        }
    }
    services
}

/// Of an action that the reference lacks, lint would say that AWS has none of that name, and who-can would not offer it.
/// A service that the model of the console lacks could not be called there.
#[test]
fn every_operation_is_known_to_lint_and_to_the_console() {
    let page = read("docs/operations.md");
    let json = |asset: &str| -> serde_json::Value { serde_json::from_str(&read(asset)).expect(asset) };
    let (reference, model) = (json("assets/iam-reference.json"), json("assets/cli-model.json"));
    let lacks = |asset: &serde_json::Value, name: &str| {
        operations(&page)
            .into_iter()
            .map(|(service, _)| service)
            .filter(|one| asset[name][*one].is_null())
            .collect::<Vec<_>>()
    };
    // The reference knows these by their prefix only.
    assert_eq!(lacks(&reference, "services"), ["organizations", "cloudtrail", "events", "iam-toolbox"]);
    assert_eq!(lacks(&model, "services"), [""; 0]);
    let mut known = 0;
    for (service, operations) in operations(&page) {
        for operation in operations {
            // Two permissions stand behind `ReEncrypt`; those of its actions behind a transaction.
            let action = match operation {
                "ReEncrypt" => "ReEncryptFrom",
                "TransactGetItems" => "GetItem",
                "TransactWriteItems" => "ConditionCheckItem",
                other => other,
            };
            let actions = &reference["services"][service]["actions"];
            assert!(
                actions.is_null() || !actions[action].is_null(),
                "the reference lacks {service}:{action}"
            );
            known += usize::from(!actions.is_null());
        }
    }
    assert!(known > 100, "{known} operations");
}
