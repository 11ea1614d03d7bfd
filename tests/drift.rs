//! Templates of CloudFormation as people write them, and worlds that have drifted from theirs.

use std::sync::Arc;

use kmslab::aws_cli::{Console, RealFiles, empty_world};
use kmslab::cli::{self, Exit};
use kmslab::cloud::{AccountId, Fidelity, Region, World};
use kmslab::forms::{self, Form};
use kmslab::scenario::Names;
use kmslab::template::{Drift, For, Plan, Template, TemplateError, read};
use serde_json::{Value, json};

const CLINIC: &str = include_str!("data/templates/clinic.yaml");

fn read_with(
    text: &str,
    parameters: &[(&str, &str)],
    skips_unknown: bool,
) -> Result<Template, TemplateError> {
    let account: AccountId = "111122223333".parse().expect("a number");
    let region = Region::new("us-east-1");
    let parameters =
        parameters.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    read(text, &For { account: &account, region: &region, parameters: &parameters, skips_unknown })
}

fn clinic() -> Template {
    read_with(CLINIC, &[("Reader", "tess")], false).expect("it is sound")
}

/// An account in which the template's plan was played, with a console in it.
struct Made {
    world: World,
    console: Console,
    names: Names,
}

impl Made {
    fn of(template: &Template) -> Self {
        let clock = "2026-01-05T09:00:00Z".parse().expect("a time");
        let (world, names) = empty_world(1, clock, Fidelity::instant());
        let console = Console::new(names.clone(), "root", Arc::new(RealFiles));
        let mut made = Self { world, console, names };
        made.type_in(&forms::write(&template.plan, Form::AwsLines, "a test").text);
        made
    }

    fn type_in(&mut self, lines: &str) {
        let reply = self.console.run(&mut self.world, lines);
        assert_eq!(reply.code, 0, "{}", reply.text);
    }

    fn drift(&self, template: &Template) -> Drift {
        let plan = Plan::of(&self.world, &self.names.home, &self.names.region, &|_| None).expect("a plan");
        Drift::of(template, &plan)
    }
}

/// The drift in lines: each status that is not `IN_SYNC`, each difference, and what is not in the template.
fn said(drift: &Drift) -> Vec<String> {
    let mut lines = Vec::new();
    for one in &drift.resources {
        if one.status.word() != "IN_SYNC" {
            lines.push(format!("{} {}", one.logical, one.status.word()));
        }
        for found in &one.differences {
            lines.push(format!(
                "  {} {} {} {}",
                found.path,
                found.change.word(),
                found.expected,
                found.actual
            ));
        }
        for found in &one.unstated {
            lines.push(format!("  beside: {} {}", found.path, found.actual));
        }
    }
    lines.extend(drift.others.iter().map(|other| format!("other: {} {}", other.type_name, other.name)));
    lines
}

#[test]
fn a_template_as_people_write_it_becomes_a_world_that_is_in_sync() {
    let template = clinic();
    let made = Made::of(&template);
    assert_eq!(said(&made.drift(&template)), ["Shared NOT_CHECKED"]);
    // It reads the same once it is written by `export`.
    let written = forms::write(&template.plan, Form::CloudFormation, "a test");
    let again = read_with(&written.text, &[], false).expect("it is sound");
    assert_eq!(again.plan, template.plan);
}

#[test]
fn each_change_is_told_with_its_property() {
    let template = clinic();
    let key = "$(aws kms describe-key --key-id alias/customers --query KeyMetadata.KeyId --output text)";
    let policy = r#"{"Version":"2012-10-17","Statement":[{"Sid":"Account","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":"kms:*","Resource":"*"},{"Sid":"Reader","Effect":"Allow","Principal":{"AWS":"*"},"Action":["kms:Decrypt","kms:Encrypt"],"Resource":"*"}]}"#;
    for (lines, expected) in [
        (
            format!("aws kms put-key-policy --key-id {key} --policy '{policy}'"),
            vec![
                "DataKey MODIFIED",
                r#"  /KeyPolicy/Statement/1/Principal/AWS NOT_EQUAL "arn:aws:iam::111122223333:user/tess" "*""#,
                r#"  /KeyPolicy/Statement/1/Action/1 ADD null "kms:Encrypt""#,
                r#"  /KeyPolicy/Statement/1/Condition REMOVE {"StringEquals":{"kms:ViaService":"dynamodb.us-east-1.amazonaws.com"}} null"#,
            ],
        ),
        (
            format!("aws kms disable-key-rotation --key-id {key}\naws kms disable-key --key-id {key}"),
            // The template states no `Enabled`, and CloudFormation looks at nothing else.
            vec!["DataKey MODIFIED", "  /EnableKeyRotation REMOVE true null", "  beside: /Enabled false"],
        ),
        (
            "aws kms delete-alias --alias-name alias/customers".to_owned(),
            vec!["DataKeyName DELETED"],
        ),
        (
            "NEW=$(aws kms create-key --query KeyMetadata.KeyId --output text)\naws kms update-alias --alias-name alias/customers --target-key-id $NEW".to_owned(),
            vec![
                "DataKeyName MODIFIED",
                r#"  /TargetKeyId NOT_EQUAL "${DataKey}" "${KeyCustomers}""#,
                "other: AWS::KMS::Key KeyCustomers",
            ],
        ),
        (
            "aws iam put-user-policy --user-name tess --policy-name Own --policy-document '{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"*\"}]}'\naws iam create-user --user-name mallory\naws iam attach-user-policy --user-name tess --policy-arn arn:aws:iam::aws:policy/AdministratorAccess".to_owned(),
            vec![
                "Tess MODIFIED",
                r#"  /Policies/0/PolicyDocument/Statement/0/Action NOT_EQUAL "iam:GetUser" "*""#,
                r#"  /Policies/0/PolicyDocument/Statement/0/Resource NOT_EQUAL "arn:aws:iam::111122223333:user/${aws:username}" "*""#,
                r#"  beside: /ManagedPolicyArns ["arn:aws:iam::aws:policy/AdministratorAccess"]"#,
                "other: AWS::IAM::User mallory",
            ],
        ),
    ] {
        let mut made = Made::of(&template);
        made.type_in(&lines);
        let drift = made.drift(&template);
        let mut found = said(&drift);
        found.retain(|line| line != "Shared NOT_CHECKED");
        assert_eq!(found, expected, "{lines}");
        assert!(!drift.is_equal(), "{lines}");
    }
}

