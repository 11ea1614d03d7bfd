//! Whether what was typed so far is a whole command, asked again with every line.
//!
//! Reading a command from its beginning for each line that is added to it would take the square of its length.

/// Where the text that was added so far ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Place {
    /// Among words, outside of everything below.
    #[default]
    Words,
    Comment,
    /// Behind a backslash that takes the next character as it is.
    Backslash,
    /// Behind a backslash and the first half of a line end.
    BackslashReturn,
    /// Behind a line that is continued.
    Continued,
    /// In single quotes, where nothing else counts.
    Single,
    /// In double quotes, where `$` and backslashes count.
    Double,
    /// In double quotes, behind a backslash.
    DoubleBackslash,
    /// Behind a `$`, of which the next character says what it is.
    Dollar {
        quoted: bool,
    },
    /// Behind `${`, in a name.
    Braced {
        quoted: bool,
        /// Whether the name has a letter already.
        named: bool,
    },
    /// Inside of `$(`, up to its end.
    Inside {
        quoted: bool,
        depth: usize,
        /// The quote that is open inside.
        quote: Option<char>,
        /// Whether a backslash stands right before.
        escaped: bool,
    },
    /// Behind one `&` or `|`.
    Operator(char),
    /// Behind `&&` or `||`, where a command must follow.
    MustFollow,
    /// Behind something that this console does not do: more text changes nothing.
    Refused,
}

/// A command that is typed line by line.
#[derive(Clone, Copy, Debug, Default)]
pub struct Typing {
    place: Place,
    /// Whether a word has begun, so that a `#` is a part of it.
    in_word: bool,
}

impl Typing {
    /// Adds what was typed next, its line end included.
    pub fn add(&mut self, text: &str) {
        for c in text.chars() {
            while !self.take(c) {}
        }
        crate::limits::steps::add(text.len());
    }

    /// Returns whether the text that was added is whole, or wrong in a way that more text does not mend.
    pub fn is_whole(&self) -> bool {
        self.open().is_none()
    }

