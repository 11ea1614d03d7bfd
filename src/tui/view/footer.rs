//! What the footer offers, in each place.

use ratatui::layout::Rect;
use ratatui::text::Line;

use super::common::ctx;
use crate::tui::app::App;
use crate::tui::keys::{Action, Binding, Context};
use crate::tui::lab_screen::LabScreen;
use crate::tui::layout::Pane;
use crate::tui::overlays::Overlay;
use crate::tui::overlays::menu::MenuKind;
use crate::tui::panes;
use crate::tui::panes::head::Offer;
use crate::tui::panes::table::view_of;
use crate::tui::update::can_be_pinned;

/// Returns the last line of the screen: the keys that matter where the person is.
pub fn footer(app: &App, area: Rect) -> Line<'static> {
    panes::head::footer(&ctx(&app.shell, false), &offers(app), usize::from(area.width))
}

/// What the footer offers: what works in the window on top, else what the table says of the place.
fn offers(app: &App) -> Vec<Offer> {
    let wanted = match app.shell.overlays.last() {
        None => return offers_here(app),
        Some(Overlay::Confirm(_)) => {
            let yes = Offer { key: "y".to_owned(), name: "yes".to_owned(), stays: false };
            let key = app.shell.keys.label(Context::List, Action::Back);
            return vec![yes, Offer { key, name: "no".to_owned(), stays: true }];
        }
        Some(Overlay::Path(input)) => {
            let [enter, back] = [Action::Open, Action::Back].map(|a| app.shell.keys.label(Context::List, a));
            let enter = Offer { key: enter, name: input.enter_word().to_owned(), stays: false };
            return vec![enter, Offer { key: back, name: "back".to_owned(), stays: true }];
        }
        Some(Overlay::Cells(window)) => {
            let is_open = app.lab().is_some_and(|lab| window.has_open(&lab.view.task));
            return if is_open {
                moves(app, &[("arrows", "another cell"), ("Space", "how sure")], Some("next open cell"))
            } else {
                moves(app, &[("arrows", "another cell")], None)
            };
        }
        Some(Overlay::Menu(menu)) if menu.kind == MenuKind::Parts => {
            return moves(app, &[("Left Right", "choose"), ("Up Down", "another part")], Some("insert"));
        }
        Some(top) => top.offers(),
    };
    let word = |action: Action| match app.shell.overlays.last() {
        Some(Overlay::Menu(menu)) => menu.word_for(action),
        Some(_) | None => None,
    };
    let find = |action: &Action| {
        let rows = app.shell.keys.rows(Context::List).chain(app.shell.keys.rows(Context::Lab));
        rows.into_iter().find(|binding| binding.action == *action).map(|binding| {
            let known = Offer::of(binding);
            let name = word(*action).map_or(known.name, str::to_owned);
            // The way out of a window is always to be seen.
            Offer { stays: binding.action == Action::Back, name, ..known }
        })
    };
    wanted.iter().filter_map(find).collect()
}

/// The keys that move in a window, then what Enter does there, if anything, and the way out.
fn moves(app: &App, moves: &[(&str, &str)], enter: Option<&str>) -> Vec<Offer> {
    let [open, back] = [Action::Open, Action::Back].map(|a| app.shell.keys.label(Context::List, a));
    let offer = |key: &str, name: &str| Offer { key: key.to_owned(), name: name.to_owned(), stays: false };
    let moves = moves.iter().map(|(key, name)| offer(key, name));
    let enter = enter.map(|enter| offer(&open, enter));
    moves.chain(enter).chain([Offer { stays: true, ..offer(&back, "back") }]).collect()
}

/// The footer's word for making the watched call, if it is not the one in the table of keys.
fn run_word(lab: &LabScreen) -> Option<String> {
    let operation = lab.view.watched.split(' ').next().filter(|word| !word.is_empty())?;
    Some(crate::aws_cli::kebab(operation))
}

