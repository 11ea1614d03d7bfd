//! A report as one HTML page that needs nothing else: no script, no picture from elsewhere, no font, no link.

use std::fmt::Write as _;

use super::escape::escaped;
use super::model::{Block, Cell, Change, Report, Table, Tone};
use super::picture;

/// How the page looks, on a screen and on paper.
const STYLE: &str = include_str!("report.css");

/// Whatever a page might still ask for is refused by the browser itself.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'";

/// Writes a report; `mark` stands where the record comes.
pub fn write(report: &Report, mark: &str) -> String {
    let title = escaped(&report.title);
    let mut out = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <title>{title} - kmslab</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n\
         <p class=\"kind\">kmslab &middot; evidence report</p>\n<h1>{title}</h1>\n"
    );
    for block in &report.blocks {
        put(block, &mut out);
    }
    let _ = write!(out, "</main>\n{mark}\n</body>\n</html>\n");
    out
}

// Writing to a String cannot fail.
fn put(block: &Block, out: &mut String) {
    let _ = match block {
        Block::Part(text) => writeln!(out, "<h2 class=\"part\">{}</h2>", escaped(text)),
        Block::Heading(text) => writeln!(out, "<h3>{}</h3>", escaped(text)),
        Block::Text(text) => writeln!(out, "<p>{}</p>", escaped(text)),
        Block::Note(text) => writeln!(out, "<p class=\"note\">{}</p>", escaped(text)),
        Block::Words(text) => writeln!(out, "<blockquote>{}</blockquote>", escaped(text)),
        Block::Facts(facts) => {
            out.push_str("<dl>\n");
            for (name, fact) in facts {
                let _ = writeln!(out, "<dt>{}</dt><dd>{}</dd>", escaped(name), escaped(fact));
            }
            writeln!(out, "</dl>")
        }
        Block::Checks(checks) => {
            out.push_str("<ul class=\"checks\">\n");
            for (holds, text) in checks {
                let (class, sign, word) =
                    if *holds { ("good", '\u{2713}', "holds") } else { ("bad", '\u{2717}', "open") };
                let _ = writeln!(out, "<li><b class=\"{class}\">{sign} {word}</b> {}</li>", escaped(text));
            }
            writeln!(out, "</ul>")
        }
        Block::List(items) => {
            out.push_str("<ul>\n");
            for item in items {
                let _ = writeln!(out, "<li>{}</li>", escaped(item));
            }
            writeln!(out, "</ul>")
        }
        Block::Table(rows) => {
            table(rows, out);
            Ok(())
        }
        Block::Diff(diff) => {
            let _ = writeln!(
                out,
                "<figure><figcaption>{}</figcaption>\n<pre class=\"diff\">",
                escaped(&diff.name)
            );
            for (change, text) in &diff.lines {
                let class = match change {
                    Change::Same => "same",
                    Change::Added => "added",
                    Change::Removed => "removed",
                    Change::Gap => "gap",
                };
                // The line ends within the block: behind it, it would be an empty line.
                let _ = write!(out, "<span class=\"{class}\">{} {}\n</span>", change.sign(), escaped(text));
            }
            writeln!(out, "</pre></figure>")
        }
        Block::Way(way) => {
            let (word, class) = picture::ends(&way.path);
            let _ = writeln!(
                out,
                "<figure class=\"way\"><figcaption>{}: {} &rarr; {} <b class=\"{class}\">{word}</b></figcaption>",
                escaped(way.when),
                escaped(&way.path.who),
                escaped(&way.path.call)
            );
            writeln!(out, "{}\n<p>{}</p></figure>", picture::svg(&way.path), escaped(&way.path.sentence))
        }
    };
}

fn table(table: &Table, out: &mut String) {
    out.push_str("<table>\n<thead><tr>");
    for head in &table.head {
        let _ = write!(out, "<th>{}</th>", escaped(head));
    }
    out.push_str("</tr></thead>\n<tbody>\n");
    for row in &table.rows {
        out.push_str("<tr>");
        for Cell { text, tone } in row {
            let class = match tone {
                Tone::Plain => "",
                Tone::Good => " class=\"good\"",
                Tone::Bad => " class=\"bad\"",
                Tone::Other => " class=\"other\"",
                Tone::Name => " class=\"name\"",
            };
            let _ = write!(out, "<td{class}>{}</td>", escaped(text));
        }
        out.push_str("</tr>\n");
    }
    out.push_str("</tbody>\n</table>\n");
}
