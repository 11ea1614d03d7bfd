//! What everybody may do, action by action and resource by resource, so that two worlds can be compared.
//!
//! A question about one action is answered by [`World::who_can`]. Here all actions of a service are asked at once, also of
//! a key, a table and a user that nobody has made yet: who may do something to every resource may do it to those.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::{Value, json};

use super::asked::Asked;
use super::{Asking, May, Tier, allowing, is_open};
use crate::cloud::permission::Probe;
use crate::cloud::service::Forward;
use crate::cloud::{
    AccountId, Answers, ApiError, Arn, Call, CallContext, Caller, Region, SERVICES, Who, World, iam,
    reference,
};
use crate::policy::{Layer, Named, Verdict};

/// One thing that can be done.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Deed {
    /// The ARN of the resource, or in words one that nobody has made yet: it has another ARN in each world.
    pub place: String,
    /// The action, such as `kms:Decrypt`.
    pub action: String,
    /// What people call the service that asks in the caller's name.
    pub via: Option<&'static str>,
}

/// Somebody with all that they may do.
#[derive(Clone, Debug)]
pub struct Reached {
    pub tier: Tier,
    /// Whom the questions were put to.
    pub who: Who,
    /// The ARN of the role, if it is about a role or a session of one.
    pub role: Option<String>,
    /// What is not refused, be it under conditions.
    pub may: BTreeMap<Arc<Deed>, May>,
}

/// What everybody may do in one world.
#[derive(Clone, Debug)]
pub struct Reach {
    /// The answers by ARN, a role by its own, or by what somebody outside is called.
    pub people: BTreeMap<String, Reached>,
    /// The resources that were asked about.
    pub places: BTreeSet<String>,
    /// The number of questions that were put.
    pub asked: usize,
}

impl Reach {
    /// Tells whether nobody may do more than in both of two other worlds, or less.
    pub fn is_between(&self, one: &Self, other: &Self) -> bool {
        let names = [self, one, other].into_iter().flat_map(|reach| reach.people.keys());
        names.collect::<BTreeSet<_>>().into_iter().all(|name| {
            let rows = [self, one, other].map(|reach| reach.people.get(name).map(|row| &row.may));
            let deeds: BTreeSet<&Arc<Deed>> = rows.iter().flatten().flat_map(|may| may.keys()).collect();
            deeds.into_iter().all(|deed| {
                let level = |row: Option<&BTreeMap<Arc<Deed>, May>>| {
                    row.and_then(|may| may.get(deed)).copied().unwrap_or(May::No)
                };
                let [own, one, other] = rows.map(level);
                one.min(other) <= own && own <= one.max(other)
            })
        })
    }
}

/// One action on one resource.
struct Question {
    deed: Arc<Deed>,
    probe: Probe,
    /// Whom grants name that cover the action.
    grantees: Vec<Named>,
}

/// A resource to ask about.
struct Place {
    label: String,
    arn: String,
    via: Option<Forward>,
}

