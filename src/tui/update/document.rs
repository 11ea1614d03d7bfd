//! What actions do to the document on the screen: editing, applying, searching, completing.

use crossterm::event::{KeyCode, KeyEvent};

use super::overlay::{open_menu, open_page};
use super::{Reaction, learn, parts, settle};
use crate::lab::DocumentId;
use crate::lab::Help;
use crate::narration::json_text::{Taken, Without, is_policy, place_of, without_statement};
use crate::narration::{self, Fix, Next, Parts, Snippet, VersionRow, help};
use crate::tui::editor::Editor;
use crate::tui::keys::{Action, Context};
use crate::tui::lab_screen::LabScreen;
use crate::tui::layout::{Pane, Preset};
use crate::tui::message::Effect;
use crate::tui::overlays::{PageKind, Question, menus};
use crate::tui::shell::Shell;

/// Lets keys go into the document. What is to be guessed about the change is asked first, over it.
pub fn edit(lab: &mut LabScreen, shell: &mut Shell) -> Reaction {
    if !can_change(lab, shell) {
        return Reaction::changed();
    }
    show(lab, shell);
    lab.typing = true;
    // What is to be taken out next is under the cursor.
    if let Some(Next::TakeOut(sid)) = &lab.view.next
        && let Some(at) = place_of(&lab.editor.text(), sid)
    {
        lab.editor.go_to_offset(at);
    }
    lab.follow_cursor();
    if waits_for_guess(lab) {
        shell.note("your guess comes first; until then nobody says what the draft changes");
        return learn::ask(lab, shell);
    }
    Reaction::changed()
}

/// Whether a question about what the document's change leads to is open. A presenter asks the audience.
fn waits_for_guess(lab: &LabScreen) -> bool {
    lab.present.is_none() && lab.session.lab().document_waits_for_guess()
}

/// Brings the document on the screen, whatever the arrangement.
pub fn show(lab: &mut LabScreen, shell: &Shell) {
    let shown = lab.regions(shell.area).panes().contains(&Pane::Policy);
    lab.hidden.remove(&Pane::Policy);
    lab.focus = Pane::Policy;
    lab.console.typing = false;
    if !shown {
        lab.zoom = None;
        // Where panes are stacked, the focus brings it to the top; else this arrangement has no place for it.
        if !lab.regions(shell.area).panes().contains(&Pane::Policy) {
            lab.preset = Preset::Learn;
        }
    }
}

/// Whether a document is open that a call can change; says so if not.
fn can_change(lab: &LabScreen, shell: &mut Shell) -> bool {
    let can = !lab.view.document.applied_by.is_empty();
    if !can {
        shell.bad("this document cannot be changed here");
    }
    can
}

/// Has the person's own editor change the text.
pub fn edit_elsewhere(lab: &mut LabScreen, shell: &mut Shell) -> Reaction {
    if !can_change(lab, shell) {
        return Reaction::changed();
    }
    // The text lies beside the journal's last line meanwhile: that must be the one of the draft.
    settle::keep(lab, shell, true);
    Reaction::asking(Effect::Edit(lab.session.to_edit(lab.editor.text())))
}

/// Says what help waits for that writes a part of the answer, and whether it does. A presentation waits for nothing.
fn waits(lab: &LabScreen, shell: &mut Shell, what: &str) -> bool {
    let waits = lab.session.lab().help_waits().filter(|_| lab.present.is_none());
    if let Some(waits) = waits {
        let hint = shell.keys.label(Context::Lab, Action::Hint);
        // What is pressed while a text is being typed goes into the text.
        let hint = if lab.typing { format!("Esc, then {hint}") } else { hint };
        shell.note(help::waits(what, waits, &hint));
    }
    waits.is_some()
}

/// Offers the edits that would turn the answer around, while nothing is a draft.
pub fn fix(lab: &mut LabScreen, shell: &mut Shell) -> Reaction {
    if waits(lab, shell, "flip it comes") {
        return Reaction::changed();
    }
    if lab.has_drafts() {
        shell.bad("apply or discard what is a draft first: these edits start from what is applied");
        return Reaction::changed();
    }
    // What would turn the answer around says what the answer is.
    if lab.present.is_none() && lab.session.lab().is_spoiler(lab.session.lab().acting()) {
        shell.note("your guess comes first; then the edits are offered");
        return learn::ask(lab, shell);
    }
    // The edits are about whoever acts: the way of the call and the answer show them, too.
    lab.turned = None;
    let menu = menus::fixes(lab);
    if menu.rows.is_empty() {
        shell.bad("no single edit of a document here turns this answer around");
        return Reaction::changed();
    }
    open_menu(shell, menu)
}

