//! The state of the screen: what every screen shares, the list of scenarios, and the screen that is shown.
//!
//! A function that changes the state is given the part that it may touch: [`Shell`], [`Home`] or [`LabScreen`]. So
//! nothing below [`super::update::act`] has to ask whether a lab is open.

use super::home::Home;
use super::keys::Context;
use super::lab_screen::LabScreen;
use super::layout::{self, Regions};
use super::shell::Shell;

/// Everything the screen depends on.
#[derive(Debug)]
pub struct App {
    /// What every screen shares.
    pub shell: Shell,
    /// The list of scenarios; what is selected and looked for there outlasts a visit to a lab.
    pub home: Home,
    pub screen: Screen,
}

/// The screens between which the person moves.
#[derive(Debug)]
pub enum Screen {
    /// The list of scenarios.
    Home,
    /// An open lab, which may be presented to a class.
    Lab(Box<LabScreen>),
}

impl App {
    /// The open lab, if one is.
    pub fn lab(&self) -> Option<&LabScreen> {
        match &self.screen {
            Screen::Home => None,
            Screen::Lab(lab) => Some(lab),
        }
    }

    /// Where keys go now.
    pub fn context(&self) -> Context {
        if self.shell.overlays.is_empty() { self.place() } else { Context::List }
    }

    /// Where keys go while nothing lies over the screen.
    pub fn place(&self) -> Context {
        match &self.screen {
            Screen::Home => Context::Home,
            Screen::Lab(lab) => lab.place(),
        }
    }

    /// Tells whether letters are text where keys go now.
    pub fn is_typing(&self) -> bool {
        match self.shell.overlays.last() {
            Some(top) => top.is_typing(),
            None => match self.context() {
                Context::Editor | Context::Console => true,
                Context::Home => self.home.searching,
                Context::Lab | Context::List | Context::Present => false,
            },
        }
    }

    /// Returns the rectangle of each part of the screen.
    pub fn regions(&self) -> Regions {
        match &self.screen {
            Screen::Home => layout::home(self.shell.area),
            Screen::Lab(lab) => lab.regions(self.shell.area),
        }
    }
}
