//! The list of scenarios by chapter, and what the selected one is about.

use ratatui::style::Modifier;
use ratatui::text::{Line, Span};

use super::Ctx;
use crate::lab::learning::BeliefState;
use crate::narration::ScenarioRow;
use crate::narration::beliefs::{BeliefRow, chapters};
use crate::tui::sanitize::clean;
use crate::tui::text;

/// One row of the list on the screen: a chapter's title or a scenario's number among those that match.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Row {
    Chapter(String),
    Blank,
    Scenario(usize),
}

/// The rows of the list.
pub fn rows(scenarios: &[&ScenarioRow]) -> Vec<Row> {
    let mut out = Vec::new();
    let mut chapter: Option<&str> = None;
    for (i, s) in scenarios.iter().enumerate() {
        if chapter != Some(s.chapter.as_str()) {
            if chapter.is_some() {
                out.push(Row::Blank);
            }
            out.push(Row::Chapter(s.chapter.clone()));
            chapter = Some(&s.chapter);
        }
        out.push(Row::Scenario(i));
    }
    out
}

/// Returns the lines of the list of scenarios; each chapter shows its beliefs in a cell each.
pub fn list(
    scenarios: &[&ScenarioRow],
    map: &[BeliefRow],
    selected: usize,
    ctx: &Ctx<'_>,
    width: usize,
) -> Vec<Line<'static>> {
    if scenarios.is_empty() {
        return vec![Line::from(Span::styled("no scenario matches", ctx.theme.dim))];
    }
    rows(scenarios)
        .into_iter()
        .map(|row| match row {
            Row::Blank => Line::default(),
            Row::Chapter(title) => {
                let cells = cells(map, &title, ctx);
                let title = text::fit(&clean(&title), width, ctx.glyphs.ellipsis);
                super::head::spread(vec![Span::styled(title, ctx.theme.dim)], cells, width, ctx)
            }
            Row::Scenario(i) => {
                scenarios.get(i).map_or_else(Line::default, |s| scenario(s, i == selected, ctx, width))
            }
        })
        .collect()
}

