//! Who can do something: everybody here, and whoever else the resource's side lets in, each with the deciding statement
//! and with the conditions that are left.
//!
//! | file | what |
//! |---|---|
//! | `tier` | where somebody stands, and how much is known of them |
//! | `asked` | whom the question is put to |
//! | `reach` | all that everybody may do |
//! | `open` | which condition keys are open |
//! | `seen` | what the answer says of its own completeness |
//! | `tally` | everybody's answers in a word each |

mod asked;
mod open;
mod reach;
mod seen;
mod tally;
mod tier;

use std::collections::BTreeMap;
use std::sync::Arc;

use self::asked::Asked;
pub use self::asked::anyone_in;
use self::open::is_open;
pub use self::reach::{Deed, Reach, Reached};
pub use self::tally::{Listed, Roll, Tally};
pub use self::tier::Tier;
use super::permission::{DecisionRecord, Permission, Probe};
use super::{Answers, ApiError, Arn, Who, World};
use crate::policy::{self, Effect, Openness, Proviso, Source, Verdict};

/// How much an answer holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Detail {
    /// Everybody who may, as the question stands.
    Allowed,
    /// Also those who may under conditions, or of whom one of two decisions is given.
    Conditions,
    /// Also those who may not.
    Everybody,
}

/// Whether somebody may do what was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum May {
    /// The request is refused, whatever it carries.
    No,
    /// The request is allowed if what is left of the conditions is met.
    If,
    /// The request is allowed as the question stands.
    Yes,
}

/// One decision about somebody.
#[derive(Clone, Debug)]
pub struct Ruling {
    /// The decision; where conditions are left, the one for the example.
    pub record: DecisionRecord,
    /// What is left of the conditions.
    pub provisos: Vec<Proviso>,
    /// Condition keys that meet these conditions, each with its values; without values it must be absent.
    pub example: BTreeMap<String, Vec<String>>,
}

impl Ruling {
    /// Says whether they may.
    pub fn may(&self) -> May {
        match (self.record.decision.is_allowed(), self.provisos.is_empty()) {
            (false, _) => May::No,
            (true, false) => May::If,
            (true, true) => May::Yes,
        }
    }
}

/// Somebody with the answer about them.
#[derive(Clone, Debug)]
pub struct Row {
    pub tier: Tier,
    /// The ARN, a role's own for any session of it; a service; `account ID`; `anybody`.
    pub name: String,
    /// Whom the question was put to.
    pub who: Who,
    /// The decision about what was asked.
    pub first: Ruling,
    /// The decision about the key that what was asked needs.
    pub key: Option<Ruling>,
}

impl Row {
    /// Says whether they may do all that it takes.
    pub fn may(&self) -> May {
        let key = self.key.as_ref().map_or(May::Yes, Ruling::may);
        self.first.may().min(key)
    }

    /// Says whether at least one of the decisions is not a refusal.
    fn is_half(&self) -> bool {
        self.first.may() != May::No
    }
}

/// Who can do something.
#[derive(Clone, Debug)]
pub struct Report {
    /// The question as it was put.
    pub question: Probe,
    /// What the service asks of a key, in the caller's name, to do what was asked.
    pub key_question: Option<Probe>,
    /// The answers by tier.
    pub rows: Vec<Row>,
    /// The number of people of this world who were asked.
    pub people: usize,
    /// What the answer leaves out, in sentences.
    pub not_looked_at: Vec<String>,
}

impl Report {
    /// Returns the rows of one tier.
    pub fn tier(&self, tier: Tier) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(move |row| row.tier == tier)
    }
}

/// One question with what all answers to it have in common.
struct Asking<'a> {
    probe: &'a Probe,
    number: usize,
    /// The numbers of the statements that allow in the resource's policy.
    allowing: Vec<usize>,
}

