//! The world of each scenario as CloudFormation, Terraform and lines of the AWS CLI.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::Arc;

use kmslab::aws_cli::{Console, RealFiles, empty_world};
use kmslab::cloud::{AccountId, Call, Caller, Fidelity, World};
use kmslab::forms::{self, Form};
use kmslab::scenario::{self, Names, Stage};
use kmslab::template::{
    Doc, Drift, For, Id, Piece, Plan, PolicyRef, Resource, Sort, Status, TableKey, Template, read,
};
use serde_json::{Value, json};

/// All scenarios of the program, each with one of its accounts.
fn accounts() -> Vec<(Stage, AccountId)> {
    let mut all = Vec::new();
    for embedded in scenario::embedded() {
        let stage = embedded.read().expect("a scenario").build().expect("a world");
        let own: Vec<AccountId> = stage.world.iam().accounts().map(|(id, _)| id.clone()).collect();
        all.extend(own.into_iter().map(|account| (stage.clone(), account)));
    }
    all
}

/// The plan of an account, with names that the scenario gives its keys.
fn plan(stage: &Stage, account: &AccountId) -> Plan {
    let name =
        |arn: &str| Some(stage.names.short(arn)).filter(|name| !arn.ends_with(name)).map(str::to_owned);
    Plan::of(&stage.world, account, &stage.names.region, &name).expect("a plan")
}

/// Makes whom policies of the plan name in other accounts.
fn make_others(world: &mut World, plan: &Plan) {
    let documents = plan.resources.values().flat_map(Resource::documents);
    let mut named: BTreeSet<String> = documents
        .flat_map(|document| document.principals().filter_map(|text| text.words()).map(str::to_owned))
        .collect();
    for (_, resource) in plan.of_sort(Sort::Grant) {
        if let Resource::Grant(grant) = resource {
            named.extend(grant.grantee.words().map(str::to_owned));
        }
    }
    for arn in named {
        let mut parts = arn.split([':', '/']).skip(4);
        let (Some(account), Some(kind), Some(name)) = (parts.next(), parts.next(), parts.next()) else {
            continue;
        };
        let account: AccountId = account.parse().expect("an account");
        world.add_account(account.clone(), "other");
        let (operation, input) = match kind {
            "user" => ("CreateUser", json!({"UserName": name})),
            "role" => (
                "CreateRole",
                json!({"RoleName": name, "AssumeRolePolicyDocument": "{\"Statement\":{\"Effect\":\"Deny\",\"Principal\":\"*\",\"Action\":\"sts:AssumeRole\"},\"Version\":\"2012-10-17\"}"}),
            ),
            other => panic!("{other}"),
        };
        let call = Call::decode("iam", operation, input).expect("a call");
        let _made_before = world.call(&Caller::Root(account), call);
    }
}

/// A plan without the tables under keys of other accounts, which no empty account can have: their keys are not there.
fn by_itself(mut plan: Plan) -> Plan {
    let is_elsewhere = |resource: &Resource| matches!(resource, Resource::Table(table) if matches!(table.encryption, TableKey::Other(_)));
    plan.resources.retain(|_, resource| !is_elsewhere(resource));
    plan
}

/// A plan without the ids of its grants: KMS gives each grant one of its own.
fn without_grant_ids(mut plan: Plan) -> Plan {
    for resource in plan.resources.values_mut() {
        if let Resource::Grant(grant) = resource {
            grant.grant_id.clear();
        }
    }
    plan
}

/// Plays a plan in an empty account of its number, in a world that has those whom its policies name elsewhere, and writes
/// the account down again. Policies name other accounts by their numbers, hence the same number.
fn played_again(stage: &Stage, account: &AccountId, plan: &Plan) -> Plan {
    let clock = "2026-01-05T09:00:00Z".parse().expect("a time");
    let mut world = World::new(7, clock, Fidelity::instant());
    world.add_account(account.clone(), "again");
    let names = Names::new(account.clone(), stage.names.region.clone());
    make_others(&mut world, plan);
    let mut console = Console::new(names, "root", Arc::new(RealFiles));
    let written = forms::write(plan, Form::AwsLines, "a test");
    let reply = console.run(&mut world, &written.text);
    assert!(!reply.text.contains("aws: [ERROR]") && reply.code == 0, "{}: {}", stage.scenario.id, reply.text);
    let keys: BTreeMap<String, String> = plan
        .of_sort(Sort::Key)
        .map(|(id, _)| {
            let id_of = console.variables().get(&format!("KEY_{}", id.snake())).expect("its variable");
            (id_of.to_owned(), id.label().to_owned())
        })
        .collect();
    let name = |arn: &str| keys.get(arn.rsplit('/').next().unwrap_or_default()).cloned();
    Plan::of(&world, account, &stage.names.region, &name).expect("a plan")
}

