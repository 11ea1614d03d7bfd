//! Every action of the key map: by its key, from the palette, and by the mouse alone; or the reason why not.

use super::{Played, app, keys, play};
use crate::tui::editor::Editor;
use crate::tui::keys::{Action, Context};
use crate::tui::lab_screen::{LabScreen, Present};
use crate::tui::layout::{Pane, Preset};
use crate::tui::message::Effect;
use crate::tui::overlays::{Choice, Overlay};
use crate::tui::shell::Exit;
use crate::tui::theme::ThemeName;

const SIZE: (u16, u16) = (160, 50);

/// One action, tried in A3.
struct Try {
    action: Action,
    /// Where the key is pressed.
    context: Context,
    /// Keys that make the action mean something.
    before: &'static str,
    /// Whether the action has been done. Must not hold before.
    done: fn(&Played) -> bool,
    /// Why the action is not in the palette, and so not there for the mouse either; or how the mouse does it.
    apart: Option<Apart>,
}

/// An action that is not chosen from a list.
enum Apart {
    /// A click on these words does it.
    Click(&'static str),
    /// The wheel over these words does it, down or up.
    Wheel(&'static str, bool),
    /// Only the keyboard does it, because:
    KeyOnly(&'static str),
}

fn lab(played: &Played) -> &LabScreen {
    played.app.lab().expect("a lab is open")
}

fn presenting(played: &Played) -> &Present {
    played.app.lab().and_then(|lab| lab.present.as_ref()).expect("somebody presents")
}

/// The line being typed into the console.
fn line(played: &Played) -> String {
    lab(played).console.line.text().to_owned()
}

fn shows(played: &Played, words: &str) -> bool {
    played.last().contains(words)
}

fn tries() -> Vec<Try> {
    let row = |action, context, before, done| Try { action, context, before, done, apart: None };
    let apart = |action, context, before, done, apart| Try {
        apart: Some(apart),
        ..row(action, context, before, done)
    };
    let in_lab = Context::Lab;
    let in_editor = Context::Editor;
    let at_home = Context::Home;
    let in_console = Context::Console;
    let in_present = Context::Present;
    vec![
        apart(
            Action::Identity,
            in_lab,
            "[identity 2]",
            |p| shows(p, "kim ▸ dynamodb:Scan"),
            Apart::Click("1 kim"),
        ),
        row(Action::ActAs, in_lab, "", |p| shows(p, "Act as anybody")),
        row(Action::Create, in_lab, "", |p| shows(p, "everybody whom the draft names is there")),
        row(Action::Edit, in_lab, "", |p| lab(p).typing),
        row(Action::Run, in_lab, "", |p| shows(p, "ran 09:")),
        row(Action::Watch, in_lab, "", |p| shows(p, "type to narrow, Enter watches")),
        row(
            Action::Apply,
            in_lab,
            "[edit][snippet][choose Key user][choose tess]\
            [back]",
            |p| shows(p, "kms:PutKeyPolicy by kim: done"),
        ),
        row(Action::ApplyAll, in_lab, "[edit]<type  >[back][next-document][edit]<type  >[back]", |p| {
            shows(p, "Apply all drafts")
        }),
        row(Action::NextDocument, in_lab, "", |p| shows(p, "2/4")),
        row(Action::Discard, in_lab, "[edit][snippet][choose Key user][choose tess][back]", |p| {
            shows(p, "Throw")
        }),
        row(Action::Diff, in_lab, "[edit][snippet][choose Key user][choose tess][back]", |p| shows(p, "+ ")),
        row(Action::Hint, in_lab, "", |p| shows(p, "h hint 2 of")),
        row(Action::Predict, in_lab, "", |p| shows(p, "What do you expect?")),
        row(Action::Next, in_lab, "", |p| shows(p, "This scenario is not done")),
        row(Action::Reset, in_lab, "", |p| shows(p, "Start this scenario again")),
        row(Action::Why, in_lab, "", |p| lab(p).expanded),
        row(Action::Fix, in_lab, "[identity 2]", |p| shows(p, "turns this answer around")),
        row(Action::Matrix, in_lab, "", |p| shows(p, "every row")),
        row(Action::MatrixDiffering, in_lab, "", |p| shows(p, "only what differs  S")),
        row(Action::MatrixOrder, in_lab, "", |p| shows(p, "most allowed first")),
        row(Action::MatrixSubject, in_lab, "", |p| shows(p, "Matrix")),
        row(Action::RestartTask, in_lab, "", |p| shows(p, "Go back to where this task began?")),
        row(Action::Export, in_lab, "", |p| shows(p, "Export this lab")),
        row(Action::Import, at_home, "[home]", |p| shows(p, "Import a lab")),
        row(Action::WhoCan, in_lab, "", |p| shows(p, "Who can")),
        row(Action::Timeline, in_lab, "", |p| shows(p, "Timeline")),
        row(Action::Audit, in_lab, "", |p| lab(p).data_events),
        row(Action::Clock, in_lab, "", |p| shows(p, "Let time pass")),
        row(Action::Undo, in_lab, "[identity 2][run]", |p| shows(p, "looking back")),
        row(Action::Redo, in_lab, "[identity 2][run][undo]", |p| !shows(p, "looking back")),
        row(Action::FocusNext, in_lab, "", |p| lab(p).focus == Pane::Policy),
        row(Action::FocusPrevious, in_lab, "", |p| lab(p).focus == Pane::Audit),
        row(Action::FocusRight, in_lab, "", |p| lab(p).focus == Pane::Policy),
        row(Action::FocusDown, in_lab, "", |p| lab(p).focus == Pane::Why),
        row(Action::FocusLeft, in_lab, "[focus-next]", |p| lab(p).focus == Pane::Identities),
        row(Action::FocusUp, in_lab, "[focus-previous]", |p| lab(p).focus == Pane::Answer),
        row(Action::Pin, in_lab, "[focus-next]", |p| lab(p).pinned.contains(&Pane::Policy)),
        row(Action::Zoom, in_lab, "", |p| lab(p).zoom.is_some()),
        row(Action::Layout, in_lab, "", |p| lab(p).preset != Preset::Learn),
        row(Action::Hide, in_lab, "", |p| !lab(p).hidden.is_empty()),
        row(Action::Theme, in_lab, "", |p| p.app.shell.theme.name != ThemeName::Ansi),
        row(Action::Mouse, in_lab, "", |p| p.effects.iter().any(|e| matches!(e, Effect::SetMouse(false)))),
        row(Action::Present, in_lab, "", |p| p.app.lab().is_some_and(|lab| lab.present.is_some())),
        row(Action::CueOn, in_present, "[present]", |p| !presenting(p).frozen),
        row(
            Action::CueBack,
            in_present,
            "[present][cue-on][cue-on][cue-on][cue-on]\
            [cue-on]",
            |p| shows(p, "cue 1 of 3"),
        ),
        row(Action::VoteFor, in_present, "[present]", |p| presenting(p).votes == (1, 0)),
        row(
            Action::VoteForLess,
            in_present,
            "[present][vote-for]\
            [vote-for]",
            |p| presenting(p).votes == (1, 0),
        ),
        row(Action::VoteAgainst, in_present, "[present]", |p| presenting(p).votes == (0, 1)),
        row(
            Action::VoteAgainstLess,
            in_present,
            "[present][vote-against]\
            [vote-against]",
            |p| presenting(p).votes == (0, 1),
        ),
        row(Action::Copy, in_lab, "", |p| p.effects.iter().any(|e| matches!(e, Effect::Copy(_)))),
        row(Action::CopyCli, in_lab, "", |p| {
            p.effects.iter().any(|e| matches!(e, Effect::Copy(t) if t.starts_with("aws ")))
        }),
        row(Action::ExternalEditor, in_lab, "", |p| p.effects.iter().any(|e| matches!(e, Effect::Edit(_)))),
        row(Action::Home, in_lab, "", |p| p.app.lab().is_none()),
        row(Action::Help, in_lab, "", |p| shows(p, "type to narrow")),
        row(Action::Suspend, in_lab, "", |p| p.effects.contains(&Effect::Suspend)),
        row(Action::Redraw, in_lab, "", |p| p.effects.contains(&Effect::Redraw)),
        row(Action::Quit, in_lab, "", |p| p.app.shell.exit == Some(Exit::Left)),
        row(Action::ForceQuit, in_editor, "[edit]", |p| p.app.shell.exit == Some(Exit::Left)),
        row(Action::Search, in_lab, "", |p| shows(p, "find")),
        row(Action::Documents, in_lab, "", |p| shows(p, "type to narrow, Enter opens")),
        row(Action::Versions, in_lab, "", |p| shows(p, "Versions of this document")),
        row(
            Action::SearchPrevious,
            in_lab,
            "[search in lab]<type :>\
            <Enter>",
            |p| lab(p).editor.cursor().0 > 1,
        ),
        row(Action::NextFinding, in_lab, "[edit]<Down><Down><End><type x>[back][top]", |p| {
            lab(p).editor.cursor().0 == 2
        }),
        row(Action::SearchNext, in_lab, "[search in lab]<type :><Enter>", |p| lab(p).editor.cursor().0 > 1),
        row(Action::Open, at_home, "[home]", |p| p.app.lab().is_some()),
        row(Action::Top, at_home, "[home][down][down][down][down][down]", |p| p.app.home.selected == 0),
        row(Action::Bottom, at_home, "[home]", |p| p.app.home.selected > 10),
        row(Action::PageUp, at_home, "[home][bottom]", |p| {
            p.app.home.selected + 5 < p.app.home.library().len()
        }),
        row(Action::PageDown, at_home, "[home]", |p| p.app.home.selected > 5),
        apart(
            Action::Up,
            Context::Home,
            "[home][top][down]",
            |p| p.app.home.selected == 0,
            Apart::Wheel("Full access", false),
        ),
        apart(
            Action::Down,
            Context::Home,
            "[home][top]",
            |p| p.app.home.selected > 0,
            Apart::Wheel("Full access", true),
        ),
        apart(Action::Back, in_editor, "[edit]", |p| !lab(p).typing, Apart::Click("Esc back")),
        apart(
            Action::Palette,
            in_lab,
            "",
            |p| p.app.shell.overlays.iter().any(|o| format!("{o:?}").contains("Palette")),
            Apart::Click("command"),
        ),
        row(Action::TextUndo, in_editor, "[edit]<type x>", |p| !lab(p).dirty()),
        row(Action::TextRedo, in_editor, "[edit]<type x>[text-undo]", |p| lab(p).dirty()),
        apart(
            Action::Indent,
            in_editor,
            "[edit]",
            |p| lab(p).editor.text().starts_with("  {"),
            Apart::KeyOnly("it types two spaces where the next letter goes"),
        ),
        row(Action::DeleteLine, in_editor, "[edit]", |p| lab(p).dirty()),
        row(Action::Format, in_editor, "[edit]<End><type    >", |p| !lab(p).dirty()),
        row(Action::Snippet, in_editor, "[edit]", |p| shows(p, "Insert a statement")),
        row(Action::RemoveStatement, in_editor, "[edit]<Down><Down><Down>", |p| {
            lab(p).editor.text().contains("\"Statement\": []")
        }),
        row(Action::ToggleStatement, in_editor, "[edit]<Down><Down><Down>", |p| {
            lab(p).editor.aside().is_some()
        }),
        row(Action::SelectAll, in_editor, "[edit]", |p| {
            let mut editor = Editor::new(&lab(p).editor.text());
            editor.select_all();
            lab(p).editor.cursor() == editor.cursor()
        }),
        row(Action::Complete, in_editor, "[edit]<Down><Down><Down><Down><Down><End><type \">", |p| {
            !p.app.shell.overlays.is_empty()
        }),
        row(Action::OpenFile, at_home, "[home]", |p| shows(p, "Open a scenario file")),
        row(Action::Beliefs, at_home, "[home]", |p| !p.app.shell.overlays.is_empty()),
        row(Action::Console, in_lab, "", |p| lab(p).console.typing),
        row(Action::Keys, in_lab, "", |p| lab(p).focus == Pane::Keys),
        row(Action::Story, in_lab, "", |p| lab(p).focus == Pane::Story),
        row(Action::Compare, in_lab, "", |p| lab(p).preset == Preset::Compare),
        row(Action::RunLine, in_console, "[console]<type echo hi>", |p| {
            lab(p).session.lab().transcript().shown().len() == 1
        }),
        row(Action::CompleteLine, in_console, "[console]<type aws kms describe-k>", |p| {
            line(p) == "aws kms describe-key "
        }),
        row(
            Action::CompleteBack,
            in_console,
            "[console]<type aws kms >\
            [complete-line]",
            |p| line(p) == "aws kms help",
        ),
        row(Action::OlderLine, in_console, "[console]<type echo 1>[run-line]", |p| line(p) == "echo 1"),
        row(
            Action::NewerLine,
            in_console,
            "[console]<type echo 1>[run-line]<type echo 2>[run-line]\
            [older-line][older-line]",
            |p| line(p) == "echo 2",
        ),
        row(Action::FindLine, in_console, "[console]", |p| shows(p, "(find")),
        row(Action::CancelLine, in_console, "[console]<type x>", |p| line(p).is_empty()),
        row(Action::ClearConsole, in_console, "[console]<type echo hi>[run-line]", |p| !shows(p, "echo hi")),
        row(Action::LineStart, in_console, "[console]<type ab>", |p| lab(p).console.line.cursor() == 0),
        row(
            Action::LineEnd,
            in_console,
            "[console]<type ab>\
            [line-start]",
            |p| lab(p).console.line.cursor() == 2,
        ),
        row(Action::DeleteWord, in_console, "[console]<type a b>", |p| line(p) == "a "),
        row(Action::DeleteBefore, in_console, "[console]<type ab>", |p| line(p).is_empty()),
        row(Action::DeleteAfter, in_console, "[console]<type ab>[line-start]", |p| line(p).is_empty()),
        row(Action::PutBack, in_console, "[console]<type ab>[delete-before]", |p| line(p) == "ab"),
    ]
}

/// The script of the key that does it.
fn key_of(action: Action, context: Context) -> String {
    // The table's own name of an action is its variant's in other letters.
    let name = format!("{action:?}").chars().fold(String::new(), |name, letter| match letter {
        'A'..='Z' if !name.is_empty() => format!("{name}-{}", letter.to_ascii_lowercase()),
        letter => format!("{name}{}", letter.to_ascii_lowercase()),
    });
    format!("[{name} in {}]", context.name())
}

fn start(before: &str) -> Played {
    play(app(Some("a3"), false), SIZE, keys(&format!("{before}<shot>")))
}

/// Goes on where `played` is; what was asked of the outside before counts no longer.
fn go_on(mut played: Played, script: &str) -> Played {
    // A script that ends looks like a terminal that is lost.
    played.app.shell.exit = None;
    play(played.app, SIZE, keys(&format!("{script}<shot>")))
}

/// Where words stand on the screen; the lowest place, since the footer is below everything.
fn place(screen: &str, words: &str) -> Option<(usize, usize)> {
    let lines: Vec<(usize, &str)> = screen.lines().enumerate().collect();
    lines.into_iter().rev().find_map(|(y, line)| {
        let at = line.find(words)?;
        Some((crate::tui::text::width(&line[..at]) + 1, y))
    })
}

#[test]
fn every_row_of_the_key_map_is_tried() {
    let tries = tries();
    for binding in app(None, false).shell.keys.bindings() {
        assert!(tries.iter().any(|t| t.action == binding.action), "nobody tries {:?}", binding.action);
    }
}

#[test]
fn every_action_is_done_by_its_key() {
    let mut wrong = Vec::new();
    for t in tries() {
        let before = start(t.before);
        if (t.done)(&before) {
            wrong.push(format!("{:?} is done before it is asked for:\n{}", t.action, before.last()));
            continue;
        }
        let after = go_on(before, &key_of(t.action, t.context));
        if !(t.done)(&after) {
            wrong.push(format!("{:?} by key:\n{}", t.action, after.last()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_action_is_done_from_the_palette() {
    let mut wrong = Vec::new();
    for t in tries().into_iter().filter(|t| t.apart.is_none()) {
        let opened = go_on(
            start(t.before),
            if matches!(t.context, Context::Editor | Context::Console) {
                "[palette in console]"
            } else {
                "[palette in lab]"
            },
        );
        let Some(Overlay::Menu(palette)) = opened.app.shell.overlays.last() else { panic!("no palette") };
        let at = palette
            .rows
            .iter()
            .position(|row| matches!(row.choice, Choice::Act(action) if action == t.action))
            .unwrap_or_else(|| panic!("{:?} is not in the palette", t.action));
        let after = go_on(opened, &format!("{}[open]", "[down]".repeat(at)));
        if !(t.done)(&after) {
            wrong.push(format!("{:?} from the palette:\n{}", t.action, after.last()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_action_is_done_by_the_mouse() {
    let mut wrong = Vec::new();
    for t in tries() {
        let before = start(t.before);
        let after = match &t.apart {
            Some(Apart::KeyOnly(reason)) => {
                assert!(!reason.is_empty());
                continue;
            }
            Some(Apart::Click(words)) => {
                let (x, y) = place(before.last(), words).unwrap_or_else(|| panic!("{words} is not there"));
                go_on(before, &format!("<click {x},{y}>"))
            }
            Some(Apart::Wheel(words, down)) => {
                let (x, y) = place(before.last(), words).unwrap_or_else(|| panic!("{words} is not there"));
                go_on(before, &format!("<wheel-{} {x},{y}>", if *down { "down" } else { "up" }))
            }
            None => {
                let (x, y) = place(before.last(), "command").unwrap_or_else(|| panic!("{}", before.last()));
                let mut palette = go_on(before, &format!("<click {x},{y}>"));
                let help = palette
                    .app
                    .shell
                    .keys
                    .bindings()
                    .iter()
                    .find(|b| b.action == t.action)
                    .expect("a row")
                    .help
                    .clone();
                let words: String = help.chars().take(24).collect();
                for _ in 0..40 {
                    if place(palette.last(), &words).is_some() {
                        break;
                    }
                    palette = go_on(palette, &format!("<wheel-down {},{}>", SIZE.0 / 2, SIZE.1 / 2));
                }
                let (x, y) = place(palette.last(), &words)
                    .unwrap_or_else(|| panic!("{:?} ({words}) is not shown:\n{}", t.action, palette.last()));
                go_on(palette, &format!("<click {x},{y}>"))
            }
        };
        if !(t.done)(&after) {
            wrong.push(format!("{:?} by the mouse:\n{}", t.action, after.last()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
