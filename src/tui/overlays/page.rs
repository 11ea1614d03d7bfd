//! Pages: lines to read.

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use unicode_segmentation::UnicodeSegmentation as _;

use super::frame::{Ground, Reply, cast, inside};
use crate::narration::beliefs::BeliefRow;
use crate::narration::diff::{self, Row};
use crate::narration::{
    ActionTarget, AuditRow, CallStatus, Card, Comparison, May, Refusal, StepRow, VersionRow, WhoCanView,
    WhyStep,
};
use crate::tui::editor::Editor;
use crate::tui::keys::{Action, Context};
use crate::tui::lab_screen::LabScreen;
use crate::tui::layout::centered;
use crate::tui::panes::{self, Ctx, Title};
use crate::tui::port::Port;
use crate::tui::sanitize::clean;
use crate::tui::text;

/// A page of lines to read.
#[derive(Clone, Debug)]
pub struct Page {
    /// The subject of the page.
    pub kind: PageKind,
    /// The first line shown.
    pub scroll: usize,
}

/// The pages, each with what it shows.
#[derive(Clone, Debug)]
pub enum PageKind {
    /// The draft against the applied text.
    Diff,
    /// Every identity and resource in full.
    Everybody,
    Record(AuditRow),
    /// The decisions of a call; of which step it was, if that is known.
    Decisions(Option<StepRow>, Vec<WhyStep>),
    /// Who may do this action to that, each with the reason.
    WhoCan(String, ActionTarget, WhoCanView),
    /// Why one cell of the matrix is as it is: who, what, the decisions.
    Cell(String, String, Vec<WhyStep>),
    /// A version of the document, which has that text unless it was not there, against the draft.
    Version(Option<String>, VersionRow),
    /// Two moments against each other.
    Comparison(Comparison),
    /// Why the draft was not applied.
    Refused(Refusal),
    /// What was learned, once a scenario is done.
    Card(Box<Card>),
    /// What people believe, and how the learner stands to it; why what is kept of that cannot be read, if so.
    Beliefs(Vec<BeliefRow>, Option<String>),
    /// How clients on the wire reach the lab.
    Port(Port),
}

/// The fewest rows over the panes in which a page can be read.
const LEAST_ROWS: u16 = 9;
/// The fewest in which a list of names with a reason for each can be read.
const LEAST_ROWS_OF_NAMES: u16 = 16;

impl Page {
    /// A page from its head on.
    pub fn new(kind: PageKind) -> Self {
        Self { kind, scroll: 0 }
    }

