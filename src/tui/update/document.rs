//! What actions do to the document on the screen: editing, applying, searching, completing.

use crossterm::event::{KeyCode, KeyEvent};

use super::refresh::{self, document_changed, draft_changed, follow_cursor};
use super::{Outcome, open_menu};
use crate::tui::app::{App, Mood};
use crate::tui::editor::Editor;
use crate::tui::layout::{Pane, Preset};
use crate::tui::overlay::{Menu, MenuKind, Overlay, Page, PageKind, Question};

/// Keys go into the document.
pub fn edit(app: &mut App) {
    if !can_change(app) {
        return;
    }
    show(app);
    if let Some(lab) = &mut app.lab {
        lab.typing = true;
    }
    follow_cursor(app);
}

/// Brings the document on the screen, whatever the arrangement.
pub fn show(app: &mut App) {
    let shown = app.regions().panes().contains(&Pane::Policy);
    let Some(lab) = &mut app.lab else { return };
    lab.hidden.remove(&Pane::Policy);
    lab.focus = Pane::Policy;
    lab.console.typing = false;
    if !shown {
        lab.zoom = None;
        // Where panes are stacked, the focus brings it to the top; else this arrangement has no place for it.
        if !app.regions().panes().contains(&Pane::Policy)
            && let Some(lab) = &mut app.lab
        {
            lab.preset = Preset::Learn;
            refresh::refresh(app);
        }
    }
    app.at_home = false;
}

/// Whether a document is open that a call can change; says so if not.
pub fn can_change(app: &mut App) -> bool {
    let can = app.lab.as_ref().is_some_and(|lab| !lab.view.document.applied_by.is_empty());
    if !can {
        app.toast = Some((Mood::Bad, "this document cannot be changed here".into()));
    }
    can
}

/// Offers the edits that would turn the answer around, unless a draft of another document would be lost.
pub fn fix(app: &mut App) -> Outcome {
    let Some(lab) = &app.lab else { return Outcome::default() };
    if lab.dirty() {
        app.toast = Some((
            Mood::Bad,
            "apply or discard the draft first: these edits start from what is applied".into(),
        ));
        return Outcome::changed();
    }
    // What would turn the answer around says what the answer is.
    if app.present.is_none() && lab.session.keeps_back() {
        app.toast = Some((Mood::Note, "your guess comes first; then the edits are offered".into()));
        return open_menu(app, Menu::walked(MenuKind::Predict));
    }
    if lab.session.fixes().is_empty() {
        app.toast = Some((Mood::Bad, "no single edit of a document here turns this answer around".into()));
        return Outcome::changed();
    }
    open_menu(app, Menu::walked(MenuKind::Fixes))
}

/// Applies the draft as the acting identity.
pub fn apply(app: &mut App) {
    let Some(lab) = &mut app.lab else { return };
    if !lab.dirty() && lab.view.document.exists {
        app.toast = Some((Mood::Note, "nothing to apply: the text is the applied one".into()));
        return;
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
            app.toast = Some((Mood::Good, words));
        }
        Err(refusal) => {
            app.toast = Some((Mood::Bad, refusal.title.clone()));
            app.overlays.push(Overlay::Page(Page { kind: PageKind::Refused(refusal), scroll: 0 }));
        }
    }
    refresh::refresh(app);
}

/// Shows the next document; `sure` if a draft may be lost.
pub fn next_document(app: &mut App, sure: bool) -> Outcome {
    let Some(lab) = &mut app.lab else { return Outcome::default() };
    if lab.dirty() && !sure {
        super::act::ask(app, Question::NextDocument);
        return Outcome::changed();
    }
    lab.session.next_document();
    document_opened(app);
    Outcome::changed()
}

/// Opens a row of the list of documents.
pub fn open_document(app: &mut App, row: usize, sure: bool) -> Outcome {
    let Some(lab) = &mut app.lab else { return Outcome::default() };
    let Some((document, about)) = lab.session.documents().into_iter().nth(row) else {
        return Outcome::default();
    };
    if about.shown {
        show(app);
        return Outcome::changed();
    }
    if lab.dirty() && !sure {
        super::act::ask(app, Question::OpenDocument(row));
        return Outcome::changed();
    }
    lab.session.open(document);
    document_opened(app);
    Outcome::changed()
}

/// Another document is on the screen: its head is shown.
fn document_opened(app: &mut App) {
    document_changed(app);
    show(app);
    if let Some(lab) = &mut app.lab {
        lab.editor.go_to(0, 0);
    }
    follow_cursor(app);
}

