//! What the trail shows of the parameters of operations on items.
//!
//! Source: DynamoDB Developer Guide, "Understanding DynamoDB log file entries", whose entries of PutItem, UpdateItem and
//! TransactWriteItems are the first rows; "Non key attribute values .. will not appear in logs of actions using the classic API".

use kmslab::cloud::{AccountId, Call, Caller, Fidelity, World};
use serde_json::{Value, json};

const HOME: &str = "111122223333";
/// No record shows it: it is a value of an attribute that is no part of the key.
const MARKER: &str = "the diagnosis of patient nine";

struct Lab {
    world: World,
}

impl Lab {
    fn new() -> Self {
        let account: AccountId = HOME.parse().expect("twelve digits");
        let mut world = World::new(7, "2026-01-05T09:00:00Z".parse().expect("a time"), Fidelity::instant());
        world.add_account(account, "music");
        let mut lab = Self { world };
        let table = |name: &str, keys: &[(&str, &str, &str)]| {
            let schema: Vec<Value> =
                keys.iter().map(|(name, kind, _)| json!({"AttributeName": name, "KeyType": kind})).collect();
            let types: Vec<Value> = keys
                .iter()
                .map(|(name, _, kind)| json!({"AttributeName": name, "AttributeType": kind}))
                .collect();
            json!({"TableName": name, "BillingMode": "PAY_PER_REQUEST", "KeySchema": schema, "AttributeDefinitions": types})
        };
        lab.parameters(
            "CreateTable",
            table("Music", &[("Artist", "HASH", "S"), ("SongTitle", "RANGE", "S")]),
        );
        lab.parameters("CreateTable", table("Numbers", &[("Id", "HASH", "N"), ("Part", "RANGE", "B")]));
        lab
    }

    /// Makes a call and answers with the parameters in its record.
    fn parameters(&mut self, operation: &str, input: Value) -> Value {
        let caller = Caller::Root(HOME.parse().expect("twelve digits"));
        let call = Call::decode("dynamodb", operation, input).expect("a call");
        let outcome = self.world.call(&caller, call);
        let record = outcome.events.first().expect("a record").to_json();
        assert!(!record.to_string().contains(MARKER), "{operation}: {record}");
        record["requestParameters"].clone()
    }
}

