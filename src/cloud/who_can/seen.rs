//! What an answer to "who can" leaves out, said with it.

use crate::cloud::{Arn, Probe, World};

/// Says why what a question is about fails, whoever asks for it.
fn fails(world: &World, question: &Probe) -> Option<String> {
    let arn: Arn = question.resource.parse().ok()?;
    let service = world.service(arn.service())?;
    (service.fails)(world, &arn, &question.action)
}

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
    if has_policy && probe.via.is_none() {
        say("requests that a service makes through another one, as CloudWatch does through SNS".into());
    }
    say("session policies that a role's next session may be made with".into());
    let says_whence = probe.stated.keys().any(|key| key.eq_ignore_ascii_case("aws:SourceIp"));
    if probe.via.is_none() && !says_whence {
        let from = probe.context.source_ip;
        say(format!("whether an ALLOW here holds for requests from other addresses than {from}"));
    }
    say(format!("other times than {}", world.now().strftime("%Y-%m-%dT%H:%M:%SZ")));
    if let Some(via) = &probe.via {
        say(format!("requests that do not come through {via}, and those that services make for themselves"));
    }
    for question in [Some(probe), key].into_iter().flatten() {
        if let Some(why) = fails(world, question) {
            say(format!(
                "what stands in the way beside access: {why}, so {} fails whoever asks",
                question.action
            ));
        }
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
