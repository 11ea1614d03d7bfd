//! What the menus hold, and what choosing a row does.

use ratatui::layout::Position;

use super::items::{menu_items, targets};
use super::refresh::{self, draft_changed, follow_cursor};
use super::{Outcome, act, choice_action, menu_is, screen};
use crate::narration::{Does, Target};
use crate::tui::app::{App, Mood};
use crate::tui::keys::{Action, Context};
use crate::tui::layout::{Pane, Preset};
use crate::tui::overlay::{Choice, Menu, MenuKind, Overlay, Page, PageKind, Pick};
use crate::tui::panes;
use crate::tui::session;
use crate::tui::view;

/// The selected row of the menu on top is chosen.
pub fn choose(app: &mut App) -> Outcome {
    let Some(Overlay::Menu(menu)) = app.overlays.last().cloned() else { return Outcome::default() };
    let items = menu_items(app, &menu);
    let Some(chosen) = items.get(menu.selected).cloned() else { return Outcome::default() };
    app.overlays.pop();
    if let Some(action) = choice_action(&chosen.choice) {
        return chosen_action(app, action);
    }
    match (menu.kind, chosen.choice) {
        (MenuKind::Palette, Choice::Text(name)) => {
            if let Some(preset) = Preset::ALL.into_iter().find(|preset| preset.name() == name) {
                screen::arrange(app, preset);
            }
        }
        (MenuKind::Palette, Choice::Number(i)) => return act::act(app, Action::Identity, i),
        (MenuKind::Predict, Choice::Number(i)) => {
            if let Some(lab) = &mut app.lab {
                lab.session.predict(i);
            }
            refresh::refresh(app);
        }
        (MenuKind::Snippets, Choice::Number(i)) => {
            if let Some(lab) = &mut app.lab
                && let Some(snippet) = lab.session.snippets().into_iter().nth(i)
            {
                let (text, at) = snippet.put_into(&lab.editor.text(), lab.editor.cursor().0);
                lab.editor.replace(&text);
                draft_changed(app);
                show_lines(app, at, at + snippet.json.lines().count());
            }
        }
        (MenuKind::Fixes, Choice::Number(i)) => {
            if let Some(lab) = &mut app.lab
                && let Some(fix) = lab.session.fixes().into_iter().nth(i)
            {
                lab.session.take_fix(&fix);
                lab.editor = crate::tui::editor::Editor::new(&lab.session.base());
                lab.editor.replace(&fix.text);
                super::document::show(app);
                draft_changed(app);
                let added = app.lab.as_ref().map(|lab| lab.editor.marks().added.clone()).unwrap_or_default();
                let first = added.iter().position(|a| *a).unwrap_or(0);
                let last = added.iter().rposition(|a| *a).unwrap_or(0);
                show_lines(app, first, last + 1);
            }
        }
        (MenuKind::Completions, Choice::Text(word)) => {
            if let Some(lab) = &mut app.lab {
                lab.editor.complete(&word);
                draft_changed(app);
                follow_cursor(app);
            }
        }
        (MenuKind::Clock, Choice::Number(i)) => {
            if let (Some(lab), Some((name, seconds, _))) = (&mut app.lab, session::WAITS.get(i)) {
                app.toast = Some(match lab.session.wait(*seconds) {
                    Ok(()) => (Mood::Good, format!("{name} later")),
                    Err(why) => (Mood::Bad, why),
                });
                refresh::refresh(app);
            }
        }
        (MenuKind::Key(row), Choice::Number(i)) => act_on_key(app, row, i),
        (MenuKind::Timeline, Choice::Number(i)) => {
            if let Some(lab) = &mut app.lab {
                if lab.dirty() {
                    app.toast = Some((Mood::Bad, "apply or discard the draft first".into()));
                } else {
                    if let Some(row) = lab.view.steps.get(i) {
                        lab.session.stand_at(row.point);
                    }
                    refresh::document_changed(app);
                }
            }
        }
        (MenuKind::Watch, Choice::Number(i)) => {
            if let Some(lab) = &mut app.lab
                && let Some(row) = std::mem::take(&mut lab.watchable).into_iter().nth(i)
            {
                lab.session.watch_call(&row.watched);
                lab.ran = false;
                app.toast = Some((Mood::Note, format!("watching {}", row.watched.title())));
                refresh::refresh(app);
            }
        }
        (MenuKind::Documents, Choice::Number(i)) => return super::document::open_document(app, i, false),
        (MenuKind::Versions, Choice::Number(i)) => {
            app.overlays.push(Overlay::Page(Page { kind: PageKind::Version(i), scroll: 0 }));
        }
        (MenuKind::WhoCan, Choice::Number(i)) => match targets(app, i) {
            // Where there is nothing to choose, nothing is asked.
            Some((action, mut all)) if all.len() == 1 => {
                let kind = PageKind::WhoCan(action, all.remove(0));
                app.overlays.push(Overlay::Page(Page { kind, scroll: 0 }));
            }
            _ => app.overlays.push(Overlay::Menu(Menu::typed(MenuKind::WhoCanTo(i)))),
        },
        (MenuKind::WhoCanTo(action), choice) => {
            let chosen = |all: Vec<Target>| match choice {
                Choice::Number(i) => all.into_iter().nth(i),
                Choice::Text(arn) => Target::typed(&arn),
                Choice::Act(_) => None,
            };
            if let Some((action, target)) =
                targets(app, action).and_then(|(action, all)| Some((action, chosen(all)?)))
            {
                let kind = PageKind::WhoCan(action, target);
                app.overlays.push(Overlay::Page(Page { kind, scroll: 0 }));
            }
        }
        _ => {}
    }
    Outcome::changed()
}

