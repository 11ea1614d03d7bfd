//! Everybody whom the learner cannot take on: whose verdicts on the watched call a draft turns.

use super::{CallStatus, Lab};
use crate::cloud::{CallContext, DecisionRecord, Probe, Who};
use crate::policy::Principal;

/// Somebody whose verdict the draft turns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Turned {
    /// The ARN; a role's own for any session of it.
    pub who: String,
    pub before: CallStatus,
    pub after: CallStatus,
}

impl Lab {
    /// Returns everybody in the world, apart from the identities shown, whose verdict on the watched call the draft turns.
    pub fn turned_beside(&self) -> Vec<Turned> {
        let Some(drafted) = self.drafted() else { return Vec::new() };
        let probes = self.watched_probes();
        if probes.is_empty() {
            return Vec::new();
        }
        let role = |principal: &Principal| match principal {
            Principal::RoleSession { role_arn, .. } => Some(role_arn.clone()),
            Principal::Anonymous
            | Principal::Service { .. }
            | Principal::Root { .. }
            | Principal::User { .. }
            | Principal::FederatedUser { .. }
            | Principal::Federated { .. } => None,
        };
        let callers = self.personas().iter().map(|persona| &persona.caller);
        let played: Vec<_> =
            callers.filter_map(|caller| role(&self.world().principal(caller).ok()?)).collect();
        let is_shown = |who: &Who| match who {
            Who::Caller(caller) => self.personas().iter().any(|persona| persona.caller == *caller),
            // A role is shown by a session of it.
            Who::Principal(principal) => role(principal).is_some_and(|role| played.contains(&role)),
            Who::Outsider(_) => false,
        };
        let crowd = self.world().everybody().into_iter().filter(|(_, who)| !is_shown(who));
        let (names, who): (Vec<String>, Vec<Who>) = crowd.unzip();
        let mut board = self.crowd.borrow_mut();
        let verdicts = board.verdicts(self.world(), Some(drafted), &who, &probes);
        let all = |mut verdicts: Box<dyn Iterator<Item = CallStatus> + '_>| {
            let may = verdicts.all(|verdict| verdict == CallStatus::Allowed);
            if may { CallStatus::Allowed } else { CallStatus::Denied }
        };
        let turned = |(who, cells): (String, Vec<(CallStatus, Option<CallStatus>)>)| {
            let before = all(Box::new(cells.iter().map(|(now, _)| *now)));
            let after = all(Box::new(cells.iter().map(|(now, draft)| draft.unwrap_or(*now))));
            (before != after).then_some(Turned { who, before, after })
        };
        names.into_iter().zip(verdicts).filter_map(turned).collect()
    }

    /// The decisions that the watched call takes, as questions: those it led to for anybody, and that about the key.
    fn watched_probes(&self) -> Vec<Probe> {
        let mut probes: Vec<Probe> = Vec::new();
        let records = self.previews().iter().flat_map(|preview| &preview.now.decisions);
        for record in
            records.filter(|record| !matches!(record.request.principal(), Principal::Service { .. }))
        {
            let probe = self.probe_of(record);
            let key = self.world().key_question(&probe);
            for probe in [Some(probe), key].into_iter().flatten() {
                if !probes.contains(&probe) {
                    probes.push(probe);
                }
            }
        }
        probes
    }

    fn probe_of(&self, record: &DecisionRecord) -> Probe {
        const PREFIX: &str = "kms:EncryptionContext:";
        let pair = |(key, values): (&str, &[std::sync::Arc<str>])| {
            Some((key.strip_prefix(PREFIX)?.to_owned(), values.first()?.to_string()))
        };
        Probe {
            via: record.invoked_by.clone(),
            encryption_context: record.request.context().iter().filter_map(pair).collect(),
            context: CallContext::in_region(self.stage().names.region.clone()),
            ..Probe::new(&**record.request.action(), &*record.request.resource().arn)
        }
    }
}
