//! The panes: one file each, drawing from plain data.
//!
//! A pane turns its data into styled lines of a given width; frames, scrolling and copying are the same for all and live
//! here. No pane reads the session, changes anything or knows a colour.

pub mod answer;
pub mod audit;
pub mod columns;
pub mod console;
pub mod head;
pub mod home;
pub mod identities;
pub mod keys;
pub mod matrix;
pub mod policy;
pub mod present;
pub mod storage;
pub mod task;
pub mod why;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Widget};

use super::data::{Mark, Verdict};
use super::flash::Flash;
use super::glyphs::Glyphs;
use super::keys::{Action, Context, KeyMap};
use super::sanitize::clean;
use super::text;
use super::theme::Theme;

/// What every pane may look at besides its data.
#[derive(Clone, Copy, Debug)]
pub struct Ctx<'a> {
    /// Colours.
    pub theme: &'a Theme,
    /// Symbols.
    pub glyphs: &'a Glyphs,
    /// The keys, for hints.
    pub keys: &'a KeyMap,
    /// Whether the pane has the focus.
    pub focused: bool,
    /// Whether folded detail is shown.
    pub expanded: bool,
    /// What is lit for a moment.
    pub flash: Option<&'a Flash>,
}

impl Ctx<'_> {
    /// Whether something is lit now.
    pub fn is_lit(&self, part: impl FnOnce(&Flash) -> bool) -> bool {
        self.flash.is_some_and(part)
    }

    /// The key of an action in the lab, as written in hints.
    pub fn key(&self, action: Action) -> String {
        self.keys.label(Context::Lab, action)
    }

    /// The symbol and word of a verdict, in its colour.
    pub fn verdict(&self, verdict: Verdict) -> Vec<Span<'static>> {
        let (symbol, word, style) = match verdict {
            Verdict::Allowed => (self.glyphs.allowed, "ALLOWED", self.theme.allowed),
            Verdict::Denied => (self.glyphs.denied, "DENIED", self.theme.denied),
            Verdict::Failed => (self.glyphs.unknown, "FAILED", self.theme.denied),
        };
        vec![
            Span::styled(format!("{symbol} "), style),
            Span::styled(word, style.add_modifier(Modifier::BOLD)),
        ]
    }

    /// The symbol of a verdict alone, in its colour.
    pub fn symbol(&self, verdict: Verdict) -> Span<'static> {
        match verdict {
            Verdict::Allowed => Span::styled(self.glyphs.allowed, self.theme.allowed),
            Verdict::Denied => Span::styled(self.glyphs.denied, self.theme.denied),
            Verdict::Failed => Span::styled(self.glyphs.unknown, self.theme.denied),
        }
    }

    /// A verdict with its reason.
    pub fn mark(&self, mark: &Mark) -> Vec<Span<'static>> {
        let mut spans = self.verdict(mark.verdict);
        if !mark.because.is_empty() {
            spans.push(Span::styled(format!(" {}", clean(&mark.because)), self.theme.text));
        }
        spans
    }
}

/// What stands in a frame's top line.
#[derive(Clone, Debug, Default)]
pub struct Title {
    /// What the pane is about; it gives way.
    pub left: Vec<Span<'static>>,
    /// What must be seen in any case, before the hints.
    pub firm: Vec<Span<'static>>,
    /// What may be done with it.
    pub right: Vec<Span<'static>>,
    /// What may be done with the selected row, in the frame's bottom line while the pane has the focus.
    pub below: Vec<Span<'static>>,
}

impl Title {
    /// A bold name.
    pub fn new(ctx: &Ctx<'_>, name: &str) -> Self {
        Self { left: vec![Span::styled(clean(name).into_owned(), ctx.theme.title)], ..Self::default() }
    }

    /// A second-rank addition to the name.
    pub fn about(mut self, ctx: &Ctx<'_>, about: &str) -> Self {
        if !about.is_empty() {
            self.left.push(Span::styled(format!(" {}", clean(about)), ctx.theme.dim));
        }
        self
    }

    /// Second-rank words at the right end.
    pub fn right(mut self, ctx: &Ctx<'_>, right: &str) -> Self {
        if !right.is_empty() {
            self.right = vec![Span::styled(clean(right).into_owned(), ctx.theme.dim)];
        }
        self
    }

    /// A key and what it does, at the right end.
    pub fn hint(mut self, ctx: &Ctx<'_>, key: &str, what: &str) -> Self {
        if !self.right.is_empty() {
            self.right.push(Span::raw("  "));
        }
        self.right.push(Span::styled(key.to_owned(), ctx.theme.accent));
        self.right.push(Span::styled(format!(" {what}"), ctx.theme.dim));
        self
    }

    /// A key and what it does with what is selected, in the frame's bottom line.
    pub fn below(mut self, ctx: &Ctx<'_>, key: &str, what: &str) -> Self {
        if ctx.focused {
            if !self.below.is_empty() {
                self.below.push(Span::raw("  "));
            }
            self.below.push(Span::styled(key.to_owned(), ctx.theme.accent));
            self.below.push(Span::styled(format!(" {what}"), ctx.theme.dim));
        }
        self
    }
}

