//! Signals, received on a thread of their own.
//!
//! The loop ends by itself when it is asked to: the text being typed is written first. A loop that hangs cannot be asked,
//! so this thread then gives the terminal back and ends the program. It stands before the terminal is taken over: no
//! moment of the start leaves a terminal behind that takes no keys.

use std::io;
use std::thread;
use std::time::Duration;

use crossterm::event::Event as TerminalEvent;
use futures::channel::mpsc::UnboundedSender;
use signal_hook::consts::{SIGCONT, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP, SIGWINCH};
use signal_hook::iterator::Signals;

use super::message::Event;
use super::terminal;

/// How long the loop may take to end by itself.
const GRACE: Duration = Duration::from_secs(2);

/// How long giving the terminal back may take when the program ends at once: a terminal may take no more bytes.
const LAST_WRITE: Duration = Duration::from_millis(500);

/// Begins to receive signals, and sends each to the loop as an event.
pub fn listen(own: UnboundedSender<Event>) -> io::Result<()> {
    let mut signals = Signals::new([SIGTERM, SIGHUP, SIGINT, SIGQUIT, SIGTSTP, SIGCONT, SIGWINCH])?;
    thread::Builder::new().name("signals".to_owned()).spawn(move || {
        let mut asked = false;
        for signal in signals.forever() {
            let event = match signal {
                SIGTSTP => Event::Suspend,
                SIGCONT => Event::Continued,
                SIGWINCH => match crossterm::terminal::size() {
                    Ok((columns, rows)) => Event::Terminal(TerminalEvent::Resize(columns, rows)),
                    // A terminal that cannot be asked is closing.
                    Err(_) => continue,
                },
                // A terminal that closes and its shell both send a hangup: the second is no impatience.
                SIGHUP if asked => continue,
                _ if asked => end_at_once(signal),
                _ => {
                    asked = true;
                    if thread::Builder::new().spawn(move || end_in_time(signal)).is_err() {
                        end_at_once(signal);
                    }
                    Event::Terminate(signal)
                }
            };
            // Nobody listens once the loop has ended.
            let _ = own.unbounded_send(event);
        }
    })?;
    Ok(())
}

/// Ends the program where the loop does not, but leaves it to wait while an external editor has the terminal.
fn end_in_time(signal: i32) {
    loop {
        thread::sleep(GRACE);
        if !terminal::is_lent() {
            end_at_once(signal);
        }
    }
}

/// Gives the terminal back and ends the program, as shells report one that a signal ended.
fn end_at_once(signal: i32) -> ! {
    let (done, wait) = std::sync::mpsc::channel();
    let restoring = thread::Builder::new().spawn(move || {
        terminal::restore_for_good();
        done.send(())
    });
    if restoring.is_ok() {
        let _ = wait.recv_timeout(LAST_WRITE);
    }
    std::process::exit(128 + signal)
}