#[test]
fn a_record_shows_the_key_with_its_values_and_of_the_rest_the_names() {
    let key = |title: &str| json!({"Artist": {"S": "No One You Know"}, "SongTitle": {"S": title}});
    let shown = |title: &str| json!({"Artist": "No One You Know", "SongTitle": title});
    let item = |title: &str| {
        let mut item = key(title);
        item["AlbumTitle"] = json!({"S": MARKER});
        item
    };
    let price = json!({":lo": {"N": "1"}, ":hi": {"N": "2"}});
    let rows = [
        (
            "PutItem",
            json!({"TableName": "Music", "Item": item("Scared of My Shadow"), "ReturnConsumedCapacity": "TOTAL"}),
            json!({"tableName": "Music", "key": shown("Scared of My Shadow"), "item": ["AlbumTitle", "Artist", "SongTitle"],
                "returnConsumedCapacity": "TOTAL"}),
        ),
        (
            "UpdateItem",
            json!({"TableName": "Music", "Key": key("Scared of My Shadow"), "UpdateExpression": "SET #Y = :y, #AT = :t",
                "ConditionExpression": "attribute_not_exists(#Y)", "ReturnConsumedCapacity": "TOTAL",
                "ExpressionAttributeNames": {"#Y": "Year", "#AT": "AlbumTitle"},
                "ExpressionAttributeValues": {":y": {"N": "1999"}, ":t": {"S": MARKER}}}),
            json!({"tableName": "Music", "key": shown("Scared of My Shadow"), "updateExpression": "SET #Y = :y, #AT = :t",
                "expressionAttributeNames": {"#Y": "Year", "#AT": "AlbumTitle"},
                "conditionExpression": "attribute_not_exists(#Y)", "returnConsumedCapacity": "TOTAL"}),
        ),
        (
            "TransactWriteItems",
            json!({"ReturnConsumedCapacity": "TOTAL", "ReturnItemCollectionMetrics": "SIZE", "TransactItems": [
                {"Put": {"TableName": "Music", "Item": item("Call Me Today"), "ConditionExpression": "#AT = :A",
                    "ExpressionAttributeNames": {"#AT": "AlbumTitle"}, "ExpressionAttributeValues": {":A": {"S": MARKER}},
                    "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}},
                {"Update": {"TableName": "Music", "Key": key("Call Me Tomorrow"), "UpdateExpression": "SET #AT = :newval",
                    "ConditionExpression": "attribute_not_exists(Rating)", "ExpressionAttributeNames": {"#AT": "AlbumTitle"},
                    "ExpressionAttributeValues": {":newval": {"S": MARKER}}, "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}},
                {"Delete": {"TableName": "Music", "Key": key("Call Me Yesterday"),
                    "ConditionExpression": "#P between :lo and :hi", "ExpressionAttributeNames": {"#P": "Price"},
                    "ExpressionAttributeValues": price, "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}},
                {"ConditionCheck": {"TableName": "Music", "Key": key("Call Me Now"),
                    "ConditionExpression": "#P between :lo and :hi", "ExpressionAttributeNames": {"#P": "Price"},
                    "ExpressionAttributeValues": price, "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}}]}),
            json!({"requestItems": [
                {"operation": "Put", "tableName": "Music", "key": shown("Call Me Today"),
                    "items": ["AlbumTitle", "Artist", "SongTitle"], "conditionExpression": "#AT = :A",
                    "expressionAttributeNames": {"#AT": "AlbumTitle"}, "returnValuesOnConditionCheckFailure": "ALL_OLD"},
                {"operation": "Update", "tableName": "Music", "key": shown("Call Me Tomorrow"),
                    "updateExpression": "SET #AT = :newval", "conditionExpression": "attribute_not_exists(Rating)",
                    "expressionAttributeNames": {"#AT": "AlbumTitle"}, "returnValuesOnConditionCheckFailure": "ALL_OLD"},
                {"operation": "Delete", "tableName": "Music", "key": shown("Call Me Yesterday"),
                    "conditionExpression": "#P between :lo and :hi", "expressionAttributeNames": {"#P": "Price"},
                    "returnValuesOnConditionCheckFailure": "ALL_OLD"},
                {"operation": "ConditionCheck", "tableName": "Music", "key": shown("Call Me Now"),
                    "conditionExpression": "#P between :lo and :hi", "expressionAttributeNames": {"#P": "Price"},
                    "returnValuesOnConditionCheckFailure": "ALL_OLD"}],
                "returnConsumedCapacity": "TOTAL", "returnItemCollectionMetrics": "SIZE"}),
        ),
        (
            "GetItem",
            json!({"TableName": "Music", "Key": key("x"), "ProjectionExpression": "#P", "ConsistentRead": true,
                "ExpressionAttributeNames": {"#P": "Price"}}),
            json!({"tableName": "Music", "key": shown("x"), "projectionExpression": "#P",
                "expressionAttributeNames": {"#P": "Price"}, "consistentRead": true}),
        ),
        (
            "DeleteItem",
            json!({"TableName": "Music", "Key": key("x"), "ReturnValues": "ALL_OLD"}),
            json!({"tableName": "Music", "key": shown("x"), "returnValues": "ALL_OLD"}),
        ),
        (
            "PutItem",
            json!({"TableName": "Numbers", "Item": {"Id": {"N": "-1.50"}, "Part": {"B": "aGk="}, "text": {"S": MARKER}}}),
            json!({"tableName": "Numbers", "key": {"Id": "-1.50", "Part": "aGk="}, "item": ["Id", "Part", "text"]}),
        ),
        (
            "TransactGetItems",
            json!({"TransactItems": [{"Get": {"TableName": "Numbers", "Key": {"Id": {"N": "7"}, "Part": {"B": "aGk="}}}}]}),
            json!({"requestItems": [{"operation": "Get", "tableName": "Numbers", "key": {"Id": "7", "Part": "aGk="}}]}),
        ),
        (
            "BatchGetItem",
            json!({"RequestItems": {"Music": {"Keys": [key("x"), key("y")], "ProjectionExpression": "Price"}}}),
            json!({"requestItems": {"Music": {"keys": [shown("x"), shown("y")], "projectionExpression": "Price"}}}),
        ),
        (
            "BatchWriteItem",
            json!({"RequestItems": {"Music": [{"PutRequest": {"Item": item("x")}}, {"DeleteRequest": {"Key": key("y")}}]}}),
            json!({"requestItems": {"Music": [{"putRequest": {"key": shown("x"), "item": ["AlbumTitle", "Artist", "SongTitle"]}},
                {"deleteRequest": {"key": shown("y")}}]}}),
        ),
        (
            "Query",
            json!({"TableName": "Music", "KeyConditionExpression": "Artist = :a", "ScanIndexForward": false, "Limit": 5,
                "ExpressionAttributeValues": {":a": {"S": MARKER}}}),
            json!({"tableName": "Music", "keyConditionExpression": "Artist = :a", "scanIndexForward": false, "limit": 5}),
        ),
        (
            "Scan",
            json!({"TableName": "Music", "FilterExpression": "AlbumTitle = :a", "Select": "COUNT",
                "ExpressionAttributeValues": {":a": {"S": MARKER}}}),
            json!({"tableName": "Music", "filterExpression": "AlbumTitle = :a", "select": "COUNT"}),
        ),
        (
            "PutItem",
            json!({"TableName": "Nowhere", "Item": item("x")}),
            json!({"tableName": "Nowhere", "key": {}, "item": ["AlbumTitle", "Artist", "SongTitle"]}),
        ),
    ];
    let mut lab = Lab::new();
    for (operation, input, expected) in rows {
        assert_eq!(lab.parameters(operation, input), expected, "{operation}");
    }
}
