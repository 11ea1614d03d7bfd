//! What there is to say about a lab that is not on the disk: why, what would be lost, and what helps.

use crate::lab::export::Exported;
use crate::lab::{Reason, Unkept};

/// What stands in the head line all the time while a lab is not kept.
pub fn mark(unkept: &Unkept) -> String {
    match (unkept.steps, &unkept.reason) {
        (0, Reason::Held(_)) => "only looking, not kept".to_owned(),
        (0, Reason::NoFolder | Reason::Unusable(_) | Reason::Failed(_)) => "not kept".to_owned(),
        (n, _) => format!("{} not kept", steps(n)),
    }
}

/// Why the lab is not kept, as a clause.
pub fn reason(unkept: &Unkept) -> String {
    match &unkept.reason {
        Reason::NoFolder => {
            "there is no directory for labs: neither XDG_STATE_HOME nor HOME is set, and --state was not given".to_owned()
        }
        Reason::Held(Some(holder)) => format!("another kmslab has this lab open ({holder})"),
        Reason::Held(None) => "another kmslab has this lab open".to_owned(),
        Reason::Unusable(why) | Reason::Failed(why) => why.clone(),
    }
}

/// What would be lost if the program ended now, as a sentence with the reason; `None` if nothing would.
pub fn loss(unkept: &Unkept) -> Option<String> {
    let what = what(unkept)?;
    Some(format!("{what} not kept: {}.", reason(unkept)))
}

/// What would be lost, with its verb: "3 steps and the draft are".
fn what(unkept: &Unkept) -> Option<String> {
    let many = match (unkept.steps, unkept.draft, unkept.others) {
        (0, false, false) => return None,
        (0, true, _) => return Some("The draft is".to_owned()),
        (0, false, true) => return Some("What was done last is".to_owned()),
        (1, false, _) => return Some("1 step is".to_owned()),
        (n, false, _) => steps(n),
        (n, true, _) => format!("{} and the draft", steps(n)),
    };
    Some(format!("{many} are"))
}

/// What was written to a file, and what of it is not for everybody.
pub fn exported(written: &Exported) -> String {
    let Exported { entries, holds, left_out } = *written;
    let secrets = format!("; {} with plaintext keys or tokens that were printed", holds.secrets);
    let files = format!("; {} with what files of yours held", holds.files);
    let gone = format!("; {left_out} calls left out, so that what follows them may end otherwise");
    let parts = [(holds.secrets, secrets), (holds.files, files), (left_out, gone)];
    let parts = parts.into_iter().filter(|(count, _)| *count > 0).map(|(_, words)| words);
    std::iter::once(format!("{entries} entries")).chain(parts).collect()
}

/// So many steps, counted in words.
fn steps(n: usize) -> String {
    if n == 1 { "1 step".to_owned() } else { format!("{n} steps") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_be_lost_is_said_with_its_reason() {
        let rows = [
            (0, false, false, Reason::NoFolder, "not kept", None),
            (0, false, false, Reason::Held(None), "only looking, not kept", None),
            (
                0,
                true,
                false,
                Reason::NoFolder,
                "not kept",
                Some("The draft is not kept: there is no directory"),
            ),
            (
                0,
                false,
                true,
                Reason::Failed("full".to_owned()),
                "not kept",
                Some("What was done last is not kept: full."),
            ),
            (
                1,
                false,
                false,
                Reason::Failed("full".to_owned()),
                "1 step not kept",
                Some("1 step is not kept: full."),
            ),
            (
                3,
                false,
                true,
                Reason::Held(None),
                "3 steps not kept",
                Some("3 steps are not kept: another kmslab"),
            ),
            (
                2,
                true,
                true,
                Reason::Unusable("torn".to_owned()),
                "2 steps not kept",
                Some("2 steps and the draft are not kept: torn."),
            ),
        ];
        for (steps, draft, others, reason, marked, lost) in rows {
            let unkept = Unkept { steps, draft, others, reason };
            assert_eq!(mark(&unkept), marked);
            let said = loss(&unkept);
            assert_eq!(said.is_some(), lost.is_some(), "{said:?}");
            assert!(said.unwrap_or_default().starts_with(lost.unwrap_or_default()));
        }
    }
}
