//! Keys with their modifiers: as a terminal sends them, as the table writes them, and as the screen draws them.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// A key with its modifiers, in one normal form: shift is part of the character, and of an arrow's name.
pub type Chord = (String, bool, bool);

const ARROWS: [&str; 4] = ["left", "down", "up", "right"];

/// How a key that was pressed is written; none for what is no key of its own.
pub fn name_of(key: KeyEvent) -> Option<String> {
    let (name, ctrl, alt) = chord_of_event(key)?;
    let ctrl = if ctrl { "ctrl-" } else { "" };
    let name = pretty(&format!("{ctrl}{name}"));
    Some(if alt { format!("Alt-{name}") } else { name })
}

/// What a terminal sends for a key.
pub fn event_of_chord((name, ctrl, alt): &Chord) -> Option<KeyEvent> {
    let mut modifiers = KeyModifiers::NONE;
    modifiers.set(KeyModifiers::CONTROL, *ctrl);
    modifiers.set(KeyModifiers::ALT, *alt);
    let code = match name.as_str() {
        "enter" => KeyCode::Enter,
        "tab" => KeyCode::Tab,
        "backtab" => KeyCode::BackTab,
        "esc" => KeyCode::Esc,
        "up" => KeyCode::Up,
        "down" => KeyCode::Down,
        "left" => KeyCode::Left,
        "right" => KeyCode::Right,
        "pageup" => KeyCode::PageUp,
        "pagedown" => KeyCode::PageDown,
        "home" => KeyCode::Home,
        "end" => KeyCode::End,
        "backspace" => KeyCode::Backspace,
        "delete" => KeyCode::Delete,
        "insert" => KeyCode::Insert,
        "space" => KeyCode::Char(' '),
        other => {
            if let Some(arrow) = other.strip_prefix("shift-") {
                let plain = event_of_chord(&(arrow.to_owned(), *ctrl, *alt))?;
                return Some(KeyEvent::new(plain.code, plain.modifiers | KeyModifiers::SHIFT));
            }
            let mut chars = other.chars();
            match (chars.next(), chars.as_str()) {
                (Some(c), "") => KeyCode::Char(c),
                (Some('f'), number) => KeyCode::F(number.parse().ok()?),
                _ => return None,
            }
        }
    };
    Some(KeyEvent::new(code, modifiers))
}

/// Returns the chord that an event of the terminal stands for, if the key map can name it.
#[expect(clippy::wildcard_enum_match_arm, reason = "crossterm knows many keys, and most have no name")]
pub fn chord_of_event(key: KeyEvent) -> Option<Chord> {
    let ctrl = key.modifiers.contains(KeyModifiers::CONTROL);
    let alt = key.modifiers.contains(KeyModifiers::ALT);
    let name = match key.code {
        // Terminals disagree on whether ctrl-S carries shift; the letter alone counts.
        KeyCode::Char(c) if ctrl => c.to_ascii_lowercase().to_string(),
        KeyCode::Char(c) => c.to_string(),
        KeyCode::F(n) => format!("f{n}"),
        KeyCode::Enter => "enter".into(),
        KeyCode::Tab if key.modifiers.contains(KeyModifiers::SHIFT) => "backtab".into(),
        KeyCode::Tab => "tab".into(),
        KeyCode::BackTab => "backtab".into(),
        KeyCode::Esc => "esc".into(),
        KeyCode::Up => "up".into(),
        KeyCode::Down => "down".into(),
        KeyCode::Left => "left".into(),
        KeyCode::Right => "right".into(),
        KeyCode::PageUp => "pageup".into(),
        KeyCode::PageDown => "pagedown".into(),
        KeyCode::Home => "home".into(),
        KeyCode::End => "end".into(),
        KeyCode::Backspace => "backspace".into(),
        KeyCode::Delete => "delete".into(),
        KeyCode::Insert => "insert".into(),
        _ => return None,
    };
    let name = match name.as_str() {
        " " => "space".into(),
        arrow if ARROWS.contains(&arrow) && key.modifiers.contains(KeyModifiers::SHIFT) => {
            format!("shift-{arrow}")
        }
        _ => name,
    };
    Some((name, ctrl, alt))
}

/// Reads a chord as the key map writes it, such as `ctrl-s`.
pub fn chord_of_name(name: &str) -> Option<Chord> {
    const NAMED: [&str; 17] = [
        "enter",
        "tab",
        "backtab",
        "esc",
        "up",
        "down",
        "left",
        "right",
        "pageup",
        "pagedown",
        "home",
        "end",
        "backspace",
        "delete",
        "insert",
        "space",
        "@",
    ];
    let (mut rest, mut ctrl, mut alt) = (name, false, false);
    loop {
        if let Some(r) = rest.strip_prefix("ctrl-") {
            (rest, ctrl) = (r, true);
        } else if let Some(r) = rest.strip_prefix("alt-") {
            (rest, alt) = (r, true);
        } else {
            break;
        }
    }
    let is_function =
        rest.strip_prefix('f').and_then(|n| n.parse::<u8>().ok()).is_some_and(|n| (1..=24).contains(&n));
    let mut chars = rest.chars();
    let is_char = chars.next().is_some_and(|c| !c.is_control() && c != ' ') && chars.next().is_none();
    let is_shifted = rest.strip_prefix("shift-").is_some_and(|arrow| ARROWS.contains(&arrow));
    (NAMED.contains(&rest) || is_function || is_char || is_shifted).then(|| (rest.to_owned(), ctrl, alt))
}

/// Writes the name of a chord as the screen shows it, such as `Esc` for `esc`.
pub fn pretty(name: &str) -> String {
    if let Some(rest) = name.strip_prefix("ctrl-") {
        return if rest.len() == 1 {
            format!("^{}", rest.to_uppercase())
        } else {
            format!("^{}", pretty(rest))
        };
    }
    if let Some(rest) = name.strip_prefix("alt-") {
        return format!("Alt-{}", pretty(rest));
    }
    if let Some(arrow) = name.strip_prefix("shift-") {
        return format!("S-{}", pretty(arrow));
    }
    match name {
        "tab" => "Tab".into(),
        "backtab" => "S-Tab".into(),
        "esc" => "Esc".into(),
        "enter" => "Enter".into(),
        "up" => "Up".into(),
        "down" => "Down".into(),
        "pageup" => "PgUp".into(),
        "pagedown" => "PgDn".into(),
        "home" => "Home".into(),
        "end" => "End".into(),
        "space" => "Space".into(),
        "left" => "Left".into(),
        "right" => "Right".into(),
        "backspace" => "Backspace".into(),
        "delete" => "Delete".into(),
        "insert" => "Insert".into(),
        other if other.len() > 1 && other.starts_with('f') => other.to_uppercase(),
        other => other.into(),
    }
}
