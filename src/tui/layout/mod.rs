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
    /// The arrangement.
    pub preset: Preset,
    /// The pane that has the whole screen.
    pub zoom: Option<Pane>,
    /// Panes taken away.
    pub hidden: BTreeSet<Pane>,
    /// The focused pane; in a stack it lies on top.
    pub focus: Option<Pane>,
    /// Whether the editor has the keys; in a small screen it grows.
    pub editing: bool,
    /// Whether the console has the keys; in a small screen it grows.
    pub console: bool,
    /// How far each divider was dragged, in cells.
    pub dragged: Vec<(Divider, i16)>,
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
    /// To its left.
    Left,
    /// To its right.
    Right,
    /// Over it.
    Above,
    /// Under it.
    Below,
}

/// A named part of the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Region {
    /// The first line.
    Header,
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
        let mut panes = self.parts.iter().filter_map(|(region, rect)| match region {
            Region::Pane(pane) if rect.contains(position) => Some((*pane, *rect)),
            _ => None,
        });
        let first = panes.next()?;
        Some(panes.find(|(_, rect)| rect.y == position.y).unwrap_or(first))
    }

    /// The pane on that side of a pane: of all that lie there, the one with the longest line in common.
    pub fn beside(&self, pane: Pane, side: Side) -> Option<Pane> {
        let from = self.pane(pane)?;
        let common = |a: (u16, u16), b: (u16, u16)| a.1.min(b.1).saturating_sub(a.0.max(b.0));
        let (columns, rows) = (|r: Rect| (r.left(), r.right()), |r: Rect| (r.top(), r.bottom()));
        let line = |to: Rect| match side {
            Side::Left if to.right() == from.left() + 1 => common(rows(from), rows(to)),
            Side::Right if from.right() == to.left() + 1 => common(rows(from), rows(to)),
            Side::Above if to.bottom() == from.top() + 1 => common(columns(from), columns(to)),
            Side::Below if from.bottom() == to.top() + 1 => common(columns(from), columns(to)),
            _ => 0,
        };
        let panes = self.parts.iter().filter_map(|(region, rect)| match region {
            // More than the corner that four panes share.
            Region::Pane(other) => Some((line(*rect), *other)).filter(|(line, _)| *line > 1),
            _ => None,
        });
        // Of equals the first, which is the left or the upper one.
        panes.rev().max_by_key(|(line, _)| *line).map(|(_, pane)| pane)
    }

    /// The panes on the screen, in Tab order, those under a stack's top included.
    pub fn panes(&self) -> Vec<Pane> {
        Pane::ALL.into_iter().filter(|p| self.pane(*p).is_some() || self.stack.contains(p)).collect()
    }

    /// Every part.
    pub fn parts(&self) -> &[(Region, Rect)] {
        &self.parts
    }

    fn put(&mut self, region: Region, rect: Rect) {
        self.parts.push((region, rect));
    }
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
    // The grid needs room for the narrowest useful editor between two side panes, and three rows of panes.
    if area.width >= 104 && area.height >= 32 {
        let large = area.width >= 170 && area.height >= 48;
        grid(body, shape, large, &mut out);
    } else {
        stacked(body, shape, &mut out);
    }
    share_lines(&mut out);
    out
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
        .grid(large, shape.editing)
        .into_iter()
        .map(|(weight, panes)| {
            (weight, panes.into_iter().filter(|(p, _)| !shape.hidden.contains(p)).collect::<Vec<_>>())
        })
        .filter(|(_, panes)| !panes.is_empty())
        .collect();
    let drag = |divider: Divider| shape.dragged.iter().find(|(d, _)| *d == divider).map_or(0, |(_, by)| *by);
    let weights: Vec<u16> = rows.iter().map(|(w, _)| *w).collect();
    let heights = share(body.height, &weights, 5, |i| drag(Divider::Below(small(i))));
    // Dividers lie on the panes' lines, over the panes.
    let mut dividers = Vec::new();
    let mut y = body.y;
    for (r, ((_, panes), height)) in rows.iter().zip(&heights).enumerate() {
        let weights: Vec<u16> = panes.iter().map(|(_, w)| *w).collect();
        let widths = share(body.width, &weights, 16, |i| drag(Divider::RightOf(small(r), small(i))));
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
    for (divider, line) in dividers {
        out.put(Region::Divider(divider), line);
    }
}

