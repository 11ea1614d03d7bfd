//! The screen of an open lab: the learner's session, what is drawn of it, and the state of its panes.
//!
//! What is drawn ([`LabScreen::view`]) is made from the session once after each message, by [`super::update`], and only
//! if something that it depends on has changed: [`LabScreen::basis`] says what that is. So nothing here refreshes
//! anything; what changes the session need not know what is on the screen.

use std::collections::{BTreeMap, BTreeSet};

use ratatui::layout::{Position, Rect};

use super::editor::Editor;
use super::keys::Context;
use super::layout::{self, Divider, Pane, Preset, Regions, Shape, StageRows};
use super::prompt::Prompt;
use crate::lab::{DocumentId, LearnerSession, Point};
use crate::narration::{CallStatus, Crux, LabView, PresentedCall, ViewOptions};

/// The presenter's screen, while a lab is shown to a class.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Present {
    /// Whether the verdict is kept back until the reveal.
    pub frozen: bool,
    /// Which cue it is, from 1, how many there are, and what has just happened; none for the lab as it stands.
    pub place: Option<(usize, usize, String)>,
    /// The cue's own call, until another identity is looked at.
    pub call: Option<PresentedCall>,
    /// What the teacher reads in a second terminal.
    pub notes: Vec<String>,
    /// Hands counted for allowed and for denied.
    pub votes: (u32, u32),
}

/// The screen of an open lab.
#[expect(clippy::struct_excessive_bools, reason = "facts that do not depend on each other")]
#[derive(Debug)]
pub struct LabScreen {
    pub session: LearnerSession,
    /// What is drawn, made from the session after every change.
    pub view: LabView,
    /// What `view` was made from; none before the first message.
    pub made_from: Option<Basis>,
    /// What the message in work wants to be on the screen when it is done.
    pub reveal: Reveal,
    /// The presenter's screen, while the lab is presented to a class.
    pub present: Option<Present>,
    pub editor: Editor,
    /// The editors of documents whose drafts are parked: their cursors and undo steps.
    pub parked: BTreeMap<DocumentId, Editor>,
    /// Whether keys go into the editor.
    pub typing: bool,
    /// Whether the watched call was made since the draft changed last: its answer is shown, not the draft's.
    pub ran: bool,
    pub focus: Pane,
    /// The pane that has the whole screen.
    pub zoom: Option<Pane>,
    pub preset: Preset,
    pub hidden: BTreeSet<Pane>,
    /// The panes that stay as they are, whatever is decided.
    pub pinned: BTreeSet<Pane>,
    /// The pane that was brought in front of those that share its place.
    pub front: Option<Pane>,
    /// Whether a guess was judged while somebody typed: the story, which says why, comes to the front once they are through.
    pub untold: bool,
    /// What was brought in sight last.
    pub crux: Crux,
    /// How many rows the task and the way of the watched call take, made after every message.
    pub stage: StageRows,
    /// Whether the hint that was asked for last stands under the task.
    pub hint: bool,
    /// Whether a call from outside is being shown to somebody who types or reads something else.
    pub from_outside: bool,
    /// Whether the card at the end is still to come: a call from outside has ended the scenario, or it was left before the
    /// learner's own words. It comes once nobody types or reads something else.
    pub card_waits: bool,
    /// The identity that was chosen since the draft was last changed.
    pub chosen: Option<usize>,
    /// The identity whose verdict what was done last has turned, and what it was before.
    pub turned: Option<(usize, CallStatus)>,
    /// How far dividers were dragged.
    pub dragged: Vec<(Divider, i16)>,
    /// The divider that is dragged: where it was taken, how far it had been dragged then.
    pub dragging: Option<(Divider, Position, i16)>,
    /// The first row shown of each pane.
    pub scroll: BTreeMap<Pane, usize>,
    /// What was looked for last in a pane or a page.
    pub wanted: String,
    /// The row where it was found last.
    pub found: Option<usize>,
    /// The selected audit record.
    pub audit_selected: usize,
    /// Words an audit record must hold to be shown; empty for all.
    pub audit_filter: String,
    /// The point that what is stored is compared with.
    pub storage_since: Point,
    /// Which subject the matrix is about.
    pub matrix_subject: usize,
    /// Whether why and storage show everything.
    pub expanded: bool,
    /// Whether the audit pane shows data events.
    pub data_events: bool,
    pub console: ConsoleState,
    /// The selected row of the keys pane.
    pub keys_selected: usize,
    /// The identities of two sessions side by side.
    pub pair: [usize; 2],
    /// Which of them acts.
    pub side: usize,
}

