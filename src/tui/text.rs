//! Measuring, shortening and wrapping styled text by the cells it takes on a screen.
//!
//! Works on lines whose strings have passed [`super::sanitize::clean`].

use std::cell::RefCell;
use std::collections::VecDeque;

use ratatui::style::Style;
use ratatui::text::{Line, Span};
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use crate::limits;

/// How many cells `text` takes.
pub fn width(text: &str) -> usize {
    text.width()
}

/// `text` cut to at most `max` cells; a cut is shown by `ellipsis`.
pub fn fit(text: &str, max: usize, ellipsis: &str) -> String {
    if text.width() <= max {
        return text.to_owned();
    }
    let room = max.saturating_sub(ellipsis.width());
    let mut out = String::new();
    let mut used = 0;
    for grapheme in text.graphemes(true) {
        let w = grapheme.width();
        if used + w > room {
            break;
        }
        used += w;
        out.push_str(grapheme);
    }
    if max >= ellipsis.width() {
        out.push_str(ellipsis);
    }
    out
}

/// `text` cut from its left so that its end stays readable (key ids and ARNs differ at the end).
pub fn fit_left(text: &str, max: usize, ellipsis: &str) -> String {
    if text.width() <= max {
        return text.to_owned();
    }
    let room = max.saturating_sub(ellipsis.width());
    let mut tail: Vec<&str> = Vec::new();
    let mut used = 0;
    for grapheme in text.graphemes(true).rev() {
        let w = grapheme.width();
        if used + w > room {
            break;
        }
        used += w;
        tail.push(grapheme);
    }
    let mut out = if max >= ellipsis.width() { ellipsis.to_owned() } else { String::new() };
    out.extend(tail.into_iter().rev());
    out
}

/// The text, shortened in the middle to `max` cells: the ends of a name say most.
pub fn fit_middle(text: &str, max: usize, ellipsis: &str) -> String {
    if width(text) <= max {
        return text.to_owned();
    }
    let room = max.saturating_sub(width(ellipsis));
    let end = room / 2;
    format!("{}{}{}", fit(text, room - end, ""), ellipsis, fit_left(text, end, ""))
}

/// `text` padded with spaces to `cells`, or cut to them.
pub fn pad(text: &str, cells: usize, ellipsis: &str) -> String {
    let mut out = fit(text, cells, ellipsis);
    let used = out.width();
    out.extend(std::iter::repeat_n(' ', cells.saturating_sub(used)));
    out
}

/// A styled line cut to at most `max` cells.
pub fn fit_line(line: &Line<'_>, max: usize, ellipsis: &str) -> Line<'static> {
    let mut used = 0;
    let mut spans = Vec::with_capacity(line.spans.len());
    let total: usize = line.spans.iter().map(|s| s.content.width()).sum();
    for span in &line.spans {
        let w = span.content.width();
        if total <= max || used + w < max {
            spans.push(Span::styled(span.content.clone().into_owned(), span.style));
            used += w;
        } else {
            let rest = max.saturating_sub(used);
            if w == rest {
                // The span fits exactly, but something follows it, so the cut must still show.
                let cut = format!("{} ", span.content);
                spans.push(Span::styled(fit(&cut, rest, ellipsis), span.style));
            } else {
                spans.push(Span::styled(fit(&span.content, rest, ellipsis), span.style));
            }
            break;
        }
    }
    Line::from(spans).style(line.style)
}

/// Breaks a styled line at spaces so that no row is wider than `max`; later rows start with `indent` spaces.
///
/// A word longer than a row is cut where the row ends: nothing is lost.
pub fn wrap_line(line: &Line<'_>, max: usize, indent: usize) -> Vec<Line<'static>> {
    let max = max.max(1);
    limits::steps::add(line.spans.iter().map(|s| s.content.len()).sum());
    // A wide character must fit behind the indent.
    let indent = indent.min(max.saturating_sub(2));
    let total: usize = line.spans.iter().map(|s| s.content.width()).sum();
    if total <= max {
        let spans = line.spans.iter().map(|s| Span::styled(s.content.clone().into_owned(), s.style));
        return vec![Line::from(spans.collect::<Vec<_>>()).style(line.style)];
    }
    let mut rows: Vec<Vec<(String, Style)>> = vec![Vec::new()];
    let mut used = 0;
    for word in words(line) {
        let w: usize = word.iter().map(|(t, _)| t.width()).sum();
        let blank = word.iter().all(|(t, _)| t.trim().is_empty());
        let start = if rows.len() > 1 { indent } else { 0 };
        if used + w > max && used > start {
            rows.push(Vec::new());
            used = indent;
            if indent > 0 {
                push_row(&mut rows, &" ".repeat(indent), Style::default());
            }
            if blank {
                continue;
            }
        } else if blank && used == indent && rows.len() > 1 {
            continue;
        }
        for (piece, piece_style) in word {
            // Nearly all text is this, and needs no look at each sign.
            if piece.is_ascii() && used + piece.width() <= max {
                used += piece.width();
                push_row(&mut rows, piece, piece_style);
                continue;
            }
            for grapheme in piece.graphemes(true) {
                let gw = grapheme.width();
                if used + gw > max {
                    rows.push(Vec::new());
                    used = indent;
                    if indent > 0 {
                        push_row(&mut rows, &" ".repeat(indent), Style::default());
                    }
                }
                push_row(&mut rows, grapheme, piece_style);
                used += gw;
            }
        }
    }
    rows.into_iter()
        .map(|row| {
            Line::from(row.into_iter().map(|(t, s)| Span::styled(t, s)).collect::<Vec<_>>()).style(line.style)
        })
        .collect()
}

/// Plain text as wrapped rows in one style. A long text is wrapped once, and not for each key that is pressed.
pub fn wrap(text: &str, max: usize, style: Style) -> Vec<Line<'static>> {
    let wrapped = || wrap_line(&Line::from(Span::styled(text.to_owned(), style)), max, 0);
    if text.len() < LONG_TEXT_BYTES {
        return wrapped();
    }
    WRAPPED.with(|kept| {
        let mut kept = kept.borrow_mut();
        let same = |w: &Wrapped| w.max == max && w.style == style && w.text == text;
        if let Some(found) = kept.iter().position(same).and_then(|at| kept.remove(at)) {
            let rows = found.rows.clone();
            kept.push_front(found);
            return rows;
        }
        let rows = wrapped();
        kept.truncate(KEPT_TEXTS - 1);
        kept.push_front(Wrapped { text: text.to_owned(), max, style, rows: rows.clone() });
        rows
    })
}

/// From this length on the rows of a text are kept.
const LONG_TEXT_BYTES: usize = 1_024;

/// The long texts whose rows are kept: those that are on one screen.
const KEPT_TEXTS: usize = 16;

/// A long text and its rows.
struct Wrapped {
    text: String,
    max: usize,
    style: Style,
    rows: Vec<Line<'static>>,
}

thread_local! {
    static WRAPPED: RefCell<VecDeque<Wrapped>> = const { RefCell::new(VecDeque::new()) };
}

fn push_row(rows: &mut [Vec<(String, Style)>], text: &str, style: Style) {
    let Some(row) = rows.last_mut() else { return };
    match row.last_mut() {
        Some((last, s)) if *s == style => last.push_str(text),
        _ => row.push((text.to_owned(), style)),
    }
}

/// A word or a run of blanks: its pieces, since the style may change in the middle.
type Word<'a> = Vec<(&'a str, Style)>;

