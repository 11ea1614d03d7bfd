//! The console's keys, and running what was typed.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::{Outcome, refresh};
use crate::aws_cli;
use crate::tui::app::{App, Mood};
use crate::tui::keys::Action;
use crate::tui::layout::{Pane, Preset};
use crate::tui::message::Effect;
use crate::tui::prompt::Cut;
use crate::tui::view;

/// Shows the console and lets keys go into it.
pub fn open(app: &mut App) {
    if app.lab.is_none() {
        return;
    }
    app.at_home = false;
    let shown = app.regions().panes().contains(&Pane::Console);
    let Some(lab) = &mut app.lab else { return };
    if !shown {
        lab.preset = Preset::Console;
        lab.zoom = None;
    }
    lab.hidden.remove(&Pane::Console);
    lab.typing = false;
    lab.focus = Pane::Console;
    lab.console.typing = true;
    lab.console.back = 0;
    refresh::refresh(app);
}

/// An action of the console's part of the key map.
pub fn act(app: &mut App, action: Action) -> Outcome {
    let Some(lab) = &mut app.lab else { return Outcome::default() };
    let (lines, prompt) = (&lab.console.lines, &mut lab.console.line);
    lab.console.back = 0;
    match action {
        Action::RunLine => return enter(app),
        Action::CompleteLine | Action::CompleteBack => {
            let found = lab.session.complete_line(prompt.text(), prompt.cursor());
            if !prompt.complete(found, action == Action::CompleteBack) {
                app.toast = Some((Mood::Bad, "nothing here starts like that".into()));
            }
        }
        Action::OlderLine => match prompt.choices() {
            Some(_) => drop(prompt.complete(aws_cli::Completion::default(), true)),
            None => prompt.up(lines),
        },
        Action::NewerLine => match prompt.choices() {
            Some(_) => drop(prompt.complete(aws_cli::Completion::default(), false)),
            None => prompt.down(lines),
        },
        Action::FindLine => prompt.find(lines),
        Action::CancelLine => {
            if !prompt.cancel() && prompt.take().is_empty() {
                app.toast = Some((
                    Mood::Note,
                    "the line is empty; Esc leaves the console, then q leaves kmslab".into(),
                ));
            }
        }
        Action::ClearConsole => {
            lab.session.clear_console();
            return Outcome::asking(Effect::Redraw);
        }
        Action::LineStart => prompt.go_to_edge(false),
        Action::LineEnd => prompt.go_to_edge(true),
        Action::DeleteWord => prompt.cut(Cut::Word),
        Action::DeleteBefore => prompt.cut(Cut::Before),
        Action::DeleteAfter => prompt.cut(Cut::After),
        Action::PutBack => prompt.put_back(),
        _ => return Outcome::default(),
    }
    Outcome::changed()
}

/// A key that is no action: text, and moving in it.
pub fn key(app: &mut App, key: KeyEvent) -> Outcome {
    let Some(lab) = &mut app.lab else { return Outcome::default() };
    let (lines, prompt) = (&lab.console.lines, &mut lab.console.line);
    let by_word = key.modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT);
    match key.code {
        KeyCode::Char('b') if key.modifiers.contains(KeyModifiers::ALT) => prompt.step_word(false),
        KeyCode::Char('f') if key.modifiers.contains(KeyModifiers::ALT) => prompt.step_word(true),
        // ctrl-d, as a shell takes it: forward in a line, out of an empty one.
        KeyCode::Char('d') if key.modifiers.contains(KeyModifiers::CONTROL) => {
            if prompt.text().is_empty() {
                lab.console.typing = false;
            } else {
                prompt.delete();
            }
        }
        KeyCode::Char(c) if super::plain(key) => {
            if !prompt.insert(&c.to_string(), lines) {
                app.toast = Some((Mood::Bad, "the line is full".into()));
            }
        }
        KeyCode::Backspace if by_word => prompt.cut(Cut::Word),
        KeyCode::Backspace => prompt.backspace(lines),
        KeyCode::Delete => prompt.delete(),
        KeyCode::Left if by_word => prompt.step_word(false),
        KeyCode::Right if by_word => prompt.step_word(true),
        KeyCode::Left => prompt.step(false),
        KeyCode::Right => prompt.step(true),
        _ => return Outcome::default(),
    }
    lab.console.back = 0;
    Outcome::changed()
}

