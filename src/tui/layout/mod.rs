//! Where everything stands: one pure function, shared by drawing and by mouse hits.

mod preset;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use ratatui::layout::{Position, Rect};

pub use preset::{Pane, Preset};

/// What the layout depends on besides the size.
#[derive(Clone, Debug, Default)]
pub struct Shape {
    pub preset: Preset,
    /// The pane that has the whole screen.
    pub zoom: Option<Pane>,
    pub hidden: BTreeSet<Pane>,
    /// The focused pane; in a stack it lies on top.
    pub focus: Option<Pane>,
    /// The panes that stay in front of others, whatever is decided.
    pub pinned: BTreeSet<Pane>,
    /// The pane that was brought in front of those that share its place.
    pub front: Option<Pane>,
    /// Whether the editor has the keys; in a small screen it grows.
    pub editing: bool,
    /// Whether the console has the keys; in a small screen it grows.
    pub console: bool,
    /// How far each divider was dragged, in cells.
    pub dragged: Vec<(Divider, i16)>,
    /// How many rows the task and the way of the watched call take over the panes.
    pub stage: StageRows,
}

/// How many rows the parts of the stage take.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StageRows {
    pub task: u16,
    pub path: u16,
}

impl Shape {
    /// How far a divider was dragged.
    pub fn dragged(&self, divider: Divider) -> i16 {
        self.dragged.iter().find(|(d, _)| *d == divider).map_or(0, |(_, by)| *by)
    }

    /// Whether the document is needed: somebody types, or went to it where it is not among those on the screen.
    fn wants_document(&self) -> bool {
        self.editing || self.preset == Preset::Compare && self.focus == Some(Pane::Policy)
    }

    fn shows(&self, pane: Pane) -> bool {
        !self.hidden.contains(&pane)
    }
}

/// A border that can be dragged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Divider {
    /// Below a row of panes.
    Below(u8),
    /// Right of a pane: row and column.
    RightOf(u8, u8),
}

/// Where something lies, seen from a pane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    Left,
    Right,
    Above,
    Below,
}

/// A named part of the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Region {
    Header,
    /// The task, over the panes.
    Task,
    /// The way of the watched call, below the task.
    Path,
    /// The line that says what just happened.
    Note,
    /// The line with the keys.
    Footer,
    /// A pane with its frame.
    Pane(Pane),
    /// A pane that has one line, without a frame.
    Folded(Pane),
    /// A tab in a stack's title: what a click on it brings to the front.
    Tab(Pane),
    /// A border that can be dragged.
    Divider(Divider),
}

/// The named rectangles of one screen.
#[derive(Clone, Debug, Default)]
pub struct Regions {
    parts: Vec<(Region, Rect)>,
    /// Panes that share the place of the one on top, in tab order; empty without a stack.
    pub stack: Vec<Pane>,
    /// Panes without a place now, which come on the screen with the focus.
    pub behind: Vec<Pane>,
    /// Whether the screen is smaller than the lab was made for.
    pub cramped: bool,
    /// Whether the screen is too small to draw at all.
    pub too_small: bool,
}

/// The size the stacked layout is made for.
pub const COMFORTABLE: (u16, u16) = (80, 24);
/// The size below which nothing useful fits.
pub const SMALLEST: (u16, u16) = (48, 14);

impl Regions {
    /// The rectangle of a part, if it is on the screen.
    pub fn get(&self, region: Region) -> Option<Rect> {
        self.parts.iter().find(|(r, _)| *r == region).map(|(_, rect)| *rect)
    }

    /// The rectangle of a pane, if it is on the screen.
    pub fn pane(&self, pane: Pane) -> Option<Rect> {
        self.get(Region::Pane(pane))
    }

    /// The part at a cell; what was placed last lies on top.
    pub fn at(&self, position: Position) -> Option<(Region, Rect)> {
        let hit = self.parts.iter().rev().find(|(_, rect)| rect.contains(position)).copied();
        match hit {
            Some((Region::Pane(_), _)) => {
                self.pane_at(position).map(|(pane, rect)| (Region::Pane(pane), rect))
            }
            other => other,
        }
    }

