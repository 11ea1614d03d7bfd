//! Documents in a world: what one says, the call that changes it, and the world as it would be if it said something
//! else. Nothing is authorized and nothing recorded where a draft is looked at before anybody applies it.

use serde_json::{Value, json};

use super::document_id::DocumentId;
use super::dynamodb::{self, Table, TableHandle};
use super::eventbridge::{self, EventPattern, Rule};
use super::iam::{self, Kind, StoredPolicy};
use super::kms::{self, Key, KeyHandle};
use super::organizations;
use super::{AccountId, ApiError, Arn, Call, Caller, Probe, Region, World, service};
use crate::policy::{Diagnostic, Difference, Lockout, PolicyKind, Severity, Span};

impl DocumentId {
    /// Returns the text in force; `None` if the document does not exist (yet). An item is what `caller` can read.
    pub fn text(&self, world: &World, caller: &Caller) -> Option<String> {
        match self {
            Self::KeyPolicy(arn) => key(world, arn).map(|key| kms::shown_policy(world, key)),
            Self::Inline(..)
            | Self::Managed(_)
            | Self::Trust(..)
            | Self::TablePolicy(_)
            | Self::Control(..) => self.stored(world).map(|policy| policy.text().to_string()),
            Self::Item(_, key) if key.is_empty() => None,
            Self::Item(arn, key) => {
                let key: Value = serde_json::from_str(key).ok()?;
                let call = Call::decode("dynamodb", "GetItem", json!({"TableName": arn, "Key": key})).ok()?;
                let answer = world.clone().call(caller, in_region(call, arn)).result.ok()?.to_json();
                answer.get("Item").map(|item| format!("{item:#}"))
            }
            Self::EventPattern(arn) => world.eventbridge.rule(arn).map(|rule| rule.text.clone()),
        }
    }

    /// What changes of the policy between two worlds; `None` if it is not in both.
    pub fn difference(&self, before: &World, after: &World) -> Option<Difference> {
        let source = |world| self.stored(world).map(|stored| stored.source(""));
        Some(Difference::between(source(before)?, source(after)?))
    }

    /// The policy as it is evaluated; `None` if it does not exist (yet), and for what is no policy.
    pub fn stored(&self, world: &World) -> Option<StoredPolicy> {
        match self {
            Self::KeyPolicy(arn) => key(world, arn).map(|key| key.policy.clone()),
            Self::Inline(account, kind, owner, name) => {
                world.iam.identity(account, *kind, owner)?.inline.get(name).cloned()
            }
            Self::Managed(arn) => world.iam.managed_policy(arn).map(|policy| StoredPolicy::clone(&policy)),
            Self::Trust(account, role) => world.iam.identity(account, Kind::Role, role)?.trust.clone(),
            Self::TablePolicy(arn) => table(world, arn)?.policy.as_ref().map(|held| held.policy.clone()),
            Self::Control(_, management, id) => {
                let mut policies = world.organizations.of(management)?.policies();
                policies.find(|(known, ..)| known == id).map(|(_, _, source)| StoredPolicy {
                    document: source.document.clone(),
                    bound: source.bound.clone().unwrap_or_default(),
                })
            }
            Self::Item(..) | Self::EventPattern(_) => None,
        }
    }

    /// The world as it would be if the document read `text`. An item is put by `caller`; where that is refused, nothing
    /// changes.
    pub fn what_if(&self, world: &World, caller: &Caller, text: &str) -> Result<World, ApiError> {
        let mut changed = world.clone();
        match self {
            Self::KeyPolicy(arn) => {
                if let Some(handle) = key_handle(arn) {
                    changed.set_key_policy(&handle, text)?;
                }
            }
            Self::Inline(account, kind, owner, name) => {
                let policy = StoredPolicy::accept(text, "iam-inline")?;
                changed.iam.edit(account, *kind, owner, |identity| {
                    identity.inline.insert(name.clone(), policy);
                    Ok(())
                })?;
            }
            Self::Managed(arn) if !self.is_aws_managed() => changed.set_managed_policy(arn, text)?,
            Self::Managed(_) => {}
            Self::Trust(account, role) => changed.set_trust_policy(account, role, text)?,
            Self::TablePolicy(arn) => {
                if let Some(handle) = table_handle(arn) {
                    changed.set_table_policy(&handle, text)?;
                }
            }
            Self::Control(_, management, id) => changed.set_organization_policy(management, id, text)?,
            Self::Item(..) => match changed.call(caller, self.put(world, text)?).result {
                Ok(_) => {}
                Err(error) if error.is_access_denied() => return Ok(world.clone()),
                Err(error) => return Err(error),
            },
            Self::EventPattern(arn) => {
                let pattern = EventPattern::read(text).map_err(|error| eventbridge::invalid(text, &error))?;
                if let Some(rule) = world.eventbridge.rule(arn) {
                    let rule = Rule { text: text.to_owned(), pattern, ..Rule::clone(rule) };
                    changed.eventbridge.put(rule);
                }
            }
        }
        Ok(changed)
    }

