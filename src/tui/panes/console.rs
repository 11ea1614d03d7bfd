//! The console: what was typed, what it printed, and the line being typed, as in a terminal.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};
use unicode_segmentation::UnicodeSegmentation as _;

use super::pane::{self, Answer, Fit, PaneView, Press, Room, Scroll, Search, Tab, To};
use super::{Ctx, Title, with_their_keys};
use crate::lab::Typed;
use crate::tui::keys::{Action, Context};
use crate::tui::lab_screen::LabScreen;
use crate::tui::prompt::{Choices, Prompt};
use crate::tui::sanitize::clean;
use crate::tui::text;

/// The most rows the list of completions takes.
const MAX_CHOICE_ROWS: usize = 8;

/// The pane of the console.
pub const VIEW: PaneView = PaneView {
    title: |lab, ctx, _| title(&of(lab, ""), ctx),
    tab: Tab::Name,
    lines: |lab, ctx, width| lines(&of(lab, &lab.session.lab().prompt()), ctx, width),
    draw: Some(|lab, [_, inner], buf, ctx| draw(&of(lab, &lab.session.lab().prompt()), inner, buf, ctx)),
    scrolling: pane::all_scroll,
    folded: None,
    fit: Fit::Fixed,
    open: |_| Answer::Act(Action::Console, 0),
    press,
    move_by: pane::keys_scroll,
    scroll: Scroll::Own(scroll),
    selection: pane::selects_nothing,
    settle: pane::needs_no_settling,
    search: Search::Console,
    offers: pane::offers_nothing,
    copied: Some(|lab| {
        let typed = lab.session.lab().transcript().shown().iter();
        let text = typed.flat_map(|t| [t.prompt.as_str(), t.text.as_str(), "\n", &*t.printed]).collect();
        ("console".into(), text)
    }),
};

/// What the console draws, with that prompt.
fn of<'a>(lab: &'a LabScreen, prompt: &'a str) -> ConsoleView<'a> {
    ConsoleView {
        typed: lab.session.lab().transcript().shown(),
        prompt,
        line: &lab.console.line,
        typing: lab.console.typing,
        back: lab.console.back,
    }
}

/// Takes the completion that was pressed; keys go into the line in any case.
fn press(lab: &mut LabScreen, press: Press, ctx: &Ctx<'_>) -> Answer {
    let rect = press.rect;
    let inner = Rect {
        x: rect.x + 2,
        y: rect.y + 1,
        width: rect.width.saturating_sub(4),
        height: rect.height.saturating_sub(2),
    };
    let prompt = lab.session.lab().prompt();
    let row = press.at.y.checked_sub(inner.y).map(usize::from);
    if let Some(nth) = row.and_then(|row| choice_at(&of(lab, &prompt), inner, row, ctx)) {
        lab.console.line.choose(nth);
    }
    lab.console.typing = true;
    Answer::Changed
}

/// Scrolls what was printed; what is kept is how many rows of its end lie below the pane.
fn scroll(lab: &mut LabScreen, room: Room<'_>, to: To<'_>) {
    let prompt = lab.session.lab().prompt();
    let most = rows(&of(lab, &prompt), room.width(), &room.ctx).saturating_sub(room.height());
    let top = to(most.saturating_sub(lab.console.back), most);
    lab.console.back = most.saturating_sub(top);
}

/// What the console draws.
#[derive(Clone, Copy, Debug)]
pub struct ConsoleView<'a> {
    /// What was typed and printed.
    pub typed: &'a [Typed],
    pub prompt: &'a str,
    /// What is being typed.
    pub line: &'a Prompt,
    /// Whether keys go into it.
    pub typing: bool,
    /// How many rows of the end lie below the pane.
    pub back: usize,
}

/// Returns the title of the pane.
pub fn title(view: &ConsoleView<'_>, ctx: &Ctx<'_>) -> Title {
    let key = |action| ctx.keys.label(Context::Console, action);
    let about = match view.back {
        0 => "aws lines, as in a shell".to_owned(),
        1 => "1 row below".to_owned(),
        rows => format!("{rows} rows below"),
    };
    let title = Title::new(ctx, "Console").about(ctx, &about);
    if view.typing {
        title
            .hint(ctx, &key(Action::CompleteLine), "completes")
            .hint(ctx, &key(Action::FindLine), "finds")
            .hint(ctx, &key(Action::Back), "leaves")
    } else {
        title.hint(ctx, &ctx.key(Action::Console), "type")
    }
}