/// Offers statements to put into the document, which is edited then.
pub fn statements(lab: &mut LabScreen, shell: &mut Shell) -> Reaction {
    // What is put together from parts is no answer that is given away.
    let parts = Parts::of(lab.session.lab()).filter(|_| help_is_to_come(lab));
    if parts.is_none() && waits(lab, shell, "statements come") {
        return Reaction::changed();
    }
    if !lab.typing {
        edit(lab, shell);
        // One window after the other: a guess that is asked for comes first.
        if !lab.typing || waits_for_guess(lab) {
            return Reaction::changed();
        }
    }
    match parts {
        Some(parts) => parts::show(shell, &parts, 0),
        None => open_menu(shell, menus::snippets(lab)),
    }
}

/// Tells whether help that writes a part of the answer comes later.
fn help_is_to_come(lab: &LabScreen) -> bool {
    lab.session.lab().help_waits().is_some() && lab.present.is_none()
}

/// Inserts a statement, or puts a whole policy in the place of the text.
pub fn insert(lab: &mut LabScreen, shell: &mut Shell, snippet: &Snippet) {
    if put(lab, shell, snippet) {
        lab.session.lab_mut().note_help(Help::Snippet);
    }
}

/// Puts a statement into the text, which tells whether there was room for it.
pub fn put(lab: &mut LabScreen, shell: &mut Shell, snippet: &Snippet) -> bool {
    let (text, at) = snippet.put_into(&lab.editor.text(), lab.editor.cursor().0);
    if !fits(lab, shell, &text) {
        return false;
    }
    lab.editor.replace(&text);
    lab.draft_changed();
    lab.show_lines(at, at + snippet.json.lines().count());
    true
}

/// Takes the statement at the cursor out of the text, or what is selected.
pub fn remove_statement(lab: &mut LabScreen, shell: &mut Shell) {
    if lab.editor.cut_selection() {
        lab.draft_changed();
        lab.follow_cursor();
        return;
    }
    if let Some(taken) = take_out(lab, shell) {
        let undo = shell.keys.label(Context::Editor, Action::TextUndo);
        shell.note(format!("took out {}; {undo} brings it back", taken.name()));
    }
}

/// Sets the statement at the cursor aside, or puts the one back that is.
pub fn toggle_statement(lab: &mut LabScreen, shell: &mut Shell) {
    if let Some(taken) = lab.editor.take_aside() {
        let (text, line) = taken.put_into(&lab.editor.text());
        if fits(lab, shell, &text) {
            lab.editor.replace(&text);
            lab.draft_changed();
            lab.show_lines(line, line + taken.json.lines().count());
            shell.note(format!("{} is back in the text", taken.name()));
        } else {
            lab.editor.set_aside(taken);
        }
    } else if let Some(taken) = take_out(lab, shell) {
        let key = shell.keys.label(Context::Editor, Action::ToggleStatement);
        shell.note(format!("{} is set aside; {key} puts it back where it stood", taken.name()));
        lab.editor.set_aside(taken);
    }
}

/// Takes the statement at the cursor out of the text, as one edit; says why not.
fn take_out(lab: &mut LabScreen, shell: &mut Shell) -> Option<Taken> {
    if lab.session.is_item() {
        shell.bad("an item has no statements");
        return None;
    }
    match without_statement(&lab.editor.text(), lab.editor.offset()) {
        Ok(Without { text, at, taken }) => {
            lab.editor.replace(&text);
            lab.editor.go_to_offset(at);
            lab.draft_changed();
            lab.follow_cursor();
            Some(taken)
        }
        Err(why) => {
            shell.bad(format!("nothing taken out: {why}"));
            None
        }
    }
}

/// Makes an edit that turns the answer around in the draft of its document.
pub fn take_fix(lab: &mut LabScreen, shell: &Shell, fix: &Fix) {
    lab.session.lab_mut().note_help(Help::Flip);
    lab.session.take_fix(fix);
    lab.editor = Editor::new(&lab.session.base());
    lab.editor.replace(&fix.text);
    show(lab, shell);
    lab.draft_changed();
    let added = &lab.editor.marks().added;
    let first = added.iter().position(|a| *a).unwrap_or(0);
    let last = added.iter().rposition(|a| *a).unwrap_or(0);
    lab.show_lines(first, last + 1);
}

