//! From a scenario to its world: everything is made through [`World::call`], an hour before the learner comes.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};

use jiff::SignedDuration;
use serde_json::{Map, Value, json};

use super::evaluate;
use super::format::{
    AccountSpec, Action, EndpointSpec, FromSpec, GrantSpec, IdentitySpec, KeySpec, RoleSpec, Scenario,
    SessionSpec, Step, TableSpec, TemplateSpec, WorldSpec,
};
use super::names::Names;
use super::reached::Reached;
use super::resolve::{self, policy_text};
use super::stage::{Persona, Stage, numbers, persona};
use super::{ScenarioError, StepError, play};
use crate::cloud::iam::{self, Kind};
use crate::cloud::network::Location;
use crate::cloud::world::ClockError;
use crate::cloud::{AccountId, Call, CallContext, Caller, Region, World};

/// How long before the learner comes everything was made: long enough for every cache and delay to be over.
const SETUP_LEAD: SignedDuration = SignedDuration::from_hours(1);

/// How long a table waits for its items where it is being created for a while.
const TABLE_LEAD: SignedDuration = SignedDuration::from_secs(10);

/// The private address of somebody in a VPC.
const VPC_ADDRESS: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 0, 0, 10));

impl Scenario {
    /// Sets the world up. Every refusal of the simulated cloud is an error that names what was being made.
    pub fn build(self) -> Result<Stage, ScenarioError> {
        let (world, names) = Builder::new(&self)?.build()?;
        let (numbers, personas) = personas(&self, &world, &names).into_iter().unzip();
        let mut stage = Stage {
            scenario: self,
            world,
            personas,
            numbers,
            names,
            truths: BTreeMap::new(),
            reached: Reached::default(),
        };
        stage.check_cost()?;
        stage.truths = evaluate::truths(&stage);
        Ok(stage)
    }

    /// The account that names without an account belong to: the one that holds `start_as`, else the first.
    fn home(&self) -> Option<&str> {
        let who = &self.start_as;
        if let Some((_, account)) = who.split_once('@') {
            return Some(account);
        }
        if let Some(session) = self.world.sessions.get(who)
            && let Some(account) = &session.account
        {
            return Some(account);
        }
        let mut accounts = self.world.accounts.iter();
        let holder = accounts.find(|(_, spec)| spec.users.contains_key(who)).map(|(number, _)| number);
        holder.or_else(|| self.world.accounts.keys().next()).map(String::as_str)
    }
}

/// Whom the learner may play, each with their number, the lowest first.
fn personas(scenario: &Scenario, world: &World, names: &Names) -> Vec<(usize, Persona)> {
    let mut wanted = scenario.palette.identities.clone();
    if wanted.is_empty() {
        wanted.push(scenario.start_as.clone());
        let home = scenario.world.accounts.get(names.home.as_str());
        let users = home.into_iter().flat_map(|account| account.users.keys());
        wanted.extend(
            users.chain(scenario.world.sessions.keys()).filter(|u| **u != scenario.start_as).cloned(),
        );
    }
    let people: Vec<Persona> = wanted.iter().filter_map(|name| persona(name, world, names)).collect();
    let mut numbered: Vec<(usize, Persona)> =
        numbers(&scenario.palette.numbers, &people).zip(people.iter().cloned()).collect();
    numbered.sort_by_key(|(number, _)| *number);
    numbered
}

/// Makes the world, one call at a time.
struct Builder<'a> {
    scenario: &'a Scenario,
    world: World,
    names: Names,
    /// The Region that calls go to now, if it is another than the scenario's.
    region: Option<Region>,
}

