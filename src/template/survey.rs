//! From a world to the plan of one of its accounts.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::Value;

use super::id::{Id, Ids, Sort};
use super::plan::{Alias, Grant, Identity, Inline, Key, Plan, Policy, PolicyRef, Resource, Table, TableKey};
use super::text::{Doc, Known, Text};
use crate::cloud::dynamodb::table::{Billing, Encryption};
use crate::cloud::iam::{Kind, StoredPolicy};
use crate::cloud::kms::crypto::Origin;
use crate::cloud::kms::{self, KeyState, Manager};
use crate::cloud::{AccountId, Arn, Region, World, dynamodb, iam};

/// Why an account cannot be written down.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// The world has no such account.
    #[error("the world has no account `{account}`; name one of {known} with --account")]
    NoAccount {
        account: String,
        /// The accounts that there are.
        known: String,
    },
    /// A policy is no JSON.
    #[error("{what} cannot be read: {reason}; write it anew")]
    Policy { what: String, reason: String },
    /// All that a policy names is gone.
    #[error(
        "{what} names nobody but deleted users and roles, which no tool can write: give it another policy, then export"
    )]
    Nobody { what: String },
}

impl Plan {
    /// Writes down what an account has in a Region. `name` says what people call a key, by its ARN.
    pub fn of(
        world: &World,
        account: &AccountId,
        region: &Region,
        name: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Self, PlanError> {
        if !world.iam().accounts().any(|(known, _)| known == account) {
            let known: Vec<_> = world.iam().accounts().map(|(known, _)| known.to_string()).collect();
            return Err(PlanError::NoAccount { account: account.to_string(), known: known.join(", ") });
        }
        let mut ids = Ids::default();
        let mut keys = BTreeMap::new();
        for key in world.kms().keys_in(account, region).filter(|key| key.manager == Manager::Customer) {
            let alias = || key.aliases.first().map(|alias| alias.trim_start_matches("alias/").to_owned());
            let words = name(&key.arn()).or_else(alias).unwrap_or_else(|| "Key".to_owned());
            keys.insert(key.handle.id.to_string(), ids.give(Sort::Key, &words));
        }
        let empty = kms::KeyHandle { account: account.clone(), region: region.clone(), id: "".into() };
        let known = Known { account: account.to_string(), key_arn: empty.arn().to_string(), keys };
        let plan = Self {
            account: account.to_string(),
            region: region.to_string(),
            resources: BTreeMap::new(),
            left_out: Vec::new(),
        };
        let mut survey = Survey { world, account, region, known, ids, plan };
        survey.identities()?;
        survey.keys()?;
        survey.tables()?;
        survey.elsewhere();
        Ok(survey.plan)
    }
}

/// An account that is being written down.
struct Survey<'w> {
    world: &'w World,
    account: &'w AccountId,
    region: &'w Region,
    known: Known,
    ids: Ids,
    plan: Plan,
}

