//! Questions answered by y or n.

use std::path::PathBuf;

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::widgets::Widget;

use super::frame::{Ground, Reply, cast, inside};
use super::path::Purpose;
use crate::narration::{self, Tick, keeping};
use crate::tui::keys::{Action, Context, KeyMap};
use crate::tui::lab_screen::LabScreen;
use crate::tui::layout::centered;
use crate::tui::panes::{self, Title, head};
use crate::tui::sanitize::clean;
use crate::tui::text;

/// A question answered by y or n.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Question {
    /// Leave and lose what is not kept?
    Quit,
    /// Go back to the list and lose what is not kept?
    Home,
    /// Start the scenario again?
    Reset,
    /// Begin the current task again?
    RestartTask,
    /// Throw the draft away?
    Discard,
    /// Apply every draft, one after the other?
    ApplyAll,
    /// Open the next scenario before this one is done?
    Next,
    /// Open that file in the place of a lab that is not kept?
    Replace(Purpose, PathBuf),
    /// Take a copy of the lab that another process holds?
    Copy,
}

/// How the open lab stands when something is asked about it.
#[derive(Clone, Debug, Default)]
pub struct Standing {
    /// What would be lost, in words.
    loss: Option<String>,
    /// Who else has the lab open, in words.
    held: String,
    /// The key that writes a lab to a file.
    export: String,
}

impl Standing {
    /// Takes down how a lab stands.
    pub fn of(lab: Option<&LabScreen>, keys: &KeyMap) -> Self {
        let Some(lab) = lab else { return Self::default() };
        let unkept = lab.session.unkept();
        Self {
            loss: unkept.as_ref().and_then(keeping::loss),
            held: unkept.as_ref().map(keeping::reason).unwrap_or_default(),
            export: keys.label(Context::Lab, Action::Export),
        }
    }
}

impl Question {
    /// Takes a key; replies with what it asks for.
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "crossterm knows many keys, and most mean nothing here"
    )]
    pub fn on_key(key: KeyEvent) -> Reply {
        match key.code {
            KeyCode::Char('y' | 'Y') => Reply::Confirmed,
            KeyCode::Char('n' | 'N' | 'q') | KeyCode::Esc => Reply::Close,
            _ => Reply::Pass,
        }
    }

    /// Takes a press: on the last row the left half means yes, the right half no.
    pub fn press(at: Position, rect: Rect) -> Reply {
        let inner = inside(rect);
        if at.y + 1 != inner.bottom() {
            Reply::Pass
        } else if at.x < inner.x + inner.width / 2 {
            Reply::Confirmed
        } else {
            Reply::Close
        }
    }

    /// The question in words.
    pub fn ask(&self, standing: &Standing) -> String {
        if let (Some(loss), Some(then)) = (&standing.loss, self.then()) {
            return format!(
                "{loss} {} in the lab writes all of it to a file. {then} and lose it?",
                standing.export
            );
        }
        match self {
            Self::Quit | Self::Home | Self::Replace(..) => {
                format!("{}?", self.then().unwrap_or_default())
            }
            Self::Copy => format!(
                "{}. Here you only look: what you do is not kept. Take a copy of the lab as it stands, which is kept?",
                capital(&standing.held)
            ),
            Self::Reset | Self::RestartTask | Self::Discard | Self::ApplyAll | Self::Next => {
                self.fixed().to_owned()
            }
        }
    }

    /// Tells whether a yes leaves the lab.
    pub fn leaves_lab(&self) -> bool {
        self.then().is_some()
    }

    /// What leaves the lab if the answer is yes, as an order; `None` if nothing does.
    fn then(&self) -> Option<&'static str> {
        match self {
            Self::Quit => Some("Leave kmslab"),
            Self::Home => Some("Go to the list"),
            Self::Replace(..) => Some("Open the other lab"),
            Self::Next => Some("Open the next scenario"),
            Self::Copy | Self::Reset | Self::RestartTask | Self::Discard | Self::ApplyAll => None,
        }
    }

    /// The question where nothing but its kind matters.
    fn fixed(&self) -> &'static str {
        match self {
            Self::Quit | Self::Home | Self::Replace(..) | Self::Copy => "",
            Self::Reset => "Start this scenario again? Calls made and drafts are lost.",
            Self::RestartTask => {
                "Go back to where this task began? Drafts and its answers are lost; calls stay in the timeline."
            }
            Self::Discard => "Throw the draft away and show the applied policy?",
            Self::ApplyAll => "Apply all drafts, each by its own call, until one is refused?",
            Self::Next => "This scenario is not done. Open the next one all the same?",
        }
    }

    /// What a yes does.
    fn yes(&self) -> &'static str {
        match self {
            Self::Quit => "leave",
            Self::Home => "go to the list",
            Self::Reset => "start again",
            Self::RestartTask => "begin the task again",
            Self::Discard => "throw it away",
            Self::ApplyAll => "apply them",
            Self::Next => "open the next",
            Self::Replace(..) => "open the other",
            Self::Copy => "take a copy",
        }
    }

    /// The question, and what is missing where that is what it is about.
    fn words(&self, ground: &Ground<'_>) -> String {
        let lab = ground.lab;
        let asked = self.ask(&Standing::of(lab, ground.ctx.keys));
        let checks = lab.filter(|_| *self == Self::Next).into_iter().flat_map(|lab| &lab.view.task.checks);
        let drafts =
            lab.filter(|_| *self == Self::ApplyAll).map(|lab| narration::draft_rows(lab.session.lab()));
        if let Some(drafts) = drafts {
            let numbered = drafts.iter().enumerate().map(|(n, row)| format!("{}. {}", n + 1, clean(row)));
            return format!("{asked} In this order: {}.", numbered.collect::<Vec<_>>().join(", "));
        }
        match checks.into_iter().find(|check| check.applied != Tick::Done) {
            Some(check) => format!("{asked} Still missing: {}.", clean(&check.say)),
            None => asked,
        }
    }

    /// Returns the rectangle that the overlay takes.
    pub fn rect(&self, ground: &Ground<'_>) -> Rect {
        let words = self.words(ground);
        let width = cast(text::width(&words) + 8).clamp(44, 90.min(ground.area.width.max(44)));
        let rows = text::wrap(&words, usize::from(width.saturating_sub(4)), ground.ctx.theme.text).len();
        centered(ground.area, width, cast(rows + 5))
    }

    /// Draws the overlay into its rectangle.
    pub fn draw(&self, rect: Rect, buf: &mut Buffer, ground: &Ground<'_>) {
        let ctx = &ground.ctx;
        let inner = panes::frame(rect, buf, ctx, Title::new(ctx, "Sure?"));
        let words = text::wrap(&self.words(ground), usize::from(inner.width), ctx.theme.text);
        for (i, line) in (0_u16..).zip(words) {
            line.render(Rect { y: inner.y + i, height: 1, ..inner }.intersection(inner), buf);
        }
        let spans = ctx.key_words("y", &format!(" {}", self.yes()), ctx.theme.text).to_vec();
        let right = ctx
            .key_words("Esc", if *self == Self::Copy { " only look" } else { " no, stay" }, ctx.theme.text)
            .to_vec();
        let line = head::spread(spans, right, usize::from(inner.width), ctx);
        line.render(Rect { y: inner.bottom().saturating_sub(1), height: 1, ..inner }, buf);
    }
}

/// A clause as a sentence begins.
fn capital(clause: &str) -> String {
    let mut letters = clause.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
