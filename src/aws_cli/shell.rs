//! The small part of a shell that command sequences in documentation use: words, quotes, line continuation, comments,
//! `NAME=value`, `$NAME`, `$(command)`, `;`, `&&` and `||`. Pipes and redirections are refused by name.

/// One piece of a word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// Text as it is.
    Text(String),
    /// The value of a variable.
    Variable {
        name: String,
        /// True in double quotes, where the value is not split.
        quoted: bool,
    },
    /// The output of a command.
    Output {
        command: String,
        /// True in double quotes, where the output is not split.
        quoted: bool,
    },
}

/// A word before it is expanded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Word {
    /// The pieces of the word, in order.
    pub parts: Vec<Part>,
    /// Whether any of it was quoted: then it is a word even if it is empty.
    pub quoted: bool,
    /// How many bytes at its beginning are plain text: only there can the name of an assignment stand.
    plain: usize,
}

impl Word {
    fn is_empty(&self) -> bool {
        self.parts.is_empty() && !self.quoted
    }

    fn push(&mut self, c: char) {
        if let Some(Part::Text(text)) = self.parts.last_mut() {
            text.push(c);
        } else {
            self.parts.push(Part::Text(c.to_string()));
        }
    }
}

/// One command: what it sets, and its words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Command {
    /// `NAME=value` before the words.
    pub assignments: Vec<(String, Word)>,
    pub words: Vec<Word>,
    pub when: When,
}

/// When a command runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum When {
    #[default]
    Always,
    /// If what ran before succeeded (`&&`).
    AfterSuccess,
    /// If what ran before failed (`||`).
    AfterFailure,
}

impl When {
    /// Whether a command runs after one that ended with `code`.
    pub fn holds(self, code: u8) -> bool {
        match self {
            Self::Always => true,
            Self::AfterSuccess => code == 0,
            Self::AfterFailure => code != 0,
        }
    }
}

/// Why a text is no command.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SyntaxError {
    /// More has to be typed: a quote, a `$(` or a line is not closed.
    #[error("the command is not complete: {0}")]
    Incomplete(&'static str),
    /// Something that this console does not do.
    #[error("{0}")]
    Unsupported(String),
}

/// Reads a text as commands. Blank lines and comments give none.
pub fn parse(text: &str) -> Result<Vec<Command>, SyntaxError> {
    Parser { chars: text.chars().collect(), at: 0 }.commands()
}

struct Parser {
    chars: Vec<char>,
    at: usize,
}

impl Parser {
    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    fn next(&mut self) -> Option<char> {
        let c = self.peek();
        self.at += 1;
        c
    }

    fn eat(&mut self, wanted: char) -> bool {
        let found = self.peek() == Some(wanted);
        self.at += usize::from(found);
        found
    }

    fn commands(mut self) -> Result<Vec<Command>, SyntaxError> {
        let mut commands = Vec::new();
        let mut current = Command::default();
        let mut word = Word::default();
        while let Some(c) = self.next() {
            match c {
                ' ' | '\t' | '\r' => end_word(&mut word, &mut current),
                '\n' | ';' => {
                    end_word(&mut word, &mut current);
                    end_command(&mut current, &mut commands, When::Always);
                }
                '&' if self.eat('&') => {
                    end_word(&mut word, &mut current);
                    end_command(&mut current, &mut commands, When::AfterSuccess);
                    self.must_follow()?;
                }
                '|' if self.eat('|') => {
                    end_word(&mut word, &mut current);
                    end_command(&mut current, &mut commands, When::AfterFailure);
                    self.must_follow()?;
                }
                '#' if word.is_empty() => {
                    while self.peek().is_some_and(|c| c != '\n') {
                        self.at += 1;
                    }
                }
                '|' | '&' | '<' | '>' | '`' => return Err(unsupported(c)),
                '\\' => match self.next() {
                    Some('\n') => self.must_go_on()?,
                    Some('\r') if self.eat('\n') => self.must_go_on()?,
                    Some(c) => {
                        word.quoted = true;
                        word.push(c);
                    }
                    None => return Err(SyntaxError::Incomplete("its last line ends in a backslash")),
                },
                '\'' => {
                    word.quoted = true;
                    loop {
                        match self.next() {
                            Some('\'') => break,
                            Some(c) => word.push(c),
                            None => return Err(SyntaxError::Incomplete("a single quote is not closed")),
                        }
                    }
                }
                '"' => {
                    word.quoted = true;
                    self.double_quoted(&mut word)?;
                }
                '$' => self.dollar(&mut word, false)?,
                c => {
                    let is_plain =
                        !word.quoted && word.parts.iter().all(|part| matches!(part, Part::Text(_)));
                    word.plain += if is_plain { c.len_utf8() } else { 0 };
                    word.push(c);
                }
            }
        }
        end_word(&mut word, &mut current);
        end_command(&mut current, &mut commands, When::Always);
        crate::limits::steps::add(self.chars.len());
        Ok(commands)
    }

