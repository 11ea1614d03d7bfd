//! The screen in a real terminal: whole scenarios by keys, and a terminal that is always given back.

#![cfg(unix)]

mod terminal;

use std::io::{Read as _, Write as _};
use std::process::{Command, Stdio};
use std::time::Duration;

use portable_pty::{CommandBuilder, PtySize, native_pty_system};
use rustix::process::{Signal, kill_process};

use terminal::{Terminal, Written, cells};

const ENTER_SCREEN: &str = "\x1b[?1049h";
const LEAVE_SCREEN: &str = "\x1b[?1049l";
const SHOW_CURSOR: &str = "\x1b[?25h";
const MOUSE_OFF: &str = "\x1b[?1000l";

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
    t.until("LOOK").send("2").until("tess ▸ dynamodb:Scan");
    t.send("v").until("What do you expect?").send("2\r").until("☑ you have made a guess");
    t.send("s").until("ran 09:").until("DENIED kms:Decrypt");
    t.until("is not authorized to perform:").until("AmazonDynamoDBFullAccess, does not allow it.");
    // Statements are offered after the last hint.
    t.send("hhhh").send("1").until("kim ▸ dynamodb:Scan").send("e").until("Esc back");
    // ctrl-t opens the statements; the first one asks for whom, and tess is the second.
    t.send("\x14")
        .until("Insert a statement")
        .send("1")
        .until("For whom?")
        .send("2")
        .until("✗ → ✓")
        .until("draft not applied");
    t.send("\x13").until("kms:PutKeyPolicy by kim: done");
    // Leaving the editor: a lone Esc must not join the next key.
    t.send("\x1b").until("1-9 identity").send("2").until("tess ▸ dynamodb:Scan");
    // Own words are asked for before the lesson; who says none goes on.
    t.send("s").until("In your own words").send("\x1b").until("─ Done: Open the key's own door ─");
    // What lies under the card of the end.
    t.send("\x1b").until("nonce");
    let screen = t.screen();
    assert!(screen.contains("alice@example.com") && screen.contains("no API returns this"), "{screen}");
    t.send("q");
    let (code, raw) = t.end();
    assert_eq!(code, 0);
    assert_given_back(&raw);
}

#[test]
fn a4_is_walked_by_keys_open_by_iam_shut_by_the_key_policy() {
    let mut t = Terminal::lab((120, 40), &["play", "a4", "--theme", "ansi"]);
    // The policy is tess's, and kim is the one who may save it.
    t.until("LOOK")
        .send("2")
        .until("tess ▸ dynamodb:Scan")
        .send("p")
        .until("staff-key  2/")
        .send("p")
        .until("Inline policy  tess ▸");
    // Statements are offered after the last hint.
    t.send("hhhh")
        .send("e")
        .until("Esc back")
        .send("\x14")
        .until("Insert a statement")
        .send("1")
        .until("✗ → ✓");
    t.send("\x1b").until("1-9 identity").send("1").until("kim would call iam:PutUserPolicy");
    t.send("\x13").until("iam:PutUserPolicy by kim: done").send("2").until("tess ▸ dynamodb:Scan");
    t.send("s").until("ran 09:").until("Alice Johnson").until("task 2/2");
    // Now the account's statement goes: nine lines, at which the cursor stands, because they decided.
    // The guess about it comes first.
    t.send("1").until("kim ▸ dynamodb:Scan").until("Key policy").send("e").until("What do you expect?");
    t.send("2\r").until("And why?").send("1\r");
    t.until("Esc back").until("^X  with the cursor in").send("\x18");
    t.until("✓ → ✗").until("-9 lines");
    t.send("\x13").until("kms:PutKeyPolicy by kim: done").send("\x1b").until("1-9 identity");
    t.send("2").until("tess ▸ dynamodb:Scan").until("☑ you have made a guess");
    t.send("s")
        .until("In your own words")
        .send("\x1b")
        .until("─ Done: Open the IAM door ─")
        .send("\x1b")
        .until("ran 09:")
        .until("DENIED kms:Decrypt");
    t.send("q");
    assert_eq!(t.end().0, 0);
}

