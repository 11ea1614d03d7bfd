//! What an answer to "who can" leaves out, said with it.

use crate::cloud::{Probe, World};

/// Says what was not looked at, in sentences.
pub(super) fn not_looked_at(
    world: &World,
    probe: &Probe,
    key: Option<&Probe>,
    has_policy: bool,
) -> Vec<String> {
    let mut out = Vec::new();
    let mut say = |text: String| out.push(text);
    say("other ways to the same end: who may change a policy, make a grant or take on a role could come by it".into());
    if has_policy {
        say("what other accounts allow and forbid their own people: they count as allowed everything there"
            .into());
    }
    say("session policies that a role's next session may be made with".into());
    say(format!("other times than {}", world.now().strftime("%Y-%m-%dT%H:%M:%SZ")));
    if let Some(via) = &probe.via {
        say(format!("requests that do not come through {via}, and those that services make for themselves"));
    }
    if probe.action.starts_with("kms:") || key.is_some() {
        say("the state of the key: a disabled one serves nobody".into());
    }
    if probe.resource.contains(['*', '?']) {
        say("policies of single resources: the question names none".into());
    }
    let service = probe.action.split(':').next().unwrap_or_default();
    if world.service(service).is_none() {
        say(format!("resource policies of {service}, which is not simulated"));
    }
    if world.fidelity().table_key_cache && key.is_some() {
        say("keys of tables that DynamoDB keeps for some minutes".into());
    }
    out
}