/// Draws what fits, the end at the bottom; answers where the cursor is.
pub fn draw(view: &ConsoleView<'_>, inner: Rect, buf: &mut Buffer, ctx: &Ctx<'_>) -> Option<Position> {
    let width = usize::from(inner.width);
    let height = usize::from(inner.height);
    let below = choice_lines(view.line.choices(), width, height.saturating_sub(2), ctx);
    let (input, at) = input_lines(view, ctx, width);
    let wanted = (height + view.back).saturating_sub(input.len() + below.len());
    let mut rows = tail(view.typed, width, wanted, ctx);
    let cursor_row = rows.len() + at.0;
    rows.extend(input);
    rows.extend(below);
    let first = rows.len().saturating_sub(height + view.back);
    super::draw_rows(&rows, inner, first, buf);
    let row = cursor_row.checked_sub(first).filter(|row| *row < height)?;
    let cast = |n: usize| u16::try_from(n).unwrap_or(u16::MAX);
    view.typing.then(|| Position { x: inner.x + cast(at.1), y: inner.y + cast(row) })
}

/// How many rows the whole console has at that width.
pub fn rows(view: &ConsoleView<'_>, width: usize, ctx: &Ctx<'_>) -> usize {
    let input = input_lines(view, ctx, width).0.len();
    input + tail(view.typed, width, usize::MAX, ctx).len()
}

/// Everything as lines, for copying and searching.
pub fn lines(view: &ConsoleView<'_>, ctx: &Ctx<'_>, width: usize) -> Vec<Line<'static>> {
    let mut out = tail(view.typed, width, usize::MAX, ctx);
    out.extend(input_lines(view, ctx, width).0);
    out
}

/// The last rows of what was typed and printed, at least `want` if there are so many. Reads no more than it needs, so
/// that a long session costs a frame no more than a short one.
fn tail(typed: &[Typed], width: usize, want: usize, ctx: &Ctx<'_>) -> Vec<Line<'static>> {
    let mut out: Vec<Line<'static>> = Vec::new();
    if typed.is_empty() {
        let mut rows = welcome(ctx, width);
        rows.reverse();
        out = rows;
    }
    'all: for one in typed.iter().rev() {
        for line in one.printed.lines().rev() {
            if out.len() >= want {
                break 'all;
            }
            let mut rows = printed(line, one.code, ctx, width);
            rows.reverse();
            out.extend(rows);
        }
        let mut rows = command(one, ctx, width);
        rows.reverse();
        out.extend(rows);
        if out.len() >= want {
            break;
        }
    }
    out.reverse();
    out
}