impl<'a> Builder<'a> {
    fn new(scenario: &'a Scenario) -> Result<Self, ScenarioError> {
        let error = |reason: String| ScenarioError::World {
            file: scenario.id.clone(),
            what: "the accounts".to_owned(),
            reason,
        };
        let home = scenario.home().ok_or_else(|| error("there are none".to_owned()))?;
        let home: AccountId = home.parse().map_err(|e| error(format!("{e}")))?;
        let region = scenario.world.region.as_deref().map_or_else(Region::us_east_1, Region::new);
        let start = scenario.clock.checked_sub(SETUP_LEAD).map_err(|e| error(e.to_string()))?;
        let world = World::new(scenario.seed, start, scenario.fidelity.clone());
        let mut names = Names::new(home, region);
        for (name, statement) in &scenario.statements {
            names.add_statement(name, statement.clone());
        }
        Ok(Self { scenario, world, names, region: None })
    }

    fn build(mut self) -> Result<(World, Names), ScenarioError> {
        // Without `..`, here and below: whoever gives the world something new is asked to set it up.
        let WorldSpec {
            region: _,
            accounts: specs,
            template,
            sessions: _,
            endpoints: _,
            from: _,
            early,
            past,
            before,
            keep_events,
            call_time,
        } = &self.scenario.world;
        let mut accounts = Vec::new();
        for (number, spec) in specs {
            let account: AccountId = number.parse().map_err(|e| self.error(number, format!("{e}")))?;
            let AccountSpec { name, users: _, roles: _, policies: _, keys: _, tables: _ } = spec;
            self.world.add_account(account.clone(), name.as_deref().unwrap_or(number));
            accounts.push((account, spec));
        }
        for (account, spec) in &accounts {
            self.identities(account, spec)?;
        }
        for (index, step) in early.iter().enumerate() {
            self.before(&format!("step {index} of `early`"), step)?;
        }
        if let Some(template) = template {
            self.template(template)?;
        }
        for (account, spec) in &accounts {
            for (name, key) in &spec.keys {
                self.key(account, name, key)?;
            }
        }
        for (account, spec) in &accounts {
            self.policies(account, spec)?;
            for (name, table) in &spec.tables {
                self.table(account, name, table)?;
            }
        }
        for (account, spec) in &accounts {
            for (name, key) in &spec.keys {
                self.finish_key(account, name, key)?;
            }
        }
        let left = self.scenario.clock.duration_since(self.world.now()).max(SignedDuration::ZERO);
        self.world.advance(left).map_err(|e| self.error("the clock", e.to_string()))?;
        self.sessions()?;
        if let Some(each) = call_time {
            self.world.set_call_time(each.signed());
        }
        self.world.clear_events();
        for (number, group) in past.iter().enumerate() {
            for round in 0..group.times {
                for (index, step) in group.steps.iter().enumerate() {
                    self.before(&format!("step {index} of group {number} of `past`, round {round}"), step)?;
                }
            }
        }
        for (index, step) in before.iter().enumerate() {
            self.before(&format!("step {index} of `before`"), step)?;
        }
        self.network()?;
        if !keep_events {
            self.world.clear_events();
        }
        Ok((self.world, self.names))
    }

    /// What a template declares. Whatever goes wrong names the call that makes it.
    fn template(&mut self, spec: &TemplateSpec) -> Result<(), ScenarioError> {
        let account: AccountId =
            spec.account.parse().map_err(|e| self.error("the template", format!("{e}")))?;
        for step in spec.steps() {
            let what = match &step.action {
                Action::Call(call) => format!("the template, {}", call.operation),
                Action::Wait(_) | Action::Predict { .. } => "the template".to_owned(),
            };
            self.before(&what, step)?;
        }
        for (_, identity) in spec.declared.iter().flat_map(|declared| declared.template.plan.identities()) {
            if identity.kind == Kind::User {
                self.names.add_user(&identity.name, &account);
            }
        }
        Ok(())
    }