impl Survey<'_> {
    fn leave_out(&mut self, what: String) {
        self.plan.left_out.push(what);
    }

    fn add(&mut self, id: Id, resource: Resource) {
        self.plan.resources.insert(id, resource);
    }

    /// A policy without those whom it names and who are gone.
    fn document(&mut self, what: &str, policy: &StoredPolicy) -> Result<Doc, PlanError> {
        let error = |e: serde_json::Error| PlanError::Policy { what: what.to_owned(), reason: e.to_string() };
        let mut value: Value = serde_json::from_str(&policy.shown(self.world.iam())).map_err(error)?;
        let gone = without_deleted(&mut value).ok_or_else(|| PlanError::Nobody { what: what.to_owned() })?;
        let document = self.known.doc(&value);
        for elsewhere in document.principals().filter_map(Text::words).filter(|text| names_somebody(text)) {
            let text = format!("{elsewhere}, whom {what} names: AWS saves the policy once they are there");
            if !self.plan.left_out.contains(&text) {
                self.plan.left_out.push(text);
            }
        }
        for id in gone {
            self.leave_out(format!(
                "in {what} the principal {id}, a user or role that was deleted: it stands for nobody, and AWS saves no policy \
                 that names it"
            ));
        }
        Ok(document)
    }

    fn identities(&mut self) -> Result<(), PlanError> {
        let iam = self.world.iam();
        let own = || iam.identities().filter(|identity| identity.account == *self.account);
        let mut ids: BTreeMap<(Kind, String), Id> = BTreeMap::new();
        for identity in own() {
            let id = self.ids.give(Sort::of_identity(identity.kind), &identity.name);
            ids.insert((identity.kind, identity.name.clone()), id);
        }
        let mut policies: BTreeMap<String, Id> = BTreeMap::new();
        for arn in iam.customer_policies() {
            let Ok(parsed) = arn.parse::<Arn>() else { continue };
            let Some(full) = parsed.resource_after("policy") else { continue };
            if parsed.account() != self.account.as_str() {
                continue;
            }
            let (path, name) = full.rsplit_once('/').unwrap_or(("", full));
            let Some(stored) = iam.managed_policy(arn) else { continue };
            let id = self.ids.give(Sort::Policy, name);
            let what = format!("the policy {name}");
            let document = self.document(&what, &stored)?;
            let versions = iam.policy_versions(arn);
            if versions > 1 {
                self.leave_out(format!(
                    "the other versions of {what} ({}): the one in force is written",
                    versions - 1
                ));
            }
            policies.insert(arn.to_owned(), id.clone());
            let description = iam.policy_description(arn).map(str::to_owned);
            let (name, path) = (name.to_owned(), format!("{path}/"));
            self.add(id, Resource::Policy(Policy { name, path, description, document }));
        }
        let policy_ref = |arn: &String| {
            policies.get(arn).map_or_else(|| PolicyRef::Aws(arn.clone()), |id| PolicyRef::Own(id.clone()))
        };
        for identity in own() {
            let iam::Identity { kind, name, path, inline, .. } = identity;
            let what = format!("the {} {name}", kind.word());
            let Some(id) = ids.get(&(*kind, name.clone())) else { continue };
            let trust = identity.trust.as_ref();
            let trust = trust.map(|trust| self.document(&format!("the trust policy of {what}"), trust));
            let group = |group: &String| ids.get(&(Kind::Group, group.clone())).cloned();
            let planned = Identity {
                kind: *kind,
                name: name.clone(),
                path: path.clone(),
                tags: identity.tags.clone(),
                description: identity.description.clone().filter(|words| !words.is_empty()),
                trust: trust.transpose()?,
                max_session: identity.max_session,
                attached: identity.attached.iter().map(policy_ref).collect(),
                boundary: identity.boundary.as_ref().map(policy_ref),
                groups: identity.groups.iter().filter_map(group).collect(),
            };
            self.add(id.clone(), Resource::Identity(planned));
            for (policy, stored) in inline {
                let document = self.document(&format!("the policy {policy} of {what}"), stored)?;
                let own = self.ids.give(Sort::of_inline(*kind), &format!("{name} {policy}"));
                let inline = Inline { owner: id.clone(), name: policy.clone(), document };
                self.add(own, Resource::Inline(inline));
            }
        }
        let is_own = |account: &Arc<str>| **account == *self.account.as_str();
        let count =
            iam.sessions().filter(|(_, session)| session.principal.account().is_some_and(is_own)).count();
        if count > 0 {
            self.leave_out(format!("the sessions of roles ({count}): whoever needs one calls AssumeRole"));
        }
        Ok(())
    }

    fn keys(&mut self) -> Result<(), PlanError> {
        let kms = self.world.kms();
        let of_tables: BTreeSet<&str> = self
            .world
            .dynamodb()
            .tables()
            .filter_map(|table| match &table.encryption {
                Encryption::Kms(kms) => Some(kms.grant_id.as_str()),
                Encryption::AwsOwned => None,
            })
            .collect();
        for key in kms.keys().filter(|key| key.handle.account == *self.account) {
            if key.manager != Manager::Customer {
                let alias = key.aliases.first().cloned().unwrap_or_default();
                self.leave_out(format!("the key {alias}: AWS makes it when it is first used"));
                continue;
            }
            let Some(id) =
                self.known.keys.get(&*key.handle.id).filter(|_| key.handle.region == *self.region).cloned()
            else {
                let (id, region) = (&key.handle.id, &key.handle.region);
                self.leave_out(format!("the key {id} of the Region {region}: a file is of one Region"));
                continue;
            };
            let what = format!("the key {}", key.aliases.first().unwrap_or(&key.handle.id.to_string()));
            self.left_of_key(&what, key);
            let policy = self.document(&format!("the policy of {what}"), &key.policy)?;
            let planned = Key {
                description: key.description.clone(),
                spec: key.spec.to_string(),
                usage: key.usage.to_string(),
                enabled: key.enabled && key.deletion.is_none(),
                multi_region: key.primary_region.is_some(),
                rotation: key.rotation.as_ref().map(|schedule| schedule.period_days),
                tags: key.tags.clone(),
                policy,
            };
            self.add(id.clone(), Resource::Key(planned));
            for name in &key.aliases {
                let own = self.ids.give(Sort::Alias, name.trim_start_matches("alias/"));
                self.add(own, Resource::Alias(Alias { name: name.clone(), key: id.clone() }));
            }
            for grant in kms.grants().of_key(&key.handle).filter(|grant| !of_tables.contains(&*grant.id)) {
                self.grant(&what, &id, grant);
            }
        }
        Ok(())
    }

    /// What of a key is in no form.
    fn left_of_key(&mut self, what: &str, key: &kms::Key) {
        match key.state() {
            KeyState::PendingDeletion | KeyState::PendingReplicaDeletion => {
                self.leave_out(format!(
                    "the deletion that is scheduled of {what}: it is written as disabled"
                ));
            }
            KeyState::Enabled | KeyState::Disabled | KeyState::PendingImport => {}
        }
        if key.origin != Origin::AwsKms {
            self.leave_out(format!(
                "the imported material of {what}: it is written as a key whose material AWS makes"
            ));
        }
        if key.materials.len() > 1 {
            let rotations = key.materials.len() - 1;
            self.leave_out(format!("the rotations that {what} has behind it ({rotations})"));
        }
        if key.is_replica() {
            self.leave_out(format!("that {what} is a replica: it is written as a primary key of its own"));
        }
    }

    fn grant(&mut self, what: &str, key: &Id, grant: &kms::Grant) {
        let is_there = |id: &str| self.world.iam().identities().any(|identity| identity.unique_id == id);
        let gone = grant.grantee_id.iter().chain(&grant.retiring_id).find(|id| !is_there(id));
        if let Some(gone) = gone {
            let text = format!("the grant {} on {what}: it names {gone}, who was deleted", grant.id);
            return self.leave_out(text);
        }
        if grant.grantee_is_service || grant.retiring_is_service || !grant.grantee.contains(':') {
            let text = format!("the grant {} on {what}, of the service {}", grant.id, grant.grantee);
            return self.leave_out(text);
        }
        let words =
            format!("{} {}", key.label(), grant.grantee.rsplit(['/', ':']).next().unwrap_or_default());
        let planned = Grant {
            grant_id: grant.id.to_string(),
            key: key.clone(),
            name: grant.name.clone(),
            grantee: self.known.text(&grant.grantee),
            retiring: grant.retiring.as_deref().map(|retiring| self.known.text(retiring)),
            operations: grant.operations.iter().map(ToString::to_string).collect(),
            context: grant.constraints.pairs().map(|(pairs, exact)| (pairs.clone(), exact)),
            source: grant.constraints.source_arn.as_deref().map(|arn| self.known.text(arn)),
        };
        let id = self.ids.give(Sort::Grant, &words);
        self.add(id, Resource::Grant(planned));
    }

    fn tables(&mut self) -> Result<(), PlanError> {
        for table in self.world.dynamodb().tables().filter(|table| table.handle.account == *self.account) {
            let (name, region) = (&table.handle.name, &table.handle.region);
            let what = format!("the table {name}");
            if region != self.region {
                self.leave_out(format!("{what} of the Region {region}: a file is of one Region"));
                continue;
            }
            self.left_of_table(&what, table);
            let policy = table.policy.as_ref();
            let policy = policy.map(|held| self.document(&format!("the policy of {what}"), &held.policy));
            let encryption = match &table.encryption {
                Encryption::AwsOwned => TableKey::AwsOwned,
                Encryption::Kms(kms) if kms.managed => TableKey::AwsManaged,
                Encryption::Kms(kms) => {
                    let own = kms.key_arn.strip_prefix(&self.known.key_arn);
                    let own = own.and_then(|id| self.known.keys.get(id).cloned());
                    own.map_or_else(|| TableKey::Other(kms.key_arn.clone()), TableKey::Own)
                }
            };
            let attribute = |attribute: &dynamodb::table::KeyAttribute| {
                (attribute.name.clone(), attribute.kind.as_str().to_owned())
            };
            let planned = Table {
                name: name.to_string(),
                key: table.key_attributes().map(attribute).collect(),
                capacity: match table.billing {
                    Billing::OnDemand => None,
                    Billing::Provisioned(read, write) => Some((read, write)),
                },
                encryption,
                deletion_protection: table.deletion_protection,
                tags: table.tags.clone(),
                policy: policy.transpose()?,
            };
            let id = self.ids.give(Sort::Table, name);
            self.add(id, Resource::Table(planned));
        }
        let own = format!(":{}:table/", self.account);
        let backups = self.world.dynamodb().backups().filter(|backup| backup.arn.contains(&own)).count();
        if backups > 0 {
            self.leave_out(format!("the backups of tables ({backups})"));
        }
        Ok(())
    }

    /// What of a table is in no form.
    fn left_of_table(&mut self, what: &str, table: &dynamodb::Table) {
        let items = table.disk.items();
        if items > 0 {
            self.leave_out(format!("the items of {what} ({items})"));
        }
        if table.time_to_live.as_ref().is_some_and(|ttl| ttl.attribute.is_some()) {
            self.leave_out(format!("the time to live of {what}"));
        }
        if table.recovery.is_some() {
            self.leave_out(format!("the point-in-time recovery of {what}"));
        }
        if table.archive.is_some() {
            self.leave_out(format!("that {what} was archived: it is written as a table that can be used"));
        }
    }

    /// What lies outside of the account.
    fn elsewhere(&mut self) {
        let (world, account) = (self.world, self.account);
        for (other, _) in world.iam().accounts().filter(|(other, _)| *other != account) {
            self.leave_out(format!(
                "the account {other}, whose number and whose keys' ids stand as they are where policies name them: `--account \
                 {other}` writes it"
            ));
        }
        if self.world.organizations().of(self.account).is_some() {
            self.leave_out("the organization of the account, its policies and what they forbid".to_owned());
        }
        let endpoints = self.world.network().endpoints().count();
        if endpoints > 0 {
            self.leave_out(format!("the VPC endpoints ({endpoints}), and from where people call"));
        }
    }
}

