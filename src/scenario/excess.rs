//! Whether a solution that goes too far still counts: after the solution each policy is widened, somebody is given more
//! than was asked for, a guard is taken away; and something in the scenario must object.
//!
//! The changes are made to the world as it stands, whoever could make them. One that leads to nothing that was not so at
//! the start or at the end is none.

use std::cell::LazyCell;
use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::budget::Budget;
use super::format::{AllowsOnlyCheck, Check, NamedCheck};
use super::play::Play;
use super::prove::Flaw;
use super::{ScenarioError, Stage};
use crate::cloud::iam::{Identity, Kind};
use crate::cloud::{AccountId, Call, CallContext, Caller, DocumentId, World};
use crate::limits::scenario::{EXCESSES, PLAYED};

/// What came of widening a solution.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Excesses {
    /// The number of changes that were made.
    pub made: usize,
    /// The changes that nothing in the scenario objects to.
    pub flaws: Vec<Flaw>,
}

/// An account that is in no world.
const STRANGER: &str = "arn:aws:iam::999988887777:root";

/// The name of the policy that gives somebody more.
const MORE: &str = "kmslab-more";

/// A change that was made.
struct Change {
    /// The change in words.
    what: String,
    /// The world after it.
    world: World,
    /// The ARN of a resource that it bears on.
    on: Option<String>,
}

/// Widens the solution of a scenario in every way that is known, one at a time, and says which of them pass.
///
/// # Errors
///
/// If the world cannot be set up, or the plays would take more than the limits allow.
pub fn excesses(stage: &Stage) -> Result<Excesses, ScenarioError> {
    let mut found = Excesses::default();
    if stage.scenario.solution.is_empty() {
        return Ok(found);
    }
    let mut end = Play::within(stage, Budget::new(&PLAYED));
    for step in &stage.scenario.solution {
        end.step(step);
        end.latch();
    }
    if !end.is_solved() {
        // That the solution works is a proof of its own.
        return Ok(found);
    }
    let reach = |world: &World| world.reach(&end.names.region, &[], None);
    let known = LazyCell::new(|| (reach(&stage.world), reach(&end.world)));
    let mut soon: BTreeMap<Option<String>, Vec<NamedCheck>> = BTreeMap::new();
    for Change { what, world, on } in changes(&end) {
        end.check()?;
        let mut play = end.clone();
        play.world = world;
        found.made += 1;
        let soon = soon.entry(on).or_insert_with_key(|on| asked_soon(&end, on.as_deref()));
        if soon.iter().any(|named| !play.passes(named)) || !play.is_solved() {
            continue;
        }
        let (start, before) = &*known;
        if reach(&play.world).is_between(start, before) {
            found.made -= 1;
            continue;
        }
        let passed = stage.scenario.tasks.iter().flat_map(|task| &task.checks);
        let passed: Vec<String> = passed.map(|named| format!("`{}`", named.id)).collect();
        found.flaws.push(Flaw {
            proof: PROOF,
            message: format!(
                "after the solution, {what}: that goes further than anybody asked for, and {} and every invariant still \
                 pass; an invariant `allows_only` says what is enough",
                passed.join(", ")
            ),
        });
    }
    end.check()?;
    Ok(found)
}

/// The name of the proof.
pub(super) const PROOF: &str = "no more than was asked for";

/// The checks that are answered fast: those about one call or decision, and `allows_only` about the resource that a change bears
/// on. Few changes pass them all, and only then everybody is asked about everything.
fn asked_soon(end: &Play<'_>, on: Option<&str>) -> Vec<NamedCheck> {
    fn asks_everybody(check: &Check) -> bool {
        check.any_part(&|part| matches!(part, Check::AllowsOnly(_)))
    }
    let narrowed = |named: &NamedCheck| match (&named.check, on) {
        (Check::AllowsOnly(only), Some(on)) if only.on.is_empty() => {
            let check = Check::AllowsOnly(AllowsOnlyCheck { on: vec![on.to_owned()], ..only.clone() });
            Some(NamedCheck { check, ..named.clone() })
        }
        _ => None,
    };
    let fast = end.asked().filter(|named| !asks_everybody(&named.check)).cloned();
    // About a resource that the solution has made `allows_only` says nothing unless it names it: what fails without any
    // change objects to none.
    fast.chain(end.asked().filter_map(narrowed).filter(|named| end.passes(named))).collect()
}