    /// The pane at a cell; on a line that two share, the one whose title stands there.
    pub fn pane_at(&self, position: Position) -> Option<(Pane, Rect)> {
        let mut panes = self.on_screen().filter(|(_, rect)| rect.contains(position));
        let first = panes.next()?;
        Some(panes.find(|(_, rect)| rect.y == position.y).unwrap_or(first))
    }

    /// The panes that have a frame on the screen, in the order they were placed.
    pub fn on_screen(&self) -> impl Iterator<Item = (Pane, Rect)> {
        self.parts.iter().filter_map(|(region, rect)| {
            if let Region::Pane(pane) = region { Some((*pane, *rect)) } else { None }
        })
    }

    /// The pane on that side of a pane: of all that lie there, the one with the longest line in common.
    pub fn beside(&self, pane: Pane, side: Side) -> Option<Pane> {
        // A line without a frame stands over the pane below it as if both had that pane's line in common.
        let places = self.parts.iter().filter_map(|(region, rect)| match region {
            Region::Pane(pane) => Some((*pane, *rect)),
            Region::Folded(pane) => Some((*pane, Rect { height: rect.height + 1, ..*rect })),
            Region::Header
            | Region::Task
            | Region::Path
            | Region::Note
            | Region::Footer
            | Region::Tab(_)
            | Region::Divider(_) => None,
        });
        let (_, from) = places.clone().find(|(one, _)| *one == pane)?;
        let common = |a: (u16, u16), b: (u16, u16)| a.1.min(b.1).saturating_sub(a.0.max(b.0));
        let (columns, rows) = (|r: Rect| (r.left(), r.right()), |r: Rect| (r.top(), r.bottom()));
        let line = |to: Rect| {
            let (meets, line) = match side {
                Side::Left => (to.right() == from.left() + 1, common(rows(from), rows(to))),
                Side::Right => (from.right() == to.left() + 1, common(rows(from), rows(to))),
                Side::Above => (to.bottom() == from.top() + 1, common(columns(from), columns(to))),
                Side::Below => (from.bottom() == to.top() + 1, common(columns(from), columns(to))),
            };
            if meets { line } else { 0 }
        };
        // More than the corner that four panes share.
        let panes: Vec<(u16, Pane)> =
            places.map(|(other, rect)| (line(rect), other)).filter(|(line, _)| *line > 1).collect();
        // Of equals the first, which is the left or the upper one.
        panes.into_iter().rev().max_by_key(|(line, _)| *line).map(|(_, pane)| pane)
    }

    /// The panes on the screen, in Tab order, those under a stack's top, those of one line and those behind included.
    pub fn panes(&self) -> Vec<Pane> {
        let shown = |pane: &Pane| {
            let has_place = [Region::Pane(*pane), Region::Folded(*pane)].map(|region| self.get(region));
            has_place.iter().any(Option::is_some) || self.stack.contains(pane) || self.behind.contains(pane)
        };
        Pane::ALL.into_iter().filter(shown).collect()
    }

    /// Returns every part with its rectangle.
    pub fn parts(&self) -> &[(Region, Rect)] {
        &self.parts
    }

    fn put(&mut self, region: Region, rect: Rect) {
        self.parts.push((region, rect));
    }
}

/// The panes of two sessions side by side, where there is room for all.
pub fn compared() -> Vec<Pane> {
    let rows = Preset::Compare.grid(true, false);
    rows.into_iter().flat_map(|(_, panes)| panes).map(|(pane, _)| pane).collect()
}

/// Whether a screen has room for every pane at once, and for large letters.
pub fn is_large(area: Rect) -> bool {
    area.width >= 170 && area.height >= 48
}

/// The rectangles of the lab screen.
pub fn lab(area: Rect, shape: &Shape) -> Regions {
    let mut out = home(area);
    if out.too_small {
        return out;
    }
    let body = Rect { y: area.y + 1, height: area.height - 3, ..area };
    if let Some(pane) = shape.zoom {
        out.put(Region::Pane(pane), body);
        return out;
    }
    let body = stage(body, shape.stage, &mut out);
    // The grid needs room for the narrowest useful editor between two side panes, and two rows of panes.
    if body.width >= 104 && body.height >= 20 {
        grid(body, shape, is_large(area), &mut out);
    } else {
        stacked(body, shape, &mut out);
    }
    share_lines(&mut out);
    out
}

