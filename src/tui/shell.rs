//! What every screen shares: the terminal's size and colours, the keys, what lies over the screen, what was said last.

use ratatui::layout::Rect;

use super::depth::Depth;
use super::flash::Flash;
use super::glyphs::Glyphs;
use super::keys::KeyMap;
use super::message::Message;
use super::overlays::{Overlay, Question};
use super::port::Port;
use super::theme::{Theme, ThemeName};
use super::toast::ToastKind;
use super::work::Work;

/// Why the program ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    Left,
    Signal(i32),
    /// The lab that was asked for at the start cannot be opened.
    NotOpened,
    /// Nobody is there any more.
    TerminalLost,
}

/// Work that the person waits for, and what was typed meanwhile.
#[derive(Debug)]
pub struct Front {
    pub work: Work,
    /// Keys and pastes that wait for its end.
    pub held: Vec<Message>,
}

impl Front {
    /// Returns work for which nothing waits yet.
    pub fn new(work: Work) -> Self {
        Self { work, held: Vec::new() }
    }
}

/// What every screen shares.
#[derive(Debug)]
pub struct Shell {
    /// The size of the screen.
    pub area: Rect,
    pub theme: Theme,
    /// How many colours the terminal shows.
    pub depth: Depth,
    /// Whether the terminal's background is light, where it is known.
    pub light: Option<bool>,
    /// The same, as the terminal has told while it was used.
    pub told: Option<bool>,
    /// Whether the theme follows the background once the terminal tells it.
    pub follows: bool,
    /// The person's own themes, which the theme key walks through after those that suit the background.
    pub themes: Vec<Theme>,
    pub glyphs: Glyphs,
    pub keys: KeyMap,
    /// What lies over the screen, the topmost last.
    pub overlays: Vec<Overlay>,
    /// What just happened, and how that is meant; gone at the next key.
    pub toast: Option<(ToastKind, String)>,
    /// The key that was pressed last, where it does nothing; gone at the next key.
    pub idle_key: Option<String>,
    /// Whether the mouse is ours.
    pub mouse: bool,
    /// The scroll bar that is dragged.
    pub bar: Option<Bar>,
    /// The page of notes sent last.
    pub noted: String,
    /// Whether nothing may flash.
    pub reduced_motion: bool,
    /// What is lit for a moment.
    pub flash: Option<Flash>,
    /// The number of the last one.
    pub flashes: u32,
    /// The directory in which labs are kept; none if they are not.
    pub state: Option<std::path::PathBuf>,
    /// Work that the person waits for.
    pub front: Option<Front>,
    /// Where clients on the wire reach the lab; none if it is not served.
    pub port: Option<Port>,
    /// The file that the host was last asked to look at.
    pub followed: Option<std::path::PathBuf>,
    /// Why the lab that was asked for at the start cannot be opened.
    pub failure: String,
    /// Set when the program is to end.
    pub exit: Option<Exit>,
}

/// A scroll bar that the mouse holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bar {
    /// The cells between which the thumb moves.
    pub track: Rect,
    /// The rows of the thumb.
    pub thumb: u16,
    /// Which row of the thumb was pressed; none if the press was beside it.
    pub grip: Option<u16>,
}

impl Shell {
    /// Says that something went well.
    pub fn good(&mut self, words: impl Into<String>) {
        self.toast = Some((ToastKind::Good, words.into()));
    }

    /// Says that something did not go well.
    pub fn bad(&mut self, words: impl Into<String>) {
        self.toast = Some((ToastKind::Bad, words.into()));
    }

    /// Says something that is neither good nor bad.
    pub fn note(&mut self, words: impl Into<String>) {
        self.toast = Some((ToastKind::Note, words.into()));
    }

    /// Tells whether something lies over the work that is waited for, so that Esc closes that first. The input for a path
    /// waits for the work itself.
    pub fn covers_work(&self) -> bool {
        match self.overlays.last() {
            None | Some(Overlay::Path(_)) => false,
            Some(
                Overlay::Menu(_)
                | Overlay::Page(_)
                | Overlay::Matrix(_)
                | Overlay::Cells(_)
                | Overlay::Confirm(_)
                | Overlay::Search(_),
            ) => true,
        }
    }

    /// Puts a question before anything else happens.
    pub fn ask(&mut self, question: Question) {
        self.overlays.push(Overlay::Confirm(question));
    }

    /// What just happened, in words, and how that is meant.
    pub fn said(&self) -> Option<(ToastKind, &str)> {
        self.toast.as_ref().map(|(kind, words)| (*kind, words.as_str()))
    }

    /// Takes over whether the background is light, which the terminal has told late.
    pub fn background(&mut self, light: bool) {
        self.light = Some(light);
        self.told = Some(light);
        if std::mem::take(&mut self.follows) {
            self.theme = self.depth.fit(Theme::new(ThemeName::soft(light)).on(self.light));
        }
    }

    /// The theme after this one: first what suits the background, then the person's own, at last what does not suit.
    pub fn next_theme(&self) -> Theme {
        let (fitting, others) = ThemeName::suiting(self.light);
        let fitting = fitting.into_iter().map(Theme::new).chain(self.themes.iter().cloned());
        let all: Vec<Theme> = fitting.chain(others.into_iter().map(Theme::new)).collect();
        let same = |theme: &Theme| (theme.name, &theme.own) == (self.theme.name, &self.theme.own);
        let at = all.iter().position(same).map_or(0, |at| at + 1);
        all.get(at).or(all.first()).cloned().unwrap_or_else(|| self.theme.clone()).on(self.light)
    }
}
