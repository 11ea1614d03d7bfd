//! Patterns on events: the examples of the User Guide and of aws/event-ruler, and what is wrong with texts.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::EventPattern;

/// The event of the README of aws/event-ruler, section "Ruler by Example".
fn sample() -> Value {
    json!({
        "version": "0",
        "id": "ddddd4-aaaa-7777-4444-345dd43cc333",
        "detail-type": "EC2 Instance State-change Notification",
        "source": "aws.ec2",
        "account": "012345679012",
        "time": "2017-10-02T16:24:49Z",
        "region": "us-east-1",
        "resources": ["arn:aws:ec2:us-east-1:123456789012:instance/i-000000aaaaaa00000"],
        "detail": {
            "c-count": 5, "d-count": 3, "x-limit": 301.8, "source-ip": "10.0.0.33",
            "instance-id": "i-000000aaaaaa00000", "state": "running"
        }
    })
}

fn matches(pattern: &Value, event: &Value) -> bool {
    EventPattern::read(&pattern.to_string()).unwrap_or_else(|e| panic!("{pattern}: {e}")).matches(event)
}

#[test]
fn the_examples_of_event_ruler() {
    // Source: aws/event-ruler, README, the sections in this order.
    for (pattern, expected) in [
        // Simple matching.
        (
            json!({"detail-type": ["EC2 Instance State-change Notification"],
            "resources": ["arn:aws:ec2:us-east-1:123456789012:instance/i-000000aaaaaa00000"],
            "detail": {"state": ["initializing", "running"]}}),
            true,
        ),
        (json!({"detail": {"state": ["initializing"]}}), false),
        (json!({"detail": {"state": ["Running"]}}), false),
        // Prefix, suffix, equals-ignore-case, wildcard.
        (json!({"time": [{"prefix": "2017-10-02"}]}), true),
        (json!({"time": [{"prefix": "2017-10-03"}]}), false),
        (json!({"source": [{"suffix": "ec2"}]}), true),
        (json!({"source": [{"suffix": "EC2"}]}), false),
        (json!({"source": [{"equals-ignore-case": "AWS.EC2"}]}), true),
        (json!({"source": [{"equals-ignore-case": "EC2"}]}), false),
        (json!({"source": [{"wildcard": "aws*2"}]}), true),
        (json!({"source": [{"wildcard": "aws*3"}]}), false),
        (json!({"source": [{"wildcard": "aws.ec2*"}]}), true),
        // Anything-but.
        (json!({"detail": {"state": [{"anything-but": "initializing"}]}}), true),
        (json!({"detail": {"state": [{"anything-but": "running"}]}}), false),
        (json!({"detail": {"x-limit": [{"anything-but": 123}]}}), true),
        (json!({"detail": {"x-limit": [{"anything-but": 301.8}]}}), false),
        (json!({"detail": {"state": [{"anything-but": ["stopped", "overloaded"]}]}}), true),
        (json!({"detail": {"state": [{"anything-but": ["stopped", "running"]}]}}), false),
        (json!({"detail": {"x-limit": [{"anything-but": [100, 200, 300]}]}}), true),
        (json!({"detail": {"state": [{"anything-but": {"prefix": "init"}}]}}), true),
        (json!({"detail": {"state": [{"anything-but": {"prefix": "run"}}]}}), false),
        (json!({"detail": {"nothing": [{"anything-but": "x"}]}}), false),
        // Numeric.
        (
            json!({"detail": {"c-count": [{"numeric": [">", 0, "<=", 5]}], "d-count": [{"numeric": ["<", 10]}],
            "x-limit": [{"numeric": ["=", 3.018e2]}]}}),
            true,
        ),
        (json!({"detail": {"c-count": [{"numeric": [">", 0, "<", 5]}]}}), false),
        (json!({"detail": {"c-count": [{"numeric": [">=", 5]}]}}), true),
        (json!({"detail": {"state": [{"numeric": [">=", 5]}]}}), false),
        // IP address.
        (json!({"detail": {"source-ip": [{"cidr": "10.0.0.0/24"}]}}), true),
        (json!({"detail": {"source-ip": [{"cidr": "10.0.1.0/24"}]}}), false),
        (json!({"detail": {"state": [{"cidr": "10.0.0.0/8"}]}}), false),
        // Exists.
        (json!({"detail": {"c-count": [{"exists": true}]}}), true),
        (json!({"detail": {"c-count": [{"exists": false}]}}), false),
        (json!({"detail": {"e-count": [{"exists": false}]}}), true),
        (json!({"other": {"e-count": [{"exists": false}]}}), true),
        // A node that is no leaf does not exist.
        (json!({"detail": [{"exists": true}]}), false),
        (json!({"detail": [{"exists": false}]}), true),
        // Complex example.
        (
            json!({"time": [{"prefix": "2017-10-02"}], "detail": {"state": [{"anything-but": "initializing"}],
            "c-count": [{"numeric": [">", 0, "<=", 5]}], "d-count": [{"numeric": ["<", 10]}],
            "x-limit": [{"anything-but": [100, 200, 300]}], "source-ip": [{"cidr": "10.0.0.0/8"}]}}),
            true,
        ),
    ] {
        assert_eq!(matches(&pattern, &sample()), expected, "{pattern}");
    }
}

