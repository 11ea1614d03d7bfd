//! A statement that is put together from parts: choosing them, and putting it into the document.

use super::{Reaction, document};
use crate::narration::Parts;
use crate::tui::lab_screen::LabScreen;
use crate::tui::overlays::{Choice, Overlay, menus};
use crate::tui::shell::Shell;

/// Puts the parts on the screen, the cursor at one of them.
pub fn show(shell: &mut Shell, parts: &Parts, at: usize) -> Reaction {
    let mut menu = menus::parts(parts);
    menu.selected = at;
    shell.overlays.retain(|overlay| !matches!(overlay, Overlay::Menu(_)));
    shell.overlays.push(Overlay::Menu(menu));
    Reaction::changed()
}

/// Goes on to another choice of the part under the cursor.
pub fn turn(shell: &mut Shell, by: isize) -> Reaction {
    let Some(Overlay::Menu(menu)) = shell.overlays.last() else { return Reaction::default() };
    let (at, chosen) = (menu.selected, menu.chosen().map(|row| &row.choice));
    let Some(Choice::Build(parts)) = chosen else { return Reaction::default() };
    let mut parts = parts.clone();
    parts.turn(at, by);
    show(shell, &parts, at)
}

/// Inserts the statement that the parts make; goes to the first part that is still to be chosen, if one is.
pub fn insert(lab: &mut LabScreen, shell: &mut Shell, parts: &Parts) -> Reaction {
    match parts.snippet(lab.session.lab()) {
        Ok(snippet) => {
            document::put(lab, shell, &snippet);
            Reaction::changed()
        }
        Err(why) => {
            let rows = parts.rows();
            shell.note(why);
            let open = rows.iter().position(|row| row.chosen.is_none()).unwrap_or_default();
            show(shell, parts, open)
        }
    }
}
