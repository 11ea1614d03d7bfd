//! What the menus hold, and what choosing a row does.

use ratatui::layout::Position;

use super::items::{menu_items, targets};
use super::learn::matrix_rows;
use super::{Outcome, act, choice_action, document, in_lab, menu_is, navigate};
use crate::narration::{self, ActionTarget, Does};
use crate::tui::app::{App, Screen};
use crate::tui::keys::{Action, Context};
use crate::tui::lab_screen::LabScreen;
use crate::tui::layout::{Pane, Preset};
use crate::tui::overlay::{Choice, Menu, MenuKind, Overlay, Page, PageKind, Pick};
use crate::tui::session;
use crate::tui::shell::Shell;
use crate::tui::view;

/// Chooses the selected row of the menu on top.
pub fn choose(app: &mut App) -> Outcome {
    let Some(Overlay::Menu(menu)) = app.shell.overlays.last().cloned() else { return Outcome::default() };
    let items = menu_items(app, &menu);
    let Some(chosen) = items.get(menu.selected).cloned() else { return Outcome::default() };
    app.shell.overlays.pop();
    if let Some(action) = choice_action(&chosen.choice) {
        return chosen_action(app, action);
    }
    in_lab(app, |lab, shell| chosen_in_lab(lab, shell, menu.kind, chosen.choice))
}

fn chosen_in_lab(lab: &mut LabScreen, shell: &mut Shell, kind: MenuKind, choice: Choice) -> Outcome {
    match (kind, choice) {
        (MenuKind::Palette, Choice::Text(name)) => {
            if let Some(preset) = Preset::ALL.into_iter().find(|preset| preset.name() == name) {
                navigate::arrange(lab, shell, preset);
            }
        }
        (MenuKind::Palette, Choice::Number(i)) => return super::learn::identity(lab, shell, i),
        (MenuKind::Predict, Choice::Number(i)) => lab.session.predict(i),
        (MenuKind::Snippets, Choice::Number(i)) => {
            if let Some(snippet) = narration::snippets(lab.session.lab()).into_iter().nth(i) {
                document::insert(lab, &snippet);
            }
        }
        (MenuKind::Fixes, Choice::Number(i)) => {
            if let Some(fix) = narration::fixes(lab.session.lab()).into_iter().nth(i) {
                document::take_fix(lab, shell, &fix);
            }
        }
        (MenuKind::Completions, Choice::Text(word)) => {
            lab.editor.complete(&word);
            lab.draft_changed();
            lab.follow_cursor();
        }
        (MenuKind::Clock, Choice::Number(i)) => {
            if let Some((name, seconds, _)) = session::WAITS.get(i) {
                match lab.session.wait(*seconds) {
                    Ok(()) => shell.good(format!("{name} later")),
                    Err(why) => shell.bad(why),
                }
            }
        }
        (MenuKind::Key(row), Choice::Number(i)) => act_on_key(lab, shell, row, i),
        (MenuKind::Timeline, Choice::Number(i)) => {
            if lab.dirty() {
                shell.bad("apply or discard the draft first");
            } else {
                if let Some(row) = lab.view.steps.get(i) {
                    lab.session.stand_at(row.point);
                }
                lab.document_changed();
            }
        }
        (MenuKind::Watch, Choice::Number(i)) => {
            if let Some(row) = std::mem::take(&mut lab.watchable).into_iter().nth(i) {
                lab.session.lab_mut().watch(row.watched.call());
                lab.ran = false;
                shell.note(format!("watching {}", row.watched.title()));
            }
        }
        (MenuKind::Documents, Choice::Number(i)) => return document::open_document(lab, shell, i, false),
        (MenuKind::Versions, Choice::Number(i)) => {
            shell.overlays.push(Overlay::Page(Page { kind: PageKind::Version(i), scroll: 0 }));
        }
        (MenuKind::WhoCan, Choice::Number(i)) => match targets(lab, i) {
            // Where there is nothing to choose, nothing is asked.
            Some((action, mut all)) if all.len() == 1 => {
                let kind = PageKind::WhoCan(action, all.remove(0));
                shell.overlays.push(Overlay::Page(Page { kind, scroll: 0 }));
            }
            _ => shell.overlays.push(Overlay::Menu(Menu::typed(MenuKind::WhoCanTo(i)))),
        },
        (MenuKind::WhoCanTo(action), choice) => {
            let chosen = |all: Vec<ActionTarget>| match choice {
                Choice::Number(i) => all.into_iter().nth(i),
                Choice::Text(arn) => ActionTarget::typed(&arn),
                Choice::Act(_) => None,
            };
            if let Some((action, target)) =
                targets(lab, action).and_then(|(action, all)| Some((action, chosen(all)?)))
            {
                let kind = PageKind::WhoCan(action, target);
                shell.overlays.push(Overlay::Page(Page { kind, scroll: 0 }));
            }
        }
        _ => {}
    }
    Outcome::changed()
}

