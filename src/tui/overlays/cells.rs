//! A grid of guesses: the questions of a task that have a cell, with a cursor. The answers are filled in, and turn once they
//! have met what is so: the reason of the cell under the cursor stands below, with how many were right.

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Modifier;
use ratatui::text::{Line, Span};

use super::frame::{Ground, Reply, cast, inside, plain};
use crate::narration::{PredictionRow, TaskView};
use crate::scenario::Sureness;
use crate::tui::keys::{Action, Context};
use crate::tui::lab_screen::LabScreen;
use crate::tui::layout::centered;
use crate::tui::panes::{self, Ctx, Title};
use crate::tui::sanitize::clean;
use crate::tui::text;

/// The grid over the screen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CellsWindow {
    /// The questions, by their names: they stay the same when their task is done.
    questions: Vec<String>,
    /// The cursor: its row and its column.
    at: (usize, usize),
    /// How sure the next answer is, if that is said.
    pub sure: Option<Sureness>,
}

/// The widest a name or an answer grows, in cells.
const MAX_CELL: usize = 24;
/// The width of the window, in cells.
const WIDTH: u16 = 76;

/// What the window shows: the names of rows and columns, and the question of each cell.
struct Grid<'a> {
    rows: Vec<&'a str>,
    columns: Vec<&'a str>,
    cells: Vec<Vec<Option<&'a PredictionRow>>>,
}

impl<'a> Grid<'a> {
    fn of(task: &'a TaskView, questions: &[String]) -> Self {
        let all = task.predictions.iter().chain(&task.before).chain(&task.earlier);
        let asked: Vec<(&PredictionRow, &(String, String))> = all
            .filter(|row| questions.contains(&row.id))
            .filter_map(|row| Some((row, row.cell.as_ref()?)))
            .collect();
        let (mut rows, mut columns): (Vec<&str>, Vec<&str>) = Default::default();
        for (_, (row, column)) in &asked {
            if !rows.contains(&row.as_str()) {
                rows.push(row);
            }
            if !columns.contains(&column.as_str()) {
                columns.push(column);
            }
        }
        let cell = |row: &str, column: &str| {
            asked.iter().find(|(_, (r, c))| r == row && c == column).map(|(question, _)| *question)
        };
        let cells = rows.iter().map(|row| columns.iter().map(|column| cell(row, column)).collect());
        Self { cells: cells.collect(), rows, columns }
    }

    fn at(&self, (row, column): (usize, usize)) -> Option<&'a PredictionRow> {
        *self.cells.get(row)?.get(column)?
    }

    /// The places of all cells that are asked, row by row.
    fn places(&self) -> Vec<(usize, usize)> {
        let all =
            (0..self.rows.len()).flat_map(|row| (0..self.columns.len()).map(move |column| (row, column)));
        all.filter(|at| self.at(*at).is_some()).collect()
    }

    /// The cell behind that one that has no answer yet, round and round.
    fn next_open(&self, from: (usize, usize)) -> Option<(usize, usize)> {
        let places = self.places();
        let open = |at: &&(usize, usize)| self.at(**at).is_some_and(|cell| cell.chosen.is_none());
        let behind = places.iter().filter(|at| **at > from).find(open);
        behind.or_else(|| places.iter().find(open)).copied()
    }

    /// The widths of the names and of each column.
    fn widths(&self) -> (usize, Vec<usize>) {
        let name = self.rows.iter().map(|row| text::width(&clean(row))).max().unwrap_or(0);
        let answers = |column: usize| {
            let cells = self.cells.iter().filter_map(move |row| row.get(column).copied().flatten());
            cells.flat_map(|cell| &cell.options).map(|option| text::width(&clean(option)) + 4).max()
        };
        let columns =
            self.columns.iter().enumerate().map(|(at, column)| {
                text::width(&clean(column)).max(answers(at).unwrap_or(0)).clamp(7, MAX_CELL)
            });
        (name.clamp(4, MAX_CELL), columns.collect())
    }
}

impl CellsWindow {
    /// The grid of the open question, with the cursor on it; none if that question has no cell.
    pub fn of(task: &TaskView) -> Option<Self> {
        let open = task.question().filter(|question| question.cell.is_some())?;
        let questions: Vec<String> =
            task.predictions.iter().filter(|row| row.cell.is_some()).map(|row| row.id.clone()).collect();
        let grid = Grid::of(task, &questions);
        let at = grid.places().into_iter().find(|at| grid.at(*at).is_some_and(|cell| cell.id == open.id))?;
        Some(Self { questions, at, sure: None })
    }

