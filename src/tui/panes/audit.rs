//! The audit log, newest first.

use ratatui::text::{Line, Span};

use super::pane::{self, Answer, Fit, PaneView, Press, Room, Scroll, Search, Tab};
use super::{Ctx, Title};
use crate::narration::{AuditRow, LabView};
use crate::tui::keys::Action;
use crate::tui::lab_screen::LabScreen;
use crate::tui::sanitize::clean;
use crate::tui::text;

/// The pane of the audit log.
pub const VIEW: PaneView = PaneView {
    title: |lab, ctx, _| title(&lab.view, &lab.audit_filter, ctx),
    // What was typed to find records stands there.
    tab: Tab::Subject,
    lines: |lab, ctx, width| lines(&lab.view.audit, lab.audit_selected, &lab.audit_filter, ctx, width),
    draw: None,
    scrolling: pane::all_scroll,
    folded: None,
    fit: Fit::Fixed,
    open: |lab| match lab.view.audit.get(lab.audit_selected) {
        Some(record) => Answer::Record(record.clone()),
        None => Answer::Changed,
    },
    press,
    move_by: |lab, _, by| {
        lab.audit_selected = lab.audit_selected.saturating_add_signed(by);
        settle(lab);
        Answer::Changed
    },
    scroll: Scroll::Lines(keep_selection_in_sight),
    selection: |lab, _| Some(lab.audit_selected..lab.audit_selected + 1),
    settle,
    // Records are filtered by what is typed, not walked through: from there one looks through the policy.
    search: Search::Document,
    offers: |lab| {
        let open = (!lab.view.audit.is_empty()).then_some((Action::Open, "opens the record"));
        // Among tabs the title may have no room for it.
        let data_events = if lab.data_events { "hide data events" } else { "show data events" };
        open.into_iter().chain([(Action::Audit, data_events)]).collect()
    },
    copied: None,
};

fn settle(lab: &mut LabScreen) {
    lab.audit_selected = lab.audit_selected.min(lab.view.audit.len().saturating_sub(1));
}

/// Selects the record that was pressed; a second press opens it.
fn press(lab: &mut LabScreen, press: Press, _: &Ctx<'_>) -> Answer {
    if press.row >= lab.view.audit.len() {
        return Answer::Changed;
    }
    let again = lab.audit_selected == press.row && press.again;
    lab.audit_selected = press.row;
    if again { Answer::Act(Action::Open, 0) } else { Answer::Changed }
}

/// Selects a record that is in sight, while the pane has the focus.
fn keep_selection_in_sight(lab: &mut LabScreen, room: Room<'_>) {
    if lab.focus == room.pane {
        let top = lab.scroll_of(room.pane);
        lab.audit_selected = lab.audit_selected.clamp(top, top + room.height().saturating_sub(1));
    }
}

/// Whether the record holds every word typed, in its event, who made it or how it failed.
pub fn matches(row: &AuditRow, typed: &str) -> bool {
    let error = row.error.as_deref().unwrap_or_default();
    // What a row says is found, too: it writes this error in one word.
    let short = if error == "AccessDenied" { "denied" } else { "" };
    // What rules match is found by `matched` and by a rule's name.
    let matched = if row.rules.is_empty() { "" } else { "matched" };
    let rules = row.rules.join(" ");
    let text = format!("{} {} {error} {short} {matched} {rules}", row.event, row.who).to_lowercase();
    typed.to_lowercase().split_whitespace().all(|word| text.contains(word))
}

/// Returns the title of the pane.
pub fn title(view: &LabView, filter: &str, ctx: &Ctx<'_>) -> Title {
    let mut title = Title::new(ctx, "Audit");
    if !filter.trim().is_empty() {
        title = title.about(ctx, &format!("{} {filter}", ctx.key(Action::Search)));
    }
    let counts = view.rules.iter().map(|rule| format!("{} {}/{}", rule.name, rule.matched, rule.all));
    let title = title.about(ctx, &counts.collect::<Vec<_>>().join(", "));
    let words = match view.audit_hidden {
        _ if view.data_events => "hide data events".to_owned(),
        0 => "show data events".to_owned(),
        1 => "show 1 data event".to_owned(),
        n => format!("show {n} data events"),
    };
    title.hint(ctx, &ctx.key(Action::Audit), &words)
}

/// One row a record; the selected one stands out while the pane has the focus.
pub fn lines(
    rows: &[AuditRow],
    selected: usize,
    filter: &str,
    ctx: &Ctx<'_>,
    width: usize,
) -> Vec<Line<'static>> {
    if rows.is_empty() {
        let words =
            if filter.trim().is_empty() { "no calls yet" } else { "no record matches; Esc shows all" };
        return vec![Line::from(ctx.sentence(words, ctx.theme.dim))];
    }
    let event = rows.iter().map(|r| r.event.len()).max().unwrap_or(8).clamp(8, 20);
    rows.iter()
        .enumerate()
        .map(|(i, r)| {
            let line = record(r, event, i == selected, ctx, width);
            if ctx.focused && i == selected { line.style(ctx.theme.selection) } else { line }
        })
        .collect()
}

/// The room of a result with the blank before it: a sign and a word.
const RESULT_CELLS: usize = 10;
/// The word behind a data event, where there is room.
const DATA: &str = " data";

fn record(r: &AuditRow, event: usize, selected: bool, ctx: &Ctx<'_>, width: usize) -> Line<'static> {
    let theme = ctx.theme;
    let name = if selected { theme.title } else { theme.text };
    let matched = if r.rules.is_empty() { "  ".to_owned() } else { format!("{} ", ctx.glyphs.marker) };
    let mut spans = vec![
        Span::styled(format!("{}  ", clean(&r.time)), theme.dim),
        Span::styled(text::pad(&clean(&r.event), event, ctx.glyphs.ellipsis), name),
        Span::styled(matched, theme.accent),
    ];
    let result = match &r.error {
        // The word every service uses for a refusal is longer than what it says.
        Some(code) if code == "AccessDenied" => {
            Span::styled(format!("{} denied", ctx.glyphs.denied), theme.denied)
        }
        Some(code) => Span::styled(format!("{} {}", ctx.glyphs.denied, clean(code)), theme.denied),
        None => Span::styled(ctx.glyphs.allowed, theme.allowed),
    };
    let used: usize = spans.iter().map(Span::width).sum();
    let room = width.saturating_sub(used);
    // One width for all rows, so that the results stand under each other. The end says through whom.
    let for_who = room.saturating_sub(RESULT_CELLS).min(28);
    let who = text::fit_middle(&clean(&r.who), for_who, ctx.glyphs.ellipsis);
    let data = if r.data && for_who + 1 + result.width() + DATA.len() <= room { DATA } else { "" };
    spans.push(Span::styled(text::pad(&who, for_who, ""), theme.dim));
    spans.push(Span::raw(" "));
    spans.push(result);
    spans.push(Span::styled(data, theme.dim));
    text::fit_line(&Line::from(spans), width, ctx.glyphs.ellipsis)
}
