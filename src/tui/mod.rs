//! The screen: its state, its drawing, its keys, its loop.
//!
//! Events become messages, `update` changes the app and asks for effects, and
//! `view` draws it without changing anything. No decision about access is made here: verdicts, reasons and
//! bytes come from the learner's session in [`crate::lab`].
//!
//! | where | what |
//! |---|---|
//! | `terminal`, `host`, `event_loop`, `message` | the outside: modes, signals, clipboard, the loop |
//! | `drive` | the same screen driven key by key, to measure it |
//! | `app`, `update/`, `overlay` | state, and what changes it |
//! | `session`, `read/`, `data` | the lab, read into plain data |
//! | `view/`, `panes/`, `layout`, `theme`, `glyphs`, `text`, `sanitize` | drawing |
//! | `editor`, `highlight`, `diff` | the policy editor |
//! | `prompt` | the console's line |
//! | `keys` | the key map in `assets/keys.json` |

mod app;
mod background;
pub(crate) mod data;
pub(crate) mod diff;
pub mod drive;
mod editor;
mod event_loop;
mod frame_writer;
mod glyphs;
mod highlight;
pub(crate) mod host;
mod keys;
mod layout;
mod message;
mod overlay;
mod panes;
mod prompt;
pub(crate) mod read;
mod sanitize;
pub(crate) mod session;
pub mod terminal;
mod text;
mod theme;
mod update;
mod view;

#[cfg(test)]
mod tests;

use std::io::IsTerminal;

use anyhow::Context as _;
use ratatui::backend::CrosstermBackend;

use app::{App, Exit, Home};
use frame_writer::FrameWriter;
use glyphs::Glyphs;
use keys::KeyMap;
use theme::{Theme, ThemeName};

/// How the screen starts.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// A scenario's id or file to open at once; the list otherwise.
    pub scenario: Option<String>,
    /// The identity to act as first.
    pub acting: Option<String>,
    /// A theme by name: `ansi`, `dark`, `light`, `high-contrast` or `mono`. Without one the terminal is asked for its
    /// background.
    pub theme: Option<String>,
    /// Draw with ASCII characters only.
    pub ascii: bool,
    /// Leave the mouse to the terminal.
    pub no_mouse: bool,
    /// The directory in which labs are kept; without one nothing is kept.
    pub state: Option<std::path::PathBuf>,
}

/// Why the screen could not start or had to end.
#[derive(Debug, thiserror::Error)]
pub enum ScreenError {
    /// Standard input or output is not a terminal.
    #[error(
        "kmslab draws on a terminal, and {0} is not one; `kmslab play ID --plain` goes line by line, `kmslab run ID` plays \
         a scenario's solution"
    )]
    NotATerminal(&'static str),
    /// There is no theme of that name.
    #[error("there is no theme {0:?}; choose one of: ansi, dark, light, high-contrast, mono")]
    UnknownTheme(String),
    /// The scenario cannot be opened.
    #[error("{0}")]
    Scenario(String),
    /// A signal ended the program; the terminal was given back.
    #[error("ended by signal {0}")]
    Signal(i32),
}

impl ScreenError {
    /// The exit code that goes with it.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::NotATerminal(_) | Self::UnknownTheme(_) | Self::Scenario(_) => 2,
            // As shells report a program that a signal ended.
            Self::Signal(n) => u8::try_from(128 + n).unwrap_or(1),
        }
    }
}

/// Shows the lab until the person leaves. Errors that have an exit code of their own are [`ScreenError`]s.
pub fn run(options: &Options) -> anyhow::Result<()> {
    if !std::io::stdout().is_terminal() {
        return Err(ScreenError::NotATerminal("standard output").into());
    }
    if !std::io::stdin().is_terminal() {
        return Err(ScreenError::NotATerminal("standard input").into());
    }
    let mut app = app_of(options)?;
    let guard = terminal::Guard::enter(app.mouse).context("the terminal cannot be taken over")?;
    if options.theme.is_none() && app.theme.name == ThemeName::Ansi {
        app.theme = Theme::new(background::theme());
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("the event loop cannot start")?;
    let exit = runtime.block_on(async {
        let host = host::TerminalHost::new(app.mouse);
        let events = host::events()?;
        let backend = CrosstermBackend::new(FrameWriter::new(std::io::stdout()));
        let tui = event_loop::Tui::new(backend, app, host)?;
        let (app, _) = tui.run(events).await?;
        anyhow::Ok(app.exit)
    });
    drop(guard);
    match exit? {
        Some(Exit::Signal(n)) => Err(ScreenError::Signal(n).into()),
        Some(Exit::Left | Exit::TerminalLost) | None => Ok(()),
    }
}

/// The app as the options ask for it.
fn app_of(options: &Options) -> Result<App, ScreenError> {
    let theme = match &options.theme {
        Some(name) => ThemeName::parse(name).ok_or_else(|| ScreenError::UnknownTheme(name.clone()))?,
        // Source: no-color.org: set and not empty.
        None if std::env::var_os("NO_COLOR").is_some_and(|v| !v.is_empty()) => ThemeName::Mono,
        None => ThemeName::Ansi,
    };
    let mut app = App {
        area: ratatui::layout::Rect::default(),
        theme: Theme::new(theme),
        glyphs: if options.ascii { Glyphs::ASCII } else { Glyphs::UNICODE },
        keys: KeyMap::embedded(),
        library: session::library(),
        home: Home::default(),
        lab: None,
        at_home: true,
        overlays: Vec::new(),
        toast: None,
        mouse: !options.no_mouse,
        present: None,
        state: options.state.clone(),
        exit: None,
    };
    session::read_progress(&mut app.library, app.state.as_deref());
    // The list opens where the person left.
    app.home.last = session::last_played(app.state.as_deref());
    app.home.selected = app.library.iter().position(|s| app.home.last.as_ref() == Some(&s.id)).unwrap_or(0);
    if let Some(which) = &options.scenario {
        update::open_scenario(&mut app, which, options.acting.as_deref()).map_err(ScreenError::Scenario)?;
    }
    Ok(app)
}