    /// A command must follow, if need be on the next line.
    fn must_follow(&mut self) -> Result<(), SyntaxError> {
        while self.peek().is_some_and(char::is_whitespace) {
            self.at += 1;
        }
        self.peek().map(drop).ok_or(SyntaxError::Incomplete("no command follows its last && or ||"))
    }

    /// A line that is continued needs another one.
    fn must_go_on(&self) -> Result<(), SyntaxError> {
        self.peek().map(drop).ok_or(SyntaxError::Incomplete("its last line ends in a backslash"))
    }

    fn double_quoted(&mut self, word: &mut Word) -> Result<(), SyntaxError> {
        loop {
            match self.next() {
                Some('"') => return Ok(()),
                Some('\\') => match self.next() {
                    Some('\n') => {}
                    Some(c @ ('"' | '\\' | '$' | '`')) => word.push(c),
                    Some(c) => {
                        word.push('\\');
                        word.push(c);
                    }
                    None => return Err(SyntaxError::Incomplete("a double quote is not closed")),
                },
                Some('$') => self.dollar(word, true)?,
                Some(c) => word.push(c),
                None => return Err(SyntaxError::Incomplete("a double quote is not closed")),
            }
        }
    }

    /// What stands behind a `$`.
    fn dollar(&mut self, word: &mut Word, quoted: bool) -> Result<(), SyntaxError> {
        match self.peek() {
            Some('(') => {
                self.at += 1;
                let command = self.until_closed()?;
                word.parts.push(Part::Output { command, quoted });
            }
            Some('{') => {
                self.at += 1;
                let name = self.name();
                if name.is_empty() || !self.eat('}') {
                    return Err(SyntaxError::Unsupported("only ${NAME} is known of ${..}".to_owned()));
                }
                word.parts.push(Part::Variable { name, quoted });
            }
            Some(c) if c.is_ascii_alphabetic() || c == '_' => {
                let name = self.name();
                word.parts.push(Part::Variable { name, quoted });
            }
            Some('?') => {
                self.at += 1;
                word.parts.push(Part::Variable { name: "?".to_owned(), quoted });
            }
            _ => word.push('$'),
        }
        Ok(())
    }

    fn name(&mut self) -> String {
        let mut name = String::new();
        while let Some(c) = self.peek().filter(|c| c.is_ascii_alphanumeric() || *c == '_') {
            name.push(c);
            self.at += 1;
        }
        name
    }

    /// The text up to the parenthesis that closes `$(`.
    fn until_closed(&mut self) -> Result<String, SyntaxError> {
        let mut text = String::new();
        let (mut depth, mut quote) = (1, None);
        while let Some(c) = self.next() {
            match (quote, c) {
                (Some(open), c) if c == open => quote = None,
                (Some('\''), _) => {}
                (_, '\\') => {
                    text.push(c);
                    text.extend(self.next());
                    continue;
                }
                (None, '\'' | '"') => quote = Some(c),
                (None, '(') => depth += 1,
                (None, ')') => {
                    depth -= 1;
                    if depth == 0 {
                        return Ok(text);
                    }
                }
                _ => {}
            }
            text.push(c);
        }
        Err(SyntaxError::Incomplete("a $( is not closed"))
    }
}

fn end_word(word: &mut Word, command: &mut Command) {
    if word.is_empty() {
        return;
    }
    let word = std::mem::take(word);
    // Documentation shows commands behind the prompt of a shell.
    if command.words.is_empty()
        && command.assignments.is_empty()
        && !word.quoted
        && word.parts == [Part::Text("$".to_owned())]
    {
        return;
    }
    if command.words.is_empty()
        && let Some((name, value)) = assignment(&word)
    {
        command.assignments.push((name, value));
    } else {
        command.words.push(word);
    }
}

fn end_command(command: &mut Command, commands: &mut Vec<Command>, next: When) {
    let ended = std::mem::replace(command, Command { when: next, ..Command::default() });
    if !ended.words.is_empty() || !ended.assignments.is_empty() {
        commands.push(ended);
    }
}

