//! The keys with their state, rotation and deletion, and the grants on each.

use ratatui::style::Modifier;
use ratatui::text::{Line, Span};

use super::pane::{self, Answer, Fit, PaneView, Press, Room, Scroll, Search, Tab};
use super::{Ctx, Title};
use crate::narration::{GrantRow, KeyRow, LabView, ResourceStanding};
use crate::tui::keys::Action;
use crate::tui::lab_screen::LabScreen;
use crate::tui::sanitize::clean;
use crate::tui::text;

/// The pane of the keys.
pub const VIEW: PaneView = PaneView {
    title: |lab, ctx, _| title(&lab.view, ctx),
    tab: Tab::Name,
    lines: |lab, ctx, width| lines(&lab.view, lab.keys_selected, ctx, width),
    draw: None,
    scrolling: pane::all_scroll,
    folded: None,
    fit: Fit::Fixed,
    open: |_| Answer::Act(Action::Keys, 0),
    press,
    move_by: |lab, _, by| {
        lab.keys_selected = lab.keys_selected.saturating_add_signed(by);
        settle(lab);
        Answer::Changed
    },
    scroll: Scroll::Lines(keep_selection_in_sight),
    selection: |lab, room| {
        let owners = owners(&lab.view, lab.keys_selected, &room.ctx, room.width());
        let first = owners.iter().position(|row| *row == lab.keys_selected).unwrap_or(0);
        let last = owners.iter().rposition(|row| *row == lab.keys_selected).unwrap_or(0);
        Some(first..last + 1)
    },
    settle,
    search: Search::Rows,
    offers: pane::offers_nothing,
    copied: None,
};

fn settle(lab: &mut LabScreen) {
    lab.keys_selected = lab.keys_selected.min(count(&lab.view.keys).saturating_sub(1));
}

/// Selects the key or grant that was pressed; a second press shows what can be done with it.
fn press(lab: &mut LabScreen, press: Press, ctx: &Ctx<'_>) -> Answer {
    let width = usize::from(press.rect.width.saturating_sub(4));
    let owners = owners(&lab.view, lab.keys_selected, ctx, width);
    let Some(owner) = owners.get(press.row).copied() else { return Answer::Changed };
    let again = lab.keys_selected == owner && press.again;
    lab.keys_selected = owner;
    if again { Answer::Act(Action::Keys, 0) } else { Answer::Changed }
}

/// Selects a row that is in sight, while the pane has the focus.
fn keep_selection_in_sight(lab: &mut LabScreen, room: Room<'_>) {
    if lab.focus == room.pane {
        let selected = lab.keys_selected;
        let owners = owners(&lab.view, selected, &room.ctx, room.width());
        let top = lab.scroll_of(room.pane);
        let owner = |line: usize| owners.get(line).copied().unwrap_or(selected);
        let (first, last) = (owner(top), owner(top + room.height().saturating_sub(1)));
        lab.keys_selected = selected.clamp(first, last.max(first));
    }
}

/// Returns the title of the pane.
pub fn title(view: &LabView, ctx: &Ctx<'_>) -> Title {
    let count = view.keys.len();
    let words = match count {
        1 => "1 key".to_owned(),
        n => format!("{n} keys"),
    };
    let title =
        Title::new(ctx, "Keys").about(ctx, &format!("{words} {} {}", ctx.glyphs.dot, view.head.fidelity));
    if count == 0 { title } else { title.hint(ctx, &ctx.key(Action::Keys), "act on the selected row") }
}

/// How many rows there are to select: every key and every grant.
pub fn count(keys: &[KeyRow]) -> usize {
    keys.iter().map(|key| 1 + key.grants.len()).sum()
}

/// For each line of the pane the row it belongs to: a key takes two lines, a grant one; the selected row takes what it
/// needs.
pub fn owners(view: &LabView, selected: usize, ctx: &Ctx<'_>, width: usize) -> Vec<usize> {
    rows(view, selected, ctx, width).into_iter().map(|(row, _)| row).collect()
}

/// What a row is about, in a few words.
pub fn name(keys: &[KeyRow], row: usize) -> String {
    let mut at = 0;
    for key in keys {
        if at == row {
            return key.label.clone();
        }
        at += 1;
        if let Some(grant) = row.checked_sub(at).and_then(|n| key.grants.get(n)) {
            return format!("grant {} for {}", grant.id, grant.grantee);
        }
        at += key.grants.len();
    }
    String::new()
}

