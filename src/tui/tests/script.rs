//! Scripts: what somebody does at the keyboard and with the mouse, as text.
//!
//! | written | what is done |
//! |---|---|
//! | `[run]` | the key of that action is pressed, whichever key the map gives it |
//! | `[edit]` | the same; where that asks for a guess first, one is made: `Allowed`, or else the first answer |
//! | `[identity 2]` | the second key of that action |
//! | `[search in editor]` | the action's key in that place, where the action has another key elsewhere |
//! | `[choose Key user]`, `[choose 2]` | the row of the window on top that begins so, or that has that number |
//! | `[yes]`, `[no]` | a question is answered |
//! | `<type TEXT>`, `<paste TEXT>` | text goes where text is taken |
//! | `<Enter>`, `<Down>`, `<C-p>`, `<f5>` .. | a key that stands for no action where it is pressed, as in a text |
//! | `<click 3,4>`, `<drag 3,4 5,6>`, `<wheel-up 3,4>`, `<wheel-down 3,4>` | the mouse, at column and row |
//! | `<size 80x24>` | the screen gets another size |
//! | `<shot>` | what the screen shows is kept |
//!
//! A letter by itself is refused: a script says what is meant, and goes on meaning it when a key is mapped anew.

use crossterm::event::{
    Event as TerminalEvent, KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind,
};

use super::{app, play};
use crate::tui::keys::{Action, Binding, Context, KeyMap};
use crate::tui::message::Event;

/// One step of a script.
#[derive(Clone, Debug)]
pub enum Step {
    /// An event of the terminal.
    Event(Event),
    /// The row of the window on top that begins with these words is chosen.
    Choose(String),
    /// Where a guess is asked for, one is made.
    Guess,
    /// Where an answer is chosen, that key gives it.
    Answer(KeyEvent),
    /// The screen gets this size.
    Size(u16, u16),
    /// Keep what the screen shows.
    Shot,
}

/// Returns the steps of a script, with the program's own key map.
pub fn keys(script: &str) -> Vec<Step> {
    keys_by(&KeyMap::embedded(), script)
}

/// Returns the steps of a script with another key map.
fn keys_by(map: &KeyMap, script: &str) -> Vec<Step> {
    let mut out = Vec::new();
    let mut rest = script;
    while let Some(first) = rest.chars().next() {
        let close = match first {
            '<' => '>',
            '[' => ']',
            ' ' => {
                rest = &rest[1..];
                continue;
            }
            letter => panic!("{letter:?} by itself in {script:?}: name the action, or <type {letter}>"),
        };
        let end = rest.find(close).unwrap_or_else(|| panic!("no {close} in {script:?}"));
        let inside = &rest[1..end];
        if first == '<' {
            named(inside, &mut out);
        } else {
            out.push(meant(map, inside));
            if inside == "edit" {
                out.push(Step::Guess);
            }
            if inside == "edit" || inside.starts_with("choose ") {
                out.push(Step::Answer(pressed(map, "open in list")));
            }
        }
        rest = &rest[end + 1..];
    }
    out
}

/// Returns the step that words in square brackets stand for.
fn meant(map: &KeyMap, words: &str) -> Step {
    match words.split_once(' ') {
        None if words == "yes" => char_key('y'),
        None if words == "no" => char_key('n'),
        Some(("choose", row)) => match row.parse::<u8>() {
            Ok(number) => Step::Choose(number.to_string()),
            Err(_) => Step::Choose(row.to_owned()),
        },
        _ => Step::Event(Event::Terminal(TerminalEvent::Key(pressed(map, words)))),
    }
}

/// Returns the key that does an action: `run`, `identity 2`, `search in editor`.
fn pressed(map: &KeyMap, words: &str) -> KeyEvent {
    fn read<T: serde::de::DeserializeOwned>(word: &str) -> T {
        serde_json::from_value(word.into()).unwrap_or_else(|_| panic!("{word:?} is no action and no place"))
    }
    let (words, place) = match words.split_once(" in ") {
        Some((words, place)) => (words, Some(read::<Context>(place))),
        None => (words, None),
    };
    let (action, nth) = match words.split_once(' ') {
        Some((action, number)) => (action, number.parse::<usize>().expect("a number") - 1),
        None => (words, 0),
    };
    let action: Action = read(action);
    let holds =
        |row: &&Binding| row.action == action && place.is_none_or(|place| row.contexts.contains(&place));
    // Whoever acts as somebody while typing says so: a digit by itself is text there.
    let place = place.or((action == Action::Identity).then_some(Context::Lab));
    let holds = |row: &&Binding| holds(row) && place.is_none_or(|place| row.contexts.contains(&place));
    let mut found = map.bindings().iter().filter(holds).map(|row| &row.keys[nth]);
    let key = found.next().unwrap_or_else(|| panic!("{words} has no key there"));
    assert!(place.is_some() || found.all(|other| other == key), "{words}: [{words} in PLACE], keys differ");
    KeyMap::event(key).unwrap_or_else(|| panic!("{key} cannot be pressed"))
}

