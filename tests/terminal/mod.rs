//! The program in a real terminal of its own: it is started in a pty, given keys, and watched until its screen says
//! something.

#![allow(dead_code, reason = "each test program uses its own part")]

use std::io::{Read as _, Write as _};
use std::num::NonZeroU16;
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use rustix::process::Pid;

/// How long the program may take for one answer on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// Silence that means the program is waiting for a key.
const QUIET: Duration = Duration::from_millis(300);

/// What the program has written, and the screen it makes.
pub struct Written {
    pub raw: Vec<u8>,
    pub screen: vt100::Parser,
    pub ended: bool,
}

/// A size that cannot be zero, as the emulator wants it.
pub fn cells(n: u16) -> NonZeroU16 {
    NonZeroU16::new(n).expect("terminals have cells")
}

/// The program in a terminal of its own.
pub struct Terminal {
    pub child: Box<dyn Child + Send + Sync>,
    pub master: Box<dyn MasterPty + Send>,
    keys: Box<dyn std::io::Write + Send>,
    pub written: Arc<(Mutex<Written>, Condvar)>,
}

impl Terminal {
    pub fn start(size: (u16, u16), program: &str, arguments: &[&str]) -> Self {
        Self::start_with(&[], size, program, arguments)
    }

    /// Starts a program with something added to its environment.
    fn start_with(env: &[(&str, &Path)], size: (u16, u16), program: &str, arguments: &[&str]) -> Self {
        let pty = native_pty_system();
        let (cols, rows) = size;
        let pair = pty.openpty(PtySize { rows, cols, pixel_width: 0, pixel_height: 0 }).expect("a pty");
        let mut command = CommandBuilder::new(program);
        command.args(arguments);
        command.env("TERM", "xterm-256color");
        command.env_remove("NO_COLOR");
        command.env_remove("COLORTERM");
        // Nobody's own settings change what a test sees.
        command.env("XDG_CONFIG_HOME", concat!(env!("CARGO_TARGET_TMPDIR"), "/no-settings"));
        command.env("KMSLAB_TEST_CHILD", "1");
        for (name, value) in env {
            command.env(name, value);
        }
        let child = pair.slave.spawn_command(command).expect("the program starts");
        drop(pair.slave);
        let mut reader = pair.master.try_clone_reader().expect("a reader");
        let written = Arc::new((
            Mutex::new(Written {
                raw: Vec::new(),
                // No larger than what kmslab draws, since the emulator keeps each cell, and no smaller than it takes.
                screen: vt100::Parser::new(cells(rows.clamp(1, 200)), cells(cols.clamp(1, 500)), 0),
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
    pub fn lab(size: (u16, u16), arguments: &[&str]) -> Self {
        Self::lab_with(&[], size, arguments)
    }

    /// The lab with a state directory of its own, and something added to its environment.
    pub fn lab_with(env: &[(&str, &Path)], size: (u16, u16), arguments: &[&str]) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let n = NEXT.fetch_add(1, Ordering::Relaxed);
        let state = format!("{}/state-{}-{n}", env!("CARGO_TARGET_TMPDIR"), std::process::id());
        let all: Vec<&str> = arguments.iter().copied().chain(["--state", &state]).collect();
        Self::start_with(env, size, env!("CARGO_BIN_EXE_kmslab"), &all)
    }

    pub fn lab_in(state: &str, size: (u16, u16), arguments: &[&str]) -> Self {
        let all: Vec<&str> = arguments.iter().copied().chain(["--state", state]).collect();
        Self::start(size, env!("CARGO_BIN_EXE_kmslab"), &all)
    }

    pub fn send(&mut self, keys: &str) -> &mut Self {
        self.keys.write_all(keys.as_bytes()).expect("the terminal takes keys");
        self.keys.flush().expect("the terminal takes keys");
        self
    }

    /// Waits until what was written satisfies `good`.
    pub fn wait(&self, what: &str, good: impl Fn(&Written) -> bool) {
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
    pub fn until(&mut self, words: &str) -> &mut Self {
        self.wait(words, |w| w.screen.screen().contents().contains(words));
        self
    }

    /// Waits until the screen holds the words no longer.
    pub fn until_gone(&mut self, words: &str) -> &mut Self {
        self.wait(&format!("{words} to go"), |w| !w.screen.screen().contents().contains(words));
        self
    }

    pub fn screen(&self) -> String {
        self.written.0.lock().expect("nobody panics with the lock").screen.screen().contents()
    }

    /// The screen once the program has written nothing for a moment.
    pub fn settled(&self) -> vt100::Screen {
        let (lock, changed) = &*self.written;
        let mut w = lock.lock().expect("nobody panics with the lock");
        loop {
            let before = w.raw.len();
            let (again, quiet) = changed
                .wait_timeout_while(w, QUIET, |w| w.raw.len() == before && !w.ended)
                .expect("nobody panics with the lock");
            w = again;
            if quiet.timed_out() || w.ended {
                return w.screen.screen().clone();
            }
        }
    }

    pub fn pid(&self) -> Pid {
        let raw = self.child.process_id().expect("a process id");
        Pid::from_raw(i32::try_from(raw).expect("ids are small")).expect("ids are not zero")
    }

    /// Waits until nothing more is written; returns everything that was.
    pub fn raw_to_the_end(self) -> Vec<u8> {
        drop(self.keys);
        drop(self.master);
        let w = self.written.0.lock().expect("the lock");
        let (w, _) = self.written.1.wait_timeout_while(w, PATIENCE, |w| !w.ended).expect("the lock");
        w.raw.clone()
    }

    /// Waits for the end; returns the exit code and everything written.
    pub fn end(mut self) -> (u32, String) {
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