/// All changes, each made to the world at the end.
fn changes(end: &Play<'_>) -> Vec<Change> {
    let world = &end.world;
    let documents: BTreeSet<DocumentId> =
        world.services().iter().flat_map(|service| service.documents(world)).collect();
    let mut found = Vec::new();
    for document in documents.iter().filter(|document| !document.is_aws_managed()) {
        let text = document.stored(world).map(|stored| stored.text().to_string());
        let policy = text.as_deref().and_then(|text| serde_json::from_str(text).ok());
        let on = match document {
            DocumentId::KeyPolicy(arn) | DocumentId::TablePolicy(arn) => Some(arn.clone()),
            DocumentId::Trust(account, role) => {
                world.iam().identity(account, Kind::Role, role).map(Identity::arn)
            }
            DocumentId::Inline(..)
            | DocumentId::Managed(_)
            | DocumentId::Control(..)
            | DocumentId::Item(..)
            | DocumentId::EventPattern(_) => any_key(world),
        };
        for (what, policy) in edits(document, policy, end) {
            let changed = document.what_if(world, &Caller::Anonymous, &policy.to_string());
            found.extend(changed.ok().map(|world| Change {
                what: format!("{what} {}", named(document, end)),
                world,
                on: on.clone(),
            }));
        }
    }
    found.extend(more_in_iam(end));
    found.extend(grants(end));
    found.truncate(EXCESSES.size());
    found
}

/// A key: most of what goes further reaches one.
fn any_key(world: &World) -> Option<String> {
    world.kms().keys().next().map(|key| key.arn())
}

/// A policy in words.
fn named(document: &DocumentId, end: &Play<'_>) -> String {
    let short = |arn: &str| end.names.short(arn).to_owned();
    match document {
        DocumentId::KeyPolicy(arn) => format!("in the key policy of {}", short(arn)),
        DocumentId::Inline(_, _, owner, name) => format!("in the policy {name} of {owner}"),
        DocumentId::Managed(arn) => format!("in the policy {}", short(arn)),
        DocumentId::Trust(_, role) => format!("in the trust policy of {role}"),
        DocumentId::TablePolicy(arn) => format!("in the resource policy of {}", short(arn)),
        DocumentId::Control(_, _, id) => format!("in the policy {id} of the organization"),
        DocumentId::Item(arn, _) => format!("in {}", short(arn)),
        DocumentId::EventPattern(arn) => format!("in the pattern of the rule {}", short(arn)),
    }
}

/// The edits of one document, each in words with the policy that comes of it.
fn edits(document: &DocumentId, policy: Option<Value>, end: &Play<'_>) -> Vec<(String, Value)> {
    let all = match document {
        DocumentId::KeyPolicy(_) => "kms:*",
        DocumentId::TablePolicy(_) => "dynamodb:*",
        DocumentId::Trust(..) => "sts:*",
        DocumentId::Inline(..) | DocumentId::Managed(_) => "*",
        DocumentId::Control(..) => return without_denies(policy.as_ref()),
        DocumentId::Item(..) | DocumentId::EventPattern(_) => return Vec::new(),
    };
    let empty = json!({"Version": "2012-10-17", "Statement": []});
    let policy = policy.unwrap_or(empty);
    let statements: Vec<Value> = match policy.get("Statement") {
        Some(Value::Array(statements)) => statements.clone(),
        Some(one) => vec![one.clone()],
        None => Vec::new(),
    };
    let with = |statements: Vec<Value>| {
        let mut policy = policy.clone();
        policy["Statement"] = Value::Array(statements);
        policy
    };
    let plus = |statement: Value| with(statements.iter().cloned().chain([statement]).collect());
    let mut found: Vec<(String, Value)> = Vec::new();
    let names_people = !matches!(document, DocumentId::Inline(..) | DocumentId::Managed(_));
    if names_people {
        let allow = |principal: Value, action: &str| {
            let mut statement = json!({"Effect": "Allow", "Principal": principal, "Action": action});
            if !matches!(document, DocumentId::Trust(..)) {
                statement["Resource"] = json!("*");
            }
            statement
        };
        found.push((format!("{all} for Principal \"*\""), plus(allow(json!("*"), all))));
        if matches!(document, DocumentId::KeyPolicy(_)) {
            found
                .push(("kms:Decrypt for Principal \"*\"".to_owned(), plus(allow(json!("*"), "kms:Decrypt"))));
        }
        found.push((format!("{all} for another account"), plus(allow(json!({"AWS": STRANGER}), all))));
        for (name, arn) in people(&end.world) {
            found.push((format!("{all} for {name}"), plus(allow(json!({"AWS": arn}), all))));
        }
    }
    for (at, statement) in statements.iter().enumerate() {
        let sid = statement.get("Sid").and_then(Value::as_str);
        let which =
            sid.map_or_else(|| format!("statement {}", at + 1), |sid| format!("the statement \"{sid}\""));
        let edited = |change: &dyn Fn(&mut Map<String, Value>)| {
            let mut statements = statements.clone();
            if let Some(Value::Object(fields)) = statements.get_mut(at) {
                change(fields);
            }
            with(statements)
        };
        let mut rest = statements.clone();
        rest.remove(at);
        found.push((format!("without {which}"), with(rest)));
        if statement.get("Condition").is_some() {
            let bare = edited(&|fields| drop(fields.remove("Condition")));
            found.push((format!("{which} without its condition"), bare));
        }
        if statement.get("Effect") != Some(&json!("Allow")) {
            continue;
        }
        let set = |field: &'static str, value: &str| {
            let value = value.to_owned();
            edited(&move |fields| {
                fields.remove(&format!("Not{field}"));
                fields.insert(field.to_owned(), json!(value));
            })
        };
        found.push((format!("Action \"{all}\" in {which}"), set("Action", all)));
        if names_people {
            found.push((format!("Principal \"*\" in {which}"), set("Principal", "*")));
        } else {
            found.push((format!("Resource \"*\" in {which}"), set("Resource", "*")));
        }
    }
    found
}