    /// Takes a key; replies with what it asks for.
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "crossterm knows many keys, and most mean nothing here"
    )]
    pub fn on_key(key: KeyEvent) -> Reply {
        match key.code {
            KeyCode::Char('q') => Reply::Close,
            KeyCode::Char('y') => Reply::Act(Action::Copy),
            _ => Reply::Pass,
        }
    }

    /// Takes a key that the key map knows in the lab.
    pub fn on_lab_action(&self, action: Action) -> Reply {
        if action == Action::Diff && matches!(self.kind, PageKind::Diff | PageKind::Comparison(_)) {
            Reply::Close
        } else if matches!(action, Action::Search | Action::SearchNext | Action::SearchPrevious) {
            Reply::Act(action)
        } else if matches!(action, Action::Why | Action::Timeline) && matches!(self.kind, PageKind::Record(_))
        {
            Reply::Follow(action)
        } else {
            Reply::Pass
        }
    }

    /// Returns the actions that the footer offers.
    pub fn offers(&self) -> &'static [Action] {
        match self.kind {
            PageKind::Card(_) => {
                &[Action::Next, Action::Export, Action::Home, Action::Search, Action::Copy, Action::Back]
            }
            PageKind::Version(..) => &[Action::Open, Action::Search, Action::Copy, Action::Back],
            PageKind::Record(_) => {
                &[Action::Why, Action::Timeline, Action::CopyCli, Action::Search, Action::Copy, Action::Back]
            }
            PageKind::Diff
            | PageKind::Everybody
            | PageKind::Decisions(..)
            | PageKind::WhoCan(..)
            | PageKind::Cell(..)
            | PageKind::Comparison(_)
            | PageKind::Beliefs(..)
            | PageKind::Port(_)
            | PageKind::Refused(_) => &[Action::Search, Action::Copy, Action::Back],
        }
    }

    /// Returns the name of the page.
    pub fn name(&self, lab: Option<&LabScreen>) -> String {
        match &self.kind {
            PageKind::Diff => "Draft against applied".into(),
            PageKind::Record(record) => format!("{} {}", record.time, record.event),
            PageKind::Decisions(Some(step), _) => format!("Decisions: {} by {}", step.what, step.who),
            PageKind::Decisions(None, _) => "Decisions".into(),
            PageKind::WhoCan(action, target, _) => format!("Who can {action}: {}", target.label),
            PageKind::Refused(refusal) => refusal.title.clone(),
            PageKind::Card(card) => format!("Done: {}", clean(&card.title)),
            PageKind::Beliefs(..) => "Beliefs".into(),
            PageKind::Port(port) => format!("This lab answers on http://{}", clean(&port.address)),
            PageKind::Everybody => match lab.map(|l| l.view.watched_in_full.as_str()) {
                Some(call) if !call.is_empty() => format!("Identities: {}", clean(call)),
                Some(_) | None => "Identities".into(),
            },
            PageKind::Comparison(comparison) => comparison.title.clone(),
            PageKind::Version(_, version) => {
                format!("The draft against {} by {}", version.time, version.who)
            }
            PageKind::Cell(who, what, _) => format!("{who}: {what}"),
        }
    }

    /// Returns the lines of the page in that width.
    pub fn lines(&self, ground: &Ground<'_>, width: usize) -> Vec<Line<'static>> {
        let (ctx, theme) = (&ground.ctx, ground.ctx.theme);
        let decisions = |steps: &[WhyStep]| panes::why::lines(steps, &Ctx { expanded: true, ..*ctx }, width);
        let draft = ground.lab.map(|lab| &lab.editor);
        match &self.kind {
            PageKind::Diff => {
                draft.map_or_else(Vec::new, |draft| diff_lines(draft.base(), draft.lines(), ctx, width))
            }
            PageKind::Everybody => {
                ground.lab.map_or_else(Vec::new, |lab| panes::identities::whole(&lab.view, ctx, width))
            }
            PageKind::Record(record) => record_lines(record, ctx, width),
            PageKind::Decisions(_, steps) | PageKind::Cell(_, _, steps) => decisions(steps),
            PageKind::Version(Some(text), _) => {
                let old: Vec<String> = text.lines().map(str::to_owned).collect();
                match draft.map(Editor::lines) {
                    Some(draft) if draft != old => diff_lines(&old, draft, ctx, width),
                    Some(_) | None => {
                        let words = "The draft reads exactly like this version.";
                        vec![Line::from(Span::styled(words, theme.dim))]
                    }
                }
            }
            PageKind::Version(None, _) => {
                vec![Line::from(Span::styled("The document was not there then.", theme.dim))]
            }
            PageKind::Comparison(comparison) => comparison_lines(comparison, ctx, width),
            PageKind::WhoCan(_, _, view) => who_can_lines(view, ctx, width),
            PageKind::Refused(refusal) => {
                // What decided, in plain words, then AWS's own.
                let denied = refusal.why.iter().rev().find(|step| step.status != CallStatus::Allowed);
                let mut out: Vec<Line<'static>> = denied
                    .map_or_else(Vec::new, |step| text::wrap(&clean(&step.conclusion), width, theme.title));
                let message = refusal.message.lines();
                out.extend(message.flat_map(|line| text::wrap(&clean(line), width, theme.text)));
                if !refusal.why.is_empty() {
                    out.push(Line::default());
                    out.extend(decisions(&to_the_refusal(&refusal.why)));
                }
                out
            }
            PageKind::Card(card) => card_lines(card, ctx, width),
            PageKind::Port(port) => port_lines(port, ctx, width),
            PageKind::Beliefs(map, unread) => panes::beliefs::lines(map, unread.as_deref(), ctx, width),
        }
    }

    /// Returns the rectangle that the overlay takes.
    pub fn rect(&self, ground: &Ground<'_>) -> Rect {
        let area = ground.area;
        // Over the panes, below the task and the way of the call, which stay in sight; the card takes all of it.
        let panes = ground.lab.filter(|lab| lab.present.is_none()).and_then(|lab| lab.panes_rect(area));
        // Who may do something, or did, is no call of the task: it may lie over all of it.
        let wants_room = matches!(self.kind, PageKind::WhoCan(..) | PageKind::Record(_));
        let least = if wants_room { LEAST_ROWS_OF_NAMES } else { LEAST_ROWS };
        let panes = panes.filter(|rect| rect.height >= least);
        let area = panes.unwrap_or(area);
        if matches!(self.kind, PageKind::Card(_)) {
            return area;
        }
        let width = 110.min(area.width.saturating_sub(4)).max(1);
        let rows = self.lines(ground, usize::from(width.saturating_sub(4))).len();
        let over = if wants_room { 2 } else { 4 };
        let most = if panes.is_some() { area.height } else { area.height.saturating_sub(over) };
        centered(area, width, cast(rows + 2).clamp(5, most.max(5)))
    }

    /// How far it can scroll.
    pub fn max_scroll(&self, ground: &Ground<'_>) -> usize {
        let (lines, height) = self.in_front(ground);
        lines.len().saturating_sub(height)
    }

    /// Scrolls the page by rows.
    pub fn move_by(&mut self, by: isize, ground: &Ground<'_>) -> Reply {
        self.scroll = self.scroll.saturating_add_signed(by).min(self.max_scroll(ground));
        Reply::Changed
    }

    /// Returns the lines as they are drawn, and how many of them are on the screen.
    pub fn in_front(&self, ground: &Ground<'_>) -> (Vec<Line<'static>>, usize) {
        let inner = inside(self.rect(ground));
        (self.lines(ground, usize::from(inner.width)), usize::from(inner.height))
    }

    /// Draws the overlay into its rectangle.
    pub fn draw(&self, rect: Rect, buf: &mut Buffer, ground: &Ground<'_>) {
        let ctx = &ground.ctx;
        let mut title = Title::new(ctx, &self.name(ground.lab));
        match &self.kind {
            PageKind::Record(record) if record.call.is_some() => {
                title = title.hint(ctx, &ctx.key(Action::Why), "why").hint(
                    ctx,
                    &ctx.key(Action::Timeline),
                    "its step",
                );
            }
            PageKind::Version(..) => {
                let open = ctx.keys.label(Context::List, Action::Open);
                title = title.hint(ctx, &open, "takes the version into the draft");
            }
            PageKind::Record(_)
            | PageKind::Diff
            | PageKind::Everybody
            | PageKind::Decisions(..)
            | PageKind::WhoCan(..)
            | PageKind::Cell(..)
            | PageKind::Comparison(_)
            | PageKind::Beliefs(..)
            | PageKind::Port(_)
            | PageKind::Refused(_) => {}
            PageKind::Card(_) => title = title.hint(ctx, &ctx.key(Action::Next), "the next scenario"),
        }
        let title = title.hint(ctx, &ctx.key(Action::Copy), "copies").hint(
            ctx,
            &ctx.keys.label(Context::List, Action::Back),
            "closes",
        );
        let inner = panes::frame(rect, buf, ctx, title);
        let lines = self.lines(ground, usize::from(inner.width));
        panes::draw_lines(&lines, inner, self.scroll, buf, ctx);
        panes::more_below(lines.len(), self.scroll, rect, buf, ctx);
    }
}

