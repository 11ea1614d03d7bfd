//! The list of scenarios and what each is about.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};

use super::common::{ctx, draw_line, idle};
use super::footer::footer;
use crate::narration::{LabView, ScenarioRow};
use crate::tui::app::App;
use crate::tui::keys::{Action, Context};
use crate::tui::layout::{Region, Regions};
use crate::tui::panes::{self, Title};

/// The list's and the detail's rectangles.
fn home_parts(area: Rect) -> (Rect, Rect) {
    let body = Rect { y: area.y + 1, height: area.height.saturating_sub(3), ..area };
    if area.width >= 100 {
        let width = (area.width / 2).clamp(48, 76);
        // The two share a line.
        (Rect { width: width + 1, ..body }, Rect { x: body.x + width, width: body.width - width, ..body })
    } else {
        let height = body.height / 2;
        (
            Rect { height: height + 1, ..body },
            Rect { y: body.y + height, height: body.height - height, ..body },
        )
    }
}

fn scenarios(app: &App) -> Vec<&ScenarioRow> {
    app.home.matching().into_iter().filter_map(|i| app.home.library().get(i)).collect()
}

/// Draws the list of scenarios with the details of the selected one beside or below it.
pub fn draw_home(app: &App, regions: &Regions, area: Rect, buf: &mut Buffer) {
    let theme = &app.shell.theme;
    let c = ctx(&app.shell, true);
    let width = usize::from(area.width);
    let left = vec![
        Span::styled(" kmslab ", theme.badge),
        Span::styled(" Who may read your data? Change the key, and see", theme.title),
    ];
    let course = app.home.library().iter().filter(|s| !s.is_free());
    let done = course.clone().filter(|s| s.progress.0 >= s.progress.1).count();
    let right = vec![Span::styled(format!("{done} of {} done ", course.count()), theme.dim)];
    draw_line(regions.get(Region::Header), panes::head::spread(left, right, width, &c).style(theme.bar), buf);
    let (list_area, detail_area) = home_parts(area);
    let list = scenarios(app);
    let mut title = Title::new(&c, "Scenarios");
    if app.home.searching || !app.home.filter.is_empty() {
        let caret = if app.home.searching { "_" } else { "" };
        title = title.about(&c, &format!("/{}{caret}", app.home.filter.text()));
    } else {
        title = title.hint(&c, &c.keys.label(Context::Home, Action::Search), "search");
    }
    let quiet = ctx(&app.shell, false);
    panes::shared_border(detail_area, buf, &quiet);
    panes::shared_border(list_area, buf, &c);
    let inner = panes::heading(list_area, buf, &c, title);
    let map = app.home.beliefs();
    let lines = panes::home::list(&list, &map, app.home.selected, &c, usize::from(inner.width));
    panes::draw_lines(&lines, inner, home_scroll(app, inner.height), buf, &c);
    let inner = panes::heading(detail_area, buf, &quiet, Title::new(&quiet, "About"));
    if let Some(s) = list.get(app.home.selected) {
        let is_last = app.home.last.as_deref() == Some(s.id.as_str());
        let lines = panes::home::detail(s, is_last, &quiet, usize::from(inner.width));
        let height = usize::from(inner.height);
        let way = panes::home::way(app.home.library(), &s.id, &quiet, usize::from(inner.width));
        let lines = if lines.len() + way.len() < height {
            let mut lines = lines;
            lines.push(Line::default());
            lines.extend(way);
            lines
        } else {
            lines
        };
        let mut lines = if lines.len() > height { panes::pane::without_blanks(lines) } else { lines };
        // What Enter does the footer says, too.
        let enter =
            lines.iter().rposition(|line| line.spans.first().is_some_and(|span| span.content == "Enter"));
        if let Some(at) = enter.filter(|at| lines.len() > height && *at <= height) {
            lines.truncate(at);
        }
        panes::draw_lines(&lines, inner, 0, buf, &quiet);
    }
    let note = match &app.shell.toast {
        _ if app.shell.idle_key.is_some() || app.shell.front.is_some() => idle(app).unwrap_or_default(),
        Some(toast) => {
            panes::head::note(&LabView::default(), Context::Home, None, &[], &c, Some(toast), width)
        }
        None if app.home.last.is_none() && app.home.selected == 0 => {
            let key = c.keys.label(Context::Home, Action::Open);
            let mut spans = vec![Span::raw(" New here? ")];
            spans.extend(c.key_words(&key, " starts the first minute", theme.text));
            let more = Span::styled(": a refusal, a key policy, and the same call again.", theme.text);
            let used = spans.iter().chain([&more]).map(Span::width).sum::<usize>();
            spans.push(if used <= width { more } else { Span::styled(".", theme.text) });
            Line::from(spans)
        }
        None => Line::from(Span::styled(
            " Local, free and made up; the encryption and the decisions are real.",
            theme.dim,
        )),
    };
    draw_line(regions.get(Region::Note), note, buf);
    draw_line(regions.get(Region::Footer), footer(app, area), buf);
}

/// The list scrolls so that the selected row is on the screen.
fn home_scroll(app: &App, height: u16) -> usize {
    let rows = panes::home::rows(&scenarios(app));
    let at = rows.iter().position(|r| *r == panes::home::Row::Scenario(app.home.selected)).unwrap_or(0);
    (at + 2).saturating_sub(usize::from(height))
}

/// The rows of the list, each with its scenario, and how many of them are in sight up to the selected one.
pub fn list_rows(app: &App) -> (Vec<Option<usize>>, usize) {
    let rows = panes::home::rows(&scenarios(app));
    let nth = |row| if let panes::home::Row::Scenario(nth) = row { Some(nth) } else { None };
    let (list_area, _) = home_parts(app.shell.area);
    (rows.into_iter().map(nth).collect(), usize::from(list_area.height.saturating_sub(3)))
}

/// The scenario under a cell, as a number among those that match.
pub fn home_row_at(app: &App, at: Position) -> Option<usize> {
    let (list_area, _) = home_parts(app.shell.area);
    let inner = Rect {
        x: list_area.x + 1,
        y: list_area.y + 1,
        width: list_area.width.saturating_sub(2),
        height: list_area.height.saturating_sub(2),
    };
    if !inner.contains(at) {
        return None;
    }
    let row = usize::from(at.y - inner.y) + home_scroll(app, inner.height);
    match panes::home::rows(&scenarios(app)).get(row) {
        Some(panes::home::Row::Scenario(i)) => Some(*i),
        _ => None,
    }
}