/// Everything that what is drawn depends on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Basis {
    /// The state of the session.
    pub revision: u64,
    /// What of it is shown.
    pub options: ViewOptions,
    /// Words an audit record must hold to be shown.
    pub audit_filter: String,
}

/// What a message wants to be on the screen when it is done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reveal {
    pub cursor: bool,
    /// Lines of the document, the first of them and the one behind the last.
    pub lines: Option<(usize, usize)>,
}

/// The console, as far as the session does not hold it.
#[derive(Clone, Debug, Default)]
pub struct ConsoleState {
    /// The line being typed.
    pub line: Prompt,
    /// Whether keys go into it.
    pub typing: bool,
    /// The pane that had the focus before it was opened, and gets it back; and the pane that had the whole screen.
    pub from: Option<(Pane, Option<Pane>)>,
    /// The lines typed before, oldest first.
    pub lines: Vec<String>,
    /// How many rows of the end lie below the pane.
    pub back: usize,
    /// What is looked for in what was printed.
    pub wanted: String,
    /// The row where it was found last.
    pub found: Option<usize>,
}

impl LabScreen {
    /// The screen of a session that was just opened.
    pub fn new(session: LearnerSession, preset: Preset) -> Self {
        let mut editor = Editor::new(&session.text());
        editor.set_base(&session.base());
        editor.set_findings(session.findings());
        let lines = session.lab().transcript().lines().map(str::to_owned).collect();
        let mut line = Prompt::default();
        line.set(session.ledger().line());
        // Who is who is told before anything is done; the guided first minute begins with its statement.
        let lab = session.lab();
        let begins = lab.history().steps().is_empty() && !lab.scenario().guided;
        let front = begins.then_some(Pane::Story);
        // Whoever left before the lesson comes back to it.
        let card_waits = lab.asks_for_words();
        Self {
            session,
            view: LabView::default(),
            made_from: None,
            reveal: Reveal::default(),
            present: None,
            editor,
            parked: BTreeMap::new(),
            typing: false,
            ran: false,
            focus: Pane::Identities,
            zoom: None,
            preset,
            hidden: BTreeSet::new(),
            pinned: BTreeSet::new(),
            front,
            untold: false,
            crux: Crux::default(),
            stage: StageRows::default(),
            hint: false,
            from_outside: false,
            card_waits,
            chosen: None,
            turned: None,
            dragged: Vec::new(),
            dragging: None,
            scroll: BTreeMap::new(),
            wanted: String::new(),
            found: None,
            audit_selected: 0,
            audit_filter: String::new(),
            storage_since: Point::default(),
            matrix_subject: 0,
            expanded: false,
            data_events: false,
            console: ConsoleState { line, lines, ..ConsoleState::default() },
            keys_selected: 0,
            pair: [0, 1],
            side: 0,
        }
    }

    /// Whether any document has a draft.
    pub fn has_drafts(&self) -> bool {
        self.session.lab().drafts().next().is_some()
    }

    /// Whether the text differs from what is applied.
    pub fn dirty(&self) -> bool {
        self.session.is_changed()
    }

    /// Tells whether something that was done would be lost with this lab.
    pub fn loses(&self) -> bool {
        self.session.unkept().is_some_and(|unkept| unkept.is_loss())
    }

    /// What the layout depends on.
    pub fn shape(&self) -> Shape {
        Shape {
            preset: self.preset,
            zoom: self.zoom,
            hidden: self.hidden.clone(),
            focus: Some(self.focus),
            pinned: self.pinned.clone(),
            front: self.front,
            editing: self.typing,
            console: self.console.typing,
            dragged: self.dragged.clone(),
            stage: self.stage,
        }
    }

    /// Where everything stands on a screen of that size.
    pub fn regions(&self, area: Rect) -> Regions {
        layout::lab(area, &self.shape())
    }

    /// The room of all panes together on a screen of that size.
    pub fn panes_rect(&self, area: Rect) -> Option<Rect> {
        self.regions(area).on_screen().map(|(_, rect)| rect).reduce(Rect::union)
    }

    /// Where keys go while nothing lies over the lab.
    pub fn place(&self) -> Context {
        if self.present.is_some() {
            Context::Present
        } else if self.typing {
            Context::Editor
        } else if self.console.typing {
            Context::Console
        } else {
            Context::Lab
        }
    }

