//! Frames as SVG: a still picture, or an animation that runs without a script.
//!
//! A row that stays the same from frame to frame is drawn once. Lines of boxes are drawn as lines, so that they join
//! whatever the font.

use std::fmt::Write as _;

use vt100::{Cell, Color, Screen};

use super::Frame;

const CELL_WIDTH: f64 = 8.4;
const CELL_HEIGHT: f64 = 18.0;
const FONT_SIZE: f64 = 14.0;
/// From the top of a row to the line the letters stand on.
const BASELINE: f64 = 13.5;
const MARGIN: f64 = 12.0;
const BACKGROUND: &str = "#1b1e24";
const FOREGROUND: &str = "#d6d9df";

/// The sixteen colours of the terminal, dark then bright.
const ANSI: [&str; 16] = [
    "#1b1e24", "#e06c75", "#8fc07a", "#e5c07b", "#6fa8dc", "#c08be0", "#5fbfc4", "#c8ccd4", "#6b727f",
    "#ff7b86", "#a5d88f", "#f5d594", "#8cc2f5", "#d8a6f5", "#7fdce0", "#ffffff",
];

/// How a cell looks, besides its letter.
#[derive(Clone, PartialEq)]
#[expect(clippy::struct_excessive_bools, reason = "a terminal's attributes are on or off")]
struct Look {
    fg: String,
    bg: String,
    bold: bool,
    dim: bool,
    italic: bool,
    underline: bool,
}

fn colour(colour: Color, default: &str) -> String {
    match colour {
        Color::Default => default.to_owned(),
        Color::Rgb(r, g, b) => format!("#{r:02x}{g:02x}{b:02x}"),
        Color::Idx(n) => match n {
            0..=15 => ANSI[usize::from(n)].to_owned(),
            16..=231 => {
                let level = |step: u8| if step == 0 { 0 } else { 55 + 40 * u16::from(step) };
                let n = n - 16;
                format!("#{:02x}{:02x}{:02x}", level(n / 36), level(n / 6 % 6), level(n % 6))
            }
            232..=255 => {
                let grey = 8 + 10 * u16::from(n - 232);
                format!("#{grey:02x}{grey:02x}{grey:02x}")
            }
        },
    }
}

impl Look {
    fn of(cell: &Cell) -> Self {
        let (mut fg, mut bg) = (colour(cell.fgcolor(), FOREGROUND), colour(cell.bgcolor(), BACKGROUND));
        if cell.inverse() {
            std::mem::swap(&mut fg, &mut bg);
        }
        Self {
            fg,
            bg,
            bold: cell.bold(),
            dim: cell.dim(),
            italic: cell.italic(),
            underline: cell.underline(),
        }
    }

    fn attributes(&self) -> String {
        let mut text = format!(" fill=\"{}\"", self.fg);
        for (on, attribute) in [
            (self.bold, " font-weight=\"bold\""),
            (self.dim, " opacity=\"0.6\""),
            (self.italic, " font-style=\"italic\""),
            (self.underline, " text-decoration=\"underline\""),
        ] {
            if on {
                text.push_str(attribute);
            }
        }
        text
    }
}