    fn identities(&mut self, account: &AccountId, spec: &AccountSpec) -> Result<(), ScenarioError> {
        for (name, user) in &spec.users {
            // What it may do is left to `policies`.
            let IdentitySpec { attach: _, inline: _, boundary: _, path, tags } = user;
            let mut input = named("UserName", name, "Path", path.as_ref());
            tag(&mut input, tags);
            self.root(account, &format!("the user {name}"), "iam", "CreateUser", input)?;
            self.names.add_user(name, account);
        }
        for (name, role) in &spec.roles {
            let RoleSpec { trust, attach: _, inline: _, boundary: _, path, tags } = role;
            let mut input = named("RoleName", name, "Path", path.as_ref());
            tag(&mut input, tags);
            input["AssumeRolePolicyDocument"] = json!(self.text(name, trust)?);
            self.root(account, &format!("the role {name}"), "iam", "CreateRole", input)?;
        }
        Ok(())
    }

    /// What users and roles may do. Made after the keys, because it names them.
    fn policies(&mut self, account: &AccountId, spec: &AccountSpec) -> Result<(), ScenarioError> {
        for (name, policy) in &spec.policies {
            let what = format!("the policy {name}");
            let input = json!({"PolicyName": name, "PolicyDocument": self.text(&what, policy)?});
            self.root(account, &what, "iam", "CreatePolicy", input)?;
        }
        let users = spec.users.iter().map(|(n, u)| (Kind::User, n, &u.attach, &u.inline, &u.boundary));
        let roles = spec.roles.iter().map(|(n, r)| (Kind::Role, n, &r.attach, &r.inline, &r.boundary));
        for (kind, owner, attach, inline, boundary) in users.chain(roles) {
            let (word, field) = if kind == Kind::Role { ("Role", "RoleName") } else { ("User", "UserName") };
            for policy in attach {
                let what = format!("the policy {policy} of {owner}");
                let arn = self.policy_arn(account, spec, policy, &what)?;
                let input = json!({field: owner, "PolicyArn": arn});
                self.root(account, &what, "iam", &format!("Attach{word}Policy"), input)?;
            }
            for (name, policy) in inline {
                let what = format!("the policy {name} of {owner}");
                let text = self.text(&what, policy)?;
                let input = json!({field: owner, "PolicyName": name, "PolicyDocument": text});
                self.root(account, &what, "iam", &format!("Put{word}Policy"), input)?;
            }
            if let Some(policy) = boundary {
                let what = format!("the boundary of {owner}");
                let arn = self.policy_arn(account, spec, policy, &what)?;
                let input = json!({field: owner, "PermissionsBoundary": arn});
                self.root(account, &what, "iam", &format!("Put{word}PermissionsBoundary"), input)?;
            }
        }
        Ok(())
    }

    /// The ARN of a managed policy, the account's own or AWS's.
    fn policy_arn(
        &self,
        account: &AccountId,
        spec: &AccountSpec,
        name: &str,
        what: &str,
    ) -> Result<String, ScenarioError> {
        if name.starts_with("arn:") {
            return Ok(name.to_owned());
        }
        if spec.policies.contains_key(name) {
            return Ok(format!("arn:aws:iam::{account}:policy/{name}"));
        }
        iam::managed_policy(name).map(iam::ManagedPolicy::arn).ok_or_else(|| {
            self.error(what, format!("neither AWS nor the account has a managed policy `{name}`"))
        })
    }

    fn key(&mut self, account: &AccountId, name: &str, key: &KeySpec) -> Result<(), ScenarioError> {
        // The policy and the state are left to `finish_key`.
        let KeySpec {
            aliases,
            description,
            policy: _,
            spec,
            usage,
            tags,
            disabled: _,
            rotation,
            grants: _,
            region,
        } = key;
        let what = format!("the key {name}");
        self.region = region.as_deref().map(Region::new);
        let mut input = json!({});
        for (field, value) in [("Description", description), ("KeySpec", spec), ("KeyUsage", usage)] {
            if let Some(value) = value {
                input[field] = json!(value);
            }
        }
        if !tags.is_empty() {
            let tags = tags.iter().map(|(key, value)| json!({"TagKey": key, "TagValue": value}));
            input["Tags"] = tags.collect();
        }
        let response = self.root(account, &what, "kms", "CreateKey", input)?;
        let arn = response.pointer("/KeyMetadata/Arn").and_then(Value::as_str).unwrap_or_default().to_owned();
        for alias in aliases {
            let input = json!({"AliasName": alias, "TargetKeyId": arn});
            self.root(account, &format!("{alias} of {name}"), "kms", "CreateAlias", input)?;
        }
        if *rotation {
            let what = format!("the rotation of {name}");
            self.root(account, &what, "kms", "EnableKeyRotation", json!({"KeyId": arn}))?;
        }
        self.names.add_key(name, arn);
        self.region = None;
        Ok(())
    }

