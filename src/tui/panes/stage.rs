//! The upper rows of the screen: the task with its open checks and the key that comes next, and what mode the keyboard is in.
//!
//! They and the way of the watched call below them are as high as what they say: nothing that teaches is cut. The panes share
//! what is left.

use ratatui::style::Modifier;
use ratatui::text::{Line, Span};

use super::Ctx;
use super::task;
use crate::narration::{LabView, Next};
use crate::tui::keys::{Action, Context};
use crate::tui::sanitize::clean;
use crate::tui::text;

/// The rows of the task: what to do, its checks, what is said of a mistake, the hint that was asked for last, the key
/// that comes next.
pub fn task_rows(
    view: &LabView,
    next: Option<&Next>,
    place: Context,
    hint: bool,
    low: bool,
    ctx: &Ctx<'_>,
    width: usize,
) -> Vec<Line<'static>> {
    let inner = width.saturating_sub(2).max(1);
    // Whoever types on a low screen needs the rows for the text; a second way takes rows, too.
    let folded = low && (matches!(place, Context::Editor | Context::Console) || view.other.is_some());
    let mut out = task::pinned(view, ctx, inner, folded, low);
    if hint
        && !view.head.done
        && let Some(words) = view.task.hints.last()
    {
        let number = view.task.hints.len();
        let count = format!("hint {number} of {}  ", view.task.hint_count);
        let line = Line::from(vec![
            Span::styled(count, ctx.theme.accent),
            Span::styled(clean(words).into_owned(), ctx.theme.text),
        ]);
        out.extend(text::wrap_line(&line, inner, 2));
    }
    if let Some(next) = next {
        let words = next_words(next, view, place, ctx);
        // Between their count and the next key the first open check, where both leave it room.
        if let Some((last, open)) = out.last_mut().zip(task::first_open(&view.task, ctx)).filter(|_| folded) {
            let both: Vec<Span<'_>> = open.iter().chain(&words).cloned().collect();
            if has_room(last, &both, inner) {
                last.spans.extend(open);
            }
        }
        match out.last_mut().filter(|last| has_room(last, &words, inner)) {
            Some(last) => at_the_right(last, words, inner),
            None => out.push(Line::from(words)),
        }
    }
    if let Some(words) = hint_words(view, place, ctx) {
        // Where a text ends: between its rows the words would be read as its own.
        let said = text::wrap(&clean(&view.task.say), inner, ctx.theme.text).len();
        let ends = [said, out.len()].map(|rows| rows.saturating_sub(1));
        let free = ends.into_iter().find(|at| out.get(*at).is_some_and(|line| has_room(line, &words, inner)));
        match free.and_then(|at| out.get_mut(at)) {
            Some(line) => at_the_right(line, words, inner),
            None if folded => {}
            None => out.push(Line::from(words)),
        }
    }
    out.into_iter().map(|line| task::indented(line, " ")).collect()
}

/// The key that gives the next hint, if there is one.
fn hint_words(view: &LabView, place: Context, ctx: &Ctx<'_>) -> Option<Vec<Span<'static>>> {
    // Where one types, its letter is text.
    let is_typing = matches!(place, Context::Editor | Context::Console);
    let next = view.task.hint_next.filter(|_| !view.head.done && !is_typing)?;
    let words = format!(" hint {next} of {}", view.task.hint_count);
    Some(ctx.key_words(&ctx.key(Action::Hint), &words, ctx.theme.dim).to_vec())
}

fn has_room(line: &Line<'_>, words: &[Span<'_>], width: usize) -> bool {
    line.width() + 2 + words.iter().map(Span::width).sum::<usize>() <= width
}

fn at_the_right(line: &mut Line<'static>, words: Vec<Span<'static>>, width: usize) {
    let used = line.width() + words.iter().map(Span::width).sum::<usize>();
    line.push_span(Span::raw(" ".repeat(width.saturating_sub(used))));
    line.spans.extend(words);
}

/// The command of the AWS CLI that makes an operation.
fn command_of(operation: &str) -> String {
    operation
        .split_once(':')
        .map_or_else(String::new, |(service, name)| format!("aws {service} {}", crate::aws_cli::kebab(name)))
}