#[test]
fn the_lines_of_the_aws_cli_make_the_account_again() {
    let mut played = 0;
    for (stage, account) in accounts() {
        let plan = without_grant_ids(by_itself(plan(&stage, &account)));
        let again = without_grant_ids(played_again(&stage, &account, &plan));
        assert_eq!(again.resources, plan.resources, "{} {account}", stage.scenario.id);
        played += 1;
    }
    assert!(played > 30, "{played}");
}

/// Reads a template for an account of a scenario.
fn read_for(text: &str, stage: &Stage, account: &AccountId) -> Template {
    let parameters = BTreeMap::new();
    let wanted = For { account, region: &stage.names.region, parameters: &parameters, skips_unknown: false };
    read(text, &wanted).unwrap_or_else(|error| panic!("{} {account}: {error}", stage.scenario.id))
}

/// A plan without what its template cannot have, each with the reason that the template gives for it.
fn as_in_a_stack(plan: &Plan, left_out: &[String]) -> BTreeMap<Id, Resource> {
    let is_said = |start: &str| left_out.iter().any(|what| what.starts_with(start));
    let mut resources = BTreeMap::new();
    for (id, resource) in &plan.resources {
        let mut resource = resource.clone();
        match &mut resource {
            Resource::Grant(_) => {
                assert!(is_said(&format!("the grant {id}")), "{id}");
                continue;
            }
            Resource::Identity(identity) => {
                if is_said(&format!("the permissions boundary of {id},")) {
                    assert!(identity.boundary.take().is_some(), "{id}");
                }
                identity.attached.retain(|policy| {
                    !matches!(policy, PolicyRef::Own(policy) if is_said(&format!("the attachment of {policy} to {id},")))
                });
            }
            Resource::Key(key) => {
                let said = |named: &Id| is_said(&format!("the reference to {named} in the policy of {id},"));
                key.policy = with_stars(&key.policy, &said);
            }
            Resource::Alias(_) | Resource::Policy(_) | Resource::Inline(_) | Resource::Table(_) => {}
        }
        resources.insert(id.clone(), resource);
    }
    resources
}

/// A policy with `*` in place of texts that name certain keys.
fn with_stars(doc: &Doc, is_out: &dyn Fn(&Id) -> bool) -> Doc {
    match doc {
        Doc::Text(text) if text.keys().any(is_out) => {
            Doc::Text([Piece::Words("*".to_owned())].into_iter().collect())
        }
        Doc::Text(_) | Doc::Plain(_) => doc.clone(),
        Doc::List(docs) => Doc::List(docs.iter().map(|doc| with_stars(doc, is_out)).collect()),
        Doc::Fields(fields) => {
            Doc::Fields(fields.iter().map(|(name, doc)| (name.clone(), with_stars(doc, is_out))).collect())
        }
    }
}

#[test]
fn a_template_is_read_back_into_an_equal_world() {
    let (mut played, mut whole) = (0, 0);
    for (stage, account) in accounts() {
        let what = format!("{} {account}", stage.scenario.id);
        let plan = plan(&stage, &account);
        let written = forms::write(&plan, Form::CloudFormation, "a test");
        let template = read_for(&written.text, &stage, &account);
        assert_eq!(template.plan.resources, as_in_a_stack(&plan, &written.left_out), "{what}");
        let again = played_again(&stage, &account, &by_itself(template.plan.clone()));
        assert_eq!(again.resources, by_itself(template.plan.clone()).resources, "{what}");
        let deleted = template.plan.resources.len() - again.resources.len();
        let drift = Drift::of(&template, &again);
        if deleted > 0 {
            let found = drift.resources.iter().filter(|one| one.status == Status::Deleted).count();
            assert_eq!(found, deleted, "{what}");
            continue;
        }
        assert!(
            drift.is_equal() && drift.not_compared.iter().all(|what| !what.starts_with("the grant")),
            "{what}: {drift:?}"
        );
        played += 1;
        whole += usize::from(template.plan.resources == plan.resources);
    }
    assert!(played > 30 && whole > 20, "{played}, {whole} of them without anything left out");
}

