//! What the disk holds. No AWS API returns this, and the pane says so.

use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::pane::{self, Answer, Fit, PaneView, Scroll, Search, Tab};
use super::{Ctx, Title};
use crate::lab::Point;
use crate::narration::{Disk, PageChange, StorageView, Stored, StoredKey, StoredPage};
use crate::tui::keys::Action;
use crate::tui::lab_screen::LabScreen;
use crate::tui::sanitize::clean;
use crate::tui::text;

/// The pane of what is stored.
pub const VIEW: PaneView = PaneView {
    title: |_, ctx, rect| title(ctx, rect.width),
    // The tabs take the room of the title, but this must not go unsaid.
    tab: Tab::Words("no API returns this"),
    lines: |lab, ctx, width| lines(&lab.view.storage, ctx, width),
    draw: None,
    scrolling: pane::all_scroll,
    folded: None,
    fit: Fit::Unfolds,
    open: mark,
    press: pane::press_focuses,
    move_by: pane::keys_scroll,
    scroll: Scroll::Lines(pane::nothing_goes_along),
    selection: pane::selects_nothing,
    settle: pane::needs_no_settling,
    search: Search::Rows,
    offers: |lab| {
        let bytes = if lab.expanded { "fewer bytes" } else { "all bytes" };
        vec![(Action::Open, "marks now"), (Action::Why, bytes)]
    },
    copied: None,
};

/// Compares what is stored with this moment from now on; once more, with the beginning.
fn mark(lab: &mut LabScreen) -> Answer {
    let here = lab.session.lab().history().point();
    let again = lab.storage_since == here;
    lab.storage_since = if again { Point::default() } else { here };
    let words = if again { "since the beginning" } else { "from now on" };
    Answer::Note(format!("bytes that change are lit {words}"))
}

/// Rows of one part of a page, unless everything is shown.
const MAX_FOLDED_ROWS: usize = 3;
/// The width of a page's name with the blanks behind it.
const LABEL_CELLS: usize = 10;
/// The width of a part's name with the blank behind it.
const PART_CELLS: usize = 6;

/// Returns the title of the pane.
pub fn title(ctx: &Ctx<'_>, width: u16) -> Title {
    let words = if width >= 60 {
        "what the disk holds; no API returns this"
    } else {
        "the disk; no API returns this"
    };
    Title::new(ctx, "Storage").right(ctx, words)
}

/// The line where what is stored of a disk begins, or a page of it.
pub fn line_of(view: &StorageView, disk: usize, page: Option<usize>, ctx: &Ctx<'_>, width: usize) -> usize {
    // The keys of a disk belong to its first page.
    let page = page.filter(|page| *page > 0);
    if disk == 0 && page.is_none() {
        return 0;
    }
    // What stands before it is what there would be without it.
    let mut before = view.disks.clone();
    before.truncate(disk + usize::from(page.is_some()));
    if let Some((last, page)) = before.last_mut().zip(page) {
        last.pages.truncate(page);
        last.more = 0;
    }
    let several = view.disks.len() > 1;
    let rows = of_disks(&before, several, view.compared, ctx, width).len();
    let summary = text::wrap(&clean(&view.summary()), width, ctx.theme.dim).len();
    // A single disk ends with a blank line.
    (summary + rows).saturating_sub(usize::from(!several))
}

/// The wrapped table keys, then the bytes of each page, disk by disk.
pub fn lines(view: &StorageView, ctx: &Ctx<'_>, width: usize) -> Vec<Line<'static>> {
    let theme = ctx.theme;
    if view.disks.is_empty() {
        return vec![Line::from(Span::styled("nothing is stored yet", theme.dim))];
    }
    let mut out = text::wrap(&clean(&view.summary()), width, theme.dim);
    out.extend(of_disks(&view.disks, view.disks.len() > 1, view.compared, ctx, width));
    out
}

/// What is stored of some of the disks; `several` says whether there are more than one in all.
fn of_disks(
    disks: &[Disk],
    several: bool,
    compared: bool,
    ctx: &Ctx<'_>,
    width: usize,
) -> Vec<Line<'static>> {
    let mut out = Vec::new();
    for disk in disks {
        if several {
            out.push(Line::default());
            let line = Line::from(Span::styled(clean(&disk.name).into_owned(), ctx.theme.title));
            out.push(text::fit_line(&line, width, ctx.glyphs.ellipsis));
        }
        // The chain from the outside: the KMS key, the table key that it wraps, then the pages under their data keys.
        for key in &disk.keys {
            out.extend(table_key(key, compared, ctx, width));
        }
        pages(disk, compared, ctx, width, &mut out);
        if !several {
            out.push(Line::default());
        }
    }
    out
}