/// Takes deleted users and roles out of a policy, which shows them by their unique ids, and statements that are about nobody
/// else. Returns whom it took out; `None` if nothing of the policy is left, or `NotPrincipal` would name nobody.
/// Source: IAM User Guide, "AWS JSON policy elements: Principal", on deleted principals.
fn without_deleted(policy: &mut Value) -> Option<Vec<String>> {
    let mut gone = Vec::new();
    let mut empty = Vec::new();
    let statements: &mut [Value] = match policy.get_mut("Statement") {
        None => return Some(gone),
        Some(Value::Array(list)) => list,
        Some(single) => std::slice::from_mut(single),
    };
    for (index, statement) in statements.iter_mut().enumerate() {
        for (field, may_go) in [("Principal", true), ("NotPrincipal", false)] {
            let Some(Value::Object(principal)) = statement.get_mut(field) else { continue };
            let is_gone = match principal.get_mut("AWS") {
                Some(Value::String(text)) if is_unique_id(text) => {
                    gone.push(text.clone());
                    true
                }
                Some(Value::Array(list)) => {
                    let named = list.len();
                    list.retain(|value| match value.as_str().filter(|text| is_unique_id(text)) {
                        Some(text) => {
                            gone.push(text.to_owned());
                            false
                        }
                        None => true,
                    });
                    list.is_empty() && named > 0
                }
                Some(_) | None => false,
            };
            if is_gone {
                principal.shift_remove("AWS");
            }
            if is_gone && principal.is_empty() {
                may_go.then(|| empty.push(index))?;
            }
        }
    }
    if empty.is_empty() {
        return Some(gone);
    }
    let Some(Value::Array(list)) = policy.get_mut("Statement") else { return None };
    let mut index = 0..;
    list.retain(|_| index.next().is_none_or(|index| !empty.contains(&index)));
    (!list.is_empty()).then_some(gone)
}