fn stacked(body: Rect, shape: &Shape, out: &mut Regions) {
    use Pane::{Answer, Audit, Console, Identities, Keys, OtherAnswer, OtherWhy, Policy, Storage, Task, Why};
    if shape.preset == Preset::Compare && !shape.editing {
        compared(body, out);
        return;
    }
    let shown = |p: &Pane| !shape.hidden.contains(p);
    let tall = body.height >= 33;
    let mut stack: Vec<Pane> =
        if tall { vec![Why, Storage, Audit] } else { vec![Policy, Why, Storage, Audit] };
    stack.extend([Console, Keys]);
    // Beside an editor at work the second session's answer takes the place of what is not needed then.
    if shape.preset == Preset::Compare {
        stack.extend([OtherAnswer, OtherWhy]);
    }
    stack.retain(shown);
    let short_console = shape.console && !tall;
    // In a short screen the text needs every line: who is there and what is to be done shrink to a line each.
    let folded = shape.editing && !tall;
    let lines = u16::from(shown(&Identities)) + u16::from(shown(&Task));
    let sides = shown(&Identities) || shown(&Task);
    let drag = |divider: Divider| shape.dragged.iter().find(|(d, _)| *d == divider).map_or(0, |(_, by)| *by);
    let dragged = |size: u16, divider: Divider, sign: i16, least: u16| {
        if size == 0 || folded {
            return size;
        }
        size.saturating_add_signed(drag(divider).saturating_mul(sign))
            .clamp(least, body.height.saturating_sub(10).max(least))
    };
    let (top, answer, policy) = match (tall, shape.editing) {
        (true, false) => (9, 8, body.height * 4 / 10),
        (true, true) => (8, 6, body.height / 2),
        (false, false) if short_console => (5.min(body.height / 4 + 1), 0, 0),
        (false, false) => (6.min(body.height / 3 + 1), 6.min(body.height / 4 + 1), 0),
        (false, true) => (lines, if body.height < 15 { 3 } else { 4 }, 0),
    };
    // What is hidden leaves its rows to the others.
    let top = if sides { dragged(top, Divider::Below(0), 1, 3) } else { 0 };
    // From top to bottom: sides, stack, answer; with room for it sides, policy, answer, stack.
    let policy = if shown(&Policy) { dragged(policy, Divider::Below(1), 1, 5) } else { 0 };
    let by_answer = if tall { (Divider::Below(2), 1) } else { (Divider::Below(1), -1) };
    let answer = if shown(&Answer) { dragged(answer, by_answer.0, by_answer.1, 3) } else { 0 };
    let answer =
        if stack.is_empty() && answer > 0 { body.height.saturating_sub(top + policy) } else { answer };
    let mut y = body.y;
    let mut left = body.height;
    let mut take = |height: u16| {
        let height = height.min(left);
        let rect = Rect { y, height, ..body };
        y += height;
        left -= height;
        rect
    };
    let side = take(top);
    let usual = (body.width * 3 / 10).clamp(16, 30);
    let beside = Divider::RightOf(0, 0);
    let narrow = usual.saturating_add_signed(drag(beside)).clamp(16, body.width.saturating_sub(24).max(16));
    match (shown(&Identities), shown(&Task)) {
        _ if folded => {
            for (y, pane) in (side.y..).zip([Identities, Task].into_iter().filter(shown)) {
                out.put(Region::Folded(pane), Rect { y, height: 1, ..side }.intersection(side));
            }
        }
        (true, true) => {
            out.put(Region::Pane(Identities), Rect { width: narrow, ..side });
            out.put(Region::Pane(Task), Rect { x: side.x + narrow, width: side.width - narrow, ..side });
        }
        (true, false) => out.put(Region::Pane(Identities), side),
        (false, true) => out.put(Region::Pane(Task), side),
        (false, false) => {}
    }
    if tall && shown(&Policy) {
        out.put(Region::Pane(Policy), take(policy));
    }
    let middle = body.height.saturating_sub(top + answer + if tall { policy } else { 0 });
    let stack_rect = take(middle);
    // In a short screen the answer stands under the stack; in a tall one above it, beside the policy it depends on.
    let answer_rect = take(answer);
    let (stack_rect, answer_rect) = if tall {
        let swap = Rect { y: stack_rect.y, height: answer_rect.height, ..answer_rect };
        (Rect { y: swap.bottom(), ..stack_rect }, swap)
    } else {
        (stack_rect, answer_rect)
    };
    if shown(&Answer) && answer > 0 {
        out.put(Region::Pane(Answer), answer_rect);
    }
    if stack.is_empty() {
        return;
    }
    let top_pane = if shape.editing && stack.contains(&Policy) {
        Policy
    } else {
        let preset = match shape.preset {
            Preset::Console => Some(Console),
            Preset::Keys => Some(Keys),
            Preset::Storage => Some(Storage),
            Preset::Audit => Some(Audit),
            _ => None,
        };
        shape.focus.or(preset).filter(|f| stack.contains(f)).or(preset).unwrap_or(stack[0])
    };
    out.put(Region::Pane(top_pane), stack_rect);
    if !folded {
        let line = |y: u16| Rect { y, height: 1, ..body };
        if sides {
            out.put(Region::Divider(Divider::Below(0)), line(side.bottom()));
        }
        if answer > 0 {
            out.put(Region::Divider(Divider::Below(1)), line(answer_rect.y));
        }
        if tall && answer > 0 {
            out.put(Region::Divider(Divider::Below(2)), line(stack_rect.y));
        }
        if shown(&Identities) && shown(&Task) {
            let line =
                Rect { x: side.x + narrow, y: side.y + 1, width: 1, height: side.height.saturating_sub(1) };
            out.put(Region::Divider(beside), line);
        }
    }
    let mut x = stack_rect.x + 2;
    for pane in &stack {
        let width = u16::try_from(pane.name().len()).unwrap_or(0) + 2;
        out.put(Region::Tab(*pane), Rect { x, y: stack_rect.y, width, height: 1 }.intersection(stack_rect));
        x += width;
    }
    out.stack = stack;
}

/// Two sessions on a small screen: each half holds one, its answer over its reasons.
fn compared(body: Rect, out: &mut Regions) {
    let left = body.width / 2;
    let top = body.height * 2 / 5;
    let halves = [
        (Rect { width: left, ..body }, Pane::Answer, Pane::Why),
        (Rect { x: body.x + left, width: body.width - left, ..body }, Pane::OtherAnswer, Pane::OtherWhy),
    ];
    for (half, answer, why) in halves {
        out.put(Region::Pane(answer), Rect { height: top, ..half });
        out.put(Region::Pane(why), Rect { y: half.y + top, height: half.height - top, ..half });
    }
}

/// A box in the middle of `area`, at most `width` by `height`.
pub fn centered(area: Rect, width: u16, height: u16) -> Rect {
    let width = width.min(area.width.saturating_sub(2)).max(1).min(area.width);
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
