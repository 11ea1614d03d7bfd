//! What a key press costs on the screen: from the key to the finished frame, in a world of many identities while a key
//! policy of 32 KB is edited, against drawing the same frame again.
//!
//! Run with `cargo bench --bench screen`, or for three rounds among 300 identities with `-- 3 300`. Figures depend on the
//! machine; the ratios are what is held.

use std::cell::Cell;
use std::convert::Infallible;
use std::io;
use std::rc::Rc;
use std::time::{Duration, Instant};

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use kmslab::tui::Options;
use kmslab::tui::drive::Driver;
use ratatui::backend::{Backend, ClearType, CrosstermBackend, WindowSize};
use ratatui::buffer::Cell as ScreenCell;
use ratatui::layout::{Position, Size};
use serde_json::{Value, json};

const POLICY_BYTES: usize = 32_000;
const SIZE: (u16, u16) = (200, 60);
const ACCOUNT: &str = "111122223333";

fn main() {
    let path = std::env::temp_dir().join(format!("kmslab-bench-{}.json", std::process::id()));
    let mut given = std::env::args().skip(1).filter_map(|n| n.parse::<usize>().ok());
    let (rounds, identities) = (given.next().unwrap_or(1), given.next().unwrap_or(100));
    let scenario = scenario(identities);
    std::fs::write(&path, scenario.to_string()).expect("a file");
    let options = Options {
        scenario: Some(path.to_string_lossy().into_owned()),
        theme: Some("dark".to_owned()),
        ..Options::default()
    };
    let written = Rc::new(Cell::new(0));
    let backend = Fixed { inner: CrosstermBackend::new(Counter(written.clone())) };
    let mut screen = Driver::open(&options, backend, SIZE).expect("the scenario opens");
    std::fs::remove_file(&path).expect("the file is there");
    screen.draw().expect("drawn");
    println!("{identities} identities, a key policy of about {POLICY_BYTES} bytes, {}x{}", SIZE.0, SIZE.1);
    println!("first frame: {} bytes written", written.take());
    press(&mut screen, KeyCode::Char('e'));
    written.take();
    press(&mut screen, KeyCode::Down);
    println!("a cursor move down: {} bytes written", written.take());
    press(&mut screen, KeyCode::Right);
    println!("a cursor move right: {} bytes written", written.take());
    screen.draw().expect("drawn");
    println!("a redraw of the same: {} bytes written", written.take());

    let mut keys = Vec::new();
    let mut redraws = Vec::new();
    let script = script();
    for _ in 0..rounds {
        for key in &script {
            let start = now();
            screen.press(*key).expect("taken");
            screen.draw().expect("drawn");
            keys.push((start.elapsed(), *key));
            let start = now();
            screen.draw().expect("drawn");
            redraws.push(start.elapsed());
        }
    }
    keys.sort_by_key(|(time, _)| *time);
    redraws.sort();
    let redraw = redraws[redraws.len() / 2];
    let in_redraws = |time: Duration| time.as_secs_f64() / redraw.as_secs_f64();
    println!("{} keys of a minute's typing; an unchanged redraw takes {redraw:.2?}", keys.len());
    for (what, at) in
        [("median", keys.len() / 2), ("nine in ten", keys.len() * 9 / 10), ("largest", keys.len() - 1)]
    {
        let (time, key) = keys[at];
        println!("  {what:<12} {time:>9.2?}  {:>5.1} redraws   ({:?})", in_redraws(time), key.code);
    }
    println!("a step down in a window, median of {STEPS}");
    press(&mut screen, KeyCode::Esc);
    for (name, keys) in WINDOWS {
        for key in keys.chars() {
            press(&mut screen, KeyCode::Char(key));
        }
        let mut steps: Vec<Duration> = (0..STEPS)
            .map(|_| {
                let start = now();
                press(&mut screen, KeyCode::Down);
                start.elapsed()
            })
            .collect();
        steps.sort();
        let time = steps[STEPS / 2];
        println!("  {name:<12} {time:>9.2?}  {:>5.1} redraws", in_redraws(time));
        for _ in keys.chars() {
            press(&mut screen, KeyCode::Esc);
        }
    }
}

/// How often the selection moves down in each window.
const STEPS: usize = 20;

/// The windows, and the keys that open them.
const WINDOWS: [(&str, &str); 9] = [
    ("palette", ":"),
    ("help", "?"),
    ("documents", "o"),
    ("calls", "i"),
    ("fixes", "f"),
    ("who can", "W"),
    ("timeline", "t"),
    ("matrix", "m"),
    ("key", "KK"),
];

#[expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]
fn now() -> Instant {
    Instant::now()
}

fn press(screen: &mut Driver<Fixed>, code: KeyCode) {
    screen.press(KeyEvent::new(code, KeyModifiers::NONE)).expect("taken");
    screen.draw().expect("drawn");
}

