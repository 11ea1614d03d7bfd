//! Templates of CloudFormation, read and set beside the world that they state.

use std::collections::BTreeMap;

use kmslab::cloud::{AccountId, Region};
use kmslab::limits::file;
use kmslab::template::{Drift, For, read};

use crate::frame::{Reader, Shape::Made, filled, listed, nested};

fn drift(input: &[u8]) -> Result<(), String> {
    let text = file::text(input.to_vec()).map_err(|error| error.to_string())?;
    let (account, parameters) = ("111122223333".parse::<AccountId>().expect("a number"), BTreeMap::new());
    let wanted = For { account: &account, region: &Region::new("us-east-1"), parameters: &parameters, skips_unknown: true };
    let template = read(&text, &wanted).map_err(|error| error.to_string())?;
    assert!(Drift::of(&template, &template.plan).is_equal());
    Ok(())
}

/// A template with one policy in JSON: what stands before its statements, and behind them.
const POLICY: [&str; 2] = [
    r#"{"Resources":{"P":{"Type":"AWS::IAM::ManagedPolicy","Properties":{"ManagedPolicyName":"p","PolicyDocument":{"Statement":["#,
    "]}}}}}",
];

/// The same in YAML.
const YAML: &str = "Resources:\n  P:\n    Type: AWS::IAM::ManagedPolicy\n    Properties:\n      ManagedPolicyName: p\n      PolicyDocument:\n        Statement:\n";

pub const READERS: &[Reader] = &[
    Reader {
        name: "template, JSON",
        read: drift,
        repeat: Made(|size| {
            let statement = r#"{"Effect":"Allow","Action":["kms:Decrypt","kms:Encrypt"],"Resource":"*"},"#;
            filled(size, POLICY[0], statement, &format!("{{}}{}", POLICY[1]))
        }),
        nest: Made(|size| nested(size, "{\"Resources\":", "1", "}")),
        widen: Made(|size| {
            let user = |number| {
                format!(r#""U{number}":{{"Type":"AWS::IAM::User","Properties":{{"UserName":"u{number}"}}}}"#)
            };
            listed(size, "{\"Resources\":{", "}}", user)
        }),
        long_token: Made(|size| filled(size, &format!("{}\"", POLICY[0]), "a", &format!("\"{}", POLICY[1]))),
    },
    Reader {
        name: "template, YAML",
        read: drift,
        repeat: Made(|size| filled(size, YAML, "        - Effect: Allow\n          Action: [kms:Decrypt, kms:Encrypt]\n", "")),
        nest: Made(|size| nested(size, "[", "", "]")),
        widen: Made(|size| {
            let user = |number| {
                format!("\n  U{number}: {{Type: AWS::IAM::User, Properties: {{UserName: u{number}}}}}\n#")
            };
            listed(size, "Resources:\n", "", user)
        }),
        long_token: Made(|size| filled(size, &format!("{YAML}        - Sid: |\n            "), "a", "\n")),
    },
    Reader {
        name: "template, references",
        read: drift,
        repeat: Made(|size| {
            let ends = [r#"{"Fn::Sub":""#, r#""}"#];
            filled(size, &format!("{}{}", POLICY[0], ends[0]), "${AWS::AccountId}", &format!("{}{}", ends[1], POLICY[1]))
        }),
        nest: Made(|size| {
            let nest = nested(size - 200, "{\"Fn::Join\":[\"\",[", "\"a\"", "]]}");
            [POLICY[0].as_bytes(), &nest, POLICY[1].as_bytes()].concat()
        }),
        widen: Made(|size| {
            let ends = [format!(r#"{}{{"Fn::Join":["-",["#, POLICY[0]), format!("]]}}{}", POLICY[1])];
            listed(size, &ends[0], &ends[1], |number| format!("\"t{number}\""))
        }),
        long_token: Made(|size| {
            let ends = [format!(r#"{}{{"Fn::Sub":"${{!"#, POLICY[0]), format!("}}\"}}{}", POLICY[1])];
            filled(size, &ends[0], "a", &ends[1])
        }),
    },
    Reader {
        name: "template, a long value again and again",
        read: drift,
        repeat: Made(|size| {
            let head = r#"{"Parameters":{"A":{"Type":"String","Default":"a text of some length"}},"Resources":{"P":{"Type":"AWS::IAM::ManagedPolicy","Properties":{"ManagedPolicyName":"p","PolicyDocument":{"Statement":[{"Fn::Sub":""#;
            filled(size, head, "${A}", &format!("\"}}{}", POLICY[1]))
        }),
        nest: Made(|size| nested(size, "- ", "a", "")),
        widen: Made(|size| {
            let parameter = |number| format!(r#""A{number}":{{"Type":"String","Default":"a"}}"#);
            listed(size, "{\"Resources\":{},\"Parameters\":{", "}}", parameter)
        }),
        long_token: Made(|size| {
            let head = r#"{"Resources":{"U":{"Type":"AWS::IAM::User","Properties":{"UserName":{"Ref":"A"},"Tags":[{"Key":"a","Value":{"Ref":"A"}}]}}},"Parameters":{"A":{"Type":"String","Default":""#;
            filled(size, head, "a", "\"}}}")
        }),
    },
];