/// The decisions of a refused call. Of those that let it through the conclusion is enough.
fn to_the_refusal(why: &[WhyStep]) -> Vec<WhyStep> {
    let last = why.iter().rposition(|step| step.status != CallStatus::Allowed).unwrap_or(0);
    let shown = |(at, step): (usize, &WhyStep)| {
        let lines = if at < last { Vec::new() } else { step.lines.clone() };
        WhyStep { lines, ..step.clone() }
    };
    why.iter().enumerate().map(shown).collect()
}

/// The lesson first; then what the learner has thought and said of it, with the facts and where AWS says so; then who gets
/// what now, and at last what was changed, the longest of all.
fn card_lines(card: &Card, ctx: &Ctx<'_>, width: usize) -> Vec<Line<'static>> {
    let theme = ctx.theme;
    let mut out = lesson(&card.lesson, ctx, width);
    let said = card.words.as_ref().map(|words| format!("You said: {words}"));
    let helped = Some(&card.help).filter(|help| !help.is_empty()).map(|help| format!("Help taken: {help}."));
    for words in said.into_iter().chain(helped) {
        out.extend(text::wrap(&clean(&words), width, theme.dim));
    }
    let heading = |out: &mut Vec<Line<'static>>, words: &str| {
        out.push(Line::default());
        out.push(Line::from(Span::styled(words.to_owned(), theme.accent)));
    };
    if card.guesses.iter().any(|guess| guess.outcome.is_some()) {
        heading(&mut out, "Your guesses");
        panes::story::judged(&card.guesses, ctx, width, &mut out);
    }
    if !card.facts.is_empty() {
        heading(&mut out, "What many believe, and what is so");
        for (belief, fact) in &card.facts {
            out.extend(text::wrap(&clean(belief), width, theme.dim));
            let line = Line::from(Span::styled(format!("  {}", clean(fact)), theme.text));
            out.extend(text::wrap_line(&line, width, 2));
        }
    }
    if !card.sources.is_empty() {
        heading(&mut out, "Where AWS says so");
        for (at, says) in &card.sources {
            let line = Line::from(vec![
                Span::styled(format!("{}: ", clean(at)), theme.dim),
                Span::styled(clean(says).into_owned(), theme.text),
            ]);
            out.extend(text::wrap_line(&line, width, 2));
        }
    }
    if !card.verdicts.is_empty() {
        heading(&mut out, &format!("{}, at the start and now", clean(&card.watched)));
        let name = card.verdicts.iter().map(|(who, ..)| text::width(&clean(who))).max().unwrap_or(0);
        for (who, before, after) in &card.verdicts {
            let mut spans = vec![Span::styled(
                format!("{}  ", text::pad(&clean(who), name, ctx.glyphs.ellipsis)),
                theme.text,
            )];
            spans.extend(ctx.status(*before));
            if before != after {
                spans.push(Span::styled(format!(" {} ", ctx.glyphs.arrow), theme.draft));
                spans.extend(ctx.status(*after));
            }
            out.push(text::fit_line(&Line::from(spans), width, ctx.glyphs.ellipsis));
        }
    }
    for (name, [old, new]) in &card.policies {
        heading(&mut out, &clean(name));
        out.extend(diff_lines(old, new, ctx, width));
    }
    out
}

