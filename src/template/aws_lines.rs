//! A plan as lines of the AWS CLI.
//!
//! Policies of keys come last: until then a key has the policy that AWS gives it, under which whoever plays the lines can make
//! aliases, grants and tables.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::id::{Id, Sort};
use super::order::{self, Waits};
use super::plan::{
    Grant, Identity, Key, Plan, PolicyRef, ROTATION_DAYS, Resource, SESSION_SECONDS, Table, TableKey,
};
use super::text::{Doc, Piece, Text};
use super::{Written, head, unless};
use crate::aws_cli::{aws_words, quoted};
use crate::cloud::arn::partition_of;
use crate::cloud::iam::Kind;

/// What was done with lines of this program.
const TRIED: &str = "Such lines of all scenarios of the program, played in an empty simulated account, make the account again.";

/// The marks around a variable in a word that is not quoted yet. No service takes a character of private use.
const MARKS: (char, char) = ('\u{e000}', '\u{e001}');

/// The variable that holds the number of the account.
const ACCOUNT: &str = "ACCOUNT";

/// A trust policy that trusts nobody, for as long as those whom the real one names are not there.
const NOBODY: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":{"AWS":"*"},"Action":"sts:AssumeRole"}]}"#;

/// Writes a plan as lines of the AWS CLI.
pub fn write(plan: &Plan, of: &str) -> Written {
    let left_out = plan.left_out.clone();
    let mut lines: Vec<String> =
        head(plan, of, TRIED, &left_out).into_iter().map(|line| format!("# {line}")).collect();
    lines.push(
        "# Who plays them must be allowed all of it: an administrator of an account with nothing in it."
            .to_owned(),
    );
    lines.push(format!("export AWS_REGION={}", quoted(&plan.region)));
    lines.push(format!("{ACCOUNT}=$(aws sts get-caller-identity --query Account --output text)"));
    let parts = [
        ("Groups, users and roles", identities(plan)),
        ("Keys", keys(plan)),
        ("What users and roles may do", policies(plan)),
        ("Tables", tables(plan)),
        ("Grants", grants(plan)),
        ("Policies of keys, which may shut out whoever plays this", key_policies(plan)),
    ];
    for (title, part) in parts.into_iter().filter(|(_, part)| !part.is_empty()) {
        lines.push(format!("\n# {title}"));
        lines.extend(part);
    }
    Written { text: lines.join("\n") + "\n", left_out }
}

/// The line of a call. In its input, variables stand between marks.
fn line(service: &str, operation: &str, input: &Value) -> String {
    let words = aws_words(service, operation, input);
    words.iter().map(|word| with_variables(word)).collect::<Vec<_>>().join(" ")
}

/// A word in quotes, its variables outside of single ones.
fn with_variables(word: &str) -> String {
    let mut parts = word.split(MARKS.0);
    let mut out = parts.next().filter(|words| !words.is_empty()).map(quoted).unwrap_or_default();
    for part in parts {
        let is_name = |name: &&str| name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        match part.split_once(MARKS.1).filter(|(name, _)| is_name(name)) {
            Some((name, words)) => {
                out.extend(["\"$", name, "\""]);
                out.push_str(&Some(words).filter(|words| !words.is_empty()).map(quoted).unwrap_or_default());
            }
            None => out.push_str(&quoted(part)),
        }
    }
    if out.is_empty() { quoted(word) } else { out }
}

fn variable(name: &str) -> String {
    format!("{}{name}{}", MARKS.0, MARKS.1)
}

/// The variable that holds the id of a key.
fn key_variable(id: &Id) -> String {
    format!("KEY_{}", id.snake())
}

fn key_id(id: &Id) -> String {
    variable(&key_variable(id))
}

/// Writes down texts of a plan.
struct Fill<'p>(&'p Plan);

impl Fill<'_> {
    fn text(&self, text: &Text) -> String {
        text.filled(&|piece| match piece {
            Piece::Words(words) => words.clone(),
            Piece::Account => variable(ACCOUNT),
            Piece::KeyArn(id) => self.key_arn(id),
            Piece::KeyId(id) => key_id(id),
        })
    }

    fn key_arn(&self, id: &Id) -> String {
        let region = &self.0.region;
        format!("arn:{}:kms:{region}:{}:key/{}", partition_of(region), variable(ACCOUNT), key_id(id))
    }

    fn document(&self, document: &Doc) -> String {
        document.to_json(&|text| json!(self.text(text))).to_string()
    }

    fn policy_arn(&self, policy: &PolicyRef) -> String {
        match policy {
            PolicyRef::Aws(arn) => arn.clone(),
            PolicyRef::Own(id) => match self.0.resources.get(id) {
                Some(Resource::Policy(policy)) => self.text(&policy.arn()),
                // A plan refers to policies that it has.
                Some(_) | None => id.to_string(),
            },
        }
    }
}

/// An input of these fields, without those that are null.
fn input<'a>(fields: impl IntoIterator<Item = (&'a str, Value)>) -> Value {
    let given = fields.into_iter().filter(|(_, value)| !value.is_null());
    Value::Object(given.map(|(name, value)| (name.to_owned(), value)).collect::<Map<_, _>>())
}

