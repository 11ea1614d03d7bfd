//! From a text to a [`Scenario`], or to one error that names file, line and column.

use std::borrow::Cow;
use std::path::Path;

use super::validate::{nearly, validate};
use super::variants::{self, Moved, Variants};
use super::{FORMAT, Scenario, ScenarioError, missing};
use crate::cloud::{Region, reference};
use crate::limits::file::{self, FileError, Given};
use crate::limits::scenario::{FILE, HEAD, PROBLEMS};
use crate::limits::steps;
use crate::policy::json::{self, Node, Value};
use crate::policy::{self, Diagnostic, PolicyKind, Severity};

/// Reads the text of a file as it is.
pub(super) fn text_of_file(path: &Path, given: Given) -> Result<String, ScenarioError> {
    let file = path.display().to_string();
    let unreadable = |e: FileError| ScenarioError::Unreadable { file: file.clone(), reason: e.to_string() };
    if path.is_dir() {
        return Err(ScenarioError::Unreadable {
            file,
            reason: "a folder; name one scenario in it".to_owned(),
        });
    }
    let bytes = file::read_given(path, given, &FILE).map_err(unreadable)?;
    let text = json::utf8(&bytes).map_err(|e| {
        // INVARIANT: the bytes before the error are UTF-8.
        let valid = std::str::from_utf8(&bytes[..e.span.start]).unwrap_or_default();
        Places::new(&file, valid).at(valid.len(), &e.message, e.remedy)
    })?;
    Ok(text.to_owned())
}

/// Reads a scenario from text; `file` is what errors call it.
pub fn read(file: &str, text: &str) -> Result<Scenario, ScenarioError> {
    sound(read_with_problems(file, text)?)
}

/// The scenario, or the first of its problems.
fn sound((scenario, problems): (Scenario, Vec<ScenarioError>)) -> Result<Scenario, ScenarioError> {
    problems.into_iter().next().map_or(Ok(scenario), Err)
}

/// A scenario that could be read, and what is wrong with its names and sizes.
pub type Readable = (Scenario, Vec<ScenarioError>);

/// Reads a scenario and says everything that is wrong with its names and sizes. The error is for a text that is no
/// scenario at all.
pub fn read_with_problems(file: &str, text: &str) -> Result<Readable, ScenarioError> {
    read_by(file, text, None)
}

/// Reads every scenario that a text is, as [`read_with_problems`] does: one for each way to choose its variants, that of its
/// own seed first.
pub fn read_all(file: &str, text: &str) -> Result<Vec<Readable>, ScenarioError> {
    let own = read_by(file, text, None)?;
    let (ways, seed) = (own.0.ways() as u64, own.0.seed);
    let mut all = vec![own];
    for further in 1..ways {
        all.push(read_by(file, text, Some(seed.checked_add(further).unwrap_or(further - 1)))?);
    }
    Ok(all)
}

/// Reads a scenario as that seed makes it; by its own unless one is given.
fn read_by(file: &str, text: &str, seed: Option<u64>) -> Result<Readable, ScenarioError> {
    FILE.check(text.len())
        .map_err(|e| ScenarioError::Unreadable { file: file.to_owned(), reason: e.to_string() })?;
    let mut places = Places::new(file, text);
    let root = json::read(text).into_result().map_err(|e| places.at(e.span.start, &e.message, e.remedy))?;
    check_format(&places, &root)?;
    let picked = seed.unwrap_or_else(|| seed_of(&root));
    let filled = Variants::of(&root).and_then(|variants| variants.fill(text, picked));
    let filled = filled.map_err(|fault| places.at(fault.at, &fault.message, ""))?;
    if filled.moved.is_empty() {
        return typed(&places, text, &root, seed);
    }
    places.moved = filled.moved;
    let text = filled.text;
    let root = json::read(&text).into_result().map_err(|e| places.at(e.span.start, &e.message, e.remedy))?;
    typed(&places, &text, &root, seed)
}

