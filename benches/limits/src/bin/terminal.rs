//! What kmslab costs in a real (pseudo) terminal: the time to its first frame beside a bare ratatui program, the bytes
//! of a cursor move, and what it does while nothing happens. Linux only: it reads /proc.
//!
//! An argument sets how many seconds of idleness are watched, 60 unless given.

use std::io::{Read as _, Write};
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

/// Starts of each program whose median is taken.
const STARTS: usize = 21;
const ANSWERS: [(&[u8], &[u8]); 2] =
    [(b"\x1b]11;?", b"\x1b]11;rgb:1212/1414/1717\x1b\\"), (b"\x1b[c", b"\x1b[?62;c")];

fn main() {
    let idle = std::env::args().nth(1).and_then(|n| n.parse().ok()).unwrap_or(60);
    let kmslab = ["play", "a3"];
    let mut times: [Vec<Duration>; 3] = Default::default();
    for _ in 0..STARTS {
        times[0].push(first_frame("bare", &[], b"ready"));
        times[1].push(first_frame("kmslab", &[], b"access,"));
        times[2].push(first_frame("kmslab", &kmslab, b"CustomerData"));
    }
    let [bare, home, lab] = times.map(|mut times| {
        times.sort();
        times[times.len() / 2]
    });
    let ratio = |time: Duration| time.as_secs_f64() / bare.as_secs_f64();
    println!("from exec to the first frame, median of {STARTS} starts in turn");
    println!("  bare ratatui program  {bare:>9.2?}");
    println!("  kmslab, the list      {home:>9.2?}  {:.2} times the bare one", ratio(home));
    println!("  kmslab play a3        {lab:>9.2?}  {:.2} times the bare one", ratio(lab));

    let mut lab = Running::start("kmslab", &kmslab);
    lab.wait_for(b"CustomerData");
    lab.settle();
    lab.press(b"e");
    for (what, keys) in [("down", &b"\x1b[B"[..]), ("right", b"\x1b[C"), ("left", b"\x1b[D")] {
        println!("cursor {what}: {} bytes written", lab.press(keys));
    }
    let before = lab.spent();
    let written = lab.written.load(Ordering::Relaxed);
    std::thread::sleep(Duration::from_secs(idle));
    let after = lab.spent();
    println!(
        "{idle} seconds without a key: {} ms of CPU time, {} wake-ups, {} bytes written",
        after.milliseconds - before.milliseconds,
        after.switches - before.switches,
        lab.written.load(Ordering::Relaxed) - written
    );
}

/// From starting the program to seeing `mark` among what it writes.
fn first_frame(program: &str, arguments: &[&str], mark: &[u8]) -> Duration {
    let start = Instant::now();
    let mut running = Running::start(program, arguments);
    running.wait_for(mark);
    start.elapsed()
}

/// A program in a terminal of 120x40.
struct Running {
    child: Box<dyn Child + Send + Sync>,
    input: Box<dyn Write + Send>,
    output: mpsc::Receiver<Vec<u8>>,
    written: Arc<AtomicUsize>,
    seen: Vec<u8>,
    answered: usize,
    _master: Box<dyn MasterPty + Send>,
    state: PathBuf,
}

impl Running {
    fn start(program: &str, arguments: &[&str]) -> Self {
        let folder = std::env::current_exe().expect("this program has a path");
        let state = std::env::temp_dir().join(format!("kmslab-limits-{}", std::process::id()));
        let pair = native_pty_system()
            .openpty(PtySize { rows: 40, cols: 120, pixel_width: 0, pixel_height: 0 })
            .expect("a pseudo terminal");
        let mut command = CommandBuilder::new(folder.with_file_name(program));
        command.args(arguments);
        command.env("TERM", "xterm-256color");
        command.env("COLORTERM", "truecolor");
        command.env("XDG_STATE_HOME", &state);
        let mut reader = pair.master.try_clone_reader().expect("its output");
        let input = pair.master.take_writer().expect("its input");
        let child = pair.slave.spawn_command(command).expect("the program starts");
        drop(pair.slave);
        let (send, output) = mpsc::channel();
        let written = Arc::new(AtomicUsize::new(0));
        let count = written.clone();
        std::thread::spawn(move || {
            let mut buffer = vec![0; 1 << 16];
            while let Ok(read @ 1..) = reader.read(&mut buffer) {
                count.fetch_add(read, Ordering::Relaxed);
                if send.send(buffer[..read].to_vec()).is_err() {
                    break;
                }
            }
        });
        Self { child, input, output, written, seen: Vec::new(), answered: 0, _master: pair.master, state }
    }

    /// Takes what was written, and answers questions as a terminal does.
    fn take(&mut self, bytes: &[u8]) {
        self.seen.extend_from_slice(bytes);
        for (question, answer) in ANSWERS.iter().skip(self.answered) {
            if self.seen.windows(question.len()).any(|window| window == *question) {
                self.input.write_all(answer).and_then(|()| self.input.flush()).expect("it listens");
                self.answered += 1;
            }
        }
    }

    fn wait_for(&mut self, mark: &[u8]) {
        while !self.seen.windows(mark.len()).any(|window| window == mark) {
            let bytes = self.output.recv_timeout(Duration::from_secs(20));
            self.take(
                &bytes.unwrap_or_else(|_| panic!("no {:?} on the screen", String::from_utf8_lossy(mark))),
            );
        }
    }

    /// Waits until nothing has been written for half a second.
    fn settle(&mut self) {
        while let Ok(bytes) = self.output.recv_timeout(Duration::from_millis(500)) {
            self.take(&bytes);
        }
    }

    /// Sends keys; answers how many bytes were written because of them.
    fn press(&mut self, keys: &[u8]) -> usize {
        let before = self.written.load(Ordering::Relaxed);
        self.input.write_all(keys).and_then(|()| self.input.flush()).expect("it listens");
        self.settle();
        self.written.load(Ordering::Relaxed) - before
    }

    fn spent(&self) -> Spent {
        let process = self.child.process_id().expect("it runs");
        let read =
            |file: &str| std::fs::read_to_string(format!("/proc/{process}/{file}")).expect("Linux's /proc");
        let stat = read("stat");
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
        // Fields 14 and 15 of the file, in hundredths of a second. Source: proc_pid_stat(5).
        let ticks: u64 = [11, 12].iter().filter_map(|at| fields.get(*at)?.parse::<u64>().ok()).sum();
        let threads = std::fs::read_dir(format!("/proc/{process}/task")).expect("Linux's /proc");
        let switches = threads
            .filter_map(|thread| std::fs::read_to_string(thread.ok()?.path().join("status")).ok())
            .flat_map(|status| {
                let lines = status.lines().filter(|line| line.starts_with("voluntary_ctxt_switches"));
                lines.filter_map(|line| line.rsplit('\t').next()?.parse::<u64>().ok()).collect::<Vec<_>>()
            })
            .sum();
        Spent { milliseconds: ticks * 10, switches }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = std::fs::remove_dir_all(&self.state);
    }
}

/// What a process has used so far.
struct Spent {
    milliseconds: u64,
    switches: u64,
}