/// Returns the press that makes a guess, where the screen asks for one.
pub fn guessing(screen: &str) -> Option<Event> {
    let asks = screen.contains("What do you expect?");
    asks.then(|| {
        if screen.contains(" Allowed") {
            choosing(screen, "Allowed")
        } else {
            Event::Terminal(TerminalEvent::Key(KeyEvent::new(KeyCode::Char('1'), KeyModifiers::NONE)))
        }
    })
}

/// Whether the screen waits for the key that gives an answer, or makes the call that is chosen.
pub fn answers(screen: &str) -> bool {
    ["Enter answers", "Enter makes the call"].iter().any(|words| screen.contains(words))
}

/// Returns the press of the digit that stands before the row.
pub fn choosing(screen: &str, row: &str) -> Event {
    if let Ok(digit @ '1'..='9') = row.parse::<char>() {
        return Event::Terminal(TerminalEvent::Key(KeyEvent::new(KeyCode::Char(digit), KeyModifiers::NONE)));
    }
    let digits = ('1'..='9')
        .flat_map(|digit| [format!(" {digit} {row}"), format!(" {digit}  {row}")].map(|w| (digit, w)));
    let digits: Vec<(char, String)> = digits.collect();
    let chosen =
        screen.lines().find_map(|line| digits.iter().find(|(_, words)| line.contains(words.as_str())));
    let (digit, _) = chosen.unwrap_or_else(|| panic!("no row begins with {row:?} on:\n{screen}"));
    let key = KeyEvent::new(KeyCode::Char(*digit), KeyModifiers::NONE);
    Event::Terminal(TerminalEvent::Key(key))
}

fn key(code: KeyCode, modifiers: KeyModifiers) -> Step {
    Step::Event(Event::Terminal(TerminalEvent::Key(KeyEvent::new(code, modifiers))))
}

fn char_key(c: char) -> Step {
    key(KeyCode::Char(c), KeyModifiers::NONE)
}

fn mouse(kind: MouseEventKind, at: &str) -> Step {
    let (x, y) = at.split_once(',').expect("a place is written x,y");
    let event = MouseEvent {
        kind,
        column: x.trim().parse().expect("a column"),
        row: y.trim().parse().expect("a row"),
        modifiers: KeyModifiers::NONE,
    };
    Step::Event(Event::Terminal(TerminalEvent::Mouse(event)))
}

