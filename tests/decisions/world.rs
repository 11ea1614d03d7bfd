//! The rows of `rows.jsonl` in the simulated AWS: the identities, keys, tables, policies, grants and organizations of a row are
//! made by calls, and what the row asks is called.
//!
//! A question about a queue is put to a table: both take policies of their own that suffice within an account, and the rows are
//! about rules that know no service. What no world can hold is counted with its reason; no row falls out unnoticed.

use std::collections::{BTreeMap, BTreeSet};

use kmslab::cloud::network::Location;
use kmslab::cloud::{AccountId, ApiError, Call, CallContext, Caller, Fidelity, Outcome, Region, World};
use kmslab::policy::Verdict;
use serde_json::{Map, Value, json};

use super::{Row, rows};

/// The account of the organization's management.
const MANAGEMENT: &str = "999999999999";

/// The services whose resources a table stands for: their policies suffice within an account, as that of a table does.
const LIKE_A_TABLE: [&str; 6] = ["ec2", "es", "s3", "secretsmanager", "sns", "sqs"];

/// Why a row is not asked.
type Cannot = String;

/// An action, its input, and the condition keys that come with it.
type Question = (String, Value, BTreeMap<String, Vec<String>>);

fn answers(operation: &str, error: &ApiError) -> Cannot {
    format!("{operation} answers {}: {:.90}", error.code, error.message)
}

/// A row being set up.
struct Stage {
    world: World,
    /// The line, with the ARN of the key that was made.
    line: Value,
    region: Region,
    owner: AccountId,
}

fn account(id: &str) -> AccountId {
    id.parse().expect("twelve digits")
}

fn field(text: &str, index: usize) -> &str {
    text.split(':').nth(index).unwrap_or_default()
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn texts(value: &Value) -> Vec<&str> {
    match value {
        Value::String(text) => vec![text],
        Value::Array(items) => items.iter().flat_map(texts).collect(),
        Value::Object(fields) => fields.values().flat_map(texts).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) => Vec::new(),
    }
}

/// The values of a condition key, which are texts in every request.
fn values_of(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Array(items) => items.iter().flat_map(values_of).collect(),
        Value::Bool(_) | Value::Number(_) => vec![value.to_string()],
        Value::Null | Value::Object(_) => Vec::new(),
    }
}

/// A document or a list of documents; nothing for none.
fn documents(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(items) => items.iter().flat_map(documents).collect(),
        Value::Object(_) => vec![value],
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Vec::new(),
    }
}

/// The line with a table in the place of a resource that is not simulated.
fn of_tables(line: &Value, kind: &str) -> Result<Value, Cannot> {
    let request = &line["request"];
    let (action, resource) =
        (request["action"].as_str().unwrap_or_default(), request["resource"].as_str().unwrap_or_default());
    let service = field(action, 0).to_lowercase();
    if !LIKE_A_TABLE.contains(&&*service) {
        return Ok(line.clone());
    }
    if kind == "K7" || (service == "ec2" && line["resourcePolicy"].is_object()) {
        return Err(format!("{service} is what it is about"));
    }
    let owner = [field(resource, 4), request["resourceAccount"].as_str().unwrap_or("111122223333")];
    let owner = owner.into_iter().find(|id| is_account(id)).unwrap_or("111122223333");
    let region = if field(resource, 3).is_empty() { "us-east-1" } else { field(resource, 3) };
    let name = resource.rsplit(':').next().unwrap_or_default();
    // Source: DynamoDB API Reference, CreateTable, TableName: at least three characters, and these.
    let name: String = name.chars().map(|one| if one.is_ascii_alphanumeric() { one } else { '-' }).collect();
    let table = format!("arn:aws:dynamodb:{region}:{owner}:table/of-{name}");
    let text = line.to_string().replace(resource, &table);
    let mut text = text.replace(&format!("\"{service}:"), "\"dynamodb:");
    for (from, to) in
        [(field(action, 1), "GetItem"), ("ReceiveMessage", "Query"), ("DeleteMessage", "DeleteItem")]
    {
        text = text.replace(from, to);
    }
    for end in [":", "\""] {
        text = text.replace(&format!(":{service}{end}"), &format!(":dynamodb{end}"));
    }
    if text.contains("arn:aws:dynamodb:::") || text.contains("table/*") {
        return Err(format!("words of {service} that no table has"));
    }
    Ok(serde_json::from_str(&text).expect("JSON"))
}

