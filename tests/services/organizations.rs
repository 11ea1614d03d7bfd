//! What Organizations answers has the shapes of AWS's model: every member that the model has and nothing else.
//!
//! Source: the API model `organizations` 2016-11-28 as of botocore 1.44.8, as the console's asset has it.

use kmslab::cloud::{AccountId, Call, Caller, Fidelity, World};
use serde_json::{Value, json};

const BOSS: &str = "111122223333";
const MEMBER: &str = "222233334444";

/// The members that no answer has, and why.
const LEFT_OUT: [(&str, &str); 3] = [
    ("Organization", "MasterAccountEmail"), // Accounts have no e-mail addresses here.
    ("Account", "Email"),
    ("InviteAccountToOrganizationResponse", "Handshake"), // The account joins at once.
];

/// Compares a value with a type of the model.
fn compare(shapes: &Value, kind: &str, value: &Value, faults: &mut Vec<String>) {
    let shape = &shapes[kind];
    if let Some(members) = shape["members"].as_object() {
        let Some(fields) = value.as_object() else { return faults.push(format!("{kind} is {value}")) };
        for name in fields.keys().filter(|name| !members.contains_key(*name)) {
            faults.push(format!("{kind} has no {name}"));
        }
        for (name, of) in members {
            let is_page = name == "NextToken" && kind.starts_with("List");
            match fields.get(name) {
                Some(value) => compare(shapes, of.as_str().expect("a type"), value, faults),
                None if is_page || LEFT_OUT.contains(&(kind, name)) => {}
                None => faults.push(format!("{kind} lacks {name}")),
            }
        }
    } else if let Some(of) = shape["list"].as_str() {
        let Some(elements) = value.as_array() else { return faults.push(format!("{kind} is {value}")) };
        for element in elements {
            compare(shapes, of, element, faults);
        }
    } else {
        let fits = match kind {
            "string" => value.is_string(),
            "boolean" => value.is_boolean(),
            "timestamp" => value.is_number(),
            _ => false,
        };
        if !fits {
            faults.push(format!("{value} is no {kind}"));
        }
    }
}

