//! Columns under names that are wider than what stands in them: the names are cut at their capital letters and stacked,
//! and each service stands once over all of its columns.

use std::ops::Range;

use ratatui::text::{Line, Span};

use super::Ctx;
use crate::tui::text;

/// The widest the names down the left side grow.
const NAME: usize = 40;
/// The width that a name always gets, however many columns there are, in cells.
const NAME_LEAST: usize = 10;
/// How wide a column is when not all of them fit beside each other.
const SHOWN: usize = 6;
/// The cells of a verdict's symbol and word.
const WORDS: usize = 5;
/// The most blanks between two columns.
const GAP: usize = 3;

/// The name of one column.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Heading {
    service: String,
    /// The pieces of the action's name.
    words: Vec<String>,
    /// The service that asks, where it is not the caller: `via` and `DDB`.
    via: Vec<String>,
}

impl Heading {
    fn new(name: &str) -> Self {
        let (service, action) = name.split_once(':').unwrap_or(("", name));
        let (action, via) = match action.split_once(" via ") {
            Some((action, through)) => (action, vec!["via".to_owned(), through.to_owned()]),
            None => (action, Vec::new()),
        };
        Self { service: service.to_owned(), words: pieces(action), via }
    }

    /// Returns the width of the widest piece that cannot be broken.
    fn least(&self) -> usize {
        self.words.iter().chain(&self.via).map(|w| text::width(w)).max().unwrap_or(1)
    }

    /// The pieces joined to as few rows as that width allows; what is wider stands alone. And from which row on it
    /// says who asks.
    fn stack(&self, width: usize) -> (Vec<String>, usize) {
        let mut out = joined(&self.words, "", width);
        let via = out.len();
        out.extend(joined(&self.via, " ", width));
        (out, via)
    }

    /// The least width that takes no more rows than that.
    fn width_for(&self, rows: usize) -> usize {
        let whole = self.words.iter().map(|w| text::width(w)).sum::<usize>().max(self.least());
        let whole = whole.max(text::width(&self.via.join(" ")));
        (self.least()..=whole).find(|w| self.stack(*w).0.len() <= rows).unwrap_or(whole)
    }
}

/// Pieces on as few rows as that width allows.
fn joined(pieces: &[String], between: &str, width: usize) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for piece in pieces {
        match out.last_mut() {
            Some(last) if text::width(last) + text::width(between) + text::width(piece) <= width => {
                last.push_str(between);
                last.push_str(piece);
            }
            _ => out.push(piece.clone()),
        }
    }
    out
}

/// A name cut before its capital letters and after its hyphens. Capitals in a row stay together.
fn pieces(name: &str) -> Vec<String> {
    let letters: Vec<char> = name.chars().collect();
    let mut out = vec![String::new()];
    for (at, c) in letters.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|i| letters.get(i));
        let after = letters.get(at + 1);
        let starts = c.is_uppercase() && before.is_some_and(|b| b.is_lowercase() || b.is_ascii_digit())
            || c.is_uppercase()
                && before.is_some_and(|b| b.is_uppercase())
                && after.is_some_and(|a| a.is_lowercase())
            || before.is_some_and(|b| matches!(b, '-' | '_' | '/' | ' '));
        if starts && out.last().is_some_and(|last| !last.is_empty()) {
            out.push(String::new());
        }
        if let Some(last) = out.last_mut() {
            last.push(*c);
        }
    }
    out
}

/// Where the columns stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Columns {
    headings: Vec<Heading>,
    /// The cells of the names down the left side, the blank behind them not counted.
    pub name: usize,
    /// The columns that are shown.
    pub shown: Range<usize>,
    /// The widths of the columns, the blanks behind each counted.
    pub widths: Vec<usize>,
    gap: usize,
    /// Whether each column has room for a verdict's symbol and word, with two blanks behind them.
    pub words: bool,
}