#[test]
fn a_killed_lab_goes_on_where_it_was() {
    let state = format!("{}/killed-{}", env!("CARGO_TARGET_TMPDIR"), std::process::id());
    let mut t = Terminal::lab_in(&state, (120, 40), &["play", "a3", "--theme", "ansi"]);
    t.until("LOOK").send("2").until("tess ▸ dynamodb:Scan");
    t.send("v")
        .until("What do you expect?")
        .send("2\r")
        .until("☑ you have made a guess")
        .send("s")
        .until("ran 09:");
    kill_process(t.pid(), Signal::KILL).expect("the signal is sent");
    t.end();
    let mut t = Terminal::lab_in(&state, (120, 40), &["play", "a3", "--theme", "ansi"]);
    t.until("continued where you left")
        .until("tess ▸ dynamodb:Scan")
        .until("ran 09:")
        .until("☑ you have made a guess");
    t.send("q");
    assert_eq!(t.end().0, 0);
    std::fs::remove_dir_all(&state).expect("the directory was made");
}

#[test]
fn signals_give_the_terminal_back_and_show_in_the_exit_code() {
    for (signal, code) in [(Signal::TERM, 143), (Signal::HUP, 129)] {
        let mut t = Terminal::lab((80, 24), &["play", "a3"]);
        t.until("LOOK");
        kill_process(t.pid(), signal).expect("the signal is sent");
        let (got, raw) = t.end();
        assert_eq!(got, code, "{signal:?}");
        assert_given_back(&raw);
    }
}

#[test]
fn a_terminal_that_closes_without_a_signal_ends_the_program_and_loses_nothing() {
    let state = tempfile::tempdir().expect("a directory");
    let size = PtySize { rows: 24, cols: 80, pixel_width: 0, pixel_height: 0 };
    let pair = native_pty_system().openpty(size).expect("a pty");
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_kmslab"));
    command.args(["play", "a3", "--as", "tess", "--state"]);
    command.arg(state.path());
    command.env("TERM", "xterm-256color");
    command.env_remove("COLORTERM");
    // Such a terminal sends no hangup signal when it goes.
    command.set_controlling_tty(false);
    let mut child = pair.slave.spawn_command(command).expect("the program starts");
    drop(pair.slave);
    let mut reader = pair.master.try_clone_reader().expect("a reader");
    let mut keys = pair.master.take_writer().expect("a writer");
    let mut screen = vt100::Parser::new(cells(24), cells(80), 0);
    let mut until = |words: &str| {
        let mut buffer = [0; 4096];
        while !screen.screen().contents().contains(words) {
            let n = reader.read(&mut buffer).expect("the program writes");
            screen.process(&buffer[..n]);
        }
    };
    until("LOOK");
    keys.write_all(b"s").and_then(|()| keys.flush()).expect("the terminal takes keys");
    until("Scan by tess: AccessDenied");
    let killer = child.clone_killer();
    let (send, ended) = std::sync::mpsc::channel();
    std::thread::spawn(move || send.send(child.wait().map(|status| status.exit_code())));
    drop((reader, keys, pair.master));
    let code = ended.recv_timeout(terminal::PATIENCE);
    if code.is_err() {
        { killer }.kill().expect("it is there");
    }
    assert_eq!(code.expect("the program ends with its terminal").expect("it was waited for"), 0);
    let journal =
        std::fs::read_dir(state.path().join("labs")).expect("labs").next().expect("one").expect("it");
    let kept = std::fs::read_to_string(journal.path()).expect("text");
    assert!(kept.contains("Scan"), "{kept}");
}

#[test]
fn ctrl_z_stops_with_the_terminal_given_back_and_continuing_takes_it_again() {
    let mut t = Terminal::lab((80, 24), &["play", "a3"]);
    t.until("LOOK").send("\x1a");
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
    t.until("LOOK").send("?").until("type to narrow").send("\x1b").until_gone("type to narrow").send("q");
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
    t.until("Storage").until("Simplified here");
    t.written.0.lock().expect("the lock").screen.screen_mut().set_size(cells(24), cells(80));
    t.master.resize(PtySize { rows: 24, cols: 80, pixel_width: 0, pixel_height: 0 }).expect("a new size");
    t.until("Policy Answer Why Storage Audit").send("q");
    assert_eq!(t.end().0, 0);
}

#[test]
fn the_mouse_works_in_a_real_terminal() {
    let mut t = Terminal::lab((120, 40), &["play", "a3"]);
    // A press and release on the second identity, in the SGR form.
    t.until("LOOK").until("2 tess");
    let row = 1 + t.screen().lines().position(|line| line.contains("2 tess")).expect("she is listed");
    t.send(&format!("\x1b[<0;8;{row}M\x1b[<0;8;{row}m")).until("tess ▸ dynamodb:Scan").send("q");
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