fn pages(disk: &Disk, compared: bool, ctx: &Ctx<'_>, width: usize, out: &mut Vec<Line<'static>>) {
    for (n, page) in disk.pages.iter().enumerate() {
        for (row, (word, stored, most)) in parts(page, ctx).into_iter().enumerate() {
            let name = match row {
                0 => format!("page {}", n + 1),
                1 => page.change().filter(|_| compared).map_or("", PageChange::word).to_owned(),
                _ => String::new(),
            };
            let style = if row == 1 { ctx.theme.draft } else { ctx.theme.dim };
            let head = [
                Span::styled(name.clone(), style),
                Span::raw(" ".repeat(LABEL_CELLS.saturating_sub(text::width(&name)))),
                Span::styled(text::pad(word, PART_CELLS, ""), ctx.theme.dim),
            ];
            let room = width.saturating_sub(LABEL_CELLS + PART_CELLS).max(4);
            let letters: &[char] = if row == 1 { &page.letters } else { &[] };
            let rows = hex_rows(stored, letters, compared, room, most, ctx);
            let blank = || vec![Span::raw(" ".repeat(LABEL_CELLS + PART_CELLS))];
            let first_letters = rows.iter().position(|row| row.above.is_some());
            for (r, HexRow { above, bytes }) in rows.into_iter().enumerate() {
                // The letters are not what lies there: the name of the part stands before the bytes.
                if let Some(letters) = above {
                    let mut lead = blank();
                    if first_letters == Some(r) {
                        let word = text::pad(OPENED, PART_CELLS, "");
                        lead = vec![Span::raw(" ".repeat(LABEL_CELLS)), Span::styled(word, ctx.theme.dim)];
                    }
                    out.push(Line::from([lead, vec![letters]].concat()));
                }
                let lead = if r == 0 { head.to_vec() } else { blank() };
                out.push(Line::from([lead, bytes].concat()));
            }
        }
    }
    if disk.more > 0 {
        out.push(Line::from(Span::styled(format!("and {} more pages", disk.more), ctx.theme.dim)));
    }
    if disk.pages.is_empty() {
        out.push(Line::from(Span::styled("no page yet", ctx.theme.dim)));
    }
}

/// A page's parts: a word, the bytes, the most rows they take. The wrapped data key is shown where there is room.
fn parts<'a>(page: &'a StoredPage, ctx: &Ctx<'_>) -> Vec<(&'static str, &'a Stored, usize)> {
    let most = if ctx.expanded { usize::MAX } else { MAX_FOLDED_ROWS };
    let mut parts = vec![("nonce", &page.nonce, most), ("data", &page.data, most), ("tag", &page.tag, most)];
    if ctx.expanded || !page.data_key.changed.is_empty() {
        parts.push(("key", &page.data_key, most));
    }
    parts
}

fn table_key(key: &StoredKey, compared: bool, ctx: &Ctx<'_>, width: usize) -> Vec<Line<'static>> {
    let theme = ctx.theme;
    let tail = format!("{} {}", ctx.glyphs.key, clean(&key.under));
    let word = format!("{}  ", clean(&key.word));
    let by = "  wrapped by ";
    let room = width.saturating_sub(text::width(&word) + by.len() + text::width(&tail)).max(8);
    let style = if compared && key.changed { theme.draft } else { theme.stored };
    let line = Line::from(vec![
        Span::styled(word, theme.dim),
        Span::styled(
            if ctx.expanded {
                clean(&key.wrapped).into_owned()
            } else {
                text::fit(&clean(&key.wrapped), room, ctx.glyphs.ellipsis)
            },
            style,
        ),
        Span::styled(by, theme.dim),
        Span::styled(tail, theme.accent),
    ]);
    text::wrap_line(&line, width, 2)
}

/// The word before the letters that bytes open to.
const OPENED: &str = "opens";

/// Some bytes of a part.
struct HexRow {
    /// Above its bytes each letter that they hold, for whoever may read it.
    above: Option<Span<'static>>,
    bytes: Vec<Span<'static>>,
}

/// Bytes as hex digits in groups of two bytes, as many as fit in a row, at most `most` rows. What differs from the
/// marked point stands out.
fn hex_rows(
    stored: &Stored,
    letters: &[char],
    compared: bool,
    room: usize,
    most: usize,
    ctx: &Ctx<'_>,
) -> Vec<HexRow> {
    let theme = ctx.theme;
    let per_row = ((room + 1) / 5).max(1);
    let differs =
        |at: usize| compared && stored.changed.iter().any(|range| range.start < at + 2 && at < range.end);
    let groups: Vec<(usize, String)> = stored
        .bytes
        .chunks(2)
        .enumerate()
        .map(|(n, group)| (2 * n, base16ct::lower::encode_string(group)))
        .collect();
    let all = groups.len().div_ceil(per_row);
    let cut = all > most || stored.more > 0;
    let mut rows: Vec<HexRow> = Vec::new();
    for (at_row, row) in groups.chunks(per_row).take(most).enumerate() {
        let last = cut && at_row + 1 == all.min(most);
        // The sign for what is left out takes the place of a group.
        let shown = if last && row.len() == per_row { per_row.saturating_sub(1).max(1) } else { row.len() };
        let mut spans: Vec<(String, Style)> = Vec::new();
        for (at, digits) in row.iter().take(shown) {
            let style = if differs(*at) { theme.draft } else { theme.stored };
            match spans.last_mut() {
                Some((text, known)) if *known == style => *text = format!("{text} {digits}"),
                Some((text, _)) => {
                    text.push(' ');
                    spans.push((digits.clone(), style));
                }
                None => spans.push((digits.clone(), style)),
            }
        }
        if last {
            spans.push((format!(" {}", ctx.glyphs.ellipsis), theme.stored));
        }
        let first = row.first().map_or(0, |(at, _)| *at);
        let held: Vec<&char> = letters.iter().skip(first).take(2 * shown).collect();
        let above = held.iter().any(|letter| **letter != ' ').then(|| {
            let mut above = String::new();
            for pair in held.chunks(2) {
                for letter in pair {
                    above.extend([**letter, ' ']);
                }
                above.push(' ');
            }
            Span::styled(above, theme.title)
        });
        let bytes = spans.into_iter().map(|(text, style)| Span::styled(text, style)).collect();
        rows.push(HexRow { above, bytes });
    }
    rows
}
