//! Taking the terminal over and giving it back: the only place that switches modes and writes to the terminal.
//!
//! [`Guard`] enters; dropping it, a panic, or [`restore`] leaves. Leaving is safe to do twice. Suspending (ctrl-z) leaves,
//! stops the whole process group as a shell expects, and enters again when continued.
//!
//! Any thread may give the terminal back: one that panics, or the one that waits for signals while the loop hangs. So a
//! lock holds the modes and all that is written together, and what is written does not pass `std::io::stdout`, which the
//! main thread holds as long as the program runs.

use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, Once, PoisonError, TryLockError};
use std::time::Duration;

use crossterm::cursor::SetCursorStyle;
use crossterm::event::{
    DisableBracketedPaste, DisableFocusChange, DisableMouseCapture, EnableBracketedPaste, EnableFocusChange,
};
use crossterm::terminal::{EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode};
use crossterm::{Command, cursor, execute, queue};

/// Whether the modes are on. Whoever switches them or writes to the terminal holds the lock meanwhile.
static HELD: Mutex<bool> = Mutex::new(false);

/// Whether the program ends at once, so that nobody takes the terminal again.
static ENDING: AtomicBool = AtomicBool::new(false);

/// Whether another program has the terminal until it ends.
static LENT: AtomicBool = AtomicBool::new(false);

static PANIC_HOOK: Once = Once::new();

/// How often somebody who ends at once asks for the lock, and how long between two times.
const TRIES: (u32, Duration) = (20, Duration::from_millis(10));

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

/// Writes to the terminal while it is held; afterwards what is written goes nowhere.
///
/// A loop that goes on for a moment after another thread gave the terminal back must not draw on the shell's screen.
#[derive(Clone, Copy, Debug, Default)]
pub struct Output;

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if *held() { Standard.write(bytes) } else { Ok(bytes.len()) }
    }

    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        // One lock for all of it: a frame is written whole or not at all.
        if *held() { Standard.write_all(bytes) } else { Ok(()) }
    }

    fn flush(&mut self) -> io::Result<()> {
        Standard.flush()
    }
}

/// Standard output without the lock and the buffer of `std::io::stdout`.
struct Standard;

#[cfg(unix)]
impl Write for Standard {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Ok(rustix::io::retry_on_intr(|| rustix::io::write(rustix::stdio::stdout(), bytes))?)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(not(unix))]
impl Write for Standard {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        io::stdout().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stdout().flush()
    }
}

fn held() -> MutexGuard<'static, bool> {
    HELD.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Tells whether another program has the terminal, which this one waits for.
pub fn is_lent() -> bool {
    LENT.load(Ordering::SeqCst)
}

/// Gives the terminal back for another program to use, until [`resume`].
pub fn lend() {
    LENT.store(true, Ordering::SeqCst);
    restore();
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
    let mut held = held();
    if ENDING.load(Ordering::SeqCst) {
        return Err(io::Error::other("the program ends"));
    }
    *held = true;
    enable_raw_mode()?;
    let mut modes = Vec::new();
    queue!(modes, EnterAlternateScreen, EnableBracketedPaste, EnableFocusChange, cursor::Hide)?;
    if mouse {
        queue!(modes, EnablePressReports)?;
    }
    Standard.write_all(&modes)
}

/// Gives the terminal back. Does nothing when it is not held; errors are ignored, since nobody is left to tell.
pub fn restore() {
    leave(&mut held());
}

fn leave(held: &mut bool) {
    if !std::mem::take(held) {
        return;
    }
    // First what needs nobody at the other end: a terminal that takes nothing more holds up the rest.
    let _ = disable_raw_mode();
    let mut modes = Vec::new();
    let _ = queue!(
        modes,
        DisableMouseCapture,
        DisableFocusChange,
        DisableBracketedPaste,
        LeaveAlternateScreen,
        SetCursorStyle::DefaultUserShape,
        cursor::Show
    );
    let _ = Standard.write_all(&modes);
    let _ = Standard.flush();
}

/// Gives the terminal back for good, for a program that ends at once whatever its other threads do.
pub fn restore_for_good() {
    ENDING.store(true, Ordering::SeqCst);
    let (tries, pause) = TRIES;
    for _ in 0..tries {
        let mut held = match HELD.try_lock() {
            Ok(held) => held,
            Err(TryLockError::Poisoned(held)) => held.into_inner(),
            Err(TryLockError::WouldBlock) => {
                std::thread::sleep(pause);
                continue;
            }
        };
        leave(&mut held);
        return;
    }
    // Somebody is held up while writing, and so would be what leaves the screen; the keys work again at least.
    let _ = disable_raw_mode();
}

/// Takes the terminal over again after [`restore`] (a suspended program was continued, an editor has ended).
pub fn resume(mouse: bool) -> io::Result<()> {
    LENT.store(false, Ordering::SeqCst);
    enter(mouse)
}

/// Lets the terminal select text itself, or takes the mouse back.
pub fn set_mouse(on: bool) -> io::Result<()> {
    if on { execute!(Output, EnablePressReports) } else { execute!(Output, DisableMouseCapture) }
}

/// Makes a bar of the cursor where text is typed, or what the person has set. Giving the terminal back does the latter, too.
pub fn set_bar(on: bool) -> io::Result<()> {
    execute!(Output, if on { SetCursorStyle::SteadyBar } else { SetCursorStyle::DefaultUserShape })
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
