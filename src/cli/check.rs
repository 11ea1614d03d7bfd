//! `kmslab check`: the proofs an author needs.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;

use anyhow::Context as _;
use clap::Args;

use super::Exit;
use crate::limits::file::Given;
use crate::limits::scenario::PROBLEMS;
use crate::plain::output;
use crate::scenario::{self, Flaw, Readable, Scenario, ScenarioError, Severity, Untranslated};

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
        let mut translations = Vec::new();
        let (files, unreadable) = self.read(&mut translations)?;
        let library: Vec<Scenario> = scenario::embedded().iter().filter_map(|e| e.read().ok()).collect();
        for error in &unreadable {
            output::line(out, format!("{error}"))?;
        }
        let mut is_readable = unreadable.is_empty();
        for (file, left) in &translations {
            output::line(out, translation(file, left))?;
        }
        // The variants of a file are one scenario among others.
        let firsts: Vec<&Scenario> = files.iter().filter_map(|variants| variants.first()).collect();
        let ids: Vec<String> = firsts.iter().map(|scenario| scenario.id.clone()).collect();
        let mut together = together(&firsts, &library);
        let scenarios: Vec<&Scenario> = files.iter().flatten().collect();
        let flawed = all_proved(&scenarios, |proofs| -> anyhow::Result<bool> {
            let mut flawed = false;
            for (number, (variants, id)) in files.iter().zip(ids).enumerate() {
                let mut flaws = together.remove(&number).unwrap_or_default();
                // What is so of several variants is said of the first.
                let mut said = BTreeSet::new();
                for scenario in variants {
                    let variant = variant(scenario);
                    let proof = proofs.next().context("a proof has ended early")?;
                    let found = proof.unwrap_or_else(|error| {
                        let is_limit = matches!(error, ScenarioError::Limit { .. });
                        is_readable &= !is_limit;
                        let proof = if is_limit { "the limits are kept" } else { "the world can be set up" };
                        vec![Flaw { proof, message: error.to_string() }]
                    });
                    for flaw in found {
                        if said.insert((flaw.proof, flaw.message.clone())) {
                            flaws.push(Flaw { message: format!("{variant}{}", flaw.message), ..flaw });
                        }
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
            Ok(flawed)
        })?;
        Ok(match (is_readable, flawed) {
            (false, _) => Exit::Usage,
            (true, true) => Exit::Failed,
            (true, false) => Exit::Done,
        })
    }

    /// All files that can be read, each with its variants, and everything that is wrong with the rest. What only translates
    /// another scenario is put aside.
    fn read(
        &self,
        translations: &mut Vec<(PathBuf, Untranslated)>,
    ) -> anyhow::Result<(Vec<Vec<Scenario>>, Vec<ScenarioError>)> {
        let (mut files, mut errors) = (Vec::new(), Vec::new());
        let mut add = |read: Result<Vec<Readable>, ScenarioError>| match read {
            Ok(variants) => {
                // What is wrong with one is mostly wrong with all.
                match variants.iter().find(|(_, problems)| !problems.is_empty()) {
                    Some((_, problems)) => errors.extend(problems.iter().cloned()),
                    None => files.push(variants.into_iter().map(|(scenario, _)| scenario).collect()),
                }
            }
            Err(error) => errors.push(error),
        };
        if self.paths.is_empty() {
            for embedded in scenario::embedded() {
                add(scenario::read_all(&embedded.file(), embedded.text));
            }
        }
        for path in &self.paths {
            let name = path.to_string_lossy();
            if path.is_dir() {
                for file in files_of(path)? {
                    match scenario::untranslated(&file, Given::Found) {
                        Ok(Some(left)) => translations.push((file, left)),
                        Ok(None) => add(scenario::read_file_all(&file, Given::Found)),
                        Err(error) => add(Err(error)),
                    }
                }
            } else if scenario::is_file_name(&name) {
                // What is no regular file can be read only once.
                let translated = path.is_file().then(|| scenario::untranslated(path, Given::ByName));
                match translated.transpose() {
                    Ok(Some(Some(left))) => translations.push((path.clone(), left)),
                    Ok(_) => add(scenario::read_file_all(path, Given::ByName)),
                    Err(error) => add(Err(error)),
                }
            } else {
                match scenario::find_embedded(&name) {
                    Ok(embedded) => add(scenario::read_all(&embedded.file(), embedded.text)),
                    Err(error) => add(Err(error)),
                }
            }
        }
        Ok((files, errors))
    }
}

/// What there is to say of a translation: that it fits, and what it leaves as it is.
fn translation(file: &Path, left: &Untranslated) -> String {
    const SHOWN: usize = 5;
    let name = file.display();
    if left.places.is_empty() {
        return format!("{name}: sound, all {} texts", left.done);
    }
    let shown = left.places.iter().take(SHOWN).map(String::as_str).collect::<Vec<_>>().join(", ");
    let more = left.places.len().saturating_sub(SHOWN);
    let more = if more == 0 { String::new() } else { format!(" and {more} more") };
    format!("{name}: sound, {} texts; left as they are: {shown}{more}", left.done)
}

/// The variant of a scenario in words, before what is said of it; nothing where there is one alone.
fn variant(scenario: &Scenario) -> String {
    let chosen = scenario.chosen();
    let words: Vec<String> = chosen.iter().map(|(name, value)| format!("{name} {value}")).collect();
    if words.is_empty() { String::new() } else { format!("with {}: ", words.join(", ")) }
}

/// Says of one file what `kmslab check` says.
pub(super) fn of_file(file: &Path, out: &mut dyn Write) -> anyhow::Result<Exit> {
    Check { paths: vec![file.to_owned()] }.run(out)
}

/// What came of the proof of one scenario.
type Proof = Result<Vec<Flaw>, ScenarioError>;

/// Proves scenarios on all cores, and hands the proofs on in their order, each as soon as it is there.
fn all_proved<T>(scenarios: &[&Scenario], take: impl FnOnce(&mut dyn Iterator<Item = Proof>) -> T) -> T {
    let threads = thread::available_parallelism().map_or(1, NonZero::get).min(scenarios.len());
    let next = AtomicUsize::new(0);
    thread::scope(|scope| {
        let (send, found) = mpsc::channel();
        for _ in 0..threads {
            let (send, next) = (send.clone(), &next);
            scope.spawn(move || {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    let Some(scenario) = scenarios.get(number) else { break };
                    // Nobody takes the rest where the output has ended.
                    if send.send((number, proved(scenario))).is_err() {
                        break;
                    }
                }
            });
        }
        drop(send);
        let mut early: BTreeMap<usize, Proof> = BTreeMap::new();
        let mut proofs = (0..scenarios.len()).map_while(|number| {
            while !early.contains_key(&number) {
                let (number, proof) = found.recv().ok()?;
                early.insert(number, proof);
            }
            early.remove(&number)
        });
        take(&mut proofs)
    })
}

/// Everything that is wrong with one scenario, and what is made badly in it.
fn proved(scenario: &Scenario) -> Proof {
    let mut flaws = scenario::prove(scenario.clone())?;
    let stage = scenario.clone().build()?;
    flaws.extend(scenario::excesses(&stage)?.flaws);
    flaws.extend(scenario::craft(&stage));
    Ok(flaws)
}

/// What can only be said of several scenarios, by their number.
fn together(checked: &[&Scenario], library: &[Scenario]) -> BTreeMap<usize, Vec<Flaw>> {
    let known: BTreeSet<&str> = checked.iter().map(|scenario| scenario.id.as_str()).collect();
    let others: Vec<&Scenario> = library.iter().filter(|other| !known.contains(other.id.as_str())).collect();
    let mut flaws: BTreeMap<usize, Vec<Flaw>> = BTreeMap::new();
    for (number, flaw) in scenario::prove_together(checked, &others) {
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
