//! The rows of every menu, made when it is opened.

use std::collections::BTreeSet;

use super::choice::Choice;
use super::menu::{Menu, MenuKind, Row};
use crate::narration::{self, ActionTarget};
use crate::tui::glyphs::Glyphs;
use crate::tui::keys::{Action, Binding, Context, KeyMap};
use crate::tui::lab_screen::LabScreen;
use crate::tui::layout::Preset;
use crate::tui::panes;
use crate::tui::port::Port;
use crate::tui::session;

/// The answers to the task's question.
pub fn predict(lab: &LabScreen) -> Menu {
    answers(lab.view.task.question())
}

/// The answers to a question.
pub fn answers(question: Option<&narration::PredictionRow>) -> Menu {
    let options = question.into_iter().flat_map(|question| &question.options).enumerate();
    let rows = options.map(|(nth, option)| Row::new(option, "", Choice::Answer(nth)));
    let mut menu = Menu::walked(MenuKind::Predict, numbered(rows));
    if question.is_some_and(|question| question.past) {
        "What do you think?".clone_into(&mut menu.name);
    }
    Menu { question: Some(question.map(|question| question.ask.clone()).unwrap_or_default()), ..menu }
}

/// Statements to insert, with the names of this world.
pub fn snippets(lab: &LabScreen) -> Menu {
    let parts = narration::Parts::of(lab.session.lab());
    let parts = parts.map(|parts| Row::new("From parts", "Put a statement together", Choice::Build(parts)));
    let rows = narration::snippets(lab.session.lab()).into_iter();
    let rows = rows.map(|s| Row::new(s.name.clone(), s.about.clone(), Choice::Insert(s)));
    Menu::walked(MenuKind::Snippets, numbered(rows.chain(parts)))
}

/// Everybody for whom a statement may be, by the numbers that they act by.
pub fn for_whom(lab: &LabScreen, snippet: &narration::Snippet) -> Menu {
    let lab = lab.session.lab();
    let rows = narration::for_whom(lab).into_iter().map(|whom| {
        let named = snippet.for_whom(lab, &whom);
        let key = if whom.number <= 9 { whom.number.to_string() } else { String::new() };
        Row { key, ..Row::new(whom.name, whom.arn, Choice::Insert(named)) }
    });
    let menu = Menu::walked(MenuKind::ForWhom, rows.collect());
    Menu { about: snippet.name.clone(), ..menu }
}

/// The parts of a statement, each with what is chosen, under the sentence that it means. What it changes is seen on the draft:
/// here the answer could be found by trying all.
pub fn parts(parts: &narration::Parts) -> Menu {
    let rows = parts.rows().into_iter().map(|row| {
        let chosen = row.chosen.and_then(|at| row.choices.get(at));
        let detail = chosen.map_or_else(|| format!("{} to choose from", row.choices.len()), String::clone);
        Row::new(row.element, detail, Choice::Build(parts.clone()))
    });
    let menu = Menu::walked(MenuKind::Parts, numbered(rows));
    Menu { question: Some(parts.sentence()), ..menu }
}

/// Edits that would turn the answer around.
pub fn fixes(lab: &LabScreen) -> Menu {
    let rows = narration::fixes(lab.session.lab()).into_iter();
    let rows = rows.map(|f| Row::new(f.label.clone(), f.detail.clone(), Choice::Draft(f)));
    Menu::walked(MenuKind::Fixes, numbered(rows))
}

/// Words that complete the one at the cursor; beside the ARN of a key its alias.
pub fn completions(lab: &LabScreen, words: Vec<String>) -> Menu {
    let alias = |word: &str| {
        let key = lab.view.resources.iter().find(|row| row.is_key && word.ends_with(&row.id));
        key.filter(|row| !row.id.starts_with(&row.name)).map_or("", |row| &row.name)
    };
    let rows = words.into_iter().map(|word| Row::new(word.clone(), alias(&word), Choice::Complete(word)));
    Menu::walked(MenuKind::Completions, rows.collect())
}

/// What can be done with the selected key or grant.
pub fn key(lab: &LabScreen) -> Menu {
    let row = lab.keys_selected;
    let rows = narration::key_actions(lab.session.lab(), row).into_iter();
    let rows = rows.map(|action| Row::new(action.label, action.detail, Choice::Key(action.does)));
    let menu = Menu::walked(MenuKind::Key, numbered(rows));
    let who = lab.view.identities.iter().find(|i| i.acting).map(|i| i.name.as_str()).unwrap_or_default();
    Menu { name: panes::keys::name(&lab.view.keys, row), about: format!("as {who}"), ..menu }
}

