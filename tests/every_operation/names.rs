//! The names by which people call things, asked of every operation: what a call is about, what the console completes,
//! what may stand in a step of a scenario.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use kmslab::aws_cli::{Console, RealFiles, kebab};
use kmslab::cloud::{Call, Fidelity, Region, SERVICES, Service, World};
use kmslab::lab::Watched;
use kmslab::scenario::{Action, CallStep, Expect, Names, Play, Scenario, Stage, Step, embedded};
use serde_json::{Map, Value, json};

use super::lab::{HOME, Lab, account, call};
use super::model::MODEL;

/// The operations that are about nothing in particular: they list what there is, or they concern whoever asks.
const ABOUT_NOTHING: &[&str] = &[
    "cloudtrail:LookupEvents",
    "dynamodb:DescribeEndpoints",
    "dynamodb:DescribeLimits",
    "dynamodb:ListTables",
    "events:ListRules",
    "events:TestEventPattern",
    "iam:GetAccountAuthorizationDetails",
    "iam:ListGroups",
    "iam:ListPolicies",
    "iam:ListRoles",
    "iam:ListUsers",
    "iam:SimulateCustomPolicy",
    "kms:CreateKey",
    "kms:GenerateRandom",
    "kms:ListAliases",
    "kms:ListKeys",
    "organizations:CreateOrganization",
    "organizations:DescribeOrganization",
    "organizations:ListAccounts",
    "organizations:ListPolicies",
    "organizations:ListRoots",
    "sts:GetCallerIdentity",
    "sts:GetSessionToken",
];

#[test]
fn every_call_says_what_it_is_about_unless_it_is_about_nothing() {
    let lab = Lab::new(7, Fidelity::instant());
    let (mut speaks, mut silent) = (BTreeSet::new(), BTreeSet::new());
    for request in &lab.requests {
        let call = Call::decode(request.service, request.operation, request.input.clone());
        let call = call.unwrap_or_else(|e| panic!("{}: {e}", request.operation));
        let action = call.action();
        let is_silent = Watched::of(call, &lab.world).about().is_empty();
        if is_silent {
            silent.insert(action)
        } else {
            speaks.insert(action)
        };
    }
    let silent: BTreeSet<&str> = silent.difference(&speaks).map(String::as_str).collect();
    let listed: BTreeSet<&str> = ABOUT_NOTHING.iter().copied().collect();
    let forgotten: Vec<_> = silent.difference(&listed).collect();
    assert!(
        forgotten.is_empty(),
        "{forgotten:?} are about nothing: the field that names the subject belongs into NAMES of src/lab/watched.rs, an \
         operation without a subject into ABOUT_NOTHING"
    );
    let wrong: Vec<_> = listed.difference(&silent).collect();
    assert!(wrong.is_empty(), "{wrong:?} are about something, or there is no such operation");
}

#[test]
fn a_call_about_several_things_names_each_once() {
    let lab = Lab::new(7, Fidelity::instant());
    let orders = format!("arn:aws:dynamodb:us-east-1:{HOME}:table/Orders");
    let (key, item) = (json!({"Id": {"S": "7"}}), json!({"Id": {"S": "8"}}));
    let batch = json!({"Notes": {"Keys": [key]}, (orders.as_str()): {"Keys": [key]}});
    let put = |table: &str| json!({"Put": {"TableName": table, "Item": item}});
    let check = json!({"ConditionCheck": {"TableName": "Notes", "Key": key,
        "ConditionExpression": "attribute_exists(Id)"}});
    let tess = format!("arn:aws:iam::{HOME}:user/tess");
    let rows = [
        ("dynamodb", "BatchGetItem", json!({"RequestItems": batch}), "Notes, Orders"),
        (
            "dynamodb",
            "BatchWriteItem",
            json!({"RequestItems": {"Notes": [{"PutRequest": {"Item": item}}]}}),
            "Notes",
        ),
        (
            "dynamodb",
            "TransactWriteItems",
            json!({"TransactItems": [put("Orders"), check, put(&orders)]}),
            "Orders, Notes",
        ),
        (
            "dynamodb",
            "TransactGetItems",
            json!({"TransactItems": [{"Get": {"TableName": "Notes", "Key": key}}]}),
            "Notes",
        ),
        ("kms", "ListRetirableGrants", json!({"RetiringPrincipal": tess}), "tess"),
        (
            "organizations",
            "InviteAccountToOrganization",
            json!({"Target": {"Id": HOME, "Type": "ACCOUNT"}}),
            HOME,
        ),
        (
            "organizations",
            "EnablePolicyType",
            json!({"RootId": "r-1", "PolicyType": "SERVICE_CONTROL_POLICY"}),
            "SERVICE_CONTROL_POLICY",
        ),
    ];
    for (service, operation, input, about) in rows {
        let call = Call::decode(service, operation, input).unwrap_or_else(|e| panic!("{operation}: {e}"));
        assert_eq!(Watched::of(call, &lab.world).about(), about, "{operation}");
    }
}