/// A minute at five keys a second: walks down to a statement, renames it, takes away and gives back a user's name and an
/// action, and writes another statement.
fn script() -> Vec<KeyEvent> {
    let key = |code| KeyEvent::new(code, KeyModifiers::NONE);
    let mut keys = vec![KeyCode::Down; 3];
    keys.extend([KeyCode::End, KeyCode::Left, KeyCode::Left]);
    let typed = |text: &str| text.chars().map(KeyCode::Char).collect::<Vec<_>>();
    let back = |n: usize| vec![KeyCode::Backspace; n];
    // Inside the name of a statement: every letter leaves a valid policy.
    keys.extend(typed("Renamed and renamed again"));
    keys.extend(back(25));
    // A principal loses his last letter and becomes somebody who is not there, or somebody else.
    keys.extend([KeyCode::Down, KeyCode::Down, KeyCode::End, KeyCode::Left, KeyCode::Left, KeyCode::Left]);
    for _ in 0..10 {
        keys.extend(back(1));
        keys.extend(typed("7"));
    }
    // An action.
    keys.extend([KeyCode::Down, KeyCode::End, KeyCode::Left, KeyCode::Left]);
    for _ in 0..10 {
        keys.extend(back(3));
        keys.extend(typed("ypt"));
    }
    keys.extend([KeyCode::Up; 6]);
    let statement =
        r#"{"Sid": "New", "Effect": "Deny", "Principal": "*", "Action": "kms:Decrypt", "Resource": "*"},"#;
    keys.extend([KeyCode::Home, KeyCode::Home]);
    keys.extend(typed(statement));
    keys.extend(back(statement.len()));
    keys.into_iter().map(key).collect()
}

/// A world with so many users, one table, and a key whose policy names them one by one.
fn scenario(identities: usize) -> Value {
    let names: Vec<String> = (0..identities).map(|n| format!("user{n:02}")).collect();
    let users: serde_json::Map<String, Value> =
        names.iter().map(|name| (name.clone(), json!({"attach": ["AmazonDynamoDBFullAccess"]}))).collect();
    let statement = |n: usize| {
        json!({"Sid": format!("Statement {n}"), "Effect": "Allow",
            "Principal": {"AWS": format!("arn:aws:iam::{ACCOUNT}:user/user{:02}", n % identities)},
            "Action": ["kms:DescribeKey", if n.is_multiple_of(3) { "kms:Decrypt" } else { "kms:Encrypt" }],
            "Resource": "*"})
    };
    let account = json!({"Sid": "Account", "Effect": "Allow",
        "Principal": {"AWS": format!("arn:aws:iam::{ACCOUNT}:root")}, "Action": "kms:*", "Resource": "*"});
    let mut statements = vec![account];
    let policy = |statements: &Vec<Value>| json!({"Version": "2012-10-17", "Statement": statements});
    while format!("{:#}", policy(&statements)).len() < POLICY_BYTES - 400 {
        statements.push(statement(statements.len()));
    }
    let with = json!({"TableName": "CustomerData"});
    let reads = json!({"outcome": {"as": "user01", "do": "dynamodb:Scan", "with": with, "items": 1}});
    let scan = |who: &str| json!({"as": who, "do": "dynamodb:Scan", "with": with});
    json!({
        "format": 1, "id": "a9-bench", "title": "Bench", "minutes": 5, "level": "first", "teaches": ["bench"],
        "seed": 3, "clock": "2026-01-05T09:00:00Z", "fidelity": "instant",
        "world": {"accounts": {ACCOUNT: {"name": "bench", "users": users,
            "keys": {"k1": {"aliases": ["alias/bench"], "policy": policy(&statements)}},
            "tables": {"CustomerData": {"key": "k1", "hash": "CustomerID",
                "items": [{"CustomerID": "12345", "Name": "Alice Johnson"}]}}}}},
        "start_as": "user00",
        "palette": {"identities": names, "actions": ["kms:PutKeyPolicy", "dynamodb:Scan"], "why": "bench"},
        "story": ["A bench."],
        "tasks": [{"id": "t", "say": "Let user01 read.", "hints": ["Look."],
            "checks": [{"id": "reads", "say": "user01 reads", "check": reads}],
            "feedback": [{"id": "f", "when": reads, "say": "Yes."}]}],
        "solution": [scan("user01")], "wrong": [{"name": "another", "steps": [scan("user02")], "feedback": "f"}],
        "debrief": ["Done."]
    })
}

/// Counts what is written and forgets it.
struct Counter(Rc<Cell<usize>>);

impl io::Write for Counter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.set(self.0.get() + bytes.len());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A terminal's escape sequences, but of a fixed size and written nowhere.
struct Fixed {
    inner: CrosstermBackend<Counter>,
}

#[expect(clippy::unnecessary_wraps, reason = "the trait wants a result, and an error that there is none of")]
fn never<T>(result: io::Result<T>) -> Result<T, Infallible> {
    Ok(result.expect("counting does not fail"))
}

impl Backend for Fixed {
    type Error = Infallible;

    fn draw<'a, I>(&mut self, content: I) -> Result<(), Infallible>
    where
        I: Iterator<Item = (u16, u16, &'a ScreenCell)>,
    {
        never(self.inner.draw(content))
    }

    fn hide_cursor(&mut self) -> Result<(), Infallible> {
        never(self.inner.hide_cursor())
    }

    fn show_cursor(&mut self) -> Result<(), Infallible> {
        never(self.inner.show_cursor())
    }

    fn get_cursor_position(&mut self) -> Result<Position, Infallible> {
        Ok(Position::ORIGIN)
    }

    fn set_cursor_position<P: Into<Position>>(&mut self, position: P) -> Result<(), Infallible> {
        never(self.inner.set_cursor_position(position))
    }

    fn clear(&mut self) -> Result<(), Infallible> {
        never(self.inner.clear())
    }

    fn clear_region(&mut self, clear_type: ClearType) -> Result<(), Infallible> {
        never(self.inner.clear_region(clear_type))
    }

    fn size(&self) -> Result<Size, Infallible> {
        Ok(Size::new(SIZE.0, SIZE.1))
    }

    fn window_size(&mut self) -> Result<WindowSize, Infallible> {
        Ok(WindowSize { columns_rows: Size::new(SIZE.0, SIZE.1), pixels: Size::ZERO })
    }

    fn flush(&mut self) -> Result<(), Infallible> {
        never(Backend::flush(&mut self.inner))
    }
}