/// A chapter's beliefs, a cell each: the sign says how one stands to it, whatever the colours are.
pub fn cells(map: &[BeliefRow], chapter: &str, ctx: &Ctx<'_>) -> Vec<Span<'static>> {
    let rows = chapters(map).find(|(title, _)| *title == chapter).map_or(&[][..], |(_, rows)| rows);
    // Signs alone would look like ornament.
    let name = (!rows.is_empty()).then(|| Span::styled("beliefs ", ctx.theme.dim));
    name.into_iter().chain(rows.iter().map(|row| cell(row.standing, ctx))).collect()
}

/// The sign of how one stands to a belief.
pub fn cell(standing: BeliefState, ctx: &Ctx<'_>) -> Span<'static> {
    let (glyphs, theme) = (ctx.glyphs, ctx.theme);
    match standing {
        BeliefState::Open => Span::styled(glyphs.dot, theme.dim),
        BeliefState::Seen => Span::styled(glyphs.seen, theme.text),
        BeliefState::Missed { .. } => Span::styled(glyphs.denied, theme.denied),
        BeliefState::Mended => Span::styled(glyphs.allowed, theme.allowed),
    }
}

fn scenario(s: &ScenarioRow, selected: bool, ctx: &Ctx<'_>, width: usize) -> Line<'static> {
    let theme = ctx.theme;
    let (done, all) = s.progress;
    let mark = if all > 0 && done >= all {
        Span::styled(ctx.glyphs.allowed, theme.allowed)
    } else if done > 0 {
        Span::styled(ctx.glyphs.open, theme.draft)
    } else {
        Span::styled(ctx.glyphs.dot, theme.dim)
    };
    let marker = if selected { ctx.glyphs.marker } else { " " };
    let left = vec![
        Span::styled(format!("{marker} "), theme.accent),
        mark,
        Span::styled(format!(" {} ", text::pad(&clean(&s.short), 3, "")), theme.accent),
        Span::styled(clean(&s.title).into_owned(), if selected { theme.title } else { theme.text }),
    ];
    let right = if s.is_free() { String::new() } else { format!("{} min", s.minutes) };
    let right = vec![Span::styled(right, theme.dim)];
    let line = super::head::spread(left, right, width, ctx);
    if selected { line.style(theme.selection) } else { line }
}

/// An id such as `kms.grants-take-time` in words; another scenario's id as it is.
fn words(id: &str) -> String {
    match id.split_once('.') {
        Some((field, what)) => format!("{} ({field})", what.replace(['-', '.'], " ")),
        None => id.to_owned(),
    }
}

/// The way through the course: each chapter with a sign for each of its scenarios, and where one stands.
pub fn way(library: &[ScenarioRow], here: &str, ctx: &Ctx<'_>, width: usize) -> Vec<Line<'static>> {
    let theme = ctx.theme;
    let mut out = vec![Line::from(Span::styled("The way", theme.dim))];
    let course: Vec<&ScenarioRow> = library.iter().filter(|s| !s.is_free()).collect();
    let name = course.iter().map(|s| text::width(&clean(&s.chapter))).max().unwrap_or(0);
    for chapter in course.chunk_by(|one, other| one.chapter == other.chapter) {
        let Some(first) = chapter.first() else { continue };
        let mut spans = vec![Span::styled(
            format!("{}  ", text::pad(&clean(&first.chapter), name, ctx.glyphs.ellipsis)),
            theme.text,
        )];
        for s in chapter {
            let (done, all) = s.progress;
            let (sign, style) = match (done >= all, done > 0) {
                (true, _) => (ctx.glyphs.allowed, theme.allowed),
                (false, true) => (ctx.glyphs.open, theme.draft),
                (false, false) => (ctx.glyphs.dot, theme.dim),
            };
            let style = if s.id == here { style.add_modifier(Modifier::REVERSED) } else { style };
            spans.push(Span::styled(sign, style));
            spans.push(Span::raw(" "));
        }
        out.push(text::fit_line(&Line::from(spans), width, ctx.glyphs.ellipsis));
    }
    out
}

/// What the selected scenario is about.
pub fn detail(s: &ScenarioRow, last: bool, ctx: &Ctx<'_>, width: usize) -> Vec<Line<'static>> {
    let theme = ctx.theme;
    let short = if s.is_free() { String::new() } else { format!("{}  ", clean(&s.short)) };
    let about = if s.is_free() {
        "no task: do what you like".to_owned()
    } else {
        format!("{} minutes {} {}", s.minutes, ctx.glyphs.dot, s.level)
    };
    let mut out = vec![
        Line::from(vec![
            Span::styled(short, theme.accent),
            Span::styled(clean(&s.title).into_owned(), theme.title),
        ]),
        Line::from(Span::styled(about, theme.dim)),
        Line::default(),
    ];
    for paragraph in &s.story {
        out.extend(text::wrap(&clean(paragraph), width, theme.text));
        out.push(Line::default());
    }
    for (word, list) in [("Teaches", &s.teaches), ("Builds on", &s.requires)] {
        if list.is_empty() {
            continue;
        }
        let names: Vec<String> = list.iter().map(|name| words(&clean(name))).collect();
        let line = Line::from(vec![
            Span::styled(text::pad(word, 11, ""), theme.dim),
            Span::styled(names.join(", "), theme.text),
        ]);
        out.extend(text::wrap_line(&line, width, 11));
    }
    let (done, all) = s.progress;
    if done > 0 {
        let words = if done >= all { "done".to_owned() } else { format!("{done} of {all} tasks done") };
        out.push(Line::from(vec![
            Span::styled("Progress   ", theme.dim),
            Span::styled(words, theme.allowed),
        ]));
    }
    out.push(Line::default());
    let opens = if last { " goes on where you left it." } else { " opens it." };
    let line = Line::from(vec![
        Span::styled("Enter", theme.accent),
        Span::styled(format!("{opens} Nothing here touches a real AWS account."), theme.dim),
    ]);
    out.extend(text::wrap_line(&line, width, 0));
    out
}
