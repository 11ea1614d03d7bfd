//! The editor without the lab around it.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use super::*;
use crate::tui::glyphs::Glyphs;
use crate::tui::theme::{Theme, ThemeName};
use proptest::prelude::*;

fn press(editor: &mut Editor, keys: &str) {
    for c in keys.chars() {
        let code = if c == '\n' { KeyCode::Enter } else { KeyCode::Char(c) };
        editor.key(KeyEvent::new(code, KeyModifiers::NONE));
    }
}

fn shown(editor: &Editor, width: u16, height: u16) -> (Vec<String>, Option<Position>) {
    let area = Rect::new(0, 0, width, height);
    let mut buf = Buffer::empty(area);
    let theme = Theme::new(ThemeName::Ansi);
    let look = Look { theme: &theme, glyphs: &Glyphs::UNICODE, typing: true, lit: None };
    let at = editor.draw(area, &mut buf, look);
    let rows = (0..height)
        .map(|y| {
            (0..width).map(|x| buf[(x, y)].symbol().to_owned()).collect::<String>().trim_end().to_owned()
        })
        .collect();
    (rows, at)
}

#[test]
fn brackets_indent_and_outdent() {
    let mut e = Editor::new("");
    press(&mut e, "{\n\"a\": [\n1\n]\n}");
    assert_eq!(e.lines(), ["{", "  \"a\": [", "    1", "  ]", "}"]);
}

#[test]
fn a_paste_is_one_step_back() {
    let mut e = Editor::new("ab");
    e.go_to(0, 1);
    assert_eq!(e.paste("x\r\ny\rz"), Ok(true));
    assert_eq!(e.text(), "ax\ny\nzb");
    assert!(e.undo());
    assert_eq!(e.text(), "ab");
    let most = EDITOR_TEXT.size();
    let why = e.paste(&"x".repeat(most - 1)).unwrap_err();
    assert!(why.starts_with("not pasted: the text in the editor has more than 65,536 bytes"), "{why}");
    assert_eq!(e.paste(&"x".repeat(most - 2)), Ok(true), "as long as it may be");
    let typed = KeyEvent::new(KeyCode::Char('y'), KeyModifiers::NONE);
    assert!(e.check_key(typed).is_err(), "nothing more fits");
    let gone = KeyEvent::new(KeyCode::Backspace, KeyModifiers::NONE);
    assert_eq!(e.check_key(gone), Ok(()), "but less does");
    // What is selected gives way.
    e.key(KeyEvent::new(KeyCode::Home, KeyModifiers::SHIFT));
    assert_eq!(e.paste(&"z".repeat(most - 1)), Ok(true));
    assert_eq!(e.text(), "z".repeat(most - 1) + "b");
}

#[test]
fn typing_goes_back_by_runs_and_a_paste_between_them_is_a_step_of_its_own() {
    let mut e = Editor::new("");
    press(&mut e, "first");
    assert_eq!(e.paste("\n{\n  \"a\": 1\n}\n"), Ok(true));
    press(&mut e, "last");
    let texts = ["first\n{\n  \"a\": 1\n}\nlast", "first\n{\n  \"a\": 1\n}\n", "first", ""];
    for (now, before) in texts.iter().zip(&texts[1..]) {
        assert_eq!(e.text(), *now);
        assert!(e.undo());
        assert_eq!(e.text(), *before, "nine letters and a paste are three steps");
    }
    assert!(!e.undo());
    assert!(e.redo() && e.redo() && e.redo() && !e.redo());
    assert_eq!(e.text(), texts[0]);
}

#[test]
fn a_text_that_takes_the_place_of_another_is_one_step_back_and_forward() {
    let mut e = Editor::new("one\ntwo");
    e.replace("three");
    e.go_to(0, 5);
    e.complete("four");
    for _ in 0..2 {
        assert_eq!(e.text(), "\"four\"", "outside quotes a word brings its own");
        assert!(e.undo());
        assert_eq!(e.text(), "three");
        assert!(e.undo());
        assert_eq!(e.text(), "one\ntwo");
        assert!(!e.undo());
        assert!(e.redo() && e.redo() && !e.redo());
    }
}

#[test]
fn findings_stand_under_their_line_and_the_cursor_knows() {
    let mut e = Editor::new("{\n  \"Efect\": 1\n}");
    e.set_findings(vec![Finding {
        line: 1,
        column: 2,
        len: 7,
        severity: Severity::Error,
        message: "unknown element\x1b[2J".into(),
        remedy: "Write Effect".into(),
    }]);
    e.go_to(2, 1);
    let (rows, at) = shown(&e, 46, 5);
    let want = ["  1  {", "  2    \"Efect\": 1", "       ╰ 2:3 error: unknown element␛[2J", "  3  }", ""];
    assert_eq!(rows, want);
    assert_eq!(at, Some(Position { x: 6, y: 3 }));
    assert_eq!(e.at(Rect::new(0, 0, 46, 5), Position { x: 5, y: 3 }), (2, 0));
}

/// A text as long as it may be, in lines or in one.
fn longest(line: &str) -> String {
    let most = EDITOR_TEXT.size();
    let mut text = line.repeat(most / line.len());
    text.truncate(most);
    text.trim_end().to_owned()
}

