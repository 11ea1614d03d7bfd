//! A report as Markdown, readable as it is and as a page.

use std::fmt::Write as _;

use super::model::{Block, Cell, Report, Table, Tone};
use super::picture;

/// Writes a report; `mark` stands where the record comes.
pub fn write(report: &Report, mark: &str) -> String {
    let mut out = format!("# {}\n\nkmslab, evidence report\n\n", escaped(&report.title));
    for block in &report.blocks {
        put(block, &mut out);
        out.push('\n');
    }
    out.push_str(mark);
    out.push('\n');
    out
}

/// Returns a text in which nothing is taken for Markdown or HTML, within a line or a cell of a table.
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '$' | '^' => out.extend(['\\', c]),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            _ => out.push(c),
        }
    }
    out
}

/// Returns a text as a paragraph or an item: nothing at its beginning makes it a heading, a list or a rule.
fn paragraph(text: &str) -> String {
    let text = escaped(text);
    let number = text.trim_start_matches(|c: char| c.is_ascii_digit());
    let counts = number.len() < text.len() && number.starts_with(['.', ')']);
    if text.starts_with(['#', '+', '-', '=', ':']) {
        format!("\\{text}")
    } else if counts {
        let digits = text.len() - number.len();
        format!("{}\\{number}", text.get(..digits).unwrap_or_default())
    } else {
        text
    }
}

// Writing to a String cannot fail.
fn put(block: &Block, out: &mut String) {
    let _ = match block {
        Block::Part(text) => writeln!(out, "## {}", escaped(text)),
        Block::Heading(text) => writeln!(out, "### {}", escaped(text)),
        Block::Text(text) | Block::Note(text) => writeln!(out, "{}", paragraph(text)),
        Block::Words(text) => {
            for line in text.lines() {
                let _ = writeln!(out, "> {}  ", paragraph(line));
            }
            Ok(())
        }
        Block::Facts(facts) => {
            for (name, fact) in facts {
                let _ = writeln!(out, "- {name}: {}", escaped(fact));
            }
            Ok(())
        }
        Block::Checks(checks) => {
            for (holds, text) in checks {
                let _ = writeln!(out, "- [{}] {}", if *holds { 'x' } else { ' ' }, escaped(text));
            }
            Ok(())
        }
        Block::List(items) => {
            for item in items {
                let _ = writeln!(out, "- {}", paragraph(item));
            }
            Ok(())
        }
        Block::Table(rows) => {
            table(rows, out);
            Ok(())
        }
        Block::Diff(diff) => {
            let _ = writeln!(out, "{}\n", paragraph(&diff.name));
            let lines = diff.lines.iter().map(|(change, text)| format!("{} {text}", change.sign()));
            fenced("diff", &lines.collect::<Vec<_>>().join("\n"), out);
            Ok(())
        }
        Block::Way(way) => {
            let (word, _) = picture::ends(&way.path);
            let _ = writeln!(
                out,
                "{}: {}, {}: **{word}**\n",
                escaped(way.when),
                escaped(&way.path.who),
                escaped(&way.path.call)
            );
            fenced("", &picture::text(&way.path), out);
            writeln!(out, "\n{}", paragraph(&way.path.sentence))
        }
    };
}

/// Puts a text between fences that are longer than any in it.
fn fenced(language: &str, text: &str, out: &mut String) {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(longest.max(2) + 1);
    let _ = writeln!(out, "{fence}{language}\n{text}\n{fence}");
}

fn table(table: &Table, out: &mut String) {
    let row = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
    out.push_str(&row(table.head.iter().map(|head| (*head).to_owned()).collect()));
    out.push_str(&row(table.head.iter().map(|_| "---".to_owned()).collect()));
    for cells in &table.rows {
        let cell = |Cell { text, tone }: &Cell| match tone {
            Tone::Good | Tone::Bad | Tone::Other if !text.is_empty() => format!("**{}**", escaped(text)),
            Tone::Plain | Tone::Name | Tone::Good | Tone::Bad | Tone::Other => escaped(text),
        };
        out.push_str(&row(cells.iter().map(cell).collect()));
    }
}