/// The parameters that name something, as their last word says, and that are not completed: new names, texts of one's
/// own, ids that only an answer gives, places on a page, and what is not simulated.
const NOT_COMPLETED: &[&str] = &[
    "BackupName",
    "CustomKeyStoreId",
    "EventBusName",
    "ExclusiveStartBackupArn",
    "ExclusiveStartTableName",
    "ExpectedRevisionId",
    "ExternalId",
    "GlobalTableSourceArn",
    "GranteeServicePrincipal",
    "IndexName",
    "KeyMaterialId",
    "Name",
    "ProviderId",
    "RetiringServicePrincipal",
    "RoleSessionName",
    "VersionId",
    "XksKeyId",
    "authorizationId",
];

#[test]
fn the_console_completes_every_parameter_that_names_something() {
    let lab = Lab::new(7, Fidelity::instant());
    let console = Console::new(names(), "kim", Arc::new(RealFiles));
    let (mut completed, mut silent) = (BTreeSet::new(), BTreeSet::new());
    for request in lab.requests.iter().filter(|request| request.service != "organizations") {
        for (member, kind, _) in MODEL.members(request.service, request.operation) {
            let named =
                ["Name", "Arn", "Id", "Principal", "Boundary"].iter().any(|end| member.ends_with(end));
            if kind != "string" || !named {
                continue;
            }
            let line = format!("aws {} {} --{} ", request.service, kebab(request.operation), kebab(&member));
            let found = console.complete(&lab.world, &line, line.len()).candidates;
            if found.is_empty() {
                silent.insert(member)
            } else {
                completed.insert(member)
            };
        }
    }
    assert!(completed.contains("TableName"), "{completed:?}");
    let listed: BTreeSet<String> = NOT_COMPLETED.iter().map(|name| (*name).to_owned()).collect();
    let forgotten: Vec<_> = silent.difference(&listed).collect();
    assert!(
        forgotten.is_empty(),
        "{forgotten:?} are not completed: each belongs into `values` of src/aws_cli/complete.rs, or into NOT_COMPLETED"
    );
    let wrong: Vec<_> = listed.difference(&silent).collect();
    assert!(wrong.is_empty(), "{wrong:?} are completed, or there is no such parameter");
}

fn names() -> Names {
    Names::new(account(HOME), Region::us_east_1())
}

fn stage() -> Stage {
    let scenario = embedded().iter().find(|scenario| scenario.id == "a3-key-policy-door").expect("a3");
    scenario.read().and_then(Scenario::build).expect("a3")
}

/// A step of a scenario.
fn step(
    caller: &str,
    service: &str,
    operation: &str,
    with: Map<String, Value>,
    save: Option<String>,
) -> Step {
    let operation = format!("{service}:{operation}");
    let call = CallStep { caller: caller.to_owned(), operation, with, expect: Expect::Success, save };
    Step { task: None, action: Action::Call(call), unnamed: false }
}

/// Replaces every text for which `turn` has something else, and returns how many there were.
fn replace(value: &mut Value, turn: &dyn Fn(&str) -> Option<Value>) -> usize {
    match value {
        Value::Object(fields) => fields.values_mut().map(|value| replace(value, turn)).sum(),
        Value::Array(elements) => elements.iter_mut().map(|value| replace(value, turn)).sum(),
        Value::String(text) => match turn(text) {
            Some(other) => {
                *value = other;
                1
            }
            None => 0,
        },
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
    }
}

