//! The words of the plain session: each thing on the screen as lines that can be read aloud.

use crate::cloud::Outcome;
use crate::lab::{self, CallMade, DocumentId, Draft, Lab, Watchable};
use crate::narration::diff::{self, Row};
use crate::narration::{self, ActionTarget, May, PartRow, Parts, WhoCanView, help};
use crate::narration::{
    Applied, CallStatus, LabView, Mark, Next, PredictionRow, Stored, TaskView, Tick, WhyStep,
};
use crate::policy::{Severity, line_col};

/// The word for how a call ended.
fn word(status: CallStatus) -> &'static str {
    match status {
        CallStatus::Allowed => "ALLOW",
        CallStatus::Denied => "DENY",
        CallStatus::Failed => "FAIL",
    }
}

fn mark(mark: &Mark) -> String {
    match (mark.status, mark.because.as_str()) {
        (status, "") => word(status).to_owned(),
        (status, because) => format!("{} ({because})", word(status)),
    }
}

/// The scenario, the story and where one is.
pub fn introduction(view: &LabView, lab: &Lab) -> Vec<String> {
    let head = &view.head;
    let mut lines = vec![format!("{}. {}. About {} minutes.", head.id, head.title, head.minutes)];
    lines.extend(view.task.story.iter().cloned());
    for left_out in &view.task.simplified {
        lines.push(format!("Simplified here: {left_out}"));
    }
    lines.push(format!("Account {}, Region {}, clock {}.", head.account, head.region, head.clock));
    lines.push(format!("You are {}, a {}.", lab.persona().name, lab.persona().kind()));
    lines
}

/// Everybody with their verdict.
pub fn identities(view: &LabView) -> Vec<String> {
    let call =
        if view.watched_in_full.is_empty() { String::new() } else { format!(" {}", view.watched_in_full) };
    let line = |row: &crate::narration::IdentityRow| {
        let acting = if row.acting { ", acting" } else { "" };
        let draft = row.draft.as_ref().filter(|_| row.flips() && !row.stale);
        let draft = draft.map(|draft| format!(" With the draft: {}.", mark(draft))).unwrap_or_default();
        let applied = match &row.applied {
            Applied::Is(applied) => format!(":{call} {}", mark(applied)),
            Applied::Hidden => ": your guess comes first".to_owned(),
            Applied::Nothing => String::new(),
        };
        format!("{}. {}, {}{acting}{applied}.{draft}", row.number, row.name, row.kind)
    };
    view.identities.iter().map(line).collect()
}

/// Everybody else in the world, and who of them can be acted as.
pub fn everybody(lab: &Lab) -> Vec<String> {
    let line = |somebody: lab::Somebody| match (&somebody.name, &somebody.why_not) {
        (Some(name), None) => format!("{}: as {name} acts as them.", somebody.title),
        (_, why_not) => format!("{}: {}.", somebody.title, why_not.as_deref().unwrap_or_default()),
    };
    lab.everybody_else().into_iter().map(line).collect()
}

/// The task with its checks.
pub fn task(view: &LabView) -> Vec<String> {
    let (now, all) = view.head.task;
    if view.head.done {
        let mut lines = vec!["Every task is done.".to_owned()];
        lines.extend(checks(view));
        lines.extend(guesses(view));
        lines.extend(view.task.debrief.iter().cloned());
        return lines;
    }
    let mut lines = vec![format!("Task {now} of {all}: {}", view.task.say)];
    lines.extend(checks(view));
    for (n, hint) in view.task.hints.iter().enumerate() {
        lines.push(format!("Hint {} of {}: {hint}", n + 1, view.task.hint_count));
    }
    lines.extend(question(view));
    lines.extend(guesses(view));
    lines.extend(view.next.as_ref().map(|what| next(what, view.help_waits.is_some(), view.parts_offered)));
    lines
}

/// The parts of a statement with their numbered choices.
pub fn parts(parts: &Parts) -> Vec<String> {
    let mut lines = Vec::new();
    for (n, PartRow { element, choices, chosen }) in parts.rows().into_iter().enumerate() {
        lines.push(format!("{}. {element}:", n + 1));
        lines.extend(choices.iter().enumerate().map(|(at, choice)| {
            let is_chosen = if chosen == Some(at) { " CHOSEN" } else { "" };
            format!("  {}. {choice}{is_chosen}", at + 1)
        }));
    }
    lines.push("build PART NUMBER chooses, build put puts the statement into the draft.".to_owned());
    lines
}

