//! What the papers say of the repository is so.

use std::path::Path;

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
