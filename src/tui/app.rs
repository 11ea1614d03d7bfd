//! The state of the screen.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

use ratatui::layout::{Position, Rect};

use super::depth::Depth;
use super::editor::Editor;
use super::flash::Flash;
use super::glyphs::Glyphs;
use super::keys::{Context, KeyMap};
use super::layout::{self, Divider, Pane, Preset, Regions, Shape};
use super::overlay::Overlay;
use super::prompt::Prompt;
use super::session::Session;
use super::theme::{Theme, ThemeName};
use crate::lab::{Point, Watchable};
use crate::narration::course;
use crate::narration::{LabView, PresentedCall, ScenarioRow};

/// Why the program ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// The person left.
    Left,
    /// A signal.
    Signal(i32),
    /// Nobody is there any more.
    TerminalLost,
}

/// How something that was said is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mood {
    /// It went well.
    Good,
    /// It did not.
    Bad,
    /// It is a remark.
    Note,
}

impl Mood {
    /// Of something that went well, or did not.
    pub fn of(good: bool) -> Self {
        if good { Self::Good } else { Self::Bad }
    }
}

/// Everything the screen depends on.
#[expect(clippy::struct_excessive_bools, reason = "facts that do not depend on each other")]
#[derive(Debug)]
pub struct App {
    /// The size of the screen.
    pub area: Rect,
    /// Colours.
    pub theme: Theme,
    /// How many colours the terminal shows.
    pub depth: Depth,
    /// Whether the terminal's background is light, where it is known.
    pub light: Option<bool>,
    /// The person's own themes, which the theme key walks through after those that suit the background.
    pub themes: Vec<Theme>,
    /// Symbols.
    pub glyphs: Glyphs,
    /// Keys.
    pub keys: KeyMap,
    /// The scenarios to choose from, once the list was needed: a lab that is opened at once does not wait for it.
    pub library: OnceCell<Vec<ScenarioRow>>,
    /// Whether it has been read how far each of them is.
    pub progress_known: bool,
    /// The list of scenarios.
    pub home: Home,
    /// The open lab; it stays open behind the list.
    pub lab: Option<Lab>,
    /// Whether the list is on the screen rather than the lab.
    pub at_home: bool,
    /// What lies over the screen, the topmost last.
    pub overlays: Vec<Overlay>,
    /// What just happened, and how that is meant; gone at the next key.
    pub toast: Option<(Mood, String)>,
    /// The key that was pressed last, where it does nothing; gone at the next key.
    pub idle_key: Option<String>,
    /// Whether the mouse is ours.
    pub mouse: bool,
    /// The scroll bar in the hand.
    pub bar: Option<Bar>,
    /// The presenter's screen.
    pub present: Option<Present>,
    /// The page of notes sent last.
    pub noted: String,
    /// Whether nothing may flash.
    pub reduced_motion: bool,
    /// What is lit for a moment.
    pub flash: Option<Flash>,
    /// Where labs are kept; none if they are not.
    pub state: Option<std::path::PathBuf>,
    /// Set when the program is to end.
    pub exit: Option<Exit>,
}

/// A scroll bar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bar {
    /// Where its thumb can go.
    pub track: Rect,
    /// The rows of the thumb.
    pub thumb: u16,
    /// Which row of the thumb was pressed; none if it was pressed beside it.
    pub grip: Option<u16>,
}

/// The list of scenarios.
#[derive(Clone, Debug, Default)]
pub struct Home {
    /// The selected row among those that match.
    pub selected: usize,
    /// What is looked for.
    pub filter: String,
    /// Whether letters go into the filter.
    pub searching: bool,
    /// The scenario that was worked on last.
    pub last: Option<String>,
}

/// The presenter's screen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Present {
    /// Whether the verdict is kept back until the reveal.
    pub frozen: bool,
    /// Which cue it is, from 1, how many there are, and what has just happened; none for the lab as it stands.
    pub place: Option<(usize, usize, String)>,
    /// The cue's own call, until another identity is looked at.
    pub call: Option<PresentedCall>,
    /// What the teacher reads in a second terminal.
    pub notes: Vec<String>,
    /// Hands counted for allowed and for denied.
    pub votes: (u32, u32),
}

