//! `kmslab check`: the proofs an author needs.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;

use super::Exit;
use crate::limits::file::Given;
use crate::limits::scenario::PROBLEMS;
use crate::plain::output;
use crate::scenario::{self, Flaw, Scenario, ScenarioError, Severity};

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
        let mut is_readable = unreadable.is_empty();
        let mut flawed = false;
        let mut together = together(&scenarios, &library);
        for (number, scenario) in scenarios.into_iter().enumerate() {
            let id = scenario.id.clone();
            let mut flaws = together.remove(&number).unwrap_or_default();
            match proved(scenario) {
                Ok(found) => flaws.extend(found),
                Err(error @ ScenarioError::Limit { .. }) => {
                    is_readable = false;
                    flaws.push(Flaw { proof: "the limits are kept", message: error.to_string() });
                }
                Err(error) => {
                    flaws.push(Flaw { proof: "the world can be set up", message: error.to_string() });
                }
            }
            let unsound = flaws.iter().any(|flaw| scenario::severity(flaw) == Severity::Error);
            flawed |= unsound;
            if !unsound {
                output::line(out, format!("{id}: sound"))?;
            }
            flaws.sort_by_key(scenario::severity);
            for flaw in flaws.iter().take(PROBLEMS.size()) {
                let word = match scenario::severity(flaw) {
                    Severity::Error => "",
                    Severity::Warning => "warning: ",
                };
                output::line(out, format!("{id}: {word}{}: {}", flaw.proof, flaw.message))?;
            }
            if flaws.len() > PROBLEMS.size() {
                output::line(out, format!("{id}: and {} more", flaws.len() - PROBLEMS.size()))?;
            }
        }
        Ok(match (is_readable, flawed) {
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
                    add(scenario::read_file_with_problems(&file, Given::Found));
                }
            } else if scenario::is_file_name(&name) {
                add(scenario::read_file_with_problems(path, Given::ByName));
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

/// Says of one file what `kmslab check` says.
pub(super) fn of_file(file: &Path, out: &mut dyn Write) -> anyhow::Result<Exit> {
    Check { paths: vec![file.to_owned()] }.run(out)
}

/// Everything that is wrong with one scenario, and what is made badly in it.
fn proved(scenario: Scenario) -> Result<Vec<Flaw>, ScenarioError> {
    let mut flaws = scenario::prove(scenario.clone())?;
    let stage = scenario.build()?;
    flaws.extend(scenario::excesses(&stage)?.flaws);
    flaws.extend(scenario::craft(&stage));
    Ok(flaws)
}

/// What can only be said of several scenarios, by their number.
fn together(scenarios: &[Scenario], library: &[Scenario]) -> BTreeMap<usize, Vec<Flaw>> {
    let checked: Vec<&Scenario> = scenarios.iter().collect();
    let known: BTreeSet<&str> = scenarios.iter().map(|scenario| scenario.id.as_str()).collect();
    let others: Vec<&Scenario> = library.iter().filter(|other| !known.contains(other.id.as_str())).collect();
    let mut flaws: BTreeMap<usize, Vec<Flaw>> = BTreeMap::new();
    for (number, flaw) in scenario::prove_together(&checked, &others) {
        flaws.entry(number).or_default().push(flaw);
    }
    flaws
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
