//! Tables of expressions: what they match, what they change, how they are refused.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::super::value::Item;
use super::super::wire::{Checks, check_attributes};
use super::*;

fn item(value: Value) -> Item {
    check_attributes(&serde_json::from_value(value).unwrap(), Checks::Older).unwrap()
}

fn placeholders() -> Placeholders {
    let names = BTreeMap::from([("#n".to_owned(), "name".to_owned())]);
    let values = json!({
        ":s": {"S": "Alice"}, ":a": {"S": "Al"}, ":n": {"N": "5"}, ":m": {"N": "10"}, ":l": {"L": [{"N": "9"}]},
        ":t": {"BOOL": true}, ":type": {"S": "SS"}, ":red": {"S": "red"},
    });
    Placeholders::new(Some(&names), Some(&serde_json::from_value(values).unwrap()), Checks::Older).unwrap()
}

fn alice() -> Item {
    item(json!({
        "id": {"S": "12345"}, "name": {"S": "Alice"}, "age": {"N": "7"}, "tags": {"SS": ["red", "blue"]},
        "lst": {"L": [{"N": "1"}, {"M": {"deep": {"S": "x"}}}]}, "mp": {"M": {"k": {"N": "5"}}},
    }))
}

#[test]
fn conditions_say_what_is_true_of_an_item() {
    for (text, expected) in [
        ("#n = :s", true),
        ("#n <> :s", false),
        ("age > :n AND age < :m", true),
        ("age BETWEEN :n AND :m", true),
        ("age BETWEEN :m AND :n", false),
        ("age IN (:n, :m)", false),
        ("#n in (:a, :s)", true),
        ("NOT age = :n", true),
        ("(age = :n OR #n = :s) AND attribute_exists(mp.k)", true),
        ("age = :n OR #n = :s AND age = :n", false),
        ("attribute_not_exists(nothing)", true),
        ("attribute_exists(lst[1].deep)", true),
        ("attribute_exists(lst[2])", false),
        ("attribute_type(tags, :type)", true),
        ("begins_with(#n, :a)", true),
        ("contains(#n, :a)", true),
        ("contains(tags, :red)", true),
        ("contains(tags, :a)", false),
        ("size(#n) = :n", true),
        ("size(lst) < :n", true),
        ("nothing = :s", false),
        ("age = :s", false),
        ("mp.k = :n", true),
    ] {
        let condition = placeholders().condition("FilterExpression", Some(text)).unwrap().unwrap();
        assert_eq!(matches(&condition, &alice()), expected, "{text}");
    }
}

#[test]
fn malformed_expressions_are_refused_in_dynamodbs_words() {
    for (text, message) in [
        ("", "The expression can not be empty;"),
        ("name = :s", "Attribute name is a reserved keyword; reserved keyword: name"),
        (
            "#x = :s",
            "An expression attribute name used in the document path is not defined; attribute name: #x",
        ),
        ("age = :x", "An expression attribute value used in expression is not defined; attribute value: :x"),
        ("age = ", "Syntax error; token: \"<EOF>\", near: \"=\""),
        ("age == :s", "Syntax error; token: \"=\", near: \"== :s\""),
        ("age = :s extra", "Syntax error; token: \"extra\", near: \":s extra\""),
        ("frob(age)", "Invalid function name; function: frob"),
        (
            "begins_with(age)",
            "Incorrect number of operands for operator or function; operator or function: begins_with, number of \
             operands: 1",
        ),
        (
            "begins_with(age, :n)",
            "Incorrect operand type for operator or function; operator or function: begins_with, operand type: N",
        ),
        (
            "age < :t",
            "Incorrect operand type for operator or function; operator or function: <, operand type: BOOL",
        ),
        (
            "age = age",
            "The first operand must be distinct from the remaining operands for this operator or function; operator: \
             =, first operand: [age]",
        ),
    ] {
        let refused = placeholders().condition("ConditionExpression", Some(text)).unwrap_err();
        assert_eq!(refused.0, format!("Invalid ConditionExpression: {message}"), "{text}");
    }
}

#[test]
fn expressions_have_limits() {
    let long = format!("age = :n OR {}", "x".repeat(4096));
    let refused = placeholders().condition("FilterExpression", Some(&long)).unwrap_err();
    assert!(refused.0.contains("Expression size has exceeded"), "{refused}");
    let deep = format!("{}age = :n{}", "(".repeat(1500), ")".repeat(1500));
    let refused = placeholders().condition("FilterExpression", Some(&deep)).unwrap_err();
    assert!(refused.0.contains("too many operators"), "{refused}");
    let deep = format!("SET a = {}:n{}", "if_not_exists(b,".repeat(200), ")".repeat(200));
    assert!(placeholders().update(Some(&deep)).is_ok());
}

#[test]
fn placeholders_must_be_well_formed_and_used() {
    let values = |value| serde_json::from_value::<super::super::wire::WireItem>(value).unwrap();
    for (names, wire, message) in [
        (Some(("n", "a")), None, "ExpressionAttributeNames contains invalid key: Syntax error; key: \"n\""),
        (
            None,
            Some(json!({"v": {"S": "x"}})),
            "ExpressionAttributeValues contains invalid key: Syntax error; key: \"v\"",
        ),
        (None, Some(json!({})), "ExpressionAttributeValues must not be empty"),
        (
            None,
            Some(json!({":v": {"N": "x"}})),
            "ExpressionAttributeValues contains invalid value: The parameter cannot be converted to a numeric value: \
             x for key :v",
        ),
    ] {
        let names = names.map(|(k, v)| BTreeMap::from([(k.to_owned(), v.to_owned())]));
        let refused =
            Placeholders::new(names.as_ref(), wire.map(values).as_ref(), Checks::Older).unwrap_err();
        assert_eq!(refused.0, message);
    }
    let mut some = placeholders();
    assert_eq!(
        some.finish().unwrap_err().0,
        "ExpressionAttributeNames can only be specified when using expressions"
    );
    some.condition("FilterExpression", Some("#n = :s")).unwrap();
    assert_eq!(
        some.finish().unwrap_err().0,
        "Value provided in ExpressionAttributeValues unused in expressions: keys: {:a, :l, :m, :n, :red, :t, :type}"
    );
}