/// The parts of a statement for which something is chosen.
pub fn chosen_parts(parts: &Parts) -> Vec<String> {
    let chosen = parts.rows().into_iter().filter_map(|row| {
        let words = row.choices.get(row.chosen?)?;
        Some(format!("{}: {words}", row.element))
    });
    chosen.collect()
}

/// What the solution needs next, as the commands that do it. No statement is offered while `unaided`, but for `parts`.
fn next(next: &Next, unaided: bool, parts: bool) -> String {
    match next {
        Next::Edit | Next::Insert if parts => {
            "Next: build puts a statement together, or edit changes the text.".to_owned()
        }
        Next::Edit | Next::Insert if unaided => "Next: edit changes the text.".to_owned(),
        Next::Predict => "Next: predict NUMBER says what you expect.".to_owned(),
        Next::ActAs(_, name) => format!("Next: as {name} acts as {name}."),
        Next::Run => "Next: scan makes the call.".to_owned(),
        Next::Watch => "Next: watch lists the other calls.".to_owned(),
        Next::Change => "Next: edit changes the text of what stands there.".to_owned(),
        Next::TakeOut(sid) => format!("Next: remove NUMBER takes the statement {sid} out."),
        Next::Edit | Next::Insert => {
            "Next: snippet NUMBER puts a statement in, or edit changes the text.".to_owned()
        }
        Next::Mend => "Next: the draft is not right yet; edit changes the text.".to_owned(),
        Next::Apply => "Next: apply makes the draft real.".to_owned(),
        Next::Open => "Next: documents lists the policies, open NUMBER opens one.".to_owned(),
        Next::Wait => "Next: clock lets time pass.".to_owned(),
        Next::Keys => "Next: an aws kms line does something to a key or a grant.".to_owned(),
        Next::Console(operation) => match operation.as_ref().and_then(|called| called.split_once(':')) {
            Some((service, name)) => format!("Next: aws {service} {}.", crate::aws_cli::kebab(name)),
            None => "Next: an aws line does it.".to_owned(),
        },
        Next::TakeBack(1) => "Next: undo takes the last step back.".to_owned(),
        Next::TakeBack(times) => format!("Next: undo, {times} times, takes back what broke the promise."),
        Next::NextScenario => "Next: next opens the next scenario.".to_owned(),
    }
}

/// Whose verdict another draft, or what was done last, has turned: a line each.
fn flips(
    before: &[(String, Option<Mark>, Option<Mark>)],
    now: &[(String, Option<Mark>, Option<Mark>)],
) -> Vec<String> {
    let mut lines = Vec::new();
    for (name, applied, draft) in now {
        let Some((_, was, drafted)) = before.iter().find(|(other, ..)| other == name) else { continue };
        let status = |mark: &Option<Mark>| mark.as_ref().map(|mark| mark.status);
        if let Some((from, to)) =
            was.as_ref().zip(applied.as_ref()).filter(|(from, to)| from.status != to.status)
        {
            lines.push(format!("FLIP: {name} {} to {}.", word(from.status), word(to.status)));
        } else if let Some((from, to)) =
            applied.as_ref().zip(draft.as_ref()).filter(|(from, to)| from.status != to.status)
            && status(drafted) != Some(to.status)
        {
            lines.push(format!("FLIP on the draft: {name} {} to {}.", word(from.status), word(to.status)));
        }
    }
    lines
}

/// What was guessed, and how that compares with what happened.
fn guesses(view: &LabView) -> Vec<String> {
    let task = &view.task;
    let all = task.earlier.iter().chain(&task.before).chain(&task.predictions);
    let line = |p: &PredictionRow| {
        let (right, why) = p.outcome.as_ref()?;
        let said = p.said()?.trim_end_matches('.');
        let word = match (p.was_right(), *right) {
            (true, _) => "That was right.",
            (false, true) => "That is right.",
            (false, false) => "That was wrong.",
        };
        let why = why_said(p, why);
        Some(format!("{} You said: {said}{}. {word} {why}", p.ask, p.aside()).trim_end().to_owned())
    };
    all.filter_map(line).collect()
}

/// What was right where it was not guessed, and why.
fn why_said(p: &PredictionRow, why: &str) -> String {
    let is_right = p.outcome.as_ref().is_some_and(|(right, _)| *right);
    let truth = p.truth.as_ref().filter(|_| !is_right);
    let truth = truth.map_or_else(String::new, |truth| {
        format!("Right is: {} ", sentence(truth.trim_end_matches('.')) + ".")
    });
    format!("{truth}{}", sentence(why))
}