#[test]
fn every_answer_has_the_shape_of_the_model() {
    let model: Value =
        serde_json::from_str(include_str!("../../assets/cli-model.json")).expect("the model is JSON");
    let model = &model["services"]["organizations"];
    let account = |id: &str| -> AccountId { id.parse().expect("twelve digits") };
    let mut world = World::new(7, "2026-11-01T09:00:00Z".parse().expect("a time"), Fidelity::instant());
    world.add_account(account(BOSS), "management");
    world.add_account(account(MEMBER), "ward");
    let boss = Caller::Root(account(BOSS));
    let mut faults = Vec::new();
    let mut told = std::collections::BTreeSet::new();
    let mut ask = |operation: &str, input: Value| -> Value {
        let call = Call::decode("organizations", operation, input).expect(operation);
        let answer = world.call(&boss, call).result;
        let answer = answer.unwrap_or_else(|error| panic!("{operation}: {error}")).to_json();
        told.insert(operation.to_owned());
        match model["operations"][operation]["output"].as_str() {
            Some(output) => compare(&model["shapes"], output, &answer, &mut faults),
            None => assert_eq!(answer, json!({}), "{operation}"),
        }
        answer
    };
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    let made = ask("CreateOrganization", json!({}));
    assert_eq!(ask("DescribeOrganization", json!({})), made);
    let id = text(&made["Organization"]["Id"]);
    let root = text(&ask("ListRoots", json!({}))["Roots"][0]["Id"]);
    let enabled = ask("EnablePolicyType", json!({"RootId": root, "PolicyType": "SERVICE_CONTROL_POLICY"}));
    assert_eq!(
        enabled["Root"]["PolicyTypes"],
        json!([{"Type": "SERVICE_CONTROL_POLICY", "Status": "ENABLED"}])
    );
    let unit =
        ask("CreateOrganizationalUnit", json!({"ParentId": root, "Name": "Wards"}))["OrganizationalUnit"]
            .clone();
    let unit_id = text(&unit["Id"]);
    assert_eq!(unit["Path"], format!("{id}/{root}/{unit_id}/"));
    assert_eq!(unit["Arn"], format!("arn:aws:organizations::{BOSS}:ou/{id}/{unit_id}"));
    assert_eq!(
        ask("DescribeOrganizationalUnit", json!({"OrganizationalUnitId": unit_id}))["OrganizationalUnit"],
        unit
    );
    let below = ask("ListOrganizationalUnitsForParent", json!({"ParentId": root}));
    assert_eq!(below["OrganizationalUnits"], json!([unit]));
    ask("InviteAccountToOrganization", json!({"Target": {"Id": MEMBER, "Type": "ACCOUNT"}}));
    ask("MoveAccount", json!({"AccountId": MEMBER, "SourceParentId": root, "DestinationParentId": unit_id}));
    let accounts = ask("ListAccounts", json!({}))["Accounts"].clone();
    let names: Vec<&Value> = accounts.as_array().expect("a list").iter().map(|one| &one["Name"]).collect();
    assert_eq!(names, ["management", "ward"]);
    let member = ask("DescribeAccount", json!({"AccountId": MEMBER}))["Account"].clone();
    assert_eq!(member["Arn"], format!("arn:aws:organizations::{BOSS}:account/{id}/{MEMBER}"));
    assert_eq!(member["Paths"], json!([format!("{id}/{root}/{unit_id}/{MEMBER}/")]));
    assert_eq!(ask("ListAccountsForParent", json!({"ParentId": unit_id}))["Accounts"], json!([member]));
    let parents = ask("ListParents", json!({"ChildId": MEMBER}));
    assert_eq!(parents["Parents"], json!([{"Id": unit_id, "Type": "ORGANIZATIONAL_UNIT"}]));
    let children = ask("ListChildren", json!({"ParentId": unit_id, "ChildType": "ACCOUNT"}));
    assert_eq!(children["Children"], json!([{"Id": MEMBER, "Type": "ACCOUNT"}]));
    let children = ask("ListChildren", json!({"ParentId": root, "ChildType": "ORGANIZATIONAL_UNIT"}));
    assert_eq!(children["Children"], json!([{"Id": unit_id, "Type": "ORGANIZATIONAL_UNIT"}]));
    let content =
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"kms:*","Resource":"*"}]}"#;
    let create =
        json!({"Name": "keep", "Description": "d", "Type": "SERVICE_CONTROL_POLICY", "Content": content});
    let policy = ask("CreatePolicy", create)["Policy"].clone();
    assert_eq!(policy["Content"], content);
    let policy_id = text(&policy["PolicySummary"]["Id"]);
    assert_eq!(ask("DescribePolicy", json!({"PolicyId": policy_id}))["Policy"], policy);
    let changed =
        ask("UpdatePolicy", json!({"PolicyId": policy_id, "Description": "e"}))["Policy"]["PolicySummary"]
            .clone();
    assert_eq!((&changed["Description"], &changed["Name"]), (&json!("e"), &json!("keep")));
    let all = ask("ListPolicies", json!({"Filter": "SERVICE_CONTROL_POLICY"}))["Policies"].clone();
    assert_eq!(all.as_array().map(Vec::len), Some(2));
    ask("AttachPolicy", json!({"PolicyId": policy_id, "TargetId": unit_id}));
    let of_unit =
        ask("ListPoliciesForTarget", json!({"TargetId": unit_id, "Filter": "SERVICE_CONTROL_POLICY"}));
    assert!(of_unit["Policies"].as_array().expect("a list").contains(&changed), "{of_unit}");
    let other =
        ask("ListPoliciesForTarget", json!({"TargetId": unit_id, "Filter": "RESOURCE_CONTROL_POLICY"}));
    assert_eq!(other["Policies"], json!([]));
    let targets = ask("ListTargetsForPolicy", json!({"PolicyId": policy_id}));
    assert_eq!(
        targets["Targets"],
        json!([{"TargetId": unit_id, "Arn": unit["Arn"], "Name": "Wards", "Type": "ORGANIZATIONAL_UNIT"}])
    );
    ask("DetachPolicy", json!({"PolicyId": policy_id, "TargetId": unit_id}));
    ask("DeletePolicy", json!({"PolicyId": policy_id}));
    assert_eq!(faults, Vec::<String>::new());
    let described = kmslab::cloud::SERVICES.iter().find(|service| service.prefix == "organizations");
    for operation in described.expect("a service").names() {
        assert!(told.contains(operation), "no answer of {operation} was compared");
    }
}

