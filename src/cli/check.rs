//! `kmslab check`: the proofs an author needs.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;

use super::Exit;
use crate::plain::output;
use crate::scenario::{self, Flaw, Scenario, ScenarioError};

/// Arguments of `kmslab check`.
#[derive(Debug, Args)]
pub struct Check {
    /// Files, folders of files, or ids; all scenarios of the program if none is given
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
}

impl Check {
    /// Prints a line for each scenario that is sound, and every flaw of the others.
    pub fn run(&self, out: &mut dyn Write) -> anyhow::Result<Exit> {
        let (scenarios, unreadable) = self.read()?;
        let library: Vec<Scenario> = scenario::embedded().iter().filter_map(|e| e.read().ok()).collect();
        for error in &unreadable {
            output::line(out, format!("{error}"))?;
        }
        let mut flawed = false;
        let together = together(&scenarios, &library);
        for scenario in scenarios {
            let id = scenario.id.clone();
            let mut flaws: Vec<Flaw> =
                together.iter().filter(|(of, _)| *of == id).map(|(_, f)| f.clone()).collect();
            match scenario::prove(scenario) {
                Ok(found) => flaws.extend(found),
                Err(error) => {
                    flaws.push(Flaw { proof: "the world can be set up", message: error.to_string() });
                }
            }
            flawed |= !flaws.is_empty();
            if flaws.is_empty() {
                output::line(out, format!("{id}: sound"))?;
            }
            for Flaw { proof, message } in &flaws {
                output::line(out, format!("{id}: {proof}: {message}"))?;
            }
        }
        Ok(match (unreadable.is_empty(), flawed) {
            (false, _) => Exit::Usage,
            (true, true) => Exit::Failed,
            (true, false) => Exit::Done,
        })
    }

    /// All that can be read, and everything that is wrong with the rest.
    fn read(&self) -> anyhow::Result<(Vec<Scenario>, Vec<ScenarioError>)> {
        let (mut scenarios, mut errors) = (Vec::new(), Vec::new());
        let mut add = |read: Result<(Scenario, Vec<ScenarioError>), ScenarioError>| match read {
            Ok((scenario, problems)) if problems.is_empty() => scenarios.push(scenario),
            Ok((_, problems)) => errors.extend(problems),
            Err(error) => errors.push(error),
        };
        if self.paths.is_empty() {
            for embedded in scenario::embedded() {
                add(scenario::read_with_problems(&embedded.file(), embedded.text));
            }
        }
        for path in &self.paths {
            let name = path.to_string_lossy();
            if path.is_dir() {
                for file in files_of(path)? {
                    add(scenario::read_file_with_problems(&file));
                }
            } else if scenario::is_file_name(&name) {
                add(scenario::read_file_with_problems(path));
            } else {
                match scenario::find_embedded(&name) {
                    Ok(embedded) => add(scenario::read_with_problems(&embedded.file(), embedded.text)),
                    Err(error) => add(Err(error)),
                }
            }
        }
        Ok((scenarios, errors))
    }
}

/// What can only be said of several scenarios.
fn together(scenarios: &[Scenario], library: &[Scenario]) -> Vec<(String, Flaw)> {
    let checked: Vec<&Scenario> = scenarios.iter().collect();
    let others: Vec<&Scenario> =
        library.iter().filter(|other| !scenarios.iter().any(|s| s.id == other.id)).collect();
    scenario::prove_together(&checked, &others)
}

/// The `.json` files of a folder, by name.
fn files_of(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|ending| ending == "json") {
            files.push(path);
        }
    }
    anyhow::ensure!(!files.is_empty(), "{}: no .json file in this folder", folder.display());
    files.sort();
    Ok(files)
}