/// Applies the draft as the acting identity.
pub fn apply(lab: &mut LabScreen, shell: &mut Shell) -> Reaction {
    if !lab.dirty() && lab.view.document.exists {
        shell.note("nothing to apply: the text is the applied one");
        return Reaction::changed();
    }
    if waits_for_guess(lab) {
        let apply = shell.keys.label(Context::Lab, Action::Apply);
        shell.note(format!("your guess comes first; then {apply} applies the draft"));
        return learn::ask(lab, shell);
    }
    match lab.session.apply() {
        Ok(words) => {
            // The service keeps the document as it was written; so the editor keeps its text and its undo steps.
            let base = lab.session.base();
            if lab.session.is_item() {
                // An item is kept, not its text: the editor shows what is read back.
                lab.editor.replace(&base);
            }
            lab.editor.set_base(&base);
            shell.good(words);
        }
        Err(refusal) => {
            shell.bad(refusal.title.clone());
            open_page(shell, PageKind::Refused(refusal));
        }
    }
    Reaction::changed()
}

/// Makes whoever the draft names and is not there.
pub fn create_missing(lab: &mut LabScreen, shell: &mut Shell) {
    match narration::make_missing(lab.session.lab_mut()) {
        Ok(words) => shell.good(words),
        Err(why) => shell.bad(why),
    }
    lab.editor.set_findings(lab.session.findings());
}

/// Throws the draft away.
pub fn discard(lab: &mut LabScreen, shell: &mut Shell) -> Reaction {
    let was = lab.dirty();
    lab.session.lab_mut().revert_draft();
    lab.document_changed();
    settle::keep(lab, shell, true);
    shell.note(if was { "draft thrown away" } else { "there is no draft" });
    Reaction::changed()
}

/// Shows the next document; the draft of this one stays.
pub fn next_document(lab: &mut LabScreen, shell: &mut Shell) -> Reaction {
    if let Some(document) = lab.session.next_document() {
        lab.show_document(&document);
        show(lab, shell);
    }
    Reaction::changed()
}

/// Opens a document; the draft of the one before stays.
pub fn open(lab: &mut LabScreen, shell: &mut Shell, document: &DocumentId) -> Reaction {
    lab.show_document(document);
    show(lab, shell);
    Reaction::changed()
}

/// Applies the drafts of all documents; asks first, since each is a call, and since a terminal may send Alt-S for Esc and S.
pub fn apply_all(lab: &mut LabScreen, shell: &mut Shell) {
    if lab.has_drafts() {
        shell.ask(Question::ApplyAll);
    } else {
        shell.note("nothing to apply: no document has a draft");
    }
}

/// Applies the drafts of all documents, one after the other.
pub fn apply_all_surely(lab: &mut LabScreen, shell: &mut Shell) {
    let ended = lab.session.apply_all();
    let base = lab.session.base();
    if lab.session.text() == lab.editor.text() {
        lab.editor.set_base(&base);
        lab.editor.set_findings(lab.session.findings());
    } else {
        lab.document_changed();
    }
    match ended {
        Ok(words) => shell.good(words),
        Err(refusal) => {
            shell.bad(refusal.title.clone());
            open_page(shell, PageKind::Refused(refusal));
        }
    }
}

/// Shows the draft against what is applied, where they differ.
pub fn diff(lab: &mut LabScreen, shell: &mut Shell) {
    if lab.dirty() {
        open_page(shell, PageKind::Diff);
    } else {
        shell.note("the policy on screen is the applied one: nothing to compare");
    }
}

/// Puts a version of the document into the draft, as one edit.
pub fn roll_back(lab: &mut LabScreen, shell: &mut Shell, text: Option<String>, version: &VersionRow) {
    let Some(text) = text else {
        shell.bad("the document was not there then: there is no text to take");
        return;
    };
    shell.overlays.clear();
    lab.editor.replace(&text);
    lab.focus = Pane::Policy;
    lab.draft_changed();
    shell.note(format!("the draft reads as {} left it at {}", version.who, version.time));
}

/// Goes to the next thing that is wrong with the document.
pub fn next_finding(lab: &mut LabScreen, shell: &mut Shell) {
    lab.focus = Pane::Policy;
    lab.hidden.remove(&Pane::Policy);
    if lab.editor.next_finding().is_none() {
        shell.note("nothing to say about this document");
    }
    lab.follow_cursor();
}

