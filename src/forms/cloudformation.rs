//! A plan as a template of CloudFormation.
//!
//! Source: CloudFormation Template Reference, "AWS resource and property types reference".

use serde_json::{Map, Value, json};

use super::{Written, head};
use crate::template::order::Stack;
use crate::template::properties::{References, properties};
use crate::template::{Id, Key, Piece, Plan, Resource, Sort, Table, TableKey, Text};

/// What was done with templates of this program.
const TRIED: &str = "cfn-lint finds no error in such templates of all scenarios of the program.";

/// Writes a plan as a CloudFormation template.
pub fn write(plan: &Plan, of: &str) -> Written {
    let stack = Stack::of(plan);
    let left_out: Vec<String> = plan.left_out.iter().cloned().chain(not_in_a_stack(plan, &stack)).collect();
    let template = json!({
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": "An account of a kmslab scenario. Not tried on AWS: see Metadata.",
        "Metadata": {"kmslab": head(plan, of, TRIED, &left_out)},
        "Resources": resources(plan, &stack),
    });
    Written { text: format!("{template:#}\n"), left_out }
}

/// Returns the resources of a plan as the template has them.
pub fn resources(plan: &Plan, stack: &Stack) -> Value {
    let mut all = Map::new();
    for (id, resource) in &plan.resources {
        let Some(kind) = id.sort.cloudformation() else { continue };
        let mut own = Map::from_iter([("Type".to_owned(), json!(kind))]);
        if let Some(depends) = stack.depends.get(id) {
            let names: Vec<String> = depends.iter().map(ToString::to_string).collect();
            own.insert("DependsOn".to_owned(), json!(names));
        }
        own.insert("Properties".to_owned(), Value::Object(properties(&Functions, stack, id, resource)));
        all.insert(id.to_string(), Value::Object(own));
    }
    Value::Object(all)
}

/// What a stack cannot have and the plan has.
fn not_in_a_stack(plan: &Plan, stack: &Stack) -> Vec<String> {
    let mut left = Vec::new();
    for (id, _) in plan.of_sort(Sort::Grant) {
        left.push(format!("the grant {id}, for which CloudFormation has no resource: `--as aws` and `--as terraform` write it"));
    }
    for id in &stack.unbounded {
        left.push(format!(
            "the permissions boundary of {id}, since the policy waits for a key and the key's policy for {id}: put it on with \
             `aws iam put-{}-permissions-boundary` once the stack stands",
            id.sort.word().to_lowercase()
        ));
    }
    for (policy, id) in &stack.unattached {
        left.push(format!("the attachment of {policy} to {id}, since each waits for the other: attach it once the stack stands"));
    }
    for (role, named) in &stack.circles {
        left.push(format!(
            "the order of {role} and {named}: the trust policy of {role} names {named}, and AWS takes that once {named} is there"
        ));
    }
    for (key, named) in &stack.unreferred {
        left.push(format!(
            "the reference to {named} in the policy of {key}, which cannot wait for it: where it is the policy's own key, \
             `*` stands for it"
        ));
    }
    for (id, resource) in &plan.resources {
        if let Resource::Table(Table { encryption: TableKey::Own(key), .. }) = resource
            && let Some(Resource::Key(Key { enabled: false, .. })) = plan.resources.get(key)
        {
            left.push(format!(
                "the order of {key} and {id}: the key is written as disabled, and AWS makes no table under it until it is enabled"
            ));
        }
    }
    left
}

/// References as functions of CloudFormation.
#[derive(Debug)]
struct Functions;

impl References for Functions {
    fn text(&self, text: &Text) -> Value {
        self::text(text)
    }

    // Source: CloudFormation Template Reference, "Return values" of each type: Ref returns these.
    fn name(&self, id: &Id) -> Value {
        refer(id)
    }

    fn key_arn(&self, id: &Id) -> Value {
        get_arn(id)
    }
}

fn refer(id: &Id) -> Value {
    json!({"Ref": id.to_string()})
}

fn get_arn(id: &Id) -> Value {
    json!({"Fn::GetAtt": [id.to_string(), "Arn"]})
}

/// A text: as it is, as one reference, or with references in it.
fn text(text: &Text) -> Value {
    if let Some(words) = text.words() {
        return json!(words);
    }
    match text.pieces() {
        [Piece::Account] => json!({"Ref": "AWS::AccountId"}),
        [Piece::KeyArn(id)] => get_arn(id),
        [Piece::KeyId(id)] => refer(id),
        // Source: CloudFormation Template Reference, Fn::Sub: a name ends with a brace. A text that begins one and does not end it
        // is joined instead.
        pieces if pieces.iter().any(has_open_name) => {
            let piece = |piece: &Piece| self::text(&Text::from_iter([piece.clone()]));
            json!({"Fn::Join": ["", pieces.iter().map(piece).collect::<Value>()]})
        }
        pieces => {
            let piece = |piece: &Piece| match piece {
                // Source: CloudFormation Template Reference, Fn::Sub: `${!` writes a dollar and a brace.
                Piece::Words(words) => words.replace("${", "${!"),
                Piece::Account => "${AWS::AccountId}".to_owned(),
                Piece::KeyArn(id) => format!("${{{id}.Arn}}"),
                Piece::KeyId(id) => format!("${{{id}}}"),
            };
            json!({"Fn::Sub": pieces.iter().map(piece).collect::<String>()})
        }
    }
}

/// Tells whether words hold `${` with no brace behind it, or end in a dollar.
fn has_open_name(piece: &Piece) -> bool {
    match piece {
        Piece::Words(words) => {
            words.ends_with('$') || words.rsplit_once("${").is_some_and(|(_, behind)| !behind.contains('}'))
        }
        Piece::Account | Piece::KeyArn(_) | Piece::KeyId(_) => false,
    }
}
