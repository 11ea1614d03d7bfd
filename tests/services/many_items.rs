//! Requests on several items: what is sealed, what is undone, who may, and what the trail says.
//!
//! Sources: DynamoDB API Reference, `BatchWriteItem`, `TransactWriteItems`; DynamoDB Developer Guide, "Using IAM with
//! DynamoDB transactions", "Using IAM policy conditions for fine-grained access control", "Understanding DynamoDB log
//! file entries".

use jiff::SignedDuration;
use kmslab::cloud::{AccountId, ApiError, Call, CallContext, Caller, Fidelity, Outcome, Region, World};
use serde_json::{Value, json};

const HOME: &str = "111122223333";
const MARKER: &str = "the diagnosis of patient nine";

/// An account with a KMS key, a table under it and a table under an AWS owned key.
struct Lab {
    world: World,
    key: Value,
}

fn account() -> AccountId {
    HOME.parse().expect("twelve digits")
}

fn root() -> Caller {
    Caller::Root(account())
}

impl Lab {
    fn new() -> Self {
        let mut world = World::new(7, "2026-01-05T09:00:00Z".parse().expect("a time"), Fidelity::instant());
        world.add_account(account(), "clinic");
        let mut lab = Self { world, key: Value::Null };
        lab.key = lab.ok("kms", "CreateKey", json!({}))["KeyMetadata"]["Arn"].clone();
        let sealed = json!({"Enabled": true, "SSEType": "KMS", "KMSMasterKeyId": lab.key});
        for (name, sse) in [("Sealed", sealed), ("Notes", json!({"Enabled": false}))] {
            let table = json!({"TableName": name, "BillingMode": "PAY_PER_REQUEST", "SSESpecification": sse,
                "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
                "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}]});
            lab.ok("dynamodb", "CreateTable", table);
        }
        lab
    }

    /// A user whose only policy is these statements.
    fn hire(&mut self, name: &str, statements: &Value) -> Caller {
        self.ok("iam", "CreateUser", json!({"UserName": name}));
        let document = json!({"Version": "2012-10-17", "Statement": statements}).to_string();
        let put = json!({"UserName": name, "PolicyName": "own", "PolicyDocument": document});
        self.ok("iam", "PutUserPolicy", put);
        Caller::user(&account(), name)
    }

    fn call(&mut self, caller: &Caller, service: &str, operation: &str, input: Value) -> Outcome {
        self.world.call(caller, Call::decode(service, operation, input).expect("a call"))
    }

    fn ok(&mut self, service: &str, operation: &str, input: Value) -> Value {
        self.call(&root(), service, operation, input).result.expect(operation).to_json()
    }

    fn error(&mut self, caller: &Caller, operation: &str, input: Value) -> ApiError {
        self.call(caller, "dynamodb", operation, input).result.expect_err(operation)
    }

    fn items(&mut self, table: &str) -> Value {
        self.ok("dynamodb", "Scan", json!({"TableName": table}))["Count"].clone()
    }
}

fn put(table: &str, id: &str) -> Value {
    json!({"Put": {"TableName": table, "Item": {"id": {"S": id}, "text": {"S": MARKER}}}})
}

fn batch(tables: &[(&str, &str)]) -> Value {
    let requests = tables.iter().map(|(table, id)| {
        let item = json!({"id": {"S": id}, "text": {"S": MARKER}});
        ((*table).to_owned(), json!([{"PutRequest": {"Item": item}}]))
    });
    json!({"RequestItems": requests.collect::<serde_json::Map<_, _>>()})
}

#[test]
fn what_batches_and_transactions_write_lies_sealed_on_the_disk() {
    let mut lab = Lab::new();
    lab.ok("dynamodb", "BatchWriteItem", batch(&[("Sealed", "a"), ("Notes", "a")]));
    lab.ok(
        "dynamodb",
        "TransactWriteItems",
        json!({"TransactItems": [put("Sealed", "b"), put("Notes", "b")]}),
    );
    let update = json!({"Update": {"TableName": "Sealed", "Key": {"id": {"S": "c"}},
        "UpdateExpression": "SET #t = :t", "ExpressionAttributeNames": {"#t": "text"},
        "ExpressionAttributeValues": {":t": {"S": MARKER}}}});
    lab.ok("dynamodb", "TransactWriteItems", json!({"TransactItems": [update]}));
    let mut pages = 0;
    for stored in lab.world.dynamodb().stored() {
        for page in stored.disk().pages() {
            pages += 1;
            let found = page.ciphertext().windows(MARKER.len()).any(|bytes| bytes == MARKER.as_bytes());
            assert!(!found, "{}", stored.arn());
        }
    }
    assert_eq!(pages, 2);
    let keys = json!({"Keys": [{"id": {"S": "a"}}, {"id": {"S": "b"}}, {"id": {"S": "c"}}]});
    let read = lab.ok("dynamodb", "BatchGetItem", json!({"RequestItems": {"Sealed": keys}}));
    let texts: Vec<&Value> = read["Responses"]["Sealed"]
        .as_array()
        .expect("items")
        .iter()
        .map(|item| &item["text"]["S"])
        .collect();
    assert_eq!(texts, [MARKER; 3]);
}

#[test]
fn a_key_that_cannot_be_used_leaves_every_table_as_it_was() {
    let mut lab = Lab::new();
    let key = lab.key.clone();
    lab.ok("kms", "DisableKey", json!({"KeyId": key}));
    let refused = lab.error(&root(), "BatchWriteItem", batch(&[("Notes", "a"), ("Sealed", "a")]));
    assert!(refused.message.starts_with("KMS key disabled error"), "{refused}");
    let actions = json!({"TransactItems": [put("Notes", "a"), put("Sealed", "a")]});
    let refused = lab.error(&root(), "TransactWriteItems", actions);
    assert!(refused.message.starts_with("KMS key disabled error"), "{refused}");
    assert_eq!(lab.items("Notes"), 0);
}

#[test]
fn a_transaction_is_done_whole_or_not_at_all_and_says_why_not() {
    let mut lab = Lab::new();
    lab.ok("dynamodb", "BatchWriteItem", batch(&[("Notes", "there")]));
    let mut second = put("Notes", "there");
    second["Put"]["ConditionExpression"] = json!("attribute_not_exists(id)");
    second["Put"]["ReturnValuesOnConditionCheckFailure"] = json!("ALL_OLD");
    let third = json!({"Update": {"TableName": "Notes", "Key": {"id": {"S": "x"}},
        "UpdateExpression": "SET id2 = nowhere.deep"}});
    let actions = json!({"TransactItems": [put("Sealed", "new"), second, third]});
    let refused = lab.error(&root(), "TransactWriteItems", actions);
    assert_eq!(refused.code, "TransactionCanceledException");
    let reasons = &refused.members.as_ref().expect("reasons")["CancellationReasons"];
    assert_eq!(reasons[0], json!({"Code": "None"}));
    assert_eq!(reasons[1]["Code"], "ConditionalCheckFailed");
    assert_eq!(reasons[1]["Item"]["text"]["S"], MARKER);
    assert_eq!(reasons[2]["Code"], "ValidationError");
    assert_eq!((lab.items("Sealed"), lab.items("Notes")), (json!(0), json!(1)));
}

/// The AWS CLI does not let an empty list pass.
/// Source: paritysuite/dynamodb-conformance, captures/2026-10-08-transact-write-rollout.json.
#[test]
fn a_transaction_of_nothing_is_refused_as_the_region_does() {
    let before = "Value '[]' at 'transactItems'";
    let now = "Value at 'TransactItems'";
    for (region, value) in [
        ("us-east-1", before),
        ("sa-east-1", before),
        ("eu-south-2", before),
        ("ap-northeast-2", now),
        ("eu-north-1", now),
        ("eu-west-2", now),
    ] {
        let mut lab = Lab::new();
        let call =
            Call::decode("dynamodb", "TransactWriteItems", json!({"TransactItems": []})).expect("a call");
        let call = call.with_context(CallContext::in_region(Region::new(region)));
        let refused = lab.world.call(&root(), call).result.expect_err("nothing to do");
        let constraint = "failed to satisfy constraint: Member must have length greater than or equal to 1";
        assert_eq!(refused.message, format!("1 validation error detected: {value} {constraint}"), "{region}");
    }
}

#[test]
fn a_token_serves_ten_minutes() {
    let mut lab = Lab::new();
    let add = json!({"Update": {"TableName": "Notes", "Key": {"id": {"S": "n"}}, "UpdateExpression": "ADD n :v",
        "ExpressionAttributeValues": {":v": {"N": "1"}}}});
    let request = json!({"TransactItems": [add], "ClientRequestToken": "once"});
    let read = json!({"TableName": "Notes", "Key": {"id": {"S": "n"}}});
    for (minutes, expected) in [(0, "1"), (9, "1"), (1, "2")] {
        lab.world.advance(SignedDuration::from_mins(minutes)).expect("forward");
        lab.ok("dynamodb", "TransactWriteItems", request.clone());
        assert_eq!(lab.ok("dynamodb", "GetItem", read.clone())["Item"]["n"]["N"], expected);
    }
    let other = json!({"TransactItems": [put("Notes", "o")], "ClientRequestToken": "once"});
    let refused = lab.error(&root(), "TransactWriteItems", other);
    assert_eq!(refused.code, "IdempotentParameterMismatchException");
}

/// The statements of a policy, an operation with its input, and whether it is allowed.
#[test]
fn each_action_needs_the_permission_of_its_own_operation() {
    let allow = |action: Value, condition: Value| json!([{"Effect": "Allow", "Action": action, "Resource": "*", "Condition": condition}]);
    let delete = json!({"Delete": {"TableName": "Notes", "Key": {"id": {"S": "a"}}}});
    let check = json!({"ConditionCheck": {"TableName": "Notes", "Key": {"id": {"S": "a"}},
        "ConditionExpression": "attribute_not_exists(id)"}});
    let get = json!({"Get": {"TableName": "Notes", "Key": {"id": {"S": "a"}}}});
    let keys = |ids: &[&str]| {
        let keys: Vec<Value> = ids.iter().map(|id| json!({"id": {"S": id}})).collect();
        json!({"RequestItems": {"Notes": {"Keys": keys}}})
    };
    let own = json!({"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": ["a", "b"]}});
    let only_get = json!({"ForAllValues:StringEquals": {"dynamodb:Attributes": ["id"]}});
    let inside = json!({"StringEquals": {"dynamodb:EnclosingOperation": "TransactWriteItems"}});
    let write = |actions: Value| ("TransactWriteItems", json!({"TransactItems": actions}));
    let rows = [
        (allow(json!("dynamodb:PutItem"), json!({})), write(json!([put("Notes", "a")])), true),
        (allow(json!("dynamodb:PutItem"), json!({})), write(json!([put("Notes", "b"), delete])), false),
        (allow(json!("dynamodb:TransactWriteItems"), json!({})), write(json!([put("Notes", "a")])), false),
        (allow(json!("dynamodb:ConditionCheckItem"), json!({})), write(json!([check])), true),
        (allow(json!("dynamodb:GetItem"), json!({})), write(json!([check])), false),
        (allow(json!("dynamodb:PutItem"), inside.clone()), write(json!([put("Notes", "a")])), true),
        (
            allow(json!("dynamodb:PutItem"), inside),
            ("PutItem", json!({"TableName": "Notes", "Item": {"id": {"S": "a"}}})),
            false,
        ),
        (
            allow(json!("dynamodb:GetItem"), json!({})),
            ("TransactGetItems", json!({"TransactItems": [get]})),
            true,
        ),
        (allow(json!("dynamodb:GetItem"), json!({})), ("BatchGetItem", keys(&["a"])), false),
        (allow(json!("dynamodb:BatchGetItem"), own.clone()), ("BatchGetItem", keys(&["a", "b"])), true),
        (allow(json!("dynamodb:BatchGetItem"), own), ("BatchGetItem", keys(&["a", "c"])), false),
        (
            allow(json!("dynamodb:BatchWriteItem"), only_get),
            ("BatchWriteItem", batch(&[("Notes", "a")])),
            false,
        ),
        (
            allow(json!("dynamodb:BatchWriteItem"), json!({})),
            ("BatchWriteItem", batch(&[("Notes", "a")])),
            true,
        ),
    ];
    for (n, (statements, (operation, input), allowed)) in rows.into_iter().enumerate() {
        let mut lab = Lab::new();
        let user = lab.hire("u", &statements);
        let result = lab.call(&user, "dynamodb", operation, input).result;
        assert_eq!(result.is_ok(), allowed, "row {n}: {operation}: {:?}", result.err());
    }
}

#[test]
fn the_trail_names_what_was_done_and_to_which_items_and_no_value() {
    let mut lab = Lab::new();
    let mut first = put("Sealed", "a");
    first["Put"]["ConditionExpression"] = json!("attribute_not_exists(id)");
    let actions = json!({"TransactItems": [first, put("Notes", "a")]});
    let outcome = lab.call(&root(), "dynamodb", "TransactWriteItems", actions);
    let names: Vec<&str> = outcome.events.iter().map(|event| event.name).collect();
    assert_eq!(names, ["TransactWriteItems", "Decrypt"]);
    let record = outcome.events[0].to_json();
    assert_eq!(record["eventCategory"], "Data");
    assert_eq!(
        record["requestParameters"],
        json!({"requestItems": [
            {"operation": "Put", "tableName": "Sealed", "key": {"id": "a"}, "items": ["id", "text"],
             "conditionExpression": "attribute_not_exists(id)"},
            {"operation": "Put", "tableName": "Notes", "key": {"id": "a"}, "items": ["id", "text"]}]})
    );
    assert_eq!(record["resources"].as_array().map(Vec::len), Some(2));
    assert!(!record.to_string().contains(MARKER));
}
