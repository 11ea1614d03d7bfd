//! The lockout of `lint` beside the one of the simulated PutKeyPolicy: whatever the one finds the other refuses, and the
//! remedy by itself is enough.

use std::collections::BTreeSet;

use kmslab::cloud::{AccountId, Call, Caller, Fidelity, World};
use kmslab::policy::{Finding, Severity};
use serde_json::{Value, json};

use super::{Row, found, rows};

const HOME: &str = "111122223333";
const ADMINISTRATOR: &str = "arn:aws:iam::aws:policy/AdministratorAccess";
/// Condition keys of circumstances that nobody here is in, and that somebody else may be in.
const CIRCUMSTANCES: [&str; 3] = ["aws:MultiFactorAuth", "aws:SourceIp", "aws:SourceVpc"];
/// The words of AWS.
/// Source: recorded answers of CreateKey and PutKeyPolicy; hashicorp/terraform-provider-aws, the tests of
/// `aws_kms_key_policy`.
const LOCKED: &str = "The new key policy will not allow you to update the key policy in the future.";

fn account() -> AccountId {
    HOME.parse().expect("twelve digits")
}

fn call(world: &mut World, caller: &Caller, operation: &str, input: Value) -> Result<Value, String> {
    let (service, operation) = operation.split_once(':').expect("a service");
    let call = Call::decode(service, operation, input).expect("a call");
    world.call(caller, call).result.map(|output| output.to_json()).map_err(|error| error.message)
}

/// The ARNs of users and roles of the account that a text names, but for those with wildcards.
fn identities(text: &str) -> BTreeSet<(&'static str, String)> {
    let mut found = BTreeSet::new();
    for kind in ["user", "role"] {
        for rest in text.split(&format!("arn:aws:iam::{HOME}:{kind}/")).skip(1) {
            let path: String = rest.chars().take_while(|c| !matches!(c, '"' | '*' | '?')).collect();
            found.insert((kind, path));
        }
        if kind == "role" {
            for rest in text.split(&format!("arn:aws:sts::{HOME}:assumed-role/")).skip(1) {
                found.insert((kind, rest.chars().take_while(|c| *c != '/').collect()));
            }
        }
    }
    found.into_iter().filter(|(_, path)| !path.is_empty() && !path.ends_with('/')).collect()
}