/// The fewest rows that the panes keep.
const LEAST_BODY: u16 = 6;

/// Places the task and the way of the call over the panes, and returns what is left. On a screen that is too small for all,
/// the task gives way first.
fn stage(body: Rect, rows: StageRows, out: &mut Regions) -> Rect {
    let most = body.height.saturating_sub(LEAST_BODY);
    let path = rows.path.min(most);
    let task = rows.task.min(most - path);
    for (region, y, height) in [(Region::Task, body.y, task), (Region::Path, body.y + task, path)] {
        if height > 0 {
            out.put(region, Rect { y, height, ..body });
        }
    }
    Rect { y: body.y + task + path, height: body.height - task - path, ..body }
}

/// Lets each pane reach over the line of the one to its right and the one below, so that two panes have one line between
/// them.
fn share_lines(regions: &mut Regions) {
    let panes: Vec<Rect> =
        regions.parts.iter().filter(|(r, _)| matches!(r, Region::Pane(_))).map(|(_, rect)| *rect).collect();
    for (region, rect) in &mut regions.parts {
        if !matches!(region, Region::Pane(_)) {
            continue;
        }
        let meets = |side: Rect| panes.iter().any(|other| other.intersects(side));
        let (right, below) =
            (Rect { x: rect.right(), width: 1, ..*rect }, Rect { y: rect.bottom(), height: 1, ..*rect });
        rect.width += u16::from(meets(right));
        rect.height += u16::from(meets(below));
    }
}

/// The rectangles of the list of scenarios: the lines above and below, which every screen has.
pub fn home(area: Rect) -> Regions {
    let mut out = Regions {
        cramped: area.width < COMFORTABLE.0 || area.height < COMFORTABLE.1,
        too_small: area.width < SMALLEST.0 || area.height < SMALLEST.1,
        ..Regions::default()
    };
    if out.too_small {
        return out;
    }
    out.put(Region::Header, Rect { height: 1, ..area });
    out.put(Region::Note, Rect { y: area.bottom() - 2, height: 1, ..area });
    out.put(Region::Footer, Rect { y: area.bottom() - 1, height: 1, ..area });
    out
}

fn grid(body: Rect, shape: &Shape, large: bool, out: &mut Regions) {
    let rows: Vec<(u16, Vec<(Pane, u16)>)> = shape
        .preset
        .grid(large, shape.wants_document())
        .into_iter()
        .map(|(weight, panes)| {
            (weight, panes.into_iter().filter(|(p, _)| shape.shows(*p)).collect::<Vec<_>>())
        })
        .filter(|(_, panes)| !panes.is_empty())
        .collect();
    let rows = if shape.console { with_drawer(rows) } else { rows };
    let weights: Vec<u16> = rows.iter().map(|(w, _)| *w).collect();
    let heights = share(body.height, &weights, 5, |i| shape.dragged(Divider::Below(small(i))));
    // Dividers lie on the panes' lines, over the panes.
    let mut dividers = Vec::new();
    let mut y = body.y;
    for (r, ((_, panes), height)) in rows.iter().zip(&heights).enumerate() {
        let weights: Vec<u16> = panes.iter().map(|(_, w)| *w).collect();
        let widths = share(body.width, &weights, 16, |i| shape.dragged(Divider::RightOf(small(r), small(i))));
        let mut x = body.x;
        for (c, ((pane, _), width)) in panes.iter().zip(&widths).enumerate() {
            let rect = Rect { x, y, width: *width, height: *height };
            out.put(Region::Pane(*pane), rect);
            if c + 1 < panes.len() {
                let line = Rect { x: rect.right(), width: 1, y: y + 1, height: height.saturating_sub(1) };
                dividers.push((Divider::RightOf(small(r), small(c)), line));
            }
            x += width;
        }
        y += height;
        if r + 1 < rows.len() {
            dividers.push((Divider::Below(small(r)), Rect { x: body.x, y, width: body.width, height: 1 }));
        }
    }
    if shape.preset == Preset::Compare && out.pane(Pane::Policy).is_none() && shape.shows(Pane::Policy) {
        out.behind.push(Pane::Policy);
    }
    let shared = shape.preset.shared(large);
    let place = shared.first().and_then(|first| out.pane(*first));
    if let Some(place) = place {
        out.parts.retain(|(region, _)| !matches!(region, Region::Pane(pane) if shared.contains(pane)));
        share_place(shared.iter().copied().filter(|pane| shape.shows(*pane)).collect(), place, shape, out);
    }
    for (divider, line) in dividers {
        out.put(Region::Divider(divider), line);
    }
    // A tab lies on the line above its pane, and a press on it means the tab.
    out.parts.sort_by_key(|(region, _)| matches!(region, Region::Tab(_)));
}

