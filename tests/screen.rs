//! The screen in a real terminal: whole scenarios by keys, and a terminal that is always given back.

#![cfg(unix)]

use std::io::{Read as _, Write as _};
use std::num::NonZeroU16;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use rustix::process::{Pid, Signal, kill_process};

const ENTER_SCREEN: &str = "\x1b[?1049h";
const LEAVE_SCREEN: &str = "\x1b[?1049l";
const SHOW_CURSOR: &str = "\x1b[?25h";
const MOUSE_OFF: &str = "\x1b[?1000l";
/// How long the program may take for one answer on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// What the program has written, and the screen it makes.
struct Written {
    raw: Vec<u8>,
    screen: vt100::Parser,
    ended: bool,
}

fn cells(n: u16) -> NonZeroU16 {
    NonZeroU16::new(n).expect("terminals have cells")
}

/// The program in a terminal of its own.
struct Terminal {
    child: Box<dyn Child + Send + Sync>,
    master: Box<dyn MasterPty + Send>,
    keys: Box<dyn std::io::Write + Send>,
    written: Arc<(Mutex<Written>, Condvar)>,
}

impl Terminal {
    fn start(size: (u16, u16), program: &str, arguments: &[&str]) -> Self {
        let pty = native_pty_system();
        let (cols, rows) = size;
        let pair = pty.openpty(PtySize { rows, cols, pixel_width: 0, pixel_height: 0 }).expect("a pty");
        let mut command = CommandBuilder::new(program);
        command.args(arguments);
        command.env("TERM", "xterm-256color");
        command.env_remove("NO_COLOR");
        command.env_remove("COLORTERM");
        command.env("KMSLAB_TEST_CHILD", "1");
        let child = pair.slave.spawn_command(command).expect("the program starts");
        drop(pair.slave);
        let mut reader = pair.master.try_clone_reader().expect("a reader");
        let written = Arc::new((
            Mutex::new(Written {
                raw: Vec::new(),
                screen: vt100::Parser::new(cells(rows), cells(cols), 0),
                ended: false,
            }),
            Condvar::new(),
        ));
        let theirs = Arc::clone(&written);
        std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            loop {
                // On Linux the last reader of a closed pty gets an error instead of an end.
                let n = reader.read(&mut buffer).unwrap_or(0);
                let mut w = theirs.0.lock().expect("nobody panics with the lock");
                w.raw.extend_from_slice(&buffer[..n]);
                w.screen.process(&buffer[..n]);
                w.ended = n == 0;
                theirs.1.notify_all();
                if n == 0 {
                    return;
                }
            }
        });
        let keys = pair.master.take_writer().expect("a writer");
        Self { child, master: pair.master, keys, written }
    }

    /// The lab with a state directory of its own, so that no test finds what another did.
    fn lab(size: (u16, u16), arguments: &[&str]) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let n = NEXT.fetch_add(1, Ordering::Relaxed);
        let state = format!("{}/state-{}-{n}", env!("CARGO_TARGET_TMPDIR"), std::process::id());
        Self::lab_in(&state, size, arguments)
    }

    fn lab_in(state: &str, size: (u16, u16), arguments: &[&str]) -> Self {
        let all: Vec<&str> = arguments.iter().copied().chain(["--state", state]).collect();
        Self::start(size, env!("CARGO_BIN_EXE_kmslab"), &all)
    }

    fn send(&mut self, keys: &str) -> &mut Self {
        self.keys.write_all(keys.as_bytes()).expect("the terminal takes keys");
        self.keys.flush().expect("the terminal takes keys");
        self
    }

    /// Waits until what was written satisfies `good`.
    fn wait(&self, what: &str, good: impl Fn(&Written) -> bool) {
        let (lock, changed) = &*self.written;
        let w = lock.lock().expect("nobody panics with the lock");
        let (w, timeout) = changed
            .wait_timeout_while(w, PATIENCE, |w| !good(w) && !w.ended)
            .expect("nobody panics with the lock");
        assert!(
            good(&w),
            "waited for {what} (time out: {}):\n{}",
            timeout.timed_out(),
            w.screen.screen().contents()
        );
    }

    /// Waits until the screen holds the words.
    fn until(&mut self, words: &str) -> &mut Self {
        self.wait(words, |w| w.screen.screen().contents().contains(words));
        self
    }

    /// Waits until the screen holds the words no longer.
    fn until_gone(&mut self, words: &str) -> &mut Self {
        self.wait(&format!("{words} to go"), |w| !w.screen.screen().contents().contains(words));
        self
    }

    fn screen(&self) -> String {
        self.written.0.lock().expect("nobody panics with the lock").screen.screen().contents()
    }

    fn pid(&self) -> Pid {
        let raw = self.child.process_id().expect("a process id");
        Pid::from_raw(i32::try_from(raw).expect("ids are small")).expect("ids are not zero")
    }

    /// Waits for the end; returns the exit code and everything written.
    fn end(mut self) -> (u32, String) {
        let code = self.child.wait().expect("the program ends").exit_code();
        drop(self.keys);
        drop(self.master);
        self.written
            .1
            .wait_timeout_while(self.written.0.lock().expect("the lock"), PATIENCE, |w| !w.ended)
            .map(|(w, _)| (code, String::from_utf8_lossy(&w.raw).into_owned()))
            .expect("the lock")
    }
}

