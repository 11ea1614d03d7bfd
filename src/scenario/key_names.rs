//! Keys in the texts of a scenario: `{{key:run}}` stands for the key of an action.
//!
//! Which key that is only the screen knows, and who works line by line presses none: there, words stand for it.

/// The actions that a text may name, each with the words that stand for its key where lines are typed.
///
/// Action names and the commands of plain mode live on floors above; tests there hold this table against them.
pub const KEYS: [(&str, &str); 26] = [
    ("apply", "apply"),
    ("audit", "audit"),
    ("clock", "clock"),
    ("complete-line", "aws help"),
    ("console", "aws lines, typed here"),
    ("delete-line", "edit"),
    ("diff", "diff"),
    ("discard", "discard"),
    ("documents", "documents"),
    ("edit", "edit"),
    ("fix", "fix"),
    ("hint", "hint"),
    ("identity", "as NAME"),
    ("keys", "aws kms lines"),
    ("matrix", "matrix"),
    ("next", "next"),
    ("next-document", "documents"),
    ("predict", "predict"),
    ("redo", "redo"),
    ("run", "scan"),
    ("snippet", "snippet"),
    ("timeline", "steps"),
    ("undo", "undo"),
    ("watch", "watch"),
    ("who-can", "who-can"),
    ("why", "why"),
];

/// A text is made of these.
#[derive(Debug, PartialEq, Eq)]
enum Piece<'a> {
    Words(&'a str),
    /// What stands between two pairs of braces.
    Placeholder(&'a str),
}

/// Takes a text apart.
fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((words, after)) = rest.split_once("{{") {
        let Some((inside, after)) = after.split_once("}}") else { break };
        pieces.extend([Piece::Words(words), Piece::Placeholder(inside)]);
        rest = after;
    }
    pieces.push(Piece::Words(rest));
    pieces
}

/// Returns a text with what `key` answers for each action in place of its `{{key:NAME}}`.
pub fn name_keys(text: &str, key: &dyn Fn(&str) -> String) -> String {
    let pieces = pieces(text);
    let named = pieces.iter().map(|piece| match piece {
        Piece::Words(words) => (*words).to_owned(),
        Piece::Placeholder(inside) => match inside.strip_prefix("key:") {
            Some(name) => key(name),
            None => format!("{{{{{inside}}}}}"),
        },
    });
    named.collect()
}

/// Returns a text for somebody who types lines and presses no keys.
pub fn in_words(text: &str) -> String {
    name_keys(text, &|name| words_of(name).unwrap_or(name).to_owned())
}

/// Returns the words that stand for the key of an action; `None` if no text may name that action.
pub fn words_of(action: &str) -> Option<&'static str> {
    KEYS.iter().find(|(name, _)| *name == action).map(|(_, words)| *words)
}

/// Returns a text without its placeholders.
pub(super) fn without_keys(text: &str) -> String {
    name_keys(text, &|_| String::new())
}

/// Says what is wrong with the keys that a text names, each with its remedy.
pub(super) fn faults(text: &str) -> Vec<String> {
    let mut faults = Vec::new();
    for piece in pieces(text) {
        let Piece::Placeholder(inside) = piece else { continue };
        let Some(name) = inside.strip_prefix("key:") else {
            faults
                .push(format!("`{{{{{inside}}}}}` stands for nothing in a text; a key is `{{{{key:run}}}}`"));
            continue;
        };
        if words_of(name).is_none() {
            let known: Vec<&str> = KEYS.iter().map(|(name, _)| *name).collect();
            faults.push(format!("no text can name the key of `{name}`; name one of {}", known.join(", ")));
        }
    }
    faults.extend(bare_key(text).map(|key| {
        format!(
            "`{key}` is a key, and the key map may change; write the action that it is for, as in `{{{{key:run}}}}`"
        )
    }));
    faults
}