    /// The call that makes the document of a world read `text`. An item that is no JSON of the right shape cannot be sent.
    pub fn put(&self, world: &World, text: &str) -> Result<Call, ApiError> {
        let policy_document = text.to_owned();
        Ok(match self {
            Self::KeyPolicy(arn) => {
                let call = Call::new(kms::PutKeyPolicyRequest {
                    key_id: arn.clone(),
                    policy_name: None,
                    policy: policy_document,
                    bypass_policy_lockout_safety_check: None,
                });
                in_region(call, arn)
            }
            Self::Inline(_, Kind::User, owner, name) => Call::new(iam::PutUserPolicyRequest {
                user_name: owner.clone(),
                policy_name: name.clone(),
                policy_document,
            }),
            Self::Inline(_, Kind::Role, owner, name) => Call::new(iam::PutRolePolicyRequest {
                role_name: owner.clone(),
                policy_name: name.clone(),
                policy_document,
            }),
            Self::Inline(_, Kind::Group, owner, name) => Call::new(iam::PutGroupPolicyRequest {
                group_name: owner.clone(),
                policy_name: name.clone(),
                policy_document,
            }),
            Self::Managed(arn) => Call::new(iam::CreatePolicyVersionRequest {
                policy_arn: arn.clone(),
                policy_document,
                set_as_default: Some(true),
            }),
            Self::Trust(_, role) => {
                Call::new(iam::UpdateAssumeRolePolicyRequest { role_name: role.clone(), policy_document })
            }
            Self::TablePolicy(arn) => {
                let call = Call::new(dynamodb::PutResourcePolicyRequest {
                    resource_arn: arn.clone(),
                    policy: policy_document,
                    ..Default::default()
                });
                in_region(call, arn)
            }
            Self::Control(_, _, id) => Call::new(organizations::UpdatePolicyRequest {
                policy_id: id.clone(),
                name: None,
                description: None,
                content: Some(policy_document),
            }),
            Self::Item(arn, _) => {
                let item: Value = serde_json::from_str(text)
                    .map_err(|error| ApiError::new("SerializationException", error.to_string()))?;
                // By ARN, so that it is the same table whoever calls.
                let input = json!({"TableName": arn, "Item": item});
                in_region(Call::decode("dynamodb", "PutItem", input)?, arn)
            }
            // What PutRule is not given is not kept.
            Self::EventPattern(arn) => {
                let rule = world.eventbridge.rule(arn);
                let call = Call::new(eventbridge::PutRuleRequest {
                    name: service::last_part(arn).unwrap_or_default().to_owned(),
                    event_pattern: Some(policy_document),
                    state: rule.map(|rule| rule.state),
                    description: rule.and_then(|rule| rule.description.clone()),
                });
                in_region(call, arn)
            }
        })
    }
}

impl DocumentId {
    /// Says what the service would refuse of a text that `caller` puts, beside what the text alone shows: principals that
    /// do not exist, and a lockout. `changed` is the world in which the text is in force.
    pub fn objections(&self, world: &World, changed: &World, caller: &Caller) -> Vec<Diagnostic> {
        let Some(profile) = self.profile() else { return Vec::new() };
        let mut found = Vec::new();
        let is_looked_up = match self {
            Self::KeyPolicy(_) | Self::Trust(..) | Self::TablePolicy(_) => true,
            Self::Inline(..)
            | Self::Managed(_)
            | Self::Control(..)
            | Self::Item(..)
            | Self::EventPattern(_) => false,
        };
        if let Some(stored) = self.stored(changed).filter(|_| is_looked_up) {
            found.extend(stored.unknown(world.iam()).map(|entry| {
                let (code, answer) = profile.answer("bad-principal", &entry.text, "");
                Diagnostic {
                    severity: Severity::Error,
                    code: "bad-principal",
                    message: format!("there is no {} ({code}: {answer})", entry.text),
                    remedy: "Name somebody who exists, or make them first.".to_owned(),
                    span: entry.span,
                }
            }));
        }
        if let Self::KeyPolicy(arn) = self {
            found.extend(lockout(arn, world, changed, caller));
        }
        found
    }
}

