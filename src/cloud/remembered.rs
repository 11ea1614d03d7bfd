//! The decisions that a world made last: whoever asks for the same again, while nothing has changed that a decision may read,
//! is told the same.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;

use super::dynamodb::State as DynamoDb;
use super::eventbridge::State as EventBridge;
use super::iam::State as Iam;
use super::kms::State as Kms;
use super::network::State as Network;
use super::organizations::State as Organizations;
use super::permission::{DecisionRecord, Permission};
use super::shared::Shared;
use super::{CallContext, Caller, Fidelity};
use crate::limits::steps;
use crate::policy::Principal;

/// How many decisions are remembered.
const KEPT: usize = 32;

/// The decisions that a world made last.
#[derive(Default)]
pub(in crate::cloud) struct Remembered(Mutex<Option<Memory>>);

struct Memory {
    /// What the decisions were made from. As soon as any of it is another, all of them are forgotten.
    from: ReadByDecisions,
    /// The decisions, the latest last.
    decisions: VecDeque<(Question, DecisionRecord)>,
}

/// All of a world that its decisions may read. Two are the same if nothing of it was changed between them.
#[derive(Clone)]
pub(in crate::cloud) struct ReadByDecisions {
    pub now: Timestamp,
    pub fidelity: Fidelity,
    pub iam: Shared<Iam>,
    pub organizations: Shared<Organizations>,
    pub kms: Shared<Kms>,
    pub dynamodb: Shared<DynamoDb>,
    pub eventbridge: Shared<EventBridge>,
    pub network: Shared<Network>,
}

impl ReadByDecisions {
    /// Whether nothing that a decision may read was changed between the two.
    pub fn is(&self, other: &Self) -> bool {
        let Self { now, fidelity, iam, organizations, kms, dynamodb, eventbridge, network } = self;
        *now == other.now
            && *fidelity == other.fidelity
            && iam.is_shared_with(&other.iam)
            && organizations.is_shared_with(&other.organizations)
            && kms.is_shared_with(&other.kms)
            && dynamodb.is_shared_with(&other.dynamodb)
            && eventbridge.is_shared_with(&other.eventbridge)
            && network.is_shared_with(&other.network)
    }
}

/// Who asks for what, under which circumstances: all that a decision reads beside the world.
#[derive(Clone, Copy)]
pub(in crate::cloud) struct Asked<'a> {
    pub caller: &'a Caller,
    pub principal: &'a Principal,
    pub context: &'a CallContext,
    pub permission: &'a Permission,
}

/// The same, to be kept.
struct Question {
    caller: Caller,
    principal: Principal,
    context: CallContext,
    permission: Permission,
}

impl Question {
    fn of(asked: Asked<'_>) -> Self {
        Self {
            caller: asked.caller.clone(),
            principal: asked.principal.clone(),
            context: asked.context.clone(),
            permission: asked.permission.clone(),
        }
    }

    fn is(&self, asked: Asked<'_>) -> bool {
        self.permission == *asked.permission
            && self.caller == *asked.caller
            && self.principal == *asked.principal
            && are_alike(&self.context, asked.context)
    }
}

/// Whether a policy cannot tell two circumstances apart: in everything but the connection, which no condition key says.
fn are_alike(one: &CallContext, other: &CallContext) -> bool {
    let CallContext {
        region,
        source_ip,
        user_agent,
        secure_transport,
        connection: _,
        keys,
        forwarded_by,
        on_behalf_of,
    } = one;
    *region == other.region
        && *source_ip == other.source_ip
        && *user_agent == other.user_agent
        && *secure_transport == other.secure_transport
        && *keys == other.keys
        && *forwarded_by == other.forwarded_by
        && *on_behalf_of == other.on_behalf_of
}

impl Remembered {
    /// Returns the decision that was made from the same, else makes it and remembers it.
    pub fn decision(
        &self,
        from: &ReadByDecisions,
        asked: Asked<'_>,
        decide: impl FnOnce() -> DecisionRecord,
    ) -> DecisionRecord {
        if let Some(known) = self.find(from, asked) {
            return known;
        }
        let record = decide();
        // What ended early, because the budget of steps around it was spent, is no decision.
        if !steps::is_spent() {
            self.keep(from, Question::of(asked), record.clone());
        }
        record
    }

