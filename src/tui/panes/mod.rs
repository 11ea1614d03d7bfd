//! The panes: one file each, with all that belongs to it: its lines, drawn from plain data, its keys, its search.
//!
//! | file | what |
//! |---|---|
//! | `pane` | what a pane is to the rest of the screen |
//! | `table` | the panes; what all of them have in common |
//! | `stage`, `task`, `path`, `flip` | what stands over the panes: the task, the way of the watched call, a verdict that turns |
//! | `head`, `home`, `beliefs`, `present` | what is no pane: single lines, the list of scenarios, the page of beliefs, the presenter's screen |
//! | `columns` | the matrix's columns |
//! | the others | a pane each, which fills a [`pane::PaneView`] |
//!
//! A pane turns its data into styled lines of a given width; frames, scrolling and copying are the same for all and live
//! here. No pane knows a colour.

pub mod answer;
pub mod audit;
pub mod beliefs;
pub mod columns;
pub mod console;
pub mod flip;
pub mod head;
pub mod home;
pub mod identities;
pub mod keys;
pub mod matrix;
pub mod pane;
pub mod path;
pub mod policy;
pub mod present;
pub mod stage;
pub mod storage;
pub mod story;
pub mod table;
pub mod task;
pub mod why;

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::{Modifier, Style};
use ratatui::symbols::merge::MergeStrategy;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Scrollbar, ScrollbarOrientation, ScrollbarState, StatefulWidget, Widget};

use super::click_targets;
use super::flash::Flash;
use super::glyphs::Glyphs;
use super::keys::{Action, Context, KeyMap};
use super::layout::Pane;
use super::sanitize::clean;
use super::text;
use super::theme::Theme;
use crate::narration::{CallStatus, Mark};
use crate::policy::json;

/// What every pane may look at besides its data.
#[derive(Clone, Copy, Debug)]
pub struct Ctx<'a> {
    pub theme: &'a Theme,
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

    /// A style for cells whose click is that key, written as the key map draws it.
    pub fn clickable(&self, style: Style, key: &str) -> Style {
        click_targets::mark(style, self.keys.number(key))
    }

    /// A key by its name. It can be clicked.
    pub fn key_span(&self, key: &str) -> Span<'static> {
        Span::styled(key.to_owned(), self.clickable(self.theme.accent, key))
    }

    /// A key and what it does; both can be clicked.
    pub fn key_words(&self, key: &str, words: &str, style: Style) -> [Span<'static>; 2] {
        [self.key_span(key), Span::styled(words.to_owned(), self.clickable(style, key))]
    }

    /// Words in which pieces may begin with a key, as in `Enter opens, Esc closes`. Such a piece can be clicked.
    pub fn sentence(&self, words: &str, style: Style) -> Vec<Span<'static>> {
        // These letters are words, too.
        let is_key = |word: &str| !matches!(word, "a" | "A" | "I") && self.keys.number(word) > 0;
        let mut out = Vec::new();
        for piece in pieces(words) {
            match piece.split_once(' ').filter(|(first, rest)| is_key(first) && !rest.trim().is_empty()) {
                Some((key, rest)) => {
                    let (rest, end) = rest.split_at(rest.trim_end_matches([' ', ',', ';', ':', '.']).len());
                    out.extend(self.key_words(key, &format!(" {rest}"), style));
                    out.push(Span::styled(end.to_owned(), style));
                }
                None => out.push(Span::styled(piece.to_owned(), style)),
            }
        }
        out.retain(|span| !span.content.is_empty());
        out
    }

    /// The symbol and word of a status, in its colour.
    pub fn status(&self, status: CallStatus) -> Vec<Span<'static>> {
        let (symbol, word, style) = match status {
            CallStatus::Allowed => (self.glyphs.allowed, "ALLOWED", self.theme.allowed),
            CallStatus::Denied => (self.glyphs.denied, "DENIED", self.theme.denied),
            CallStatus::Failed => (self.glyphs.failed, "FAILED", self.theme.denied),
        };
        vec![
            Span::styled(format!("{symbol} "), style),
            Span::styled(word, style.add_modifier(Modifier::BOLD)),
        ]
    }

    /// The symbol of a status alone, in its colour.
    pub fn symbol(&self, status: CallStatus) -> Span<'static> {
        match status {
            CallStatus::Allowed => Span::styled(self.glyphs.allowed, self.theme.allowed),
            CallStatus::Denied => Span::styled(self.glyphs.denied, self.theme.denied),
            CallStatus::Failed => Span::styled(self.glyphs.failed, self.theme.denied),
        }
    }

    /// A status with its reason.
    pub fn mark(&self, mark: &Mark) -> Vec<Span<'static>> {
        let mut spans = self.status(mark.status);
        if !mark.because.is_empty() {
            spans.push(Span::styled(format!(" {}", clean(&mark.because)), self.theme.text));
        }
        spans
    }
}