impl World {
    /// Returns who can do what `probe` asks. Nothing is done and nothing recorded.
    pub fn who_can(&self, probe: &Probe, detail: Detail) -> Report {
        let key_question = self.key_question(probe);
        let questions: Vec<Probe> =
            [Some(probe.clone()), key_question.clone()].into_iter().flatten().collect();
        let mut asked = self.people();
        let people = asked.len();
        asked.extend(self.others_about(probe));
        let who: Vec<Who> = asked.iter().map(|asked| asked.who.clone()).collect();
        let answers = self.answers(&who, &questions);
        let asking: Vec<Asking<'_>> =
            questions.iter().enumerate().map(|(number, probe)| self.asking(number, probe)).collect();
        let mut rows = Vec::new();
        for (at, asked) in asked.iter().enumerate() {
            rows.extend(self.rows_of(&answers, at, asked, &asking, detail));
        }
        // What is open to anybody needs no word on services.
        if rows.iter().any(|row| row.tier == Tier::Anybody && row.may() == May::Yes) {
            rows.retain(|row| row.name != asked::ANY_SERVICE);
        }
        rows.sort_by_key(|row| row.tier);
        let not_looked_at =
            seen::not_looked_at(self, probe, key_question.as_ref(), self.resource_policy(probe).1.is_some());
        Report { question: probe.clone(), key_question, rows, people, not_looked_at }
    }

    /// What the service asks of a key, in the caller's name, to do what `probe` asks.
    pub fn key_question(&self, probe: &Probe) -> Option<Probe> {
        let arn: Arn = probe.resource.parse().ok()?;
        let service = self.service(arn.service()).filter(|_| probe.via.is_none())?;
        let mut question = (service.key_question)(self, &arn, &probe.action)?;
        question.context = probe.context.clone();
        question.stated = probe.stated.clone();
        Some(question)
    }

    /// Whom a question is put to beside the people of this world.
    fn others_about(&self, probe: &Probe) -> Vec<Asked> {
        let (permission, source) = self.resource_policy(probe);
        let mut others = self.others(&permission, source.as_ref(), self.grantees(&permission));
        // What comes through a service is a caller's request, never the service's own.
        others.retain(|other| probe.via.is_none() || other.tier != Tier::Services);
        others
    }