/// What the footer offers while nothing lies over the screen.
fn offers_here(app: &App) -> Vec<Offer> {
    let context = app.context();
    let usual = app.shell.keys.footer(context).into_iter().map(Offer::of);
    let offer = |action, name: &str| Offer {
        key: app.shell.keys.label(context, action),
        name: name.to_owned(),
        stays: action == Action::Palette,
    };
    let Some(lab) = app.lab() else { return usual.collect() };
    let run = run_word(lab);
    let waits = lab.view.help_waits.is_some() && lab.present.is_none();
    let parts = lab.view.parts_offered;
    // An item or a rule has no statements to put in, take out or set aside.
    let whole = context == Context::Editor && !lab.view.document.has_statements();
    let statements = [Action::Snippet, Action::RemoveStatement, Action::ToggleStatement];
    let is_help = |action| action == Action::Fix || action == Action::Snippet && !parts;
    let given = |binding: &&Binding| {
        !(waits && is_help(binding.action) || whole && statements.contains(&binding.action))
    };
    let usual = app.shell.keys.footer(context).into_iter().filter(given).map(|binding| {
        let name = run.clone().filter(|_| binding.action == Action::Run);
        Offer { name: name.unwrap_or_else(|| binding.name.clone()), ..Offer::of(binding) }
    });
    match context {
        Context::Lab => {
            let usual: Vec<Offer> = usual.collect();
            let keys = |action| app.shell.keys.rows(context).filter(move |row| row.action == action);
            let is_key_of = |action, offer: &Offer| keys(action).any(|row| row.short_label() == offer.key);
            // Acting as somebody and making the call are needed all the time.
            let always = usual
                .iter()
                .filter(|offer| [Action::Identity, Action::Run].iter().any(|a| is_key_of(*a, offer)));
            let always: Vec<Offer> = always.cloned().collect();
            let needed = lab.view.next.iter().chain(&lab.view.needs).filter_map(panes::stage::action_of);
            let needed: Vec<Offer> = needed.map(|(action, name)| offer(action, name)).collect();
            // What was learned is never farther away than the next scenario.
            let lesson = lab.view.head.done.then(|| offer(Action::Story, "lesson"));
            let next: Vec<Offer> = needed.first().cloned().into_iter().chain(lesson).collect();
            let own = (view_of(lab.focus).offers)(lab)
                .into_iter()
                .map(|(action, name)| offer(action, name))
                .collect();
            let stack = lab.regions(app.shell.area).stack;
            let pinned = if lab.pinned.contains(&lab.focus) { "let go" } else { "keep in front" };
            let pin = can_be_pinned(lab.focus, &stack).then(|| offer(Action::Pin, pinned));
            let create = lab.view.missing.is_some().then(|| offer(Action::Create, "create it here"));
            let away = lab.away().map(|to| offer(Action::Back, to));
            let first: Vec<Offer> = create.into_iter().chain(away).collect();
            // Whoever goes to a pane wants something of it; the identities have the focus from the start.
            let pane = match lab.focus {
                Pane::Identities if lab.view.head.done => [next, always, own],
                Pane::Identities => [always, next, own],
                Pane::Policy
                | Pane::Story
                | Pane::Answer
                | Pane::OtherAnswer
                | Pane::Console
                | Pane::Keys
                | Pane::Storage
                | Pane::Why
                | Pane::OtherWhy
                | Pane::Audit
                | Pane::Matrix => [own, next, always],
            };
            let mut offers: Vec<Offer> = Vec::new();
            for new in [first].into_iter().chain(pane).flatten().chain(pin).chain(needed).chain(usual) {
                if offers.iter().all(|known| known.key != new.key) {
                    offers.push(new);
                }
            }
            offers
        }
        // Nothing is left to be revealed.
        Context::Present if lab.present.as_ref().is_some_and(|present| !present.frozen) => {
            let reveal = app.shell.keys.label(context, Action::Present);
            usual.filter(|offer| offer.key != reveal).collect()
        }
        Context::Console if lab.console.line.choices().is_some_and(|list| list.selected.is_none()) => vec![
            offer(Action::CompleteLine, "choose"),
            offer(Action::RunLine, "run the line as it is"),
            offer(Action::CancelLine, "closes the list"),
            offer(Action::Palette, "command"),
        ],
        Context::Console if lab.console.line.choices().is_some() => vec![
            offer(Action::CompleteLine, "next"),
            offer(Action::CompleteBack, "back"),
            offer(Action::RunLine, "takes it"),
            offer(Action::Back, "keeps the line"),
            offer(Action::CancelLine, "closes the list"),
            offer(Action::Palette, "command"),
        ],
        Context::Console if lab.console.line.search().is_some() => vec![
            offer(Action::FindLine, "older match"),
            offer(Action::RunLine, "run"),
            offer(Action::Back, "keeps the line"),
            offer(Action::CancelLine, "ends the search"),
            offer(Action::Palette, "command"),
        ],
        Context::Editor => {
            let missing = lab.view.missing.is_some().then(|| offer(Action::Create, "create it here"));
            missing.into_iter().chain(usual).collect()
        }
        Context::Home | Context::Console | Context::List | Context::Present => usual.collect(),
    }
}