#[test]
fn a_projection_keeps_what_its_paths_name() {
    let projected = |text| project(&alice(), &placeholders().projection(Some(text)).unwrap().unwrap());
    assert_eq!(projected("#n, nothing"), item(json!({"name": {"S": "Alice"}})));
    assert_eq!(projected("lst[1].deep"), item(json!({"lst": {"L": [{"M": {"deep": {"S": "x"}}}]}})));
    assert_eq!(projected("mp.k"), item(json!({"mp": {"M": {"k": {"N": "5"}}}})));
    assert_eq!(projected("mp.another, age[0]"), Item::new());
    let refused = placeholders().projection(Some("mp, mp.k")).unwrap_err();
    assert_eq!(
        refused.0,
        "Invalid ProjectionExpression: Two document paths overlap with each other; must remove or rewrite one of \
         these paths; path one: [mp], path two: [mp, k]"
    );
}

#[test]
fn updates_change_an_item() {
    for (text, path, expected) in [
        ("SET age = :n", "age", Some(json!({"N": "5"}))),
        ("SET age = age + :n", "age", Some(json!({"N": "12"}))),
        ("SET age = age - :m", "age", Some(json!({"N": "-3"}))),
        ("set extra = if_not_exists(extra, :s)", "extra", Some(json!({"S": "Alice"}))),
        ("SET extra = if_not_exists(age, :s)", "extra", Some(json!({"N": "7"}))),
        ("SET lst[7] = :n REMOVE age", "age", None),
        ("REMOVE lst[0], age", "lst", Some(json!({"L": [{"M": {"deep": {"S": "x"}}}]}))),
        ("SET mp.q = :n", "mp", Some(json!({"M": {"k": {"N": "5"}, "q": {"N": "5"}}}))),
        ("SET a = age, age = :n", "a", Some(json!({"N": "7"}))),
        ("SET l = list_append(:l, :l)", "l", Some(json!({"L": [{"N": "9"}, {"N": "9"}]}))),
    ] {
        let update = placeholders().update(Some(text)).unwrap().unwrap();
        let after = apply(&update, &alice()).unwrap();
        assert_eq!(after.get(path).map(|v| serde_json::to_value(v).unwrap()), expected, "{text}");
    }
}

#[test]
fn updates_that_cannot_be_are_refused() {
    for (text, message) in [
        ("SET nothing.a = :n", "The document path provided in the update expression is invalid for update"),
        ("SET a = nothing", "The provided expression refers to an attribute that does not exist in the item"),
        ("SET a = id + :n", "An operand in the update expression has an incorrect data type"),
    ] {
        let update = placeholders().update(Some(text)).unwrap().unwrap();
        assert_eq!(apply(&update, &alice()).unwrap_err().0, message, "{text}");
    }
    for (text, message) in [
        (
            "SET a = :n SET b = :n",
            "Invalid UpdateExpression: The \"SET\" section can only be used once in an update expression;",
        ),
        (
            "SET a = :n REMOVE a",
            "Invalid UpdateExpression: Two document paths overlap with each other; must remove or rewrite one of \
             these paths; path one: [a], path two: [a]",
        ),
    ] {
        assert_eq!(placeholders().update(Some(text)).unwrap_err().0, message, "{text}");
    }
}

#[test]
fn key_conditions_name_one_partition() {
    let read = |text| {
        let condition = placeholders().condition("KeyConditionExpression", Some(text)).unwrap().unwrap();
        KeyCondition::of(condition, "id", Some("age"))
    };
    assert!(read("id = :s").unwrap().sort.is_none());
    assert_eq!(
        read("age BETWEEN :n AND :m AND id = :s").unwrap().sort.unwrap().operator,
        SortOperator::Between
    );
    assert_eq!(
        read("id = :s AND begins_with(age, :a)").unwrap().sort.unwrap().operator,
        SortOperator::BeginsWith
    );
    for (text, message) in [
        ("age = :n", "Query condition missed key schema element: id"),
        ("id = :s AND another = :n", "Query condition missed key schema element: age"),
        ("id < :s", "Query key condition not supported"),
        ("id = :s OR age = :n", "Invalid operator used in KeyConditionExpression: OR"),
        ("id <> :s", "Invalid operator used in KeyConditionExpression: <>"),
        ("id = :s AND contains(age, :n)", "Invalid operator used in KeyConditionExpression: contains"),
        (
            "id = :s AND age > :n AND age < :m",
            "Invalid KeyConditionExpression: KeyConditionExpressions must only contain one condition per key",
        ),
        (
            "id = :s AND age = :n AND another = :m",
            "The number of query conditions (3) exceeds the number of key attributes defined in the schema (2)",
        ),
    ] {
        assert_eq!(read(text).unwrap_err().0, message, "{text}");
    }
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in "[ -~]{0,80}|([a-z#:().,<>=\\[\\]0-9 ]|AND|OR|NOT|SET|REMOVE|size|contains){0,30}|.{0,20}") {
        let _ = placeholders().condition("FilterExpression", Some(&text));
        let _ = placeholders().projection(Some(&text));
        let _ = placeholders().update(Some(&text));
    }
}