#[test]
fn the_table_of_comparison_operators() {
    // Source: EventBridge User Guide, eb-create-pattern-operators, the table at its top, each row once as it is and once not.
    for (pattern, yes, no) in [
        (
            json!({"Location": ["New York"], "Day": ["Monday"]}),
            json!({"Location": "New York", "Day": "Monday"}),
            json!({"Location": "New York", "Day": "Friday"}),
        ),
        (
            json!({"state": [{"anything-but": "initializing"}]}),
            json!({"state": "x"}),
            json!({"state": "initializing"}),
        ),
        (
            json!({"Region": [{"anything-but": {"prefix": "us-"}}]}),
            json!({"Region": "eu-west-1"}),
            json!({"Region": "us-east-1"}),
        ),
        (
            json!({"FileName": [{"anything-but": {"suffix": ".png"}}]}),
            json!({"FileName": "a.jpg"}),
            json!({"FileName": "a.png"}),
        ),
        (
            json!({"state": [{"anything-but": {"equals-ignore-case": "initializing"}}]}),
            json!({"state": "x"}),
            json!({"state": "INITIALIZING"}),
        ),
        (
            json!({"FilePath": [{"anything-but": {"wildcard": "*/lib/*"}}]}),
            json!({"FilePath": "/usr/bin/x"}),
            json!({"FilePath": "/usr/lib/x"}),
        ),
        (
            json!({"Region": [{"prefix": "us-"}]}),
            json!({"Region": "us-east-1"}),
            json!({"Region": "US-east-1"}),
        ),
        (
            json!({"service": [{"prefix": {"equals-ignore-case": "eventb"}}]}),
            json!({"service": "EventBridge"}),
            json!({"service": "evenBridge"}),
        ),
        (json!({"LastName": [""]}), json!({"LastName": ""}), json!({"LastName": null})),
        (json!({"Name": ["Alice"]}), json!({"Name": "Alice"}), json!({"Name": "alice"})),
        (
            json!({"Name": [{"equals-ignore-case": "alice"}]}),
            json!({"Name": "ALICE"}),
            json!({"Name": "Alicia"}),
        ),
        (
            json!({"FileName": [{"suffix": ".png"}]}),
            json!({"FileName": "a.png"}),
            json!({"FileName": "a.PNG"}),
        ),
        (
            json!({"service": [{"suffix": {"equals-ignore-case": "tBridge"}}]}),
            json!({"service": "EVENTBRIDGE"}),
            json!({"service": "bridges"}),
        ),
        (json!({"ProductName": [{"exists": true}]}), json!({"ProductName": null}), json!({"Product": 1})),
        (json!({"ProductName": [{"exists": false}]}), json!({"Product": 1}), json!({"ProductName": ""})),
        (
            json!({"Weather": [{"anything-but": ["Raining"]}]}),
            json!({"Weather": "Sunny"}),
            json!({"Weather": "Raining"}),
        ),
        (json!({"UserID": [null]}), json!({"UserID": null}), json!({"UserID": "null"})),
        (json!({"Price": [{"numeric": ["=", 100]}]}), json!({"Price": 100.0}), json!({"Price": "100"})),
        (json!({"Price": [{"numeric": [">", 10, "<=", 20]}]}), json!({"Price": 20}), json!({"Price": 10})),
        (
            json!({"PaymentType": ["Credit", "Debit"]}),
            json!({"PaymentType": "Debit"}),
            json!({"PaymentType": "Cash"}),
        ),
        (
            json!({"$or": [{"Location": ["New York"]}, {"Day": ["Monday"]}]}),
            json!({"Location": "Rome", "Day": "Monday"}),
            json!({"Location": "Rome", "Day": "Friday"}),
        ),
        (
            json!({"FileName": [{"wildcard": "dir/*.png"}]}),
            json!({"FileName": "dir/a/b.png"}),
            json!({"FileName": "a.png"}),
        ),
    ] {
        assert!(matches(&pattern, &yes), "{pattern} and {yes}");
        assert!(!matches(&pattern, &no), "{pattern} and {no}");
    }
}

