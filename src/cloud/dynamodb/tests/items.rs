//! Items: write, read, delete, scan; what is refused, in DynamoDB's words.

use super::*;

fn plain_lab() -> Lab {
    let mut lab = Lab::new(Fidelity::instant());
    lab.create_table("CustomerData", json!({}));
    let orders = json!({"TableName": "Orders", "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": [{"AttributeName": "who", "KeyType": "HASH"}, {"AttributeName": "nr", "KeyType": "RANGE"}],
        "AttributeDefinitions": [
            {"AttributeName": "who", "AttributeType": "S"}, {"AttributeName": "nr", "AttributeType": "N"}]});
    lab.ok(&root(), "dynamodb", "CreateTable", orders);
    lab
}

fn order(who: &str, number: usize) -> Value {
    json!({"who": {"S": who}, "nr": {"N": number.to_string()}, "text": {"S": "x".repeat(20)}})
}

#[test]
fn an_item_is_written_read_and_deleted() {
    let mut lab = plain_lab();
    let key = json!({"CustomerId": {"S": "12345"}});
    let get = json!({"TableName": "CustomerData", "Key": key});
    assert_eq!(lab.ok(&root(), "dynamodb", "GetItem", get.clone()), json!({}));
    lab.put("CustomerData", alice());
    assert_eq!(lab.ok(&root(), "dynamodb", "GetItem", get.clone())["Item"], alice());
    let some = json!({"TableName": "CustomerData", "Key": key, "ProjectionExpression": "#n",
        "ExpressionAttributeNames": {"#n": "Name"}, "ReturnConsumedCapacity": "TOTAL"});
    let answer = lab.ok(&root(), "dynamodb", "GetItem", some);
    assert_eq!(answer["Item"], json!({"Name": {"S": "Alice Johnson"}}));
    assert_eq!(answer["ConsumedCapacity"], json!({"TableName": "CustomerData", "CapacityUnits": 0.5}));
    let replace = json!({"TableName": "CustomerData", "Item": {"CustomerId": {"S": "12345"}}, "ReturnValues": "ALL_OLD"});
    assert_eq!(lab.ok(&root(), "dynamodb", "PutItem", replace)["Attributes"], alice());
    let described = lab.ok(&root(), "dynamodb", "DescribeTable", json!({"TableName": "CustomerData"}));
    assert_eq!(
        (&described["Table"]["ItemCount"], &described["Table"]["TableSizeBytes"]),
        (&json!(1), &json!(15))
    );
    let delete = json!({"TableName": "CustomerData", "Key": key, "ReturnValues": "ALL_OLD"});
    assert_eq!(lab.ok(&root(), "dynamodb", "DeleteItem", delete.clone())["Attributes"], key);
    assert_eq!(lab.ok(&root(), "dynamodb", "DeleteItem", delete), json!({}), "deleting nothing is no error");
    assert_eq!(lab.ok(&root(), "dynamodb", "GetItem", get), json!({}));
}

#[test]
fn a_condition_protects_an_item() {
    let mut lab = plain_lab();
    let put = |condition: &str| json!({"TableName": "CustomerData", "Item": alice(), "ConditionExpression": condition});
    lab.ok(&root(), "dynamodb", "PutItem", put("attribute_not_exists(CustomerId)"));
    let (code, message) = lab.error(&root(), "dynamodb", "PutItem", put("attribute_not_exists(CustomerId)"));
    assert_eq!(
        (code.as_str(), message.as_str()),
        ("ConditionalCheckFailedException", "The conditional request failed")
    );
    lab.ok(&root(), "dynamodb", "PutItem", put("attribute_exists(CustomerId)"));
}