/// The question to answer now, with its answers.
pub fn question(view: &LabView) -> Vec<String> {
    let Some(p) = view.task.question() else { return Vec::new() };
    let mut lines = Vec::new();
    if let Some((row, column)) = &p.cell {
        let cells = view.task.predictions.iter().filter(|p| p.cell.is_some());
        let (all, given) =
            cells.fold((0, 0), |(all, given), p| (all + 1, given + usize::from(p.chosen.is_some())));
        lines.push(format!("Cell {} of {all} of a grid: row {row}, column {column}.", given + 1));
    }
    lines.push(format!("Question: {}", p.ask));
    lines.extend(p.options.iter().enumerate().map(|(n, o)| format!("  {}. {o}", n + 1)));
    lines.push("predict NUMBER answers it; a 1, 2 or 3 behind it says how sure you are.".to_owned());
    lines
}

fn tick(tick: Tick) -> &'static str {
    match tick {
        Tick::Done => "DONE",
        Tick::Todo => "NOT YET",
        Tick::Unknown => "UNKNOWN",
    }
}

fn checks(view: &LabView) -> Vec<String> {
    let line = |row: &crate::narration::CheckRow| {
        let all_along = if row.invariant { "All along, " } else { "" };
        let state = match (row.invariant, row.applied) {
            (true, Tick::Done) => "HOLDS",
            (true, Tick::Todo) => "BROKEN",
            (_, other) => tick(other),
        };
        format!("  {state}: {all_along}{}.", row.say.trim_end_matches('.'))
    };
    view.task.checks.iter().map(line).collect()
}

/// What somebody has been told about the tasks: enough to say what is new.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Told {
    number: usize,
    done: bool,
    task: TaskView,
    /// Everybody with the verdict in force and on the draft.
    verdicts: Vec<(String, Option<Mark>, Option<Mark>)>,
    /// What the verdicts are about.
    watched: String,
    /// How many steps have led here.
    made: usize,
}

impl Told {
    /// What there is to tell now.
    pub fn of(view: &LabView) -> Self {
        let verdict =
            |row: &narration::IdentityRow| (row.name.clone(), row.applied.mark().cloned(), row.draft.clone());
        Self {
            number: view.head.task.0,
            done: view.head.done,
            task: view.task.clone(),
            verdicts: view.identities.iter().map(verdict).collect(),
            watched: view.watched_in_full.clone(),
            made: view.made,
        }
    }

    /// What is new since `before`.
    pub fn since(&self, before: &Self, view: &LabView) -> Vec<String> {
        let mut lines =
            if self.watched == before.watched { flips(&before.verdicts, &self.verdicts) } else { Vec::new() };
        if self.made > before.made {
            lines.extend(view.shifted.iter().map(|words| sentence(words) + "."));
        }
        let judged = self.task.newly_judged(&before.task);
        for p in &judged {
            let Some((right, why)) = &p.outcome else { continue };
            // Of several, each has to say what it is about.
            let about = if judged.len() > 1 { format!("{} ", p.ask) } else { String::new() };
            let word = if *right { "Your guess was right." } else { "Your guess was wrong." };
            lines.push(format!("{about}{word} {}", why_said(p, why)).trim_end().to_owned());
        }
        for now in &self.task.checks {
            let was = before.task.checks.iter().find(|other| other.id == now.id).map(|check| check.applied);
            let say = now.say.trim_end_matches('.');
            match (was, now.applied, now.invariant) {
                (Some(Tick::Todo | Tick::Unknown), Tick::Done, false) => lines.push(format!("DONE: {say}.")),
                (Some(Tick::Done), Tick::Todo | Tick::Unknown, false) => {
                    lines.push(format!("NO LONGER: {say}."));
                }
                (Some(Tick::Done), Tick::Todo | Tick::Unknown, true) => {
                    lines.push(format!("BROKEN, and it must hold all along: {say}."));
                }
                (Some(Tick::Todo | Tick::Unknown), Tick::Done, true) => {
                    lines.push(format!("HOLDS again: {say}."));
                }
                _ => {}
            }
        }
        if let Some(words) =
            self.task.feedback.as_ref().filter(|_| self.task.feedback != before.task.feedback)
        {
            lines.push(format!("Note: {words}"));
        }
        if self.done && !before.done {
            lines.push("Every task is done.".to_owned());
            if view.asks_for_words {
                lines.push(format!(
                    "{} words TEXT keeps it for your report; words alone goes on.",
                    help::OWN_WORDS
                ));
            } else {
                lines.extend(view.task.debrief.iter().cloned());
            }
            lines.push("next opens the next scenario.".to_owned());
        } else if self.number > before.number && !self.done {
            lines.push(format!("Task {} is done.", before.number));
            lines.extend(task(view));
        }
        lines
    }
}

