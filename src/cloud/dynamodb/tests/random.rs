//! Requests of every operation with anything in their fields: an answer or an error, never a panic, and an error
//! changes nothing.

use proptest::prelude::*;

use super::super::SERVICE;
use super::*;
use crate::cloud::Input;

/// The fields that the operations know, so that a random request is often understood.
const FIELDS: [&str; 30] = [
    "TableName",
    "Key",
    "Item",
    "KeySchema",
    "AttributeDefinitions",
    "BillingMode",
    "ProvisionedThroughput",
    "SSESpecification",
    "ConditionExpression",
    "FilterExpression",
    "ProjectionExpression",
    "UpdateExpression",
    "KeyConditionExpression",
    "ExpressionAttributeNames",
    "ExpressionAttributeValues",
    "ReturnValues",
    "ReturnConsumedCapacity",
    "Limit",
    "Select",
    "ExclusiveStartKey",
    "ScanIndexForward",
    "ConsistentRead",
    "BackupName",
    "BackupArn",
    "TargetTableName",
    "ResourceArn",
    "Policy",
    "DeletionProtectionEnabled",
    "ExclusiveStartTableName",
    "ExpectedRevisionId",
];

fn leaf() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(json!("CustomerData")),
        Just(json!("Orders")),
        Just(json!(handle("CustomerData").arn())),
        Just(json!({"CustomerId": {"S": "12345"}})),
        Just(json!({"CustomerId": {"S": "67890"}, "n": {"N": "1"}})),
        Just(json!({"who": {"S": "kim"}, "nr": {"N": "3"}})),
        Just(json!({":v": {"S": "12345"}})),
        Just(json!({"#n": "Name"})),
        Just(json!("CustomerId = :v")),
        Just(json!("SET Email = :v")),
        Just(json!("#n")),
        Just(json!({"Enabled": true, "SSEType": "KMS"})),
        Just(json!({"Enabled": false})),
        Just(json!("ALL_OLD")),
        Just(json!("COUNT")),
        Just(json!("PAY_PER_REQUEST")),
        Just(json!([{"AttributeName": "CustomerId", "KeyType": "HASH"}])),
        Just(json!([{"AttributeName": "CustomerId", "AttributeType": "S"}])),
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (-2_i64..5).prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
        Just(json!({})),
        Just(json!([])),
    ]
}

fn request() -> impl Strategy<Value = Value> {
    let field = (prop::sample::select(FIELDS.to_vec()), leaf());
    (leaf(), prop::collection::vec(field, 0..6)).prop_map(|(table, fields)| {
        let mut request = json!({"TableName": if table.is_string() { table } else { json!("CustomerData") }});
        for (name, value) in fields {
            request[name] = value;
        }
        request
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn any_request_is_answered_and_a_failed_one_changes_nothing(
        requests in prop::collection::vec((prop::sample::select(SERVICE.names().collect::<Vec<_>>()), request()), 1..40),
    ) {
        let mut lab = Lab::with_table(Fidelity::aws());
        for (operation, input) in requests {
            let Ok(call) = Call::decode("dynamodb", operation, input) else { continue };
            let Input::DynamoDb(decoded) = &call.input else { panic!("another service") };
            prop_assert_eq!(decoded.operation(), operation);
            let before = format!("{:?}", lab.world.dynamodb().tables().collect::<Vec<_>>());
            let outcome = lab.world.call(&root(), call);
            if let Err(error) = outcome.result {
                prop_assert!(!error.code.is_empty());
                let after = format!("{:?}", lab.world.dynamodb().tables().collect::<Vec<_>>());
                prop_assert_eq!(before, after);
            }
            lab.world.advance(jiff::SignedDuration::from_mins(7)).expect("forward");
        }
    }

    /// Whoever may not use the key learns nothing of an item, whatever they ask for. Once they have moved the table to
    /// a key that they may use, as `dynamodb:UpdateTable` lets them, there is nothing to keep from them.
    #[test]
    fn a_refused_caller_sees_no_plaintext(
        requests in prop::collection::vec((prop::sample::select(SERVICE.names().collect::<Vec<_>>()), request()), 1..30),
    ) {
        let mut lab = Lab::with_table(Fidelity::instant());
        let tess = lab.user("tess", &["AmazonDynamoDBFullAccess"], json!([]));
        for (operation, input) in requests {
            let Ok(call) = Call::decode("dynamodb", operation, input) else { continue };
            let answer = match lab.world.call(&tess, call).result {
                Ok(output) => output.to_json().to_string(),
                Err(error) => error.to_string(),
            };
            prop_assert!(!answer.contains("Alice Johnson") && !answer.contains("alice@"), "{operation}: {answer}");
            let table = lab.world.dynamodb().tables().find(|table| *table.handle.name == *"CustomerData");
            if table.is_none_or(|table| table.disk.view().table_key().kms_key.as_deref() != Some(lab.key.as_str())) {
                break;
            }
        }
    }
}