    /// The question under the cursor.
    pub fn question(&self, task: &TaskView) -> Option<String> {
        Grid::of(task, &self.questions).at(self.at).map(|cell| cell.id.clone())
    }

    /// Whether a cell has no answer yet.
    pub fn has_open(&self, task: &TaskView) -> bool {
        Grid::of(task, &self.questions).next_open(self.at).is_some()
    }

    /// Goes on to the next cell without an answer.
    pub fn go_on(&mut self, task: &TaskView) {
        self.sure = None;
        if let Some(next) = Grid::of(task, &self.questions).next_open(self.at) {
            self.at = next;
        }
    }

    /// Takes a key: arrows move, letters and digits answer.
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "crossterm knows many keys, and most mean nothing here"
    )]
    pub fn on_key(&mut self, key: KeyEvent, lab: Option<&LabScreen>) -> Reply {
        let Some(lab) = lab.filter(|_| plain(key)) else { return Reply::Pass };
        let grid = Grid::of(&lab.view.task, &self.questions);
        match key.code {
            KeyCode::Left => self.go(&grid, 0, -1),
            KeyCode::Right => self.go(&grid, 0, 1),
            KeyCode::Up => self.go(&grid, -1, 0),
            KeyCode::Down => self.go(&grid, 1, 0),
            KeyCode::Char(' ') => self.sure = next_sureness(self.sure),
            KeyCode::Enter => self.go_on(&lab.view.task),
            KeyCode::Char(c) => {
                let options = grid.at(self.at).filter(|cell| cell.outcome.is_none());
                let options = options.map_or(&[][..], |cell| &cell.options);
                return match keys(options)
                    .iter()
                    .position(|(letter, digit)| [*letter, *digit].contains(&Some(c)))
                {
                    Some(place) => Reply::Guess(place),
                    None => Reply::Pass,
                };
            }
            _ => return Reply::Pass,
        }
        Reply::Changed
    }

    fn go(&mut self, grid: &Grid<'_>, down: isize, right: isize) {
        let within =
            |now: usize, by: isize, count: usize| now.saturating_add_signed(by).min(count.saturating_sub(1));
        let to = (within(self.at.0, down, grid.rows.len()), within(self.at.1, right, grid.columns.len()));
        if grid.at(to).is_some() {
            self.at = to;
        }
    }

    /// Moves the cursor by rows.
    pub fn move_by(&mut self, by: isize, lab: Option<&LabScreen>) -> Reply {
        if let Some(lab) = lab {
            self.go(&Grid::of(&lab.view.task, &self.questions), by, 0);
        }
        Reply::Changed
    }

    /// Takes a press: on a cell the cursor goes there, on an answer that is given.
    pub fn press(&mut self, at: Position, rect: Rect, ground: &Ground<'_>) -> Reply {
        let Some(lab) = ground.lab else { return Reply::Pass };
        let grid = Grid::of(&lab.view.task, &self.questions);
        let inner = inside(rect);
        let parts = self.lines(&grid, &ground.ctx, usize::from(inner.width));
        let Some(line) = at.y.checked_sub(inner.y).map(usize::from) else { return Reply::Pass };
        let x = usize::from(at.x.saturating_sub(inner.x));
        if let Some(row) = line.checked_sub(parts.first_row).filter(|row| *row < grid.rows.len()) {
            let (name, widths) = grid.widths();
            let mut from = name + GAP;
            for (column, width) in widths.iter().enumerate() {
                if (from..from + width).contains(&x) && grid.at((row, column)).is_some() {
                    self.at = (row, column);
                    return Reply::Changed;
                }
                from += width + GAP;
            }
        }
        if parts.sure == Some(line) && press_sureness(&mut self.sure, x) {
            return Reply::Changed;
        }
        let answer = parts.answers.iter().position(|(row, cells)| *row == line && cells.contains(&x));
        answer.map_or(Reply::Pass, Reply::Guess)
    }

    /// Returns the rectangle of the window.
    pub fn rect(&self, ground: &Ground<'_>) -> Rect {
        let Some(lab) = ground.lab else { return Rect::default() };
        let grid = Grid::of(&lab.view.task, &self.questions);
        let width = WIDTH.min(ground.area.width.saturating_sub(2));
        let rows = self.lines(&grid, &ground.ctx, usize::from(width.saturating_sub(4))).lines.len();
        centered(ground.area, width, cast(rows + 2))
    }

    /// Draws the grid of answers.
    pub fn draw(&self, rect: Rect, buf: &mut Buffer, ground: &Ground<'_>) {
        let (Some(lab), ctx) = (ground.lab, &ground.ctx) else { return };
        let grid = Grid::of(&lab.view.task, &self.questions);
        let closes = ctx.keys.label(Context::List, Action::Back);
        let title = Title::new(ctx, "What do you expect?").hint(ctx, &closes, "closes");
        let inner = panes::frame(rect, buf, ctx, title);
        let lines = self.lines(&grid, ctx, usize::from(inner.width)).lines;
        panes::draw_lines(&lines, inner, 0, buf, ctx);
    }

    fn lines(&self, grid: &Grid<'_>, ctx: &Ctx<'_>, width: usize) -> Parts {
        let theme = ctx.theme;
        let cell = grid.at(self.at);
        let asked = |cell: &PredictionRow| text::wrap(&clean(&cell.ask), width, theme.title);
        let mut lines = cell.map_or_else(Vec::new, asked);
        // Every question takes the rows of the longest, so that nothing moves from one to the next.
        let all = grid.cells.iter().flatten().flatten();
        let most = all.map(|cell| asked(cell).len()).max().unwrap_or(0);
        lines.resize(most.max(lines.len()) + 1, Line::default());
        let (name, widths) = grid.widths();
        let mut head = vec![Span::raw(" ".repeat(name + GAP))];
        for (column, width) in grid.columns.iter().zip(&widths) {
            head.push(Span::styled(text::pad(&clean(column), *width, ctx.glyphs.ellipsis), theme.accent));
            head.push(Span::raw(" ".repeat(GAP)));
        }
        lines.push(Line::from(head));
        let first_row = lines.len();
        for (row, words) in grid.rows.iter().enumerate() {
            let mut spans = vec![
                Span::styled(text::pad(&clean(words), name, ctx.glyphs.ellipsis), theme.text),
                Span::raw(" ".repeat(GAP)),
            ];
            for (column, width) in widths.iter().enumerate() {
                let span = filled(grid.at((row, column)), ctx, *width);
                let here = (row, column) == self.at;
                // A dimmed sign in reversed video is grey on grey.
                let cursor = theme.selection.add_modifier(Modifier::BOLD).remove_modifier(Modifier::DIM);
                spans.push(if here { span.patch_style(cursor) } else { span });
                spans.push(Span::raw(" ".repeat(GAP)));
            }
            lines.push(text::fit_line(&Line::from(spans), width, ctx.glyphs.ellipsis));
        }
        lines.push(Line::default());
        let (mut answers, mut sure) = (Vec::new(), None);
        if let Some(cell) = cell.filter(|cell| cell.outcome.is_some()) {
            panes::story::judged(std::slice::from_ref(cell), ctx, width, &mut lines);
        } else {
            // What is said of an answer stands before it: the answer goes on to the next cell.
            sure = Some(lines.len());
            lines.push(sure_line(self.sure, ctx));
            legend(cell, ctx, width, &mut lines, &mut answers);
        }
        if let Some(score) = score(grid) {
            lines.push(Line::from(Span::styled(score, theme.title)));
        }
        Parts { lines, first_row, answers, sure }
    }
}