/// The answer to the watched call.
pub fn answer(view: &LabView) -> Vec<String> {
    let answer = &view.answer;
    let verdict = answer.mark.as_ref().map(mark).unwrap_or_default();
    let mut lines = vec![format!("{} calls {}: {verdict}.", answer.who, answer.call)];
    if !view.path.sentence.is_empty() {
        lines.push(view.path.sentence.clone());
    }
    if let Some((code, message)) = &answer.error {
        let message = if message.is_empty() { String::new() } else { format!(": {message}") };
        lines.push(format!("{code}{message}"));
    }
    for (n, row) in answer.rows.iter().enumerate() {
        let cells = answer.columns.iter().zip(row).filter(|(_, v)| !v.is_empty());
        let cells: Vec<String> = cells.map(|(name, value)| format!("{name} {value}")).collect();
        lines.push(format!("Item {}: {}.", n + 1, cells.join(", ")));
    }
    lines.extend(answer.fields.iter().map(|(name, value)| format!("{name}: {value}")));
    lines.extend(answer.notes.iter().cloned());
    lines
}

/// The calls there are to watch.
pub fn watchable(all: &[Watchable]) -> Vec<String> {
    if all.is_empty() {
        return vec!["There is no table, key or role to ask about yet.".to_owned()];
    }
    let mut lines = Vec::new();
    let mut group = "";
    for (n, row) in all.iter().enumerate() {
        if row.group != group {
            group = row.group;
            lines.push(format!("{group}:"));
        }
        let detail = if row.detail.is_empty() { String::new() } else { format!(": {}", row.detail) };
        let now = if row.now { ", watched now" } else { "" };
        lines.push(format!("{}. {}{detail}{now}.", n + 1, row.watched.title()));
    }
    lines.push("watch NUMBER watches another one.".to_owned());
    lines
}

/// A call and how it ended.
pub fn made(lab: &Lab, made: &CallMade) -> Vec<String> {
    let verdict = match lab::CallStatus::of(&made.outcome) {
        lab::CallStatus::Allowed => "ALLOW",
        lab::CallStatus::Denied => "DENY",
        lab::CallStatus::Failed => "FAIL",
    };
    let mut lines = vec![format!("{} calls {}: {verdict}.", made.who, made.call.action())];
    if let Err(error) = &made.outcome.result {
        lines.push(error.to_string());
    }
    lines.extend(narration::own_words(lab, made));
    lines
}

/// The reasons behind the answer on the screen.
pub fn why(view: &LabView) -> Vec<String> {
    if view.answer.hidden {
        return vec!["The reasons come after your guess.".to_owned()];
    }
    if view.why.is_empty() {
        return vec!["Nothing was asked of any policy.".to_owned()];
    }
    let call = format!("{} calls {}.", view.answer.who, view.answer.call);
    std::iter::once(call).chain(view.why.iter().enumerate().flat_map(|(n, step)| reasons(n, step))).collect()
}

/// The reasons behind a call.
pub fn decisions(lab: &Lab, outcome: &Outcome) -> Vec<String> {
    let steps = outcome.decisions.iter().map(|record| narration::why_step(lab, record));
    steps.enumerate().flat_map(|(n, step)| reasons(n, &step)).collect()
}

fn reasons(n: usize, step: &WhyStep) -> Vec<String> {
    let mut lines = vec![format!("{}. {} {}: {}.", n + 1, step.action, step.about, word(step.status))];
    for line in &step.lines {
        let subject = if line.subject.is_empty() { String::new() } else { format!(", {}", line.subject) };
        let decided = if line.deciding { ". This decided" } else { "" };
        let line = format!("   {}{subject}: {}{decided}.", line.layer, line.text);
        // Several statements of one policy that say the same need saying once.
        if lines.last() != Some(&line) {
            lines.push(line);
        }
    }
    if !step.conclusion.is_empty() {
        lines.push(format!("   {}", step.conclusion));
    }
    lines
}