/// A text with its variants in place; as it is where it has none, or where that cannot be done.
pub(super) fn filled(text: &str) -> Cow<'_, str> {
    // A list reads many files and shall not read each twice.
    if !text.contains("\"variants\"") {
        return Cow::Borrowed(text);
    }
    let Ok(root) = json::read(text).into_result() else { return Cow::Borrowed(text) };
    let filled = Variants::of(&root).and_then(|variants| variants.fill(text, seed_of(&root)));
    match filled {
        Ok(filled) if !filled.moved.is_empty() => Cow::Owned(filled.text),
        Ok(_) | Err(_) => Cow::Borrowed(text),
    }
}

/// The seed that a file names; 0 unless it does.
fn seed_of(root: &Node<'_>) -> u64 {
    match root.get("seed").map(|seed| &seed.value) {
        Some(Value::Number(number)) => number.parse().unwrap_or_default(),
        Some(Value::Null | Value::Bool(_) | Value::String(_) | Value::Array(_) | Value::Object(_)) | None => {
            0
        }
    }
}

/// Reads the types of a scenario from a text without variants.
fn typed(
    places: &Places<'_>,
    text: &str,
    root: &Node<'_>,
    seed: Option<u64>,
) -> Result<Readable, ScenarioError> {
    if let Some(at) = variants::left(root) {
        return Err(places.at(at, "a placeholder of a variant is written with its braces as they are", ""));
    }
    let missing = missing::fields(root);
    if !missing.is_empty() {
        let error = |(path, message): &(Vec<String>, String)| places.at(find(root, path), message, "");
        return Err(all_of(missing.iter().map(error)));
    }
    let mut scenario: Scenario = serde_json::from_str(text).map_err(|e| {
        let words = e.to_string();
        // The words end in the place, which stands in front here.
        let message = words.rsplit_once(" at line ").map_or(words.as_str(), |(message, _)| message);
        places.on(text, e.line(), e.column(), message)
    })?;
    scenario.seed = seed.unwrap_or(scenario.seed);
    let region = scenario.world.region.as_deref().map_or_else(Region::us_east_1, Region::new);
    if let Some(spec) = &mut scenario.world.template {
        let declared = spec.read(&region).map_err(|fault| {
            let before = ["world", "template"].map(str::to_owned);
            let path: Vec<String> = before.into_iter().chain(fault.path).collect();
            places.at(find(root, &path), &fault.message, "")
        })?;
        spec.declared = Some(declared);
    }
    let (problems, mut more) = validate(&scenario);
    let mut problems: Vec<ScenarioError> =
        problems.iter().map(|problem| places.at(find(root, &problem.path), &problem.message, "")).collect();
    for (policy, kind) in policies(root) {
        for fault in faults(text, policy, kind) {
            if problems.len() < PROBLEMS.size() {
                let offset = policy.span.start + fault.span.start;
                problems.push(places.at(offset, &fault.message, &fault.remedy));
            } else {
                more += 1;
            }
        }
    }
    let mut misspelt = Slips { found: Vec::new(), asked: 0 };
    misspelt.look(root);
    for (offset, message) in misspelt.found {
        if problems.len() < PROBLEMS.size() {
            problems.push(places.at(offset, &message, ""));
        } else {
            more += 1;
        }
    }
    if more > 0 {
        problems.push(ScenarioError::More { file: places.file.to_owned(), more });
    }
    Ok((scenario, problems))
}

/// One error for everything that is missing.
fn all_of(mut errors: impl Iterator<Item = ScenarioError>) -> ScenarioError {
    let first = errors.next();
    let rest: Vec<ScenarioError> = errors.take(PROBLEMS.size()).collect();
    match (first, rest.is_empty()) {
        (Some(first), true) => first,
        (first, _) => ScenarioError::Several { all: first.into_iter().chain(rest).collect() },
    }
}