    /// The grants on a key.
    fn grants(&mut self, account: &AccountId, name: &str, key: &KeySpec) -> Result<(), ScenarioError> {
        let arn = self.names.key(&self.world, name).map_err(|e| self.error(name, e.to_string()))?;
        for grant in &key.grants {
            let GrantSpec { to, operations, context, save } = grant;
            let what = format!("the grant on {name} for {to}");
            let grantee =
                if to.contains(':') { Some(to.clone()) } else { self.names.principal_arn(&self.world, to) };
            let grantee = grantee.ok_or_else(|| self.error(&what, format!("nobody is called `{to}`")))?;
            let mut input = json!({"KeyId": arn, "GranteePrincipal": grantee, "Operations": operations});
            if !context.is_empty() {
                input["Constraints"] = json!({"EncryptionContextSubset": context});
            }
            let response = self.root(account, &what, "kms", "CreateGrant", input)?;
            if let Some(save) = save {
                let saved = self.names.save(save, response);
                saved.map_err(|exceeded| self.step_error(&what, &exceeded.into()))?;
            }
        }
        Ok(())
    }

    /// The key's policy comes last: until then the account may do what it likes.
    fn finish_key(&mut self, account: &AccountId, name: &str, key: &KeySpec) -> Result<(), ScenarioError> {
        self.region = key.region.as_deref().map(Region::new);
        self.grants(account, name, key)?;
        let arn = self.names.key(&self.world, name).map_err(|e| self.error(name, e.to_string()))?;
        if key.disabled {
            let what = format!("the key {name}, disabled");
            self.root(account, &what, "kms", "DisableKey", json!({"KeyId": arn}))?;
        }
        if let Some(policy) = &key.policy {
            let what = format!("the policy of the key {name}");
            let input = json!({
                "KeyId": arn,
                "Policy": self.text(&what, policy)?,
                "BypassPolicyLockoutSafetyCheck": true,
            });
            self.root(account, &what, "kms", "PutKeyPolicy", input)?;
        }
        self.region = None;
        Ok(())
    }

    fn table(&mut self, account: &AccountId, name: &str, table: &TableSpec) -> Result<(), ScenarioError> {
        let TableSpec { key, hash, range, types, backups, items } = table;
        let what = format!("the table {name}");
        let first = items.first().and_then(|item| item.keys().next());
        let hash = hash.as_ref().or(first).map_or("Id", String::as_str);
        let parts = [Some((hash, "HASH")), range.as_deref().map(|range| (range, "RANGE"))];
        let of_type = |name: &str| types.get(name).map_or("S", String::as_str);
        let attribute_of =
            |(name, _): (&str, &str)| json!({"AttributeName": name, "AttributeType": of_type(name)});
        let part_of = |(name, kind): (&str, &str)| json!({"AttributeName": name, "KeyType": kind});
        let mut input = json!({
            "TableName": name,
            "AttributeDefinitions": parts.into_iter().flatten().map(attribute_of).collect::<Vec<_>>(),
            "KeySchema": parts.into_iter().flatten().map(part_of).collect::<Vec<_>>(),
            "BillingMode": "PAY_PER_REQUEST",
        });
        if let Some(key) = key {
            let mut sse = json!({"Enabled": true, "SSEType": "KMS"});
            if key != "aws/dynamodb" {
                let arn = self.names.key(&self.world, key).map_err(|e| self.error(&what, e.to_string()))?;
                sse["KMSMasterKeyId"] = json!(arn);
            }
            input["SSESpecification"] = sse;
        }
        self.root(account, &what, "dynamodb", "CreateTable", input)?;
        if self.world.fidelity().table_update_delay && !(items.is_empty() && backups.is_empty()) {
            self.world.advance(TABLE_LEAD).map_err(|e| self.error(&what, e.to_string()))?;
        }
        for (index, item) in items.iter().enumerate() {
            let item: Map<String, Value> = item.iter().map(|(k, v)| (k.clone(), attribute(v))).collect();
            let what = format!("item {index} of the table {name}");
            self.root(account, &what, "dynamodb", "PutItem", json!({"TableName": name, "Item": item}))?;
        }
        for backup in backups {
            let what = format!("the backup {backup} of the table {name}");
            let input = json!({"TableName": name, "BackupName": backup});
            let response = self.root(account, &what, "dynamodb", "CreateBackup", input)?;
            let saved = self.names.save(backup, response);
            saved.map_err(|exceeded| self.step_error(&what, &exceeded.into()))?;
        }
        Ok(())
    }