/// Does what a row of a key's menu says.
fn act_on_key(lab: &mut LabScreen, shell: &mut Shell, row: usize, nth: usize) {
    let dirty = lab.dirty();
    match narration::key_actions(lab.session.lab(), row).into_iter().nth(nth).map(|action| action.does) {
        Some(Does::Call(call)) => {
            match lab.session.act_on_key(*call) {
                Ok(words) => shell.good(words),
                Err(refusal) => {
                    shell.bad(refusal.title.clone());
                    shell.overlays.push(Overlay::Page(Page { kind: PageKind::Refused(refusal), scroll: 0 }));
                }
            }
            lab.world_changed(dirty);
        }
        Some(Does::Line(line)) => {
            lab.console.line.set(&line);
            super::console::open(lab, shell);
        }
        None => {}
    }
}

/// Runs an action from the palette or the help where it belongs: an editor's action goes into the editor first.
fn chosen_action(app: &mut App, action: Action) -> Outcome {
    let has = |context| app.shell.keys.rows(context).any(|b| b.action == action);
    let (in_lab, in_editor, in_console) = (has(Context::Lab), has(Context::Editor), has(Context::Console));
    if let Screen::Lab(lab) = &mut app.screen
        && !in_lab
    {
        if in_editor {
            lab.typing = true;
            lab.focus = Pane::Policy;
        } else if in_console {
            super::console::open(lab, &mut app.shell);
        }
    }
    act::act(app, action, 0)
}

/// Marks the timeline's row, or compares it with the one that is marked. The mark itself is taken away again.
pub fn compare(lab: &mut LabScreen, shell: &mut Shell) -> Outcome {
    let Some(Overlay::Menu(menu)) = shell.overlays.last_mut() else { return Outcome::default() };
    match menu.marked {
        None => menu.marked = Some(menu.selected),
        Some(marked) if marked == menu.selected => menu.marked = None,
        Some(marked) => {
            let point = |row: usize| lab.view.steps.get(row).map(|row| row.point);
            if let Some((one, other)) = point(marked).zip(point(menu.selected)) {
                let kind = PageKind::Comparison(narration::comparison(lab.session.lab(), one, other));
                shell.overlays.push(Overlay::Page(Page { kind, scroll: 0 }));
            }
        }
    }
    Outcome::changed()
}

/// The matrix with everybody in it.
pub fn matrix() -> Overlay {
    Overlay::Matrix { at: (0, 0), pick: Pick::default() }
}

/// Opens an overlay, or closes it where it is on top already.
pub fn open(shell: &mut Shell, overlay: Overlay) {
    let same =
        shell.overlays.last().is_some_and(|o| std::mem::discriminant(o) == std::mem::discriminant(&overlay));
    if same && !matches!(overlay, Overlay::Page(_)) {
        shell.overlays.pop();
    } else {
        shell.overlays.push(overlay);
    }
}

/// Opens a page.
pub fn page(lab: &mut LabScreen, shell: &mut Shell, kind: PageKind) {
    if kind == PageKind::Diff && !lab.dirty() {
        shell.note("the policy on screen is the applied one: nothing to compare");
        return;
    }
    open(shell, Overlay::Page(Page { kind, scroll: 0 }));
}

/// From the audit record on top to the decisions of the call that left it, or to its step in the timeline.
pub fn follow_record(lab: &mut LabScreen, shell: &mut Shell, action: Action) -> Outcome {
    let Some(Overlay::Page(Page { kind: PageKind::Record(record), .. })) = shell.overlays.last() else {
        return Outcome::default();
    };
    let Some(point) = lab.view.audit.get(*record).and_then(|row| row.call) else {
        shell.bad("this record belongs to no step of this session");
        return Outcome::changed();
    };
    if action == Action::Why {
        shell.overlays.push(Overlay::Page(Page { kind: PageKind::Decisions(point), scroll: 0 }));
    } else {
        let selected = lab.view.steps.iter().position(|step| step.point == point).unwrap_or(0);
        shell.overlays.push(Overlay::Menu(Menu { selected, ..Menu::walked(MenuKind::Timeline) }));
    }
    Outcome::changed()
}

/// Whether the overlay on top is what `action` opens.
pub fn opened_by(shell: &Shell, action: Action) -> bool {
    match (action, shell.overlays.last()) {
        (Action::Matrix, Some(Overlay::Matrix { .. })) => true,
        (Action::Diff, Some(Overlay::Page(p))) => {
            matches!(p.kind, PageKind::Diff | PageKind::Comparison(_))
        }
        (Action::Timeline, _) => menu_is(shell, MenuKind::Timeline),
        (Action::Clock, _) => menu_is(shell, MenuKind::Clock),
        (Action::Keys, Some(Overlay::Menu(m))) => matches!(m.kind, MenuKind::Key(_)),
        (Action::Versions, _) => menu_is(shell, MenuKind::Versions),
        _ => false,
    }
}