/// A policy that only takes away, without each of its refusals.
fn without_denies(policy: Option<&Value>) -> Vec<(String, Value)> {
    let Some(policy) = policy else { return Vec::new() };
    let statements = policy.get("Statement").and_then(Value::as_array).cloned().unwrap_or_default();
    let denies = statements.iter().enumerate().filter(|(_, one)| one.get("Effect") == Some(&json!("Deny")));
    let without = |at: usize| {
        let rest =
            statements.iter().enumerate().filter(|(other, _)| *other != at).map(|(_, one)| one.clone());
        let mut policy = policy.clone();
        policy["Statement"] = rest.collect();
        (format!("without the Deny of statement {}", at + 1), policy)
    };
    denies.map(|(at, _)| without(at)).collect()
}

/// Users and roles by name, with their ARNs.
fn people(world: &World) -> Vec<(String, String)> {
    let all = world.iam().identities().filter(|one| one.kind != Kind::Group);
    all.map(|one| (one.name.clone(), one.arn())).collect()
}

/// Everybody in turn with a policy more.
fn more_in_iam(end: &Play<'_>) -> Vec<Change> {
    let mut found = Vec::new();
    for one in end.world.iam().identities().filter(|one| one.kind != Kind::Group) {
        let document = DocumentId::Inline(one.account.clone(), one.kind, one.name.clone(), MORE.to_owned());
        for action in ["*", "kms:*", "iam:*"] {
            let statement = json!({"Effect": "Allow", "Action": action, "Resource": "*"});
            let policy = json!({"Version": "2012-10-17", "Statement": [statement]});
            let changed = document.what_if(&end.world, &Caller::Anonymous, &policy.to_string());
            let what = format!("an IAM policy of {} with Action \"{action}\"", one.name);
            let on = if action == "iam:*" { Some(one.arn()) } else { any_key(&end.world) };
            found.extend(changed.ok().map(|world| Change { what, world, on }));
        }
    }
    found
}

/// A grant on each key for each of its account and for somebody outside.
fn grants(end: &Play<'_>) -> Vec<Change> {
    let world = &end.world;
    let mut grantees = people(world);
    grantees.push(("another account".to_owned(), STRANGER.to_owned()));
    let mut found = Vec::new();
    for key in world.kms().keys() {
        let arn = key.arn();
        for (name, grantee) in &grantees {
            let operations = ["Decrypt", "Encrypt", "GenerateDataKey", "CreateGrant", "DescribeKey"];
            let input = json!({"KeyId": arn, "GranteePrincipal": grantee, "Operations": operations});
            let changed = makers(end, &key.handle.account).find_map(|maker| {
                let context = CallContext::in_region(key.handle.region.clone());
                let call = Call::decode("kms", "CreateGrant", input.clone()).ok()?.with_context(context);
                let mut changed = world.clone();
                changed.call(&maker, call).result.ok().map(|_| changed)
            });
            let what = format!("a grant on {} for {name}", end.names.short(&arn));
            found.extend(changed.map(|world| Change { what, world, on: Some(arn.clone()) }));
        }
    }
    found
}

/// Who could make a grant: the root user of the account, and everybody whom the learner may play.
fn makers<'e>(end: &'e Play<'_>, account: &AccountId) -> impl Iterator<Item = Caller> + use<'e> {
    let played = end.stage.personas.iter().map(|persona| persona.caller.clone());
    [Caller::Root(account.clone())].into_iter().chain(played)
}