/// Draws a frame and returns the room inside it, one blank cell left at each side.
pub fn frame(area: Rect, buf: &mut Buffer, ctx: &Ctx<'_>, title: Title) -> Rect {
    let style = if ctx.focused { ctx.theme.frame_focus } else { ctx.theme.frame };
    let block = Block::bordered().border_set(ctx.glyphs.border).border_style(style);
    let inner = block.inner(area);
    block.render(area, buf);
    let room = usize::from(area.width).saturating_sub(4);
    let firm = Line::from(spaced(title.firm));
    let firm_width = firm.width();
    // A cell of the frame stays between them.
    let left_room = room.saturating_sub(firm_width + usize::from(firm_width > 0));
    let left = Line::from(spaced(shortened(title.left, left_room.saturating_sub(2), ctx)));
    let left = text::fit_line(&left, left_room, ctx.glyphs.ellipsis);
    let left_width = left.width();
    if area.height > 0 && room > 0 {
        // The title stands on its own, not in the frame's colours.
        let plain = Style::reset().patch(ctx.theme.screen);
        buf.set_style(Rect { x: area.x + 2, width: cast(left_width), height: 1, ..area }, plain);
        buf.set_line(area.x + 2, area.y, &left, cast(room));
        let mut right = Line::from(spaced(title.right));
        // A hint that does not fit whole is left away: half a key helps nobody.
        if right.width() > 0 && left_width + firm_width + right.width() >= room {
            right = Line::default();
        }
        if firm_width > 0 {
            let gap = right.spans.first().is_some_and(|s| s.content == " ").then_some(Span::raw(" "));
            let mut spans = firm.spans;
            spans.pop();
            spans.extend(gap);
            if right.spans.is_empty() {
                spans.push(Span::raw(" "));
            }
            spans.extend(right.spans);
            right = Line::from(spans);
        }
        let width = right.width().min(room);
        if width > 0 {
            let x = area.right() - 2 - cast(width);
            buf.set_style(Rect { x, width: cast(width), height: 1, ..area }, plain);
            buf.set_line(x, area.y, &right, cast(width));
        }
    }
    let below = Line::from(spaced(title.below));
    if area.height > 2 && below.width() > 0 && below.width() <= room {
        let (x, y) = (area.right() - 2 - cast(below.width()), area.bottom() - 1);
        let plain = Style::reset().patch(ctx.theme.screen);
        buf.set_style(Rect { x, y, width: cast(below.width()), height: 1 }, plain);
        buf.set_line(x, y, &below, cast(below.width()));
    }
    Rect { x: inner.x + 1, width: inner.width.saturating_sub(2), ..inner }
}

/// The longest words shortened until all fit in `room`: a document's or a call's name rather than what follows it.
fn shortened(mut spans: Vec<Span<'static>>, room: usize, ctx: &Ctx<'_>) -> Vec<Span<'static>> {
    const LEAST: usize = 8;
    let total: usize = spans.iter().map(Span::width).sum();
    let over = total.saturating_sub(room);
    if let Some(longest) = spans.iter_mut().max_by_key(|span| span.width()).filter(|_| over > 0) {
        let width = longest.width();
        let to = width.saturating_sub(over).max(LEAST).min(width);
        longest.content = text::fit(&longest.content, to, ctx.glyphs.ellipsis).into();
    }
    spans
}

fn spaced(mut spans: Vec<Span<'static>>) -> Vec<Span<'static>> {
    if !spans.is_empty() {
        spans.insert(0, Span::raw(" "));
        spans.push(Span::raw(" "));
    }
    spans
}

/// Draws lines from row `scroll` on, and says on the frame's right border what lies above and below.
pub fn draw_lines(lines: &[Line<'_>], inner: Rect, scroll: usize, buf: &mut Buffer, ctx: &Ctx<'_>) {
    let height = usize::from(inner.height);
    let scroll = scroll.min(lines.len().saturating_sub(height.min(lines.len())));
    for (row, line) in lines.iter().skip(scroll).take(height).enumerate() {
        let y = inner.y + cast(row);
        let rect = Rect { x: inner.x, y, width: inner.width, height: 1 };
        // A styled row (a selection) reaches to the frame on both sides.
        let wide = Rect { x: rect.x.saturating_sub(1), width: rect.width + 2, ..rect };
        buf.set_style(wide.intersection(*buf.area()), line.style);
        line.render(rect, buf);
        // Reversed video turns every colour into a block of its own: such a row is drawn in one colour.
        if line.style.add_modifier.contains(Modifier::REVERSED) {
            buf.set_style(rect, Style::reset().patch(line.style).add_modifier(Modifier::BOLD));
        }
    }
    let style = if ctx.focused { ctx.theme.accent } else { ctx.theme.dim };
    let x = inner.right() + 1;
    if buf.area().contains(ratatui::layout::Position { x, y: inner.y }) && height > 0 {
        if scroll > 0 {
            buf.set_string(x, inner.y, ctx.glyphs.more.0, style);
        }
        if scroll + height < lines.len() {
            buf.set_string(x, inner.bottom() - 1, ctx.glyphs.more.1, style);
        }
    }
}

/// A line of JSON in its colours, wrapped.
pub fn json_line(line: &str, ctx: &Ctx<'_>, width: usize) -> Vec<Line<'static>> {
    use super::highlight::{Token, tokens};
    let theme = ctx.theme;
    let mut spans = Vec::new();
    let mut at = 0;
    for (range, token) in tokens(line) {
        spans.push(Span::raw(clean(line.get(at..range.start).unwrap_or_default()).into_owned()));
        let style = match token {
            Token::Key => theme.json_key,
            Token::String => theme.json_string,
            Token::Word => theme.json_word,
            Token::Punct => theme.json_punct,
        };
        spans.push(Span::styled(clean(line.get(range.clone()).unwrap_or_default()).into_owned(), style));
        at = range.end;
    }
    let indent = line.chars().take_while(|c| *c == ' ').count() + 4;
    text::wrap_line(&Line::from(spans), width, indent)
}

/// How far a pane of `total` rows can scroll in `height`.
pub fn max_scroll(total: usize, height: u16) -> usize {
    total.saturating_sub(usize::from(height))
}

fn cast(n: usize) -> u16 {
    u16::try_from(n).unwrap_or(u16::MAX)
}
