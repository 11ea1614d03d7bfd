//! What is done with documents: opening, reading and editing one, and applying what was edited.

use std::io::BufRead;

use super::{Plain, block, numbered, say};
use crate::aws_cli::{Files as _, RealFiles};
use crate::lab::external_editor;
use crate::lab::{Draft, Help, find_document};
use crate::narration::{self, Parts, Snippet, help, json_text};
use crate::plain::output;

/// Said where a text is to be changed that only AWS changes.
const UNCHANGEABLE: &str = "This document cannot be changed here: it is a managed policy of AWS.";

impl Plain<'_> {
    pub(super) fn documents(&mut self) -> anyhow::Result<()> {
        let lines = say::documents(self.session.lab());
        self.say_all(lines)
    }

    pub(super) fn open_document(&mut self, which: &str) -> anyhow::Result<()> {
        let Some(document) = find_document(self.session.lab(), which) else {
            self.say(format!("There is no document `{which}`."))?;
            return self.documents();
        };
        if self.session.lab().draft().is_none_or(|d| *d.document() != document) {
            self.session.lab_mut().open_document(document);
        }
        let words = say::document_line(self.session.lab());
        self.say(words)
    }

    pub(super) fn show(&mut self, which: &str) -> anyhow::Result<()> {
        if which.is_empty() {
            let words = say::document_line(self.session.lab());
            self.say(words)?;
        } else {
            self.open_document(which)?;
        }
        let text = self.session.lab().draft().map(|d| d.text().to_owned()).unwrap_or_default();
        Ok(output::text(self.out, &format!("{text}\n"))?)
    }

    /// A new text for the open document: from a file, from the person's editor, or from the lines that follow.
    pub(super) fn edit(&mut self, from: &str, input: &mut dyn BufRead) -> anyhow::Result<()> {
        let Some(draft) = self.session.lab().draft() else { return self.say("No document is open.") };
        if !draft.document().is_editable() {
            return self.say(UNCHANGEABLE);
        }
        let text = if from.is_empty() && self.person && external_editor::has_editor() {
            let wanted = self.session.to_edit(draft.text().to_owned());
            match external_editor::edit(&wanted) {
                Ok(text) => text.trim_end().to_owned(),
                Err(why) => return self.say(format!("Not edited: {why}.")),
            }
        } else if from.is_empty() || from == "-" {
            if self.person {
                self.say("Type the whole new text; a line with a single full stop ends it.")?;
                self.out.flush()?;
            }
            match block(input)? {
                Some(text) => text,
                None => {
                    return self
                        .say("The input ended before a line with a single full stop; nothing was edited.");
                }
            }
        } else {
            let path = from.strip_prefix("file://").unwrap_or(from);
            match RealFiles.read(path).map(String::from_utf8) {
                Ok(Ok(text)) => text.trim_end().to_owned(),
                Ok(Err(_)) => return self.say(format!("{path} is not UTF-8 text.")),
                Err(why) => return self.say(format!("Not edited: {why}.")),
            }
        };
        self.session.lab_mut().set_draft(&text);
        self.draft_words()
    }

    pub(super) fn draft_words(&mut self) -> anyhow::Result<()> {
        let lines = say::draft(self.session.lab(), &self.view());
        self.say_all(lines)
    }

    /// Adds a statement to the draft: `snippet 1 tess`. For whom it is, must be said where there are several.
    pub(super) fn snippet(&mut self, rest: &str) -> anyhow::Result<()> {
        if let Some(waits) = self.session.lab().help_waits() {
            return self.say(help::waits("Statements come", waits, "hint") + ".");
        }
        let (number, whom) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
        let snippets = narration::snippets(self.session.lab());
        let Some(chosen) = numbered(number, &snippets) else {
            let line = |(n, s): (usize, &Snippet)| {
                let whom = if s.asks_for_whom { " Asks for whom." } else { "" };
                format!("{}. {}: {}.{whom}", n + 1, s.name, s.about)
            };
            let mut lines: Vec<String> = snippets.iter().enumerate().map(line).collect();
            lines.push("snippet N adds one to the draft, snippet N NAME one for somebody.".to_owned());
            return self.say_all(lines);
        };
        let everybody = narration::for_whom(self.session.lab());
        let named = numbered(whom, &everybody).or_else(|| everybody.iter().find(|one| one.name == whom));
        let chosen = match named {
            _ if !chosen.asks_for_whom => chosen.clone(),
            Some(whom) => chosen.for_whom(self.session.lab(), whom),
            None => {
                let known: Vec<&str> = everybody.iter().map(|one| one.name.as_str()).collect();
                let known = known.join(", ");
                let unknown =
                    if whom.is_empty() { String::new() } else { format!("Nobody here is called `{whom}`. ") };
                return self.say(format!("{unknown}For whom? snippet {number} NAME, of: {known}."));
            }
        };
        let text = self.session.lab().draft().map(Draft::text).unwrap_or_default();
        let (text, _) = chosen.put_into(text, 0);
        self.session.lab_mut().note_help(Help::Snippet);
        self.session.lab_mut().set_draft(&text);
        self.draft_words()
    }

    /// Puts a statement together: `build` shows the parts, `build 2 1` chooses the first value of the second, `build put` puts
    /// the statement into the draft.
    pub(super) fn build(&mut self, rest: &str) -> anyhow::Result<()> {
        let lab = self.session.lab();
        if lab.draft().is_some_and(|draft| !draft.document().is_editable()) {
            return self.say(UNCHANGEABLE);
        }
        let Some(mut parts) = Parts::of(lab).map(|parts| parts.or_before(self.parts.take())) else {
            return self.say("This task has no parts to put a statement together from for this document.");
        };
        if lab.document_waits_for_guess() {
            return self.say("Your guess comes first; then the parts are offered.");
        }
        let mut numbers = rest.split_whitespace().map(str::parse::<usize>);
        match (rest, numbers.next(), numbers.next()) {
            ("", ..) => {}
            ("put", ..) => match parts.snippet(lab) {
                Ok(snippet) => {
                    let text = lab.draft().map(Draft::text).unwrap_or_default();
                    let (text, _) = snippet.put_into(text, 0);
                    self.session.lab_mut().set_draft(&text);
                    return self.draft_words();
                }
                Err(why) => self.say(format!("Nothing put in: {why}."))?,
            },
            (_, Some(Ok(part @ 1..)), Some(Ok(choice @ 1..))) => parts.choose(part - 1, choice - 1),
            _ => self.say("build PART NUMBER chooses, as in build 2 1; build put puts the statement in.")?,
        }
        let mut lines = if rest.is_empty() { say::parts(&parts) } else { say::chosen_parts(&parts) };
        lines.push(format!("It means: {}", parts.sentence()));
        self.parts = Some(parts);
        self.say_all(lines)
    }

    /// Takes a statement out of the draft, by its number in the text.
    pub(super) fn remove(&mut self, number: &str) -> anyhow::Result<()> {
        let text = self.session.lab().draft().map(|d| d.text().to_owned()).unwrap_or_default();
        let Some(at) = numbered(number, &json_text::statement_places(&text)).copied() else {
            return self.say("remove NUMBER takes that statement out of the draft, the first being 1.");
        };
        match json_text::without_statement(&text, at) {
            Ok(without) => {
                self.session.lab_mut().set_draft(&without.text);
                self.say(format!("{} is out of the draft.", without.taken.name()))?;
                self.draft_words()
            }
            Err(why) => self.say(format!("Nothing taken out: {why}.")),
        }
    }

    pub(super) fn fix(&mut self, number: &str) -> anyhow::Result<()> {
        if let Some(waits) = self.session.lab().help_waits() {
            return self.say(help::waits("The edits of fix come", waits, "hint") + ".");
        }
        if self.session.lab().drafts().next().is_some() {
            return self
                .say("Apply or discard what is a draft first: these edits start from what is applied.");
        }
        if self.session.lab().is_spoiler(self.session.lab().acting()) {
            self.say("Your guess comes first; then fix offers the edits.")?;
            let lines = say::question(&self.view());
            return self.say_all(lines);
        }
        let fixes = narration::fixes(self.session.lab());
        if fixes.is_empty() {
            return self.say("No single edit of a document here turns this answer around.");
        }
        let Some(chosen) = numbered(number, &fixes) else {
            let lines =
                fixes.iter().enumerate().map(|(n, f)| format!("{}. {}: {}", n + 1, f.label, f.detail));
            let mut lines: Vec<String> = lines.collect();
            lines.push("fix N makes one of these edits in the draft.".to_owned());
            return self.say_all(lines);
        };
        self.session.lab_mut().note_help(Help::Flip);
        if self.session.lab().draft().is_none_or(|d| *d.document() != chosen.document) {
            self.session.lab_mut().open_document(chosen.document.clone());
        }
        self.session.lab_mut().set_draft(&chosen.text);
        self.draft_words()
    }

    pub(super) fn diff(&mut self) -> anyhow::Result<()> {
        let lines = say::changes(self.session.lab());
        self.say_all(lines)
    }

    /// Applies every draft, each by a call of its own, until one is refused.
    fn apply_all(&mut self) -> anyhow::Result<()> {
        let rows = narration::draft_rows(self.session.lab());
        if rows.is_empty() {
            return self.say("Nothing to apply: no document has a draft.");
        }
        let numbered = rows.iter().enumerate().map(|(n, row)| format!("{}. {row}", n + 1));
        self.say(format!("In this order: {}.", numbered.collect::<Vec<_>>().join(", ")))?;
        let ended = self.session.lab_mut().apply_drafts();
        match narration::applied(self.session.lab(), &ended) {
            Ok(words) => self.say(format!("{words}.")),
            Err(refusal) => {
                self.say(format!("{}.", refusal.title))?;
                self.say(refusal.message)?;
                let lines = ended.refused().map(|made| say::decisions(self.session.lab(), &made.outcome));
                self.say_all(lines.unwrap_or_default())
            }
        }
    }

    pub(super) fn create(&mut self) -> anyhow::Result<()> {
        let made = narration::make_missing(self.session.lab_mut());
        let (Ok(words) | Err(words)) = made;
        self.say(format!("{words}."))?;
        self.draft_words()
    }

    pub(super) fn apply(&mut self, which: &str) -> anyhow::Result<()> {
        if which == "all" {
            return self.apply_all();
        }
        let edited = self.session.lab().draft().is_some_and(Draft::is_edited);
        if !edited {
            return self.say("Nothing to apply: the text is the applied one.");
        }
        if self.session.lab().document_waits_for_guess() {
            self.say("Your guess comes first; then apply makes the call.")?;
            let lines = say::question(&self.view());
            return self.say_all(lines);
        }
        match self.session.lab_mut().apply_draft() {
            Ok(made) => {
                let lines = say::made(self.session.lab(), &made);
                self.say_all(lines)?;
                if made.outcome.result.is_err() {
                    let lines = say::decisions(self.session.lab(), &made.outcome);
                    self.say_all(lines)?;
                }
                Ok(())
            }
            Err(why) => self.say(format!("Not applied: {why}.")),
        }
    }
}
