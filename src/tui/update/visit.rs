//! Calls of clients on the wire: each is a step of the lab, and disturbs nobody who types.

use super::{App, Reaction};
use crate::lab::visit::{NotMet, Told, Visit, Wish};
use crate::narration::{self, CallStatus};
use crate::tui::app::Screen;
use crate::tui::lab_screen::LabScreen;
use crate::tui::message::Effect;
use crate::tui::shell::Shell;
use crate::tui::toast::ToastKind;

/// Does what a client asks, and has it told of that once it is kept.
pub fn take(app: &mut App, visit: &Visit) -> Reaction {
    // Somebody who types, or who reads what lies over the panes, goes on with that.
    let busy = app.is_typing() || !app.shell.overlays.is_empty();
    let mut changed = false;
    visit.answer(|wish| {
        let lab = served(&mut app.screen, &app.shell).ok_or(NotMet::Away)?;
        match wish {
            Wish::Holder(key) => Ok(Told::Holder(lab.session.lab().world().iam().holder_of(&key))),
            Wish::Call { who, caller, call } => {
                let draft = lab.dirty();
                let made = lab.session.lab_mut().visited(who, caller, *call)?;
                lab.from_outside = busy;
                lab.world_changed(draft);
                say(lab, &mut app.shell, &made);
                changed = true;
                Ok(Told::Called(made.outcome.clone()))
            }
        }
    });
    Reaction { changed, effects: vec![Effect::Answer(visit.clone())], again: Vec::new() }
}

/// The lab that the port leads to, if it is open. A lesson shows another world.
fn served<'a>(screen: &'a mut Screen, shell: &Shell) -> Option<&'a mut LabScreen> {
    let Screen::Lab(lab) = screen else { return None };
    let port = shell.port.as_ref()?;
    let is_it = lab.session.lab().scenario().id == port.scenario && lab.session.cues().is_none();
    is_it.then_some(&mut **lab)
}

/// Says who called what, and how it ended.
fn say(lab: &LabScreen, shell: &mut Shell, made: &crate::lab::CallMade) {
    let call = narration::presented(lab.session.lab(), made);
    let ended = match call.status {
        CallStatus::Allowed => "allowed".to_owned(),
        CallStatus::Denied => format!("denied, {}", call.because),
        CallStatus::Failed => format!("failed, {}", call.because),
    };
    let kind = ToastKind::of(call.status == CallStatus::Allowed);
    shell.toast = Some((kind, format!("from outside, {}: {}: {ended}", call.who, call.what)));
}