/// How long to wait.
pub fn clock(lab: &LabScreen, glyphs: &Glyphs) -> Menu {
    let usual = session::WAITS.map(|(name, seconds, about)| (name.to_owned(), seconds, about.to_owned()));
    // What lies ahead can be walked up to. What is as far away is one choice.
    let ahead = lab.view.due.iter().map(|due| (due.in_short(), due.left.as_secs(), due.what.clone()));
    let mut waits: Vec<(String, i64, String)> = Vec::new();
    for (short, seconds, what) in ahead {
        match waits.iter_mut().find(|(_, known, _)| *known == seconds) {
            Some((_, _, all)) => *all = format!("{all}; {what}"),
            None => waits.push((short, seconds, what)),
        }
    }
    let usual = usual.into_iter().map(|(name, seconds, about)| {
        let same = waits.iter().position(|(_, known, _)| *known == seconds);
        let about = same.map_or(about, |at| waits.remove(at).2);
        Row::new(name.clone(), about, Choice::Wait { name, seconds })
    });
    let mut rows: Vec<Row> = usual.collect();
    rows.extend(waits.into_iter().map(|(short, seconds, what)| {
        Row::new(format!("until +{short}"), what, Choice::Wait { name: short, seconds })
    }));
    let about = format!("{} {}", glyphs.dot, lab.view.head.fidelity);
    Menu { about, ..Menu::walked(MenuKind::Clock, numbered(rows.into_iter())) }
}

/// Every step so far; the first selected is the one at that point, if it is there.
pub fn timeline(lab: &LabScreen, at: Option<crate::lab::Point>) -> Menu {
    let rows = lab.view.steps.iter().cloned();
    let rows = rows
        .map(|step| Row::new(format!("{}  {}", step.time, step.who), step.what.clone(), Choice::Step(step)));
    let selected = at.and_then(|point| lab.view.steps.iter().position(|step| step.point == point));
    Menu { selected: selected.unwrap_or(0), ..Menu::walked(MenuKind::Timeline, rows.collect()) }
}

/// Returns the menu of the documents to open.
pub fn documents(lab: &LabScreen, glyphs: &Glyphs) -> Menu {
    let rows = narration::document_rows(lab.session.lab()).into_iter().map(|(document, row)| Row {
        group: row.group,
        key: match (row.shown, row.draft) {
            (true, _) => glyphs.open.into(),
            (false, true) => glyphs.dirty.into(),
            (false, false) => String::new(),
        },
        ..Row::new(
            row.name,
            if row.draft { format!("draft {} {}", glyphs.dot, row.about) } else { row.about },
            Choice::Open(document),
        )
    });
    Menu::typed(MenuKind::Documents, rows.collect())
}

/// Returns the menu of the calls to watch.
pub fn watch(lab: &LabScreen, glyphs: &Glyphs) -> Menu {
    let rows = lab.session.lab().watchable().into_iter().map(|row| Row {
        group: row.group.to_owned(),
        key: if row.now { glyphs.open.into() } else { String::new() },
        ..Row::new(row.watched.title(), row.detail, Choice::Watch(row.watched))
    });
    Menu::typed(MenuKind::Watch, rows.collect())
}

/// Everybody whom the list of identities does not hold.
pub fn anybody(lab: &LabScreen) -> Menu {
    let rows = lab.session.lab().everybody_else().into_iter().map(|somebody| {
        let label = somebody.name.clone().unwrap_or_else(|| somebody.title.clone());
        let title = Some(&somebody.title).filter(|title| **title != label);
        let detail = somebody.why_not.as_ref().or(title).cloned().unwrap_or_default();
        Row::new(label, detail, Choice::TakeOn(somebody))
    });
    Menu::typed(MenuKind::Anybody, rows.collect())
}

/// Versions of the document on the screen.
pub fn versions(lab: &LabScreen) -> Menu {
    let rows = narration::versions(lab.session.lab()).into_iter().map(|(text, row)| {
        let label = format!("{}  {}", row.time, row.who);
        Row::new(label, format!("{}, {} lines", row.what, row.lines), Choice::Version(text, row))
    });
    Menu::walked(MenuKind::Versions, numbered(rows))
}

/// Actions to ask about.
pub fn who_can(lab: &LabScreen) -> Menu {
    let rows = narration::known_actions(lab.session.lab()).into_iter();
    let rows = rows.map(|(action, access)| Row::new(action.clone(), access, Choice::WhoCan(action)));
    Menu::typed(MenuKind::WhoCan, rows.collect())
}

