//! The screen: its state, its drawing, its keys, its loop.
//!
//! Events become messages, `update` changes the app and asks for effects, and
//! `view` draws it without changing anything. No decision about access is made here: verdicts, reasons and
//! bytes come from the learner's session in [`crate::lab`], read into plain data by [`crate::narration`].
//!
//! | where | what |
//! |---|---|
//! | `terminals` | what terminals have told of their backgrounds |
//! | `terminal`, `input`, `bounded`, `signals`, `host`, `event_loop`, `message` | the outside: modes, keys, size, signals, clipboard, the loop |
//! | `drive` | the same screen driven key by key, to measure it |
//! | `app`, `shell`, `home`, `lab_screen`, `overlays/`, `text_field` | state |
//! | `update/` | what changes it |
//! | `session` | the learner's session as keys use it |
//! | `view/`, `panes/`, `layout`, `theme`, `depth`, `glyphs`, `flash`, `text`, `sanitize` | drawing |
//! | `editor` | the policy editor |
//! | `prompt` | the console's line |
//! | `click_targets` | names of keys that can be clicked |
//! | `port` | where clients on the wire reach the lab |
//! | `keys` | the key map in `assets/keys.json` |

mod app;
mod background;
mod bounded;
mod click_targets;
mod depth;
pub mod drive;
mod editor;
mod event_loop;
mod flash;
mod frame_writer;
mod glyphs;
mod home;
mod host;
pub mod input;
mod keys;
mod lab_screen;
mod layout;
mod message;
pub mod notes;
mod overlays;
mod panes;
pub mod port;
mod prompt;
mod sanitize;
mod session;
mod settings;
mod shell;
#[cfg(unix)]
mod signals;
pub mod terminal;
pub mod terminals;
pub(crate) mod text;
mod text_field;
mod theme;
mod toast;
mod update;
mod view;
mod work;

#[cfg(test)]
mod tests;

use std::io::IsTerminal;

use anyhow::Context as _;
use futures::channel::mpsc::Receiver;
use ratatui::backend::CrosstermBackend;

use app::{App, Screen};
use depth::Depth;
use frame_writer::FrameWriter;
use glyphs::Glyphs;
use home::Home;
use keys::KeyMap;
use overlays::{Overlay, Page, PageKind};
use port::Served;
use settings::Settings;
use shell::{Exit, Shell};
use theme::{Theme, ThemeName};

use crate::lab::visit::Visit;

/// How the screen starts.
#[expect(clippy::struct_excessive_bools, reason = "flags of the command line, each for itself")]
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// A scenario's id or file to open at once; the list otherwise.
    pub scenario: Option<String>,
    /// The identity to act as first.
    pub acting: Option<String>,
    /// A theme by name: `ansi`, `dark`, `light`, `high-contrast` or `mono`. Without one the terminal is asked for its
    /// background.
    pub theme: Option<String>,
    pub reduced_motion: bool,
    /// Draw with ASCII characters only.
    pub ascii: bool,
    /// Leave the mouse to the terminal.
    pub no_mouse: bool,
    /// The directory in which labs are kept; without one nothing is kept.
    pub state: Option<std::path::PathBuf>,
    /// The directory of the person's own settings, key map and themes; without one there are none.
    pub config: Option<std::path::PathBuf>,
    /// A file whose text a document of the scenario follows: `FILE` or `DOCUMENT=FILE`.
    pub watch: Option<String>,
    /// Begin as a teacher does: with the scenario's solution, cue by cue.
    pub present: bool,
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
    #[error("there is no theme `{0}`; choose one of: {1}")]
    UnknownTheme(String, String),
    /// The scenario cannot be opened.
    #[error("{0}")]
    Scenario(String),
    /// A signal ended the program; the terminal was given back.
    #[error("ended by signal {0}")]
    Signal(i32),
    /// A signal, or the end of the terminal, ended the program before something that was done could be kept.
    #[error("{words}")]
    Unkept {
        /// What is lost, and why.
        words: String,
        signal: Option<i32>,
    },
}

impl ScreenError {
    /// The exit code that goes with it.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::NotATerminal(_) | Self::UnknownTheme(..) | Self::Scenario(_) => 2,
            // As shells report a program that a signal ended.
            Self::Signal(n) | Self::Unkept { signal: Some(n), .. } => u8::try_from(128 + n).unwrap_or(1),
            Self::Unkept { signal: None, .. } => 1,
        }
    }
}