impl World {
    /// Returns what everybody may do to the resources `on`, and to one more of the kind. If `on` is empty, it is about all
    /// there are, or about those `among` them that are still there.
    pub fn reach(&self, region: &Region, on: &[String], among: Option<&BTreeSet<String>>) -> Reach {
        let (world, places) = self.places(region, on, among);
        let mut questions: Vec<Question> = Vec::new();
        let mut people = world.people();
        let mut known: BTreeSet<String> = people.iter().map(|asked| asked.name.clone()).collect();
        let mut actions: BTreeMap<_, Vec<String>> = BTreeMap::new();
        for place in &places {
            let probe_of = |action: &str| {
                let mut probe = match &place.via {
                    Some(forward) => forward.probe(action, &place.arn),
                    None => Probe::new(action, place.arn.as_str()),
                };
                probe.context = CallContext::in_region(region.clone());
                probe
            };
            let via = place.via.as_ref().map(|forward| forward.name);
            let new = questions.len();
            for action in actions.entry(kind_of(&place.arn)).or_insert_with(|| actions_on(&place.arn)) {
                let deed = Deed { place: place.label.clone(), action: action.clone(), via };
                let probe = probe_of(action);
                questions.push(Question { deed: Arc::new(deed), probe, grantees: Vec::new() });
            }
            // Whom the policy means is the same for all actions of a resource; grants name people by action.
            let mut add = |others: Vec<Asked>| {
                people.extend(others.into_iter().filter(|asked| known.insert(asked.name.clone())));
            };
            let Some(first) = questions.get(new) else { continue };
            let (_, permission) = world.question(&first.probe);
            let side = world.resource_side(None, &permission);
            add(world.others(&permission, side.policy.source.as_ref(), Vec::new()));
            for question in questions.iter_mut().skip(new) {
                let (_, permission) = world.question(&question.probe);
                question.grantees = world.grantees(&permission);
                if !question.grantees.is_empty() {
                    add(world.others(&permission, None, question.grantees.clone()));
                }
            }
        }
        // A tree grows fastest from what is in order.
        questions.sort_by(|one, other| one.deed.cmp(&other.deed));
        let who: Vec<Who> = people.iter().map(|asked| asked.who.clone()).collect();
        let probes: Vec<Probe> = questions.iter().map(|question| question.probe.clone()).collect();
        let answers = world.answers(&who, &probes);
        let mut reached = BTreeMap::new();
        for (at, asked) in people.iter().enumerate() {
            let role = role_of(asked, &world);
            let level = |(number, question): (usize, &Question)| {
                let granted = question.grantees.iter().any(|named| is_meant(named, asked, role.as_deref()));
                let level = world.level(&answers, (at, asked), (number, &question.probe), granted);
                (level != May::No).then(|| (question.deed.clone(), level))
            };
            let may = questions.iter().enumerate().filter_map(level).collect();
            let row = Reached { tier: asked.tier, who: asked.who.clone(), role, may };
            reached.insert(asked.name.clone(), row);
        }
        let asked = questions.len().saturating_mul(people.len());
        let places = places.into_iter().map(|place| place.label).collect();
        Reach { people: reached, places, asked }
    }

    /// Whether somebody may do one thing: always, under conditions, or not.
    fn level(
        &self,
        answers: &Answers,
        (at, asked): (usize, &Asked),
        (number, probe): (usize, &Probe),
        granted: bool,
    ) -> May {
        // What comes through a service is a caller's request, never the service's own; and what is done to no resource is
        // done in one's own account.
        let is_own = asked.tier != Tier::Here && probe.resource == "*";
        if is_own || (asked.tier == Tier::Services && probe.via.is_some()) {
            return May::No;
        }
        let verdict: Option<Result<Verdict, &ApiError>> = answers.verdict(at, number);
        let Some(Ok(verdict)) = verdict else { return May::No };
        if verdict == Verdict::Allowed {
            // What a service holds for a resource under a key is no access of anybody's.
            let by_grant = || {
                let record = answers.record(at, number).and_then(Result::ok);
                record.is_some_and(|record| record.decision.because.layer == Layer::Grant)
            };
            return if asked.tier == Tier::Services && by_grant() { May::No } else { May::Yes };
        }
        let open = |key: &str| is_open(asked.standing, probe, key);
        if !granted && !answers.is_conditional_by_policy(at, number, &open) {
            return May::No;
        }
        let (_, source) = self.resource_policy(probe);
        let allowing = source.as_ref().map_or_else(Vec::new, allowing);
        let asking = Asking { probe, number, allowing };
        let rulings = Self::rulings(answers, at, asked, &asking, super::Detail::Conditions);
        let is_own = |ruling: &&super::Ruling| {
            asked.tier != Tier::Services || ruling.record.decision.because.layer != Layer::Grant
        };
        let levels = rulings.iter().filter(is_own).map(super::Ruling::may);
        levels.max().unwrap_or(May::No)
    }