/// The arms of a line-drawing character: left, right, up, down.
fn arms(c: &str) -> Option<[bool; 4]> {
    Some(match c {
        "─" | "━" => [true, true, false, false],
        "│" | "┃" => [false, false, true, true],
        "┌" | "╭" | "┏" => [false, true, false, true],
        "┐" | "╮" | "┓" => [true, false, false, true],
        "└" | "╰" | "┗" => [false, true, true, false],
        "┘" | "╯" | "┛" => [true, false, true, false],
        "├" => [false, true, true, true],
        "┤" => [true, false, true, true],
        "┬" => [true, true, false, true],
        "┴" => [true, true, true, false],
        "┼" => [true, true, true, true],
        _ => return None,
    })
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// One row of a screen, drawn at its place.
fn row(screen: &Screen, row: u16) -> String {
    let cols = screen.size().1.get();
    let y = MARGIN + f64::from(row) * CELL_HEIGHT;
    let x = |col: u16| MARGIN + f64::from(col) * CELL_WIDTH;
    let mut backgrounds = String::new();
    let mut lines: Vec<(String, String)> = Vec::new();
    let mut letters = String::new();
    let mut col = 0;
    while col < cols {
        let Some(cell) = screen.cell(row, col) else { break };
        let look = Look::of(cell);
        let start = col;
        let mut text = String::new();
        // One run: cells of one look, all lines or all letters.
        let is_box = arms(cell.contents()).is_some();
        while let Some(cell) = screen.cell(row, col).filter(|_| col < cols) {
            if cell.is_wide_continuation() {
                col += 1;
                continue;
            }
            if Look::of(cell) != look || arms(cell.contents()).is_some() != is_box {
                break;
            }
            if let Some([left, right, up, down]) = arms(cell.contents()) {
                let (cx, cy) = (x(col) + CELL_WIDTH / 2.0, y + CELL_HEIGHT / 2.0);
                let mut path = String::new();
                for (on, dx, dy) in [
                    (left, -CELL_WIDTH / 2.0, 0.0),
                    (right, CELL_WIDTH / 2.0, 0.0),
                    (up, 0.0, -CELL_HEIGHT / 2.0),
                    (down, 0.0, CELL_HEIGHT / 2.0),
                ] {
                    if on {
                        let _ = write!(path, "M{cx:.1} {cy:.1}l{dx:.1} {dy:.1}");
                    }
                }
                match lines.last_mut().filter(|(fg, _)| *fg == look.fg) {
                    Some((_, paths)) => paths.push_str(&path),
                    None => lines.push((look.fg.clone(), path)),
                }
            }
            text.push_str(if cell.has_contents() { cell.contents() } else { " " });
            col += 1;
        }
        let width = f64::from(col - start) * CELL_WIDTH;
        if look.bg != BACKGROUND {
            let _ = write!(
                backgrounds,
                "<rect x=\"{:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{CELL_HEIGHT}\" fill=\"{}\"/>",
                x(start),
                look.bg
            );
        }
        // Blanks at both ends are not drawn, unless a line under them shows.
        let blank = text.chars().take_while(|c| *c == ' ').count();
        let shown = if look.underline { text.as_str() } else { text.trim() };
        if is_box || shown.is_empty() {
            continue;
        }
        let skipped = if look.underline { 0 } else { u16::try_from(blank).unwrap_or(0) };
        let columns = col - start - skipped - u16::try_from(text.len() - text.trim_end().len()).unwrap_or(0);
        let _ = write!(
            letters,
            "<text x=\"{:.1}\" y=\"{:.1}\" textLength=\"{:.1}\"{}>{}</text>",
            x(start + skipped),
            y + BASELINE,
            f64::from(columns) * CELL_WIDTH,
            look.attributes(),
            escaped(shown)
        );
    }
    for (fg, path) in lines {
        let _ = write!(backgrounds, "<path d=\"{path}\" stroke=\"{fg}\" fill=\"none\"/>");
    }
    backgrounds + &letters
}

fn document(size: (u16, u16), style: &str, body: &str) -> String {
    let (rows, cols) = size;
    let width = f64::from(cols) * CELL_WIDTH + 2.0 * MARGIN;
    let height = f64::from(rows) * CELL_HEIGHT + 2.0 * MARGIN;
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width:.0}\" height=\"{height:.0}\" viewBox=\"0 0 {width:.0} {height:.0}\">\n\
         <style>text{{font-family:'DejaVu Sans Mono',Menlo,Consolas,monospace;font-size:{FONT_SIZE}px;white-space:pre}}{style}</style>\n\
         <rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"{BACKGROUND}\"/>\n{body}</svg>\n"
    )
}

fn size(screen: &Screen) -> (u16, u16) {
    let (rows, cols) = screen.size();
    (rows.get(), cols.get())
}

/// One frame.
pub fn still(frame: &Frame) -> String {
    let size = size(&frame.screen);
    let mut body = String::new();
    for r in 0..size.0 {
        let _ = writeln!(body, "<g>{}</g>", row(&frame.screen, r));
    }
    document(size, "", &body)
}

/// All frames, one after the other, again and again. Who asked for less motion sees the last one only.
pub fn animation(frames: &[Frame]) -> String {
    let Some(first) = frames.first() else { return String::new() };
    let size = size(&first.screen);
    let total: f64 = frames.iter().map(|f| f.seconds).sum();
    let starts: Vec<f64> = frames
        .iter()
        .scan(0.0, |at, f| {
            let start = *at;
            *at += f.seconds;
            Some(start / total * 100.0)
        })
        .collect();
    let start = |i: usize| starts.get(i).copied().unwrap_or(100.0);
    let mut style = String::from("g.a{visibility:hidden}");
    let mut calm = String::new();
    let mut body = String::new();
    let mut spans: Vec<(usize, usize)> = Vec::new();
    for r in 0..size.0 {
        let rows: Vec<String> = frames.iter().map(|f| row(&f.screen, r)).collect();
        let mut from = 0;
        while from < rows.len() {
            let to = (from..rows.len()).find(|i| rows[*i] != rows[from]).unwrap_or(rows.len());
            if !rows[from].is_empty() {
                if (from, to) == (0, rows.len()) {
                    let _ = writeln!(body, "<g>{}</g>", rows[from]);
                } else {
                    if !spans.contains(&(from, to)) {
                        spans.push((from, to));
                    }
                    let _ = writeln!(body, "<g class=\"a s{from}-{to}\">{}</g>", rows[from]);
                }
            }
            from = to;
        }
    }
    for (from, to) in spans {
        let name = format!("s{from}-{to}");
        let (on, off) = (start(from), start(to));
        let before = if from == 0 { String::new() } else { "0%{visibility:hidden}".to_owned() };
        let after =
            if to == frames.len() { String::new() } else { format!("{off:.3}%{{visibility:hidden}}") };
        let last = if to == frames.len() { "visible" } else { "hidden" };
        let _ = write!(
            style,
            "g.{name}{{animation:{name} {total}s step-end infinite}}@keyframes {name}{{{before}{on:.3}%{{visibility:visible}}{after}100%{{visibility:{last}}}}}"
        );
        if to == frames.len() {
            let _ = write!(calm, "g.{name}{{visibility:visible}}");
        }
    }
    let _ = write!(style, "@media(prefers-reduced-motion:reduce){{g.a{{animation:none}}{calm}}}");
    document(size, &style, &body)
}
