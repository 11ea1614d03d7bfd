//! From labs to the blocks of a report: who did what, how it ended and why, in the words that the lab itself has for it.

use super::model::{Block, Cell, Change, Diff, Report, Table, Tone, Way, line, lines};
use super::record::{ENGINE, Record};
use crate::lab::hand_in::HandIn;
use crate::lab::{CallStatus, Lab, StepAction};
use crate::limits::report::ROWS;
use crate::narration::{self, Card, diff};
use crate::scenario::{CheckStatus, in_words};

/// So many rows of the audit trail are an excerpt.
const AUDIT_ROWS: usize = 16;

/// So many equal lines stand around a change.
const AROUND: usize = 3;

/// The most people whose way is drawn.
const DRAWN: usize = 2;

/// Makes the report of some labs, each as it was left.
pub fn report(record: &Record, labs: &[Lab]) -> Report {
    let name = record.name.as_deref().map(line);
    match labs {
        [only] => {
            let mut blocks = facts(record, name, &[(only, record.labs.first())]);
            blocks.extend(of_lab(only));
            blocks.extend(closing());
            Report { title: title(only), blocks }
        }
        several => {
            let pairs: Vec<_> = several.iter().zip(record.labs.iter().map(Some)).collect();
            let mut blocks = facts(record, name, &pairs);
            blocks.push(Block::Table(overview(several)));
            for (hand_in, lab) in record.labs.iter().zip(labs) {
                blocks.push(Block::Part(title(lab)));
                blocks.push(Block::Facts(own_facts(hand_in, lab)));
                blocks.extend(of_lab(lab));
            }
            blocks.extend(closing());
            Report { title: "Portfolio".to_owned(), blocks }
        }
    }
}

/// The short id and the title of a lab's scenario.
fn title(lab: &Lab) -> String {
    let scenario = lab.scenario();
    format!("{} {}", scenario.short_id().to_uppercase(), line(&scenario.title))
}

/// Who made the report with what, and of one lab what there is to say of it.
fn facts(record: &Record, name: Option<String>, labs: &[(&Lab, Option<&HandIn>)]) -> Vec<Block> {
    let mut facts = vec![("Name", name.unwrap_or_else(|| "not given".to_owned()))];
    if let [(lab, Some(hand_in))] = labs {
        facts.extend(own_facts(hand_in, lab));
    }
    facts.push(("Program", format!("kmslab {ENGINE}, a simulation of AWS; no AWS account was used")));
    facts.push(("Fingerprint", record.fingerprint()));
    vec![Block::Facts(facts)]
}

/// What there is to say of one lab in a few words.
fn own_facts(hand_in: &HandIn, lab: &Lab) -> Vec<(&'static str, String)> {
    let scenario = lab.scenario();
    let (done, all) = lab.progress_of_tasks();
    let result = match (done, all) {
        (_, 0) => "played freely, without a task".to_owned(),
        (1, 1) => "solved".to_owned(),
        (done, all) if done == all => format!("solved: all {all} tasks are done"),
        (done, all) => format!("not solved: {done} of {all} tasks done"),
    };
    let time = |at: jiff::Timestamp| at.strftime("%Y-%m-%d %H:%M:%S").to_string();
    let mut facts = vec![
        ("Scenario", format!("{}, {}", scenario.id, line(&scenario.title))),
        ("Result", result),
        (
            "Time",
            format!(
                "{} to {} UTC, on the clock of the simulation",
                time(lab.history().start().now()),
                time(lab.world().now())
            ),
        ),
        ("Seed", scenario.seed.to_string()),
    ];
    if all > 0 {
        facts.insert(2, ("In short", in_short(lab)));
    }
    if hand_in.left_out > 0 {
        let calls = if hand_in.left_out == 1 {
            "1 call is".to_owned()
        } else {
            format!("{} calls are", hand_in.left_out)
        };
        facts.push(("Left out", format!("{calls} left out, since key material or a file stood in what was sent; what follows was played without")));
    }
    facts
}

/// The way to the result in numbers.
fn in_short(lab: &Lab) -> String {
    let (right, said) = guesses_right(lab);
    let guesses =
        if said == 0 { "no guess made".to_owned() } else { format!("{right} of {said} guesses right") };
    let count = |n: usize, one: &str, many: &str| match n {
        0 => format!("no {one}"),
        1 => format!("1 {one}"),
        n => format!("{n} {many}"),
    };
    let steps = count(lab.history().done().len(), "step", "steps");
    let hints = count(hints(lab).len(), "hint", "hints");
    let help = match lab.help_taken() {
        [] => "no help that writes the answer".to_owned(),
        _ => format!("help: {}", help(lab)),
    };
    [steps, guesses, hints, help].join(", ")
}

