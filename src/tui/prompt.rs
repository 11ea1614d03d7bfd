//! The console's input: one text with a cursor, the lines typed before, a search among them, a list of completions.
//!
//! Knows keys' effects, not keys: the key map says which is which.

use unicode_segmentation::UnicodeSegmentation;

use super::text_field::TextField;
use crate::aws_cli::{Candidate, Completion};
use crate::limits::screen::CONSOLE_TEXT;

/// What is being typed.
#[derive(Clone, Debug)]
pub struct Prompt {
    field: TextField,
    /// What was last cut, to put back.
    cut: String,
    /// How far up the lines typed before this is, and what was being typed before going there.
    recalled: Option<(usize, String)>,
    search: Option<Search>,
    choices: Option<Choices>,
}

/// A search among the lines typed before.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Search {
    /// What is looked for.
    pub wanted: String,
    /// How many matches were skipped.
    skipped: usize,
    /// What was being typed before.
    before: String,
    pub found: bool,
}

/// Completions to choose from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choices {
    /// Where the word starts.
    start: usize,
    /// The word as typed.
    typed: String,
    /// The words that the typed one could become.
    pub candidates: Vec<Candidate>,
    /// The one that stands in its place now.
    pub selected: Option<usize>,
}

impl Default for Prompt {
    fn default() -> Self {
        Self {
            field: TextField::new(CONSOLE_TEXT.size()),
            cut: String::new(),
            recalled: None,
            search: None,
            choices: None,
        }
    }
}