/// The policies in a text become values, so that their layout does not matter.
fn read_policies(mut value: Value) -> Value {
    replace(&mut value, &policy);
    value
}

fn policy(text: &str) -> Option<Value> {
    let value: Value = serde_json::from_str(text).ok()?;
    value.get("Statement").is_some().then_some(value)
}

/// The short names of what the world holds, by ARN: those of keys are saved by steps, as a scenario does.
fn short_names(play: &mut Play<'_>, world: &World) -> BTreeMap<String, String> {
    let mut short = BTreeMap::new();
    for (index, key) in world.kms().keys().enumerate() {
        let name = format!("key{index}");
        let with = Map::from_iter([("KeyId".to_owned(), json!(key.arn()))]);
        let root = format!("root@{}", key.handle.account);
        play.names.region = key.handle.region.clone();
        let report = play.step(&step(&root, "kms", "DescribeKey", with, Some(name.clone())));
        assert_eq!(report.unmet, None, "{}", key.arn());
        short.insert(key.arn(), name);
    }
    play.names.region = Region::us_east_1();
    let home = world.iam().identities().filter(|identity| identity.account == account(HOME));
    short.extend(home.map(|identity| (identity.arn(), identity.name.clone())));
    short
}

/// Scenarios name keys and principals by short names and write policies as objects, in whatever field they stand.
#[test]
fn a_step_takes_short_names_and_policies_as_objects_in_every_field() {
    let (lab, stage) = (Lab::new(7, Fidelity::instant()), stage());
    let mut play = Play::new(&stage);
    (play.names, play.world) = (names(), lab.world.clone());
    let short = short_names(&mut play, &lab.world);
    let (mut named, mut written) = (0, 0);
    for request in &lab.requests {
        let mut input = request.input.clone();
        named += replace(&mut input, &|text| short.get(text).map(|name| json!(name)));
        written += replace(&mut input, &policy);
        let Value::Object(with) = input else { panic!("{request:?}") };
        let made =
            play.clone().step(&step("kim", request.service, request.operation, with.clone(), None)).made;
        let Some((_, call)) = made else {
            panic!(
                "a step does not take {} {with:?}: a field belongs into one of the lists of src/scenario/resolve.rs",
                request.operation
            )
        };
        let whole =
            Call::decode(request.service, request.operation, request.input.clone()).expect("a request");
        assert_eq!(
            read_policies(call.input.to_json()),
            read_policies(whole.input.to_json()),
            "{}: a field belongs into one of the lists of src/scenario/resolve.rs",
            request.operation
        );
    }
    assert!(named > 30 && written > 10, "{named} names, {written} policies");
}

/// The learner watches calls about things of every kind; those of IAM are taken on and named by calls of other services.
#[test]
fn each_service_with_resources_has_calls_to_watch() {
    let populated = Lab::new(7, Fidelity::instant());
    let mut world = populated.world.clone();
    for request in &populated.requests {
        // Some fail, as what they are about has been deleted by one before.
        let _outcome = call(&mut world, request).unwrap_or_else(|e| panic!("{}: {e}", request.operation));
    }
    let has_resources = |world: &World, service: &Service| !service.candidates(world).is_empty();
    let scenario = kmslab::scenario::find("free-sample").expect("it is embedded");
    let lab = kmslab::lab::Lab::open(scenario, None).expect("it opens");
    let actions: Vec<String> = lab.watchable().iter().map(|row| row.watched.call().action()).collect();
    for service in SERVICES.iter().filter(|service| has_resources(&world, service)) {
        let prefix = service.prefix;
        assert!(
            has_resources(lab.world(), service),
            "assets/accounts/free-sample.json holds nothing of {prefix}"
        );
        let is_offered = actions.iter().any(|action| action.starts_with(&format!("{prefix}:")));
        assert!(is_offered || prefix == "iam", "src/lab/watchable.rs offers no call of {prefix}");
    }
}