#[test]
fn a_frame_costs_what_is_on_the_screen_and_not_what_is_in_the_text() {
    // As many findings as lines, or as many in one line.
    for line in ["  \"Efect\": \"Allow\",\n", "{\"Efect\": \"Allow\"}, ", "\u{e4}\u{301} "] {
        let text = longest(line);
        let mut e = Editor::new(&text);
        let finding = |at: usize, line: usize, column: usize| Finding {
            line,
            column,
            len: 7,
            severity: Severity::Error,
            message: format!("finding {at}"),
            remedy: "Write Effect".into(),
        };
        let one_line = e.lines().len() == 1;
        let count = 3_000;
        let findings = (0..count).map(|n| if one_line { finding(n, 0, n * 7) } else { finding(n, n, 2) });
        // Their order is the editor's business.
        e.set_findings(findings.rev().collect());
        for (line, column) in [(0, 0), (1_500, 3), (count, 0), (0, 30_000)] {
            e.go_to(line, column);
            let ((), steps) = crate::limits::steps::counted(|| e.follow(100, 40));
            // Going to a place in a line means going through its cells once.
            let most = 4 * e.lines().iter().map(String::len).max().unwrap_or(0) as u64 + 20_000;
            assert!(steps <= most, "{steps} steps to follow, {most} at most");
            let ((rows, at), steps) = crate::limits::steps::counted(|| shown(&e, 100, 40));
            assert!(steps <= most, "{steps} steps to draw, {most} at most");
            assert!(at.is_some(), "the cursor is on the screen: {rows:?}");
        }
    }
    let mut e = Editor::new("{\n  \"Efect\": 1,\n  \"Acton\": 1\n}");
    let finding = |line: usize, message: &str| Finding {
        line,
        column: 2,
        len: 7,
        severity: Severity::Error,
        message: message.into(),
        remedy: String::new(),
    };
    e.set_findings(vec![finding(2, "second"), finding(1, "first"), finding(2, "third")]);
    let (rows, _) = shown(&e, 40, 8);
    let order: Vec<usize> = ["first", "second", "third"]
        .map(|word| rows.iter().position(|row| row.contains(word)).expect(word))
        .into();
    assert_eq!(order, [2, 4, 5]);
}

#[test]
fn wide_and_hostile_characters_keep_their_cells() {
    let mut e = Editor::new("漢\u{202e}e\u{301}x\x1b[31m");
    e.go_to(0, 4);
    let (rows, at) = shown(&e, 40, 1);
    assert_eq!(rows[0].replace("漢 ", "漢"), "  1  漢<U+202E>e\u{301}x␛[31m");
    assert_eq!(at.map(|p| p.x), Some(5 + 2 + 8 + 1));
}

#[test]
fn search_goes_round_and_completion_replaces_the_word() {
    let mut e = Editor::new("{\"Action\": \"kms:Dec\"}\nkms");
    assert_eq!(e.search("KMS:", true), Some((1, 1)));
    assert_eq!(e.cursor(), (0, 12));
    assert_eq!(e.search("kms", true), Some((2, 2)));
    assert_eq!(e.cursor(), (1, 0));
    assert_eq!(e.search("kms", false), Some((1, 2)));
    assert_eq!(e.search("nowhere", true), None);
    e.go_to(0, 19);
    assert_eq!(e.place().typed, "kms:Dec");
    e.complete("kms:Decrypt");
    assert_eq!(e.lines()[0], "{\"Action\": \"kms:Decrypt\"}");
}

proptest! {
    #[test]
    fn any_typing_draws_without_panic(
        text in any::<String>(),
        moves in proptest::collection::vec((any::<u8>(), any::<char>()), 0..40),
        width in 1u16..30, height in 1u16..8,
    ) {
        let mut e = Editor::new(&text);
        for (kind, c) in moves {
            let code = match kind % 12 {
                0 => KeyCode::Up,
                1 => KeyCode::Down,
                2 => KeyCode::Left,
                3 => KeyCode::Right,
                4 => KeyCode::Enter,
                5 => KeyCode::Backspace,
                6 => KeyCode::Delete,
                7 => KeyCode::Home,
                8 => KeyCode::End,
                _ => KeyCode::Char(c),
            };
            let modifiers = if kind % 3 == 0 { KeyModifiers::SHIFT } else { KeyModifiers::NONE };
            e.key(KeyEvent::new(code, modifiers));
            e.set_findings(vec![Finding { line: usize::from(kind % 4), column: usize::from(kind % 9), len: usize::from(kind % 5), severity: if kind % 2 == 0 { Severity::Error } else { Severity::Warning }, message: text.clone(), remedy: text.clone() }]);
            e.follow(usize::from(width), usize::from(height));
            let (rows, _) = shown(&e, width, height);
            prop_assert!(!rows.iter().any(|r| r.chars().any(char::is_control)));
        }
    }
}

#[test]
fn a_line_feed_is_a_line_and_alt_letters_are_nothing() {
    let mut editor = Editor::new("ab");
    editor.go_to(0, 1);
    editor.key(KeyEvent::new(KeyCode::Char('j'), KeyModifiers::CONTROL));
    assert_eq!(editor.text(), "a\nb");
    for c in "acghijklmnopqrstuvwxyz<>0".chars() {
        assert!(!editor.key(KeyEvent::new(KeyCode::Char(c), KeyModifiers::ALT)), "{c}");
    }
    assert_eq!((editor.text().as_str(), editor.cursor()), ("a\nb", (1, 0)));
}