/// Pasted text goes into the line as it is; nothing runs before Enter.
pub fn paste(app: &mut App, text: &str) -> Outcome {
    let Some(lab) = &mut app.lab else { return Outcome::default() };
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let (lines, prompt) = (&lab.console.lines, &mut lab.console.line);
    if !prompt.insert(text.trim_end_matches('\n'), lines) {
        app.toast = Some((Mood::Bad, "not pasted: it is more than the console takes (256 KB)".into()));
    }
    lab.console.back = 0;
    Outcome::changed()
}

/// Enter: takes the completion, goes on to a new line, or runs what was typed.
fn enter(app: &mut App) -> Outcome {
    let Some(lab) = &mut app.lab else { return Outcome::default() };
    let prompt = &mut lab.console.line;
    if let Some(nth) = prompt.choices().and_then(|c| c.selected) {
        prompt.choose(nth);
        return Outcome::changed();
    }
    prompt.settle();
    if prompt.text().trim().is_empty() {
        prompt.take();
        return Outcome::changed();
    }
    if !aws_cli::is_complete(prompt.text()) {
        prompt.go_to_edge(true);
        prompt.insert("\n", &[]);
        return Outcome::changed();
    }
    let text = prompt.take();
    run(app, &text);
    Outcome::changed()
}

/// Runs a text, command by command, so that each stands above its own answer.
fn run(app: &mut App, text: &str) {
    let Some(lab) = &mut app.lab else { return };
    let dirty = lab.dirty();
    for command in commands(text) {
        if command.trim() == "clear" {
            lab.session.clear_console();
            continue;
        }
        lab.session.type_text(&command);
        if lab.session.left_console() {
            lab.console.typing = false;
            break;
        }
    }
    lab.console.lines = lab.session.typed_lines();
    refresh::world_changed(app, dirty);
}

/// A text cut where a command ends.
fn commands(text: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut command = String::new();
    for line in text.lines() {
        if !command.is_empty() {
            command.push('\n');
        }
        command.push_str(line);
        if aws_cli::is_complete(&command) {
            out.push(std::mem::take(&mut command));
        }
    }
    out.push(command);
    out.retain(|command| !command.trim().is_empty());
    out
}

/// Scrolls what was printed; positive is towards the end.
pub fn scroll(app: &mut App, by: isize) {
    let Some(rect) = app.regions().pane(Pane::Console) else { return };
    let most = view::console_rows(app, rect).saturating_sub(usize::from(rect.height.saturating_sub(2)));
    if let Some(lab) = &mut app.lab {
        lab.console.back = lab.console.back.saturating_add_signed(-by).min(most);
    }
}

/// Goes to the next older row that holds the words; with none given, to the one above that.
pub fn search(app: &mut App, wanted: &str) {
    let Some(rect) = app.regions().pane(Pane::Console) else { return };
    let rows = view::console_text(app, rect);
    let height = usize::from(rect.height.saturating_sub(2)).max(1);
    let Some(lab) = &mut app.lab else { return };
    if !wanted.is_empty() {
        lab.console.wanted = wanted.to_lowercase();
        lab.console.found = None;
    }
    if lab.console.wanted.is_empty() {
        app.toast = Some((Mood::Bad, "nothing to look for yet: / searches".into()));
        return;
    }
    let before = lab.console.found.unwrap_or(rows.len()).min(rows.len());
    let fits = |row: &String| row.to_lowercase().contains(&lab.console.wanted);
    // The line being typed is not part of what was printed.
    let found = rows.iter().take(before).rposition(fits).or_else(|| rows.iter().rposition(fits));
    match found {
        Some(row) => {
            lab.console.found = Some(row);
            lab.console.back =
                rows.len().saturating_sub(row + height / 2 + 1).min(rows.len().saturating_sub(height));
        }
        None => app.toast = Some((Mood::Bad, format!("{:?} was not printed here", lab.console.wanted))),
    }
}