/// The policies of the world, and what each is attached to.
fn policies<'a>(root: &'a Node<'a>) -> Vec<(&'a Node<'a>, PolicyKind)> {
    fn values<'a>(node: Option<&'a Node<'a>>) -> impl Iterator<Item = &'a Node<'a>> {
        node.and_then(Node::as_object).into_iter().flatten().map(|member| &member.value)
    }
    let mut found = Vec::new();
    for account in values(root.get("world").and_then(|world| world.get("accounts"))) {
        let owners = values(account.get("users")).chain(values(account.get("roles")));
        let inline =
            owners.flat_map(|owner| values(owner.get("inline"))).chain(values(account.get("policies")));
        found.extend(inline.map(|policy| (policy, PolicyKind::Identity)));
        let trusts = values(account.get("roles")).filter_map(|role| role.get("trust"));
        found.extend(trusts.map(|policy| (policy, PolicyKind::Trust)));
        let keys = values(account.get("keys")).filter_map(|key| key.get("policy"));
        found.extend(keys.map(|policy| (policy, PolicyKind::Resource)));
    }
    found.extend(of_steps(root));
    // A list stands for a policy: its statements are read when it is put together.
    found.retain(|(policy, _)| policy.as_object().is_some());
    found
}

/// The policies that steps put.
fn of_steps<'a>(root: &'a Node<'a>) -> Vec<(&'a Node<'a>, PolicyKind)> {
    fn elements<'a>(node: Option<&'a Node<'a>>) -> &'a [Node<'a>] {
        match node.map(|node| &node.value) {
            Some(Value::Array(elements)) => elements,
            _ => &[],
        }
    }
    let paths = elements(root.get("also")).iter().chain(elements(root.get("wrong")));
    let paths = paths.map(|path| path.get("steps"));
    let world = ["early", "before"].map(|field| root.get("world").and_then(|world| world.get(field)));
    let tasks = elements(root.get("tasks")).iter().flat_map(|task| elements(task.get("predict")));
    let asked = tasks.map(|prediction| prediction.get("after"));
    let steps = paths.chain(world).chain(asked).chain([root.get("solution")]).flat_map(elements);
    let mut found = Vec::new();
    for step in steps {
        let is_good = step.get("expect").is_none_or(|expect| expect.as_str() == Some("ok"));
        let (true, Some(with)) = (is_good, step.get("with")) else { continue };
        for (field, kind) in [
            ("Policy", PolicyKind::Resource),
            ("PolicyDocument", PolicyKind::Identity),
            ("AssumeRolePolicyDocument", PolicyKind::Trust),
        ] {
            found.extend(with.get(field).map(|policy| (policy, kind)));
        }
    }
    found
}

/// Actions that are nearly one of AWS.
struct Slips {
    /// Where each stands, with the one that is meant.
    found: Vec<(usize, String)>,
    /// The number of words that were compared with all actions of their service.
    asked: usize,
}