/// The line as runs of either blanks or non-blanks. A run may cross spans.
fn words<'a>(line: &'a Line<'_>) -> Vec<Word<'a>> {
    let mut out: Vec<Word<'a>> = Vec::new();
    let mut last_blank = None;
    for span in &line.spans {
        for piece in split_at_spaces(&span.content) {
            let blank = piece.starts_with(' ');
            if last_blank == Some(blank)
                && let Some(pieces) = out.last_mut()
            {
                pieces.push((piece, span.style));
            } else {
                out.push(vec![(piece, span.style)]);
            }
            last_blank = Some(blank);
        }
    }
    out
}

/// `text` cut into runs of spaces and runs of anything else. Unicode word bounds would also cut inside ARNs.
fn split_at_spaces(text: &str) -> Vec<&str> {
    let mut out = Vec::new();
    let mut start = 0;
    let mut blank = None;
    for (at, c) in text.char_indices() {
        let is_blank = c == ' ';
        if blank.is_some_and(|b| b != is_blank) {
            out.push(&text[start..at]);
            start = at;
        }
        blank = Some(is_blank);
    }
    if start < text.len() {
        out.push(&text[start..]);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn cuts_show_and_respect_wide_characters() {
        let cases = [
            ("short", 10, "short"),
            ("exactly ten", 10, "exactly t…"),
            ("漢字漢字", 5, "漢字…"),
            ("漢字漢字", 4, "漢…"),
            ("abc", 0, ""),
        ];
        for (text, max, want) in cases {
            assert_eq!(fit(text, max, "…"), want);
        }
        assert_eq!(fit_left("arn:aws:kms:key/1234abcd", 9, "…"), "…1234abcd");
    }

    #[test]
    fn words_wrap_whole_and_long_words_are_cut() {
        let rows = wrap("User: arn:aws:iam::111122223333:user/tess is not authorized", 20, Style::default());
        let text: Vec<String> = rows.iter().map(ToString::to_string).collect();
        assert_eq!(text, ["User: ", "arn:aws:iam::1111222", "23333:user/tess is ", "not authorized"]);
    }

    #[test]
    fn a_long_text_is_wrapped_once_for_each_width_and_style() {
        let text = "words and words ".repeat(10_000);
        let (first, steps) = limits::steps::counted(|| wrap(&text, 40, Style::default()));
        assert_eq!(steps, text.len() as u64);
        let (again, none) = limits::steps::counted(|| wrap(&text, 40, Style::default()));
        assert_eq!((again, none), (first, 0));
        let (wider, steps) = limits::steps::counted(|| wrap(&text, 80, Style::default()));
        assert_eq!((wider.len(), steps), (text.len() / 80, text.len() as u64));
    }

    proptest! {
        #[test]
        fn no_row_is_wider_than_asked(text in "[a-z 漢:/]{0,200}", max in 2usize..40, indent in 0usize..6) {
            let line = Line::from(vec![Span::raw(text.clone()), Span::raw(text.clone())]);
            for row in wrap_line(&line, max, indent) {
                prop_assert!(row.width() <= max, "{row:?}");
            }
            prop_assert!(fit_line(&line, max, "…").width() <= max);
        }

        #[test]
        fn wrapping_loses_nothing_but_spaces(text in "[a-z 漢:/]{0,200}", max in 2usize..40) {
            let squeeze = |s: &str| s.replace(' ', "");
            let rows = wrap(&text, max, Style::default());
            let joined: String = rows.iter().map(ToString::to_string).collect();
            prop_assert_eq!(squeeze(&joined), squeeze(&text));
        }
    }
}
