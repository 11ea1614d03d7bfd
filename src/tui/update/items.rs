//! The rows of every menu.

use std::collections::BTreeSet;

use crate::narration::{self, ActionTarget};
use crate::tui::app::{App, Screen};
use crate::tui::keys::{Action, Binding, Context};
use crate::tui::lab_screen::LabScreen;
use crate::tui::layout::Preset;
use crate::tui::overlay::{Choice, Menu, MenuItem, MenuKind, matching};
use crate::tui::session;

/// The rows of the menu on top that match what was typed.
pub fn menu_items(app: &App, menu: &Menu) -> Vec<MenuItem> {
    let mut items = matching(all_items(app, menu.kind), menu.filter.as_deref());
    // An ARN that is not of this world can be asked about, too.
    if let (MenuKind::WhoCanTo(_), Some(arn), true) = (menu.kind, &menu.filter, items.is_empty()) {
        let typed = ActionTarget::typed(arn.trim());
        items.extend(typed.map(|t| item(t.label, "as typed".into(), Choice::Text(t.arn))));
    }
    items
}

fn all_items(app: &App, kind: MenuKind) -> Vec<MenuItem> {
    match kind {
        MenuKind::Palette => actions(app),
        MenuKind::Help => keys(app),
        MenuKind::Predict => {
            let options = app.lab().and_then(|l| l.view.task.question()).map(|p| &p.options);
            numbered(options.into_iter().flatten().map(|o| (o.clone(), String::new())))
        }
        MenuKind::Snippets => numbered(
            app.lab()
                .map(|l| narration::snippets(l.session.lab()))
                .unwrap_or_default()
                .into_iter()
                .map(|s| (s.name, s.about)),
        ),
        MenuKind::Fixes => numbered(
            app.lab()
                .map(|l| narration::fixes(l.session.lab()))
                .unwrap_or_default()
                .into_iter()
                .map(|f| (f.label, f.detail)),
        ),
        MenuKind::Completions => app
            .lab()
            .map(|l| narration::completions(l.session.lab(), &l.editor.place()))
            .unwrap_or_default()
            .into_iter()
            .map(|word| item(word.clone(), String::new(), Choice::Text(word)))
            .collect(),
        MenuKind::Key(row) => numbered(
            app.lab()
                .map(|l| narration::key_actions(l.session.lab(), row))
                .unwrap_or_default()
                .into_iter()
                .map(|a| (a.label, a.detail)),
        ),
        MenuKind::Clock => {
            numbered(session::WAITS.iter().map(|(name, _, about)| ((*name).to_owned(), (*about).to_owned())))
        }
        MenuKind::Timeline => numbered(
            app.lab()
                .into_iter()
                .flat_map(|l| &l.view.steps)
                .map(|s| (format!("{}  {}", s.time, s.who), s.what.clone())),
        ),
        MenuKind::Documents => app
            .lab()
            .map(|l| narration::document_rows(l.session.lab()))
            .unwrap_or_default()
            .into_iter()
            .enumerate()
            .map(|(i, (_, row))| MenuItem {
                group: row.group,
                key: if row.shown { app.shell.glyphs.open.into() } else { String::new() },
                ..item(row.name, row.about, Choice::Number(i))
            })
            .collect(),
        MenuKind::Watch => app
            .lab()
            .into_iter()
            .flat_map(|l| &l.watchable)
            .enumerate()
            .map(|(i, row)| MenuItem {
                group: row.group.to_owned(),
                key: if row.now { app.shell.glyphs.open.into() } else { String::new() },
                ..item(row.watched.title(), row.detail.clone(), Choice::Number(i))
            })
            .collect(),
        MenuKind::Versions => numbered(
            app.lab().map(|l| narration::versions(l.session.lab())).unwrap_or_default().into_iter().map(
                |(_, row)| {
                    (format!("{}  {}", row.time, row.who), format!("{}, {} lines", row.what, row.lines))
                },
            ),
        ),
        MenuKind::WhoCan => app
            .lab()
            .map(|l| narration::known_actions(l.session.lab()))
            .unwrap_or_default()
            .into_iter()
            .enumerate()
            .map(|(i, (action, access))| item(action, access.to_owned(), Choice::Number(i)))
            .collect(),
        MenuKind::WhoCanTo(action) => {
            let targets = app
                .lab()
                .and_then(|lab| targets(lab, action))
                .map(|(_, targets)| targets)
                .unwrap_or_default()
                .into_iter();
            targets.enumerate().map(|(i, target)| item(target.label, target.arn, Choice::Number(i))).collect()
        }
    }
}