impl Slips {
    fn look(&mut self, node: &Node<'_>) {
        match &node.value {
            Value::Array(elements) => elements.iter().for_each(|element| self.look(element)),
            Value::Object(_) => {
                for member in node.as_object().into_iter().flatten() {
                    if member.name != "Action" && member.name != "NotAction" {
                        self.look(&member.value);
                        continue;
                    }
                    match &member.value.value {
                        Value::Array(elements) => elements.iter().for_each(|element| self.action(element)),
                        Value::Null
                        | Value::Bool(_)
                        | Value::Number(_)
                        | Value::String(_)
                        | Value::Object(_) => {
                            self.action(&member.value);
                        }
                    }
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }

    fn action(&mut self, node: &Node<'_>) {
        let name = node.as_str().filter(|name| !name.contains(['*', '?', '$']));
        let Some(name) = name.filter(|name| self.asked < HEAD.size() && reference().action(name).is_none())
        else {
            return;
        };
        self.asked += 1;
        if let Some(meant) = nearly(name) {
            self.found
                .push((node.span.start, format!("AWS has no action `{name}`; did you mean `{meant}`?")));
        }
    }
}

/// What AWS would refuse in a policy.
fn faults(text: &str, policy: &Node, kind: PolicyKind) -> impl Iterator<Item = Diagnostic> {
    let body = policy.span.of(text);
    // A placeholder is no ARN yet. Such a policy is read when the world is set up.
    let found = (!body.contains("{{")).then(|| policy::parse(body, kind).diagnostics);
    found.into_iter().flatten().filter(|found| found.severity == Severity::Error)
}

/// The format comes first: a newer file may differ in anything else.
pub(super) fn check_format(places: &Places<'_>, root: &Node) -> Result<(), ScenarioError> {
    let at = |node: &Node, message: &str| places.at(node.span.start, message, "");
    if root.as_object().is_none() {
        let message = format!("a scenario is an object, this is {}", root.kind());
        return Err(at(root, &message));
    }
    let Some(format) = root.get("format") else {
        return Err(at(root, "this object has no `format`; a scenario begins {\"format\": 1, \"id\": ..}"));
    };
    match &format.value {
        Value::Number(number) if number.parse() == Ok(FORMAT) => Ok(()),
        Value::Number(number) if number.parse::<f64>().is_ok_and(|n| n > 1.0) => {
            Err(ScenarioError::Newer { file: places.file.to_owned(), found: number.to_string() })
        }
        Value::Null
        | Value::Bool(_)
        | Value::Number(_)
        | Value::String(_)
        | Value::Array(_)
        | Value::Object(_) => Err(at(format, "`format` must be 1")),
    }
}

/// Where the value at `path` begins, or the nearest value around it.
fn find(root: &Node, path: &[String]) -> usize {
    let mut node = root;
    for name in path {
        let inner = match &node.value {
            Value::Object(_) => node.get(name),
            Value::Array(elements) => name.parse().ok().and_then(|at: usize| elements.get(at)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
        };
        let Some(inner) = inner else { break };
        node = inner;
    }
    node.span.start
}

/// The places of a text, by line and column. The lines are counted once for all.
pub(super) struct Places<'a> {
    file: &'a str,
    text: &'a str,
    /// Where each line begins.
    lines: Vec<usize>,
    /// What was put into the text since: places are asked for by the bytes of what came of it.
    moved: Vec<Moved>,
}

impl<'a> Places<'a> {
    pub(super) fn new(file: &'a str, text: &'a str) -> Self {
        steps::add(text.len());
        let lines = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        Self { file, text, lines, moved: Vec::new() }
    }

    /// An error about a line and a column of what came of the text.
    fn on(&self, now: &str, line: usize, column: usize, message: &str) -> ScenarioError {
        if self.moved.is_empty() {
            let (file, message) = (self.file.to_owned(), message.to_owned());
            return ScenarioError::Place { file, line, column, message };
        }
        let start = match line.checked_sub(2) {
            Some(before) => now.match_indices('\n').nth(before).map_or(now.len(), |(at, _)| at + 1),
            None => 0,
        };
        steps::add(start);
        self.at(start + column.saturating_sub(1), message, "")
    }

    /// An error about the place at a byte of the text.
    pub(super) fn at(&self, offset: usize, message: &str, remedy: &str) -> ScenarioError {
        let offset = variants::before(&self.moved, offset);
        let line = self.lines.partition_point(|start| *start <= offset);
        let start =
            line.checked_sub(1).and_then(|before| self.lines.get(before)).copied().unwrap_or_default();
        let before = self.text.get(start..offset).unwrap_or_default();
        steps::add(before.len());
        let stop = if remedy.is_empty() || message.ends_with('.') { "" } else { ". " };
        ScenarioError::Place {
            file: self.file.to_owned(),
            line,
            column: before.chars().count() + 1,
            message: format!("{message}{stop}{remedy}"),
        }
    }
}