fn tags(tags: &BTreeMap<String, String>, [key, value]: [&str; 2]) -> Value {
    if tags.is_empty() {
        return Value::Null;
    }
    tags.iter().map(|(name, words)| json!({key: name, value: words})).collect()
}

/// The name of the field that names a user, a role or a group, and the word of the operations on them.
fn nouns(kind: Kind) -> (&'static str, &'static str) {
    match kind {
        Kind::User => ("UserName", "User"),
        Kind::Role => ("RoleName", "Role"),
        Kind::Group => ("GroupName", "Group"),
    }
}

fn identities(plan: &Plan) -> Vec<String> {
    let fill = Fill(plan);
    let mut waits = Waits::default();
    let mut circles = Vec::new();
    order::of_trust(plan, &mut waits, &mut circles);
    let all: BTreeMap<&Id, &Identity> = plan.identities().collect();
    let mut lines = Vec::new();
    let mut late = Vec::new();
    for (id, identity) in waits.sorted(all.keys().copied()).into_iter().filter_map(|id| all.get_key_value(id))
    {
        let Identity { kind, name, path, description, trust, max_session, groups, .. } = identity;
        let (field, word) = nouns(*kind);
        let must_wait = circles.iter().any(|(role, _)| role == *id);
        let trust = trust.as_ref().map(|trust| fill.document(trust));
        if let Some(trust) = trust.as_ref().filter(|_| must_wait) {
            let policy = json!({"RoleName": name, "PolicyDocument": trust});
            late.push(line("iam", "UpdateAssumeRolePolicy", &policy));
        }
        let trust = if must_wait { trust.map(|_| NOBODY.to_owned()) } else { trust };
        let fields = [
            (field, json!(name)),
            ("Path", unless("/", path.as_str())),
            ("AssumeRolePolicyDocument", json!(trust)),
            ("Description", json!(description)),
            ("MaxSessionDuration", unless(&SESSION_SECONDS, max_session)),
            ("Tags", tags(&identity.tags, ["Key", "Value"])),
        ];
        lines.push(line("iam", &format!("Create{word}"), &input(fields)));
        for group in groups {
            if let Some(group) = all.get(group) {
                let member = json!({"GroupName": group.name, "UserName": name});
                lines.push(line("iam", "AddUserToGroup", &member));
            }
        }
    }
    lines.extend(late);
    lines
}

fn keys(plan: &Plan) -> Vec<String> {
    let mut lines = Vec::new();
    for (id, resource) in plan.of_sort(Sort::Key) {
        let Resource::Key(key) = resource else { continue };
        let Key { description, spec, usage, multi_region, rotation, .. } = key;
        let is_plain = spec == "SYMMETRIC_DEFAULT" && usage == "ENCRYPT_DECRYPT";
        let kind = |word: &str| if is_plain { Value::Null } else { json!(word) };
        let fields = [
            ("Description", unless("", description.as_str())),
            ("KeySpec", kind(spec)),
            ("KeyUsage", kind(usage)),
            ("MultiRegion", unless(&false, multi_region)),
            ("Tags", tags(&key.tags, ["TagKey", "TagValue"])),
        ];
        let made = line("kms", "CreateKey", &input(fields));
        let name = key_variable(id);
        lines.push(format!("{name}=$({made} --query KeyMetadata.KeyId --output text)"));
        if let Some(days) = rotation {
            let days = unless(&ROTATION_DAYS, days);
            let fields = [("KeyId", json!(key_id(id))), ("RotationPeriodInDays", days)];
            lines.push(line("kms", "EnableKeyRotation", &input(fields)));
        }
    }
    for (_, resource) in plan.of_sort(Sort::Alias) {
        if let Resource::Alias(alias) = resource {
            let alias = json!({"AliasName": alias.name, "TargetKeyId": key_id(&alias.key)});
            lines.push(line("kms", "CreateAlias", &alias));
        }
    }
    lines
}

fn policies(plan: &Plan) -> Vec<String> {
    let fill = Fill(plan);
    let mut lines = Vec::new();
    for (_, resource) in plan.of_sort(Sort::Policy) {
        let Resource::Policy(policy) = resource else { continue };
        let fields = [
            ("PolicyName", json!(policy.name)),
            ("Path", unless("/", policy.path.as_str())),
            ("Description", json!(policy.description)),
            ("PolicyDocument", json!(fill.document(&policy.document))),
        ];
        lines.push(line("iam", "CreatePolicy", &input(fields)));
    }
    for (id, identity) in plan.identities() {
        let (field, word) = nouns(identity.kind);
        let name = &identity.name;
        for policy in &identity.attached {
            let attached = json!({field: name, "PolicyArn": fill.policy_arn(policy)});
            lines.push(line("iam", &format!("Attach{word}Policy"), &attached));
        }
        for (_, resource) in plan.of_sort(Sort::of_inline(identity.kind)) {
            if let Resource::Inline(inline) = resource
                && inline.owner == *id
            {
                let document = fill.document(&inline.document);
                let put = json!({field: name, "PolicyName": inline.name, "PolicyDocument": document});
                lines.push(line("iam", &format!("Put{word}Policy"), &put));
            }
        }
        if let Some(boundary) = &identity.boundary {
            let put = json!({field: name, "PermissionsBoundary": fill.policy_arn(boundary)});
            lines.push(line("iam", &format!("Put{word}PermissionsBoundary"), &put));
        }
    }
    lines
}

