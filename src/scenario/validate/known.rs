//! Every name that a scenario may use.

use std::collections::{BTreeMap, BTreeSet};

use crate::scenario::{AccountSpec, Action, Scenario, Step, TemplateSpec, WorldSpec};

/// Every name that may be used.
#[derive(Default)]
pub(super) struct Known {
    pub accounts: BTreeSet<String>,
    /// Users and sessions, bare and with their account.
    pub callers: BTreeSet<String>,
    pub roles: BTreeSet<String>,
    /// Names that stand for several users of different accounts.
    pub ambiguous: BTreeSet<String>,
    /// Short names of keys, aliases, and tables.
    pub things: BTreeSet<String>,
    pub saved: BTreeSet<String>,
    pub tasks: BTreeSet<String>,
    /// Questions, and how many choices each has.
    pub predictions: BTreeMap<String, usize>,
    pub feedback: BTreeSet<String>,
    pub myths: BTreeSet<String>,
}

impl Known {
    pub(super) fn of(scenario: &Scenario) -> Self {
        // Without `..`, as below: whoever gives worlds or accounts something new is asked here what it is called.
        let WorldSpec {
            region: _,
            accounts,
            template,
            sessions,
            endpoints: _,
            from: _,
            early,
            past,
            before,
            keep_events: _,
            call_time: _,
        } = &scenario.world;
        let mut known = Self {
            accounts: accounts.keys().cloned().collect(),
            callers: sessions.keys().cloned().collect(),
            roles: BTreeSet::new(),
            ambiguous: BTreeSet::new(),
            things: BTreeSet::new(),
            saved: BTreeSet::new(),
            tasks: scenario.tasks.iter().map(|task| task.id.clone()).collect(),
            predictions: scenario.predictions().map(|p| (p.id.clone(), p.choices.len())).collect(),
            feedback: scenario.tasks.iter().flat_map(|t| &t.feedback).map(|f| f.id.clone()).collect(),
            myths: scenario.myths.iter().map(|m| m.id.clone()).collect(),
        };
        for (account, spec) in accounts {
            // Policies are named by ARN, except where the account itself attaches them.
            let AccountSpec { name: _, users, roles, policies: _, keys, tables } = spec;
            for user in users.keys() {
                if !known.callers.insert(user.clone()) {
                    known.ambiguous.insert(user.clone());
                }
                known.callers.insert(format!("{user}@{account}"));
            }
            known.roles.extend(roles.keys().cloned());
            known.things.extend(tables.keys().cloned());
            known.saved.extend(tables.values().flat_map(|table| &table.backups).cloned());
            for (name, key) in keys {
                known.things.insert(name.clone());
                known.things.extend(key.aliases.iter().cloned());
            }
        }
        let grants = accounts.values().flat_map(|spec| spec.keys.values()).flat_map(|key| &key.grants);
        known.saved.extend(grants.filter_map(|grant| grant.save.clone()));
        let past = past.iter().flat_map(|group| &group.steps);
        let made = template.iter().flat_map(TemplateSpec::steps);
        let early = made.chain(early);
        let steps = early.chain(past).chain(before).chain(&scenario.solution);
        let others = scenario.also.iter().map(|p| &p.steps).chain(scenario.wrong.iter().map(|p| &p.steps));
        let asked = scenario.predictions().flat_map(|prediction| &prediction.after);
        for step in steps.chain(others.flatten()).chain(asked) {
            known.learn(step);
        }
        known
    }

    /// A step may bring something into the world that later steps and checks name.
    fn learn(&mut self, step: &Step) {
        let Action::Call(call) = &step.action else { return };
        if let Some(name) = &call.save {
            self.saved.insert(name.clone());
            self.things.insert(name.clone());
        }
        let given = |field: &str| call.with.get(field).and_then(|v| v.as_str()).map(str::to_owned);
        let Some((_, made)) = MAKERS.iter().find(|(operation, _)| *operation == call.operation) else {
            return;
        };
        match made {
            Made::User(field) => self.callers.extend(given(field)),
            Made::Role(field) => self.roles.extend(given(field)),
            Made::Session => self.callers.extend(call.save.clone()),
            Made::Thing(field) => self.things.extend(given(field)),
            Made::Unnamed => {}
        }
    }
}

