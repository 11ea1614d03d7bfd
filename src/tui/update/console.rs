//! The console's keys, and running what was typed.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::Reaction;
use crate::aws_cli;
use crate::limits::Exceeded;
use crate::limits::screen::CONSOLE_TEXT;
use crate::tui::lab_screen::{ConsoleState, LabScreen};
use crate::tui::layout::{Pane, Preset};
use crate::tui::message::Effect;
use crate::tui::prompt::Cut;
use crate::tui::shell::Shell;
use crate::tui::view;

/// Shows the console and lets keys go into it.
pub fn open(lab: &mut LabScreen, shell: &mut Shell) {
    if !lab.console.typing && lab.focus != Pane::Console {
        lab.console.from = Some((lab.focus, lab.zoom));
    }
    lab.zoom = None;
    lab.hidden.remove(&Pane::Console);
    lab.typing = false;
    lab.console.typing = true;
    // Where it has no place of its own, it comes as a drawer over the panes below, as long as somebody types.
    lab.focus = Pane::Console;
    if !lab.regions(shell.area).panes().contains(&Pane::Console) {
        lab.preset = Preset::Console;
    }
    lab.console.back = 0;
}

/// Completes the word at the cursor, or walks through what it could become.
pub fn complete(lab: &mut LabScreen, shell: &mut Shell, back: bool) {
    let line = &mut lab.console.line;
    lab.console.back = 0;
    let found = lab.session.lab().complete(line.text(), line.cursor());
    if !line.complete(found, back) {
        shell.bad("nothing here starts like that");
    }
}

/// Goes to the line typed before, or up in the list of completions.
pub fn older(console: &mut ConsoleState) {
    match console.line.choices() {
        Some(_) => drop(console.line.complete(aws_cli::Completion::default(), true)),
        None => console.line.up(&console.lines),
    }
}

/// Goes to the line typed after, or down in the list of completions.
pub fn newer(console: &mut ConsoleState) {
    match console.line.choices() {
        Some(_) => drop(console.line.complete(aws_cli::Completion::default(), false)),
        None => console.line.down(&console.lines),
    }
}

/// Looks among the lines typed before, or goes to the next older match.
pub fn find(console: &mut ConsoleState) {
    console.line.find(&console.lines);
}

/// Cuts a part of the line.
pub fn cut(lab: &mut LabScreen, part: Cut) -> Reaction {
    line(lab, |console| console.line.cut(part))
}

/// Takes back what is going on in the line, else the line.
pub fn cancel(lab: &mut LabScreen, shell: &mut Shell) {
    lab.console.back = 0;
    let line = &mut lab.console.line;
    if !line.cancel() && line.take().is_empty() {
        shell.note("the line is empty; Esc leaves the console, then q leaves kmslab");
    }
}

/// Clears what was printed.
pub fn clear(lab: &mut LabScreen) -> Reaction {
    lab.console.back = 0;
    lab.session.lab_mut().clear_transcript();
    Reaction::asking(Effect::Redraw)
}

/// Changes the line as a key asks; its end is on the screen then.
pub fn line(lab: &mut LabScreen, change: impl FnOnce(&mut ConsoleState)) -> Reaction {
    lab.console.back = 0;
    change(&mut lab.console);
    Reaction::changed()
}