/// Lets panes share a place: one of them on top, a tab for each.
fn share_place(stack: Vec<Pane>, place: Rect, shape: &Shape, out: &mut Regions) {
    if let Some(top) = top_of(&stack, shape) {
        out.put(Region::Pane(top), place);
    }
    let mut x = place.x + 2;
    let gap = tab_gap(&stack, place.width);
    for pane in &stack {
        let width = small16(pane.name().len() + gap);
        out.put(Region::Tab(*pane), Rect { x, y: place.y, width, height: 1 }.intersection(place));
        x += width;
    }
    out.stack = stack;
}

/// The columns that what the pane on top says of itself needs beside the tabs.
const BESIDE_TABS: usize = 30;

/// How many blanks part the names of panes that share a place of that width: one where they would leave no room beside
/// them.
pub fn tab_gap(stack: &[Pane], width: u16) -> usize {
    let names: usize = stack.iter().map(|pane| pane.name().len() + 2).sum();
    if names + BESIDE_TABS > usize::from(width) { 1 } else { 2 }
}

/// The rows of panes with the console as a drawer over the last of them, unless it has a place already.
fn with_drawer(mut rows: Vec<(u16, Vec<(Pane, u16)>)>) -> Vec<(u16, Vec<(Pane, u16)>)> {
    let has_place = rows.iter().flat_map(|(_, panes)| panes).any(|(pane, _)| *pane == Pane::Console);
    if !has_place && let Some((_, panes)) = rows.last_mut() {
        *panes = vec![(Pane::Console, 100)];
    }
    rows
}

/// From this width on the identities have a column of their own beside the panes that share a place.
const COLUMN_FROM: u16 = 96;
/// The rows of the answer where it has a place of its own, and the rows there must be for that.
const ANSWER_ROWS: (u16, u16) = (7, 17);

fn stacked(body: Rect, shape: &Shape, out: &mut Regions) {
    use Pane::{
        Answer, Audit, Console, Identities, Keys, OtherAnswer, OtherWhy, Policy, Storage, Story, Why,
    };
    if shape.preset == Preset::Compare && !shape.wants_document() && !shape.console {
        halves(body, shape, out);
        return;
    }
    let mut left = body;
    // Dividers lie on the panes' lines, over the panes.
    let mut dividers = Vec::new();
    let column = body.width >= COLUMN_FROM && shape.shows(Identities);
    if column {
        let usual = (body.width / 5).clamp(16, 26);
        let width =
            usual.saturating_add_signed(shape.dragged(Divider::RightOf(0, 0))).clamp(16, body.width / 2);
        out.put(Region::Pane(Identities), Rect { width, ..body });
        left = Rect { x: body.x + width, width: body.width - width, ..body };
        let line = Rect { x: left.x, y: body.y + 1, width: 1, height: body.height.saturating_sub(1) };
        dividers.push((Divider::RightOf(0, 0), line));
    } else if shape.shows(Identities) {
        out.put(Region::Folded(Identities), Rect { height: 1, ..body });
        left = Rect { y: body.y + 1, height: body.height - 1, ..body };
    }
    let (rows, from) = ANSWER_ROWS;
    let apart = left.height >= from && !shape.console && shape.shows(Answer);
    let mut stack = vec![Policy];
    if !apart {
        stack.push(Answer);
    }
    stack.extend([Why, Storage, Audit, Story, Console, Keys]);
    // Beside an editor at work the second session's answer takes the place of what is not needed then.
    if shape.preset == Preset::Compare {
        stack.extend([OtherAnswer, OtherWhy]);
    }
    stack.retain(|pane| shape.shows(*pane));
    if apart {
        let most = left.height.saturating_sub(8).max(3);
        let by = shape.dragged(Divider::Below(1)).saturating_neg();
        let height =
            if stack.is_empty() { left.height } else { rows.saturating_add_signed(by).clamp(3, most) };
        let y = left.bottom() - height;
        out.put(Region::Pane(Answer), Rect { y, height, ..left });
        left.height -= height;
        if !stack.is_empty() {
            dividers.push((Divider::Below(1), Rect { y, height: 1, ..left }));
        }
    }
    share_place(stack, left, shape, out);
    for (divider, line) in dividers {
        out.put(Region::Divider(divider), line);
    }
}