/// The next key, lit, and what it does.
fn next_words(next: &Next, view: &LabView, place: Context, ctx: &Ctx<'_>) -> Vec<Span<'static>> {
    let key = |action| ctx.keys.label(Context::Lab, action);
    // Whoever is at the console can make the call there.
    if let (Context::Console, Some(operation)) = (place, &view.next_operation) {
        return vec![
            Span::styled("next ", ctx.theme.dim),
            Span::styled(command_of(operation), ctx.theme.accent),
        ];
    }
    let (action_key, words) = match next {
        Next::Predict => (key(Action::Predict), task::guess_word(&view.task).to_owned()),
        Next::ActAs(nth, name) => (nth.to_string(), format!("act as {}", clean(name))),
        Next::Run => (key(Action::Run), run_word(view)),
        Next::Insert => (ctx.keys.label(Context::Editor, Action::Snippet), "put a statement in".to_owned()),
        Next::Watch => (key(Action::Watch), "choose another call".to_owned()),
        Next::Edit if place == Context::Editor && view.help_waits.is_some() && !view.parts_offered => {
            (String::new(), format!("write the {}", view.document.part()))
        }
        Next::Edit if place == Context::Editor && !view.document.has_statements() => {
            (String::new(), format!("write the {}", view.document.part()))
        }
        Next::Edit if place == Context::Editor => {
            (ctx.keys.label(Context::Editor, Action::Snippet), "put a statement in, or type".to_owned())
        }
        Next::TakeOut(sid) if place == Context::Editor => (
            ctx.keys.label(Context::Editor, Action::RemoveStatement),
            format!("with the cursor in {}: take it out", clean(sid)),
        ),
        Next::Change if place == Context::Editor => {
            (String::new(), format!("change the {}", view.document.part()))
        }
        Next::Mend if place == Context::Editor => {
            (ctx.keys.label(Context::Editor, Action::TextUndo), "undo, or mend the draft".to_owned())
        }
        Next::Mend => (key(Action::Edit), "mend the draft".to_owned()),
        Next::Edit | Next::Change | Next::TakeOut(_) => {
            (key(Action::Edit), format!("edit the {}", view.document.noun()))
        }
        Next::Apply => (ctx.keys.label(Context::Editor, Action::Apply), "make it real".to_owned()),
        Next::Open => {
            let what = match view.next_operation.as_deref() {
                Some("dynamodb:PutItem") => "open an item",
                Some("events:PutRule") => "open a rule",
                Some(_) | None => "open a policy",
            };
            (key(Action::Documents), what.to_owned())
        }
        Next::Wait => (key(Action::Clock), "let time pass".to_owned()),
        Next::Keys if view.next_operation.as_deref().is_some_and(ends_a_grant) => {
            (key(Action::Keys), "the keys; Down to the grant; again: what can be done with it".to_owned())
        }
        Next::Keys => (key(Action::Keys), "twice: what can be done with a key".to_owned()),
        Next::Console(Some(operation)) => (key(Action::Console), command_of(operation)),
        Next::Console(None) => (key(Action::Console), "type a line at the console".to_owned()),
        Next::TakeBack(1) => (key(Action::Undo), "take it back".to_owned()),
        Next::TakeBack(times) => (key(Action::Undo), format!("{times} times, to take it back")),
        Next::NextScenario => (key(Action::Next), "the next scenario".to_owned()),
    };
    let typing = matches!(place, Context::Editor | Context::Console);
    let stays = match next {
        Next::Edit | Next::Insert | Next::Change | Next::TakeOut(_) | Next::Mend | Next::Apply => {
            place == Context::Editor
        }
        Next::Console(_) => place == Context::Console,
        Next::Predict
        | Next::ActAs(..)
        | Next::Run
        | Next::Watch
        | Next::Open
        | Next::Wait
        | Next::Keys
        | Next::TakeBack(_)
        | Next::NextScenario => false,
    };
    let mut out = vec![Span::styled("next ", ctx.theme.dim)];
    // What is to be typed has no key.
    if typing && stays && (matches!(next, Next::Console(_)) || action_key.is_empty()) {
        out.push(Span::styled(words, ctx.theme.accent));
        return out;
    }
    if typing && !stays {
        out.push(ctx.key_span(&ctx.keys.label(Context::Editor, Action::Back)));
        out.push(Span::styled(", then ", ctx.theme.dim));
    }
    let lit = ctx.theme.accent.add_modifier(Modifier::BOLD | Modifier::REVERSED);
    out.push(Span::styled(format!(" {action_key} "), ctx.clickable(lit, &action_key)));
    out.push(Span::styled(format!(" {words}"), ctx.clickable(ctx.theme.text, &action_key)));
    out
}

/// Whether an operation is made with a grant in the list of keys, not with a key.
fn ends_a_grant(operation: &str) -> bool {
    ["kms:RevokeGrant", "kms:RetireGrant"].contains(&operation)
}

/// What a key does that is needed next, and the word for it in the footer.
pub fn action_of(next: &Next) -> Option<(Action, &'static str)> {
    Some(match next {
        Next::Predict => (Action::Predict, "guess"),
        // The footer has the numbers of all, and the word of the watched call, in any case.
        Next::ActAs(..) | Next::Run => return None,
        Next::Watch => (Action::Watch, "other call"),
        Next::Edit | Next::Change | Next::TakeOut(_) | Next::Mend => (Action::Edit, "edit"),
        Next::Insert => (Action::Snippet, "statement"),
        Next::Apply => (Action::Apply, "apply"),
        Next::Open => (Action::Documents, "documents"),
        Next::Wait => (Action::Clock, "clock"),
        Next::Keys => (Action::Keys, "keys"),
        Next::Console(_) => (Action::Console, "console"),
        Next::TakeBack(_) => (Action::Undo, "undo"),
        Next::NextScenario => (Action::Next, "next"),
    })
}

/// The word for making the watched call.
fn run_word(view: &LabView) -> String {
    let operation = view.watched.split(' ').next().unwrap_or_default();
    let who = view.identities.iter().find(|row| row.acting).map(|row| clean(&row.name).into_owned());
    format!("{} as {}", crate::aws_cli::kebab(operation), who.unwrap_or_default())
}

/// The mode in a word, for the left end of the line above the footer.
pub fn mode(place: Context) -> &'static str {
    match place {
        Context::Editor => "EDIT",
        Context::Console => "CONSOLE",
        Context::Present => "PRESENT",
        Context::Lab | Context::Home | Context::List => "LOOK",
    }
}

/// The mode as it is drawn.
pub fn mode_badge(place: Context, ctx: &Ctx<'_>) -> Span<'static> {
    let style = match place {
        Context::Editor | Context::Console => {
            ctx.theme.draft.add_modifier(Modifier::REVERSED | Modifier::BOLD)
        }
        Context::Lab | Context::Home | Context::List | Context::Present => ctx.theme.badge,
    };
    Span::styled(format!(" {} ", mode(place)), style)
}