#[test]
fn the_same_template_as_yaml_is_the_same_plan() {
    for (stage, account) in accounts() {
        let json = forms::write(&plan(&stage, &account), Form::CloudFormation, "a test").text;
        let template = read_for(&json, &stage, &account);
        let value: Value = serde_json::from_str(&json).expect("JSON");
        let mut yaml = String::from("# The same.\n");
        as_yaml(&value, 0, &mut yaml);
        let again = read_for(&yaml, &stage, &account);
        assert_eq!(again.plan.resources, template.plan.resources, "{} {account}:\n{yaml}", stage.scenario.id);
    }
}

/// Writes JSON as YAML in blocks, functions in their short forms.
fn as_yaml(value: &Value, depth: usize, out: &mut String) {
    let indent = "  ".repeat(depth);
    match value {
        Value::Object(fields)
            if fields.len() == 1 && fields.keys().all(|name| name == "Ref" || name.starts_with("Fn::")) =>
        {
            let (name, argument) = fields.iter().next().expect("one");
            let joined = argument.as_array().map(|both| {
                format!("{}.{}", both[0].as_str().expect("a text"), both[1].as_str().expect("a text"))
            });
            let argument = joined.unwrap_or_else(|| argument.to_string());
            writeln!(out, " !{} {argument}", name.trim_start_matches("Fn::")).expect("text");
        }
        Value::Object(fields) if !fields.is_empty() => {
            out.push('\n');
            for (name, value) in fields {
                write!(out, "{indent}{}:", json!(name)).expect("text");
                as_yaml(value, depth + 1, out);
            }
        }
        Value::Array(values) if !values.is_empty() => {
            out.push('\n');
            for value in values {
                write!(out, "{indent}-").expect("text");
                as_yaml(value, depth + 1, out);
            }
        }
        Value::Null
        | Value::Bool(_)
        | Value::Number(_)
        | Value::String(_)
        | Value::Array(_)
        | Value::Object(_) => writeln!(out, " {value}").expect("text"),
    }
}

#[test]
fn every_resource_of_a_template_waits_for_what_it_refers_to_and_for_nothing_in_a_circle() {
    for (stage, account) in accounts() {
        let plan = plan(&stage, &account);
        let written = forms::write(&plan, Form::CloudFormation, "a test");
        let template: Value = serde_json::from_str(&written.text).expect("JSON");
        let resources = template["Resources"].as_object().expect("an object");
        let mut left: BTreeSet<&String> = resources.keys().collect();
        let needs = |name: &String| {
            let text = resources[name].to_string();
            let names: Vec<&String> = resources
                .keys()
                .filter(|other| {
                    let own = [
                        format!("\"Ref\":\"{other}\""),
                        format!("[\"{other}\",\"Arn\"]"),
                        format!("${{{other}.Arn}}"),
                        format!("${{{other}}}"),
                    ];
                    own.iter().any(|form| text.contains(form))
                        || resources[name]["DependsOn"]
                            .as_array()
                            .is_some_and(|all| all.contains(&json!(other)))
                })
                .collect();
            names
        };
        while !left.is_empty() {
            let ready: Vec<&String> = left
                .iter()
                .copied()
                .filter(|name| needs(name).iter().all(|need| !left.contains(need)))
                .collect();
            assert!(!ready.is_empty(), "{}: a circle among {left:?}", stage.scenario.id);
            for name in ready {
                left.remove(name);
            }
        }
        assert!(
            !template.to_string().contains(account.as_str())
                || written.text.matches(account.as_str()).count() == 1,
            "the number of the account stands only in the head"
        );
    }
}

#[test]
fn what_is_left_out_is_said_at_the_top_of_each_form() {
    for (stage, account) in accounts() {
        let plan = plan(&stage, &account);
        for form in [Form::CloudFormation, Form::Terraform, Form::AwsLines] {
            let written = forms::write(&plan, form, "a test");
            for what in &written.left_out {
                assert!(
                    written.text.contains(&format!("Left out: {what}.")),
                    "{}: {what}",
                    stage.scenario.id
                );
            }
            assert!(plan.left_out.iter().all(|what| written.left_out.contains(what)));
        }
        let tables = stage.world.dynamodb().tables().filter(|table| table.handle.account == account);
        for table in tables.filter(|table| table.disk.items() > 0) {
            let said = format!("the items of the table {} ({})", table.handle.name, table.disk.items());
            assert!(plan.left_out.contains(&said), "{said}");
        }
    }
}