/// Puts a version of the document into the draft, as one edit.
pub fn roll_back(app: &mut App, row: usize) {
    let Some(lab) = &mut app.lab else { return };
    let Some((Some(text), version)) = lab.session.versions().into_iter().nth(row) else {
        app.toast = Some((Mood::Bad, "the document was not there then: there is no text to take".into()));
        return;
    };
    app.overlays.clear();
    lab.editor.replace(&text);
    lab.focus = Pane::Policy;
    draft_changed(app);
    app.toast = Some((Mood::Note, format!("the draft reads as {} left it at {}", version.who, version.time)));
}

/// Goes to the statement that decided, in its document.
pub fn jump(app: &mut App) -> Outcome {
    let Some(lab) = &mut app.lab else { return Outcome::default() };
    let deciding = lab.view.why.iter().rev().flat_map(|s| &s.lines).find(|l| l.deciding && l.place.is_some());
    let Some(place) = deciding.and_then(|l| l.place.clone()) else {
        app.toast = Some((Mood::Bad, "no statement decided: what is missing cannot be shown".into()));
        return Outcome::changed();
    };
    if !place.shown {
        if lab.dirty() {
            app.toast = Some((
                Mood::Bad,
                "the statement stands in another document: apply or discard the draft first".into(),
            ));
            return Outcome::changed();
        }
        lab.session.open(place.document);
        document_changed(app);
    }
    if let Some(lab) = &mut app.lab {
        lab.editor.go_to(place.lines.0, 0);
        lab.focus = Pane::Policy;
        lab.hidden.remove(&Pane::Policy);
    }
    follow_cursor(app);
    Outcome::changed()
}

/// Goes to the next thing that is wrong with the document.
pub fn next_finding(app: &mut App) {
    let Some(lab) = &mut app.lab else { return };
    lab.focus = Pane::Policy;
    lab.hidden.remove(&Pane::Policy);
    if lab.editor.next_finding().is_none() {
        app.toast = Some((Mood::Note, "nothing to say about this document".into()));
    }
    follow_cursor(app);
}

/// Changes the text as a key asks.
pub fn text(app: &mut App, change: impl FnOnce(&mut Editor) -> bool) {
    let Some(lab) = &mut app.lab else { return };
    if change(&mut lab.editor) {
        draft_changed(app);
    }
    follow_cursor(app);
}

/// Lays the text out afresh.
pub fn format(app: &mut App) {
    let Some(lab) = &mut app.lab else { return };
    match crate::narration::json_text::format_json(&lab.editor.text()) {
        Ok(text) => {
            lab.editor.replace(&text);
            draft_changed(app);
            follow_cursor(app);
        }
        Err(why) => app.toast = Some((Mood::Bad, format!("not laid out afresh: {why}"))),
    }
}

/// Completes the word at the cursor, or offers what it could become.
pub fn complete(app: &mut App) -> Outcome {
    let Some(lab) = &mut app.lab else { return Outcome::default() };
    let place = lab.editor.place();
    let found = lab.session.completions(&place);
    match found.as_slice() {
        [] => {
            let words = match (place.typed.as_str(), place.is_name) {
                ("", _) => "nothing is known that fits here".to_owned(),
                (typed, true) => format!("no name that fits here starts with {typed:?}"),
                (typed, false) => format!("nothing in this world starts with {typed:?}"),
            };
            app.toast = Some((Mood::Bad, words));
            Outcome::changed()
        }
        [only] => {
            let only = only.clone();
            lab.editor.complete(&only);
            draft_changed(app);
            follow_cursor(app);
            Outcome::changed()
        }
        _ => open_menu(app, Menu::walked(MenuKind::Completions)),
    }
}

/// A key typed while the completions are open: the text takes it, and the list holds what still fits.
pub fn type_on(app: &mut App, key: KeyEvent) -> Outcome {
    let Some(lab) = &mut app.lab else { return Outcome::default() };
    if lab.editor.key(key) {
        draft_changed(app);
    }
    follow_cursor(app);
    let Some(lab) = &mut app.lab else { return Outcome::changed() };
    let place = lab.editor.place();
    let begun = !place.typed.is_empty() || key.code == KeyCode::Char('"');
    if !begun || lab.session.completions(&place).is_empty() {
        return Outcome::changed();
    }
    open_menu(app, Menu::walked(MenuKind::Completions))
}

/// The external editor has ended.
pub fn edited(app: &mut App, result: Result<String, String>) {
    if !can_change(app) {
        return;
    }
    let Some(lab) = &mut app.lab else { return };
    match result {
        Ok(text) => {
            let text = text.trim_end_matches('\n');
            if text == lab.editor.text() {
                app.toast = Some((Mood::Note, "the external editor changed nothing".into()));
            } else {
                lab.editor.replace(text);
                lab.focus = Pane::Policy;
                draft_changed(app);
                app.toast = Some((Mood::Good, "the external editor's text is the draft now".into()));
            }
        }
        Err(why) => app.toast = Some((Mood::Bad, why)),
    }
}