#[test]
fn lists_meet_and_their_objects_are_taken_whole() {
    // Source: EventBridge User Guide, eb-event-patterns-arrays, its example.
    let wanted = json!({"resources": ["arn:aws:ec2:us-east-1:123456789012:instance/i-b188560f",
        "arn:aws:ec2:us-east-1:111122223333:instance/i-b188560f"]});
    let event = json!({"resources": ["arn:aws:autoscaling:us-east-1:123456789012:autoScalingGroup:eb56d16b",
        "arn:aws:ec2:us-east-1:123456789012:instance/i-b188560f"]});
    assert!(matches(&wanted, &event));
    // Source: aws/event-ruler, README, "JSON Array Matching": its fields must be those of one element.
    let event = json!({"employees": [{"firstName": "John", "lastName": "Doe"}, {"firstName": "Anna", "lastName": "Smith"}]});
    assert!(matches(&json!({"employees": {"firstName": ["Anna"], "lastName": ["Smith"]}}), &event));
    assert!(!matches(&json!({"employees": {"firstName": ["Anna"], "lastName": ["Doe"]}}), &event));
    // A field is absent only if no element has it.
    let event = json!({"list": [{"a": 1}, {"b": 2}]});
    assert!(!matches(&json!({"list": {"a": [{"exists": false}]}}), &event));
    assert!(matches(&json!({"list": {"c": [{"exists": false}]}}), &event));
    // Lists in lists count as one.
    assert!(matches(&json!({"list": ["x"]}), &json!({"list": [["y"], [["x"]]]})));
    assert!(!matches(&json!({"list": [{"exists": true}]}), &json!({"list": []})));
}

#[test]
fn either_and_both() {
    // Source: aws/event-ruler, README, 'Rule examples with "$or" Primitive', its first and its last.
    let both = json!({"source": ["aws.cloudwatch"], "$or": [{"metricName": ["CPUUtilization", "ReadLatency"]},
        {"metricType": ["MetricType"], "namespace": ["AWS/EC2", "AWS/ES"],
            "$or": [{"metricId": [1234]}, {"spaceId": [1000]}]}, {"scope": ["Service"]}]});
    for (event, expected) in [
        (json!({"source": "aws.cloudwatch", "scope": "Service"}), true),
        (json!({"source": "aws.ec2", "scope": "Service"}), false),
        (json!({"source": "aws.cloudwatch", "metricName": "ReadLatency"}), true),
        (json!({"source": "aws.cloudwatch", "metricType": "MetricType", "namespace": "AWS/ES"}), false),
        (
            json!({"source": "aws.cloudwatch", "metricType": "MetricType", "namespace": "AWS/ES", "spaceId": 1000}),
            true,
        ),
    ] {
        assert_eq!(matches(&both, &event), expected, "{event}");
    }
}

#[test]
fn wildcards_can_be_escaped() {
    // Source: aws/event-ruler, README, "Wildcard matching", and WildcardParserTest.
    for (wildcard, text, expected) in [
        (r"a\*c", "a*c", true),
        (r"a\*c", "abc", false),
        (r"a\\*", r"a\b", true),
        (r"a\**", "a*bc", true),
        ("*", "", true),
        ("a*b*c", "axbxxc", true),
        ("a*b*c", "axcxxb", false),
        ("?", "x", false),
    ] {
        assert_eq!(
            matches(&json!({"k": [{"wildcard": wildcard}]}), &json!({"k": text})),
            expected,
            "{wildcard}"
        );
    }
}

