//! The one gate between foreign text and the screen.
//!
//! Policies, items, names and stories come from files and from other people. A terminal obeys control characters and
//! reorders text around direction marks, so every foreign string passes [`clean`] before it becomes a span. Nothing
//! else in this layer decides what is harmless. It does not shorten or wrap; [`super::text`] does.

use std::borrow::Cow;

use unicode_width::UnicodeWidthChar;

/// How many zero-width marks one base character may carry; the rest would pile up over neighbouring rows.
const MARKS_PER_CHARACTER: usize = 2;

/// Returns `text` with everything a terminal would obey, hide or reorder replaced by something visible.
///
/// Control characters become their pictures (`␛`), a tab two spaces, direction marks and other invisible format
/// characters their code point (`<U+202E>`). Variation selectors vanish, since they only change how wide a terminal
/// thinks the character before them is. The result holds no line break: split lines first where they matter.
pub fn clean(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|b| (0x20..0x7f).contains(&b)) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 8);
    let mut marks = 0;
    for c in text.chars() {
        match c {
            '\t' => out.push_str("  "),
            '\0'..='\x1f' => out.push(char::from_u32(0x2400 + u32::from(c)).unwrap_or('?')),
            '\x7f' => out.push('\u{2421}'),
            '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}' => {}
            _ if is_hidden(c) => {
                use std::fmt::Write as _;
                // Writing to a String cannot fail.
                let _ = write!(out, "<U+{:04X}>", u32::from(c));
                marks = 0;
            }
            _ if c.width() == Some(0) => {
                marks += 1;
                if marks <= MARKS_PER_CHARACTER {
                    out.push(c);
                }
            }
            _ => {
                marks = 0;
                out.push(c);
            }
        }
    }
    Cow::Owned(out)
}

/// Whether a character has no shape of its own yet changes how the text around it is read or drawn.
///
/// Source: Unicode Standard Annex #9 (direction marks) and Unicode Technical Report #36, section 3 (invisible characters).
fn is_hidden(c: char) -> bool {
    matches!(c,
        '\u{80}'..='\u{9f}'
        | '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
        | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{3164}' | '\u{feff}' | '\u{ffa0}'
        | '\u{fff0}'..='\u{fffb}'
        | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{e00ff}' | '\u{e01f0}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_a_terminal_would_obey_becomes_visible() {
        let cases = [
            ("plain text", "plain text"),
            ("\x1b[31mred\x1b]0;title\x07", "␛[31mred␛]0;title␇"),
            ("two\nlines\r", "two␊lines␍"),
            ("a\tb", "a  b"),
            ("\u{9b}31m", "<U+009B>31m"),
            ("abc\u{202e}fed", "abc<U+202E>fed"),
            ("zero\u{200b}width", "zero<U+200B>width"),
            ("e\u{301}", "e\u{301}"),
            ("Z\u{300}\u{301}\u{302}\u{303}\u{304}", "Z\u{300}\u{301}"),
            ("heart \u{2764}\u{fe0f}", "heart \u{2764}"),
            ("漢字", "漢字"),
        ];
        for (raw, shown) in cases {
            assert_eq!(clean(raw), shown, "{raw:?}");
        }
    }

    proptest! {
        #[test]
        fn nothing_dangerous_survives(raw in any::<String>()) {
            let shown = clean(&raw);
            prop_assert!(!shown.chars().any(|c| c.is_control() || is_hidden(c)));
        }

        #[test]
        fn cleaning_twice_changes_nothing(raw in any::<String>()) {
            let once = clean(&raw).into_owned();
            prop_assert_eq!(clean(&once), once.as_str());
        }
    }
}