/// A world with a key that leaves everything to IAM, and everybody whom the policies of the table name, each allowed
/// everything.
struct Stage {
    world: World,
    key: String,
    /// Whoever may put a policy, with the name by which a policy knows them.
    callers: Vec<((&'static str, String), Caller)>,
}

impl Stage {
    /// The stage for all rows.
    fn new() -> Self {
        Self::of(readable().into_iter().flat_map(|row| identities(&row.text())))
    }

    fn of(named: impl Iterator<Item = (&'static str, String)>) -> Self {
        let now = "2026-01-05T09:00:00Z".parse().expect("a time");
        let mut world = World::new(7, now, Fidelity::instant());
        world.add_account(account(), "clinic");
        let root = Caller::Root(account());
        let trust = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": HOME}, "Action": "sts:AssumeRole"}]});
        let all: BTreeSet<(&str, String)> = named.chain(canaries()).collect();
        let mut callers = vec![(("root", String::new()), root.clone())];
        for (kind, whole) in all {
            let (path, name) = whole
                .rsplit_once('/')
                .map_or(("/".to_owned(), &*whole), |(path, name)| (format!("/{path}/"), name));
            let (noun, upper) = if kind == "user" { ("User", "UserName") } else { ("Role", "RoleName") };
            let mut input = json!({upper: name, "Path": path});
            if kind == "role" {
                input["AssumeRolePolicyDocument"] = trust.to_string().into();
            }
            // Two that differ in their path alone cannot both be there.
            if call(&mut world, &root, &format!("iam:Create{noun}"), input).is_err() {
                continue;
            }
            let attach = json!({upper: name, "PolicyArn": ADMINISTRATOR});
            call(&mut world, &root, &format!("iam:Attach{noun}Policy"), attach).expect("a policy");
            let caller = if kind == "user" {
                Caller::user(&account(), name)
            } else {
                // The sessions that a policy may name: here they are all called kim.
                let role =
                    json!({"RoleArn": format!("arn:aws:iam::{HOME}:role/{whole}"), "RoleSessionName": "kim"});
                let helper = json!({"UserName": "helper"});
                let _there_already = call(&mut world, &root, "iam:CreateUser", helper.clone());
                let attach = json!({"UserName": "helper", "PolicyArn": ADMINISTRATOR});
                call(&mut world, &root, "iam:AttachUserPolicy", attach).expect("a policy");
                let made = call(&mut world, &Caller::user(&account(), "helper"), "sts:AssumeRole", role)
                    .expect("a session");
                Caller::Session(made["Credentials"]["AccessKeyId"].as_str().expect("an id").into())
            };
            callers.push(((kind, whole), caller));
        }
        let key = call(&mut world, &root, "kms:CreateKey", json!({})).expect("a key");
        let key = key["KeyMetadata"]["Arn"].as_str().expect("an ARN").to_owned();
        Self { world, key, callers }
    }

    /// What each of those who may be meant is answered who puts a policy.
    fn answers(&self, text: &str) -> Vec<Result<Value, String>> {
        let is_there = |who| self.callers.iter().any(|(known, _)| *known == who);
        if !identities(text).into_iter().all(is_there) {
            return Self::of(identities(text).into_iter()).put(text);
        }
        self.put(text)
    }

    fn put(&self, text: &str) -> Vec<Result<Value, String>> {
        let meant: BTreeSet<(&str, String)> = identities(text).into_iter().chain(canaries()).collect();
        let callers = self.callers.iter().filter(|(who, _)| who.0 == "root" || meant.contains(who));
        let input = json!({"KeyId": self.key, "Policy": text});
        callers
            .map(|(_, caller)| call(&mut self.world.clone(), caller, "kms:PutKeyPolicy", input.clone()))
            .collect()
    }
}

/// Somebody of whom no policy speaks.
fn canaries() -> [(&'static str, String); 2] {
    [("user", "canary".to_owned()), ("role", "canary".to_owned())]
}

fn lockout(row: &Row, text: &str) -> Option<Finding> {
    let all = found(&row.kind, text).into_iter();
    all.into_iter().find(|one| one.diagnostic.code == "lockout" && one.diagnostic.severity == Severity::Error)
}

/// Key policies of the table that `lint` refuses for nothing but a lockout, or for nothing at all.
fn readable() -> Vec<Row> {
    let only = |row: &Row| row.errors.iter().all(|id| id == "lockout");
    rows().into_iter().filter(|row| row.kind == "kms-key" && row.many.is_none() && only(row)).collect()
}

#[test]
fn the_simulated_call_refuses_what_is_found_and_nothing_else() {
    let stage = Stage::new();
    let (mut wrong, mut refused, mut taken) = (Vec::new(), 0, 0);
    for row in readable() {
        let text = row.text();
        // Other partitions are not simulated.
        if text.contains("arn:aws-cn:") {
            continue;
        }
        let is_found = lockout(&row, &text).is_some();
        let answers = stage.answers(&text);
        let locks_out =
            |answer: &Result<Value, String>| answer.as_ref().is_err_and(|message| message == LOCKED);
        match (is_found, answers.iter().all(locks_out), answers.iter().any(Result::is_ok)) {
            (true, true, _) => refused += 1,
            (false, _, true) => taken += 1,
            // Whom it names is not there, a deleted one or one of another account, or it is a part of a policy.
            (false, false, false) => {}
            (false, true, false)
                if row.notes.iter().any(|note| note == "lockout" || note == "managed-key") => {}
            (false, true, false) if CIRCUMSTANCES.iter().any(|key| text.contains(key)) => {}
            other => wrong.push(format!("{other:?} {text}\n{answers:?}")),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(refused >= 12 && taken >= 40, "{refused} refused, {taken} taken");
}

/// The document after the remedy of a finding.
fn mended(text: &str, remedy: &str) -> String {
    let mut document: Value = serde_json::from_str(text).expect("JSON");
    let statements = document["Statement"].as_array_mut().expect("a list");
    for step in remedy.split("Add ").filter(|step| !step.is_empty()) {
        if let Some(statement) = step.strip_prefix("the statement ") {
            let statement = statement.trim_end().trim_end_matches('.');
            statements.push(serde_json::from_str(statement).expect(statement));
            continue;
        }
        let who = step.split("arn:").nth(1).and_then(|rest| rest.split('"').next()).expect(step);
        let who = format!("arn:{who}");
        for (index, statement) in statements.iter_mut().enumerate() {
            let name = statement["Sid"]
                .as_str()
                .map_or(format!("statement {}", index + 1), |sid| format!("statement {sid:?}"));
            let is_named =
                step.split(&name).nth(1).is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_digit()));
            if !is_named {
                continue;
            }
            let place = &mut statement["Condition"]["ArnNotEquals"]["aws:PrincipalArn"];
            if step.contains("to the values of") {
                let known = place.as_array().cloned().unwrap_or_else(|| vec![place.clone()]);
                *place = known.into_iter().chain([json!(who)]).collect();
            } else {
                assert!(step.contains("to the Condition of") && place.is_null(), "{step}");
                *place = json!(who);
            }
        }
    }
    document.to_string()
}

#[test]
fn the_remedy_by_itself_is_enough() {
    let stage = Stage::new();
    let mut tried = 0;
    for row in readable() {
        let text = row.text();
        let Some(finding) = lockout(&row, &text) else { continue };
        let remedy = &finding.diagnostic.remedy;
        let after = mended(&text, remedy);
        assert!(lockout(&row, &after).is_none(), "{remedy}\n{after}");
        if !text.contains("arn:aws-cn:") {
            let answers = stage.answers(&after);
            assert!(answers.iter().any(Result::is_ok), "{remedy}\n{after}\n{answers:?}");
        }
        tried += 1;
    }
    assert!(tried >= 12, "{tried}");
}

/// A lockout is told where it comes from: at the statement that denies, or that would allow and does not hold.
#[test]
fn a_lockout_stands_at_the_statement_that_causes_it() {
    for row in readable() {
        let text = row.text();
        let Some(finding) = lockout(&row, &text) else { continue };
        let place = finding.diagnostic.span.of(&text);
        let denies = text.contains("\"Deny\"");
        let speaks = text.contains("PutKeyPolicy") || text.contains("kms:*");
        assert_eq!(place.contains("\"Effect\""), denies || speaks, "{place}\n{text}");
        assert_eq!(place.contains("\"Deny\""), denies, "{place}\n{text}");
    }
}