/// The open lab.
#[expect(clippy::struct_excessive_bools, reason = "facts that do not depend on each other")]
#[derive(Debug)]
pub struct Lab {
    /// The learner's session.
    pub session: Session,
    /// What is drawn, made from the session after every change.
    pub view: LabView,
    /// The policy's text.
    pub editor: Editor,
    /// Whether keys go into the editor.
    pub typing: bool,
    /// Whether the watched call was made since the draft changed last: its answer is shown, not the draft's.
    pub ran: bool,
    /// The focused pane.
    pub focus: Pane,
    /// The pane that has the whole screen.
    pub zoom: Option<Pane>,
    /// The arrangement.
    pub preset: Preset,
    /// Panes taken away.
    pub hidden: BTreeSet<Pane>,
    /// How far dividers were dragged.
    pub dragged: Vec<(Divider, i16)>,
    /// The divider in the hand: where it was taken, how far it had been dragged then.
    pub in_hand: Option<(Divider, Position, i16)>,
    /// The first row shown of each pane.
    pub scroll: BTreeMap<Pane, usize>,
    /// What was looked for last in a pane or a page.
    pub wanted: String,
    /// The row where it was found last.
    pub found: Option<usize>,
    /// The selected audit record.
    pub audit_selected: usize,
    /// Words an audit record must hold to be shown; empty for all.
    pub audit_filter: String,
    /// The point that what is stored is compared with.
    pub storage_since: Point,
    /// Which subject the matrix is about.
    pub matrix_subject: usize,
    /// Whether why and storage show everything.
    pub expanded: bool,
    /// Whether the audit pane shows data events.
    pub data_events: bool,
    /// The console.
    pub console: ConsoleState,
    /// The selected row of the keys pane.
    pub keys_selected: usize,
    /// The calls there are to watch, as they were when the list was opened: finding them makes calls of its own.
    pub watchable: Vec<Watchable>,
    /// The identities of two sessions side by side.
    pub pair: [usize; 2],
    /// Which of them acts.
    pub side: usize,
}

/// The console, as far as the session does not hold it.
#[derive(Clone, Debug, Default)]
pub struct ConsoleState {
    /// The line being typed.
    pub line: Prompt,
    /// Whether keys go into it.
    pub typing: bool,
    /// The lines typed before, oldest first.
    pub lines: Vec<String>,
    /// How many rows of the end lie below the pane.
    pub back: usize,
    /// What is looked for in what was printed, and the row where it was found last.
    pub wanted: String,
    /// The row where it was found last.
    pub found: Option<usize>,
}

impl Lab {
    /// Whether the text differs from what is applied.
    pub fn dirty(&self) -> bool {
        self.session.is_changed()
    }

    /// What the layout depends on.
    pub fn shape(&self) -> Shape {
        Shape {
            preset: self.preset,
            zoom: self.zoom,
            hidden: self.hidden.clone(),
            focus: Some(self.focus),
            editing: self.typing,
            console: self.console.typing,
            dragged: self.dragged.clone(),
        }
    }

    /// Where keys go while nothing lies over the lab.
    pub fn place(&self) -> Context {
        if self.typing {
            Context::Editor
        } else if self.console.typing {
            Context::Console
        } else {
            Context::Lab
        }
    }

    /// Whether the screen is not as usual, and then what one key back shows again.
    pub fn away(&self) -> Option<&'static str> {
        match self.preset {
            _ if self.zoom.is_some() => Some("all panes"),
            Preset::Learn if self.hidden.is_empty() => None,
            Preset::Learn => Some("all panes"),
            _ => Some("learn layout"),
        }
    }

    /// The first row shown of a pane.
    pub fn scroll_of(&self, pane: Pane) -> usize {
        self.scroll.get(&pane).copied().unwrap_or(0)
    }
}

impl App {
    /// Where keys go now.
    pub fn context(&self) -> Context {
        if !self.overlays.is_empty() {
            Context::List
        } else if self.at_home {
            Context::Home
        } else if self.present.is_some() {
            Context::Present
        } else {
            self.lab.as_ref().map_or(Context::Lab, Lab::place)
        }
    }

    /// What just happened, in words, and how that is meant.
    pub fn said(&self) -> Option<(Mood, &str)> {
        self.toast.as_ref().map(|(mood, words)| (*mood, words.as_str()))
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

    /// Where everything stands.
    pub fn regions(&self) -> Regions {
        match &self.lab {
            Some(lab) if !self.at_home => layout::lab(self.area, &lab.shape()),
            _ => layout::home(self.area),
        }
    }

    /// The scenarios to choose from.
    pub fn library(&self) -> &[ScenarioRow] {
        self.library.get_or_init(course::library)
    }

    /// The scenarios to choose from, to note how far they are.
    pub fn library_mut(&mut self) -> &mut [ScenarioRow] {
        self.library();
        self.library.get_mut().map_or(&mut [], Vec::as_mut_slice)
    }

    /// The scenarios that match what is looked for, as numbers in the library.
    pub fn matching_scenarios(&self) -> Vec<usize> {
        let needle = self.home.filter.to_lowercase();
        let words: Vec<&str> = needle.split_whitespace().collect();
        self.library()
            .iter()
            .enumerate()
            .filter(|(_, s)| {
                let text =
                    format!("{} {} {} {}", s.short, s.title, s.chapter, s.teaches.join(" ")).to_lowercase();
                words.iter().all(|w| text.contains(w))
            })
            .map(|(i, _)| i)
            .collect()
    }
}