/// Moves the selection or the page on top.
pub fn scroll(app: &mut App, by: isize) -> Outcome {
    let count = match app.shell.overlays.last() {
        Some(Overlay::Menu(menu)) => menu_items(app, menu).len(),
        Some(Overlay::Page(page)) => view::page_max_scroll(app, page) + 1,
        Some(Overlay::Matrix { .. }) => app.lab().map_or(0, |lab| matrix_rows(lab, &app.shell).len()),
        _ => return Outcome::default(),
    };
    let last = count.saturating_sub(1);
    match app.shell.overlays.last_mut() {
        Some(Overlay::Menu(menu)) => menu.selected = menu.selected.saturating_add_signed(by).min(last),
        Some(Overlay::Page(page)) => page.scroll = page.scroll.saturating_add_signed(by).min(last),
        Some(Overlay::Matrix { at, .. }) => at.0 = at.0.saturating_add_signed(by).min(last),
        _ => {}
    }
    Outcome::changed()
}

/// The row of the matrix's cursor, by its place among all.
pub fn matrix_row(lab: &LabScreen, shell: &Shell) -> Option<usize> {
    let Some(Overlay::Matrix { at, .. }) = shell.overlays.last() else { return None };
    matrix_rows(lab, shell).get(at.0).copied()
}

/// Changes which rows the matrix shows; the cursor stays with its identity. Opens the matrix if nothing is open.
pub fn pick(lab: &mut LabScreen, shell: &mut Shell, change: impl FnOnce(&mut Pick)) -> Outcome {
    if shell.overlays.is_empty() {
        let (at, mut pick) = ((0, 0), Pick::default());
        change(&mut pick);
        shell.overlays.push(Overlay::Matrix { at, pick });
        return Outcome::changed();
    }
    let row = matrix_row(lab, shell);
    let Some(Overlay::Matrix { pick, .. }) = shell.overlays.last_mut() else { return Outcome::default() };
    change(pick);
    let rows = matrix_rows(lab, shell);
    let now = rows.iter().position(|r| Some(*r) == row).unwrap_or(0);
    if let Some(Overlay::Matrix { at, .. }) = shell.overlays.last_mut() {
        at.0 = now;
    }
    Outcome::changed()
}

/// Moves the matrix's cursor across.
pub fn across(lab: &mut LabScreen, shell: &mut Shell, by: isize) -> Outcome {
    let last = lab.view.matrix.columns.len().saturating_sub(1);
    if let Some(Overlay::Matrix { at, .. }) = shell.overlays.last_mut() {
        at.1 = at.1.saturating_add_signed(by).min(last);
        return Outcome::changed();
    }
    Outcome::default()
}

/// A press while something lies over the screen: outside closes it, on a row chooses the row.
pub fn press(app: &mut App, at: Position) -> Outcome {
    let Some(rect) = view::overlay_rect(app) else { return Outcome::default() };
    if !rect.contains(at) {
        app.shell.overlays.pop();
        return Outcome::changed();
    }
    match app.shell.overlays.last() {
        Some(Overlay::Menu(menu)) => {
            let menu = menu.clone();
            let Some(row) = view::menu_row_at(app, &menu, rect, at) else { return Outcome::default() };
            if let Some(Overlay::Menu(menu)) = app.shell.overlays.last_mut() {
                menu.selected = row;
            }
            choose(app)
        }
        Some(Overlay::Confirm(question)) => {
            let question = *question;
            match view::confirm_at(rect, at) {
                Some(true) => {
                    app.shell.overlays.pop();
                    super::open::confirmed(app, question)
                }
                Some(false) => {
                    app.shell.overlays.pop();
                    Outcome::changed()
                }
                None => Outcome::default(),
            }
        }
        Some(Overlay::Matrix { .. }) => {
            let Some(cell) = view::matrix_cell_at(app, at) else { return Outcome::default() };
            if let Some(Overlay::Matrix { at, .. }) = app.shell.overlays.last_mut() {
                *at = cell;
            }
            act::act(app, Action::Open, 0)
        }
        _ => Outcome::default(),
    }
}

/// What is selected exists.
pub fn settle(app: &mut App) {
    let count = match app.shell.overlays.last() {
        Some(Overlay::Menu(menu)) => menu_items(app, menu).len(),
        Some(Overlay::Matrix { .. }) => app.lab().map_or(0, |lab| matrix_rows(lab, &app.shell).len()),
        _ => return,
    };
    let last = count.saturating_sub(1);
    match app.shell.overlays.last_mut() {
        Some(Overlay::Menu(menu)) => menu.selected = menu.selected.min(last),
        Some(Overlay::Matrix { at, .. }) => at.0 = at.0.min(last),
        _ => {}
    }
}
