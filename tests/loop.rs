//! The loop always answers: whatever it opens, reads or is shown on, keys and signals work on, and the terminal is given
//! back.

#![cfg(unix)]

mod terminal;

use std::path::Path;
use std::time::Duration;

use portable_pty::{CommandBuilder, PtySize, native_pty_system};
use rustix::process::{Pid, Signal, kill_process};

use terminal::{PATIENCE, Terminal};

const ENTER_SCREEN: &str = "\x1b[?1049h";
const LEAVE_SCREEN: &str = "\x1b[?1049l";
/// The end of a frame.
const FRAME: &str = "\x1b[?2026l";

/// How many starts are ended by a signal, unless `KMSLAB_SIGNALS` says otherwise.
const STARTS: u64 = 24;

/// Tells how far a start is, as its terminal shows.
fn place(t: &Terminal) -> &'static str {
    let written = t.written.0.lock().expect("nobody panics with the lock");
    let raw = String::from_utf8_lossy(&written.raw);
    if raw.contains(FRAME) {
        "behind the first frame"
    } else if raw.contains(ENTER_SCREEN) {
        "on the screen, before a frame"
    } else {
        "before the screen"
    }
}

/// Returns how long a start takes on this machine now, in microseconds: until the first frame, and a half more.
#[expect(clippy::disallowed_methods, reason = "where in the start a signal falls is real time")]
fn start_micros(state: &str) -> u64 {
    let begun = std::time::Instant::now();
    let mut t = Terminal::lab_in(state, (80, 24), &["play", "a3"]);
    t.wait("a frame", |w| String::from_utf8_lossy(&w.raw).contains(FRAME));
    let took = begun.elapsed();
    t.send("\x03");
    t.end();
    u64::try_from(took.as_micros()).expect("no start takes that long") * 3 / 2
}

/// Numbers that look random and are the same each time (SplitMix64).
struct Moments(u64);

