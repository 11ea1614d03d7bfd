//! What an author must be able to prove of several scenarios: ideas that are required are taught, and not in a circle.

use std::collections::{BTreeMap, BTreeSet};

use super::format::Scenario;
use super::prove::Flaw;
use crate::limits::steps;

/// Proves that ideas which scenarios require are taught by others, and not in a circle. `library` is what else exists.
/// Each flaw comes with the number of its scenario.
pub fn prove_together(scenarios: &[&Scenario], library: &[&Scenario]) -> Vec<(usize, Flaw)> {
    let mut flaws = Vec::new();
    let all: Vec<&Scenario> = scenarios.iter().chain(library).copied().collect();
    let taught: BTreeSet<&str> = all.iter().flat_map(|s| &s.teaches).map(String::as_str).collect();
    let circles = in_circles(&all);
    let mut seen = BTreeSet::new();
    for (number, scenario) in scenarios.iter().enumerate() {
        let mut flaw = |proof, message| flaws.push((number, Flaw { proof, message }));
        if !seen.insert(&scenario.id) {
            flaw("unique ids", format!("two scenarios have the id {}", scenario.id));
        }
        for idea in scenario.requires.iter().filter(|idea| !taught.contains(idea.as_str())) {
            flaw(
                "required ideas are taught",
                format!("no scenario teaches `{idea}`, which this one requires"),
            );
        }
        if circles.contains(&number) {
            let message =
                "what this scenario teaches is required, in a circle, by what it requires".to_owned();
            flaw("no circle of ideas", message);
        }
    }
    flaws
}

/// The numbers of the scenarios that require, directly or not, what they teach themselves.
///
/// Scenarios and ideas are the nodes of a graph: a scenario leads to what it requires, an idea to whoever teaches it. In
/// a circle is whoever shares a strongly connected part with another node. Kosaraju's way to find these parts takes two
/// walks; none calls itself, since a chain may be as long as there are files.
fn in_circles(all: &[&Scenario]) -> BTreeSet<usize> {
    let mut ideas: BTreeMap<&str, usize> = BTreeMap::new();
    let mut forward: Vec<Vec<usize>> = vec![Vec::new(); all.len()];
    let mut backward: Vec<Vec<usize>> = vec![Vec::new(); all.len()];
    for (number, scenario) in all.iter().enumerate() {
        let required = scenario.requires.iter().map(|idea| (idea, true));
        for (idea, is_required) in required.chain(scenario.teaches.iter().map(|idea| (idea, false))) {
            let node = *ideas.entry(idea).or_insert_with(|| {
                forward.push(Vec::new());
                backward.push(Vec::new());
                forward.len() - 1
            });
            let (from, to) = if is_required { (number, node) } else { (node, number) };
            // INVARIANT: a node is made with its lists.
            forward[from].push(to);
            backward[to].push(from);
        }
    }
    let mut order = Vec::new();
    let mut visited = vec![false; forward.len()];
    for start in 0..forward.len() {
        walk(&forward, start, &mut visited, &mut order);
    }
    let mut found = BTreeSet::new();
    let mut visited = vec![false; forward.len()];
    for start in order.into_iter().rev() {
        let mut part = Vec::new();
        walk(&backward, start, &mut visited, &mut part);
        if part.len() > 1 {
            found.extend(part.into_iter().filter(|node| *node < all.len()));
        }
    }
    found
}

/// Adds every node that can be reached and was not visited before, each behind all that it leads to.
fn walk(edges: &[Vec<usize>], start: usize, visited: &mut [bool], order: &mut Vec<usize>) {
    let mut visit = |node: usize| visited.get_mut(node).is_some_and(|seen| !std::mem::replace(seen, true));
    if !visit(start) {
        return;
    }
    // A node with the number of its edges that were followed.
    let mut way = vec![(start, 0)];
    while let Some((node, followed)) = way.last_mut() {
        steps::add(1);
        let Some(next) = edges.get(*node).and_then(|edges| edges.get(*followed)) else {
            order.push(*node);
            way.pop();
            continue;
        };
        *followed += 1;
        if visit(*next) {
            way.push((*next, 0));
        }
    }
}