/// Tells whether a principal is a user or a role by its ARN.
fn names_somebody(principal: &str) -> bool {
    let arn = principal.parse::<Arn>();
    arn.is_ok_and(|arn| {
        arn.service() == "iam" && ["user/", "role/"].iter().any(|kind| arn.resource().starts_with(kind))
    })
}

/// Tells whether a principal is written by the unique id of a user or a role.
/// Source: IAM User Guide, "IAM identifiers", unique identifiers.
fn is_unique_id(text: &str) -> bool {
    ["AIDA", "AROA"].iter().any(|start| text.starts_with(start))
        && text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn deleted_principals_are_taken_out_with_the_statements_about_them() {
        let one = |principal: Value| json!({"Effect": "Allow", "Principal": principal});
        let mut policy = json!({"Statement": [
            one(json!({"AWS": "AIDAEXAMPLE"})),
            one(json!({"AWS": ["AROAEXAMPLE", "arn:aws:iam::111122223333:root"]})),
            one(json!("*")),
        ]});
        assert_eq!(
            without_deleted(&mut policy),
            Some(vec!["AIDAEXAMPLE".to_owned(), "AROAEXAMPLE".to_owned()])
        );
        assert_eq!(
            policy,
            json!({"Statement": [one(json!({"AWS": ["arn:aws:iam::111122223333:root"]})), one(json!("*"))]})
        );
        for nothing_left in [
            json!({"Statement": [one(json!({"AWS": "AIDAEXAMPLE"}))]}),
            json!({"Statement": one(json!({"AWS": ["AIDAEXAMPLE"]}))}),
            json!({"Statement": [{"Effect": "Deny", "NotPrincipal": {"AWS": "AIDAEXAMPLE"}}, one(json!("*"))]}),
        ] {
            assert_eq!(without_deleted(&mut nothing_left.clone()), None, "{nothing_left}");
        }
    }
}