/// `NAME=value`, if the word is one.
fn assignment(word: &Word) -> Option<(String, Word)> {
    let Some(Part::Text(first)) = word.parts.first() else { return None };
    let (name, rest) = first.split_once('=').filter(|(name, _)| name.len() < word.plain)?;
    if !is_name(name) {
        return None;
    }
    // What is assigned is never split.
    let whole = |part: &Part| match part.clone() {
        Part::Variable { name, .. } => Part::Variable { name, quoted: true },
        Part::Output { command, .. } => Part::Output { command, quoted: true },
        text @ Part::Text(_) => text,
    };
    let mut value = Word { parts: word.parts.iter().map(whole).collect(), quoted: true, plain: 0 };
    // INVARIANT: the first part is the text that was split.
    value.parts[0] = Part::Text(rest.to_owned());
    Some((name.to_owned(), value))
}

/// Whether a variable can be called so.
pub fn is_name(name: &str) -> bool {
    let starts = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    starts && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

fn unsupported(c: char) -> SyntaxError {
    let what = match c {
        '|' => "pipes (`|`) are not part of this console; --query picks from an output",
        '<' | '>' => "redirections (`<`, `>`) are not part of this console; NAME=$(..) keeps an output",
        '`' => "backquotes are not part of this console; write $(..)",
        _ => "`&` is not part of this console; everything runs in the foreground",
    };
    SyntaxError::Unsupported(what.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The words of a text without variables.
    fn words(text: &str) -> Vec<String> {
        let commands = parse(text).unwrap_or_else(|e| panic!("{text}: {e}"));
        let word = |word: &Word| {
            let parts = word.parts.iter().map(|part| match part {
                Part::Text(text) => text.clone(),
                Part::Variable { name, .. } => format!("<{name}>"),
                Part::Output { command, .. } => format!("<({command})>"),
            });
            parts.collect::<String>()
        };
        commands.iter().flat_map(|command| &command.words).map(word).collect()
    }

    #[test]
    fn words_and_quotes() {
        for (text, expected) in [
            ("aws kms list-keys", vec!["aws", "kms", "list-keys"]),
            ("a 'b c' \"d e\" f\\ g", vec!["a", "b c", "d e", "f g"]),
            ("a ''\"\" b", vec!["a", "", "b"]),
            ("a \\\n  b", vec!["a", "b"]),
            ("a \\\r\n  b", vec!["a", "b"]),
            ("a # comment 'open\nb", vec!["a", "b"]),
            ("a#b", vec!["a#b"]),
            ("a '\n' \"\\\"\\$x\"", vec!["a", "\n", "\"$x"]),
            ("--policy '{\"a\": \"b\"}'", vec!["--policy", "{\"a\": \"b\"}"]),
            ("$K \"${K}x\" '$K' $", vec!["<K>", "<K>x", "$K", "$"]),
            ("a $(b 'c)' $(d)) e", vec!["a", "<(b 'c)' $(d))>", "e"]),
            ("a;b && c || d", vec!["a", "b", "c", "d"]),
            ("a &&\n  b", vec!["a", "b"]),
            ("$ a $", vec!["a", "$"]),
            ("", vec![]),
            ("# only words", vec![]),
        ] {
            assert_eq!(words(text), expected, "{text}");
        }
    }

    #[test]
    fn assignments_stand_before_the_words() {
        let commands = parse("KEY=$(aws kms create-key) B=2 aws x A=1").expect("it is fine");
        let names: Vec<_> = commands[0].assignments.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["KEY", "B"]);
        assert_eq!(commands[0].words.len(), 3);
        assert!(parse("a=b=c").expect("it is fine")[0].words.is_empty());
    }

    #[test]
    fn what_is_not_closed_is_incomplete_and_what_is_not_known_is_refused() {
        for text in ["'a", "\"a", "a \\", "a \\\n", "$(a", "\"$(a\"", "$('a)", "a &&", "a || \n"] {
            assert!(matches!(parse(text), Err(SyntaxError::Incomplete(_))), "{text}");
        }
        for text in ["a | b", "a > f", "a < f", "a `b`", "a &", "${a:-b}"] {
            assert!(matches!(parse(text), Err(SyntaxError::Unsupported(_))), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "[ -~\n]{0,60}") {
            let _either = parse(&text);
        }

        #[test]
        fn single_quotes_keep_everything(text in "[^']{0,40}") {
            prop_assert_eq!(words(&format!("'{text}'")), vec![text]);
        }
    }
}
