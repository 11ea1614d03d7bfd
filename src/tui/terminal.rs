//! Taking the terminal over and giving it back: the only place that switches modes.
//!
//! [`Guard`] enters; dropping it, a panic, or [`restore`] leaves. Leaving is safe to do twice. Suspending (ctrl-z) leaves,
//! stops the whole process group as a shell expects, and enters again when continued.

use std::io::{self, Write};
use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering};

use crossterm::event::{
    DisableBracketedPaste, DisableFocusChange, DisableMouseCapture, EnableBracketedPaste, EnableFocusChange,
};
use crossterm::terminal::{EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode};
use crossterm::{Command, cursor, execute};

/// Whether the modes are on, so that leaving twice writes nothing the second time.
static ENTERED: AtomicBool = AtomicBool::new(false);
static PANIC_HOOK: Once = Once::new();

/// Reports of presses, drags and the wheel, but not of bare movement: crossterm's own command asks for every
/// movement too, and each would wake the program.
struct EnablePressReports;

impl Command for EnablePressReports {
    fn write_ansi(&self, f: &mut impl std::fmt::Write) -> std::fmt::Result {
        f.write_str("\x1b[?1000h\x1b[?1002h\x1b[?1006h")
    }

    #[cfg(windows)]
    fn execute_winapi(&self) -> io::Result<()> {
        crossterm::event::EnableMouseCapture.execute_winapi()
    }
}

/// Holds the terminal; gives it back when dropped.
#[derive(Debug)]
pub struct Guard(());

impl Guard {
    /// Takes the terminal over and makes sure a panic gives it back.
    pub fn enter(mouse: bool) -> io::Result<Self> {
        PANIC_HOOK.call_once(|| {
            let previous = std::panic::take_hook();
            std::panic::set_hook(Box::new(move |info| {
                restore();
                previous(info);
            }));
        });
        let guard = Self(());
        enter(mouse)?;
        Ok(guard)
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        restore();
    }
}

fn enter(mouse: bool) -> io::Result<()> {
    ENTERED.store(true, Ordering::SeqCst);
    enable_raw_mode()?;
    execute!(io::stdout(), EnterAlternateScreen, EnableBracketedPaste, EnableFocusChange, cursor::Hide)?;
    if mouse { execute!(io::stdout(), EnablePressReports) } else { Ok(()) }
}

/// Gives the terminal back. Does nothing when it is not held; errors are ignored, since nobody is left to tell.
pub fn restore() {
    if ENTERED.swap(false, Ordering::SeqCst) {
        let _ = execute!(
            io::stdout(),
            DisableMouseCapture,
            DisableFocusChange,
            DisableBracketedPaste,
            LeaveAlternateScreen,
            cursor::Show
        );
        let _ = disable_raw_mode();
        let _ = io::stdout().flush();
    }
}

/// Takes the terminal over again after [`restore`] (a suspended program was continued, an editor has ended).
pub fn resume(mouse: bool) -> io::Result<()> {
    enter(mouse)
}

/// Lets the terminal select text itself, or takes the mouse back.
pub fn set_mouse(on: bool) -> io::Result<()> {
    if on { execute!(io::stdout(), EnablePressReports) } else { execute!(io::stdout(), DisableMouseCapture) }
}

/// Stops this process until somebody continues it, with the terminal given back meanwhile.
///
/// The whole process group stops, as it would for a ctrl-z the terminal itself handled: `cargo run` must stop with us, or
/// the shell would go on waiting for it.
#[cfg(unix)]
pub fn suspend(mouse: bool) -> io::Result<()> {
    restore();
    rustix::process::kill_current_process_group(rustix::process::Signal::STOP)?;
    resume(mouse)
}

/// There is no job control to stop for.
#[cfg(not(unix))]
pub fn suspend(_mouse: bool) -> io::Result<()> {
    Ok(())
}
