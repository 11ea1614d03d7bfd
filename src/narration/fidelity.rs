//! Which of AWS's delays a world keeps, and which rules it takes in another form than the newest source has: the learner is told.

use crate::cloud::Fidelity;
use crate::cloud::fidelity::{ForwardedAddress, ImportedRotationStatus, RefusedParameters, TableKeyHolder};

/// What a world does of its own accord, by the switches of its [`Fidelity`].
struct Switches {
    /// Each delay of AWS in a word, and whether the world keeps it.
    delays: [(&'static str, bool); 5],
    /// Each rule in another form: in a word, and in a sentence for the learner.
    turned: Vec<(&'static str, &'static str)>,
}

/// Reads every switch: one that is added later is asked for by the compiler.
fn switches(fidelity: &Fidelity) -> Switches {
    let Fidelity {
        table_key_cache,
        table_key_holder,
        grant_propagation,
        label_propagation,
        table_status_delay,
        table_update_delay,
        disabled_public_keys,
        case_sensitive_constraints,
        forwarded_address,
        refused_parameters,
        imported_rotation_status,
    } = fidelity;
    let mut turned = Vec::new();
    match table_key_holder {
        TableKeyHolder::Caller => {}
        TableKeyHolder::Connection => turned.push((
            "table key holder",
            "A table key that DynamoDB keeps serves one connection here, as older pages of AWS say; today's say: one caller.",
        )),
        TableKeyHolder::Principal => turned.push((
            "table key holder",
            "A table key that DynamoDB keeps serves a role with all of its sessions here, as a page of AWS said in 2018; today's say: one caller.",
        )),
    }
    if *disabled_public_keys {
        turned.push((
            "public keys",
            "A disabled key tells its public key here, as was measured once; AWS's documentation refuses it.",
        ));
    }
    if *case_sensitive_constraints {
        turned.push((
            "constraints",
            "The case of names matters in the constraints of grants here, as AWS's developer guide can be read; its API reference says that it does not.",
        ));
    }
    match forwarded_address {
        ForwardedAddress::Service => {}
        ForwardedAddress::Absent => turned.push((
            "addresses",
            "A call that a service makes in your name shows no address here; AWS's documentation can be read both ways.",
        )),
    }
    match refused_parameters {
        RefusedParameters::Null => {}
        RefusedParameters::Kept => turned.push((
            "records",
            "The audit trail keeps the parameters of a refused call here, as some services of AWS do; most leave them out.",
        )),
    }
    match imported_rotation_status {
        ImportedRotationStatus::Answered => {}
        ImportedRotationStatus::Refused => turned.push((
            "rotation status",
            "Whether a key with imported material rotates is not answered here, as an older page of AWS says; today's answers.",
        )),
    }
    Switches {
        delays: [
            ("table key cache", *table_key_cache),
            ("grants", *grant_propagation),
            ("tags and aliases", *label_propagation),
            ("table status", *table_status_delay),
            ("table updates", *table_update_delay),
        ],
        turned,
    }
}

/// Returns the delays that a world keeps, and the rules that it turns, in a few words for a title.
pub fn in_short(fidelity: &Fidelity) -> String {
    let Switches { delays, turned } = switches(fidelity);
    let on: Vec<&str> = delays.iter().filter(|(_, on)| *on).map(|(word, _)| *word).collect();
    let delays = match on.len() {
        0 => "changes count at once".to_owned(),
        n if n == delays.len() => "all of AWS's delays".to_owned(),
        _ => format!("delays: {}", on.join(", ")),
    };
    if turned.is_empty() {
        return delays;
    }
    let turned: Vec<&str> = turned.iter().map(|(word, _)| *word).collect();
    format!("{delays}; turned: {}", turned.join(", "))
}

/// Returns a sentence for each rule that a world takes in another form than the newest source has.
pub fn turned_rules(fidelity: &Fidelity) -> Vec<String> {
    switches(fidelity).turned.into_iter().map(|(_, sentence)| sentence.to_owned()).collect()
}