/// Of two sessions side by side, which one a pane belongs to; none for the panes of both.
pub fn side_of(pane: Pane) -> Option<usize> {
    match pane {
        Pane::Answer | Pane::Why => Some(0),
        Pane::OtherAnswer | Pane::OtherWhy => Some(1),
        Pane::Identities
        | Pane::Policy
        | Pane::Story
        | Pane::Storage
        | Pane::Audit
        | Pane::Matrix
        | Pane::Console
        | Pane::Keys => None,
    }
}

/// Of two sessions side by side, the pane of the other one; a pane of both is its own.
pub fn across(pane: Pane) -> Pane {
    match pane {
        Pane::Answer => Pane::OtherAnswer,
        Pane::OtherAnswer => Pane::Answer,
        Pane::Why => Pane::OtherWhy,
        Pane::OtherWhy => Pane::Why,
        Pane::Identities
        | Pane::Policy
        | Pane::Story
        | Pane::Storage
        | Pane::Audit
        | Pane::Matrix
        | Pane::Console
        | Pane::Keys => pane,
    }
}

/// Words cut behind the marks that part them. A mark stands at the end of a word: `; opens` is a key and its word.
fn pieces(words: &str) -> Vec<&str> {
    let mut out = Vec::new();
    let mut from = 0;
    for (at, mark) in words.match_indices([',', ';', ':', '.']) {
        let behind = at + mark.len();
        let ends_a_word = words[from..at].chars().next_back().is_some_and(|c| c != ' ');
        if ends_a_word && words[behind..].starts_with(' ') {
            out.push(&words[from..=behind]);
            from = behind + 1;
        }
    }
    out.push(&words[from..]);
    out
}

/// A span that is no key's own belongs to the key before it: what it does can be clicked, too.
pub fn with_their_keys(spans: Vec<Span<'static>>) -> Vec<Span<'static>> {
    let number = |span: &Span<'_>| click_targets::of(span.style);
    let mut before = 0;
    spans
        .into_iter()
        .map(|mut span| {
            let own = number(&span);
            if own == 0 {
                span.style = click_targets::mark(span.style, before);
            }
            before = own;
            span
        })
        .collect()
}

/// What parts two hints of a title.
const GAP: Span<'static> = Span { style: Style::new(), content: std::borrow::Cow::Borrowed("  ") };

/// What stands in a frame's top line.
#[derive(Clone, Debug, Default)]
pub struct Title {
    /// What the pane is about; it gives way.
    pub left: Vec<Span<'static>>,
    /// What must be seen in any case, before the hints.
    pub firm: Vec<Span<'static>>,
    /// What may be done with it.
    pub right: Vec<Span<'static>>,
}

impl Title {
    /// Returns a title of a bold name alone.
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
            self.right = ctx.sentence(&clean(right), ctx.theme.dim);
        }
        self
    }

    /// Whether both ends stand in a frame of that width.
    pub fn fits(&self, width: u16) -> bool {
        let cells = |spans: &[Span<'_>]| spans.iter().map(Span::width).sum::<usize>() + 2;
        cells(&self.left) + cells(&self.right) + 4 < usize::from(width)
    }

    /// A key and what it does, at the right end.
    pub fn hint(mut self, ctx: &Ctx<'_>, key: &str, what: &str) -> Self {
        if !self.right.is_empty() {
            self.right.push(GAP);
        }
        self.right.extend(ctx.key_words(key, &format!(" {what}"), ctx.theme.dim));
        self
    }
}

/// Draws a frame and its title over whatever was there, and returns the room inside.
pub fn frame(area: Rect, buf: &mut Buffer, ctx: &Ctx<'_>, title: Title) -> Rect {
    block(ctx).render(area, buf);
    heading(area, buf, ctx, title)
}

/// Draws a frame that shares its lines with those of its neighbours.
pub fn shared_border(area: Rect, buf: &mut Buffer, ctx: &Ctx<'_>) {
    let set = ctx.glyphs.border;
    // Box characters join by themselves. A corner that looks the same on every side is the joint, and stays one.
    let is_joint = |at: &Position| set.top_left == set.bottom_right && buf[*at].symbol() == set.top_left;
    let joints: Vec<Position> = area.intersection(buf.area).positions().filter(is_joint).collect();
    block(ctx).merge_borders(MergeStrategy::Fuzzy).render(area, buf);
    for at in joints {
        buf[at].set_symbol(set.top_left);
    }
}