impl Stage {
    fn new(row: &Row) -> Result<Self, Cannot> {
        let line = of_tables(&serde_json::from_str(&row.line(0)).expect("a line"), &row.kind)?;
        let resource = line["request"]["resource"].as_str().unwrap_or_default();
        let owner = [field(resource, 4), line["request"]["resourceAccount"].as_str().unwrap_or_default()];
        let owner = owner.into_iter().find(|id| is_account(id)).unwrap_or("111122223333");
        let (owner, region) = (
            account(owner),
            Region::new(match field(resource, 3) {
                "" => "us-east-1",
                region => region,
            }),
        );
        let mut world = World::new(7, "2026-01-05T09:00:00Z".parse().expect("a time"), Fidelity::instant());
        for id in texts(&line).into_iter().flat_map(|text| text.split(':')).filter(|part| is_account(part)) {
            world.add_account(account(id), "one");
        }
        Ok(Self { world, line, region, owner })
    }

    fn call(
        &mut self,
        caller: &Caller,
        operation: &str,
        input: Value,
        keys: BTreeMap<String, Vec<String>>,
    ) -> Result<Outcome, Cannot> {
        let (service, name) = operation.split_once(':').expect("a service");
        let call = Call::decode(service, name, input).map_err(|error| answers(operation, &error))?;
        let mut context = CallContext::in_region(self.region.clone());
        context.keys = keys;
        Ok(self.world.call(caller, call.with_context(context)))
    }

    /// Does a part of the setting up.
    fn make_as(&mut self, caller: &Caller, operation: &str, input: Value) -> Result<Value, Cannot> {
        let made = self.call(caller, operation, input, BTreeMap::new())?.result;
        made.map(|output| output.to_json()).map_err(|error| answers(operation, &error))
    }

    /// Does a part of the setting up as the root user of an account.
    fn make(&mut self, of: &AccountId, operation: &str, input: Value) -> Result<Value, Cannot> {
        self.make_as(&Caller::Root(of.clone()), operation, input)
    }