    /// Names what is still open in the text that was added; nothing if it is whole.
    pub fn open(&self) -> Option<&'static str> {
        match self.place {
            Place::Single | Place::Double | Place::DoubleBackslash | Place::Dollar { quoted: true } => {
                Some("the quote is still open")
            }
            Place::Inside { .. } => Some("the bracket of `$(` is still open"),
            Place::Backslash | Place::Continued => Some("the line goes on behind its backslash"),
            Place::MustFollow => Some("a command must follow"),
            Place::Words
            | Place::Comment
            | Place::BackslashReturn
            | Place::Dollar { quoted: false }
            | Place::Braced { .. }
            | Place::Operator(_)
            | Place::Refused => None,
        }
    }

    /// Goes on by a character; false if it must be looked at again from the place that was reached.
    fn take(&mut self, c: char) -> bool {
        let back = |quoted| if quoted { Place::Double } else { Place::Words };
        let (place, taken) = match self.place {
            Place::Words => (self.among_words(c), true),
            Place::Comment if c == '\n' => (Place::Words, false),
            Place::Comment => (Place::Comment, true),
            Place::Backslash | Place::BackslashReturn if c == '\n' => (Place::Continued, true),
            Place::Backslash if c == '\r' => (Place::BackslashReturn, true),
            Place::Backslash => (self.word(), true),
            Place::BackslashReturn => (self.word(), false),
            Place::MustFollow if c.is_whitespace() => (Place::MustFollow, true),
            Place::Continued | Place::MustFollow => (Place::Words, false),
            Place::Single => (if c == '\'' { Place::Words } else { Place::Single }, true),
            Place::Double => match c {
                '"' => (Place::Words, true),
                '\\' => (Place::DoubleBackslash, true),
                '$' => (Place::Dollar { quoted: true }, true),
                _ => (Place::Double, true),
            },
            Place::DoubleBackslash => (Place::Double, true),
            Place::Dollar { quoted } => match c {
                '(' => (Place::Inside { quoted, depth: 1, quote: None, escaped: false }, true),
                '{' => (Place::Braced { quoted, named: false }, true),
                _ => {
                    self.in_word = true;
                    (back(quoted), c.is_ascii_alphabetic() || c == '_' || c == '?')
                }
            },
            Place::Braced { quoted, .. } if c.is_ascii_alphanumeric() || c == '_' => {
                (Place::Braced { quoted, named: true }, true)
            }
            Place::Braced { quoted, named: true } if c == '}' => {
                self.in_word = true;
                (back(quoted), true)
            }
            Place::Inside { quoted, depth, quote, escaped } => {
                let inside = |depth, quote, escaped| Place::Inside { quoted, depth, quote, escaped };
                let place = match (quote, c) {
                    _ if escaped => inside(depth, quote, false),
                    (Some(open), c) if c == open => inside(depth, None, false),
                    (Some('\''), _) => inside(depth, quote, false),
                    (_, '\\') => inside(depth, quote, true),
                    (None, '\'' | '"') => inside(depth, Some(c), false),
                    (None, '(') => inside(depth + 1, None, false),
                    (None, ')') if depth == 1 => {
                        self.in_word = true;
                        back(quoted)
                    }
                    (None, ')') => inside(depth - 1, None, false),
                    (None | Some(_), _) => inside(depth, quote, false),
                };
                (place, true)
            }
            Place::Operator(first) if c == first => {
                self.in_word = false;
                (Place::MustFollow, true)
            }
            Place::Braced { .. } | Place::Operator(_) | Place::Refused => (Place::Refused, true),
        };
        self.place = place;
        taken
    }

    fn among_words(&mut self, c: char) -> Place {
        match c {
            ' ' | '\t' | '\r' | '\n' | ';' => {
                self.in_word = false;
                Place::Words
            }
            '&' | '|' => Place::Operator(c),
            '#' if !self.in_word => Place::Comment,
            '<' | '>' | '`' => Place::Refused,
            '\\' => Place::Backslash,
            '\'' => {
                self.in_word = true;
                Place::Single
            }
            '"' => {
                self.in_word = true;
                Place::Double
            }
            '$' => Place::Dollar { quoted: false },
            _ => self.word(),
        }
    }

    fn word(&mut self) -> Place {
        self.in_word = true;
        Place::Words
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws_cli::shell::{SyntaxError, parse};
    use crate::limits::steps::counted;
    use proptest::prelude::*;

    fn agrees(pieces: &[String]) {
        let mut typing = Typing::default();
        let mut text = String::new();
        for piece in pieces {
            typing.add(piece);
            text.push_str(piece);
            let whole = !matches!(parse(&text), Err(SyntaxError::Incomplete(_)));
            assert_eq!(typing.is_whole(), whole, "{text:?}");
        }
    }

    #[test]
    fn it_answers_as_reading_from_the_beginning_does() {
        for text in [
            "echo 'a\nb' \"c\nd\" \\\n e",
            "a && \n # x\n b || c",
            "a & b",
            "x=$(a \"$(b '\\')\" \\) ) # '",
            "\"$(a ')' \"\n",
            "${a} ${",
            "\"${a} ${}",
            "a\\\r\nb\\\rc",
            "# 'open\necho a#'b",
            "$'a' $\"b",
            "$(a (b) c) <",
            "`'",
            "a |",
            "a \\",
        ] {
            agrees(&text.chars().map(String::from).collect::<Vec<_>>());
        }
    }

    #[test]
    fn a_command_of_many_lines_is_looked_at_once() {
        let ((), steps) = counted(|| {
            let mut typing = Typing::default();
            typing.add("echo '");
            for _ in 0..10_000 {
                typing.add("' '\n");
                assert!(!typing.is_whole());
            }
        });
        assert!(steps < 50_000, "{steps}");
    }

    proptest! {
        #[test]
        fn it_agrees_about_any_text(pieces in prop::collection::vec("[ab '\"\\\\$(){}#&|;<\n\r\t?_1`]{0,4}", 0..12)) {
            agrees(&pieces);
        }
    }
}