impl Prompt {
    /// Names what is still open in the text, so that Enter goes on in the next row; nothing if it is whole.
    pub fn open(&self) -> Option<&'static str> {
        if self.text().trim().is_empty() {
            return None;
        }
        let mut typing = crate::aws_cli::Typing::default();
        typing.add(self.text());
        typing.open()
    }

    /// Returns the text that was typed.
    pub fn text(&self) -> &str {
        self.field.text()
    }

    /// Where the cursor is, in bytes.
    pub fn cursor(&self) -> usize {
        self.field.cursor()
    }

    /// The search, while there is one.
    pub fn search(&self) -> Option<&Search> {
        self.search.as_ref()
    }

    /// The completions, while they are shown.
    pub fn choices(&self) -> Option<&Choices> {
        self.choices.as_ref()
    }

    /// Replaces the text; the cursor goes to its end.
    pub fn set(&mut self, text: &str) {
        self.field.set(text);
        self.choices = None;
    }

    /// Takes the text away, and whatever was going on with it.
    pub fn take(&mut self) -> String {
        let text = self.field.take();
        *self = Self { cut: std::mem::take(&mut self.cut), ..Self::default() };
        text
    }

    /// Types text at the cursor, or into the search. Answers whether there was room.
    pub fn insert(&mut self, typed: &str, lines: &[String]) -> bool {
        if let Some(search) = &mut self.search {
            if CONSOLE_TEXT.check(search.wanted.len() + typed.len()).is_err() {
                return false;
            }
            search.wanted.extend(typed.chars().filter(|c| !c.is_control()));
            search.skipped = 0;
            self.look(lines);
            return true;
        }
        let fits = self.field.insert(typed);
        if fits {
            self.choices = None;
        }
        fits
    }

    /// Takes the character before the cursor away, or the last one of what is looked for.
    pub fn backspace(&mut self, lines: &[String]) {
        if let Some(search) = &mut self.search {
            search.wanted.pop();
            search.skipped = 0;
            self.look(lines);
            return;
        }
        self.choices = None;
        self.field.remove(self.field.left_of_cursor()..self.field.cursor());
    }

    /// Takes the character at the cursor away.
    pub fn delete(&mut self) {
        self.choices = None;
        self.field.remove(self.field.cursor()..self.field.right_of_cursor());
    }

    /// One character to the left or right.
    pub fn step(&mut self, right: bool) {
        self.rest();
        self.field.go_to(if right { self.field.right_of_cursor() } else { self.field.left_of_cursor() });
    }

    /// One word to the left or right.
    pub fn step_word(&mut self, right: bool) {
        self.rest();
        self.field.go_to(if right { self.field.word_end() } else { self.field.word_start() });
    }

    /// The cursor to the head or the end of its line.
    pub fn go_to_edge(&mut self, end: bool) {
        self.rest();
        self.field.go_to(if end { self.field.line_end() } else { self.field.line_start() });
    }

    /// Cuts from the cursor to the head of the word or the line, or to the line's end.
    pub fn cut(&mut self, what: Cut) {
        self.rest();
        let (field, cursor) = (&self.field, self.field.cursor());
        let part = match what {
            Cut::Word => field.word_start()..cursor,
            Cut::Before => field.line_start()..cursor,
            // At the end of a line that is followed by another, the line break goes, as in Emacs.
            Cut::After if field.line_end() == cursor => cursor..field.right_of_cursor(),
            Cut::After => cursor..field.line_end(),
        };
        if !part.is_empty() {
            self.cut = self.field.remove(part);
        }
    }

    /// Puts back what was cut last.
    pub fn put_back(&mut self) {
        self.rest();
        let cut = self.cut.clone();
        self.insert(&cut, &[]);
    }

    /// Whatever list or search is open stays as it is in the text.
    fn rest(&mut self) {
        self.search = None;
        self.choices = None;
    }

    /// A line up: within the text, else to the line typed before. `lines` are oldest first.
    pub fn up(&mut self, lines: &[String]) {
        self.rest();
        if self.field.line_start() > 0 {
            self.walk_line(false);
            return;
        }
        let next = self.recalled.as_ref().map_or(0, |(n, _)| n + 1);
        if let Some(line) = lines.len().checked_sub(next + 1).and_then(|i| lines.get(i)) {
            let before = self.recalled.take().map_or_else(|| self.text().to_owned(), |(_, text)| text);
            self.set(line);
            self.recalled = Some((next, before));
        }
    }

    /// A line down: within the text, else to the line typed after.
    pub fn down(&mut self, lines: &[String]) {
        self.rest();
        if self.field.line_end() < self.text().len() {
            self.walk_line(true);
            return;
        }
        match self.recalled.take() {
            Some((0, before)) => self.set(&before),
            Some((n, before)) => {
                if let Some(line) = lines.len().checked_sub(n).and_then(|i| lines.get(i)) {
                    self.set(line);
                }
                self.recalled = Some((n - 1, before));
            }
            None => {}
        }
    }

    /// To the same column of the line above or below.
    fn walk_line(&mut self, down: bool) {
        let (start, text) = (self.field.line_start(), self.field.text());
        let column = text.get(start..self.field.cursor()).unwrap_or_default().graphemes(true).count();
        let (from, to) = if down {
            let from = self.field.line_end() + 1;
            let after = text.get(from..).unwrap_or_default();
            (from, from + after.find('\n').unwrap_or(after.len()))
        } else {
            let end = start.saturating_sub(1);
            (text.get(..end).and_then(|t| t.rfind('\n')).map_or(0, |at| at + 1), end)
        };
        let line = text.get(from..to).unwrap_or_default();
        self.field.go_to(from + line.graphemes(true).take(column).map(str::len).sum::<usize>());
    }

    /// Starts looking among the lines typed before, or goes to the next older match.
    pub fn find(&mut self, lines: &[String]) {
        self.choices = None;
        match &mut self.search {
            Some(search) => search.skipped += usize::from(search.found),
            None => {
                self.search =
                    Some(Search { before: self.field.text().to_owned(), found: true, ..Search::default() });
            }
        }
        self.look(lines);
    }

    fn look(&mut self, lines: &[String]) {
        let Some(search) = &mut self.search else { return };
        if search.wanted.is_empty() {
            search.found = true;
            return;
        }
        let wanted = search.wanted.to_lowercase();
        let fits = lines.iter().rev().filter(|line| line.to_lowercase().contains(&wanted));
        let found = fits.clone().nth(search.skipped);
        search.found = found.is_some();
        if let Some(line) = found {
            self.field.set(line);
        } else {
            search.skipped = search.skipped.min(fits.count().saturating_sub(1));
        }
    }

    /// Ends a search or a list: the text stays as found. Answers whether there was one.
    pub fn settle(&mut self) -> bool {
        let had = self.search.is_some() || self.choices.is_some();
        self.rest();
        had
    }

    /// Ends a search or a list: the text is as it was before. Answers whether there was one.
    pub fn cancel(&mut self) -> bool {
        if let Some(search) = self.search.take() {
            self.set(&search.before);
            return true;
        }
        if let Some(choices) = self.choices.take() {
            if choices.selected.is_some() {
                self.put(choices.start, &choices.typed);
            }
            return true;
        }
        false
    }

    /// Completes the word before the cursor: as far as all candidates agree, then by a list to walk.
    /// Answers whether there was anything.
    pub fn complete(&mut self, found: Completion, back: bool) -> bool {
        self.search = None;
        if self.choices.is_some() {
            self.walk_choices(back);
            return true;
        }
        let Completion { start, candidates } = found;
        match candidates.as_slice() {
            [] => false,
            [only] => {
                let end = if only.text.ends_with('=') { "" } else { " " };
                self.put(start, &format!("{}{end}", only.text));
                true
            }
            many => {
                let typed = self.field.before().get(start..).unwrap_or_default().to_owned();
                let common = common_start(many);
                let typed = if common.len() > typed.len() {
                    self.put(start, &common);
                    common
                } else {
                    typed
                };
                self.choices = Some(Choices { start, typed, candidates, selected: None });
                true
            }
        }
    }

    fn walk_choices(&mut self, back: bool) {
        let Some(mut choices) = self.choices.take() else { return };
        let count = choices.candidates.len().max(1);
        let next = match (choices.selected, back) {
            (None, false) => 0,
            (None, true) => count - 1,
            (Some(n), false) => (n + 1) % count,
            (Some(n), true) => (n + count - 1) % count,
        };
        choices.selected = Some(next);
        if let Some(candidate) = choices.candidates.get(next) {
            let text = candidate.text.clone();
            self.put(choices.start, &text);
        }
        self.choices = Some(choices);
    }

    /// Takes the candidate of that number.
    pub fn choose(&mut self, nth: usize) {
        if let Some(choices) = self.choices.take()
            && let Some(candidate) = choices.candidates.get(nth)
        {
            self.put(choices.start, &format!("{} ", candidate.text));
        }
    }

    /// Puts a word in the place of what stands between `start` and the cursor.
    fn put(&mut self, start: usize, word: &str) {
        if self.field.before().get(start..).is_some() {
            self.field.remove(start..self.field.cursor());
            self.field.insert(word);
        }
    }
}