/// The answers with their keys.
fn legend(
    cell: Option<&PredictionRow>,
    ctx: &Ctx<'_>,
    width: usize,
    lines: &mut Vec<Line<'static>>,
    answers: &mut Vec<(usize, std::ops::Range<usize>)>,
) {
    let options = cell.map_or(&[][..], |cell| &cell.options);
    let mut line = Line::default();
    for (option, (letter, digit)) in options.iter().zip(keys(options)) {
        let key = letter.or(digit).map(String::from).unwrap_or_default();
        let words = format!("{key} {}", clean(option));
        if line.width() > 0 && line.width() + 3 + text::width(&words) > width {
            lines.push(std::mem::take(&mut line));
        }
        if line.width() > 0 {
            line.push_span(Span::raw("   "));
        }
        answers.push((lines.len(), line.width()..line.width() + text::width(&words)));
        line.push_span(Span::styled(key.clone(), ctx.theme.accent));
        line.push_span(Span::styled(words.get(key.len()..).unwrap_or_default().to_owned(), ctx.theme.text));
    }
    lines.push(line);
}

/// The lines of the window, and where in them a press means something.
struct Parts {
    lines: Vec<Line<'static>>,
    /// The line of the first row of cells.
    first_row: usize,
    /// The line and the cells of each answer that can be given.
    answers: Vec<(usize, std::ops::Range<usize>)>,
    /// The line that says how sure one is.
    sure: Option<usize>,
}