fn assert_given_back(raw: &str) {
    for modes in [LEAVE_SCREEN, SHOW_CURSOR, MOUSE_OFF] {
        let at = raw.rfind(modes).unwrap_or_else(|| panic!("{modes:?} was never written"));
        let after = raw.rfind(ENTER_SCREEN).expect("the screen was entered");
        assert!(at > after, "{modes:?} must come after the last entering");
    }
}

#[test]
fn a3_is_walked_by_keys_and_ends_well() {
    let mut t = Terminal::lab((120, 40), &["play", "a3", "--theme", "ansi"]);
    t.until("Identities").send("2").until("tess ▸ dynamodb:Scan");
    t.send("v").until("What do you expect?").send("2").until("You predicted");
    t.send("s").until("ran 09:").until("DENIED kms:Decrypt");
    t.until("not authorized to").until("perform: kms:Decrypt");
    t.send("1").until("kim ▸ dynamodb:Scan").send("e").until("Esc back");
    // ctrl-t opens the statements; the first one names tess.
    t.send("\x14").until("Insert a statement").send("1").until("✗ → ✓").until("draft not applied");
    t.send("\x13").until("kms:PutKeyPolicy by kim: done");
    // Leaving the editor: a lone Esc must not join the next key.
    t.send("\x1b").until("1-9 identity").send("2").until("tess ▸ dynamodb:Scan");
    t.send("s").until("Alice Johnson").until("nonce").until("Every check holds").until("done");
    let screen = t.screen();
    assert!(screen.contains("alice@example.com") && screen.contains("what the disk holds"), "{screen}");
    t.send("q");
    let (code, raw) = t.end();
    assert_eq!(code, 0);
    assert_given_back(&raw);
}

#[test]
fn a4_is_walked_by_keys_open_by_iam_shut_by_the_key_policy() {
    let mut t = Terminal::lab((120, 40), &["play", "a4", "--theme", "ansi"]);
    // The policy is tess's, and kim is the one who may save it.
    t.until("Identities")
        .send("2")
        .until("tess ▸ dynamodb:Scan")
        .send("p")
        .until("Inline policy of user tess");
    t.send("e").until("Esc back").send("\x14").until("Insert a statement").send("1").until("✗ → ✓");
    t.send("\x1b").until("1-9 identity").send("1").until("kim would call iam:PutUserPolicy");
    t.send("\x13").until("iam:PutUserPolicy by kim: done").send("2").until("tess ▸ dynamodb:Scan");
    t.send("s").until("ran 09:").until("Alice Johnson").until("task 2/2");
    // Now the account's statement goes: nine lines from the fourth on.
    t.send("1").until("kim ▸ dynamodb:Scan").until("Key policy").send("e").until("Esc back").until("1:1");
    t.send("\x1b[B\x1b[B\x1b[B").until("4:1").send(&"\x0b".repeat(9)).until("✓ → ✗").until("-9 lines");
    t.send("\x13").until("kms:PutKeyPolicy by kim: done").send("\x1b").until("1-9 identity");
    t.send("2")
        .until("tess ▸ dynamodb:Scan")
        .send("v")
        .until("What do you expect?")
        .send("2")
        .until("You predicted");
    t.send("s").until("ran 09:").until("DENIED kms:Decrypt");
    t.send("q");
    assert_eq!(t.end().0, 0);
}