/// Returns the lines of the pane.
pub fn lines(view: &LabView, selected: usize, ctx: &Ctx<'_>, width: usize) -> Vec<Line<'static>> {
    if view.keys.is_empty() {
        let key = ctx.key(Action::Console);
        let words = format!("No key yet: {key} opens the console, where aws kms create-key makes one.");
        return text::wrap_line(&Line::from(ctx.sentence(&words, ctx.theme.dim)), width, 0);
    }
    let rows = rows(view, selected, ctx, width);
    let line = |(row, line): (usize, Line<'static>)| {
        if ctx.focused && row == selected { line.style(ctx.theme.selection) } else { line }
    };
    rows.into_iter().map(line).collect()
}

/// Every line with its row. A line that is too long is cut, except in the selected row, which can be read whole.
fn rows(view: &LabView, selected: usize, ctx: &Ctx<'_>, width: usize) -> Vec<(usize, Line<'static>)> {
    let label = view.keys.iter().map(|k| text::width(&clean(&k.label))).max().unwrap_or(8).clamp(8, 36);
    let mut out = Vec::new();
    let mut row = 0;
    let mut put = |row: usize, line: &Line<'_>, indent: usize| {
        if ctx.focused && row == selected {
            out.extend(text::wrap_line(line, width, indent).into_iter().map(|line| (row, line)));
        } else {
            out.push((row, text::fit_line(line, width, ctx.glyphs.ellipsis)));
        }
    };
    for key in &view.keys {
        for line in key_lines(key, label, ctx) {
            put(row, &line, 4);
        }
        row += 1;
        for grant in &key.grants {
            put(row, &grant_line(grant, ctx), 6);
            row += 1;
        }
    }
    out
}

fn key_lines(key: &KeyRow, label: usize, ctx: &Ctx<'_>) -> [Line<'static>; 2] {
    let theme = ctx.theme;
    let (symbol, style) = match key.standing {
        ResourceStanding::Usable => (ctx.glyphs.allowed, theme.allowed),
        ResourceStanding::Off => (ctx.glyphs.denied, theme.denied),
        ResourceStanding::Ending => (ctx.glyphs.gone, theme.denied),
    };
    let mut first = vec![
        Span::styled(format!("{} ", ctx.glyphs.key), theme.accent),
        Span::styled(text::pad(&clean(&key.label), label, ctx.glyphs.ellipsis), theme.title),
        Span::styled(format!("  {}  ", clean(&key.id)), theme.dim),
        Span::styled(format!("{symbol} "), style),
        Span::styled(clean(&key.state).into_owned(), style.add_modifier(Modifier::BOLD)),
    ];
    if let Some(deletion) = &key.deletion {
        first.push(Span::styled(format!("  {}", clean(deletion)), theme.denied));
    }
    let dot = ctx.glyphs.dot;
    let mut about = vec![
        key.also.as_str(),
        key.owner.as_str(),
        key.spec.as_str(),
        key.rotation.as_str(),
        key.materials.as_str(),
    ];
    about.retain(|word| !word.is_empty());
    let second = format!("    {}", about.join(&format!(" {dot} ")));
    [Line::from(first), Line::from(Span::styled(clean(&second).into_owned(), theme.dim))]
}

fn grant_line(grant: &GrantRow, ctx: &Ctx<'_>) -> Line<'static> {
    let theme = ctx.theme;
    let mut spans = vec![
        Span::styled(format!("    {} grant ", ctx.glyphs.corner), theme.dim),
        Span::styled(clean(&grant.id).into_owned(), theme.dim),
        Span::styled(format!("  {}", clean(&grant.grantee)), theme.text),
        Span::styled(format!("  {}", clean(&grant.operations)), theme.text),
    ];
    if let Some(at) = &grant.not_before {
        spans.push(Span::styled(format!("  not known everywhere before {}", clean(at)), theme.draft));
    }
    if let Some(words) = &grant.ends {
        spans.push(Span::styled(format!("  {}", clean(words)), theme.denied));
    }
    if !grant.only_for.is_empty() {
        spans.push(Span::styled(format!("  {}", clean(&grant.only_for)), theme.dim));
    }
    Line::from(spans)
}