#[test]
fn what_cannot_be_read_is_told_with_its_place_and_a_remedy() {
    let mut wrong = Vec::new();
    let user = |properties: &str| {
        format!("Resources:\n  U:\n    Type: AWS::IAM::User\n    Properties: {properties}\n")
    };
    for (text, expected) in [
        (String::new(), "1:1: there is nothing in it; write a template with Resources"),
        ("{".to_owned(), "1:2: the text ends where a name in double quotes should stand"),
        ("Resources: [".to_owned(), "1:12: no YAML: "),
        ("a: 1\n---\nb: 1\n".to_owned(), "3:1: a second document begins"),
        ("a: &x 1\nb: *x\n".to_owned(), "2:4: CloudFormation takes no aliases of YAML; write what it stands for"),
        ("b: *x\n".to_owned(), "1:4: CloudFormation takes no aliases of YAML"),
        ("a:\n  <<: {b: 1}\n".to_owned(), "2:3: CloudFormation merges no mappings"),
        ("a: 1\na: 2\n".to_owned(), "2:1: `a` stands twice"),
        ("? {a: 1}\n: 2\n".to_owned(), "1:3: a name is no text; write a text before the colon"),
        ("a: yes\n".to_owned(), "1:4: `yes` is a truth value in YAML 1.1 and a text in 1.2; write true or false, or put it in quotes"),
        ("a: !!binary x\n".to_owned(), "1:4: the tag `tag:yaml.org,2002:binary` is none of CloudFormation's"),
        ("Resources: {}\nTransform: AWS::Serverless-2016-10-31\n".to_owned(), "2:12: a Transform makes another template"),
        ("Resources: {}\nResource: {}\n".to_owned(), "2:1: kmslab knows no Resource of a template; leave it out; known are AWSTemplateFormatVersion"),
        ("Resources: {}\nParameters: {A: {Type: String}}\n".to_owned(), "2:14: the parameter A has no Default; give it one: --parameter A=VALUE, in a scenario `parameters`"),
        ("Resources: {}\nParameters: {A: {Type: CommaDelimitedList, Default: a}}\n".to_owned(), "2:24: the parameter A is neither a String nor a Number"),
        ("Resources: {}\nParameters: {A: {Type: String, Default: !Ref B}}\n".to_owned(), "2:47: a Default has no functions"),
        ("Resources: {A-b: {Type: x}}\n".to_owned(), "1:13: no logical id; write 1 to 255 letters and digits"),
        ("Resources: {A: {Type: AWS::S3::Bucket}}\n".to_owned(), "1:23: kmslab has no resource of the type `AWS::S3::Bucket`; take A out, or pass it over with --skip-unknown; known are AWS::IAM::Group"),
        ("Resources: {A: {Type: AWS::KMS::Key, Condition: Prod}}\n".to_owned(), "1:38: kmslab knows no Condition of the resource A"),
        (user("{}"), "4:17: AWS::IAM::User has no UserName; write its UserName"),
        (user("{UserName: kim, LoginProfile: {}}"), "4:33: kmslab knows no LoginProfile of AWS::IAM::User; leave it out; known are UserName, Path, Groups"),
        (user("{UserName: !If [A, b, c]}"), "4:28: kmslab does not work out Fn::If; write the value itself, or one of Ref, Fn::GetAtt, Fn::Sub, Fn::Join"),
        (user("{UserName: !Ref Nobody}"), "4:33: `Nobody` is no parameter, and no resource that can be named here"),
        (user("{UserName: !Sub \"${open\"}"), "4:33: `${` has no end"),
        (user("{UserName: kim, Groups: [staff]}"), "4:42: the template has no group staff; declare the group in the template"),
        (user("{UserName: kim, Groups: staff}"), "4:41: Groups is a string; write a list"),
        (user("{UserName: kim, ManagedPolicyArns: [!Sub \"arn:aws:iam::${AWS::AccountId}:policy/P\"]}"), "4:58: a managed policy of the account that is not in the template"),
        (format!("{}  V: {{Type: AWS::IAM::User, Properties: {{UserName: kim}}}}\n", user("{UserName: kim}")), "5:3: two resources of the type AWS::IAM::User have one name"),
        ("Resources: {K: {Type: AWS::KMS::Key, Properties: {Enabled: perhaps}}}\n".to_owned(), "1:60: `perhaps` is no truth value"),
        ("Resources: {K: {Type: AWS::KMS::Key, Properties: {Origin: EXTERNAL}}}\n".to_owned(), "1:59: kmslab makes the material of a key itself"),
        ("Resources: {K: {Type: AWS::KMS::Key, Properties: {KeyPolicy: open}}}\n".to_owned(), "1:62: a policy stands as a string here"),
        ("Resources: {K: {Type: AWS::KMS::Key}, A: {Type: AWS::KMS::Alias, Properties: {AliasName: alias/a, TargetKeyId: !GetAtt K.Alias}}}\n".to_owned(), "1:121: kmslab knows no attribute Alias of K; known are Arn, KeyId"),
        ("Resources: {T: {Type: AWS::DynamoDB::Table, Properties: {TableName: t, KeySchema: [{AttributeName: a, KeyType: HASH}]}}}\n".to_owned(), "1:84: a has no type; name it in AttributeDefinitions"),
    ] {
        let error = read_with(&text, &[], false).map(|_| ()).expect_err(&text).to_string();
        if !error.starts_with(expected) {
            wrong.push(format!("{text}{error}
{expected}"));
        }
    }
    let unknown =
        read_with("Resources: {}\n", &[("A", "b")], false).expect_err("no such parameter").to_string();
    assert!(unknown.contains("the template has no parameter A"), "{unknown}");
}

#[test]
fn a_type_that_is_not_known_is_passed_over_if_one_says_so() {
    let text =
        "Resources: {B: {Type: AWS::S3::Bucket, Properties: {BucketName: b}}, K: {Type: AWS::KMS::Key}}\n";
    let template = read_with(text, &[], true).expect("it is sound");
    let made = Made::of(&template);
    // A key without an alias has no name in AWS: it is told as one that is gone and one that is new.
    assert_eq!(said(&made.drift(&template)), ["B NOT_CHECKED", "K DELETED", "other: AWS::KMS::Key KeyKey"]);
}

/// Runs `kmslab drift` with the world of a scenario as `export` writes it, changed.
fn drift_of(change: &dyn Fn(String) -> String, options: &[&str]) -> (Exit, String) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("t.json");
    let mut out = Vec::new();
    cli::run(["export", "a3", "--as", "cloudformation"], &mut out).expect("it is written");
    std::fs::write(&path, change(String::from_utf8(out).expect("UTF-8"))).expect("written");
    let arguments = ["drift", path.to_str().expect("UTF-8"), "a3"].into_iter().chain(options.iter().copied());
    let mut out = Vec::new();
    let exit = cli::run(arguments, &mut out).expect("it is compared");
    (exit, String::from_utf8(out).expect("UTF-8"))
}

#[test]
fn the_command_tells_what_drifted_by_words_and_by_its_exit_code() {
    let (exit, said) = drift_of(&|text| text, &[]);
    assert!(exit == Exit::Done && said.ends_with("0 changed, 0 missing; 0 not in the template\n"), "{said}");
    let other = |text: String| {
        text.replace("PAY_PER_REQUEST", "PROVISIONED").replace(
        "\"BillingMode\"",
        "\"ProvisionedThroughput\": {\"ReadCapacityUnits\": 1, \"WriteCapacityUnits\": 1}, \"BillingMode\"",
    )
    };
    let (exit, said) = drift_of(&other, &[]);
    assert_eq!(exit, Exit::Failed, "{said}");
    let lines = "MODIFIED    TableCustomerData (AWS::DynamoDB::Table)\n  /BillingMode: NOT_EQUAL\n    template  PROVISIONED\n    world     PAY_PER_REQUEST\n";
    assert!(said.contains(lines), "{said}");
    let (exit, said) = drift_of(&other, &["--json"]);
    let json: Value = serde_json::from_str(&said).expect("JSON");
    assert_eq!((exit, &json["StackDriftStatus"]), (Exit::Failed, &json!("DRIFTED")));
    let table = json["StackResourceDrifts"]
        .as_array()
        .expect("a list")
        .iter()
        .find(|one| one["LogicalResourceId"] == "TableCustomerData");
    assert_eq!(
        table.expect("it is there")["PropertyDifferences"][0],
        json!({"PropertyPath": "/BillingMode", "ExpectedValue": "PROVISIONED", "ActualValue": "PAY_PER_REQUEST", "DifferenceType": "NOT_EQUAL"})
    );
}