impl Moments {
    fn next(&mut self, below: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % below
    }
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

#[test]
fn a_signal_at_any_moment_of_the_start_leaves_the_terminal_as_it_was() {
    let seed = number("KMSLAB_SIGNALS_SEED").unwrap_or(11);
    let starts = number("KMSLAB_SIGNALS").unwrap_or(STARTS);
    println!("KMSLAB_SIGNALS_SEED={seed} KMSLAB_SIGNALS={starts}");
    let mut moments = Moments(seed);
    let state = tempfile::tempdir().expect("a folder");
    let state = state.path().to_str().expect("UTF-8");
    // The terminal answers no question, so a start waits for the answer, and takes at least as long as that.
    let start_micros = start_micros(state);
    let mut entered = 0;
    let mut ends = std::collections::BTreeMap::<String, usize>::new();
    for start in 0..starts {
        let t = Terminal::lab_in(state, (80, 24), &["play", "a3"]);
        let before = t.master.get_termios().expect("a terminal has modes");
        let moment = moments.next(start_micros);
        std::thread::sleep(Duration::from_micros(moment));
        let (signal, code) =
            [(Signal::TERM, 143), (Signal::HUP, 129), (Signal::INT, 130), (Signal::QUIT, 131)]
                [usize::try_from(moments.next(4)).expect("small")];
        let place = place(&t);
        kill_process(t.pid(), signal).expect("the signal is sent");
        let slave = t.master.tty_name().expect("a pty has a name");
        // Held open, so that the modes can be asked for when the program has ended.
        let held = std::fs::File::open(&slave).expect("the other side of the pty");
        let mut t = t;
        let got = t.child.wait().expect("it ends");
        let after = t.master.get_termios().expect("a terminal has modes");
        drop(held);
        let raw = String::from_utf8_lossy(&t.raw_to_the_end()).into_owned();
        let what = format!("start {start} of seed {seed}: {signal:?} after {moment} microseconds");
        assert_eq!(before, after, "{what}: the modes of the terminal");
        println!("{what}: {place}, ended with {}", got.exit_code());
        *ends.entry(format!("{signal:?} {place}")).or_default() += 1;
        if let Some(at) = raw.rfind(ENTER_SCREEN) {
            entered += 1;
            let left = raw.rfind(LEAVE_SCREEN).unwrap_or_else(|| panic!("{what}: still on the screen"));
            assert!(left > at, "{what}: entered again");
            assert_eq!(got.exit_code(), code, "{what}");
        }
    }
    println!("{starts} starts, {entered} with the terminal taken: {ends:#?}");
    // Signals fell both before the terminal was taken and after it; else the moments tell nothing.
    assert!(starts < STARTS || (1..starts).contains(&entered), "{entered} of {starts}");
}

/// The program in a terminal that takes no bytes after the first few: whatever it draws, it waits.
fn held_up() -> (Box<dyn portable_pty::Child + Send + Sync>, Box<dyn portable_pty::MasterPty + Send>) {
    let pair = native_pty_system()
        .openpty(PtySize { rows: 200, cols: 500, pixel_width: 0, pixel_height: 0 })
        .expect("a pty");
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_kmslab"));
    // A theme with a background of its own fills each cell.
    command.args(["play", "a3", "--theme", "dark", "--state", "/dev/null/nowhere"]);
    command.env("TERM", "xterm-256color");
    command.env("COLORTERM", "truecolor");
    command.env("XDG_CONFIG_HOME", concat!(env!("CARGO_TARGET_TMPDIR"), "/no-settings"));
    let child = pair.slave.spawn_command(command).expect("the program starts");
    drop(pair.slave);
    (child, pair.master)
}

fn pid(child: &dyn portable_pty::Child) -> Pid {
    let raw = child.process_id().expect("a process id");
    Pid::from_raw(i32::try_from(raw).expect("ids are small")).expect("ids are not zero")
}

/// Waits until a process is asleep in the kernel's terminal, as `/proc` says.
#[cfg(target_os = "linux")]
fn wait_until_it_writes_in_vain(pid: Pid) {
    let path = format!("/proc/{}/task/{}/wchan", pid.as_raw_nonzero(), pid.as_raw_nonzero());
    let stat = format!("/proc/{}/stat", pid.as_raw_nonzero());
    let mut same = 0;
    let mut before = String::new();
    for _ in 0..6000 {
        let now = std::fs::read_to_string(&stat).unwrap_or_default();
        let waits = std::fs::read_to_string(&path).unwrap_or_default();
        same = if now == before && now.contains(") S ") { same + 1 } else { 0 };
        if waits.contains("n_tty_write") || waits.contains("tty_write") || same > 50 {
            return;
        }
        before = now;
        std::thread::sleep(Duration::from_millis(10));
    }
    panic!("it never waited");
}

#[cfg(target_os = "linux")]
#[test]
fn a_program_that_hangs_is_ended_by_the_first_signal_in_time_and_by_the_second_at_once() {
    for signals in [1, 2] {
        let (mut child, master) = held_up();
        let id = pid(&*child);
        wait_until_it_writes_in_vain(id);
        for nth in 0..signals {
            kill_process(id, Signal::TERM).expect("the signal is sent");
            if nth + 1 < signals {
                // Two signals at once are one to a process.
                std::thread::sleep(Duration::from_millis(100));
            }
        }
        let killer = child.clone_killer();
        let (send, ended) = std::sync::mpsc::channel();
        std::thread::spawn(move || send.send(child.wait().map(|status| status.exit_code())));
        let code = ended.recv_timeout(PATIENCE);
        if code.is_err() {
            { killer }.kill().expect("it is there");
        }
        assert_eq!(code.expect("it ends").expect("it was waited for"), 143, "{signals} signals");
        drop(master);
    }
}

/// Makes a pipe with a name, which nobody writes to.
fn pipe(path: &Path) {
    std::fs::create_dir_all(path.parent().expect("it has one")).expect("a folder");
    let made = std::process::Command::new("mkfifo").arg(path).status().expect("mkfifo");
    assert!(made.success());
}

#[test]
fn a_pipe_that_is_opened_by_key_is_refused_and_keys_work_on() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("pipe.json");
    pipe(&path);
    let name = path.to_str().expect("UTF-8");
    for key in ["o", "I"] {
        let mut t = Terminal::lab((120, 40), &[]);
        t.until("Scenarios").send(key).until("The path of").send(name).send("\r");
        t.until("not a regular file").send("\x1b").until_gone("not a regular file").send("q");
        assert_eq!(t.end().0, 0, "{key}");
    }
}

#[test]
fn a_watched_file_that_becomes_a_pipe_is_told_and_keys_work_on() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("policy.json");
    std::fs::write(&path, "{}").expect("written");
    let watch = path.to_str().expect("UTF-8").to_owned();
    let mut t = Terminal::lab((200, 60), &["play", "a3", "--watch", &watch]);
    t.until("LOOK").until("{}");
    std::fs::remove_file(&path).expect("removed");
    pipe(&path);
    t.until("not a regular file").send("2").until("tess ▸ dynamodb:Scan").send("q").send("y");
    assert_eq!(t.end().0, 0);
}