fn welcome(ctx: &Ctx<'_>, width: usize) -> Vec<Line<'static>> {
    let key = |action| ctx.key_span(&ctx.keys.label(Context::Console, action));
    let word = |w: &'static str| Span::styled(w, ctx.theme.dim);
    let lines = [
        Line::from(vec![
            Span::styled("aws kms list-keys", ctx.theme.text),
            word(" and whatever else the AWS CLI takes, at the simulated cloud. "),
            Span::styled("help", ctx.theme.text),
            word(" lists the rest."),
        ]),
        Line::from(with_their_keys(vec![
            key(Action::CompleteLine),
            word(" completes commands, options and the names of this world; "),
            key(Action::FindLine),
            word(" finds an earlier line."),
        ])),
        Line::default(),
    ];
    lines.iter().flat_map(|line| text::wrap_line(line, width, 0)).collect()
}

fn command(one: &Typed, ctx: &Ctx<'_>, width: usize) -> Vec<Line<'static>> {
    let bold = ctx.theme.accent.add_modifier(Modifier::BOLD);
    let mut out = Vec::new();
    for (n, line) in one.text.lines().enumerate() {
        let head = if n == 0 { one.prompt.as_str() } else { "  " };
        let is_comment = line.trim_start().starts_with('#');
        let style = if is_comment { ctx.theme.dim } else { ctx.theme.title };
        let line = Line::from(vec![
            Span::styled(clean(head).into_owned(), bold),
            Span::styled(clean(line).into_owned(), style),
        ]);
        out.extend(text::wrap_line(&line, width, 2));
    }
    out
}

fn printed(line: &str, code: u8, ctx: &Ctx<'_>, width: usize) -> Vec<Line<'static>> {
    let theme = ctx.theme;
    if line.starts_with("aws: [ERROR]: ") || (code != 0 && line.starts_with("kmslab: ")) {
        return text::wrap(&clean(line), width, theme.denied);
    }
    let is_json = line.starts_with([' ', '{', '}', '[', ']', '"']);
    if is_json {
        return super::json_line(line, ctx, width);
    }
    text::wrap(&clean(line), width, theme.text)
}

/// Text that fills rows of one width.
struct Rows {
    all: Vec<Vec<Span<'static>>>,
    used: usize,
    width: usize,
}

impl Rows {
    fn put(&mut self, text: &str, style: Style) {
        for grapheme in text.graphemes(true) {
            let cells = text::width(grapheme);
            // The last cell of a row stays free, for the cursor.
            if self.used + cells >= self.width {
                self.all.push(Vec::new());
                self.used = 0;
            }
            self.used += cells;
            let Some(row) = self.all.last_mut() else { return };
            match row.last_mut() {
                Some(last) if last.style == style => last.content.to_mut().push_str(grapheme),
                _ => row.push(Span::styled(grapheme.to_owned(), style)),
            }
        }
    }

    /// Text of several lines; each but the first gets `head`.
    fn put_lines(&mut self, text: &str, style: Style, head: Style) {
        for (n, line) in text.split('\n').enumerate() {
            if n > 0 {
                self.all.push(Vec::new());
                self.used = 0;
                self.put("> ", head);
            }
            self.put(&clean(line), style);
        }
    }
}

/// The line being typed, wrapped, and the row and column of the cursor in it.
fn input_lines(view: &ConsoleView<'_>, ctx: &Ctx<'_>, width: usize) -> (Vec<Line<'static>>, (usize, usize)) {
    let theme = ctx.theme;
    let head = match view.line.search() {
        Some(search) if search.found => format!("(find {}) ", search.wanted),
        Some(search) => format!("(find {}: nothing) ", search.wanted),
        None => view.prompt.to_owned(),
    };
    let mut rows = Rows { all: vec![Vec::new()], used: 0, width: width.max(4) };
    rows.put(&clean(&head), theme.accent.add_modifier(Modifier::BOLD));
    let text = view.line.text();
    let (before, after) = text.split_at_checked(view.line.cursor()).unwrap_or((text, ""));
    rows.put_lines(before, theme.text, theme.dim);
    let at = (rows.all.len() - 1, rows.used);
    rows.put_lines(after, theme.text, theme.dim);
    (rows.all.into_iter().map(Line::from).collect(), at)
}

/// The completions, around the selected one.
fn choice_lines(choices: Option<&Choices>, width: usize, most: usize, ctx: &Ctx<'_>) -> Vec<Line<'static>> {
    let Some(choices) = choices else { return Vec::new() };
    let theme = ctx.theme;
    let most = MAX_CHOICE_ROWS.min(most);
    let first = choices.selected.unwrap_or(0).saturating_sub(most.saturating_sub(1));
    let label = choices.candidates.iter().map(|c| text::width(&clean(&c.text))).max().unwrap_or(8);
    let label = label.min(width.saturating_sub(24).max(12));
    let shown = choices.candidates.iter().enumerate().skip(first).take(most);
    let mut out: Vec<Line<'static>> = shown
        .map(|(n, candidate)| {
            let selected = choices.selected == Some(n);
            let marker = if selected { ctx.glyphs.marker } else { " " };
            let line = Line::from(vec![
                Span::styled(format!("{marker} "), theme.accent),
                Span::styled(text::pad(&clean(&candidate.text), label, ctx.glyphs.ellipsis), theme.text),
                Span::styled(format!("  {}", clean(&candidate.about)), theme.dim),
            ]);
            let line = text::fit_line(&line, width, ctx.glyphs.ellipsis);
            if selected { line.style(theme.selection) } else { line }
        })
        .collect();
    let more = choices.candidates.len().saturating_sub(first + out.len());
    if more > 0
        && let Some(last) = out.last_mut()
    {
        last.push_span(Span::styled(format!("  {} {more} more", ctx.glyphs.ellipsis), theme.dim));
        *last = text::fit_line(last, width, ctx.glyphs.ellipsis);
    }
    out
}

/// The completion on a row of the pane, counted from its top, if there is one.
pub fn choice_at(view: &ConsoleView<'_>, inner: Rect, row: usize, ctx: &Ctx<'_>) -> Option<usize> {
    let width = usize::from(inner.width);
    let height = usize::from(inner.height);
    let count = choice_lines(view.line.choices(), width, height.saturating_sub(2), ctx).len();
    let selected = view.line.choices()?.selected.unwrap_or(0);
    let first = selected.saturating_sub(MAX_CHOICE_ROWS.min(height.saturating_sub(2)).saturating_sub(1));
    let above = rows(view, width, ctx).min(height.saturating_sub(count));
    let nth = row.checked_sub(above)?;
    (nth < count).then_some(first + nth)
}