/// A world whose policies go in circles, made line by line.
fn world_of(lines: &str) -> (World, Plan) {
    let (mut world, names) =
        empty_world(1, "2026-01-05T09:00:00Z".parse().expect("a time"), Fidelity::instant());
    let home = names.home.clone();
    let region = names.region.clone();
    let mut console = Console::new(names, "root", Arc::new(RealFiles));
    let reply = console.run(&mut world, lines);
    assert_eq!(reply.code, 0, "{}", reply.text);
    let plan = Plan::of(&world, &home, &region, &|_| None).expect("a plan");
    (world, plan)
}

#[test]
fn circles_are_broken_and_said() {
    let trust = |who: &str| {
        format!(
            r#"'{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"AWS":"arn:aws:iam::111122223333:{who}"}},"Action":"sts:AssumeRole"}}]}}'"#
        )
    };
    let lines = format!(
        "aws iam create-user --user-name kim
aws iam create-role --role-name A --assume-role-policy-document {root}
aws iam create-role --role-name B --assume-role-policy-document {a}
aws iam update-assume-role-policy --role-name A --policy-document {b}
K=$(aws kms create-key --query KeyMetadata.Arn --output text)
aws kms create-alias --alias-name alias/k --target-key-id $K
aws iam create-policy --policy-name P --policy-document '{{\"Version\":\"2012-10-17\",\"Statement\":[{{\"Effect\":\"Allow\",\"Action\":\"kms:*\",\"Resource\":\"'$K'\"}}]}}'
aws iam attach-user-policy --user-name kim --policy-arn arn:aws:iam::111122223333:policy/P
aws iam put-user-permissions-boundary --user-name kim --permissions-boundary arn:aws:iam::111122223333:policy/P
aws kms put-key-policy --key-id $K --policy '{{\"Version\":\"2012-10-17\",\"Statement\":[{{\"Effect\":\"Allow\",\"Principal\":{{\"AWS\":[\"arn:aws:iam::111122223333:root\",\"arn:aws:iam::111122223333:user/kim\"]}},\"Action\":\"kms:*\",\"Resource\":\"'$K'\"}}]}}'
",
        root = trust("root"),
        a = trust("role/A"),
        b = trust("role/B"),
    );
    let (_, plan) = world_of(&lines);
    let template: Value =
        serde_json::from_str(&forms::write(&plan, Form::CloudFormation, "a test").text).expect("JSON");
    let resources = &template["Resources"];
    assert_eq!(resources["PolicyP"]["Properties"]["Users"], json!([{"Ref": "UserKim"}]));
    assert_eq!(resources["UserKim"]["Properties"]["PermissionsBoundary"], Value::Null);
    assert_eq!(resources["KeyK"]["Properties"]["KeyPolicy"]["Statement"][0]["Resource"], json!("*"));
    let said = template["Metadata"]["kmslab"].to_string();
    for what in
        ["the permissions boundary of UserKim", "the order of RoleB and RoleA", "the reference to KeyK"]
    {
        assert!(said.contains(what), "{what}: {said}");
    }
    // Lines of the AWS CLI need none of that.
    let text = forms::write(&plan, Form::AwsLines, "a test").text;
    let (_, again) = world_of(&text);
    assert_eq!(again.resources, plan.resources);
    let terraform = forms::write(&plan, Form::Terraform, "a test");
    assert!(terraform.text.contains("permissions_boundary = aws_iam_policy.p.arn"), "{}", terraform.text);
    assert!(terraform.text.contains("\"Resource\" = aws_kms_key.k.arn"), "{}", terraform.text);
}

#[test]
fn two_scenarios_in_each_form() {
    for id in ["a2-full-access-denied", "f1-neighbour-one-table"] {
        let stage = scenario::find(id).expect("it is there").build().expect("a world");
        let plan = plan(&stage, &stage.names.home);
        for (form, name) in [(Form::CloudFormation, "json"), (Form::Terraform, "tf"), (Form::AwsLines, "sh")]
        {
            let version = env!("CARGO_PKG_VERSION");
            let text = forms::write(&plan, form, "a test").text.replace(version, "VERSION");
            insta::assert_snapshot!(format!("{id}.{name}"), text);
        }
    }
    assert_eq!(Id::of_logical(Sort::Key, "KeyK1").map(|id| id.address()), Some("aws_kms_key.k1".to_owned()));
}