/// What an operation makes, and the field of its input that holds the name by which later steps and checks call it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Made {
    User(&'static str),
    Role(&'static str),
    /// A session, called as the step saves the response.
    Session,
    Thing(&'static str),
    /// Something that is called by its ARN, its id, or as the step saves the response.
    Unnamed,
}

/// The operations that make something.
const MAKERS: &[(&str, Made)] = &[
    ("iam:CreateUser", Made::User("UserName")),
    ("iam:CreateRole", Made::Role("RoleName")),
    ("iam:CreateAccessKey", Made::Unnamed),
    ("iam:CreateGroup", Made::Unnamed),
    ("iam:CreatePolicy", Made::Unnamed),
    ("iam:CreatePolicyVersion", Made::Unnamed),
    ("sts:AssumeRole", Made::Session),
    ("sts:AssumeRoleWithWebIdentity", Made::Session),
    ("sts:GetFederationToken", Made::Session),
    ("sts:GetSessionToken", Made::Session),
    ("dynamodb:CreateTable", Made::Thing("TableName")),
    ("dynamodb:CreateBackup", Made::Unnamed),
    ("dynamodb:RestoreTableFromBackup", Made::Thing("TargetTableName")),
    ("kms:CreateAlias", Made::Thing("AliasName")),
    ("kms:CreateGrant", Made::Unnamed),
    ("kms:CreateKey", Made::Unnamed),
    ("kms:ReplicateKey", Made::Unnamed),
    ("organizations:CreateOrganization", Made::Unnamed),
    ("organizations:CreateOrganizationalUnit", Made::Unnamed),
    ("organizations:CreatePolicy", Made::Unnamed),
];

#[cfg(test)]
mod tests {
    use super::MAKERS;
    use crate::cloud::SERVICES;

    /// The operations that change something and make nothing that a step or a check could name. Those of STS are here,
    /// too: AWS counts the making of a session as reading.
    const MAKE_NOTHING: &[(&str, &str)] = &[
        (
            "kms",
            "CancelKeyDeletion DeleteAlias DeleteImportedKeyMaterial DisableKey DisableKeyRotation EnableKey \
             EnableKeyRotation ImportKeyMaterial PutKeyPolicy RetireGrant RevokeGrant RotateKeyOnDemand \
             ScheduleKeyDeletion TagResource UntagResource UpdateAlias UpdateKeyDescription UpdatePrimaryRegion",
        ),
        (
            "iam",
            "AddUserToGroup AttachGroupPolicy AttachRolePolicy AttachUserPolicy DeleteAccessKey DeleteGroup DeleteGroupPolicy \
             DeletePolicy DeletePolicyVersion DeleteRole DeleteRolePermissionsBoundary DeleteRolePolicy \
             DeleteUser DeleteUserPermissionsBoundary DeleteUserPolicy DetachGroupPolicy DetachRolePolicy \
             DetachUserPolicy PutGroupPolicy PutRolePermissionsBoundary PutRolePolicy PutUserPermissionsBoundary \
             PutUserPolicy RemoveUserFromGroup SetDefaultPolicyVersion TagPolicy TagRole TagUser UntagPolicy UntagRole UntagUser \
             UpdateAccessKey UpdateAssumeRolePolicy",
        ),
        (
            "dynamodb",
            "BatchWriteItem DeleteBackup DeleteItem DeleteResourcePolicy DeleteTable PutItem PutResourcePolicy \
             TagResource TransactWriteItems UntagResource UpdateContinuousBackups UpdateItem UpdateTable \
             UpdateTimeToLive",
        ),
        // Checks and steps call a rule by its name as it is.
        ("events", "DeleteRule PutRule"),
        ("sts", "GetAccessKeyInfo GetCallerIdentity"),
        (
            "organizations",
            "AttachPolicy DeletePolicy DetachPolicy EnablePolicyType InviteAccountToOrganization MoveAccount UpdatePolicy",
        ),
    ];

    #[test]
    fn whatever_makes_something_says_what_it_is_called() {
        let made: Vec<(&str, &str)> =
            MAKERS.iter().filter_map(|(operation, _)| operation.split_once(':')).collect();
        let rest =
            |prefix: &'static str, names: &'static str| names.split(' ').map(move |name| (prefix, name));
        let rest: Vec<(&str, &str)> =
            MAKE_NOTHING.iter().flat_map(|(prefix, names)| rest(prefix, names)).collect();
        for service in SERVICES {
            for operation in service.operations {
                let (prefix, name) = (service.prefix, operation.operation);
                let makes = made.contains(&(prefix, name));
                let makes_nothing = rest.contains(&(prefix, name));
                // A reading operation may stand in neither.
                let may_be_silent = operation.read_only && prefix != "sts";
                assert!(
                    makes != makes_nothing || (may_be_silent && !makes),
                    "{prefix}:{name} belongs into MAKERS, with what scenarios call the thing that it makes, or into \
                     MAKE_NOTHING"
                );
            }
        }
        for (prefix, name) in made.into_iter().chain(rest) {
            let known = SERVICES.iter().any(|service| service.prefix == prefix && service.has(name));
            assert!(known, "there is no {prefix}:{name}");
        }
    }
}