/// What ctrl-w, ctrl-u and ctrl-k cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// The word before the cursor.
    Word,
    /// The line before the cursor.
    Before,
    /// The line behind the cursor.
    After,
}

/// What all candidates begin with.
fn common_start(candidates: &[Candidate]) -> String {
    let Some((first, rest)) = candidates.split_first() else { return String::new() };
    let mut end = first.text.len();
    for other in rest {
        let same = first.text.chars().zip(other.text.chars()).take_while(|(a, b)| a == b);
        end = end.min(same.map(|(c, _)| c.len_utf8()).sum());
    }
    first.text.get(..end).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(text: &str) -> Prompt {
        let mut prompt = Prompt::default();
        assert!(prompt.insert(text, &[]));
        prompt
    }

    fn shown(prompt: &Prompt) -> String {
        let mut text = prompt.text().to_owned();
        text.insert(prompt.cursor(), '|');
        text
    }

    #[test]
    fn editing_moves_and_cuts_as_a_shell_does() {
        let mut p = typed("aws kms lïst-keys 漢字");
        p.step(false);
        p.step_word(false);
        assert_eq!(shown(&p), "aws kms lïst-keys |漢字");
        p.cut(Cut::Word);
        assert_eq!(shown(&p), "aws kms |漢字");
        p.put_back();
        p.cut(Cut::After);
        assert_eq!(shown(&p), "aws kms lïst-keys |");
        p.go_to_edge(false);
        p.step_word(true);
        p.delete();
        assert_eq!(shown(&p), "aws|kms lïst-keys ");
        p.cut(Cut::Before);
        p.backspace(&[]);
        assert_eq!(shown(&p), "|kms lïst-keys ");
        let mut p = typed("e\u{301}x");
        p.step(false);
        p.backspace(&[]);
        assert_eq!(shown(&p), "|x", "a letter with its accent goes at once");
    }

    #[test]
    fn up_and_down_walk_lines_of_the_text_then_those_typed_before() {
        let lines: Vec<String> = ["one", "two \\\n  more"].map(str::to_owned).into();
        let mut p = typed("now");
        p.up(&lines);
        assert_eq!(shown(&p), "two \\\n  more|");
        p.up(&lines);
        assert_eq!(shown(&p), "two \\|\n  more", "first within the text");
        p.up(&lines);
        assert_eq!(shown(&p), "one|");
        p.up(&lines);
        assert_eq!(shown(&p), "one|", "nothing is older");
        p.down(&lines);
        p.down(&lines);
        assert_eq!(shown(&p), "now|", "what was being typed is not lost");
    }

    #[test]
    fn a_search_goes_to_older_matches_and_can_be_taken_back() {
        let lines: Vec<String> =
            ["aws kms list-keys", "aws dynamodb scan", "clock +5m"].map(str::to_owned).into();
        let mut p = typed("half");
        p.find(&lines);
        p.insert("aws", &lines);
        assert_eq!(p.text(), "aws dynamodb scan");
        p.find(&lines);
        assert_eq!(p.text(), "aws kms list-keys");
        p.find(&lines);
        assert!(p.search().is_some_and(|s| !s.found));
        assert_eq!(p.text(), "aws kms list-keys", "the last match stays in sight");
        p.backspace(&lines);
        assert_eq!(p.text(), "aws dynamodb scan");
        assert!(p.cancel());
        assert_eq!(shown(&p), "half|");
    }

    #[test]
    fn completion_goes_as_far_as_all_agree_then_walks() {
        let found = |words: &[&str]| Completion {
            start: 4,
            candidates: words
                .iter()
                .map(|w| Candidate { text: (*w).to_owned(), about: String::new() })
                .collect(),
        };
        let mut p = typed("aws k");
        assert!(p.complete(found(&["kms"]), false));
        assert_eq!(shown(&p), "aws kms |");
        let mut p = typed("aws l");
        p.complete(found(&["list-keys", "list-grants"]), false);
        assert_eq!(shown(&p), "aws list-|");
        p.complete(found(&[]), false);
        assert_eq!(shown(&p), "aws list-keys|");
        p.complete(found(&[]), true);
        assert_eq!(shown(&p), "aws list-grants|");
        p.cancel();
        assert_eq!(shown(&p), "aws list-|");
        assert!(!p.complete(found(&[]), false));
    }
}