/// How many guesses were right, of how many that were made before the answer was to be seen.
fn guesses_right(lab: &Lab) -> (usize, usize) {
    let mut guesses = narration::card(lab).guesses;
    guesses.retain(narration::PredictionRow::was_guessed);
    let right =
        guesses.iter().filter(|guess| guess.outcome.as_ref().is_some_and(|(right, _)| *right)).count();
    (right, guesses.len())
}

/// The scenarios of a portfolio, a row each.
fn overview(labs: &[Lab]) -> Table {
    let rows = labs.iter().map(|lab| {
        let (done, all) = lab.progress_of_tasks();
        let (right, said) = guesses_right(lab);
        let tone = if all > 0 && done == all { Tone::Good } else { Tone::Plain };
        vec![
            Cell::plain(title(lab)),
            Cell { text: format!("{done} of {all}"), tone },
            Cell::plain(format!("{right} of {said}")),
            Cell::plain(hints(lab).len().to_string()),
            Cell::plain(help(lab)),
            Cell::plain(lab.history().done().len().to_string()),
        ]
    });
    Table {
        head: vec!["Scenario", "Tasks done", "Guesses right", "Hints", "Help taken", "Steps"],
        rows: rows.collect(),
    }
}

/// All that there is to say of one lab.
fn of_lab(lab: &Lab) -> Vec<Block> {
    let card = narration::card(lab);
    let mut blocks = Vec::new();
    tasks(lab, &mut blocks);
    ways(lab, &card, &mut blocks);
    steps(lab, &mut blocks);
    policies(&card, &mut blocks);
    audit(lab, &mut blocks);
    thoughts(lab, &card, &mut blocks);
    blocks
}

/// What was asked for, and whether it is so.
fn tasks(lab: &Lab, blocks: &mut Vec<Block>) {
    let tasks = &lab.scenario().tasks;
    if tasks.is_empty() {
        return;
    }
    blocks.push(Block::Heading("The task".to_owned()));
    let passes = |verdict: CheckStatus| match verdict {
        CheckStatus::Pass => true,
        CheckStatus::Fail | CheckStatus::CannotTell => false,
    };
    for (task, report) in tasks.iter().zip(lab.reports()) {
        blocks.push(Block::Text(line(&in_words(&task.say))));
        let checks = report.checks.iter().map(|check| (passes(check.verdict), line(&in_words(&check.say))));
        blocks.push(Block::Checks(checks.collect()));
    }
    let all_along = lab.reports().first().map(|report| &report.invariants).filter(|all| !all.is_empty());
    if let Some(all) = all_along {
        blocks.push(Block::Note("And all along:".to_owned()));
        let checks = all.iter().map(|check| (passes(check.verdict), line(&in_words(&check.say))));
        blocks.push(Block::Checks(checks.collect()));
    }
}

fn word(status: CallStatus) -> Cell {
    let (text, tone) = match status {
        CallStatus::Allowed => ("ALLOWED", Tone::Good),
        CallStatus::Denied => ("DENIED", Tone::Bad),
        CallStatus::Failed => ("FAILED", Tone::Other),
    };
    Cell { text: text.to_owned(), tone }
}

/// The way of the watched call before and after, of whomever it was turned for, and everybody's verdicts.
fn ways(lab: &Lab, card: &Card, blocks: &mut Vec<Block>) {
    if card.watched.is_empty() {
        return;
    }
    blocks.push(Block::Heading(format!("Before and after: {}", line(&card.watched))));
    let start = Lab::open(lab.scenario().clone(), None).ok();
    let turned = card.verdicts.iter().filter(|(_, before, after)| before != after).map(|(who, ..)| who);
    let mut whose: Vec<&str> = turned.map(String::as_str).take(DRAWN).collect();
    if whose.is_empty() {
        whose.push(&lab.persona().name);
    }
    let way = |lab: &Lab, who: &str| {
        let index = lab.personas().iter().position(|persona| persona.name == who)?;
        Some(narration::way(lab, index, false, None, false)).filter(|path| path.mark.is_some())
    };
    for who in whose {
        let before = start.as_ref().and_then(|start| way(start, who));
        let pair = [("At the start", before), ("At the end", way(lab, who))];
        blocks
            .extend(pair.into_iter().filter_map(|(when, path)| Some(Block::Way(Way { when, path: path? }))));
    }
    let rows = card
        .verdicts
        .iter()
        .take(ROWS.size())
        .map(|(who, before, after)| vec![Cell::name(line(who)), word(*before), word(*after)]);
    blocks
        .push(Block::Table(Table { head: vec!["Who", "At the start", "At the end"], rows: rows.collect() }));
}