    /// Makes every user and role that the line names, and answers with the ARN of the caller's role.
    fn hire(&mut self) -> Result<Option<String>, Cannot> {
        let line = self.line.clone();
        let principal = &line["request"]["principal"];
        let name = principal.as_str().or_else(|| principal["arn"].as_str()).unwrap_or_default();
        let mut arns: BTreeSet<&str> = texts(&line)
            .into_iter()
            .filter(|text| {
                (text.starts_with("arn:aws:iam::") && !text.contains('*') && !text.contains("${"))
                    && (text.contains(":user/") || text.contains(":role/"))
                    && Some(*text) != line["request"]["resource"].as_str()
            })
            .collect();
        let role = if let Some((start, role)) = name.split_once(":assumed-role/") {
            let role = role.split('/').next().unwrap_or_default();
            let account = start.rsplit(':').next().unwrap_or_default();
            let given = [&line["request"]["context"]["aws:PrincipalArn"], &principal["role"]];
            let given = given.into_iter().find_map(Value::as_str).map(str::to_owned);
            let named =
                arns.iter().find(|arn| field(arn, 4) == account && arn.rsplit('/').next() == Some(role));
            let named =
                given.or_else(|| named.filter(|arn| arn.contains(":role/")).map(|arn| (*arn).to_owned()));
            // Source: IAM User Guide, using-service-linked-roles: their path.
            let path = if role.starts_with("AWSServiceRoleFor") {
                "aws-service-role/autoscaling.amazonaws.com/"
            } else {
                ""
            };
            Some(named.unwrap_or_else(|| format!("arn:aws:iam::{account}:role/{path}{role}")))
        } else {
            arns.contains(name).then(|| name.to_owned()).filter(|arn| arn.contains(":role/"))
        };
        arns.extend(role.as_deref());
        for arn in arns {
            let (of, rest) = (account(field(arn, 4)), arn.split(':').nth(5).unwrap_or_default());
            let (kind, path_and_name) = rest.split_once('/').unwrap_or_default();
            let (path, name) = path_and_name
                .rsplit_once('/')
                .map_or(("/".to_owned(), path_and_name), |(path, name)| (format!("/{path}/"), name));
            self.world.add_account(of.clone(), "one");
            if kind == "user" {
                self.make(&of, "iam:CreateUser", json!({"UserName": name, "Path": path}))?;
            } else {
                let trust = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",
                    "Principal": {"AWS": format!("arn:aws:iam::{of}:root")}}]});
                let role =
                    json!({"RoleName": name, "Path": path, "AssumeRolePolicyDocument": trust.to_string()});
                self.make(&of, "iam:CreateRole", role)?;
            }
        }
        Ok(role)
    }

    /// Puts the caller's own policies, and answers with the caller.
    fn caller(&mut self, role: Option<&str>) -> Result<Caller, Cannot> {
        let line = self.line.clone();
        let principal = &line["request"]["principal"];
        let Some(arn) = principal.as_str().or_else(|| principal["arn"].as_str()) else {
            return match principal["type"].as_str() {
                Some("Anonymous") => Ok(Caller::Anonymous),
                _ => Err("nobody calls with the token of an identity provider".into()),
            };
        };
        if arn.ends_with(".amazonaws.com") && !arn.contains('/') {
            return Ok(Caller::Service(arn.into()));
        }
        if arn.ends_with("-provider") || arn.contains("-provider/") || !arn.starts_with("arn:aws:") {
            return Err(
                "nobody calls with the token of an identity provider, or from another partition".into()
            );
        }
        let of = account(field(arn, 4));
        let of_caller = role.unwrap_or(arn);
        let name = of_caller.rsplit('/').next().unwrap_or_default();
        let (kind, subject) = match role {
            Some(_) => ("Role", "RoleName"),
            None if arn.contains(":user/") => ("User", "UserName"),
            None if arn.ends_with(":root") => return Ok(Caller::Root(of)),
            None => return Err("nobody calls as a federated user".into()),
        };
        for (n, document) in documents(&line["identityPolicies"]).into_iter().enumerate() {
            let put =
                json!({subject: name, "PolicyName": format!("p{n}"), "PolicyDocument": document.to_string()});
            self.make(&of, &format!("iam:Put{kind}Policy"), put)?;
        }
        for document in documents(&line["permissionBoundary"]) {
            let made = self.make(
                &of,
                "iam:CreatePolicy",
                json!({"PolicyName": "limit", "PolicyDocument": document.to_string()}),
            )?;
            let put = json!({subject: name, "PermissionsBoundary": made["Policy"]["Arn"]});
            self.make(&of, &format!("iam:Put{kind}PermissionsBoundary"), put)?;
        }
        for (key, value) in line["request"]["context"].as_object().into_iter().flatten() {
            if let Some(tag) = key.strip_prefix("aws:PrincipalTag/") {
                let tags = json!([{"Key": tag, "Value": value}]);
                self.make(&of, &format!("iam:Tag{kind}"), json!({subject: name, "Tags": tags}))?;
            }
        }
        let Some(role) = role else { return Ok(Caller::user(&of, name)) };
        let session = arn
            .split_once(":assumed-role/")
            .and_then(|(_, rest)| rest.split_once('/'))
            .map_or("session", |(_, name)| name);
        // Source: STS API Reference, AssumeRole, RoleSessionName: at least two characters.
        let session = if session.len() < 2 { "session" } else { session };
        let mut assume = json!({"RoleArn": role, "RoleSessionName": session});
        match documents(&line["sessionPolicy"])[..] {
            [] => {}
            [one] => assume["Policy"] = json!(one.to_string()),
            _ => return Err("several policies of one session".into()),
        }
        // The root user cannot assume a role.
        self.make(&of, "iam:CreateUser", json!({"UserName": "opener"}))?;
        let all = "arn:aws:iam::aws:policy/AdministratorAccess";
        self.make(&of, "iam:AttachUserPolicy", json!({"UserName": "opener", "PolicyArn": all}))?;
        let made = self.make_as(&Caller::user(&of, "opener"), "sts:AssumeRole", assume)?;
        Ok(Caller::Session(made["Credentials"]["AccessKeyId"].as_str().expect("a key").into()))
    }

    /// Makes the organization of the accounts whose policies the line has.
    fn organize(&mut self) -> Result<(), Cannot> {
        let line = self.line.clone();
        let principal = line["request"]["principal"].as_str().unwrap_or_default().to_owned();
        let caller = field(&principal, 4).to_owned();
        let owner = self.owner.to_string();
        for (name, kind, member) in
            [("scps", "SERVICE_CONTROL_POLICY", caller), ("rcps", "RESOURCE_CONTROL_POLICY", owner)]
        {
            let levels: Vec<Vec<&Value>> =
                line[name].as_array().into_iter().flatten().map(documents).collect();
            if levels.is_empty() {
                continue;
            }
            if levels.len() > 2 || levels.iter().any(Vec::is_empty) || !is_account(&member) {
                return Err("a level without policies, or more than two".into());
            }
            let boss = account(MANAGEMENT);
            self.world.add_account(boss.clone(), "management");
            let _made_for_the_other_kind = self.make(&boss, "organizations:CreateOrganization", json!({}));
            let target = json!({"Target": {"Id": member, "Type": "ACCOUNT"}});
            let _there_already = self.make(&boss, "organizations:InviteAccountToOrganization", target);
            let root = self.make(&boss, "organizations:ListRoots", json!({}))?["Roots"][0]["Id"].clone();
            let enable = json!({"RootId": root, "PolicyType": kind});
            self.make(&boss, "organizations:EnablePolicyType", enable)?;
            let targets = [root, json!(member)];
            for (n, (level, target)) in levels.iter().rev().zip(targets.iter().rev()).enumerate() {
                for (k, document) in level.iter().enumerate() {
                    let create = json!({"Name": format!("{name}{n}{k}"), "Description": "", "Type": kind,
                        "Content": document.to_string()});
                    let made = self.make(&boss, "organizations:CreatePolicy", create)?;
                    let attach =
                        json!({"PolicyId": made["Policy"]["PolicySummary"]["Id"], "TargetId": target});
                    self.make(&boss, "organizations:AttachPolicy", attach)?;
                }
                if name == "scps" {
                    let detach = json!({"PolicyId": "p-FullAWSAccess", "TargetId": target});
                    self.make(&boss, "organizations:DetachPolicy", detach)?;
                }
            }
        }
        Ok(())
    }

    /// Puts the caller behind the endpoint whose policies the line has.
    fn place(&mut self, caller: &Caller, operation: &str) -> Result<(), Cannot> {
        let documents: Vec<String> =
            documents(&self.line["vpcEndpointPolicies"]).into_iter().map(Value::to_string).collect();
        let policy = match &documents[..] {
            [] => return Ok(()),
            [one] => one,
            _ => return Err("several policies of one endpoint".into()),
        };
        let put = self.world.add_endpoint("vpce-0a", "vpc-0a", field(operation, 0), Some(policy));
        put.map_err(|error| format!("the endpoint answers {}: {:.90}", error.code, error.message))?;
        let address = "10.0.0.10".parse().expect("an address");
        let place = self.world.locate(caller, Location::Vpc { vpc: "vpc-0a".into(), address });
        place.map_err(|error| error.message)
    }

    /// Makes what is asked about, with its policy and grants, and answers with the call that asks.
    fn question(&mut self) -> Result<Question, Cannot> {
        let owner = self.owner.clone();
        let action = self.line["request"]["action"].as_str().unwrap_or_default().to_owned();
        let resource = self.line["request"]["resource"].as_str().unwrap_or_default().to_owned();
        let (mut keys, mut context, mut tags) = (BTreeMap::new(), Map::new(), Vec::new());
        for (key, value) in self.line["request"]["context"].clone().as_object().into_iter().flatten() {
            let name = key.to_ascii_lowercase();
            let values = values_of(value);
            if let Some(pair) = key.strip_prefix("kms:EncryptionContext:") {
                context.insert(pair.to_owned(), value.clone());
            } else if name.starts_with("aws:resourcetag/") {
                tags.push((key[16..].to_owned(), values.concat()));
            } else if ["kms:viaservice", "aws:viaawsservice", "kms:calleraccount", "kms:requestalias"]
                .contains(&&*name)
            {
                return Err(format!("{key} follows from the call"));
            } else if ![
                "aws:principalarn",
                "kms:resourcealiases",
                "kms:encryptioncontextkeys",
                "dynamodb:leadingkeys",
            ]
            .contains(&&*name)
                && !name.starts_with("aws:principaltag/")
            {
                keys.insert(key.clone(), values);
            } else if name == "dynamodb:leadingkeys" && values.iter().any(String::is_empty) {
                return Err("the key of an item is not empty".into());
            }
        }
        let policy = self.line["resourcePolicy"].clone();
        match (field(&resource, 2), resource.contains(":key/")) {
            ("kms", true) => {
                let signs = action.eq_ignore_ascii_case("kms:Sign");
                let spec =
                    if signs { json!({"KeySpec": "RSA_2048", "KeyUsage": "SIGN_VERIFY"}) } else { json!({}) };
                let made = self.make(&owner, "kms:CreateKey", spec)?;
                let arn = made["KeyMetadata"]["Arn"].as_str().expect("an ARN").to_owned();
                self.line =
                    serde_json::from_str(&self.line.to_string().replace(&resource, &arn)).expect("JSON");
                let policy: Value =
                    serde_json::from_str(&policy.to_string().replace(&resource, &arn)).expect("JSON");
                for (key, value) in tags {
                    let tag = json!({"KeyId": arn, "Tags": [{"TagKey": key, "TagValue": value}]});
                    self.make(&owner, "kms:TagResource", tag)?;
                }
                for alias in texts(&self.line["request"]["context"]["kms:ResourceAliases"].clone()) {
                    self.make(&owner, "kms:CreateAlias", json!({"AliasName": alias, "TargetKeyId": arn}))?;
                }
                let cipher = json!({"KeyId": arn, "Plaintext": "aGk=", "EncryptionContext": context});
                let cipher = if signs {
                    Value::Null
                } else {
                    self.make(&owner, "kms:Encrypt", cipher)?["CiphertextBlob"].clone()
                };
                let mut grant_id = Value::Null;
                for grant in self.line["grants"].clone().as_array().into_iter().flatten() {
                    let mut grant = grant.clone();
                    grant["KeyId"] = json!(arn);
                    grant_id = self.make(&owner, "kms:CreateGrant", grant)?["GrantId"].clone();
                }
                if grant_id.is_null() && action.to_lowercase().ends_with("egrant") {
                    // There is one to retire or revoke, which is somebody else's.
                    self.make(&owner, "iam:CreateUser", json!({"UserName": "grantee"}))?;
                    let grant = json!({"KeyId": arn, "GranteePrincipal": format!("arn:aws:iam::{owner}:user/grantee"),
                        "Operations": ["Decrypt"]});
                    grant_id = self.make(&owner, "kms:CreateGrant", grant)?["GrantId"].clone();
                }
                let open = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"},
                    "Action": "kms:*", "Resource": "*"}]});
                let other = self.make(&owner, "kms:CreateKey", json!({"Policy": open.to_string()}))?;
                if policy.is_object() {
                    let put = json!({"KeyId": arn, "Policy": policy.to_string(), "BypassPolicyLockoutSafetyCheck": true});
                    self.make(&owner, "kms:PutKeyPolicy", put)?;
                }
                let plain = json!({"KeyId": arn, "EncryptionContext": context});
                let with = |more: Value| {
                    let mut input = plain.clone();
                    input
                        .as_object_mut()
                        .expect("an object")
                        .extend(more.as_object().expect("an object").clone());
                    input
                };
                let grantee = format!("arn:aws:iam::{owner}:root");
                let input = match action.to_ascii_lowercase().trim_start_matches("kms:") {
                    "decrypt" => with(json!({"CiphertextBlob": cipher})),
                    "encrypt" => with(json!({"Plaintext": "aGk="})),
                    "generatedatakey" => with(json!({"KeySpec": "AES_256"})),
                    "describekey" | "getkeypolicy" | "listgrants" => json!({"KeyId": arn}),
                    "retiregrant" | "revokegrant" => json!({"KeyId": arn, "GrantId": grant_id}),
                    "creategrant" => {
                        json!({"KeyId": arn, "GranteePrincipal": grantee, "Operations": ["Decrypt"]})
                    }
                    "reencryptfrom" => json!({"CiphertextBlob": cipher, "SourceEncryptionContext": context,
                        "DestinationKeyId": other["KeyMetadata"]["Arn"]}),
                    "sign" => {
                        json!({"KeyId": arn, "Message": "aGk=", "SigningAlgorithm": "RSASSA_PSS_SHA_256"})
                    }
                    other => return Err(format!("no call is made of kms:{other}")),
                };
                let operation = match action.to_ascii_lowercase().as_str() {
                    "kms:retiregrant" => "kms:RetireGrant".to_owned(),
                    "kms:reencryptfrom" => "kms:ReEncrypt".to_owned(),
                    _ => action,
                };
                Ok((operation, input, keys))
            }
            ("dynamodb", _) if resource.contains(":table/") => {
                let name = resource.rsplit('/').next().unwrap_or_default();
                let table = json!({"TableName": name, "BillingMode": "PAY_PER_REQUEST",
                    "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
                    "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
                    "Tags": tags.iter().map(|(key, value)| json!({"Key": key, "Value": value})).collect::<Vec<_>>()});
                self.make(&owner, "dynamodb:CreateTable", table)?;
                if policy.is_object() {
                    let put = json!({"ResourceArn": resource, "Policy": policy.to_string(),
                        "ConfirmRemoveSelfResourceAccess": true});
                    self.make(&owner, "dynamodb:PutResourcePolicy", put)?;
                }
                let leading = texts(&self.line["request"]["context"]["dynamodb:LeadingKeys"]).concat();
                let key = json!({"id": {"S": if leading.is_empty() { "a" } else { &leading }}});
                let input = match action.as_str() {
                    "dynamodb:Scan" | "dynamodb:DescribeTable" => json!({"TableName": resource}),
                    "dynamodb:PutItem" => json!({"TableName": resource, "Item": key}),
                    "dynamodb:GetItem" => json!({"TableName": resource, "Key": key}),
                    other => return Err(format!("no call is made of {other}")),
                };
                Ok((action, input, keys))
            }
            ("iam", _) if action == "sts:AssumeRole" => {
                let name = resource.rsplit('/').next().unwrap_or_default();
                let role = json!({"RoleName": name, "AssumeRolePolicyDocument": policy.to_string()});
                self.make(&owner, "iam:CreateRole", role)?;
                Ok((action, json!({"RoleArn": resource, "RoleSessionName": "session"}), keys))
            }
            _ => match action.to_ascii_lowercase().as_str() {
                "sts:getcalleridentity" => Ok(("sts:GetCallerIdentity".to_owned(), json!({}), keys)),
                "kms:listkeys" => Ok((action, json!({}), keys)),
                other => Err(format!("no call is made of {other}")),
            },
        }
    }
}