/// The blank cells between two columns.
const GAP: usize = 3;

/// A cell as it is drawn: its answer, and once that is known whether it was right.
fn filled(cell: Option<&PredictionRow>, ctx: &Ctx<'_>, width: usize) -> Span<'static> {
    let Some(cell) = cell else { return Span::raw(" ".repeat(width)) };
    let said = cell.said().map(|said| clean(said).into_owned());
    let (words, style) = match (&cell.outcome, said) {
        (_, None) => (ctx.glyphs.unknown.to_owned(), ctx.theme.dim),
        (None, Some(said)) => (said, ctx.theme.text),
        (Some(_), Some(said)) => {
            let (sign, style) = panes::story::judgement(cell.was_right(), ctx);
            let truth = cell.truth.as_ref().map_or(said, |truth| clean(truth).into_owned());
            (format!("{sign} {truth}"), style)
        }
    };
    Span::styled(text::pad(&words, width, ctx.glyphs.ellipsis), style)
}

/// How many guesses were right, once all are known.
fn score(grid: &Grid<'_>) -> Option<String> {
    let cells: Vec<&PredictionRow> = grid.places().into_iter().filter_map(|at| grid.at(at)).collect();
    let known = !cells.is_empty() && cells.iter().all(|cell| cell.outcome.is_some());
    let right = cells.iter().filter(|cell| cell.was_right()).count();
    known.then(|| {
        format!("{right} of {} guesses were right. Arrow keys: the reason of each cell", cells.len())
    })
}

/// For each answer the letter and the digit that give it: y and n where one says yes and the other no.
fn keys(options: &[String]) -> Vec<(Option<char>, Option<char>)> {
    let says = |option: &String, words: &[&str]| words.iter().any(|word| option.starts_with(word));
    let yes = |option: &String| says(option, &["Allowed", "Yes"]);
    let no = |option: &String| says(option, &["Denied", "No"]);
    let pair = matches!(options, [one, other] if yes(one) && no(other) || no(one) && yes(other));
    let key = |(nth, option): (usize, &String)| {
        let letter = pair.then(|| if yes(option) { 'y' } else { 'n' });
        (letter, u32::try_from(nth + 1).ok().and_then(|digit| char::from_digit(digit, 10)))
    };
    options.iter().enumerate().map(key).collect()
}

/// The degree of sureness behind one, and behind the last none.
pub fn next_sureness(sure: Option<Sureness>) -> Option<Sureness> {
    let at = sure.and_then(|sure| Sureness::ALL.iter().position(|one| *one == sure));
    Sureness::ALL.get(at.map_or(0, |at| at + 1)).copied()
}

/// The words of the line that says how sure one is, each with what a press on it makes of it.
fn sure_parts(sure: Option<Sureness>) -> Vec<(String, Option<Sureness>)> {
    let mut out = vec![("Space how sure:".to_owned(), next_sureness(sure))];
    out.extend(Sureness::ALL.map(|one| (format!("   {}", one.words()), Some(one))));
    out
}

/// Takes a press on the line that says how sure one is; false beside its words.
pub fn press_sureness(sure: &mut Option<Sureness>, x: usize) -> bool {
    let mut from = 0;
    let pressed = sure_parts(*sure).into_iter().find(|(words, _)| {
        from += text::width(words);
        x < from
    });
    let Some((_, made)) = pressed else { return false };
    *sure = made;
    true
}

/// The line that says how sure the next answer is, with the key that says otherwise.
pub fn sure_line(sure: Option<Sureness>, ctx: &Ctx<'_>) -> Line<'static> {
    let mut spans = vec![Span::styled("Space", ctx.theme.accent), Span::styled(" how sure:", ctx.theme.dim)];
    for one in Sureness::ALL {
        let chosen = sure == Some(one);
        let style = if chosen { ctx.theme.title.add_modifier(Modifier::UNDERLINED) } else { ctx.theme.dim };
        let sign = if chosen { ctx.glyphs.marker } else { " " };
        spans.push(Span::styled(format!("  {sign}"), ctx.theme.accent));
        spans.push(Span::styled(one.words(), style));
    }
    Line::from(spans)
}
