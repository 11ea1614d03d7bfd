//! A plan as Terraform, for the provider `hashicorp/aws`.
//!
//! A key's policy is a resource of its own that comes last: until then the key has the policy that AWS gives it, under which
//! whoever applies the file can make aliases, grants and tables.
//!
//! Source: Terraform Registry, `hashicorp/aws`, the pages of the resources.

use super::hcl::{Block, expression, quoted};
use super::{Written, head};
use crate::cloud::iam::Kind;
use crate::template::order::{self, Waits};
use crate::template::{
    Grant, Id, Identity, Key, Named, Plan, PolicyRef, ROTATION_DAYS, Resource, SESSION_SECONDS, Sort, Table,
    TableKey,
};

/// What was done with files of this program.
const TRIED: &str =
    "A parser of HCL reads such files of all scenarios of the program; Terraform itself has read none.";

/// What stands before all resources; the Region is put in.
const PROVIDER: &str = r#"terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.60"
    }
  }
}
"#;

/// Writes a plan as a file for Terraform.
pub fn write(plan: &Plan, of: &str) -> Written {
    let named = plan.named();
    let mut circles = Vec::new();
    order::of_trust(plan, &mut Waits::default(), &mut circles);
    let mut left_out = plan.left_out.clone();
    for (role, named) in &circles {
        left_out.push(format!(
            "the order of {role} and {named}: the trust policy of {role} names {named}, and AWS takes that once {named} is there"
        ));
    }
    for (id, resource) in plan.of_sort(Sort::Grant) {
        if let Resource::Grant(Grant { source: Some(_), .. }) = resource {
            left_out.push(format!(
                "{id}, which is constrained to a source: aws_kms_grant cannot say that, and `--as aws` can"
            ));
        }
    }
    let mut text = String::new();
    for line in head(plan, of, TRIED, &left_out) {
        text.extend([
            "# ", &line, "
",
        ]);
    }
    text.push('\n');
    text.push_str(PROVIDER);
    let mut provider = Block::new("provider", &["aws"]);
    provider.set_text("region", &plan.region);
    for block in [provider.end(), Block::new("data", &["aws_caller_identity", "current"]).end()] {
        text.push('\n');
        text.push_str(&block);
    }
    for (id, resource) in &plan.resources {
        for block in blocks(&named, &circles, id, resource) {
            text.push('\n');
            text.push_str(&block);
        }
    }
    for (id, resource) in plan.of_sort(Sort::Key) {
        if let Resource::Key(key) = resource {
            text.push('\n');
            text.push_str(&key_policy(plan, &named, id, key));
        }
    }
    Written { text, left_out }
}

fn begin(id: &Id) -> Block {
    Block::new("resource", &[id.sort.terraform(), &id.snake()])
}

/// The blocks of a resource and of what belongs to it.
fn blocks(named: &Named<'_>, circles: &[(Id, Id)], id: &Id, resource: &Resource) -> Vec<String> {
    let mut block = begin(id);
    match resource {
        Resource::Identity(identity) => return identity_blocks(named, circles, id, identity),
        Resource::Key(key) => {
            let Key { description, spec, usage, enabled, multi_region, rotation, tags, policy: _ } = key;
            if !description.is_empty() {
                block.set_text("description", description);
            }
            block.set_text("customer_master_key_spec", spec);
            block.set_text("key_usage", usage);
            block.set("is_enabled", &enabled.to_string());
            if *multi_region {
                block.set("multi_region", "true");
            }
            if let Some(days) = rotation {
                block.set("enable_key_rotation", "true");
                if *days != ROTATION_DAYS {
                    block.set("rotation_period_in_days", &days.to_string());
                }
            }
            block.set_map("tags", tags);
        }
        Resource::Alias(alias) => {
            block.set_text("name", &alias.name);
            block.set("target_key_id", &format!("{}.key_id", alias.key.address()));
        }
        Resource::Policy(policy) => {
            block.set_text("name", &policy.name);
            block.set_text("path", &policy.path);
            if let Some(description) = &policy.description {
                block.set_text("description", description);
            }
            block.set_document("policy", &policy.document);
        }
        Resource::Inline(inline) => {
            block.set_text("name", &inline.name);
            let field = inline.owner.sort.word().to_lowercase();
            block.set(&field, &format!("{}.name", inline.owner.address()));
            block.set_document("policy", &inline.document);
        }
        Resource::Table(table) => return table_blocks(named, id, table),
        Resource::Grant(grant) => {
            if grant.source.is_some() {
                return Vec::new();
            }
            grant_arguments(named, grant, &mut block);
        }
    }
    vec![block.end()]
}

fn policy_arn(policy: &PolicyRef) -> String {
    match policy {
        PolicyRef::Own(id) => format!("{}.arn", id.address()),
        PolicyRef::Aws(arn) => quoted(arn),
    }
}