// Messages: recorded against DynamoDB by the tests of the open-source emulator dynalite.
#[test]
fn malformed_requests_are_refused_in_dynamodbs_words() {
    let mut lab = plain_lab();
    let prefix = "One or more parameter values were invalid: ";
    let long = "k".repeat(2049);
    let cases: Vec<(&str, Value, &str, String)> = vec![
        ("GetItem", json!({"TableName": "Nowhere", "Key": {}}), "ResourceNotFoundException", "Requested resource not found".into()),
        ("GetItem", json!({"TableName": "ab", "Key": {}}), "ValidationException",
            "TableName must be at least 3 characters long and at most 255 characters long".into()),
        ("GetItem", json!({"TableName": "a;b", "Key": {}}), "ValidationException",
            "1 validation error detected: Value 'a;b' at 'tableName' failed to satisfy constraint: Member must satisfy \
             regular expression pattern: [a-zA-Z0-9_.-]+".into()),
        ("GetItem", json!({"Key": {}}), "ValidationException",
            "1 validation error detected: Value null at 'tableName' failed to satisfy constraint: Member must not be \
             null".into()),
        ("GetItem", json!({"TableName": "CustomerData", "Key": {}}), "ValidationException",
            "The provided key element does not match the schema".into()),
        ("GetItem", json!({"TableName": "CustomerData", "Key": {"CustomerId": {"N": "1"}}}), "ValidationException",
            "The provided key element does not match the schema".into()),
        ("GetItem", json!({"TableName": "CustomerData", "Key": {"CustomerId": {"S": ""}}}), "ValidationException",
            "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty \
             string value. Key: CustomerId".into()),
        ("GetItem", json!({"TableName": "CustomerData", "Key": {"CustomerId": {"S": long}}}), "ValidationException",
            format!("{prefix}Size of hashkey has exceeded the maximum size limit of2048 bytes")),
        ("PutItem", json!({"TableName": "CustomerData", "Item": {"Name": {"S": "x"}}}), "ValidationException",
            format!("{prefix}Missing the key CustomerId in the item")),
        ("PutItem", json!({"TableName": "CustomerData", "Item": {"CustomerId": {"N": "1"}}}), "ValidationException",
            format!("{prefix}Type mismatch for key CustomerId expected: S actual: N")),
        ("PutItem", json!({"TableName": "CustomerData", "Item": {"CustomerId": {}}}), "ValidationException",
            "1 validation error detected: Supplied AttributeValue is empty, must contain exactly one of the supported \
             datatypes".into()),
        ("PutItem", json!({"TableName": "CustomerData", "Item": alice(), "ReturnValues": "ALL_NEW"}), "ValidationException",
            "1 validation error detected: ReturnValues can only be ALL_OLD or NONE".into()),
        ("Scan", json!({"TableName": "CustomerData", "Limit": 0}), "ValidationException",
            "1 validation error detected: Value '0' at 'limit' failed to satisfy constraint: Member must have value \
             greater than or equal to 1".into()),
        ("Scan", json!({"TableName": "CustomerData", "Select": "ALL"}), "ValidationException",
            "1 validation error detected: Value 'ALL' at 'select' failed to satisfy constraint: Member must satisfy \
             enum value set: [SPECIFIC_ATTRIBUTES, COUNT, ALL_ATTRIBUTES, ALL_PROJECTED_ATTRIBUTES]".into()),
        ("Scan", json!({"TableName": "CustomerData", "Select": "COUNT", "ProjectionExpression": "a"}), "ValidationException",
            "Cannot specify the ProjectionExpression when choosing to get only the Count".into()),
        ("Scan", json!({"TableName": "CustomerData", "ExclusiveStartKey": {"x": {"S": "a"}}}), "ValidationException",
            "The provided starting key is invalid: The provided key element does not match the schema".into()),
        ("CreateTable", table("CustomerData", json!({})), "ResourceInUseException",
            "Table already exists: CustomerData".into()),
    ];
    for (operation, input, code, message) in cases {
        let refused = lab.error(&root(), "dynamodb", operation, input.clone());
        assert_eq!(refused, (code.to_owned(), message), "{operation} {input}");
    }
}

