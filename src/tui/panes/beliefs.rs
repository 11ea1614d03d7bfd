//! The page of beliefs: the map with a cell for each, then those that something has shown, with what is so.

use ratatui::text::{Line, Span};

use super::Ctx;
use super::home::cell;
use crate::lab::learning::BeliefState;
use crate::narration::beliefs::{BeliefRow, chapters, counted};
use crate::tui::sanitize::clean;
use crate::tui::text;

/// Returns the lines of the page; `unread` says why what is kept of the beliefs that were missed cannot be read.
pub fn lines(map: &[BeliefRow], unread: Option<&str>, ctx: &Ctx<'_>, width: usize) -> Vec<Line<'static>> {
    let theme = ctx.theme;
    let mut out = unread.map_or_else(Vec::new, |why| text::wrap(&clean(why), width, theme.denied));
    let about =
        "What people believe of keys and policies and is not so; your guesses show how you stand to it.";
    out.extend(text::wrap(about, width, theme.text));
    out.extend(text::wrap_line(&legend(ctx), width, 0));
    out.push(Line::from(Span::styled(counted(map), theme.dim)));
    let name = chapters(map).map(|(title, _)| text::width(title)).max().unwrap_or_default();
    for (title, rows) in chapters(map) {
        let mut spans = vec![Span::styled(format!("{}  ", text::pad(&clean(title), name, "")), theme.text)];
        spans.extend(rows.iter().map(|row| cell(row.standing, ctx)));
        out.push(text::fit_line(&Line::from(spans), width, ctx.glyphs.ellipsis));
    }
    for row in map {
        let Some((belief, fact, sources)) = row.revealed() else { continue };
        out.push(Line::default());
        let head = Line::from(vec![
            cell(row.standing, ctx),
            Span::styled(format!(" {}  ", row.id), theme.accent),
            Span::styled(row.state(), theme.dim),
        ]);
        out.extend(text::wrap_line(&head, width, 2));
        let people = format!("People believe: {}", clean(belief));
        out.extend(text::wrap(&people, width, theme.text));
        out.extend(text::wrap(&format!("In fact: {}", clean(fact)), width, theme.title));
        if !sources.is_empty() {
            let said = format!("Sources: {}.", clean(&sources.join("; ")));
            out.extend(text::wrap(&said, width, theme.dim));
        }
    }
    out
}

/// What each sign stands for.
fn legend(ctx: &Ctx<'_>) -> Line<'static> {
    let signs = [
        (BeliefState::Open, "open"),
        (BeliefState::Seen, "seen"),
        (BeliefState::Missed { due: None, passed: 0 }, "missed: `kmslab review` brings it back"),
        (BeliefState::Mended, "mended"),
    ];
    let said = signs.into_iter().flat_map(|(standing, word)| {
        [cell(standing, ctx), Span::styled(format!(" {word}   "), ctx.theme.dim)]
    });
    Line::from(said.collect::<Vec<_>>())
}