/// The pane that lies on top of those that share its place.
fn top_of(stack: &[Pane], shape: &Shape) -> Option<Pane> {
    if shape.editing && stack.contains(&Pane::Policy) {
        return Some(Pane::Policy);
    }
    // What decides comes in front of the policy, whatever the arrangement.
    let preset = shape.preset.named().filter(|pane| *pane != Pane::Policy);
    let pinned = stack.iter().copied().find(|pane| shape.pinned.contains(pane));
    let wanted = [shape.focus, pinned, preset, shape.front, stack.first().copied()];
    wanted.into_iter().flatten().find(|pane| stack.contains(pane))
}

/// The rows from which each of two sessions has its answer and its reasons on a small screen.
const COMPARED_BOTH: u16 = 20;

/// Two sessions on a small screen: each half holds one, its answer over its reasons; where that would cut both, its answer,
/// or its reasons while they have the focus.
fn halves(body: Rect, shape: &Shape, out: &mut Regions) {
    let left = body.width / 2;
    let halves = [
        (Rect { width: left, ..body }, Pane::Answer, Pane::Why),
        (Rect { x: body.x + left, width: body.width - left, ..body }, Pane::OtherAnswer, Pane::OtherWhy),
    ];
    let top = if body.height >= COMPARED_BOTH {
        body.height * 2 / 5
    } else if matches!(shape.focus, Some(Pane::Why | Pane::OtherWhy)) {
        0
    } else {
        body.height
    };
    let mut put = |pane: Pane, rect: Rect| {
        if rect.height > 0 { out.put(Region::Pane(pane), rect) } else { out.behind.push(pane) }
    };
    for (half, answer, why) in halves {
        put(answer, Rect { height: top, ..half });
        put(why, Rect { y: half.y + top, height: half.height - top, ..half });
    }
    out.behind.push(Pane::Policy);
}

/// A box in the middle of `area`, at most `width` by `height`.
pub fn centered(area: Rect, width: u16, height: u16) -> Rect {
    // A single column left at each side would show the frames under it beside its own.
    let width = if width + 2 >= area.width { area.width } else { width.max(1) };
    let height = height.min(area.height.saturating_sub(2)).max(1).min(area.height);
    Rect { x: area.x + (area.width - width) / 2, y: area.y + (area.height - height) / 2, width, height }
}

/// `total` cells shared by weight, moved by what was dragged, none below `least` while there is room.
fn share(total: u16, weights: &[u16], least: u16, dragged: impl Fn(usize) -> i16) -> Vec<u16> {
    let sum: u32 = weights.iter().map(|w| u32::from(*w)).sum::<u32>().max(1);
    let count = small16(weights.len()).max(1);
    let least = least.min(total / count);
    let mut edges = Vec::with_capacity(weights.len());
    let mut acc = 0_u32;
    for (i, w) in weights.iter().enumerate() {
        acc += u32::from(*w);
        let edge = u16::try_from(u32::from(total) * acc / sum).unwrap_or(total);
        let moved = if i + 1 < weights.len() { edge.saturating_add_signed(dragged(i)) } else { total };
        let low = edges.last().copied().unwrap_or(0) + least;
        let high = total.saturating_sub(least * (count - 1 - small16(i)));
        edges.push(moved.clamp(low.min(high), high));
    }
    let mut from = 0;
    edges
        .into_iter()
        .map(|to| {
            let size = to - from;
            from = to;
            size
        })
        .collect()
}

fn small(n: usize) -> u8 {
    u8::try_from(n).unwrap_or(u8::MAX)
}

fn small16(n: usize) -> u16 {
    u16::try_from(n).unwrap_or(u16::MAX)
}
