//! Rules and the records that they match.

use serde_json::{Value, json};

use crate::cloud::{AccountId, Call, Caller, DocumentId, Fidelity, World};

const HOME: &str = "111122223333";
const AWAY: &str = "444455556666";

fn account(number: &str) -> AccountId {
    number.parse().expect("twelve digits")
}

fn root(number: &str) -> Caller {
    Caller::Root(account(number))
}

/// Makes a call, and returns the response, or the error's code and message.
fn call(world: &mut World, caller: &Caller, operation: &str, input: Value) -> Result<Value, String> {
    let (service, operation) = operation.split_once(':').expect("a service");
    let call = Call::decode(service, operation, input).expect(operation);
    world.call(caller, call).result.map(|output| output.to_json()).map_err(|error| error.to_string())
}

/// A world in which two accounts have used one key, and the second one was refused another.
fn world() -> World {
    let mut world = World::new(1, "2026-01-05T09:00:00Z".parse().expect("a time"), Fidelity::instant());
    for number in [HOME, AWAY] {
        world.add_account(account(number), number);
    }
    let key = |world: &mut World| {
        let made = call(world, &root(HOME), "kms:CreateKey", json!({})).expect("made");
        made["KeyMetadata"]["Arn"].as_str().expect("an ARN").to_owned()
    };
    let (open, shut) = (key(&mut world), key(&mut world));
    let both = [HOME, AWAY].map(|number| format!("arn:aws:iam::{number}:root"));
    let policy = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": both},
        "Action": "kms:*", "Resource": "*"}]});
    let put = json!({"KeyId": open, "Policy": policy.to_string()});
    call(&mut world, &root(HOME), "kms:PutKeyPolicy", put).expect("put");
    for (who, key) in [(HOME, &open), (AWAY, &open), (AWAY, &shut)] {
        let asked = call(&mut world, &root(who), "kms:Encrypt", json!({"KeyId": key, "Plaintext": "eA=="}));
        assert_eq!(asked.is_ok(), key == &open, "{who} {key}");
    }
    call(&mut world, &root(HOME), "kms:DescribeKey", json!({"KeyId": open})).expect("described");
    world
}

/// The names of the records that a rule matches.
fn found(world: &World, account: &str) -> Vec<&'static str> {
    let arn = format!("arn:aws:events:us-east-1:{account}:rule/finding");
    let rule = world.eventbridge().rule(&arn).expect("a rule");
    world.events().filter(|event| rule.finds(event)).map(|event| event.name).collect()
}

fn put(world: &mut World, number: &str, pattern: &Value, state: &str) {
    let input = json!({"Name": "finding", "EventPattern": pattern.to_string(), "State": state});
    call(world, &root(number), "events:PutRule", input).expect("put");
}

/// Source: EventBridge User Guide, "AWS service events delivered via AWS CloudTrail"; KMS Developer Guide, "Logging AWS KMS
/// API calls with AWS CloudTrail".
#[test]
fn the_owner_of_a_key_hears_of_other_accounts_unless_they_were_refused() {
    let mut world = world();
    let foreign = json!({"source": ["aws.kms"], "detail-type": ["AWS API Call via CloudTrail"],
        "detail": {"eventName": ["Encrypt"], "userIdentity": {"accountId": [{"anything-but": HOME}]}}});
    put(&mut world, HOME, &foreign, "ENABLED");
    put(&mut world, AWAY, &foreign, "ENABLED");
    assert_eq!(found(&world, HOME), ["Encrypt"]);
    assert_eq!(found(&world, AWAY), ["Encrypt", "Encrypt"]);
}

/// Source: EventBridge User Guide, "Receiving read-only management events from AWS services".
#[test]
fn the_state_of_a_rule_says_which_events_it_is_asked_of() {
    let mut world = world();
    let all = json!({"source": ["aws.kms"], "account": [HOME]});
    put(&mut world, HOME, &all, "ENABLED");
    assert!(!found(&world, HOME).contains(&"DescribeKey"));
    assert!(found(&world, HOME).contains(&"Encrypt"));
    put(&mut world, HOME, &all, "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS");
    assert!(found(&world, HOME).contains(&"DescribeKey"));
    // The pattern alone is written anew where the document is.
    let document = DocumentId::EventPattern(format!("arn:aws:events:us-east-1:{HOME}:rule/finding"));
    let narrower = r#"{"detail": {"eventName": ["DescribeKey"]}}"#;
    let put_again = document.put(&world, narrower).expect("a call");
    world.call(&root(HOME), put_again).result.expect("put");
    assert_eq!(found(&world, HOME), ["DescribeKey"]);
    put(&mut world, HOME, &all, "DISABLED");
    assert_eq!(found(&world, HOME), [""; 0]);
}

#[test]
fn what_is_no_rule_is_refused_in_the_words_of_the_service() {
    let mut world = world();
    for (operation, input, message) in [
        (
            "events:PutRule",
            json!({"Name": "r"}),
            "ValidationException: Parameter(s) EventPattern or ScheduleExpression must be specified.",
        ),
        (
            "events:PutRule",
            json!({"Name": "r", "EventPattern": r#"{"source": ["aws.health"], "detail": {}}"#}),
            "InvalidEventPatternException: Event pattern is not valid. Reason: Empty objects are not allowed\n at [Source: (String)\"{\"source\": [\"aws.health\"], \"detail\": {}}\"; line: 1, column: 40]",
        ),
        (
            "events:PutRule",
            json!({"Name": "r r", "EventPattern": r#"{"a": [1]}"#}),
            r"ValidationException: 1 validation error detected: Value 'r r' at 'name' failed to satisfy constraint: Member must satisfy regular expression pattern: [\.\-_A-Za-z0-9]+",
        ),
        (
            "events:DescribeRule",
            json!({"Name": "r"}),
            "ResourceNotFoundException: Rule r does not exist on EventBus default.",
        ),
        (
            "events:TestEventPattern",
            json!({"EventPattern": r#"{"a": [1]}"#, "Event": "{}"}),
            "ValidationException: Parameter Event is not valid.",
        ),
    ] {
        assert_eq!(call(&mut world, &root(HOME), operation, input).expect_err(operation), message);
    }
    // A rule that is not there can be deleted, and no bus has more than 300.
    call(&mut world, &root(HOME), "events:DeleteRule", json!({"Name": "r"})).expect("nothing to do");
    for number in 0..300 {
        let input = json!({"Name": format!("r{number}"), "EventPattern": r#"{"a": [1]}"#});
        call(&mut world, &root(HOME), "events:PutRule", input).expect("room");
    }
    let pattern = r#"{"a": [2]}"#;
    let one_more =
        call(&mut world, &root(HOME), "events:PutRule", json!({"Name": "last", "EventPattern": pattern}));
    assert!(one_more.expect_err("full").starts_with("LimitExceededException"));
    call(&mut world, &root(HOME), "events:PutRule", json!({"Name": "r7", "EventPattern": pattern}))
        .expect("there");
    let listed =
        call(&mut world, &root(HOME), "events:ListRules", json!({"NamePrefix": "r7"})).expect("listed");
    assert_eq!(listed["Rules"].as_array().expect("a list").len(), 11);
}