#[test]
fn settings_that_are_no_regular_files_are_refused_with_words() {
    for name in ["settings.json", "keys.json", "themes/mine.json"] {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("kmslab").join(name);
        pipe(&path);
        let mut t = Terminal::lab_with(&[("XDG_CONFIG_HOME", folder.path())], (100, 30), &["play", "a3"]);
        t.until("could not be used").until("not a regular file");
        assert!(t.screen().contains(name.rsplit('/').next().expect("a name")), "{}", t.screen());
        // The lab may still be opening behind what is told: Esc closes that, and stops nothing.
        t.send("\x1b").until_gone("could not be used").send("2").until("tess ▸ dynamodb:Scan").send("q");
        assert_eq!(t.end().0, 0);
    }
}

#[test]
fn a_terminal_of_any_size_is_drawn_in_a_bounded_part() {
    for size in [(u16::MAX, u16::MAX), (10_000, 5_000), (u16::MAX, 1), (1, u16::MAX), (0, 0)] {
        let mut t = Terminal::lab(size, &["play", "a3"]);
        let small = size.0.min(size.1) < 10;
        if small {
            t.wait("a frame", |w| String::from_utf8_lossy(&w.raw).contains(FRAME));
        } else {
            t.until("LOOK").send("2").until("tess ▸ dynamodb:Scan");
        }
        let status = std::fs::read_to_string(format!("/proc/{}/status", t.pid().as_raw_nonzero()));
        let peak = status
            .unwrap_or_default()
            .lines()
            .find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB")?.parse::<u64>().ok());
        assert!(peak.is_none_or(|kb| kb < 400_000), "{size:?}: {peak:?} kB");
        // This key leaves also where nothing can be drawn.
        t.send("\x03");
        let (code, raw) = t.end();
        assert_eq!(code, 0, "{size:?}");
        assert!(raw.rfind(LEAVE_SCREEN) > raw.rfind(ENTER_SCREEN), "{size:?}");
    }
}

#[test]
fn a_paste_without_an_end_leaves_signals_and_ctrl_c() {
    for ended_by in ["signal", "key"] {
        let mut t = Terminal::lab((80, 24), &["play", "a3"]);
        t.until("LOOK").send("\x1b[200~some text");
        let code = if ended_by == "signal" {
            kill_process(t.pid(), Signal::TERM).expect("the signal is sent");
            143
        } else {
            // Read together with the text it would be a part of that: a person comes later.
            std::thread::sleep(Duration::from_millis(300));
            t.send("\x03");
            0
        };
        let (ended, raw) = t.end();
        assert_eq!(ended, code, "{ended_by}");
        assert!(raw.rfind(LEAVE_SCREEN) > raw.rfind(ENTER_SCREEN), "{ended_by}");
    }
}

#[test]
fn a_paste_without_an_end_ends_when_somebody_goes_on_typing() {
    let mut t = Terminal::lab((120, 40), &["play", "a3"]);
    t.until("LOOK").send("\x1b[200~some text");
    std::thread::sleep(Duration::from_millis(1500));
    t.send("2").until("tess ▸ dynamodb:Scan");
    // Pastes work as before.
    t.send(";").send("\x1b[200~aws kms list-keys\x1b[201~").until("aws kms list-keys");
    kill_process(t.pid(), Signal::TERM).expect("the signal is sent");
    assert_eq!(t.end().0, 143);
}

/// What a shell makes of a line in which `kmslab` is the program: its exit status, and what it says on standard error.
fn shell(line: &str) -> (Option<i32>, String) {
    let out = std::process::Command::new("sh")
        .args(["-c", &line.replace("kmslab", env!("CARGO_BIN_EXE_kmslab"))])
        .output()
        .expect("a shell");
    (out.status.code(), String::from_utf8_lossy(&out.stderr).into_owned())
}

#[test]
fn what_cannot_be_written_is_said_once_and_ends_in_an_error() {
    let folder = tempfile::tempdir().expect("a folder");
    let here = folder.path().display();
    for (line, words) in [
        ("kmslab --help >/dev/full".to_owned(), "standard output cannot be written"),
        ("kmslab lint --help >/dev/full".to_owned(), "standard output cannot be written"),
        ("kmslab --version >/dev/full".to_owned(), "standard output cannot be written"),
        ("kmslab list >/dev/full".to_owned(), "standard output cannot be written"),
        // The system would end the program with a signal.
        (format!("ulimit -f 0; exec kmslab list >{here}/list"), "File too large"),
        (format!("kmslab import {here} --state {here}"), "s a directory"),
    ] {
        let (code, said) = shell(&line);
        assert_eq!(code, Some(2), "{line}: {said}");
        assert_eq!(said.matches(words).count(), 1, "{line}: {said}");
    }
    // Whoever reads no further has seen enough.
    assert_eq!(shell("kmslab --help | head -c 1").0, Some(0));
    assert_eq!(shell("kmslab list | head -c 1").0, Some(0));
}