    /// Whether the screen is not as usual, and then what one key back shows again.
    pub fn away(&self) -> Option<&'static str> {
        match self.preset {
            _ if self.zoom.is_some() => Some("all panes"),
            Preset::Learn if self.hidden.is_empty() => None,
            Preset::Learn => Some("all panes"),
            Preset::Policy
            | Preset::Compare
            | Preset::Keys
            | Preset::Console
            | Preset::Storage
            | Preset::Audit => Some("the usual screen"),
        }
    }

    /// The first row shown of a pane.
    pub fn scroll_of(&self, pane: Pane) -> usize {
        self.scroll.get(&pane).copied().unwrap_or(0)
    }

    /// Gives a pane the focus; keys go on into the text or the console only if it is theirs.
    pub fn focus_on(&mut self, pane: Pane) {
        self.focus = pane;
        self.typing &= pane == Pane::Policy;
        self.console.typing &= pane == Pane::Console;
    }

    /// Everything that what is drawn depends on now. `matrix` says whether the matrix is in sight.
    pub fn basis(&self, matrix: bool) -> Basis {
        let options = ViewOptions {
            data_events: self.data_events,
            // A class has guessed by show of hands.
            hide_spoilers: self.present.is_none(),
            pair: (self.preset == Preset::Compare).then_some(self.pair),
            storage_since: self.storage_since,
            turned: self.turned.filter(|_| self.present.is_none()),
            chosen: self.chosen,
            applied: self.ran,
            matrix: matrix.then_some(self.matrix_subject),
        };
        Basis { revision: self.session.revision(), options, audit_filter: self.audit_filter.clone() }
    }

    /// Brings the editor's cursor on the screen when the message is done.
    pub fn follow_cursor(&mut self) {
        self.reveal.cursor = true;
    }

    /// Brings lines of the document on the screen when the message is done; the cursor goes to the first of them.
    pub fn show_lines(&mut self, first: usize, end: usize) {
        self.editor.go_to(first, 0);
        self.reveal.lines = Some((first, end));
    }

    /// Takes over the text of the editor, which was edited: if it is a valid policy, every verdict follows it.
    pub fn draft_changed(&mut self) {
        self.ran = false;
        self.turned = None;
        self.chosen = None;
        self.session.lab_mut().set_draft(&self.editor.text());
        self.editor.set_findings(self.session.findings());
    }

    /// Shows another document, as its draft was left; what was typed into the one before is parked.
    pub fn show_document(&mut self, document: &DocumentId) {
        let before = self.session.lab().draft().map(|draft| draft.document().clone());
        if before.as_ref() == Some(document) {
            return;
        }
        self.session.lab_mut().open_document(document.clone());
        self.ran = false;
        let editor = std::mem::replace(&mut self.editor, Editor::new(""));
        self.parked.extend(before.map(|before| (before, editor)));
        let lab = self.session.lab();
        self.parked.retain(|parked, _| lab.drafts().any(|draft| draft.document() == parked));
        match self.parked.remove(document).filter(|editor| editor.text() == self.session.text()) {
            Some(editor) => {
                self.editor = editor;
                self.editor.set_base(&self.session.base());
                self.editor.set_findings(self.session.findings());
            }
            None => self.document_changed(),
        }
        self.follow_cursor();
    }

    /// Starts the editor from the session's text: another document is open, or the world has changed under it.
    pub fn document_changed(&mut self) {
        self.ran = false;
        let text = self.session.text();
        let (line, column) = self.editor.cursor();
        self.editor = Editor::new(&text);
        self.editor.go_to(line, column);
        // The editor takes a text without its last line's end; a draft follows it.
        if self.session.is_changed() && self.editor.text() != text {
            self.session.lab_mut().set_draft(&self.editor.text());
        }
        self.editor.set_base(&self.session.base());
        self.editor.set_findings(self.session.findings());
    }

    /// Follows calls that may have changed any document; `draft` says whether there was a draft before them.
    pub fn world_changed(&mut self, draft: bool) {
        self.session.follow_world(draft);
        // A call can change a document that it does not name: a policy shows the id of a user who was deleted.
        let (text, shown) = (self.session.text(), self.editor.text());
        if text.trim_end_matches('\n') == shown.trim_end_matches('\n') {
            let base = self.session.base();
            self.editor.set_base(&base);
            self.editor.set_findings(self.session.findings());
        } else {
            self.document_changed();
        }
    }

    /// Shows only the audit records that hold these words, the newest of them selected.
    pub fn filter_audit(&mut self, words: &str) {
        words.clone_into(&mut self.audit_filter);
        self.audit_selected = 0;
    }
}