impl Columns {
    /// Columns of those names beside rows whose longest name takes `name` cells, in `width`. Each column can hold
    /// `cell`; if not all fit, those around `selected` are shown.
    pub fn new(names: &[String], name: usize, cell: usize, selected: usize, width: usize) -> Self {
        let all: Vec<Heading> = names.iter().map(|n| Heading::new(n)).collect();
        let name = name.clamp(4, NAME);
        let least = name.min(NAME_LEAST);
        // The rows' names give way before the columns do, but not below what tells them apart.
        let wanted: usize = all.iter().map(|h| h.least().max(cell) + 1).sum();
        let name = name.min(width.saturating_sub(1 + wanted).max(least));
        let room = width.saturating_sub(name + 1);
        let fit = room.checked_div(cell + 1).unwrap_or(0);
        let shown = if all.len() <= fit {
            0..all.len()
        } else {
            let count = (room / (SHOWN.max(cell) + 1)).max(1);
            let first = (selected + 1).saturating_sub(count);
            first..(first + count).min(all.len())
        };
        let headings = all.get(shown.clone()).unwrap_or_default().to_vec();
        let roomy = all.iter().map(|h| h.least().max(WORDS) + 2).sum::<usize>();
        let words = shown.len() == all.len() && roomy <= room;
        let mut widths = if words {
            widths(&headings, cell.max(WORDS), room.saturating_sub(headings.len()))
        } else {
            widths(&headings, cell, room)
        };
        let used: usize = widths.iter().map(|w| w + 1).sum();
        let spare = room.saturating_sub(used).checked_div(widths.len()).unwrap_or(0);
        let gap = 1 + spare.min(GAP - 1);
        for w in &mut widths {
            *w += gap;
        }
        Self { headings, name, shown, widths, gap, words }
    }

    /// The column at that many cells from the left.
    pub fn at(&self, x: usize) -> Option<usize> {
        let mut from = self.name + 1;
        let ends = self.widths.iter().map(|w| {
            from += w;
            from
        });
        let inside = ends.collect::<Vec<_>>().iter().position(|end| x < *end)?;
        (x > self.name).then_some(self.shown.start + inside)
    }

    /// The width at which each name stands whole in one row.
    pub fn natural(names: &[String], name: usize, cell: usize) -> usize {
        let columns = names.iter().map(|n| Heading::new(n).width_for(1).max(cell).max(WORDS) + 2);
        name.clamp(4, NAME) + 1 + columns.sum::<usize>()
    }