/// What a call answers to the question of a row, in the words of `decide`; `refused` where AWS takes no such policy or grant.
fn verdict(row: &Row) -> Result<&'static str, Cannot> {
    let mut stage = Stage::new(row)?;
    let role = stage.hire()?;
    let made = stage.question().and_then(|question| {
        let caller = stage.caller(role.as_deref())?;
        stage.organize()?;
        stage.place(&caller, &question.0)?;
        Ok((question, caller))
    });
    let ((operation, input, keys), caller) = match made {
        Err(cannot) if row.answer.starts_with("error: ") && cannot.contains(" answers ") => {
            return Ok("refused");
        }
        made => made?,
    };
    if row.answer.starts_with("error: ") {
        return Err("a form of the line that no call has".into());
    }
    let outcome = stage.call(&caller, &operation, input, keys)?;
    match outcome.result {
        Ok(_) => Ok("Allowed"),
        Err(error) if error.code.starts_with("AccessDenied") => {
            let decision = outcome.decisions.last().map(|record| record.decision.verdict);
            match decision.ok_or("it is refused before anything is decided")? {
                Verdict::ExplicitlyDenied => Ok("ExplicitlyDenied"),
                Verdict::ImplicitlyDenied => Ok("ImplicitlyDenied"),
                Verdict::Allowed => Err("it is refused although it is allowed".into()),
            }
        }
        Err(error) => Err(answers(&operation, &error)),
    }
}

