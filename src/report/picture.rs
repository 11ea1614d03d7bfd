//! The way of a call as a drawing: in SVG, and as a line of text.

use std::fmt::Write as _;

use super::escape::escaped;
use super::model::line;
use crate::narration::{CallStatus, Passage, PathView};

/// The measures of the drawing, in its own units.
const WIDTH: usize = 760;
/// How high it is with the boxes alone, and how high a line of notes below them.
const HEIGHT: usize = 66;
const NOTE_HEIGHT: usize = 15;
/// The widths of a box and of what joins two.
const BOX: usize = 112;
const JOIN: usize = 17;
/// So many letters fit into a line of a box, and into one below it.
const LETTERS: usize = 15;
const NOTE_LETTERS: usize = 21;

/// One station of the way.
struct Stop {
    name: String,
    /// How the call fared there, in a word; empty where nothing is asked.
    word: &'static str,
    sign: &'static str,
    class: &'static str,
    note: String,
    /// Whether the call came here.
    reached: bool,
}

/// The stations in order: who asks, the gates, what lies behind, the end.
fn stops(path: &PathView) -> Vec<Stop> {
    let plain = |name: &str, class, reached| Stop {
        name: line(name),
        word: "",
        sign: "",
        class,
        note: String::new(),
        reached,
    };
    let mut stops = vec![plain(&path.who, "who", true)];
    let mut open = true;
    for gate in &path.gates {
        let (word, sign, class, passes) = match gate.passage {
            Passage::Passed => ("passed", "\u{2713}", "good", true),
            Passage::Refused => ("refused", "\u{2717}", "bad", false),
            Passage::Failed => ("failed", "!", "other", false),
            Passage::Unreached => ("not reached", "", "dim", false),
            Passage::NotAsked => ("not asked", "", "dim", true),
        };
        stops.push(Stop { name: line(&gate.name), word, sign, class, note: line(&gate.note), reached: open });
        open &= passes;
    }
    let allowed = path.mark.as_ref().is_some_and(|mark| mark.status == CallStatus::Allowed);
    stops.extend(path.behind.iter().map(|name| plain(name, "key", allowed)));
    if !path.end.is_empty() {
        let what = if path.is_plain { "readable" } else { "as it is stored" };
        let class = if path.is_plain { "good" } else { "dim" };
        stops.push(Stop { word: what, ..plain(&path.end, class, allowed) });
    }
    stops
}

/// A text in at most so many letters.
fn short(text: &str, letters: usize) -> String {
    if text.chars().count() <= letters {
        return text.to_owned();
    }
    let begin: String = text.chars().take(letters.saturating_sub(2)).collect();
    format!("{}..", begin.trim_end())
}

/// A text in two lines of at most so many letters, broken between words or behind a hyphen where that can be.
fn two_lines(text: &str, letters: usize) -> [String; 2] {
    if text.chars().count() <= letters {
        return [text.to_owned(), String::new()];
    }
    let near = text.char_indices().take(letters + 1).filter(|(_, c)| matches!(c, ' ' | '-'));
    let fits = near.map(|(at, c)| if c == '-' { at + 1 } else { at }).filter(|at| *at <= letters).last();
    let hard = text.char_indices().nth(letters).map_or(text.len(), |(at, _)| at);
    let (first, rest) = text.split_at(fits.unwrap_or(hard));
    [first.to_owned(), short(rest.trim_start(), letters)]
}

/// The verdict in a word.
fn verdict(path: &PathView) -> (&'static str, &'static str) {
    match path.mark.as_ref().map(|mark| mark.status) {
        Some(CallStatus::Allowed) => ("ALLOWED", "good"),
        Some(CallStatus::Denied) => ("DENIED", "bad"),
        Some(CallStatus::Failed) => ("FAILED", "other"),
        None => ("", "dim"),
    }
}

/// Draws the way in SVG, whose colours are those of the page around it.
pub fn svg(path: &PathView) -> String {
    let stops = stops(path);
    let count = stops.len().max(1);
    // A long way is drawn as wide as it is, and shown smaller.
    let width = WIDTH.max(count * BOX + count.saturating_sub(1) * JOIN);
    let join = (width - count * BOX) / count.saturating_sub(1).max(1);
    let join = join.min(JOIN * 3);
    let (word, _) = verdict(path);
    let notes = stops.iter().map(|stop| two_lines(&stop.note, NOTE_LETTERS)).collect::<Vec<_>>();
    let rows =
        notes.iter().map(|rows| rows.iter().filter(|row| !row.is_empty()).count()).max().unwrap_or_default();
    let height = HEIGHT + rows * NOTE_HEIGHT;
    let mut out = String::new();
    // Writing to a String cannot fail.
    let _ = writeln!(
        out,
        "<svg viewBox=\"0 0 {width} {height}\" role=\"img\" aria-label=\"{}\">",
        escaped(&format!("{}: {}", text(path), word))
    );
    for (at, stop) in stops.iter().enumerate() {
        let x = at * (BOX + join);
        if at > 0 {
            let class = if stop.reached { "went" } else { "never" };
            let (from, to) = (x - join, x - 1);
            let _ = writeln!(
                out,
                "<path class=\"{class}\" d=\"M{from} 34H{to}\"/><path class=\"tip {class}\" d=\"M{} 30L{to} 34L{} 38\"/>",
                to - 6,
                to - 6
            );
        }
        let middle = x + BOX / 2;
        let _ = writeln!(
            out,
            "<g class=\"{}\"><title>{}</title><rect x=\"{}\" y=\"10\" width=\"{}\" height=\"48\" rx=\"6\"/>",
            stop.class,
            escaped(&format!("{} {} {}", stop.name, stop.word, stop.note)),
            x + 1,
            BOX - 2
        );
        // Up to three lines, the middle of which is that of the box.
        let said = format!("{} {}", stop.sign, stop.word);
        let [first, second] = two_lines(&stop.name, LETTERS);
        let lines: Vec<(&str, &str)> = [("name", &*first), ("name", &*second), ("word", said.trim())]
            .into_iter()
            .filter(|(_, text)| !text.is_empty())
            .collect();
        let top = 38 - 7 * (lines.len().saturating_sub(1));
        for (row, (class, text)) in lines.into_iter().enumerate() {
            let y = top + row * 14;
            let _ =
                writeln!(out, "<text class=\"{class}\" x=\"{middle}\" y=\"{y}\">{}</text>", escaped(text));
        }
        let note = notes.get(at).into_iter().flatten();
        for (row, text) in note.enumerate().filter(|(_, text)| !text.is_empty()) {
            let y = HEIGHT + 10 + row * NOTE_HEIGHT;
            let _ = writeln!(out, "<text class=\"note\" x=\"{middle}\" y=\"{y}\">{}</text>", escaped(text));
        }
        out.push_str("</g>\n");
    }
    out.push_str("</svg>");
    out
}

/// The way as a line of text.
pub fn text(path: &PathView) -> String {
    let mut out = String::new();
    for stop in stops(path) {
        if !out.is_empty() {
            out.push_str(if stop.reached { " ==> " } else { " --> " });
        }
        out.push_str(&stop.name);
        if !stop.word.is_empty() {
            let _ = write!(out, " [{}]", stop.word);
        }
    }
    out
}

/// The verdict in a word, and how it is coloured.
pub fn ends(path: &PathView) -> (&'static str, &'static str) {
    verdict(path)
}