#[test]
fn malformed_tables_are_refused() {
    let mut lab = plain_lab();
    let base = table("Other", json!({}));
    let with = |change: Value| {
        let mut input = base.clone();
        for (name, value) in change.as_object().expect("an object") {
            input[name] = value.clone();
        }
        input
    };
    for (change, message) in [
        (json!({"KeySchema": []}), "Member must have length greater than or equal to 1"),
        (
            json!({"KeySchema": [{"AttributeName": "CustomerId", "KeyType": "RANGE"}]}),
            "Invalid KeySchema: The first KeySchemaElement is not a HASH key type",
        ),
        (
            json!({"KeySchema": [{"AttributeName": "x", "KeyType": "HASH"}]}),
            "Some index key attributes are not defined in AttributeDefinitions. Keys: [x], AttributeDefinitions: [CustomerId]",
        ),
        (
            json!({"AttributeDefinitions": [{"AttributeName": "CustomerId", "AttributeType": "M"}]}),
            "at 'attributeDefinitions.1.member.attributeType' failed to satisfy constraint: Member must satisfy enum \
             value set: [B, N, S]",
        ),
        (
            json!({"BillingMode": "PROVISIONED"}),
            "ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is PROVISIONED",
        ),
        (
            json!({"ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}}),
            "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST",
        ),
        (json!({"GlobalSecondaryIndexes": [{}]}), "GlobalSecondaryIndexes: not simulated here; leave it out"),
    ] {
        let (code, text) = lab.error(&root(), "dynamodb", "CreateTable", with(change.clone()));
        assert_eq!(code, "ValidationException", "{change}");
        assert!(text.ends_with(message), "{change}: {text}");
    }
}

#[test]
fn a_scan_pages_by_limit_and_by_size() {
    let mut lab = plain_lab();
    for n in 0..7 {
        lab.put("Orders", order("kim", n));
        lab.put("Orders", order("tess", n));
    }
    let mut seen = Vec::new();
    let mut start = Value::Null;
    let mut pages = 0;
    loop {
        let mut input = json!({"TableName": "Orders", "Limit": 4});
        if !start.is_null() {
            input["ExclusiveStartKey"] = start.clone();
        }
        let page = lab.ok(&root(), "dynamodb", "Scan", input);
        seen.extend(page["Items"].as_array().expect("items").clone());
        pages += 1;
        start = page["LastEvaluatedKey"].clone();
        if start.is_null() {
            break;
        }
    }
    assert_eq!((pages, seen.len()), (4, 14));
    let whole = lab.ok(&root(), "dynamodb", "Scan", json!({"TableName": "Orders"}));
    assert_eq!(whole["Items"], Value::Array(seen), "pages in a row give the same as one scan");
    assert_eq!((&whole["Count"], &whole["ScannedCount"]), (&json!(14), &json!(14)));

    let count = json!({"TableName": "Orders", "Select": "COUNT", "FilterExpression": "nr < :n",
        "ExpressionAttributeValues": {":n": {"N": "3"}}});
    let count = lab.ok(&root(), "dynamodb", "Scan", count);
    assert_eq!(count, json!({"Count": 6, "ScannedCount": 14}));

    for n in 0..3 {
        let large = json!({"CustomerId": {"S": n.to_string()}, "data": {"S": "x".repeat(390_000)}});
        lab.put("CustomerData", large);
    }
    let first = lab.ok(&root(), "dynamodb", "Scan", json!({"TableName": "CustomerData", "Select": "COUNT"}));
    assert_eq!(first["Count"], 2, "a page ends before 1 MB");
    let rest = json!({"TableName": "CustomerData", "Select": "COUNT", "ExclusiveStartKey": first["LastEvaluatedKey"]});
    assert_eq!(lab.ok(&root(), "dynamodb", "Scan", rest), json!({"Count": 1, "ScannedCount": 1}));
}

// Source: DynamoDB Developer Guide, "Using IAM policy conditions for fine-grained access control".
#[test]
fn leading_keys_limit_reads_by_key_but_not_a_scan() {
    let mut lab = plain_lab();
    lab.put("Orders", order("kim", 1));
    lab.put("Orders", order("tess", 1));
    let statements = json!([{"Effect": "Allow", "Action": ["dynamodb:GetItem", "dynamodb:Scan"], "Resource": "*",
        "Condition": {"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": ["${aws:username}"]}}}]);
    let tess = lab.user("tess", &[], statements);
    let get = |who: &str| json!({"TableName": "Orders", "Key": {"who": {"S": who}, "nr": {"N": "1"}}});
    assert_eq!(lab.ok(&tess, "dynamodb", "GetItem", get("tess"))["Item"], order("tess", 1));
    assert_eq!(lab.error(&tess, "dynamodb", "GetItem", get("kim")).0, "AccessDeniedException");
    let all = lab.ok(&tess, "dynamodb", "Scan", json!({"TableName": "Orders"}));
    assert_eq!(all["Count"], 2, "ForAllValues holds for a request that names no key");
}

#[test]
fn a_world_with_many_items_is_copied_by_reference() {
    let mut lab = Lab::with_table(Fidelity::instant());
    let copy = lab.world.clone();
    let before = lab.world.dynamodb().table(&handle("CustomerData")).expect("the table").clone();
    let same = copy.dynamodb().table(&handle("CustomerData")).expect("the table");
    assert!(std::sync::Arc::ptr_eq(&before, same));
    lab.ok(
        &root(),
        "dynamodb",
        "DeleteItem",
        json!({"TableName": "CustomerData", "Key": {"CustomerId": {"S": "12345"}}}),
    );
    assert_eq!(same.disk.items(), 1, "the copy keeps what the original loses");
}

#[test]
fn a_query_reads_one_partition_in_order() {
    let mut lab = plain_lab();
    for n in [3, 1, 20, 2, 10] {
        lab.put("Orders", order("kim", n));
        lab.put("Orders", order("tess", n));
    }
    let numbers = |answer: &Value| -> Vec<String> {
        let items = answer["Items"].as_array().expect("items");
        items.iter().map(|item| item["nr"]["N"].as_str().expect("a number").to_owned()).collect()
    };
    let query = |condition: &str, forward: bool| {
        json!({"TableName": "Orders", "KeyConditionExpression": condition, "ScanIndexForward": forward,
            "ExpressionAttributeValues": {":w": {"S": "kim"}, ":n": {"N": "3"}, ":m": {"N": "15"}}})
    };
    for (condition, expected) in [
        ("who = :w AND nr >= :n AND nr <= :m", None),
        ("who = :w AND nr BETWEEN :n AND :m", Some(vec!["3", "10"])),
    ] {
        let outcome = lab.call(&root(), "dynamodb", "Query", query(condition, true));
        assert_eq!(
            outcome.result.ok().map(|answer| numbers(&answer.to_json())),
            expected.map(|list| { list.into_iter().map(str::to_owned).collect() })
        );
    }
    let two = |condition: &str, forward: bool| {
        json!({"TableName": "Orders", "KeyConditionExpression": condition, "ScanIndexForward": forward,
            "ExpressionAttributeValues": {":w": {"S": "kim"}, ":n": {"N": "3"}}})
    };
    for (condition, forward, expected) in [
        ("who = :w AND nr > :n", true, vec!["10", "20"]),
        ("who = :w AND nr >= :n", true, vec!["3", "10", "20"]),
        ("who = :w AND nr < :n", true, vec!["1", "2"]),
        ("who = :w AND nr <= :n", false, vec!["3", "2", "1"]),
        ("who = :w AND nr = :n", true, vec!["3"]),
    ] {
        let answer = lab.ok(&root(), "dynamodb", "Query", two(condition, forward));
        assert_eq!(numbers(&answer), expected, "{condition}");
    }
    for forward in [true, false] {
        let mut seen = Vec::new();
        let mut start = Value::Null;
        loop {
            let mut page = json!({"TableName": "Orders", "KeyConditionExpression": "who = :w", "Limit": 2,
                "ScanIndexForward": forward, "ExpressionAttributeValues": {":w": {"S": "kim"}}});
            if !start.is_null() {
                page["ExclusiveStartKey"] = start.clone();
            }
            let answer = lab.ok(&root(), "dynamodb", "Query", page);
            seen.extend(numbers(&answer));
            start = answer["LastEvaluatedKey"].clone();
            if start.is_null() {
                break;
            }
        }
        let mut expected = vec!["1", "2", "3", "10", "20"];
        if !forward {
            expected.reverse();
        }
        assert_eq!(seen, expected);
    }
    for (input, message) in [
        (
            json!({"TableName": "Orders"}),
            "Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.",
        ),
        (
            json!({"TableName": "Orders", "KeyConditionExpression": "who = :w", "ExpressionAttributeValues": {":w": {"N": "1"}}}),
            "One or more parameter values were invalid: Condition parameter type does not match schema type",
        ),
        (
            json!({"TableName": "Orders", "KeyConditionExpression": "who = :w", "FilterExpression": "nr = :w",
            "ExpressionAttributeValues": {":w": {"S": "kim"}}}),
            "Filter Expression can only contain non-primary key attributes: Primary key attribute: nr",
        ),
        (
            json!({"TableName": "Orders", "KeyConditionExpression": "who = :w", "ExpressionAttributeValues": {":w": {"S": "kim"}},
            "ExclusiveStartKey": {"who": {"S": "tess"}, "nr": {"N": "1"}}}),
            "The provided starting key is outside query boundaries based on provided conditions",
        ),
    ] {
        assert_eq!(
            lab.error(&root(), "dynamodb", "Query", input),
            ("ValidationException".to_owned(), message.to_owned())
        );
    }
}

#[test]
fn an_update_changes_an_item_and_answers_what_was_asked() {
    let mut lab = plain_lab();
    lab.put("CustomerData", alice());
    let update = |expression: &str, wanted: &str| {
        json!({"TableName": "CustomerData", "Key": {"CustomerId": {"S": "12345"}}, "UpdateExpression": expression,
            "ExpressionAttributeValues": {":v": {"S": "new"}}, "ReturnValues": wanted})
    };
    let answer = lab.ok(&root(), "dynamodb", "UpdateItem", update("SET Email = :v", "UPDATED_OLD"));
    assert_eq!(answer["Attributes"], json!({"Email": {"S": "alice@example.com"}}));
    let answer = lab.ok(
        &root(),
        "dynamodb",
        "UpdateItem",
        update("SET Email = :v REMOVE #x", "ALL_NEW")
            .as_object()
            .map(|fields| {
                let mut fields = fields.clone();
                fields.insert("ExpressionAttributeNames".to_owned(), json!({"#x": "Name"}));
                Value::Object(fields)
            })
            .expect("an object"),
    );
    assert_eq!(answer["Attributes"], json!({"CustomerId": {"S": "12345"}, "Email": {"S": "new"}}));
    let (code, text) = lab.error(&root(), "dynamodb", "UpdateItem", update("SET CustomerId = :v", "NONE"));
    assert_eq!(code, "ValidationException");
    assert_eq!(
        text,
        "One or more parameter values were invalid: Cannot update attribute CustomerId. This attribute is part of the key"
    );
    let made =
        json!({"TableName": "CustomerData", "Key": {"CustomerId": {"S": "new"}}, "ReturnValues": "ALL_NEW"});
    let answer = lab.ok(&root(), "dynamodb", "UpdateItem", made);
    assert_eq!(answer["Attributes"], json!({"CustomerId": {"S": "new"}}));
}

#[test]
fn tables_are_listed_and_deleted() {
    let mut lab = plain_lab();
    let first = lab.ok(&root(), "dynamodb", "ListTables", json!({"Limit": 1}));
    assert_eq!(first, json!({"TableNames": ["CustomerData"], "LastEvaluatedTableName": "CustomerData"}));
    let rest = lab.ok(&root(), "dynamodb", "ListTables", json!({"ExclusiveStartTableName": "CustomerData"}));
    assert_eq!(rest, json!({"TableNames": ["Orders"]}));
    let deleted = lab.ok(&root(), "dynamodb", "DeleteTable", json!({"TableName": "Orders"}));
    assert_eq!(deleted["TableDescription"]["TableStatus"], "DELETING");
    assert_eq!(lab.ok(&root(), "dynamodb", "ListTables", json!({})), json!({"TableNames": ["CustomerData"]}));
    let nobody = lab.user("nobody", &[], json!([]));
    let (code, text) = lab.error(&nobody, "dynamodb", "ListTables", json!({}));
    assert_eq!(code, "AccessDeniedException");
    assert!(
        text.contains(
            "dynamodb:ListTables on resource: arn:aws:dynamodb:us-east-1:111122223333:table/* because"
        ),
        "{text}"
    );
}

#[test]
fn a_parameter_that_is_left_out_is_not_in_the_request() {
    for (operation, given) in [
        ("GetItem", json!({"TableName": "T", "Key": {}})),
        ("PutItem", json!({"TableName": "T", "Item": {}})),
        ("DeleteItem", json!({"TableName": "T", "Key": {}})),
        ("UpdateItem", json!({"TableName": "T", "Key": {}})),
        ("Scan", json!({"TableName": "T"})),
        ("Query", json!({"TableName": "T"})),
    ] {
        let call = Call::decode("dynamodb", operation, given.clone()).expect(operation);
        assert_eq!(call.input.to_json(), given, "{operation}");
    }
}