/// Who did what, how it ended and why.
fn steps(lab: &Lab, blocks: &mut Vec<Block>) {
    blocks.push(Block::Heading("Who did what".to_owned()));
    let done = lab.history().done();
    let rows = done.iter().take(ROWS.size()).enumerate().map(|(at, step)| {
        let time = Cell::name(step.world.now().strftime("%H:%M:%S").to_string());
        let number = Cell::plain((at + 1).to_string());
        match &step.action {
            StepAction::Call(made) => {
                let told = narration::presented(lab, made);
                vec![
                    number,
                    time,
                    Cell::name(line(&told.who)),
                    Cell::name(line(&told.what)),
                    word(told.status),
                    Cell::plain(line(&told.conclusion)),
                ]
            }
            StepAction::Wait(by) => {
                let waited = Cell::plain(format!("{by:#} pass"));
                vec![number, time, Cell::plain("clock"), waited, Cell::plain(""), Cell::plain("")]
            }
        }
    });
    let table = Table { head: vec!["", "Time", "Who", "What", "Verdict", "Because"], rows: rows.collect() };
    if table.rows.is_empty() {
        blocks.push(Block::Text("Nothing was done yet.".to_owned()));
    } else {
        blocks.push(Block::Table(table));
    }
    if done.len() > ROWS.size() {
        blocks.push(Block::Note(format!("{} more steps stand in the record.", done.len() - ROWS.size())));
    }
    let mut by_hand: Vec<String> = Vec::new();
    for step in done.iter().take(ROWS.size()) {
        let Some(made) = step.call().filter(|made| made.outcome.result.is_ok()) else { continue };
        let action = made.call.action();
        let Some(clicks) = narration::clicks(&action) else { continue };
        let way = format!("{action}: {clicks}");
        if !by_hand.contains(&way) {
            by_hand.push(way);
        }
    }
    if !by_hand.is_empty() {
        blocks.push(Block::Text("The same in AWS's console:".to_owned()));
        blocks.push(Block::List(by_hand));
    }
    let aside = lab.history().others().len();
    if aside > 0 {
        let ways = if aside == 1 { "1 other way was".to_owned() } else { format!("{aside} other ways were") };
        blocks.push(Block::Note(format!("{ways} tried and taken back; the record has them.")));
    }
}

/// What was changed in policies.
fn policies(card: &Card, blocks: &mut Vec<Block>) {
    blocks.push(Block::Heading("What was changed".to_owned()));
    if card.policies.is_empty() {
        blocks.push(Block::Text("No policy differs from the start.".to_owned()));
    }
    for (name, [before, after]) in card.policies.iter().take(ROWS.size()) {
        blocks.push(Block::Diff(Diff { name: line(name), lines: changed(before, after) }));
    }
}

/// The lines that differ, with a few around them.
fn changed(before: &[String], after: &[String]) -> Vec<(Change, String)> {
    let rows = diff::rows(before, after);
    let is_change = |at: usize| rows.get(at).is_some_and(|row| !matches!(row, diff::Row::Same(_)));
    let near = |at: usize| (at.saturating_sub(AROUND)..=at + AROUND).any(is_change);
    let text = |of: &[String], at: usize| of.get(at).map(|text| lines(text)).unwrap_or_default();
    let mut out: Vec<(Change, String)> = Vec::new();
    for (at, row) in rows.iter().enumerate() {
        if out.len() > ROWS.size() {
            out.push((Change::Gap, format!("{} more lines stand in the record", rows.len() - at)));
            break;
        }
        match row {
            diff::Row::Added(line) => out.push((Change::Added, text(after, *line))),
            diff::Row::Removed(line) => out.push((Change::Removed, text(before, *line))),
            diff::Row::Same(line) if near(at) => out.push((Change::Same, text(after, *line))),
            diff::Row::Same(_) if out.last().is_none_or(|(change, _)| *change != Change::Gap) => {
                out.push((Change::Gap, "..".to_owned()));
            }
            diff::Row::Same(_) => {}
        }
    }
    out
}