    fn sessions(&mut self) -> Result<(), ScenarioError> {
        for (name, session) in &self.scenario.world.sessions {
            let SessionSpec { role: role_name, by, account, name: session_name, policy } = session;
            let what = format!("the session {name}");
            let account = account.as_deref().unwrap_or(self.names.home.as_str()).to_owned();
            let account: AccountId = account.parse().map_err(|e| self.error(&what, format!("{e}")))?;
            let role = self.world.iam().identity(&account, Kind::Role, role_name).map(iam::Identity::arn);
            let role = role.ok_or_else(|| self.error(&what, format!("there is no role {role_name}")))?;
            let mut input =
                json!({"RoleArn": role, "RoleSessionName": session_name.as_ref().unwrap_or(name)});
            if let Some(policy) = policy {
                input["Policy"] = json!(self.text(&what, policy)?);
            }
            let caller = self.names.caller(by).map_err(|e| self.error(&what, e.to_string()))?;
            let response = self.call(&caller, &what, "sts", "AssumeRole", input)?;
            let key =
                response.pointer("/Credentials/AccessKeyId").and_then(Value::as_str).unwrap_or_default();
            self.names.add_session(name, Caller::Session(key.into()));
        }
        Ok(())
    }

    /// VPC endpoints, and from where people call. Comes last: what is set up is not limited by it.
    fn network(&mut self) -> Result<(), ScenarioError> {
        for (id, endpoint) in &self.scenario.world.endpoints {
            let EndpointSpec { vpc, service, policy } = endpoint;
            let what = format!("the VPC endpoint {id}");
            let policy = policy.as_ref().map(|policy| self.text(&what, policy)).transpose()?;
            let made = self.world.add_endpoint(id, vpc, service, policy.as_deref());
            made.map_err(|error| self.error(&what, error.to_string()))?;
        }
        let mut placed: BTreeMap<String, &str> = BTreeMap::new();
        for (name, from) in &self.scenario.world.from {
            let FromSpec { vpc, address } = from;
            let what = format!("from where {name} calls");
            let location = match (vpc, *address) {
                (Some(vpc), address) => {
                    Location::Vpc { vpc: vpc.as_str().into(), address: address.unwrap_or(VPC_ADDRESS) }
                }
                (None, Some(address)) => Location::Internet(address),
                (None, None) => return Err(self.error(&what, "neither a VPC nor an address is given")),
            };
            let caller = self.names.caller(name).map_err(|e| self.error(&what, e.to_string()))?;
            let principal = self.world.principal(&caller).map(|principal| principal.name().to_string());
            if let Some(other) = principal.ok().and_then(|principal| placed.insert(principal, name)) {
                let reason = format!(
                    "{other} is the same principal, and a principal calls from one place; give sessions of one role \
                     names of their own"
                );
                return Err(self.error(&what, reason));
            }
            self.world.locate(&caller, location).map_err(|error| self.error(&what, error.to_string()))?;
        }
        Ok(())
    }

