//! Any key, click, paste and size at any time: nothing panics, and nothing raw reaches the screen.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::layout::{Position, Rect};

use super::app;
use crate::tui::message::Message;
use crate::tui::update::update;
use crate::tui::view::view;

/// A small generator with a fixed seed, so that a failure can be seen again.
struct Dice(u64);

impl Dice {
    /// A number below `n`. Source of the constants: Marsaglia, "Xorshift RNGs".
    fn below(&mut self, n: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % n
    }

    fn size(&mut self, most: u64) -> u16 {
        u16::try_from(self.below(most) + 1).unwrap_or(1)
    }
}

fn key(dice: &mut Dice) -> KeyEvent {
    const LETTERS: &str = ";;C123456789eesspddhvnRwmWtacuggGzLxTMPyYEb:?jk/N{}[]\",: abKMSf+-";
    let code = match dice.below(24) {
        0 => KeyCode::Enter,
        1 | 2 => KeyCode::Esc,
        3 => KeyCode::Tab,
        4 => KeyCode::BackTab,
        5 => KeyCode::Up,
        6 => KeyCode::Down,
        7 => KeyCode::Left,
        8 => KeyCode::Right,
        9 => KeyCode::PageUp,
        10 => KeyCode::PageDown,
        11 => KeyCode::Home,
        12 => KeyCode::End,
        13 => KeyCode::Backspace,
        14 => KeyCode::Delete,
        15 => KeyCode::F(5),
        16 => KeyCode::Char(char::from_u32(u32::try_from(dice.below(0x3000)).unwrap_or(65)).unwrap_or('x')),
        _ => {
            let at = usize::try_from(dice.below(LETTERS.len() as u64)).unwrap_or(0);
            KeyCode::Char(char::from(LETTERS.as_bytes()[at]))
        }
    };
    let modifiers = match dice.below(8) {
        0 => KeyModifiers::CONTROL,
        1 => KeyModifiers::SHIFT,
        2 => KeyModifiers::ALT,
        _ => KeyModifiers::NONE,
    };
    KeyEvent::new(code, modifiers)
}

fn message(dice: &mut Dice, area: Rect) -> Message {
    let x = u16::try_from(dice.below(u64::from(area.width) + 3)).unwrap_or(0);
    let y = u16::try_from(dice.below(u64::from(area.height) + 3)).unwrap_or(0);
    let at = Position { x, y };
    match dice.below(100) {
        0..72 => Message::Key(key(dice)),
        72..80 => Message::Press(at),
        80..84 => Message::Drag(at),
        84..87 => Message::Release,
        87..93 => Message::Wheel(at, if dice.below(2) == 0 { -3 } else { 3 }),
        93..95 => Message::Resize(Rect::new(0, 0, dice.size(220), dice.size(70))),
        95 => Message::Resize(Rect::new(0, 0, 1, 1)),
        96 => Message::Paste("\x1b[2J\x1b]0;x\x07\u{202e}\u{9b}31m\0{\"Statement\": [\r\n".into()),
        // Megabytes, but not all the time: reading them takes most of a run.
        97 if dice.below(20) == 0 => Message::Paste("x".repeat(1 << 21)),
        98 => Message::Edited(Ok("{\"Version\": \"2012-10-17\", \"Statement\": []}\u{7}".into())),
        _ => Message::Continued,
    }
}

#[test]
fn anything_at_any_time() {
    // KMSLAB_STEPS asks for a longer run.
    let steps = std::env::var("KMSLAB_STEPS").ok().and_then(|n| n.parse().ok()).unwrap_or(6_000_u64);
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    let mut app_under_test = app(Some("a3"), false);
    let mut area = Rect::new(0, 0, 120, 40);
    update(&mut app_under_test, Message::Resize(area));
    for step in 0..steps {
        let message = message(&mut dice, area);
        if let Message::Resize(to) = message {
            area = to;
        }
        update(&mut app_under_test, message);
        if app_under_test.shell.exit.take().is_some() || (app_under_test.lab().is_none() && step % 40 == 0) {
            // It left, or idles in the list: start again in another scenario.
            let which = ["a2", "a3", "a4"][usize::try_from(dice.below(3)).unwrap_or(0)];
            app_under_test = app(Some(which), step % 2 == 0);
            update(&mut app_under_test, Message::Resize(area));
        }
        if step % 3 == 0 {
            let mut terminal =
                Terminal::new(TestBackend::new(area.width, area.height)).expect("memory is a screen");
            terminal.draw(|frame| view(&app_under_test, frame)).expect("memory can be drawn on");
            let raw = terminal
                .backend()
                .buffer()
                .content()
                .iter()
                .find(|c| c.symbol().chars().any(char::is_control));
            assert!(raw.is_none(), "step {step}: {raw:?}");
        }
        if let Some(lab) = app_under_test.lab() {
            assert_eq!(
                lab.editor.text(),
                lab.session.text(),
                "step {step}: the editor and the draft are one text"
            );
        }
    }
}