    /// The resources to ask about, and the world in which all of them are.
    fn places(
        &self,
        region: &Region,
        on: &[String],
        among: Option<&BTreeSet<String>>,
    ) -> (World, Vec<Place>) {
        let mut world = self.clone();
        let mut arns: Vec<(String, String)> = on.iter().map(|arn| (arn.clone(), arn.clone())).collect();
        if on.is_empty() {
            let targets = self.services().iter().flat_map(|service| service.candidates(self));
            let mut seen = BTreeSet::new();
            let is_meant = |arn: &str| among.is_none_or(|among| among.contains(arn));
            let all = targets.filter(|target| is_meant(&target.arn) && seen.insert(target.arn.clone()));
            arns = all.map(|target| (target.arn.clone(), target.arn)).collect();
        }
        let services: BTreeSet<String> =
            arns.iter().filter_map(|(_, arn)| Some(arn.parse::<Arn>().ok()?.service().to_owned())).collect();
        let asked = |prefix: &str| on.is_empty() || services.contains(prefix);
        let accounts: Vec<AccountId> = self.iam().accounts().map(|(account, _)| account.clone()).collect();
        for account in &accounts {
            if asked("kms")
                && let Some(arn) = made(&mut world, account, region, "kms", "CreateKey", &json!({}))
            {
                arns.push((format!("another key of {account}"), arn));
            }
            let table = json!({
                "TableName": "kmslab-another-table",
                "AttributeDefinitions": [{"AttributeName": "Id", "AttributeType": "S"}],
                "KeySchema": [{"AttributeName": "Id", "KeyType": "HASH"}],
                "BillingMode": "PAY_PER_REQUEST",
            });
            if asked("dynamodb")
                && let Some(arn) = made(&mut world, account, region, "dynamodb", "CreateTable", &table)
            {
                arns.push((format!("another table of {account}"), arn));
            }
            for (prefix, kind) in [("iam", "user"), ("iam", "role")] {
                if asked(prefix) {
                    let arn = iam::arn(account, kind, "/", "kmslab-another");
                    arns.push((format!("another {kind} of {account}"), arn));
                }
            }
        }
        let mut places: Vec<Place> = Vec::new();
        for (label, arn) in arns {
            let forwards: Vec<Forward> = world.forwards(&arn).collect();
            places.push(Place { label: label.clone(), arn: arn.clone(), via: None });
            let through = |forward| Place { label: label.clone(), arn: arn.clone(), via: Some(forward) };
            places.extend(forwards.into_iter().map(through));
        }
        if on.is_empty() {
            places.push(Place { label: "*".to_owned(), arn: "*".to_owned(), via: None });
        }
        (world, places)
    }
}

/// Makes something as the root user of an account, and returns its ARN; `None` if even the root user may not.
fn made(
    world: &mut World,
    account: &AccountId,
    region: &Region,
    service: &str,
    operation: &str,
    input: &Value,
) -> Option<String> {
    let call = Call::decode(service, operation, input.clone()).ok()?;
    let call = call.with_context(CallContext::in_region(region.clone()));
    let response = world.call(&Caller::Root(account.clone()), call).result.ok()?.to_json();
    let arn =
        ["/KeyMetadata/Arn", "/TableDescription/TableArn"].iter().find_map(|at| response.pointer(at))?;
    arn.as_str().map(str::to_owned)
}

/// What the actions on a resource depend on: its service, the word for its kind, and the number of words after that.
fn kind_of(arn: &str) -> (&str, &str, usize) {
    let mut parts = arn.splitn(6, ':').skip(2);
    let service = parts.next().unwrap_or_default();
    let mut own = parts.nth(2).unwrap_or_default().split('/');
    (service, own.next().unwrap_or_default(), own.count())
}

/// Lists the actions of the simulated services that can be bound to a resource; for `*` those that are bound to none.
fn actions_on(arn: &str) -> Vec<String> {
    let is_simulated = |action: &String| {
        let prefix = action.split(':').next().unwrap_or_default();
        SERVICES.iter().any(|service| service.prefix == prefix)
    };
    reference().actions_on(arn).filter(is_simulated).collect()
}

/// Whether a grant that names somebody could be for whoever is asked.
fn is_meant(named: &Named, asked: &Asked, role: Option<&str>) -> bool {
    match named {
        Named::Arn(arn) => **arn == *asked.name || role == Some(arn),
        Named::Service(name) => **name == *asked.name,
        Named::Account(_)
        | Named::Everyone
        | Named::UniqueId(_)
        | Named::CanonicalUser(_)
        | Named::Federated(_) => true,
    }
}

/// The ARN of the role that somebody is, or is a session of.
fn role_of(asked: &Asked, world: &World) -> Option<String> {
    let principal = match &asked.who {
        Who::Caller(caller) => world.principal(caller).ok()?,
        Who::Principal(principal) | Who::Outsider(principal) => principal.clone(),
    };
    principal.role_arn().map(ToString::to_string)
}