/// Does what a row of a key's menu says.
fn act_on_key(app: &mut App, row: usize, nth: usize) {
    let Some(lab) = &mut app.lab else { return };
    let dirty = lab.dirty();
    match lab.session.key_actions(row).into_iter().nth(nth).map(|action| action.does) {
        Some(Does::Call(call)) => {
            match lab.session.act_on_key(*call) {
                Ok(words) => app.toast = Some((Mood::Good, words)),
                Err(refusal) => {
                    app.toast = Some((Mood::Bad, refusal.title.clone()));
                    app.overlays.push(Overlay::Page(Page { kind: PageKind::Refused(refusal), scroll: 0 }));
                }
            }
            refresh::world_changed(app, dirty);
        }
        Some(Does::Line(line)) => {
            lab.console.line.set(&line);
            super::console::open(app);
            refresh::refresh(app);
        }
        None => {}
    }
}

/// An action from the palette or the help runs where it belongs: an editor's action goes into the editor first.
fn chosen_action(app: &mut App, action: Action) -> Outcome {
    let in_lab = app.keys.rows(Context::Lab).any(|b| b.action == action);
    let in_editor = app.keys.rows(Context::Editor).any(|b| b.action == action);
    if !app.at_home
        && in_editor
        && !in_lab
        && let Some(lab) = &mut app.lab
    {
        lab.typing = true;
        lab.focus = Pane::Policy;
    }
    let in_console = app.keys.rows(Context::Console).any(|b| b.action == action);
    if !app.at_home && in_console && !in_lab && !in_editor {
        super::console::open(app);
    }
    act::act(app, action, 0)
}

/// Marks the timeline's row, or compares it with the one that is marked. The mark itself is taken away again.
pub fn compare(app: &mut App) -> Outcome {
    let (Some(Overlay::Menu(menu)), Some(lab)) = (app.overlays.last_mut(), &app.lab) else {
        return Outcome::default();
    };
    match menu.marked {
        None => menu.marked = Some(menu.selected),
        Some(marked) if marked == menu.selected => menu.marked = None,
        Some(marked) => {
            let point = |row: usize| lab.view.steps.get(row).map(|row| row.point);
            if let Some((one, other)) = point(marked).zip(point(menu.selected)) {
                let kind = PageKind::Comparison(lab.session.compare(one, other));
                app.overlays.push(Overlay::Page(Page { kind, scroll: 0 }));
            }
        }
    }
    Outcome::changed()
}

/// Brings all that is new in the editor into view; the cursor goes to its head.
fn show_lines(app: &mut App, first: usize, end: usize) {
    for line in [end, first] {
        if let Some(lab) = &mut app.lab {
            lab.editor.go_to(line, 0);
        }
        follow_cursor(app);
    }
}

/// From the audit record on top to the decisions of the call that left it, or to its step in the timeline.
pub fn follow_record(app: &mut App, action: Action) -> Outcome {
    let Some(Overlay::Page(Page { kind: PageKind::Record(record), .. })) = app.overlays.last() else {
        return Outcome::default();
    };
    let Some(lab) = &app.lab else { return Outcome::default() };
    let Some(point) = lab.view.audit.get(*record).and_then(|row| row.call) else {
        app.toast = Some((Mood::Bad, "this record belongs to no step of this session".into()));
        return Outcome::changed();
    };
    if action == Action::Why {
        app.overlays.push(Overlay::Page(Page { kind: PageKind::Decisions(point), scroll: 0 }));
    } else {
        let selected = lab.view.steps.iter().position(|step| step.point == point).unwrap_or(0);
        app.overlays.push(Overlay::Menu(Menu { selected, ..Menu::walked(MenuKind::Timeline) }));
    }
    Outcome::changed()
}

/// Whether the overlay on top is what `action` opens.
pub fn opened_by(app: &App, action: Action) -> bool {
    match (action, app.overlays.last()) {
        (Action::Matrix, Some(Overlay::Matrix { .. })) => true,
        (Action::Diff, Some(Overlay::Page(p))) => {
            matches!(p.kind, PageKind::Diff | PageKind::Comparison(_))
        }
        (Action::Timeline, _) => menu_is(app, MenuKind::Timeline),
        (Action::Clock, _) => menu_is(app, MenuKind::Clock),
        (Action::Keys, Some(Overlay::Menu(m))) => matches!(m.kind, MenuKind::Key(_)),
        (Action::Versions, _) => menu_is(app, MenuKind::Versions),
        _ => false,
    }
}