/// The action of that number, and what it can be done to.
pub fn targets(lab: &LabScreen, action: usize) -> Option<(String, Vec<ActionTarget>)> {
    let (action, _) = narration::known_actions(lab.session.lab()).into_iter().nth(action)?;
    let targets = narration::targets(lab.session.lab(), &action);
    Some((action, targets))
}

fn item(label: String, detail: String, choice: Choice) -> MenuItem {
    MenuItem { label, detail, key: String::new(), group: String::new(), choice }
}

fn numbered(rows: impl Iterator<Item = (String, String)>) -> Vec<MenuItem> {
    rows.enumerate()
        .map(|(i, (label, detail))| {
            let key = if i < 9 { (i + 1).to_string() } else { String::new() };
            MenuItem { key, ..item(label, detail, Choice::Number(i)) }
        })
        .collect()
}

/// The contexts whose actions make sense under the menu.
fn underlying(app: &App) -> Vec<Context> {
    match app.place() {
        // Nothing happens to a lesson by accident.
        here @ (Context::Home | Context::Present) => vec![here],
        Context::Editor => vec![Context::Editor, Context::Lab, Context::Console],
        Context::Console => vec![Context::Console, Context::Lab, Context::Editor],
        Context::Lab | Context::List => vec![Context::Lab, Context::Editor, Context::Console],
    }
}

/// The rows of a place; in a presentation those first that are its own.
fn rows_of(app: &App, context: Context) -> Vec<&Binding> {
    let mut rows: Vec<&Binding> = app.shell.keys.rows(context).collect();
    if context == Context::Present {
        rows.sort_by_key(|binding| binding.contexts != [Context::Present]);
    }
    rows
}

/// Every action once, those of the present place first.
fn actions(app: &App) -> Vec<MenuItem> {
    let mut seen = BTreeSet::new();
    let mut out = Vec::new();
    for context in underlying(app) {
        for b in rows_of(app, context) {
            let moving = matches!(
                b.action,
                Action::Palette
                    | Action::Up
                    | Action::Down
                    | Action::Identity
                    | Action::Indent
                    | Action::Back
            );
            if !moving && seen.insert(b.action) {
                out.push(MenuItem {
                    label: b.name.clone(),
                    detail: b.help.clone(),
                    key: b.short_label(),
                    group: b.group.clone(),
                    choice: Choice::Act(b.action),
                });
            }
        }
    }
    if let Screen::Lab(lab) = &app.screen {
        // Each arrangement by its name; the key walks through them.
        for preset in Preset::ALL.into_iter().filter(|_| lab.present.is_none()) {
            out.push(MenuItem {
                label: format!("layout {}", preset.name()),
                detail: preset.about().into(),
                key: String::new(),
                group: "Screen".into(),
                choice: Choice::Text(preset.name().into()),
            });
        }
        for (i, identity) in lab.view.identities.iter().enumerate() {
            out.push(MenuItem {
                label: format!("act as {}", identity.name),
                detail: "Make the next calls as this identity".into(),
                key: if i < 9 { (i + 1).to_string() } else { String::new() },
                group: "Act".into(),
                choice: Choice::Number(i),
            });
        }
    }
    out
}

/// Every key of the present place under its heading.
fn keys(app: &App) -> Vec<MenuItem> {
    let mut rows: Vec<MenuItem> = Vec::new();
    let mut groups: Vec<String> = Vec::new();
    let mut seen = BTreeSet::new();
    // While somebody types, letters are no keys.
    let typing = app.lab().is_some_and(|lab| lab.typing || lab.console.typing);
    for context in underlying(app).into_iter().take(if typing { 1 } else { usize::MAX }) {
        for b in rows_of(app, context) {
            if !groups.contains(&b.group) {
                groups.push(b.group.clone());
            }
            if seen.insert((b.action, b.label())) {
                rows.push(MenuItem {
                    label: b.name.clone(),
                    detail: b.help.clone(),
                    key: b.label(),
                    group: b.group.clone(),
                    choice: Choice::Act(b.action),
                });
            }
        }
    }
    rows.sort_by_key(|r| groups.iter().position(|g| *g == r.group));
    rows
}