fn identity_blocks(named: &Named<'_>, circles: &[(Id, Id)], id: &Id, identity: &Identity) -> Vec<String> {
    let Identity { kind, name, path, tags, description, trust, max_session, attached, boundary, groups } =
        identity;
    let mut block = begin(id);
    block.set_text("name", name);
    block.set_text("path", path);
    if let Some(description) = description {
        block.set_text("description", description);
    }
    if *kind == Kind::Role && *max_session != SESSION_SECONDS {
        block.set("max_session_duration", &max_session.to_string());
    }
    if let Some(boundary) = boundary {
        block.set("permissions_boundary", &policy_arn(boundary));
    }
    if let Some(trust) = trust {
        block.set_document("assume_role_policy", trust);
        let is_before = |other: &&Id| !circles.iter().any(|(role, later)| role == id && later == *other);
        let waits = named.by(trust).into_iter().filter(is_before);
        block.set_list("depends_on", waits.map(Id::address));
    }
    block.set_map("tags", tags);
    let mut blocks = vec![block.end()];
    if !groups.is_empty() {
        let mut block = Block::new("resource", &["aws_iam_user_group_membership", &id.snake()]);
        block.set("user", &format!("{}.name", id.address()));
        block.set_list("groups", groups.iter().map(|group| format!("{}.name", group.address())));
        blocks.push(block.end());
    }
    let word = kind.word();
    for (index, policy) in attached.iter().enumerate() {
        // No name of the plan has an underscore before a digit.
        let name = format!("{}_{}", id.snake(), index + 1);
        let mut block = Block::new("resource", &[&format!("aws_iam_{word}_policy_attachment"), &name]);
        block.set(word, &format!("{}.name", id.address()));
        block.set("policy_arn", &policy_arn(policy));
        blocks.push(block.end());
    }
    blocks
}

fn table_blocks(named: &Named<'_>, id: &Id, table: &Table) -> Vec<String> {
    let Table { name, key, capacity, encryption, deletion_protection, tags, policy } = table;
    let mut block = begin(id);
    block.set_text("name", name);
    for ((name, _), argument) in key.iter().zip(["hash_key", "range_key"]) {
        block.set_text(argument, name);
    }
    match capacity {
        None => block.set_text("billing_mode", "PAY_PER_REQUEST"),
        Some((read, write)) => {
            block.set_text("billing_mode", "PROVISIONED");
            block.set("read_capacity", &read.to_string());
            block.set("write_capacity", &write.to_string());
        }
    }
    if *deletion_protection {
        block.set("deletion_protection_enabled", "true");
    }
    for (name, kind) in key {
        block.inner("attribute", |inner| {
            inner.set_text("name", name);
            inner.set_text("type", kind);
        });
    }
    let under = match encryption {
        TableKey::AwsOwned => None,
        TableKey::AwsManaged => Some(None),
        TableKey::Own(id) => Some(Some(format!("{}.arn", id.address()))),
        TableKey::Other(arn) => Some(Some(quoted(arn))),
    };
    if let Some(key) = under {
        block.inner("server_side_encryption", |inner| {
            inner.set("enabled", "true");
            if let Some(key) = key {
                inner.set("kms_key_arn", &key);
            }
        });
    }
    block.set_map("tags", tags);
    let mut blocks = vec![block.end()];
    if let Some(policy) = policy {
        let mut block = Block::new("resource", &["aws_dynamodb_resource_policy", &id.snake()]);
        block.set("resource_arn", &format!("{}.arn", id.address()));
        block.set_document("policy", policy);
        block.set_list("depends_on", named.by(policy).into_iter().map(Id::address));
        blocks.push(block.end());
    }
    blocks
}

fn grant_arguments(named: &Named<'_>, grant: &Grant, block: &mut Block) {
    let Grant { grant_id: _, key, name, grantee, retiring, operations, context, source: _ } = grant;
    if let Some(name) = name {
        block.set_text("name", name);
    }
    block.set("key_id", &format!("{}.key_id", key.address()));
    block.set("grantee_principal", &expression(grantee));
    if let Some(retiring) = retiring {
        block.set("retiring_principal", &expression(retiring));
    }
    block.set_list("operations", operations.iter().map(|operation| quoted(operation)));
    if let Some((pairs, exact)) = context {
        let name = if *exact { "encryption_context_equals" } else { "encryption_context_subset" };
        block.inner("constraints", |inner| inner.set_map(name, pairs));
    }
    let principals = [Some(grantee), retiring.as_ref()].into_iter().flatten();
    block.set_list("depends_on", principals.filter_map(|arn| named.one(arn)).map(Id::address));
}

/// The policy of a key, which waits for whom it names, and for what could not be made under it.
fn key_policy(plan: &Plan, named: &Named<'_>, id: &Id, key: &Key) -> String {
    let mut block = Block::new("resource", &["aws_kms_key_policy", &id.snake()]);
    block.set("key_id", &format!("{}.key_id", id.address()));
    block.set_document("policy", &key.policy);
    block.set("bypass_policy_lockout_safety_check", "true");
    let is_under = |resource: &Resource| match resource {
        Resource::Alias(alias) => alias.key == *id,
        Resource::Grant(grant) => grant.key == *id && grant.source.is_none(),
        Resource::Table(table) => table.encryption == TableKey::Own(id.clone()),
        Resource::Identity(_) | Resource::Key(_) | Resource::Policy(_) | Resource::Inline(_) => false,
    };
    let under = plan.resources.iter().filter(|(_, resource)| is_under(resource)).map(|(id, _)| id);
    let waits = named.by(&key.policy).into_iter().chain(under);
    block.set_list("depends_on", waits.map(Id::address));
    block.end()
}
