//! Text that is pasted on the screen of a lab.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use kmslab::tui::Options;
use kmslab::tui::drive::Driver;
use ratatui::backend::TestBackend;

use crate::frame::{Reader, Shape::Made, filled, listed, nested};

/// Opens a lab, presses a key and pastes the input. What the screen says of it is a refusal, if it names a limit.
fn paste(key: char, input: &[u8]) -> Result<(), String> {
    let options = Options { scenario: Some("a3".to_owned()), ..Options::default() };
    let mut screen = Driver::open(&options, TestBackend::new(100, 30), (100, 30)).expect("it opens");
    screen.press(KeyEvent::new(KeyCode::Char(key), KeyModifiers::NONE)).expect("a key is never an error");
    screen.paste(std::str::from_utf8(input).expect("text"));
    screen.draw().expect("memory takes everything");
    match screen.said() {
        Some(words) if words.contains("the limit `") => Err(words.to_owned()),
        Some(_) | None => Ok(()),
    }
}

const OPEN: &str = r#"{"Version":"2012-10-17","Statement":["#;
const SAME: &str = r#"{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":"kms:*","Resource":"*"}"#;

pub const READERS: &[Reader] = &[
    Reader {
        name: "paste into the editor",
        read: |input| paste('e', input),
        repeat: Made(|size| {
            listed(size, OPEN, "]}", |_| SAME.to_owned()).into_iter().flat_map(|b| [b]).collect()
        }),
        nest: Made(|size| nested(size, "{\"a\":[\n", "", "]}\n")),
        widen: Made(|size| listed(size, OPEN, "]}", |number| format!("\n{}", SAME.replace('*', &format!("N{number}"))))),
        long_token: Made(|size| filled(size, "\"", "a", "\"")),
    },
    Reader {
        name: "paste at the console",
        read: |input| paste(';', input),
        repeat: Made(|size| filled(size, "echo", " 'a b'\n", "")),
        nest: Made(|size| nested(size, "$(echo ", "", ")")),
        widen: Made(|size| listed(size, "echo ", "", |number| format!("A{number}=$A{number} "))),
        long_token: Made(|size| filled(size, "echo '", "a", "'")),
    },
];