/// Source: Organizations API Reference: "You can only call this operation from the management account or a member
/// account that is a delegated administrator", of all operations but DescribeOrganization.
#[test]
fn members_only_learn_which_organization_is_theirs() {
    let account = |id: &str| -> AccountId { id.parse().expect("twelve digits") };
    let mut world = World::new(7, "2026-11-01T09:00:00Z".parse().expect("a time"), Fidelity::instant());
    world.add_account(account(BOSS), "management");
    world.add_account(account(MEMBER), "ward");
    let mut code = |id: &str, operation: &str, input: Value| {
        let call = Call::decode("organizations", operation, input).expect(operation);
        world.call(&Caller::Root(account(id)), call).result.err().map(|error| error.code.into_owned())
    };
    assert_eq!(code(BOSS, "CreateOrganization", json!({})), None);
    let invite = json!({"Target": {"Id": MEMBER, "Type": "ACCOUNT"}});
    assert_eq!(code(BOSS, "InviteAccountToOrganization", invite), None);
    let denied = Some("AccessDeniedException".to_owned());
    for (operation, input, answer) in [
        ("DescribeOrganization", json!({}), None),
        ("ListRoots", json!({}), denied.clone()),
        ("ListAccounts", json!({}), denied.clone()),
        ("DescribeAccount", json!({"AccountId": MEMBER}), denied.clone()),
        ("ListParents", json!({"ChildId": MEMBER}), denied.clone()),
        ("ListPolicies", json!({"Filter": "SERVICE_CONTROL_POLICY"}), denied.clone()),
        ("DescribePolicy", json!({"PolicyId": "p-FullAWSAccess"}), denied.clone()),
        ("DetachPolicy", json!({"PolicyId": "p-FullAWSAccess", "TargetId": MEMBER}), denied),
    ] {
        assert_eq!(code(MEMBER, operation, input), answer, "{operation}");
    }
    for (operation, input, answer) in [
        ("ListParents", json!({"ChildId": "999999999999"}), "ChildNotFoundException"),
        ("ListChildren", json!({"ParentId": MEMBER, "ChildType": "ACCOUNT"}), "ParentNotFoundException"),
        ("ListAccountsForParent", json!({"ParentId": "ou-aaaa-bbbbbbbb"}), "ParentNotFoundException"),
        (
            "DescribeOrganizationalUnit",
            json!({"OrganizationalUnitId": "ou-aaaa-bbbbbbbb"}),
            "OrganizationalUnitNotFoundException",
        ),
        (
            "ListPoliciesForTarget",
            json!({"TargetId": "999999999999", "Filter": "SERVICE_CONTROL_POLICY"}),
            "TargetNotFoundException",
        ),
        ("ListTargetsForPolicy", json!({"PolicyId": "p-nowhere0"}), "PolicyNotFoundException"),
        ("DeletePolicy", json!({"PolicyId": "p-nowhere0"}), "PolicyNotFoundException"),
    ] {
        assert_eq!(code(BOSS, operation, input).as_deref(), Some(answer), "{operation}");
    }
}