/// The documents there are, everybody's.
pub fn documents(lab: &Lab) -> Vec<String> {
    let open = lab.draft().map(Draft::document);
    let line = |(n, d): (usize, &DocumentId)| {
        let mut line = format!("{}. {} {}", n + 1, d.title(lab.world()), d.name(lab.world()));
        if d.text(lab.world(), &lab.persona().caller).is_none() {
            line.push_str(", not there yet");
        }
        if !d.is_editable() {
            line.push_str(", cannot be changed");
        }
        if lab.drafts().any(|draft| draft.document() == d) {
            line.push_str(", a draft");
        }
        if open == Some(d) {
            line.push_str(", open");
        }
        line + "."
    };
    lab.all_documents().iter().enumerate().map(line).collect()
}

/// Which document is open, and whether it is a draft.
pub fn document_line(lab: &Lab) -> String {
    let Some(draft) = lab.draft() else { return "No document is open.".to_owned() };
    let state = match (draft.is_edited(), draft.applied()) {
        (true, _) => "a draft, not applied",
        (false, Some(_)) => "as applied",
        (false, None) => "not there yet; this is a start",
    };
    format!("{} {}, {state}.", draft.document().title(lab.world()), draft.document().name(lab.world()))
}

/// What is wrong with the draft, and what it would change.
pub fn draft(lab: &Lab, view: &LabView) -> Vec<String> {
    let Some(draft) = lab.draft() else { return Vec::new() };
    let mut lines = vec![document_line(lab)];
    let grave = draft.diagnostics().iter().filter(|found| found.severity >= Severity::Warning);
    for d in grave.filter_map(|found| narration::told(lab, found, view.draft_hidden)) {
        let (line, column) = line_col(draft.text(), d.span.start);
        let kind = if d.severity == Severity::Error { "Error" } else { "Warning" };
        let remedy =
            if d.remedy.is_empty() { String::new() } else { format!("; {}", d.remedy.trim_end_matches('.')) };
        lines.push(format!(
            "{kind} in line {line}, column {column}: {}{remedy}.",
            d.message.trim_end_matches('.')
        ));
    }
    if !draft.is_valid() {
        lines.push("This is no policy: who gets what is told as it is in force.".to_owned());
        return lines;
    }
    let flips: Vec<String> = view
        .identities
        .iter()
        .filter(|row| row.flips())
        .filter_map(|row| {
            Some(format!(
                "{}: {} becomes {}.",
                row.name,
                mark(row.applied.mark()?),
                mark(row.draft.as_ref()?)
            ))
        })
        .collect();
    match view.flips() {
        Some(0) if draft.is_edited() => {
            lines.push(format!("No verdict of {} would change.", view.answer.call));
        }
        None => lines.push("What the draft changes is told after your guess.".to_owned()),
        Some(_) => {}
    }
    lines.extend(flips);
    let beside = |(who, before, after): &(String, CallStatus, CallStatus)| {
        format!("{who}: {} becomes {}.", word(*before), word(*after))
    };
    lines.extend(view.turned_beside.iter().map(beside));
    if view.missing.as_ref().is_some_and(|(_, can)| *can) {
        lines.push("create makes whoever is not there.".to_owned());
    }
    let breaks = |row: &&crate::narration::CheckRow| {
        row.invariant && row.applied == Tick::Done && row.draft.is_some_and(|tick| tick != Tick::Done)
    };
    lines.extend(view.task.checks.iter().filter(breaks).map(|row| {
        format!(
            "PROMISE: applying it would break what must hold all along: {}.",
            row.say.trim_end_matches('.')
        )
    }));
    if !view.stale {
        lines.extend(view.forecast.iter().map(|words| sentence(words) + "."));
    }
    if let Some(apply) = &view.apply {
        lines.push(format!("Applying it as {} would be: {}.", lab.persona().name, mark(apply)));
    }
    lines
}

/// The lines that the draft takes away and adds.
pub fn changes(lab: &Lab) -> Vec<String> {
    let Some(draft) = lab.draft().filter(|d| d.is_edited()) else {
        return vec!["There is no draft.".to_owned()];
    };
    let [before, after] =
        [draft.base(), draft.text()].map(|text| text.lines().map(str::to_owned).collect::<Vec<_>>());
    let words = |row: &Row| {
        let (what, number, text) = match *row {
            Row::Same(_) => return None,
            Row::Added(n) => ("Added", n, after.get(n)),
            Row::Removed(n) => ("Taken away", n, before.get(n)),
        };
        Some(format!("{what}, line {}: {}", number + 1, text.map_or("", String::as_str)))
    };
    diff::rows(&before, &after).iter().filter_map(words).collect()
}