/// Moves the selection or the page on top.
pub fn scroll(app: &mut App, by: isize) -> Outcome {
    let count = match app.overlays.last() {
        Some(Overlay::Menu(menu)) => menu_items(app, menu).len(),
        Some(Overlay::Page(page)) => view::page_max_scroll(app, page) + 1,
        Some(Overlay::Matrix { .. }) => matrix_rows(app).len(),
        _ => return Outcome::default(),
    };
    let last = count.saturating_sub(1);
    match app.overlays.last_mut() {
        Some(Overlay::Menu(menu)) => menu.selected = menu.selected.saturating_add_signed(by).min(last),
        Some(Overlay::Page(page)) => page.scroll = page.scroll.saturating_add_signed(by).min(last),
        Some(Overlay::Matrix { at, .. }) => at.0 = at.0.saturating_add_signed(by).min(last),
        _ => {}
    }
    Outcome::changed()
}

/// The rows the matrix on top shows, by their places among all.
fn matrix_rows(app: &App) -> Vec<usize> {
    match (app.overlays.last(), &app.lab) {
        (Some(Overlay::Matrix { pick, .. }), Some(lab)) => panes::matrix::shown(&lab.view.matrix, pick),
        _ => Vec::new(),
    }
}

/// The row of the matrix's cursor, by its place among all.
pub fn matrix_row(app: &App) -> Option<usize> {
    let Some(Overlay::Matrix { at, .. }) = app.overlays.last() else { return None };
    matrix_rows(app).get(at.0).copied()
}

/// Changes which rows the matrix shows; the cursor stays with its identity. Opens the matrix if nothing is open.
pub fn pick(app: &mut App, change: impl FnOnce(&mut Pick)) -> Outcome {
    if app.overlays.is_empty() && app.lab.is_some() && !app.at_home {
        let (at, mut pick) = ((0, 0), Pick::default());
        change(&mut pick);
        app.overlays.push(Overlay::Matrix { at, pick });
        return Outcome::changed();
    }
    let row = matrix_row(app);
    let Some(Overlay::Matrix { pick, .. }) = app.overlays.last_mut() else { return Outcome::default() };
    change(pick);
    let rows = matrix_rows(app);
    let now = rows.iter().position(|r| Some(*r) == row).unwrap_or(0);
    if let Some(Overlay::Matrix { at, .. }) = app.overlays.last_mut() {
        at.0 = now;
    }
    Outcome::changed()
}

/// Moves the matrix's cursor across.
pub fn across(app: &mut App, by: isize) -> Outcome {
    let last = app.lab.as_ref().map_or(0, |l| l.view.matrix.columns.len()).saturating_sub(1);
    if let Some(Overlay::Matrix { at, .. }) = app.overlays.last_mut() {
        at.1 = at.1.saturating_add_signed(by).min(last);
        return Outcome::changed();
    }
    Outcome::default()
}

/// A press while something lies over the screen: outside closes it, on a row chooses the row.
pub fn press(app: &mut App, at: Position) -> Outcome {
    let Some(rect) = view::overlay_rect(app) else { return Outcome::default() };
    if !rect.contains(at) {
        app.overlays.pop();
        return Outcome::changed();
    }
    match app.overlays.last() {
        Some(Overlay::Menu(menu)) => {
            let menu = menu.clone();
            let Some(row) = view::menu_row_at(app, &menu, rect, at) else { return Outcome::default() };
            if let Some(Overlay::Menu(menu)) = app.overlays.last_mut() {
                menu.selected = row;
            }
            choose(app)
        }
        Some(Overlay::Confirm(question)) => {
            let question = *question;
            match view::confirm_at(rect, at) {
                Some(true) => {
                    app.overlays.pop();
                    act::confirmed(app, question)
                }
                Some(false) => {
                    app.overlays.pop();
                    Outcome::changed()
                }
                None => Outcome::default(),
            }
        }
        Some(Overlay::Matrix { .. }) => {
            let Some(cell) = view::matrix_cell_at(app, at) else { return Outcome::default() };
            if let Some(Overlay::Matrix { at, .. }) = app.overlays.last_mut() {
                *at = cell;
            }
            act::act(app, Action::Open, 0)
        }
        _ => Outcome::default(),
    }
}

/// What is selected exists.
pub fn settle(app: &mut App) {
    let count = match app.overlays.last() {
        Some(Overlay::Menu(menu)) => menu_items(app, menu).len(),
        Some(Overlay::Matrix { .. }) => matrix_rows(app).len(),
        _ => return,
    };
    let last = count.saturating_sub(1);
    match app.overlays.last_mut() {
        Some(Overlay::Menu(menu)) => menu.selected = menu.selected.min(last),
        Some(Overlay::Matrix { at, .. }) => at.0 = at.0.min(last),
        _ => {}
    }
}