fn block(ctx: &Ctx<'_>) -> Block<'static> {
    let style = if ctx.focused { ctx.theme.frame_focus } else { ctx.theme.frame };
    Block::bordered().border_set(ctx.glyphs.border).border_style(style)
}

/// Draws the title into a frame's top line, and returns the room inside the frame, one blank cell left at each side.
pub fn heading(area: Rect, buf: &mut Buffer, ctx: &Ctx<'_>, title: Title) -> Rect {
    let cells = |spans: &[Span<'static>]| Line::from(spaced(spans.to_vec())).width();
    let mut title = title;
    // Where the frame has no colour to say so, the name says who has the focus.
    if ctx.focused && ctx.theme.frame_focus.fg.is_none() {
        let name = title.left.iter_mut().find(|span| span.style.add_modifier.contains(Modifier::BOLD));
        if let Some(name) = name {
            name.style = name.style.add_modifier(Modifier::REVERSED);
        }
    }
    let room = usize::from(area.width).saturating_sub(4);
    let firm = cells(&title.firm);
    // A cell of the frame stays between the two ends.
    let left_room = room.saturating_sub(firm + usize::from(firm > 0));
    let left = Line::from(spaced(shortened(title.left, left_room.saturating_sub(2), ctx)));
    let left = text::fit_line(&left, left_room, ctx.glyphs.ellipsis);
    // A hint that does not fit whole is left away: half a key helps nobody. The last one matters most.
    let mut hints = title.right;
    while !hints.is_empty() && left.width() + firm + cells(&hints) >= room {
        let gap = hints.iter().position(|span| *span == GAP);
        hints.drain(..gap.map_or(hints.len(), |gap| gap + 1));
    }
    let mut right = title.firm;
    if !right.is_empty() && !hints.is_empty() {
        right.push(GAP);
    }
    right.extend(hints);
    let right = Line::from(spaced(right));
    if area.height > 0 {
        // The title stands on its own, not in the frame's colours.
        let plain = Style::reset().patch(ctx.theme.screen);
        let mut draw = |x: u16, line: &Line<'_>| {
            let width = cast(line.width().min(room));
            buf.set_style(Rect { x, width, height: 1, ..area }, plain);
            buf.set_line(x, area.y, line, width);
        };
        draw(area.x + 2, &left);
        draw(area.right().saturating_sub(2 + cast(right.width().min(room))), &right);
    }
    let inner = Block::bordered().inner(area);
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
        longest.content = text::fit_middle(&longest.content, to, ctx.glyphs.ellipsis).into();
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

/// Draws lines from row `scroll` on, and says on the frame's right border which part of them is in sight.
pub fn draw_lines(lines: &[Line<'_>], inner: Rect, scroll: usize, buf: &mut Buffer, ctx: &Ctx<'_>) {
    let scroll = scroll.min(max_scroll(lines.len(), inner.height));
    draw_rows(lines, inner, scroll, buf);
    scrollbar(lines.len(), scroll, inner, buf, ctx);
}

/// Draws lines from row `scroll` on.
pub fn draw_rows(lines: &[Line<'_>], inner: Rect, scroll: usize, buf: &mut Buffer) {
    let height = usize::from(inner.height);
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
}

/// Says on the frame's right border how much of the content is in sight, and which part. Nothing where all of it is.
pub fn scrollbar(total: usize, scroll: usize, inner: Rect, buf: &mut Buffer, ctx: &Ctx<'_>) {
    let height = usize::from(inner.height);
    let track = Rect { x: inner.right() + 1, width: 1, ..inner };
    if total <= height || height == 0 || track.intersection(*buf.area()) != track {
        return;
    }
    let style = if ctx.focused { ctx.theme.accent } else { ctx.theme.dim };
    let style =
        click_targets::mark(Style::reset().patch(ctx.theme.screen).patch(style), click_targets::THUMB);
    buf.set_style(track, click_targets::mark(Style::new(), click_targets::TRACK));
    // The widget counts the positions that the first row can take.
    let mut state = ScrollbarState::new(total - height + 1).position(scroll).viewport_content_length(height);
    Scrollbar::new(ScrollbarOrientation::VerticalRight)
        .begin_symbol(None)
        .end_symbol(None)
        .track_symbol(None)
        .thumb_symbol(ctx.glyphs.thumb)
        .thumb_style(style)
        .render(track, buf, &mut state);
}

/// Says on a frame's bottom line that the text goes on below, with the key that goes there. Nothing where it ends in sight.
pub fn more_below(total: usize, scroll: usize, frame: Rect, buf: &mut Buffer, ctx: &Ctx<'_>) {
    let height = usize::from(frame.height.saturating_sub(2));
    if scroll + height >= total || height == 0 {
        return;
    }
    let key = ctx.keys.label(Context::List, Action::Down);
    let style = ctx.clickable(Style::reset().patch(ctx.theme.screen).patch(ctx.theme.accent), &key);
    let words = Line::from(Span::styled(format!(" {} more ", ctx.glyphs.below), style));
    let width = cast(words.width());
    let x = frame.right().saturating_sub(2 + width);
    buf.set_line(x, frame.bottom() - 1, &words, width.min(frame.width));
}

/// A line of JSON in its colours, wrapped.
pub fn json_line(line: &str, ctx: &Ctx<'_>, width: usize) -> Vec<Line<'static>> {
    let mut spans = Vec::new();
    let mut at = 0;
    for token in json::lex(line) {
        spans.push(Span::raw(clean(line.get(at..token.span.start).unwrap_or_default()).into_owned()));
        let style = ctx.theme.json(line, token);
        spans.push(Span::styled(clean(token.span.of(line)).into_owned(), style));
        at = token.span.end;
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