/// What an action can be done to.
pub fn who_can_to(action: &str, targets: Vec<ActionTarget>) -> Menu {
    let rows = targets.into_iter().map(|target| {
        let (label, arn) = (target.label.clone(), target.arn.clone());
        Row::new(label, arn, Choice::WhoCanTo(action.to_owned(), target))
    });
    Menu::typed(MenuKind::WhoCanTo(action.to_owned()), rows.collect())
}

/// The first nine rows with the digit that chooses each.
fn numbered(rows: impl Iterator<Item = Row>) -> Vec<Row> {
    let key = |nth: usize| if nth < 9 { (nth + 1).to_string() } else { String::new() };
    rows.enumerate().map(|(nth, row)| Row { key: key(nth), ..row }).collect()
}

/// The contexts whose actions make sense in a place, its own first.
fn contexts(place: Context) -> Vec<Context> {
    match place {
        // Nothing happens to a lesson by accident.
        Context::Home | Context::Present => vec![place],
        Context::Editor => vec![Context::Editor, Context::Lab, Context::Console],
        Context::Console => vec![Context::Console, Context::Lab, Context::Editor],
        Context::Lab | Context::List => vec![Context::Lab, Context::Editor, Context::Console],
    }
}

/// The rows of a place; in a presentation those first that are its own.
fn bindings(keys: &KeyMap, context: Context) -> Vec<&Binding> {
    let mut rows: Vec<&Binding> = keys.rows(context).collect();
    if context == Context::Present {
        rows.sort_by_key(|binding| binding.contexts != [Context::Present]);
    }
    rows
}

fn binding_row(binding: &Binding, key: String) -> Row {
    let group = binding.group.clone();
    Row { key, group, ..Row::new(&binding.name, &binding.help, Choice::Act(binding.action)) }
}

/// Every action once, those of the present place first; then the arrangements and the identities of the lab.
pub fn palette(place: Context, lab: Option<&LabScreen>, keys: &KeyMap) -> Menu {
    let mut seen = BTreeSet::new();
    let mut rows = Vec::new();
    for context in contexts(place) {
        for binding in bindings(keys, context) {
            // These move inside lists and text, or are the palette itself.
            let moving = matches!(
                binding.action,
                Action::Palette
                    | Action::Up
                    | Action::Down
                    | Action::Identity
                    | Action::Indent
                    | Action::Back
            );
            if !moving && seen.insert(binding.action) {
                rows.push(binding_row(binding, binding.short_label()));
            }
        }
    }
    if let Some(lab) = lab {
        // Each arrangement by its name; the key walks through them. Two sessions have a key of their own.
        let named = |preset: &Preset| place != Context::Present && *preset != Preset::Compare;
        for preset in Preset::ALL.into_iter().filter(named) {
            let label = format!("layout {}", preset.name());
            let row = Row::new(label, preset.about(), Choice::Layout(preset));
            rows.push(Row { group: "Screen".into(), ..row });
        }
        let identities = lab.view.identities.iter().enumerate().map(|(nth, identity)| {
            let label = format!("act as {}", identity.name);
            let row = Row::new(label, "Make the next calls as this identity", Choice::Identity(nth));
            let key = if identity.number <= 9 { identity.number.to_string() } else { String::new() };
            Row { group: "Act".into(), key, ..row }
        });
        rows.extend(identities);
    }
    Menu::typed(MenuKind::Palette, rows)
}

/// Every key of the present place under its heading; first how clients on the wire reach the lab, where they do.
pub fn help(place: Context, keys: &KeyMap, port: Option<&Port>) -> Menu {
    let mut rows: Vec<Row> = Vec::new();
    let mut groups: Vec<String> = Vec::new();
    let mut seen = BTreeSet::new();
    // While somebody types, letters are no keys.
    let typing = matches!(place, Context::Editor | Context::Console);
    for context in contexts(place).into_iter().take(if typing { 1 } else { usize::MAX }) {
        for binding in bindings(keys, context) {
            if !groups.contains(&binding.group) {
                groups.push(binding.group.clone());
            }
            if seen.insert((binding.action, binding.label())) {
                rows.push(binding_row(binding, binding.label()));
            }
        }
    }
    rows.sort_by_key(|row| groups.iter().position(|group| *group == row.group));
    let port = port.map(|port| {
        let about = "How the AWS CLI and the SDKs on this machine reach this lab";
        Row { group: "Wire".into(), ..Row::new(&port.address, about, Choice::Port(port.clone())) }
    });
    Menu::typed(MenuKind::Help, port.into_iter().chain(rows).collect())
}