/// The lockout of somebody who may write a key policy now.
fn lockout(arn: &str, world: &World, changed: &World, caller: &Caller) -> Option<Diagnostic> {
    let write = Probe::new("kms:PutKeyPolicy", arn);
    world.probe(caller, &write).ok().filter(|record| record.decision.is_allowed())?;
    let record = changed.probe(caller, &write).ok()?;
    let action = record.request.action().to_owned();
    let Lockout { code, message, span, cause, remedy } = kms::lockout(&record).ok()??;
    Some(Diagnostic {
        severity: Severity::Error,
        code: "lockout",
        message: format!("{action} is lost with this policy: {cause} ({code}: {message})"),
        remedy,
        span: span.unwrap_or(Span::new(0, 1)),
    })
}

impl World {
    /// Puts a key policy in force. A principal that does not exist matches nobody; applying such a text says so.
    fn set_key_policy(&mut self, key: &KeyHandle, text: &str) -> Result<(), ApiError> {
        let mut policy = StoredPolicy::read(text, PolicyKind::Resource)
            .map_err(|_| ApiError::new("MalformedPolicyDocumentException", ""))?;
        drop(policy.bind(&self.iam));
        self.kms.edit_key(key, |key| key.policy = policy);
        Ok(())
    }

    fn set_trust_policy(&mut self, account: &AccountId, role: &str, text: &str) -> Result<(), ApiError> {
        let mut policy = StoredPolicy::accept(text, "iam-trust")?;
        drop(policy.bind(&self.iam));
        self.iam.edit(account, Kind::Role, role, |role| {
            role.trust = Some(policy);
            Ok(())
        })
    }

    fn set_managed_policy(&mut self, arn: &str, text: &str) -> Result<(), ApiError> {
        let policy = StoredPolicy::accept(text, "iam-managed")?;
        if self.iam.replace_policy(arn, policy, self.now) {
            return Ok(());
        }
        Err(ApiError::new("NoSuchEntity", format!("Policy {arn} was not found.")))
    }

    fn set_organization_policy(
        &mut self,
        management: &AccountId,
        id: &str,
        text: &str,
    ) -> Result<(), ApiError> {
        let organization = self.organizations.of(management).ok_or_else(|| {
            ApiError::new("AWSOrganizationsNotInUseException", "This account manages no organization.")
        })?;
        let mut organization = organization.clone();
        let kind = organization.policies().find(|(known, ..)| *known == id).map(|(_, kind, _)| kind);
        let kind = kind.ok_or_else(|| {
            ApiError::new("PolicyNotFoundException", "You specified a policy that doesn't exist.")
        })?;
        let policy = StoredPolicy::accept(text, kind.profile())?;
        organization.update_policy(id, None, None, Some(&policy))?;
        self.organizations.put(organization);
        Ok(())
    }

    fn set_table_policy(&mut self, table: &TableHandle, text: &str) -> Result<(), ApiError> {
        let mut policy = StoredPolicy::accept(text, "dynamodb-table")?;
        drop(policy.bind(&self.iam));
        self.dynamodb.set_policy(table, policy);
        Ok(())
    }
}

/// The same call in the Region of what it is about.
fn in_region(call: Call, arn: &str) -> Call {
    let Ok(arn) = arn.parse::<Arn>() else { return call };
    let mut context = call.context.clone();
    context.region = Region::new(arn.region());
    call.with_context(context)
}

fn key_handle(arn: &str) -> Option<KeyHandle> {
    KeyHandle::of(&arn.parse().ok()?)
}

fn key<'w>(world: &'w World, arn: &str) -> Option<&'w Key> {
    world.kms.key(&key_handle(arn)?).map(AsRef::as_ref)
}

fn table_handle(arn: &str) -> Option<TableHandle> {
    TableHandle::from_arn(&arn.parse().ok()?)
}

fn table<'w>(world: &'w World, arn: &str) -> Option<&'w Table> {
    world.dynamodb.table(&table_handle(arn)?).map(AsRef::as_ref)
}