#[test]
fn what_is_no_pattern_is_told_with_its_place() {
    // Source: aws/event-ruler, JsonRuleCompiler and JsonRuleCompilerTest; reports of PutRule's errors for those with a column.
    for (text, reason, column) in [
        (r#"{"source": ["aws.health"], "detail": {}}"#, "Empty objects are not allowed", Some(40)),
        (
            r#"{"source":["test-source"],"detail":{"name":[{"exists":"true"}],"age":[{"numeric":[">","25"]}]}}"#,
            "exists match pattern must be either true or false.",
            Some(56),
        ),
        (r#"{"key": [{"wildcard": "abc**def"}]}"#, "Consecutive wildcard characters at pos 4", Some(33)),
        (r#"{"key": [{"wildcard": "a\\bc"}]}"#, "Invalid escape character at pos 2", None),
        ("[]", "Filter is not an object", None),
        (r#"{"a": "b"}"#, "\"a\" must be an object or an array", None),
        (r#"{"a": []}"#, "Empty arrays are not allowed", None),
        (r#"{"a": [[1]]}"#, "Match value must be String, number, true, false, or null", None),
        (r#"{"a": [{}]}"#, "Match expression name not found", None),
        (r#"{"a": [{"like": "x"}]}"#, "Unrecognized match type like", None),
        (r#"{"a": [{"prefix": 1}]}"#, "prefix match pattern must be a string", None),
        (r#"{"a": [{"suffix": 1}]}"#, "suffix match pattern must be a string", None),
        (r#"{"a": [{"prefix": {"suffix": "x"}}]}"#, "Unsupported prefix pattern: suffix", None),
        (r#"{"a": [{"prefix": "x", "suffix": "y"}]}"#, "Only one key allowed in match expression", None),
        (r#"{"a": [{"anything-but": {"cidr": "x"}}]}"#, "Unsupported anything-but pattern: cidr", None),
        (r#"{"a": [{"anything-but": {"prefix": ""}}]}"#, "Null prefix/suffix not allowed", None),
        (
            r#"{"a": [{"anything-but": null}]}"#,
            "Value of anything-but must be an array or single string/number value.",
            None,
        ),
        (
            r#"{"a": [{"anything-but": [true]}]}"#,
            "Inside anything but list, start|null|boolean is not supported.",
            None,
        ),
        (
            r#"{"a": [{"anything-but": ["x", 1]}]}"#,
            "Inside anything but list, either all values are number or string, mixed type is not supported",
            None,
        ),
        (r#"{"a": [{"numeric": 5}]}"#, "Value of numeric must be an array.", None),
        (r#"{"a": [{"numeric": []}]}"#, "Invalid member in numeric match: ]", None),
        (r#"{"a": [{"numeric": ["!", 5]}]}"#, "Unrecognized numeric range operator: !", None),
        (r#"{"a": [{"numeric": ["=", "5"]}]}"#, "Value of equals must be numeric", None),
        (r#"{"a": [{"numeric": ["<", 5, ">", 1]}]}"#, "Too many elements in numeric expression", None),
        (r#"{"a": [{"numeric": [">", 5, "=", 7]}]}"#, "Bad numeric range operator: =", None),
        (r#"{"a": [{"numeric": [">", 5, "<", 3]}]}"#, "Bottom must be less than top", None),
        (
            r#"{"a": [{"numeric": [">", 5, "<", 7, "<"]}]}"#,
            "Too many terms in numeric range expression",
            None,
        ),
        (r#"{"a": [{"cidr": "10.0.0.0"}]}"#, "Malformed CIDR, one '/' required", None),
        (r#"{"a": [{"cidr": "10.0.0.0/x"}]}"#, "Malformed CIDR, mask bits must be an integer", None),
        (r#"{"a": [{"cidr": "10.0.0.0/-1"}]}"#, "Malformed CIDR, mask bits must not be negative", None),
        (r#"{"a": [{"cidr": "10.0.0.0/32"}]}"#, "IPv4 mask bits must be < 32", None),
        (r#"{"a": [{"cidr": "ten/8"}]}"#, "Nonstandard IP address: ten", None),
        (r#"{"$or": {"a": [1]}}"#, "It must be an Array followed with $or.", None),
        (r#"{"$or": [{"a": [1]}]}"#, "There must have at least 2 Objects in $or relationship.", None),
        (r#"{"$or": [{"a": [1]}, 2]}"#, "Only JSON object is allowed in array of $or relationship.", None),
        (
            r#"{"$or": [{"a": [1]}, {"prefix": ["x"]}]}"#,
            "prefix is Ruler reserved fieldName which cannot be used inside $or.",
            None,
        ),
    ] {
        let error = EventPattern::read(text).expect_err(text);
        assert_eq!(error.to_string(), reason, "{text}");
        assert!(!error.span().of(text).is_empty(), "{text}: {:?}", error.span());
        if let Some(column) = column {
            assert_eq!(crate::policy::line_col(text, error.at()), (1, column), "{text}");
        }
    }
    // What is no JSON, or longer than any pattern, is told in words of kmslab's own.
    for (text, part) in [
        ("{", "the text ends"),
        (r#"{"a": [1], "a": [2]}"#, "stands twice"),
        (&"x".repeat(20_000), "`event-pattern`"),
    ] {
        let error = EventPattern::read(text).expect_err(text).to_string();
        assert!(error.contains(part), "{error}");
    }
}

proptest! {
    /// An entry and the same behind `anything-but` never agree about a text that is there.
    #[test]
    fn anything_but_is_the_opposite(text in "[ab*]{0,4}", wanted in "[ab]{1,3}") {
        let event = json!({"k": text});
        for operator in ["prefix", "suffix", "equals-ignore-case", "wildcard"] {
            let is = matches(&json!({"k": [{operator: wanted}]}), &event);
            let is_not = matches(&json!({"k": [{"anything-but": {operator: wanted}}]}), &event);
            prop_assert_ne!(is, is_not);
        }
        prop_assert_ne!(matches(&json!({"k": [wanted]}), &event), matches(&json!({"k": [{"anything-but": wanted}]}), &event));
    }
}