/// Everybody with their answer to one action on that.
pub fn who_can(action: &str, target: &ActionTarget, view: &WhoCanView) -> Vec<String> {
    let mut lines = vec![format!("{action} on {}:", target.label)];
    for (heading, rows) in &view.tiers {
        let nobody = if rows.is_empty() { " nobody." } else { "" };
        lines.push(format!("{heading}:{nobody}"));
        lines.extend(rows.iter().map(|row| {
            let word = match row.may {
                May::Yes => "ALLOW",
                May::If => "IF",
                May::No => "DENY",
            };
            format!("{word}: {}. {}.", row.who, sentence(&row.why))
        }));
    }
    lines.push(format!("Not looked at: {}.", view.not_looked_at.join("; ")));
    lines
}

/// The same text with a capital letter.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// Everybody against the actions that matter.
pub fn matrix(view: &LabView) -> Vec<String> {
    let matrix = &view.matrix;
    let mut lines = Vec::new();
    for (who, cells) in &matrix.rows {
        if cells.is_empty() && !matrix.columns.is_empty() {
            lines.push(format!("{who}: your guess comes first."));
        }
        for (action, cell) in matrix.columns.iter().zip(cells) {
            let draft = cell.draft.filter(|draft| *draft != cell.applied);
            let draft = draft.map(|draft| format!(", with the draft {}", word(draft))).unwrap_or_default();
            lines.push(format!("{who}, {action}: {}{draft}.", word(cell.applied)));
        }
    }
    lines
}

/// Every step so far, oldest first.
pub fn steps(view: &LabView) -> Vec<String> {
    let last = view.steps.len().saturating_sub(1);
    let rows = view.steps.iter().rev().enumerate();
    let line = |(n, step): (usize, &crate::narration::StepRow)| {
        let here = if step.here && last > 0 { ", you are here" } else { "" };
        let verdict = if step.cli.is_some() { format!(": {}", word(step.status)) } else { String::new() };
        format!("{n}. {}, {}, {}{verdict}{here}.", step.time, step.who, step.what)
    };
    rows.map(line).collect()
}

/// The log, or one record of it.
pub fn audit(view: &LabView, number: &str) -> Vec<String> {
    if let Some(n) = number.parse::<usize>().ok().and_then(|n| n.checked_sub(1)) {
        return match view.audit.get(n) {
            Some(row) => {
                let ways = [
                    row.cli.as_ref().map(|line| format!("At a shell: {line}")),
                    row.clicks.map(|clicks| format!("In AWS's console: {clicks}")),
                ];
                row.json.lines().map(str::to_owned).chain(ways.into_iter().flatten()).collect()
            }
            None => vec![format!("There are {} records.", view.audit.len())],
        };
    }
    if view.audit.is_empty() {
        return vec!["Nothing was recorded yet.".to_owned()];
    }
    let line = |(n, row): (usize, &crate::narration::AuditRow)| {
        let end = row.error.as_deref().unwrap_or("ok");
        let rules = match row.rules.as_slice() {
            [] => String::new(),
            some => format!(" Matched by {}.", some.join(", ")),
        };
        format!("{}. {}, {} by {}: {end}.{rules}", n + 1, row.time, row.event, row.who)
    };
    let rows = view.audit.iter().enumerate().map(line);
    rows.chain(view.rules.iter().map(|rule| format!("The rule {} {rule}.", rule.name))).collect()
}

/// What the disk holds.
pub fn storage(view: &LabView) -> Vec<String> {
    let storage = &view.storage;
    let mut lines = vec!["What the disk holds. No API returns this.".to_owned(), storage.summary()];
    let shown = |stored: &Stored| {
        let digits = base16ct::lower::encode_string(&stored.bytes);
        if stored.more > 0 { format!("{digits} and {} bytes more", stored.more) } else { digits }
    };
    for disk in &storage.disks {
        lines.push(format!("{}:", disk.name));
        for (n, page) in disk.pages.iter().enumerate() {
            let change = page.change().filter(|_| storage.compared);
            let changed =
                change.map(|c| format!(", {} since {}", c.word(), storage.since)).unwrap_or_default();
            lines.push(format!(
                "Page {}{changed}: nonce {}, ciphertext {}, tag {}, wrapped data key {}.",
                n + 1,
                shown(&page.nonce),
                shown(&page.data),
                shown(&page.tag),
                shown(&page.data_key)
            ));
        }
        for key in &disk.keys {
            lines.push(format!("The {}, wrapped under {}: {}", key.word, key.under, key.wrapped));
        }
    }
    lines
}