fn tables(plan: &Plan) -> Vec<String> {
    let fill = Fill(plan);
    let mut lines = Vec::new();
    for (_, resource) in plan.of_sort(Sort::Table) {
        let Resource::Table(table) = resource else { continue };
        let Table { name, key, capacity, encryption, deletion_protection, policy, .. } = table;
        let attribute =
            |(name, kind): &(String, String)| json!({"AttributeName": name, "AttributeType": kind});
        let part =
            |((name, _), kind): (&(String, String), &str)| json!({"AttributeName": name, "KeyType": kind});
        let under = |key: Option<String>| {
            input([("Enabled", json!(true)), ("SSEType", json!("KMS")), ("KMSMasterKeyId", json!(key))])
        };
        let units =
            |(read, write): (u64, u64)| json!({"ReadCapacityUnits": read, "WriteCapacityUnits": write});
        let fields = [
            ("TableName", json!(name)),
            ("AttributeDefinitions", key.iter().map(attribute).collect()),
            ("KeySchema", key.iter().zip(["HASH", "RANGE"]).map(part).collect()),
            ("BillingMode", json!(if capacity.is_none() { "PAY_PER_REQUEST" } else { "PROVISIONED" })),
            ("ProvisionedThroughput", capacity.map(units).unwrap_or_default()),
            (
                "SSESpecification",
                match encryption {
                    TableKey::AwsOwned => Value::Null,
                    TableKey::AwsManaged => under(None),
                    TableKey::Own(id) => under(Some(fill.key_arn(id))),
                    TableKey::Other(arn) => under(Some(arn.clone())),
                },
            ),
            ("DeletionProtectionEnabled", unless(&false, deletion_protection)),
            ("Tags", tags(&table.tags, ["Key", "Value"])),
        ];
        lines.push(line("dynamodb", "CreateTable", &input(fields)));
        if let Some(policy) = policy {
            lines.push(format!("aws dynamodb wait table-exists --table-name {}", quoted(name)));
            let arn = fill.text(&table.arn(&plan.region));
            let put = json!({"ResourceArn": arn, "Policy": fill.document(policy)});
            lines.push(line("dynamodb", "PutResourcePolicy", &put));
        }
    }
    lines
}

fn grants(plan: &Plan) -> Vec<String> {
    let fill = Fill(plan);
    let mut lines = Vec::new();
    for (_, resource) in plan.of_sort(Sort::Grant) {
        let Resource::Grant(grant) = resource else { continue };
        let Grant { key, name, grantee, retiring, operations, context, source } = grant;
        let pairs =
            |wanted: bool| context.as_ref().filter(|(_, exact)| *exact == wanted).map(|(pairs, _)| pairs);
        let constraints = input([
            ("EncryptionContextSubset", json!(pairs(false))),
            ("EncryptionContextEquals", json!(pairs(true))),
            ("SourceArn", json!(source.as_ref().map(|source| fill.text(source)))),
        ]);
        let has_some = constraints.as_object().is_some_and(|fields| !fields.is_empty());
        let fields = [
            ("KeyId", json!(key_id(key))),
            ("GranteePrincipal", json!(fill.text(grantee))),
            ("RetiringPrincipal", json!(retiring.as_ref().map(|retiring| fill.text(retiring)))),
            ("Operations", json!(operations)),
            ("Constraints", if has_some { constraints } else { Value::Null }),
            ("Name", json!(name)),
        ];
        lines.push(line("kms", "CreateGrant", &input(fields)));
    }
    lines
}

fn key_policies(plan: &Plan) -> Vec<String> {
    let fill = Fill(plan);
    let mut lines = Vec::new();
    for (id, resource) in plan.of_sort(Sort::Key) {
        let Resource::Key(key) = resource else { continue };
        if !key.enabled {
            lines.push(line("kms", "DisableKey", &json!({"KeyId": key_id(id)})));
        }
        let put = json!({
            "KeyId": key_id(id),
            "BypassPolicyLockoutSafetyCheck": true,
            "Policy": fill.document(&key.policy),
        });
        lines.push(line("kms", "PutKeyPolicy", &put));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_stand_outside_of_single_quotes() {
        let account = variable("ACCOUNT");
        for (word, expected) in [
            ("", "''".to_owned()),
            ("it's", r"'it'\''s'".to_owned()),
            (account.as_str(), "\"$ACCOUNT\"".to_owned()),
            (&format!("arn:{account}:x y"), "arn:\"$ACCOUNT\"':x y'".to_owned()),
            ("\u{e000}$(rm)\u{e001}", "'$(rm)\u{e001}'".to_owned()),
            ("\u{e000}open", "open".to_owned()),
        ] {
            assert_eq!(with_variables(word), expected);
        }
    }
}