/// Changes the text as a key asks.
pub fn text(lab: &mut LabScreen, change: impl FnOnce(&mut Editor) -> bool) {
    if change(&mut lab.editor) {
        lab.draft_changed();
    }
    lab.follow_cursor();
}

/// Lays the text out afresh.
pub fn format(lab: &mut LabScreen, shell: &mut Shell) {
    match crate::narration::json_text::format_json(&lab.editor.text()) {
        Ok(text) if fits(lab, shell, &text) => {
            lab.editor.replace(&text);
            lab.draft_changed();
            lab.follow_cursor();
        }
        Ok(_) => {}
        Err(why) => shell.bad(format!("not laid out afresh: {why}")),
    }
}

/// Completes the word at the cursor, or offers what it could become.
pub fn complete(lab: &mut LabScreen, shell: &mut Shell) -> Reaction {
    let place = lab.editor.place();
    let found = narration::completions(lab.session.lab(), &place);
    match found.as_slice() {
        [] => {
            let words = match (place.typed.as_str(), place.is_name) {
                ("", _) => "nothing is known that fits here".to_owned(),
                (typed, true) => format!("no name that fits here starts with `{typed}`"),
                (typed, false) => format!("nothing in this world starts with `{typed}`"),
            };
            shell.bad(words);
            Reaction::changed()
        }
        [only] => {
            complete_with(lab, only);
            Reaction::changed()
        }
        _ => open_menu(shell, menus::completions(lab, found)),
    }
}

/// Puts a word in the place of the one at the cursor.
pub fn complete_with(lab: &mut LabScreen, word: &str) {
    lab.editor.complete(word);
    lab.draft_changed();
    lab.follow_cursor();
}

/// Puts pasted text into the document. A whole policy takes the place of the text: in the middle of another one it would
/// mean nothing.
pub fn paste(lab: &mut LabScreen, shell: &mut Shell, pasted: &str) {
    let whole = !lab.session.is_item() && !lab.editor.is_empty() && is_policy(pasted);
    if whole {
        lab.editor.select_all();
    }
    match lab.editor.paste(pasted) {
        Ok(_) => {
            if whole {
                let undo = shell.keys.label(Context::Editor, Action::TextUndo);
                shell.note(format!("the pasted policy took the place of the text; {undo} brings that back"));
                lab.editor.go_to(0, 0);
            }
            lab.draft_changed();
            lab.follow_cursor();
        }
        Err(why) => {
            lab.editor.end_selection();
            shell.bad(why);
        }
    }
}

/// Types into the text, unless it is as long as it may be.
pub fn type_key(lab: &mut LabScreen, shell: &mut Shell, key: KeyEvent) {
    match lab.editor.check_key(key) {
        Ok(()) if lab.editor.key(key) => lab.draft_changed(),
        Ok(()) => {}
        Err(why) => shell.bad(format!("not typed: {why}")),
    }
    lab.follow_cursor();
}

/// Tells whether a text may take the place of the one in the editor; says so if not.
fn fits(lab: &LabScreen, shell: &mut Shell, text: &str) -> bool {
    match lab.editor.check(text.len()) {
        Ok(()) => true,
        Err(why) => {
            shell.bad(format!("not taken: {why}"));
            false
        }
    }
}

/// Types into the text while the completions are open; the list then holds what still fits.
pub fn type_on(lab: &mut LabScreen, shell: &mut Shell, key: KeyEvent) -> Reaction {
    type_key(lab, shell, key);
    let place = lab.editor.place();
    let begun = !place.typed.is_empty() || key.code == KeyCode::Char('"');
    let words = if begun { narration::completions(lab.session.lab(), &place) } else { Vec::new() };
    if words.is_empty() {
        return Reaction::changed();
    }
    open_menu(shell, menus::completions(lab, words))
}

/// Takes over what the external editor left.
pub fn edited(lab: &mut LabScreen, shell: &mut Shell, result: Result<String, String>) -> Reaction {
    if !can_change(lab, shell) {
        return Reaction::changed();
    }
    match result {
        Ok(text) => {
            let text = text.trim_end_matches('\n');
            if text == lab.editor.text() {
                shell.note("the external editor changed nothing");
            } else if fits(lab, shell, text) {
                lab.editor.replace(text);
                lab.focus = Pane::Policy;
                lab.draft_changed();
                shell.good("the external editor's text is the draft now");
            }
        }
        Err(why) => shell.bad(why),
    }
    Reaction::changed()
}