/// What the audit trail has of what was done here.
fn audit(lab: &Lab, blocks: &mut Vec<Block>) {
    let (rows, _) = narration::audit_rows(lab, true);
    let own: Vec<_> = rows.iter().filter(|row| row.call.is_some()).collect();
    if own.is_empty() {
        return;
    }
    blocks.push(Block::Heading("From the audit trail".to_owned()));
    let shown = own.iter().take(AUDIT_ROWS).rev().map(|row| {
        let result =
            row.error.as_ref().map_or(Cell::plain("ok"), |error| Cell { text: line(error), tone: Tone::Bad });
        let kind = if row.data { "data" } else { "management" };
        vec![
            Cell::name(row.time.clone()),
            Cell::name(line(&row.event)),
            Cell::name(line(&row.who)),
            result,
            Cell::plain(kind),
        ]
    });
    blocks.push(Block::Table(Table {
        head: vec!["Time", "Event", "Who", "Result", "Kind"],
        rows: shown.collect(),
    }));
    if own.len() > AUDIT_ROWS {
        blocks.push(Block::Note(format!("The last {AUDIT_ROWS} of {} events of this lab.", own.len())));
    }
}

/// The hints that were shown, over all tasks.
fn hints(lab: &Lab) -> Vec<&str> {
    (0..lab.scenario().tasks.len()).flat_map(|task| lab.hints(task)).collect()
}

/// The help that was taken and writes a part of the answer, in words.
fn help(lab: &Lab) -> String {
    let taken = narration::help::taken(lab.help_taken());
    if taken.is_empty() { "none".to_owned() } else { taken }
}

/// What the learner expected, asked for and says, and what the lesson is.
fn thoughts(lab: &Lab, card: &Card, blocks: &mut Vec<Block>) {
    if !card.guesses.is_empty() {
        blocks.push(Block::Heading("What was expected".to_owned()));
        let rows = card.guesses.iter().take(ROWS.size()).map(|guess| {
            let said = guess.said().map_or_else(|| "not answered".to_owned(), line);
            let sure = guess.sure.map_or("not said", crate::scenario::Sureness::words);
            let (came, tone) = match &guess.outcome {
                Some((true, _)) => ("right".to_owned(), Tone::Good),
                Some((false, _)) => (
                    format!("wrong; it was: {}", line(guess.truth.as_deref().unwrap_or_default())),
                    Tone::Bad,
                ),
                None => ("not seen yet".to_owned(), Tone::Plain),
            };
            vec![
                Cell::plain(line(&guess.ask)),
                Cell::plain(said),
                Cell::plain(sure),
                Cell { text: came, tone },
            ]
        });
        let rows = rows.collect();
        blocks.push(Block::Table(Table { head: vec!["Question", "Answer", "How sure", "It was"], rows }));
    }
    blocks.push(Block::Heading("Hints and help".to_owned()));
    let shown = hints(lab);
    let hints = match shown.len() {
        0 => "No hint was asked for.".to_owned(),
        1 => "1 hint was asked for:".to_owned(),
        n => format!("{n} hints were asked for:"),
    };
    blocks.push(Block::Text(hints));
    if !shown.is_empty() {
        blocks.push(Block::List(shown.into_iter().map(|hint| line(&in_words(hint))).collect()));
    }
    blocks.push(Block::Text(format!("Help that writes a part of the answer: {}.", help(lab))));
    blocks.push(Block::Heading("In the learner's own words".to_owned()));
    match lab.words() {
        Some(words) => blocks.push(Block::Words(lines(words))),
        None => blocks.push(Block::Text("Nothing was said.".to_owned())),
    }
    // Whoever has not come to the end is not told it.
    if !card.lesson.is_empty() && lab.current_task().is_none() {
        blocks.push(Block::Heading("What the lesson says".to_owned()));
        blocks.extend(card.lesson.iter().map(|text| Block::Text(line(text))));
        let sources = card.sources.iter().map(|(at, says)| format!("{}: {}", line(at), line(says)));
        let sources: Vec<String> = sources.collect();
        if !sources.is_empty() {
            blocks.push(Block::Note("Where AWS says so:".to_owned()));
            blocks.push(Block::List(sources));
        }
    }
}

/// How the report is checked, and what that shows.
fn closing() -> Vec<Block> {
    vec![
        Block::Heading("How to check this report".to_owned()),
        Block::Note(
            "This file carries a record of everything that was done. The command kmslab verify FILE plays it again, makes \
             the report anew and compares every character. It shows that these steps lead to these results; who made them, it cannot show."
                .to_owned(),
        ),
    ]
}