    fn asking<'p>(&self, number: usize, probe: &'p Probe) -> Asking<'p> {
        let (_, source) = self.resource_policy(probe);
        Asking { probe, number, allowing: source.as_ref().map_or_else(Vec::new, allowing) }
    }

    fn resource_policy(&self, probe: &Probe) -> (Permission, Option<Source>) {
        let (_, permission) = self.question(probe);
        let source = self.resource_side(None, &permission).policy.source;
        (permission, source)
    }

    fn grantees(&self, permission: &Permission) -> Vec<policy::Named> {
        let arn: Option<Arn> = permission.resource.parse().ok();
        let found = arn.and_then(|arn| Some((self.service(arn.service())?.grantees)(self, &arn, permission)));
        found.unwrap_or_default()
    }

    /// The rows about somebody: one, or one for each statement that lets them in.
    fn rows_of(
        &self,
        answers: &Answers,
        at: usize,
        asked: &Asked,
        asking: &[Asking<'_>],
        detail: Detail,
    ) -> Vec<Row> {
        let Some((first, key)) = asking.split_first() else { return Vec::new() };
        let rulings = Self::rulings(answers, at, asked, first, detail);
        let key = key.first().map(|key| Self::rulings(answers, at, asked, key, Detail::Everybody));
        let row = |ruling: Ruling| Row {
            tier: asked.tier,
            name: asked.name.clone(),
            who: asked.who.clone(),
            first: ruling,
            key: key.as_ref().and_then(|rulings| rulings.first().cloned()),
        };
        let shown = |row: &Row| match detail {
            Detail::Allowed => row.may() == May::Yes,
            Detail::Conditions => row.is_half(),
            Detail::Everybody => true,
        };
        let is_named_apart = |row: &Row| {
            let mut provisos = row.first.provisos.iter();
            asked.tier == Tier::Anybody
                && (row.may() == May::No || provisos.any(|proviso| self.names_them(proviso)))
        };
        rulings.into_iter().map(row).filter(|row| shown(row) && !is_named_apart(row)).collect()
    }

    /// The answers to one question about somebody, the least conditional first; never none, unless they are nobody here
    /// or refused where that is not asked for.
    fn rulings(
        answers: &Answers,
        at: usize,
        asked: &Asked,
        asking: &Asking<'_>,
        detail: Detail,
    ) -> Vec<Ruling> {
        let record = |allowed: Option<bool>| {
            let found = answers.record(at, asking.number)?.ok()?;
            allowed.is_none_or(|allowed| found.decision.is_allowed() == allowed).then_some(found)
        };
        let plain = |record| Ruling { record, provisos: Vec::new(), example: BTreeMap::new() };
        let verdict: Option<Result<Verdict, &ApiError>> = answers.verdict(at, asking.number);
        let is_allowed = verdict == Some(Ok(Verdict::Allowed));
        let by_statement = asked.tier != Tier::Here;
        if detail == Detail::Allowed || (is_allowed && !by_statement) {
            return record(Some(true)).map(plain).into_iter().filter(|_| is_allowed).collect();
        }
        let open = |key: &str| is_open(asked.standing, asking.probe, key);
        let mut found = Vec::new();
        if by_statement {
            let only = asking.allowing.iter().copied().map(Some).chain([None]);
            if let Some(record) = record(None) {
                found = only.filter_map(|only| Self::conditional(&record, &open, only, true)).collect();
            }
        } else if answers.is_conditional(at, asking.number, &open)
            && let Some(record) = record(None)
        {
            found.extend(Self::conditional(&record, &open, None, false));
        }
        let certain = found.iter().position(|ruling| ruling.provisos.is_empty());
        if let Some(certain) = certain {
            found = vec![found.swap_remove(certain)];
        }
        let mut seen: Vec<Vec<Proviso>> = Vec::new();
        found.retain(|ruling| {
            let is_new = !seen.contains(&ruling.provisos);
            seen.push(ruling.provisos.clone());
            is_new
        });
        if found.is_empty() && detail == Detail::Everybody {
            found.extend(record(None).map(plain));
        }
        found
    }

    /// The least that has to be so for a request to be allowed: by one statement of the resource's policy, by a grant, or
    /// by whatever there is.
    fn conditional(
        record: &DecisionRecord,
        open: &dyn Fn(&str) -> bool,
        only: Option<usize>,
        unplaced: bool,
    ) -> Option<Ruling> {
        let request = placed(record, open, unplaced);
        // Beside the statements one by one there are the grants alone.
        let only = if unplaced { only.or(Some(usize::MAX)) } else { only };
        let found = policy::provisos(&request, &record.policies, Openness { is_open: open, only })?;
        let example = found
            .given
            .iter()
            .map(|(key, values)| (key.to_string(), values.iter().map(ToString::to_string).collect()));
        let example = example.collect();
        let record = DecisionRecord {
            request: Arc::new(found.example),
            policies: record.policies.clone(),
            decision: found.decision,
            invoked_by: record.invoked_by.clone(),
        };
        Some(Ruling { record, provisos: found.provisos, example })
    }
}

/// The request of a decision, without what says where somebody calls from if they are unknown: that nobody knows then.
fn placed(record: &DecisionRecord, open: &dyn Fn(&str) -> bool, unplaced: bool) -> policy::Request {
    let request = (*record.request).clone();
    if !unplaced {
        return request;
    }
    let network = ["aws:SourceIp", "aws:UserAgent"].into_iter().filter(|key| open(&key.to_lowercase()));
    request.without(&network.map(Into::into).collect::<Vec<String>>())
}

/// The numbers of a policy's statements that allow.
fn allowing(source: &Source) -> Vec<usize> {
    let statements = source.document.statements.iter().enumerate();
    statements.filter(|(_, statement)| statement.effect == Effect::Allow).map(|(number, _)| number).collect()
}
