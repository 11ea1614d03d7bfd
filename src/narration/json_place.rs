//! Where in a JSON text a place is: on the way to what, at a name or at a value.

use crate::policy::json::{TokenKind, lex};

/// A place in a JSON text that may be half typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct JsonPlace {
    /// The names of the members that lead there; arrays add none.
    pub path: Vec<String>,
    /// Whether the name of a member belongs there; else a value.
    pub is_name: bool,
    /// The names that the object there already has.
    pub taken: Vec<String>,
    /// What is typed of the word so far.
    pub typed: String,
    /// Whether the word stands in quotes.
    pub quoted: bool,
}

/// What is open at a point of the text.
enum Open {
    /// An object: the names so far, and whether a value is awaited for the last of them.
    Object(Vec<String>, bool),
    Array,
}

/// Returns the place between two halves of a text.
pub fn json_place(before: &str, after: &str) -> JsonPlace {
    let mut open: Vec<Open> = Vec::new();
    let is_word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '*' | '.');
    let typed = before.rsplit(|c| !is_word(c)).next().unwrap_or_default();
    let mut place = JsonPlace { typed: typed.to_owned(), ..JsonPlace::default() };
    for token in lex(before) {
        let text = token.span.of(before);
        match text {
            "{" => open.push(Open::Object(Vec::new(), false)),
            "[" => open.push(Open::Array),
            "}" | "]" => drop(open.pop()),
            ":" | "," => {
                if let Some(Open::Object(_, value)) = open.last_mut() {
                    *value = text == ":";
                }
            }
            _ if !text.starts_with('"') => {}
            _ => {
                let closed = token.kind != TokenKind::Error;
                if !closed && token.span.end == before.len() {
                    place.typed = content(text, closed);
                    place.quoted = true;
                    break;
                }
                match open.last_mut() {
                    Some(Open::Object(names, false)) => names.push(content(text, closed)),
                    // No string goes over the end of its line: the comma that should be behind it is in it.
                    Some(Open::Object(_, value)) if !closed => *value = false,
                    Some(Open::Object(..) | Open::Array) | None => {}
                }
            }
        }
    }
    place.is_name = matches!(open.last(), Some(Open::Object(_, false)));
    let inner = open.len().saturating_sub(1);
    for (depth, frame) in open.iter().enumerate() {
        if let Open::Object(names, _) = frame
            && !(place.is_name && depth == inner)
        {
            place.path.extend(names.last().cloned());
        }
    }
    if let (true, Some(Open::Object(names, _))) = (place.is_name, open.pop()) {
        place.taken = names;
        place.taken.extend(names_after(after, place.quoted));
    }
    place
}

/// Returns what stands in a string, each escape as the character behind its backslash.
fn content(string: &str, closed: bool) -> String {
    // INVARIANT: the token begins with a quotation mark, and ends with one if it is closed.
    let mut chars = string[1..string.len() - usize::from(closed)].chars();
    let mut text = String::new();
    while let Some(c) = chars.next() {
        if c == '\\' { text.extend(chars.next()) } else { text.push(c) }
    }
    text
}

/// Returns the names that follow in the same object. In a string they begin behind the rest of it.
fn names_after(after: &str, quoted: bool) -> Vec<String> {
    let text = if quoted { format!("\"{after}") } else { after.to_owned() };
    let mut names = Vec::new();
    let mut depth = 0_usize;
    for token in lex(&text).skip(usize::from(quoted)) {
        match token.span.of(&text) {
            "{" | "[" => depth += 1,
            "}" | "]" if depth == 0 => break,
            "}" | "]" => depth -= 1,
            name if token.kind == TokenKind::Key && depth == 0 => names.push(content(name, true)),
            _ => {}
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The place of the caret `|`.
    fn at(text: &str) -> JsonPlace {
        let (before, after) = text.split_once('|').expect("a caret");
        json_place(before, after)
    }

    #[test]
    fn places_are_found_in_half_typed_text() {
        let cases = [
            ("{|", vec![], true, ""),
            ("{ \"Ver|\": \"2012\" }", vec![], true, "Ver"),
            ("{\"Version\": \"|", vec!["Version"], false, ""),
            ("{\"Statement\": [{\"Sid\": \"a\", Eff|", vec!["Statement"], true, "Eff"),
            ("{\"Statement\": [{}, {\"Effect\": \"Al|\"}]}", vec!["Statement", "Effect"], false, "Al"),
            (
                "{\"Statement\": {\"Action\": [\"kms:Decrypt\", \"kms:|",
                vec!["Statement", "Action"],
                false,
                "kms:",
            ),
            ("{\"Statement\": [{\"Condition\": {\"", vec!["Statement", "Condition"], true, ""),
            (
                "{\"Statement\": [{\"Condition\": {\"StringEquals\": {\"aws:|\"}}}]}",
                vec!["Statement", "Condition", "StringEquals"],
                true,
                "aws:",
            ),
            ("|", vec![], false, ""),
            // A string that somebody forgot to close ends with its line.
            ("{\"Sid\": \"x,\n \"Effect\": \"|", vec!["Effect"], false, ""),
        ];
        for (text, path, is_name, typed) in cases {
            let text = if text.contains('|') { text.to_owned() } else { format!("{text}|") };
            let place = at(&text);
            assert_eq!(
                (place.path, place.is_name, place.typed.as_str()),
                (path.into_iter().map(str::to_owned).collect::<Vec<_>>(), is_name, typed),
                "{text}"
            );
        }
    }

    #[test]
    fn names_before_and_after_are_taken() {
        let place = at(
            "{\"Statement\": [{\"Sid\": \"\", \"|\", \"Action\": {\"x\": 1}, \"Resource\": \"*\"}], \"Id\": 1}",
        );
        assert_eq!(place.taken, ["Sid", "Action", "Resource"]);
        assert!(place.quoted);
        assert_eq!(at("{\"Version\": 1, |\n \"Statement\": []}").taken, ["Version", "Statement"]);
    }
}