/// Shows the lab until the person leaves, to those who come by a port, too. Errors that have an exit code of their own are
/// [`ScreenError`]s.
pub fn run(options: &Options, served: Option<Served>) -> anyhow::Result<()> {
    if !std::io::stdout().is_terminal() {
        return Err(ScreenError::NotATerminal("standard output").into());
    }
    if !std::io::stdin().is_terminal() {
        return Err(ScreenError::NotATerminal("standard input").into());
    }
    let settings = settings::read(options.config.as_deref());
    let chosen = options.theme.is_some() || settings.theme.is_some();
    let mut app = blank(options, settings)?;
    let visits = served.map(|served| show_port(&mut app.shell, served));
    let (own, events) = futures::channel::mpsc::unbounded();
    let worker = host::Worker::start(own.clone()).context("the worker cannot start")?;
    if let Some(open) = first(options) {
        let work = work::Work::new(&format!("opening {}", open.which), work::Job::Open(open));
        worker.begin(work.clone());
        // Most labs are open by then, and a loading line that is seen for a moment only flickers.
        work.wait(UNSEEN);
        match work.take() {
            Some(done) => drop(update::take_over(&mut app, done)),
            None => app.shell.front = Some(shell::Front::new(work)),
        }
        if app.shell.exit.is_some() {
            return Err(ScreenError::Scenario(app.shell.failure).into());
        }
    }
    #[cfg(unix)]
    signals::listen(own.clone()).context("signals cannot be received")?;
    let guard = terminal::Guard::enter(app.shell.mouse).context("the terminal cannot be taken over")?;
    app.shell.depth = Depth::of_terminal();
    app.shell.theme = app.shell.depth.fit(app.shell.theme);
    let mut awaited = false;
    if app.shell.theme == Theme::new(ThemeName::Ansi) {
        let (told, late) = background::is_light();
        remember(&app.shell, told);
        // What it told the last time holds until it tells.
        let light = told.or_else(|| recalled(&app.shell));
        let name = match light {
            Some(light) if !chosen && app.shell.depth != Depth::Sixteen => ThemeName::soft(light),
            _ => ThemeName::Ansi,
        };
        app.shell.theme = app.shell.depth.fit(Theme::new(name).on(light));
        app.shell.light = light;
        app.shell.follows = told.is_none() && !chosen && app.shell.depth != Depth::Sixteen;
        awaited = late;
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("the event loop cannot start")?;
    let exit = runtime.block_on(async {
        let host = host::TerminalHost::new(app.shell.mouse, app.shell.state.clone(), worker, own);
        if let Some(front) = &app.shell.front {
            host.tell_progress(front.work.clone());
        }
        let events = host::events(background::ReplyFilter::new(awaited), events, visits)
            .context("the terminal's keys cannot be read")?;
        let backend = CrosstermBackend::new(FrameWriter::new(terminal::Output));
        let tui = event_loop::Tui::new(backend, app, host)?;
        let (app, screen) = Box::pin(tui.run(events)).await?;
        remember(&app.shell, app.shell.told);
        // Dropped, it would show the cursor, which the guard does, and panic where a lost terminal takes no complaint.
        std::mem::forget(screen);
        let unkept = app.lab().and_then(|lab| lab.session.unkept());
        let loss = unkept.as_ref().and_then(crate::narration::keeping::loss);
        anyhow::Ok((app.shell.exit, loss, app.shell.failure))
    });
    drop(guard);
    match exit? {
        (Some(Exit::NotOpened), _, why) => Err(ScreenError::Scenario(why).into()),
        (Some(Exit::Signal(n)), Some(words), _) => Err(ScreenError::Unkept { words, signal: Some(n) }.into()),
        (Some(Exit::TerminalLost) | None, Some(words), _) => {
            Err(ScreenError::Unkept { words, signal: None }.into())
        }
        (Some(Exit::Signal(n)), None, _) => Err(ScreenError::Signal(n).into()),
        // Who left was asked.
        (Some(Exit::Left), ..) | (Some(Exit::TerminalLost) | None, None, _) => Ok(()),
    }
}

/// Tells how the port is used, over the first lab. Returns those who come by it.
fn show_port(shell: &mut Shell, served: Served) -> Receiver<Visit> {
    shell.overlays.push(Overlay::Page(Page::new(PageKind::Port(served.port.clone()))));
    shell.port = Some(served.port);
    served.visits
}

/// Whether the terminal had a light background when it told the last time.
fn recalled(shell: &Shell) -> Option<bool> {
    let folder = shell.state.as_deref()?;
    terminals::Terminals::in_folder(folder).is_light(&terminals::Name::of_environment())
}

/// Keeps what the terminal has told of its background, for the next start. Nothing is lost where that cannot be kept.
fn remember(shell: &Shell, told: Option<bool>) {
    if let Some((folder, light)) = shell.state.as_deref().zip(told) {
        let _kept = terminals::Terminals::keep(folder, terminals::Name::of_environment(), light);
    }
}

/// How long the screen waits for the lab that it is to begin with before it shows that it waits.
const UNSEEN: std::time::Duration = std::time::Duration::from_millis(150);

/// The scenario that the options ask for.
fn first(options: &Options) -> Option<work::Open> {
    Some(work::Open {
        which: options.scenario.clone()?,
        inside: false,
        acting: options.acting.clone(),
        state: options.state.clone(),
        watch: options.watch.clone(),
        present: options.present,
        asked: work::Asked::AtStart,
    })
}

/// The app as the options ask for it, its scenario open.
fn app_of(options: &Options, settings: Settings) -> Result<App, ScreenError> {
    let mut app = blank(options, settings)?;
    if let Some(open) = first(options) {
        update::open_here(&mut app, open).map_err(ScreenError::Scenario)?;
    }
    Ok(app)
}

/// The app as the options ask for it, before anything is open.
fn blank(options: &Options, mut settings: Settings) -> Result<App, ScreenError> {
    let theme = theme_of(options, &mut settings)?;
    let shell = Shell {
        area: ratatui::layout::Rect::default(),
        follows: false,
        light: theme.name.for_light(),
        told: None,
        theme,
        depth: Depth::default(),
        themes: settings.themes,
        glyphs: if options.ascii || settings.ascii == Some(true) { Glyphs::ASCII } else { Glyphs::UNICODE },
        keys: settings.keys.unwrap_or_else(KeyMap::embedded),
        overlays: Vec::new(),
        toast: None,
        idle_key: None,
        mouse: !options.no_mouse && settings.mouse != Some(false),
        bar: None,
        noted: String::new(),
        reduced_motion: options.reduced_motion || settings.reduced_motion == Some(true),
        flash: None,
        flashes: 0,
        state: options.state.clone(),
        front: None,
        port: None,
        followed: None,
        failure: String::new(),
        exit: None,
    };
    let mut app = App { shell, home: Home::default(), screen: Screen::Home };
    if !settings.problems.is_empty() {
        let title = "Files of yours that could not be used; what is built in holds".to_owned();
        let refusal =
            crate::narration::Refusal { title, message: settings.problems.join("\n"), why: Vec::new() };
        app.shell.overlays.push(Overlay::Page(Page::new(PageKind::Refused(refusal))));
    }
    Ok(app)
}

/// The theme asked for on the command line, else by NO_COLOR, else by the settings, else sixteen colours.
fn theme_of(options: &Options, settings: &mut Settings) -> Result<Theme, ScreenError> {
    // Source: no-color.org: set and not empty.
    let colourless = std::env::var_os("NO_COLOR").is_some_and(|v| !v.is_empty());
    let usual = settings.theme.as_ref().filter(|_| !colourless);
    let Some(wanted) = options.theme.as_ref().or(usual) else {
        return Ok(Theme::new(if colourless { ThemeName::Mono } else { ThemeName::Ansi }));
    };
    let own = || settings.themes.iter().find(|theme| theme.own.as_ref() == Some(wanted)).cloned();
    if let Some(theme) = ThemeName::parse(wanted).map(Theme::new).or_else(own) {
        return Ok(theme);
    }
    let known = ThemeName::ALL.map(ThemeName::as_str).into_iter();
    let known: Vec<&str> = known.chain(settings.themes.iter().filter_map(|t| t.own.as_deref())).collect();
    let known = known.join(", ");
    let file = options.config.as_ref().map(|folder| folder.join("themes").join(format!("{wanted}.json")));
    if options.theme.is_some() && !file.is_some_and(|file| file.exists()) {
        return Err(ScreenError::UnknownTheme(wanted.clone(), known));
    }
    if options.theme.is_none() {
        settings
            .problems
            .push(format!("`settings.json`: there is no theme `{wanted}`; choose one of: {known}"));
    }
    Ok(Theme::new(ThemeName::Ansi))
}