/// Takes a key that is no action: text, and moving in it.
#[expect(clippy::wildcard_enum_match_arm, reason = "crossterm knows many keys, and most mean nothing here")]
pub fn key(console: &mut ConsoleState, shell: &mut Shell, key: KeyEvent) -> Reaction {
    let (lines, prompt) = (&console.lines, &mut console.line);
    let by_word = key.modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT);
    match key.code {
        KeyCode::Char('b') if key.modifiers.contains(KeyModifiers::ALT) => prompt.step_word(false),
        KeyCode::Char('f') if key.modifiers.contains(KeyModifiers::ALT) => prompt.step_word(true),
        // ctrl-d, as a shell takes it: forward in a line, out of an empty one.
        KeyCode::Char('d') if key.modifiers.contains(KeyModifiers::CONTROL) => {
            if prompt.text().is_empty() {
                console.typing = false;
            } else {
                prompt.delete();
            }
        }
        KeyCode::Char(c) if super::plain(key) => {
            if !prompt.insert(&c.to_string(), lines) {
                shell.bad("the line is full");
            }
        }
        KeyCode::Backspace if by_word => prompt.cut(Cut::Word),
        KeyCode::Backspace => prompt.backspace(lines),
        KeyCode::Delete => prompt.delete(),
        KeyCode::Left if by_word => prompt.step_word(false),
        KeyCode::Right if by_word => prompt.step_word(true),
        KeyCode::Left => prompt.step(false),
        KeyCode::Right => prompt.step(true),
        _ => return Reaction::default(),
    }
    console.back = 0;
    Reaction::changed()
}

/// Puts pasted text into the line as it is; nothing runs before Enter.
pub fn paste(console: &mut ConsoleState, shell: &mut Shell, text: &str) -> Reaction {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    if !console.line.insert(text.trim_end_matches('\n'), &console.lines) {
        shell.bad(format!("not pasted: {}; file:// reads a file", Exceeded(&CONSOLE_TEXT)));
    }
    console.back = 0;
    Reaction::changed()
}

/// Takes the completion, goes on to a new line, or runs what was typed.
pub fn enter(lab: &mut LabScreen) -> Reaction {
    lab.console.back = 0;
    let prompt = &mut lab.console.line;
    if let Some(nth) = prompt.choices().and_then(|c| c.selected) {
        prompt.choose(nth);
        return Reaction::changed();
    }
    prompt.settle();
    if prompt.text().trim().is_empty() {
        prompt.take();
        return Reaction::changed();
    }
    if !aws_cli::is_complete(prompt.text()) {
        prompt.go_to_edge(true);
        prompt.insert("\n", &[]);
        return Reaction::changed();
    }
    let text = prompt.take();
    run(lab, &text);
    Reaction::changed()
}

/// Runs a text, command by command, so that each stands above its own answer.
fn run(lab: &mut LabScreen, text: &str) {
    let dirty = lab.dirty();
    for command in commands(text) {
        if command.trim() == "clear" {
            lab.session.lab_mut().clear_transcript();
            continue;
        }
        lab.session.lab_mut().type_text(&command);
        if lab.session.lab_mut().left_console() {
            lab.console.typing = false;
            break;
        }
    }
    lab.console.lines = lab.session.lab().transcript().lines().map(str::to_owned).collect();
    lab.world_changed(dirty);
}

/// A text cut where a command ends.
fn commands(text: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut command = String::new();
    let mut typing = aws_cli::Typing::default();
    for line in text.lines() {
        if !command.is_empty() {
            command.push('\n');
            typing.add("\n");
        }
        command.push_str(line);
        typing.add(line);
        if typing.is_whole() {
            out.push(std::mem::take(&mut command));
            typing = aws_cli::Typing::default();
        }
    }
    out.push(command);
    out.retain(|command| !command.trim().is_empty());
    out
}

/// Goes to the next older row that holds the words; with none given, to the one above that.
pub fn search(lab: &mut LabScreen, shell: &mut Shell, wanted: &str) {
    let Some(rect) = lab.regions(shell.area).pane(Pane::Console) else { return };
    let rows = view::console_text(lab, shell, rect);
    let height = usize::from(rect.height.saturating_sub(2)).max(1);
    if !wanted.is_empty() {
        lab.console.wanted = wanted.to_lowercase();
        lab.console.found = None;
    }
    if lab.console.wanted.is_empty() {
        shell.bad("nothing to look for yet: / searches");
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
        None => shell.bad(format!("`{}` was not printed here", lab.console.wanted)),
    }
}