/// So many rows are asked in a world; it rises with the rows, and never falls unnoticed.
const ASKED: usize = 121;

#[test]
fn a_call_answers_what_decide_answers() {
    let (mut wrong, mut asked, mut by_kind) = (Vec::new(), 0, BTreeMap::<String, (usize, usize)>::new());
    let mut reasons = Vec::new();
    for row in rows() {
        let kind = by_kind.entry(row.kind.clone()).or_default();
        kind.1 += 1;
        match verdict(&row) {
            Ok(verdict) => {
                asked += 1;
                kind.0 += 1;
                if verdict != row.answer && (verdict != "refused" || !row.answer.starts_with("error: ")) {
                    wrong.push(format!(
                        "{} {}: {} by decide and {}; a call: {verdict}",
                        row.kind, row.what, row.answer, row.source
                    ));
                }
            }
            Err(cannot) => reasons.push(format!("{} {}: {cannot}", row.kind, row.what)),
        }
    }
    for (kind, (asked, all)) in &by_kind {
        println!("{kind}: {asked} of {all} rows");
    }
    println!("{asked} rows are asked in a world; not asked:\n{}", reasons.join("\n"));
    assert!(wrong.is_empty(), "{} of {asked}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(asked >= ASKED, "{asked} rows are asked, where {ASKED} were");
}