/// The lesson, its first sentence bold: where all of it is, nothing stands out.
fn lesson(paragraphs: &[String], ctx: &Ctx<'_>, width: usize) -> Vec<Line<'static>> {
    let mut bold = true;
    let mut out = Vec::new();
    for paragraph in paragraphs {
        let paragraph = clean(paragraph);
        let end = paragraph.split_sentence_bounds().next().map_or(0, str::len);
        let (first, rest) = paragraph.split_at(if std::mem::take(&mut bold) { end } else { 0 });
        let line = Line::from(vec![
            Span::styled(first.to_owned(), ctx.theme.title),
            Span::styled(rest.to_owned(), ctx.theme.text),
        ]);
        out.extend(text::wrap_line(&line, width, 0));
    }
    out
}

fn record_lines(record: &AuditRow, ctx: &Ctx<'_>, width: usize) -> Vec<Line<'static>> {
    let theme = ctx.theme;
    let mut out: Vec<Line<'static>> =
        record.json.lines().flat_map(|l| panes::json_line(l, ctx, width)).collect();
    if let Some(cli) = &record.cli {
        out.push(Line::default());
        out.extend(text::wrap(&clean(cli), width, theme.accent));
        let key = ctx.key(Action::CopyCli);
        out.push(Line::from(ctx.key_words(&key, " copies this command", theme.dim).to_vec()));
    }
    if let Some(clicks) = record.clicks {
        let words = [Span::styled("In AWS's console: ", theme.dim), Span::styled(clicks, theme.text)];
        out.extend(text::wrap_line(&Line::from(words.to_vec()), width, 2));
    }
    if record.call.is_none() {
        out.push(Line::default());
        let words = "Made before this session, or by a service on its own: it has no step.";
        out.push(Line::from(Span::styled(words, theme.dim)));
    }
    out
}

fn port_lines(port: &Port, ctx: &Ctx<'_>, width: usize) -> Vec<Line<'static>> {
    let words = "The AWS CLI and the SDKs on this machine call this lab there. Each call is a step of it, by whoever signs: \
                 it stands in the audit trail, the reasons and the timeline. To paste into a shell:";
    let mut out = text::wrap(words, width, ctx.theme.text);
    out.push(Line::default());
    out.extend(port.how.iter().flat_map(|line| text::wrap(&clean(line), width, ctx.theme.accent)));
    out
}

fn who_can_lines(view: &WhoCanView, ctx: &Ctx<'_>, width: usize) -> Vec<Line<'static>> {
    let theme = ctx.theme;
    let (asked, may) = view.here;
    let mut out =
        vec![Line::from(Span::styled(format!("{may} of {asked} principals here may"), theme.title))];
    let names = view.tiers.iter().flat_map(|(_, rows)| rows).map(|row| text::width(&clean(&row.who)));
    let name = names.max().unwrap_or(8).max(8);
    // Reasons stand beside the names if there is room for words, else under them.
    let beside = width >= name + 4 + 40;
    for (heading, rows) in &view.tiers {
        out.push(Line::default());
        let nobody = if rows.is_empty() { ": nobody" } else { "" };
        out.push(Line::from(Span::styled(format!("{heading}{nobody}"), theme.title)));
        for row in rows {
            let symbol = match row.may {
                May::Yes => ctx.symbol(CallStatus::Allowed),
                May::If => Span::styled(ctx.glyphs.unknown, theme.draft),
                May::No => ctx.symbol(CallStatus::Denied),
            };
            let who = clean(&row.who);
            let why = Span::styled(clean(&row.why).into_owned(), theme.dim);
            if beside {
                let who = text::pad(&who, name, ctx.glyphs.ellipsis);
                let line = vec![symbol, Span::raw(" "), Span::styled(who, theme.text), Span::raw("  "), why];
                out.extend(text::wrap_line(&Line::from(line), width, name + 4));
            } else {
                let line = vec![symbol, Span::raw(" "), Span::styled(who.into_owned(), theme.text)];
                out.extend(text::wrap_line(&Line::from(line), width, 2));
                out.extend(text::wrap_line(&Line::from(vec![Span::raw("    "), why]), width, 4));
            }
        }
    }
    out.push(Line::default());
    out.push(Line::from(Span::styled("Not looked at", theme.title)));
    for left in &view.not_looked_at {
        let line = Line::from(Span::styled(format!("{} {}", ctx.glyphs.dot, clean(left)), theme.dim));
        out.extend(text::wrap_line(&line, width, 2));
    }
    out
}

fn comparison_lines(comparison: &Comparison, ctx: &Ctx<'_>, width: usize) -> Vec<Line<'static>> {
    let theme = ctx.theme;
    let mut out = Vec::new();
    for (who, before, after) in &comparison.verdicts {
        let mut spans = vec![
            Span::styled(text::pad(&clean(who), 14, ctx.glyphs.ellipsis), theme.text),
            Span::raw("  "),
            ctx.symbol(*before),
        ];
        if before != after {
            spans.push(Span::styled(format!(" {} ", ctx.glyphs.arrow), theme.draft));
            spans.push(ctx.symbol(*after));
        }
        out.push(text::fit_line(&Line::from(spans), width, ctx.glyphs.ellipsis));
    }
    for (name, [old, new]) in &comparison.policies {
        out.push(Line::default());
        out.extend(text::wrap(&clean(name), width, theme.title));
        out.extend(diff_lines(old, new, ctx, width));
    }
    if comparison.policies.is_empty() {
        out.push(Line::default());
        out.push(Line::from(Span::styled("Every policy reads the same at both.", theme.dim)));
    }
    out
}

/// The rows around a change that are shown with it.
const CONTEXT: usize = 2;

/// The lines that differ, each with its neighbours, which take a row each; what is left out is a row of its own.
fn diff_lines(old: &[String], new: &[String], ctx: &Ctx<'_>, width: usize) -> Vec<Line<'static>> {
    let rows = diff::rows(old, new);
    let differs: Vec<bool> = rows.iter().map(|row| !matches!(row, Row::Same(_))).collect();
    let near = |at: usize| {
        let (from, to) = (at.saturating_sub(CONTEXT), (at + CONTEXT + 1).min(differs.len()));
        differs.get(from..to).is_some_and(|some| some.contains(&true))
    };
    let mut out = Vec::new();
    let mut left = 0;
    for (at, row) in rows.into_iter().enumerate() {
        if near(at) {
            out.extend(left_out(std::mem::take(&mut left), ctx));
            out.extend(diff_row(&row, old, new, ctx, width));
        } else {
            left += 1;
        }
    }
    out.extend(left_out(left, ctx));
    out
}

/// The row for so many unchanged lines; none for none.
fn left_out(lines: usize, ctx: &Ctx<'_>) -> Option<Line<'static>> {
    let s = if lines == 1 { "" } else { "s" };
    let words = format!("     {} {lines} line{s} as before", ctx.glyphs.ellipsis);
    (lines > 0).then(|| Line::from(Span::styled(words, ctx.theme.dim)))
}

fn diff_row(row: &Row, old: &[String], new: &[String], ctx: &Ctx<'_>, width: usize) -> Vec<Line<'static>> {
    let theme = ctx.theme;
    let (sign, number, line, style) = match row {
        Row::Same(n) => (" ", Some(*n), new.get(*n), theme.dim),
        Row::Added(n) => ("+", Some(*n), new.get(*n), theme.allowed),
        Row::Removed(n) => ("-", None, old.get(*n), theme.denied),
    };
    let number = number.map_or_else(String::new, |n| (n + 1).to_string());
    let shown = clean(line.map_or("", String::as_str));
    let indent = 7 + shown.chars().take_while(|c| *c == ' ').count().min(width / 3);
    let line = Line::from(Span::styled(format!("{number:>4} {sign} {shown}"), style));
    match row {
        Row::Same(_) => vec![text::fit_line(&line, width, ctx.glyphs.ellipsis)],
        Row::Added(_) | Row::Removed(_) => text::wrap_line(&line, width, indent),
    }
}