#[test]
fn a_killed_lab_goes_on_where_it_was() {
    let state = format!("{}/killed-{}", env!("CARGO_TARGET_TMPDIR"), std::process::id());
    let mut t = Terminal::lab_in(&state, (120, 40), &["play", "a3", "--theme", "ansi"]);
    t.until("Identities").send("2").until("tess ▸ dynamodb:Scan");
    t.send("v").until("What do you expect?").send("2").until("You predicted").send("s").until("ran 09:");
    kill_process(t.pid(), Signal::KILL).expect("the signal is sent");
    t.end();
    let mut t = Terminal::lab_in(&state, (120, 40), &["play", "a3", "--theme", "ansi"]);
    t.until("continued where you left").until("tess ▸ dynamodb:Scan").until("ran 09:").until("You predicted");
    t.send("q");
    assert_eq!(t.end().0, 0);
    std::fs::remove_dir_all(&state).expect("the directory was made");
}

#[test]
fn signals_give_the_terminal_back_and_show_in_the_exit_code() {
    for (signal, code) in [(Signal::TERM, 143), (Signal::HUP, 129)] {
        let mut t = Terminal::lab((80, 24), &["play", "a3"]);
        t.until("Identities");
        kill_process(t.pid(), signal).expect("the signal is sent");
        let (got, raw) = t.end();
        assert_eq!(got, code, "{signal:?}");
        assert_given_back(&raw);
    }
}

#[test]
fn ctrl_z_stops_with_the_terminal_given_back_and_continuing_takes_it_again() {
    let mut t = Terminal::lab((80, 24), &["play", "a3"]);
    t.until("Identities").send("\x1a");
    t.wait("the terminal to be given back", |w| String::from_utf8_lossy(&w.raw).contains(LEAVE_SCREEN));
    let entered = |w: &Written| String::from_utf8_lossy(&w.raw).matches(ENTER_SCREEN).count() >= 2;
    // The program stops itself just after giving the terminal back; continuing it too early would do nothing.
    let (lock, changed) = &*t.written;
    for _ in 0..600 {
        kill_process(t.pid(), Signal::CONT).expect("the signal is sent");
        let w = lock.lock().expect("the lock");
        let (w, _) =
            changed.wait_timeout_while(w, Duration::from_millis(100), |w| !entered(w)).expect("the lock");
        if entered(&w) {
            break;
        }
    }
    t.wait("the screen again", entered);
    t.until("Identities")
        .send("?")
        .until("type to narrow")
        .send("\x1b")
        .until_gone("type to narrow")
        .send("q");
    let (code, raw) = t.end();
    assert_eq!(code, 0);
    assert_given_back(&raw);
}

#[test]
fn a_panic_gives_the_terminal_back_before_its_message() {
    let me = std::env::current_exe().expect("the test knows itself");
    let me = me.to_str().expect("a UTF-8 path");
    let t = Terminal::start((80, 24), me, &["--exact", "child_that_panics", "--nocapture"]);
    t.wait("the end", |w| w.ended || String::from_utf8_lossy(&w.raw).contains("test result"));
    let (_, raw) = t.end();
    assert_given_back(&raw);
    let message = raw.find("made to panic").expect("the message is shown");
    assert!(raw.find(LEAVE_SCREEN).expect("the screen was left") < message, "{raw}");
}

/// The other half of the test above: does nothing unless it runs in that terminal.
#[test]
fn child_that_panics() {
    if std::env::var_os("KMSLAB_TEST_CHILD").is_none() {
        return;
    }
    let _guard = kmslab::tui::terminal::Guard::enter(true).expect("the terminal is taken");
    panic!("made to panic");
}

#[test]
fn resizing_redraws_for_the_new_size() {
    let mut t = Terminal::lab((120, 40), &["play", "a3"]);
    t.until("Storage").until("what the disk holds");
    t.written.0.lock().expect("the lock").screen.screen_mut().set_size(cells(24), cells(80));
    t.master.resize(PtySize { rows: 24, cols: 80, pixel_width: 0, pixel_height: 0 }).expect("a new size");
    t.until("Policy   Why   Storage   Audit").send("q");
    assert_eq!(t.end().0, 0);
}

#[test]
fn the_mouse_works_in_a_real_terminal() {
    let mut t = Terminal::lab((120, 40), &["play", "a3"]);
    // A press and release on the second identity, in the SGR form.
    t.until("Identities").send("\x1b[<0;8;4M\x1b[<0;8;4m").until("tess ▸ dynamodb:Scan").send("q");
    assert_eq!(t.end().0, 0);
}

#[test]
fn without_a_terminal_it_says_so_and_names_the_other_way() {
    let out =
        Command::new(env!("CARGO_BIN_EXE_kmslab")).stdin(Stdio::null()).output().expect("the program starts");
    assert_eq!(out.status.code(), Some(2));
    let words = String::from_utf8_lossy(&out.stderr);
    assert!(words.contains("not") && words.contains("terminal") && words.contains("kmslab run"), "{words}");
}