    fn find(&self, from: &ReadByDecisions, asked: Asked<'_>) -> Option<DecisionRecord> {
        // An entry is there or it is not.
        let memory = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let memory = memory.as_ref().filter(|memory| memory.from.is(from))?;
        let found = memory.decisions.iter().rev().find(|(question, _)| question.is(asked));
        found.map(|(_, record)| record.clone())
    }

    fn keep(&self, from: &ReadByDecisions, question: Question, record: DecisionRecord) {
        let mut memory = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match memory.as_mut().filter(|memory| memory.from.is(from)) {
            Some(memory) => {
                if memory.decisions.len() == KEPT {
                    memory.decisions.pop_front();
                }
                memory.decisions.push_back((question, record));
            }
            None => *memory = Some(Memory { from: from.clone(), decisions: [(question, record)].into() }),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use jiff::SignedDuration;
    use serde_json::{Value, json};

    use super::*;
    use crate::cloud::network::Location;
    use crate::cloud::{AccountId, Call, Fidelity, Outcome, Output, World};

    fn account() -> AccountId {
        "111122223333".parse().expect("twelve digits")
    }

    fn call(world: &mut World, caller: &Caller, what: &str, input: Value) -> Outcome {
        let (service, operation) = what.split_once(':').expect("a service");
        world.call(caller, Call::decode(service, operation, input).expect(what))
    }

    fn policy(statements: &Value) -> String {
        json!({"Version": "2012-10-17", "Statement": statements}).to_string()
    }

    /// What a call led to, its decisions with all that they were made from included.
    fn told(outcome: &Outcome) -> Value {
        let decisions = outcome.decisions.iter().map(|record| json!([record, record.explain()]));
        let events = outcome.events.iter().map(|event| event.to_json());
        json!({
            "decisions": decisions.collect::<Vec<_>>(),
            "events": events.collect::<Vec<_>>(),
            "output": outcome.result.as_ref().map(Output::to_json).ok(),
            "error": outcome.result.as_ref().err(),
        })
    }

    #[test]
    fn a_world_that_remembers_decides_as_one_that_does_not_whatever_is_changed() {
        let (root, kim) = (Caller::Root(account()), Caller::user(&account(), "kim"));
        let now = "2026-01-05T09:00:00Z".parse().expect("a time");
        let mut world = World::new(7, now, Fidelity::instant());
        world.add_account(account(), "clinic");
        world.remember_decisions();
        let ok = |world: &mut World, what: &str, input: Value| {
            call(world, &root, what, input).result.expect(what).to_json()
        };
        ok(&mut world, "iam:CreateUser", json!({"UserName": "kim"}));
        let key = ok(&mut world, "kms:CreateKey", json!({}))["KeyMetadata"]["Arn"].clone();
        ok(
            &mut world,
            "dynamodb:CreateTable",
            json!({
                "TableName": "Clinic",
                "AttributeDefinitions": [{"AttributeName": "Id", "AttributeType": "S"}],
                "KeySchema": [{"AttributeName": "Id", "KeyType": "HASH"}],
                "BillingMode": "PAY_PER_REQUEST",
                "SSESpecification": {"Enabled": true, "SSEType": "KMS", "KMSMasterKeyId": key},
            }),
        );
        let table = "arn:aws:dynamodb:us-east-1:111122223333:table/Clinic";
        let allow = |action: &str, condition: Value| {
            policy(&json!([{"Effect": "Allow", "Action": action, "Resource": "*", "Condition": condition}]))
        };
        let own = |text: String| json!({"UserName": "kim", "PolicyName": "p", "PolicyDocument": text});
        let whole = policy(&json!([
            {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Action": "kms:*", "Resource": "*"}]));
        let closed = policy(&json!([
            {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Action": "kms:*", "Resource": "*"},
            {"Effect": "Deny", "Principal": "*", "Action": "kms:Decrypt", "Resource": "*",
             "Condition": {"StringEquals": {"kms:ViaService": "dynamodb.us-east-1.amazonaws.com"}}}]));
        let changes = [
            ("iam:PutUserPolicy", own(allow("dynamodb:*", json!({})))),
            ("iam:PutUserPolicy", own(allow("*", json!({})))),
            ("kms:PutKeyPolicy", json!({"KeyId": key, "Policy": closed})),
            ("kms:PutKeyPolicy", json!({"KeyId": key, "Policy": whole})),
            ("iam:PutUserPolicy", own(allow("*", json!({"StringEquals": {"aws:ResourceTag/team": "red"}})))),
            (
                "dynamodb:TagResource",
                json!({"ResourceArn": table, "Tags": [{"Key": "team", "Value": "red"}]}),
            ),
            ("kms:TagResource", json!({"KeyId": key, "Tags": [{"TagKey": "team", "TagValue": "red"}]})),
            ("iam:PutUserPolicy", own(allow("*", json!({"StringEquals": {"aws:PrincipalTag/team": "red"}})))),
            ("iam:TagUser", json!({"UserName": "kim", "Tags": [{"Key": "team", "Value": "red"}]})),
            ("iam:PutUserPolicy", own(allow("dynamodb:*", json!({})))),
            (
                "kms:CreateGrant",
                json!({"KeyId": key, "GranteePrincipal": "arn:aws:iam::111122223333:user/kim", "Operations": ["Decrypt"]}),
            ),
            ("kms:DisableKey", json!({"KeyId": key})),
            ("kms:EnableKey", json!({"KeyId": key})),
            (
                "iam:PutUserPolicy",
                own(allow("*", json!({"DateGreaterThan": {"aws:CurrentTime": "2026-01-05T10:00:00Z"}}))),
            ),
            ("iam:PutUserPolicy", own(allow("*", json!({"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}})))),
            ("iam:DeleteUserPolicy", json!({"UserName": "kim", "PolicyName": "p"})),
        ];
        let read = |id: &str| json!({"TableName": "Clinic", "Key": {"Id": {"S": id}}});
        let check = |world: &mut World, why: &str| {
            let mut allowed = 0;
            for (operation, input) in [
                ("dynamodb:GetItem", read("1")),
                ("dynamodb:GetItem", read("1")),
                ("dynamodb:GetItem", read("2")),
                ("kms:DescribeKey", json!({"KeyId": key})),
                ("dynamodb:GetItem", read("1")),
                ("dynamodb:PutItem", json!({"TableName": "Clinic", "Item": {"Id": {"S": "1"}}})),
            ] {
                let mut forgetful = world.clone();
                forgetful.remembered = None;
                let plain = call(&mut forgetful, &kim, operation, input.clone());
                let outcome = call(world, &kim, operation, input);
                assert_eq!(told(&outcome), told(&plain), "{why}: {operation}");
                allowed += usize::from(outcome.result.is_ok());
            }
            allowed
        };
        let mut counts = vec![check(&mut world, "at first")];
        for (change, input) in changes {
            ok(&mut world, change, input.clone());
            counts.push(check(&mut world, &format!("after {change} {input}")));
            world.advance(SignedDuration::from_mins(7)).expect("a moment");
            counts.push(check(&mut world, &format!("some minutes after {change}")));
            world
                .locate(&kim, Location::Internet("203.0.113.9".parse().expect("an address")))
                .expect("somebody");
            counts.push(check(&mut world, &format!("from elsewhere after {change}")));
            world
                .locate(&kim, Location::Internet("198.51.100.7".parse().expect("an address")))
                .expect("somebody");
        }
        assert!(counts.contains(&0) && counts.contains(&6), "{counts:?}");
    }

    #[test]
    fn the_same_question_is_decided_once_until_something_changes() {
        let root = Caller::Root(account());
        let now = "2026-01-05T09:00:00Z".parse().expect("a time");
        let mut world = World::new(7, now, Fidelity::instant());
        world.add_account(account(), "clinic");
        world.remember_decisions();
        let key = call(&mut world, &root, "kms:CreateKey", json!({})).result.expect("a key").to_json();
        let asks = |world: &mut World| {
            let outcome = call(
                world,
                &root,
                "kms:Encrypt",
                json!({"KeyId": key["KeyMetadata"]["KeyId"], "Plaintext": "YQ=="}),
            );
            outcome.decisions[0].request.clone()
        };
        let first = asks(&mut world);
        assert!(Arc::ptr_eq(&first, &asks(&mut world)));
        call(&mut world, &root, "iam:CreateUser", json!({"UserName": "kim"})).result.expect("a user");
        let second = asks(&mut world);
        assert!(!Arc::ptr_eq(&first, &second));
        assert!(Arc::ptr_eq(&second, &asks(&mut world)));
        world.advance(SignedDuration::from_secs(1)).expect("a moment");
        assert!(!Arc::ptr_eq(&second, &asks(&mut world)));
    }
}
