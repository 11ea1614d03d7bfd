//! What the list of scenarios, the lab and the footer draw with.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Widget;

use crate::tui::app::App;
use crate::tui::keys::{Action, Context};
use crate::tui::lab_screen::LabScreen;
use crate::tui::panes::Ctx;
use crate::tui::sanitize::clean;
use crate::tui::shell::Shell;
use crate::tui::text;

/// What everything drawn may look at besides its data; folded detail is not shown.
pub fn ctx(shell: &Shell, focused: bool) -> Ctx<'_> {
    let Shell { theme, glyphs, keys, flash, .. } = shell;
    Ctx { theme, glyphs, keys, focused, expanded: false, flash: flash.as_ref() }
}

/// What the panes of a lab may look at besides their data.
pub fn lab_ctx<'a>(lab: &LabScreen, shell: &'a Shell, focused: bool) -> Ctx<'a> {
    Ctx { expanded: lab.expanded, ..ctx(shell, focused) }
}

/// What comes before anything else that could be said: the work that is waited for, else that the key pressed last does
/// nothing here.
pub fn idle(app: &App) -> Option<Line<'static>> {
    working(app).or_else(|| idle_key(app))
}

/// What is done beside the loop, how far it is, and the key that stops it.
fn working(app: &App) -> Option<Line<'static>> {
    let work = &app.shell.front.as_ref()?.work;
    let c = ctx(&app.shell, false);
    let far = work.progress().map(|(done, all)| format!(": {done} of {all}")).unwrap_or_default();
    let end = format!("{far} {} ", c.glyphs.dot);
    // The key closes what lies over it first, and that says so.
    let stops = (!app.shell.covers_work())
        .then(|| c.key_words(&c.keys.label(Context::List, Action::Back), " stops", c.theme.dim));
    let stops: Vec<Span<'_>> = stops.into_iter().flatten().collect();
    // However long the name of a file is, the way to stop stays in sight.
    let taken = text::width(&end) + stops.iter().map(Span::width).sum::<usize>() + 2;
    let room = usize::from(app.shell.area.width).saturating_sub(taken);
    let name = text::fit(&clean(work.name()), room, c.glyphs.ellipsis);
    let mut spans = vec![Span::styled(format!(" {name}{end}"), c.theme.accent)];
    spans.extend(stops);
    Some(Line::from(spans))
}

fn idle_key(app: &App) -> Option<Line<'static>> {
    let key = app.shell.idle_key.as_ref()?;
    let c = ctx(&app.shell, false);
    let help = app.shell.keys.label(app.context(), Action::Help);
    let (way, what) = if help.is_empty() {
        (app.shell.keys.label(Context::List, Action::Back), " closes this")
    } else {
        (help, " lists the keys")
    };
    let mut spans =
        vec![Span::styled(format!(" {} does nothing here {} ", clean(key), c.glyphs.dot), c.theme.dim)];
    spans.extend(c.key_words(&way, what, c.theme.dim));
    Some(Line::from(spans))
}

/// Draws a line where it has a place.
pub fn draw_line(rect: Option<Rect>, line: Line<'_>, buf: &mut Buffer) {
    if let Some(rect) = rect {
        buf.set_style(rect, line.style);
        line.render(rect, buf);
    }
}