    /// The rows over the columns: each service over its own, then the names, which stand on their last row.
    pub fn head(&self, of: usize, selected: Option<usize>, ctx: &Ctx<'_>) -> Vec<Line<'static>> {
        let theme = ctx.theme;
        let left = || Span::raw(" ".repeat(self.name + 1));
        let mut out = Vec::new();
        if self.shown.len() < of {
            let words = format!("columns {} to {} of {of}", self.shown.start + 1, self.shown.end);
            out.push(Line::from(vec![left(), Span::styled(words, theme.dim)]));
        }
        if self.headings.iter().any(|h| !h.service.is_empty()) {
            out.push(self.services(ctx));
        }
        let inside = |width: usize| width.saturating_sub(self.gap);
        let stacks: Vec<(Vec<String>, usize)> =
            self.headings.iter().zip(&self.widths).map(|(h, w)| h.stack(inside(*w))).collect();
        let tallest = stacks.iter().map(|(stack, _)| stack.len()).max().unwrap_or(0);
        for row in 0..tallest {
            let mut spans = vec![left()];
            for (i, ((stack, via), width)) in stacks.iter().zip(&self.widths).enumerate() {
                let at = (row + stack.len()).checked_sub(tallest);
                let word = at.and_then(|at| stack.get(at)).map_or("", String::as_str);
                let style = match selected {
                    Some(s) if s == self.shown.start + i => theme.title,
                    _ if at.is_some_and(|at| at >= *via) => theme.accent,
                    _ => theme.text,
                };
                spans.push(Span::styled(text::fit(word, inside(*width), ctx.glyphs.ellipsis), style));
                let used = text::width(word).min(inside(*width));
                spans.push(Span::raw(" ".repeat(width.saturating_sub(used))));
            }
            out.push(Line::from(spans));
        }
        out
    }

    /// Each service's name, with a rule to the end of its last column.
    fn services(&self, ctx: &Ctx<'_>) -> Line<'static> {
        let mut spans = vec![Span::raw(" ".repeat(self.name + 1))];
        let all: Vec<(&str, usize)> =
            self.headings.iter().map(|h| h.service.as_str()).zip(self.widths.iter().copied()).collect();
        for group in all.chunk_by(|one, other| one.0 == other.0) {
            let width: usize = group.iter().map(|(_, w)| w).sum();
            let inside = width.saturating_sub(self.gap);
            let name = text::fit(group.first().map_or("", |g| g.0), inside, ctx.glyphs.ellipsis);
            let rule = inside.saturating_sub(text::width(&name) + 1);
            let used = text::width(&name) + if rule > 0 { rule + 1 } else { 0 };
            spans.push(Span::styled(name, ctx.theme.dim));
            if rule > 0 {
                spans.push(Span::raw(" "));
                spans.push(Span::styled(ctx.glyphs.border.horizontal_top.repeat(rule), ctx.theme.frame));
            }
            spans.push(Span::raw(" ".repeat(width.saturating_sub(used))));
        }
        Line::from(spans)
    }
}

/// The widths with which the names take the fewest rows. If even their longest pieces do not fit, the widest give way.
fn widths(headings: &[Heading], cell: usize, room: usize) -> Vec<usize> {
    let with = |rows: usize| headings.iter().map(|h| h.width_for(rows).max(cell)).collect::<Vec<_>>();
    let sum = |widths: &[usize]| widths.iter().map(|w| w + 1).sum::<usize>();
    let most = headings.iter().map(|h| h.stack(0).0.len()).max().unwrap_or(1);
    if let Some(fits) = (1..=most).map(with).find(|widths| sum(widths) <= room) {
        return fits;
    }
    let mut narrow = with(most);
    while sum(&narrow) > room {
        let Some(widest) = narrow.iter_mut().max().filter(|w| **w > cell) else { break };
        *widest -= 1;
    }
    narrow
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn owned(names: &[&str]) -> Vec<String> {
        names.iter().map(|n| (*n).to_owned()).collect()
    }

    #[test]
    fn names_are_cut_where_a_word_begins() {
        let cases: [(&str, &[&str]); 6] = [
            ("ScheduleKeyDeletion", &["Schedule", "Key", "Deletion"]),
            ("GenerateMac", &["Generate", "Mac"]),
            ("ListMFADevices", &["List", "MFA", "Devices"]),
            ("clinic-app", &["clinic-", "app"]),
            ("Scan", &["Scan"]),
            ("", &[""]),
        ];
        for (name, want) in cases {
            assert_eq!(pieces(name), owned(want), "{name}");
        }
        let via = Heading::new("kms:Decrypt via DDB");
        assert_eq!((via.service.as_str(), via.stack(20)), ("kms", (owned(&["Decrypt", "via DDB"]), 1)));
        assert_eq!(via.stack(5).0, owned(&["Decrypt", "via", "DDB"]));
    }

    #[test]
    fn room_makes_the_headings_lower_before_anything_is_cut() {
        let names = owned(&["kms:Decrypt", "kms:ScheduleKeyDeletion"]);
        let rows = |width: usize| {
            let columns = Columns::new(&names, 4, 3, 0, width);
            let inside = columns.widths[1] - columns.gap;
            columns.headings[1].stack(inside).0
        };
        assert_eq!(rows(40), owned(&["ScheduleKeyDeletion"]));
        assert_eq!(rows(27), owned(&["ScheduleKey", "Deletion"]));
        assert_eq!(rows(22), owned(&["Schedule", "Key", "Deletion"]));
    }

    #[test]
    fn more_columns_than_fit_go_with_the_selected_one() {
        let names: Vec<String> = (0..40).map(|i| format!("role{i}")).collect();
        let first = Columns::new(&names, 4, 3, 0, 60);
        assert_eq!(first.shown.start, 0);
        assert!(first.shown.len() < 20);
        let last = Columns::new(&names, 4, 3, 39, 60);
        assert_eq!(last.shown.end, 40);
    }

    proptest! {
        #[test]
        fn the_columns_fit_and_hold_their_cells(
            names in prop::collection::vec("(kms:|s3:|)[A-Z][a-z]{1,9}([A-Z][a-z]{1,9}){0,3}( via DDB)?", 1..20),
            name in 1usize..60, cell in 3usize..5, selected in 0usize..20, width in 30usize..200,
        ) {
            let selected = selected.min(names.len() - 1);
            let columns = Columns::new(&names, name, cell, selected, width);
            prop_assert!(columns.name + 1 + columns.widths.iter().sum::<usize>() <= width);
            prop_assert!(columns.shown.contains(&selected));
            prop_assert!(columns.widths.iter().all(|w| *w > cell));
        }
    }
}