    fn before(&mut self, what: &str, step: &Step) -> Result<(), ScenarioError> {
        match &step.action {
            Action::Predict { .. } => Err(self.error(what, "nobody is there to answer")),
            Action::Wait(duration) => self.world.advance(duration.signed()).map_err(|e| match e {
                ClockError::Rotations(exceeded) => self.step_error(what, &exceeded.into()),
                ClockError::Backwards | ClockError::OutOfRange(_) => self.error(what, e.to_string()),
            }),
            Action::Call(call) => {
                let resolved = resolve::call_of(&mut self.names, &self.world, call);
                let (caller, input) = resolved.map_err(|e| self.step_error(what, &e))?;
                let outcome = self.world.call(&caller, input);
                play::met(&call.expect, &outcome).map_err(|reason| self.error(what, reason))?;
                if let (Some(name), Ok(response)) = (&call.save, &outcome.result) {
                    let saved = self.names.save(name, response.to_json());
                    saved.map_err(|exceeded| self.step_error(what, &exceeded.into()))?;
                }
                Ok(())
            }
        }
    }

    fn text(&self, what: &str, policy: &Value) -> Result<String, ScenarioError> {
        policy_text(&self.names, &self.world, policy).map_err(|e| self.step_error(what, &e))
    }

    /// A call by the root user of an account.
    fn root(
        &mut self,
        account: &AccountId,
        what: &str,
        service: &str,
        operation: &str,
        input: Value,
    ) -> Result<Value, ScenarioError> {
        self.call(&Caller::Root(account.clone()), what, service, operation, input)
    }

    fn call(
        &mut self,
        caller: &Caller,
        what: &str,
        service: &str,
        operation: &str,
        input: Value,
    ) -> Result<Value, ScenarioError> {
        let region = self.region.as_ref().unwrap_or(&self.names.region);
        let context = CallContext::in_region(region.clone());
        let result = Call::decode(service, operation, input)
            .and_then(|call| self.world.call(caller, call.with_context(context)).result);
        result.map(|output| output.to_json()).map_err(|error| self.error(what, error.to_string()))
    }

    /// What a step or a policy asks for does not stand here, or is too much.
    fn step_error(&self, what: &str, error: &StepError) -> ScenarioError {
        match error {
            StepError::Limit(exceeded) => ScenarioError::Limit {
                file: self.scenario.id.clone(),
                reason: format!("{what}: {exceeded}"),
                remedy: "make it smaller",
            },
            StepError::Name(_) | StepError::Edit(_) | StepError::Input(_) => {
                self.error(what, error.to_string())
            }
        }
    }

    fn error(&self, what: &str, reason: impl Into<String>) -> ScenarioError {
        ScenarioError::World { file: self.scenario.id.clone(), what: what.to_owned(), reason: reason.into() }
    }
}

/// Adds tags to an input of IAM.
fn tag(input: &mut Value, tags: &BTreeMap<String, String>) {
    if !tags.is_empty() {
        let tags = tags.iter().map(|(key, value)| json!({"Key": key, "Value": value}));
        input["Tags"] = tags.collect();
    }
}

fn named(field: &str, name: &str, optional: &str, value: Option<&String>) -> Value {
    let mut input = json!({field: name});
    if let Some(value) = value {
        input[optional] = json!(value);
    }
    input
}

/// A plain JSON value as DynamoDB writes it.
fn attribute(value: &Value) -> Value {
    match value {
        Value::Null => json!({"NULL": true}),
        Value::Bool(bool) => json!({"BOOL": bool}),
        Value::Number(number) => json!({"N": number.to_string()}),
        Value::String(text) => json!({"S": text}),
        Value::Array(elements) => json!({"L": elements.iter().map(attribute).collect::<Vec<_>>()}),
        Value::Object(fields) => {
            json!({"M": fields.iter().map(|(k, v)| (k.clone(), attribute(v))).collect::<Map<_, _>>()})
        }
    }
}