/// The first key that a text names by itself: `(s)`, `^T`, `Esc`, `press x`, or a letter alone in a sentence.
fn bare_key(text: &str) -> Option<String> {
    let text = without_keys(text);
    let mut before = String::new();
    for token in text.split_whitespace() {
        let word = token.trim_matches(|c: char| "().,;:!?\"'`".contains(c));
        let pressed = matches!(before.as_str(), "press" | "presses" | "pressing" | "hit");
        if let Some(key) = in_brackets(token).or_else(|| control(token)) {
            return Some(key);
        }
        if is_named_key(word)
            || is_letter(word, pressed)
            || pressed && ["Enter", "Return", "Space"].contains(&word)
        {
            return Some(word.to_owned());
        }
        before = word.to_lowercase();
    }
    None
}

/// A single sign in brackets that no word leads into: `(;)`, and not `statement(s)`.
fn in_brackets(token: &str) -> Option<String> {
    let (before, after) = token.split_once('(')?;
    let (inside, _) = after.split_once(')')?;
    let is_one = inside.chars().count() == 1;
    (is_one && !before.ends_with(|c: char| c.is_alphanumeric())).then(|| inside.to_owned())
}

/// A letter with a circumflex, as in `^S`.
fn control(token: &str) -> Option<String> {
    let after = token.trim_start_matches(['(', '"', '\'']).strip_prefix('^')?;
    let letter = after.chars().next().filter(char::is_ascii_alphabetic)?;
    let ends = after.chars().nth(1).is_none_or(|c| !c.is_alphanumeric());
    ends.then(|| format!("^{letter}"))
}

fn is_named_key(word: &str) -> bool {
    let with_letter = ["Ctrl-", "Ctrl+", "Alt-", "Alt+", "Shift-", "Shift+", "ctrl-", "alt-", "shift-"];
    let function = word
        .strip_prefix('F')
        .is_some_and(|number| number.parse::<u8>().is_ok_and(|number| (1..=12).contains(&number)));
    function
        || ["Esc", "Escape", "Tab", "Backspace", "PageUp", "PageDown"].contains(&word)
        || with_letter.iter().any(|start| word.starts_with(start))
}

/// Whether a word is one letter that is no word of English.
fn is_letter(word: &str, pressed: bool) -> bool {
    let mut letters = word.chars();
    match (letters.next(), letters.next()) {
        (Some(letter), None) if letter.is_ascii_alphabetic() => pressed || !['a', 'A', 'I'].contains(&letter),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_placeholder_becomes_what_stands_for_the_key() {
        for (text, keys, words) in [
            ("Scan ({{key:run}}).", "Scan (<run>).", "Scan (scan)."),
            ("{{key:edit}}{{key:apply}}", "<edit><apply>", "editapply"),
            ("no {{ end", "no {{ end", "no {{ end"),
            ("{ \"Effect\": {} }}", "{ \"Effect\": {} }}", "{ \"Effect\": {} }}"),
        ] {
            assert_eq!(name_keys(text, &|name| format!("<{name}>")), keys);
            assert_eq!(in_words(text), words);
        }
    }

    #[test]
    fn a_bare_key_is_found_and_prose_is_not() {
        for (text, key) in [
            ("then scan (s)", Some("s")),
            ("In the console (;), create", Some(";")),
            ("Become kim (2).", Some("2")),
            ("c moves the clock", Some("c")),
            ("press s.", Some("s")),
            ("Press a now", Some("a")),
            ("Press Enter.", Some("Enter")),
            ("^S applies", Some("^S")),
            ("(^T inserts)", Some("^T")),
            ("Esc leaves it", Some("Esc")),
            ("F8 goes on", Some("F8")),
            ("Shift-Right", Some("Shift-Right")),
            ("K on the grant", Some("K")),
            ("Delete the statement(s) and enter a name. I may, a table, A key, tess's.", None),
            ("--key-schema AttributeName=CustomerID,KeyType=HASH '{\"CustomerID\": {\"S\": \"1\"}}'", None),
            ("{ \"Effect\": \"Allow\", \"Action\": \"______\", \"Resource\": \"..\" }", None),
            ("Make it ({{key:run}}), i.e. a scan", None),
            ("B5 and F99", None),
        ] {
            assert_eq!(bare_key(text).as_deref(), key, "{text}");
        }
    }
}