fn named(name: &str, out: &mut Vec<Step>) {
    let (word, argument) = name.split_once(' ').unwrap_or((name, ""));
    let none = KeyModifiers::NONE;
    let left = MouseButton::Left;
    match word {
        "shot" => out.push(Step::Shot),
        "type" => out.extend(
            argument.chars().map(|c| if c == '\n' { key(KeyCode::Enter, none) } else { char_key(c) }),
        ),
        "paste" => out.push(Step::Event(Event::Terminal(TerminalEvent::Paste(argument.to_owned())))),
        "size" => {
            let (w, h) = argument.split_once('x').expect("a size is written WxH");
            out.push(Step::Size(w.parse().expect("a width"), h.parse().expect("a height")));
        }
        "click" => {
            out.push(mouse(MouseEventKind::Down(left), argument));
            out.push(mouse(MouseEventKind::Up(left), argument));
        }
        "drag" => {
            let (from, to) = argument.split_once(' ').expect("two places");
            out.push(mouse(MouseEventKind::Down(left), from));
            out.push(mouse(MouseEventKind::Drag(left), to));
            out.push(mouse(MouseEventKind::Up(left), to));
        }
        "wheel-down" => out.push(mouse(MouseEventKind::ScrollDown, argument)),
        "wheel-up" => out.push(mouse(MouseEventKind::ScrollUp, argument)),
        "Enter" => out.push(key(KeyCode::Enter, none)),
        "Esc" => out.push(key(KeyCode::Esc, none)),
        "Tab" => out.push(key(KeyCode::Tab, none)),
        "S-Tab" => out.push(key(KeyCode::BackTab, KeyModifiers::SHIFT)),
        "Up" => out.push(key(KeyCode::Up, none)),
        "Down" => out.push(key(KeyCode::Down, none)),
        "S-Up" => out.push(key(KeyCode::Up, KeyModifiers::SHIFT)),
        "S-Down" => out.push(key(KeyCode::Down, KeyModifiers::SHIFT)),
        "S-Left" => out.push(key(KeyCode::Left, KeyModifiers::SHIFT)),
        "S-Right" => out.push(key(KeyCode::Right, KeyModifiers::SHIFT)),
        "Left" => out.push(key(KeyCode::Left, none)),
        "Right" => out.push(key(KeyCode::Right, none)),
        "End" => out.push(key(KeyCode::End, none)),
        "Home" => out.push(key(KeyCode::Home, none)),
        "PageUp" => out.push(key(KeyCode::PageUp, none)),
        "PageDown" => out.push(key(KeyCode::PageDown, none)),
        "BS" => out.push(key(KeyCode::Backspace, none)),
        "Insert" => out.push(key(KeyCode::Insert, none)),
        "Delete" => out.push(key(KeyCode::Delete, none)),
        "Space" => out.push(char_key(' ')),
        "f2" => out.push(key(KeyCode::F(2), none)),
        "f3" => out.push(key(KeyCode::F(3), none)),
        "f8" => out.push(key(KeyCode::F(8), none)),
        other => match other.strip_prefix("C-") {
            Some(c) => {
                out.push(key(KeyCode::Char(c.chars().next().expect("a letter")), KeyModifiers::CONTROL));
            }
            None => match (other.strip_prefix("M-"), other.strip_prefix("S-")) {
                (Some(c), _) => {
                    out.push(key(KeyCode::Char(c.chars().next().expect("a letter")), KeyModifiers::ALT));
                }
                (_, Some("Down")) => out.push(key(KeyCode::Down, KeyModifiers::SHIFT)),
                (_, Some("Right")) => out.push(key(KeyCode::Right, KeyModifiers::SHIFT)),
                _ => match other.strip_prefix('f').and_then(|n| n.parse().ok()) {
                    Some(n) => out.push(key(KeyCode::F(n), none)),
                    None => panic!("no key is called <{other}>"),
                },
            },
        },
    }
}

/// A key map in which every key is another one than in the program's.
fn all_others() -> KeyMap {
    let mut rows = KeyMap::embedded().bindings().to_vec();
    // A key that has alt already becomes a function key of its own, the same in every row.
    let mut with_alt: Vec<String> = Vec::new();
    for key in rows.iter_mut().flat_map(|row| &mut row.keys) {
        if key.starts_with("alt-") {
            let at = with_alt.iter().position(|known| known == key).unwrap_or_else(|| {
                with_alt.push(key.clone());
                with_alt.len() - 1
            });
            *key = format!("{}-f{}", if at < 12 { "ctrl" } else { "ctrl-alt" }, at % 12 + 1);
        } else {
            *key = format!("alt-{key}");
        }
    }
    KeyMap::of(rows).expect("no two keys are one")
}

#[test]
fn a_script_means_the_same_whichever_keys_do_it() {
    let script = "[identity 2][predict][choose Allowed][run]<shot>[identity 1][edit][search in editor]\
        <type kms><Enter>\
                  [snippet][choose Key user][choose tess][back][back][apply][identity 2][run]<shot>[matrix][down][back][console]\
                  <type echo hi>[run-line]<shot>";
    let [own, other] = [KeyMap::embedded(), all_others()].map(|map| {
        let mut app = app(Some("a3"), false);
        app.shell.keys = map.clone();
        let played = play(app, (120, 40), keys_by(&map, script));
        let lab = played.app.lab().expect("a lab");
        assert!(lab.view.head.done, "{}", played.last());
        let session = lab.session.lab();
        let typed = session.transcript().shown().len();
        (session.history().point(), typed, lab.view.audit.len(), played.shots.len())
    });
    assert_eq!(own, other);
}

#[test]
#[should_panic(expected = "by itself")]
fn a_letter_by_itself_is_refused() {
    keys("[edit]x");
}
