//! Seeded numbers, and random inputs: well formed and not, made of the names that the world really has.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::lab::{BOSS, HOME, PARTNER, base64};
use super::model::MODEL;

/// SplitMix64: fast, and the same everywhere.
pub struct Rng(pub u64);

impl Rng {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, end: usize) -> usize {
        let end = u64::try_from(end.max(1)).expect("fits");
        usize::try_from(self.next() % end).expect("fits")
    }

    pub fn percent(&mut self, chance: usize) -> bool {
        self.below(100) < chance
    }

    pub fn one<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }
}

/// Values that no operation means.
pub fn strange() -> Vec<Value> {
    vec![
        json!(null),
        json!(""),
        json!(" "),
        json!("x"),
        json!("*"),
        json!("arn:"),
        json!("arn:aws:kms:us-east-1:111122223333:key/"),
        json!("arn:aws:dynamodb:us-east-1:111122223333:table/"),
        json!("arn:aws:iam::aws:policy/"),
        json!("alias/"),
        json!("alias/aws/dynamodb"),
        json!("../../etc/passwd"),
        json!("\u{0}\u{202e}\u{1f511}"),
        json!("x".repeat(10_000)),
        json!("////"),
        json!("YQ=="),
        json!(-1),
        json!(0),
        json!(i64::MAX),
        json!(u64::MAX),
        json!(1.5),
        json!(1e300),
        json!(true),
        json!([]),
        json!({}),
        json!([[]]),
        json!([{"a": null}]),
        json!({"a": {"b": []}}),
        json!({"S": 1}),
        json!(vec!["x"; 300]),
    ]
}

/// Which pool of the world's names a member takes its value from.
fn pool_of(member: &str) -> Option<&'static str> {
    Some(match member {
        "KeyId" | "TargetKeyId" | "SourceKeyId" | "DestinationKeyId" | "KMSMasterKeyId" => "key",
        "AliasName" => "alias",
        "TableName" | "TargetTableName" | "ExclusiveStartTableName" => "table",
        "ResourceArn" => "table arn",
        "BackupArn" | "ExclusiveStartBackupArn" => "backup",
        "UserName" => "user",
        "RoleName" => "role",
        "GroupName" => "group",
        "PolicyArn" | "PermissionsBoundary" => "policy arn",
        "RoleArn" => "role arn",
        "GranteePrincipal" | "RetiringPrincipal" => "principal",
        "GrantId" => "grant",
        "GrantToken" | "GrantTokens" => "grant token",
        "CiphertextBlob" => "ciphertext",
        "ImportToken" => "import token",
        "EncryptedKeyMaterial" => "import material",
        "Signature" => "signature",
        "Mac" => "mac",
        "PublicKey" => "public key",
        "PolicyId" => "scp",
        "TargetId"
        | "ParentId"
        | "RootId"
        | "SourceParentId"
        | "DestinationParentId"
        | "ChildId"
        | "OrganizationalUnitId" => "place",
        "AccountId" | "Id" => "account",
        "Marker" | "NextToken" | "NextMarker" => "marker",
        "ExpectedRevisionId" => "revision",
        "KeyMaterialId" => "material",
        _ => return None,
    })
}

/// Words that a member may take. RSA keys are slow to make, so only the smallest is asked for; the others are there from
/// the beginning.
fn words_of(member: &str) -> &'static [&'static str] {
    match member {
        "KeySpec" => &[
            "SYMMETRIC_DEFAULT",
            "SYMMETRIC_DEFAULT",
            "SYMMETRIC_DEFAULT",
            "AES_256",
            "AES_128",
            "HMAC_224",
            "HMAC_256",
            "HMAC_384",
            "HMAC_512",
            "ECC_NIST_P256",
            "ECC_NIST_P384",
            "ECC_NIST_P521",
            "ECC_SECG_P256K1",
            "ECC_NIST_EDWARDS25519",
            "RSA_2048",
            "ML_DSA_44",
            "ML_DSA_65",
            "ML_DSA_87",
            "ML_KEM_512",
            "ML_KEM_768",
            "ML_KEM_1024",
            "SM2",
            "NO_SUCH_SPEC",
        ],
        "KeyPairSpec" => &[
            "ECC_NIST_P256",
            "ECC_NIST_P384",
            "ECC_NIST_EDWARDS25519",
            "ECC_SECG_P256K1",
            "ML_KEM_512",
            "HMAC_256",
        ],
        "KeyUsage" => &[
            "ENCRYPT_DECRYPT",
            "SIGN_VERIFY",
            "GENERATE_VERIFY_MAC",
            "KEY_AGREEMENT",
            "ENCAPSULATE_DECAPSULATE",
            "OTHER",
        ],
        "Origin" => &["AWS_KMS", "AWS_KMS", "EXTERNAL", "AWS_CLOUDHSM", "OTHER"],
        "EncryptionAlgorithm" | "SourceEncryptionAlgorithm" | "DestinationEncryptionAlgorithm" => {
            &["SYMMETRIC_DEFAULT", "SYMMETRIC_DEFAULT", "RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256", "OTHER"]
        }
        "SigningAlgorithm" => &[
            "ECDSA_SHA_256",
            "ECDSA_SHA_384",
            "ECDSA_SHA_512",
            "ED25519_SHA_512",
            "ED25519_PH_SHA_512",
            "ML_DSA_SHAKE_256",
            "RSASSA_PSS_SHA_256",
            "RSASSA_PSS_SHA_384",
            "RSASSA_PKCS1_V1_5_SHA_256",
            "RSASSA_PKCS1_V1_5_SHA_512",
            "OTHER",
        ],
        "MessageType" => &["RAW", "DIGEST", "EXTERNAL_MU", "OTHER"],
        "MacAlgorithm" => &["HMAC_SHA_224", "HMAC_SHA_256", "HMAC_SHA_384", "HMAC_SHA_512", "OTHER"],
        "KeyAgreementAlgorithm" => &["ECDH", "OTHER"],
        "EncapsulationAlgorithm" => &["ML_KEM", "OTHER"],
        "WrappingAlgorithm" => &["RSAES_OAEP_SHA_256", "RSA_AES_KEY_WRAP_SHA_256", "OTHER"],
        "WrappingKeySpec" => &["RSA_2048", "OTHER"],
        "ExpirationModel" => &["KEY_MATERIAL_DOES_NOT_EXPIRE", "KEY_MATERIAL_EXPIRES", "OTHER"],
        "ImportType" => &["NEW_KEY_MATERIAL", "EXISTING_KEY_MATERIAL", "OTHER"],
        "Operations" => &[
            "Decrypt",
            "Encrypt",
            "GenerateDataKey",
            "GenerateDataKeyWithoutPlaintext",
            "ReEncryptFrom",
            "ReEncryptTo",
            "CreateGrant",
            "RetireGrant",
            "DescribeKey",
            "Sign",
            "Verify",
            "GetPublicKey",
            "GenerateMac",
            "VerifyMac",
            "DeriveSharedSecret",
            "Encapsulate",
            "Decapsulate",
            "GenerateDataKeyPair",
            "Other",
        ],
        "ReplicaRegion" | "PrimaryRegion" => {
            &["eu-west-1", "us-east-1", "eu-central-1", "ap-south-1", "nowhere"]
        }
        "BillingMode" | "BillingModeOverride" => &["PAY_PER_REQUEST", "PROVISIONED", "OTHER"],
        "SSEType" => &["KMS", "KMS", "AES256", "OTHER"],
        "ReturnValues" => &["NONE", "ALL_OLD", "ALL_NEW", "UPDATED_OLD", "UPDATED_NEW", "OTHER"],
        "ReturnValuesOnConditionCheckFailure" => &["NONE", "ALL_OLD", "OTHER"],
        "ReturnConsumedCapacity" => &["NONE", "TOTAL", "INDEXES", "OTHER"],
        "Select" => &["ALL_ATTRIBUTES", "COUNT", "SPECIFIC_ATTRIBUTES", "OTHER"],
        "BackupType" => &["USER", "ALL", "SYSTEM", "OTHER"],
        "TableClass" => &["STANDARD", "OTHER"],
        "ConditionExpression" | "FilterExpression" => &[
            "attribute_exists(Id)",
            "attribute_not_exists(#t)",
            "Seen = :v",
            "Seen > :v AND NOT begins_with(#t, :s)",
            "size(#t) < :v",
            "contains(#t, :s) OR Id IN (:s, :v)",
            "Seen BETWEEN :v AND :v",
            "Id =",
            "(((",
            "",
        ],
        "KeyConditionExpression" => {
            &["Id = :s", "Id = :s AND Seen > :v", "begins_with(Id, :s)", "Seen = :v", "Id ="]
        }
        "UpdateExpression" => &[
            "SET a = :v",
            "SET a = if_not_exists(a, :v) + :v REMOVE b",
            "SET #t = :s",
            "REMOVE Iban.#t",
            "SET Id = :s",
            "ADD Seen :v",
            "DELETE Seen :v",
            "SET a.b.c = :v",
            "SET a =",
            "",
        ],
        "ProjectionExpression" => &["Id", "#t", "Iban.#t", "Id, Seen", "a[0].b", "a[", ""],
        "PolicyType" | "Type" | "Filter" => {
            &["SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY", "ACCOUNT", "OTHER"]
        }
        "ChildType" => &["ACCOUNT", "ORGANIZATIONAL_UNIT", "OTHER"],
        "FeatureSet" => &["ALL", "CONSOLIDATED_BILLING"],
        "AttributeKey" => &["EventName", "Username", "ResourceName", "ReadOnly", "Colour"],
        "AttributeValue" => &["Decrypt", "kim", "Scan", "true", ""],
        "Path" | "PathPrefix" => &["/", "/staff/", "staff", ""],
        "PolicyName" => &["default", "own", "new", "edge", "p q", ""],
        "RoleSessionName" => &["app", "a", "a b", "night-shift"],
        "BackupName" => &["nightly", "b", "weekly"],
        "Name" | "Description" | "Notes" => &["a", "words", ""],
        "TagKey" | "Key" | "TagKeys" => &["team", "a", "aws:own", ""],
        "TagValue" | "Value" => &["clinic", "b", ""],
        _ => &[],
    }
}

pub struct Random {
    pub rng: Rng,
    pools: BTreeMap<&'static str, Vec<String>>,
    strange: Vec<Value>,
}

/// So many names of one sort are remembered.
const POOL: usize = 40;

impl Random {
    pub fn new(seed: u64) -> Self {
        let principals = [
            format!("arn:aws:iam::{HOME}:root"),
            format!("arn:aws:iam::{HOME}:user/kim"),
            format!("arn:aws:iam::{HOME}:user/tess"),
            format!("arn:aws:iam::{HOME}:user/dana"),
            format!("arn:aws:iam::{HOME}:role/App"),
            format!("arn:aws:sts::{HOME}:assumed-role/App/app"),
            format!("arn:aws:iam::{PARTNER}:root"),
            format!("arn:aws:iam::{PARTNER}:user/pat"),
            format!("arn:aws:iam::{HOME}:user/ghost"),
        ];
        let strings = |all: &[&str]| all.iter().map(|one| (*one).to_owned()).collect::<Vec<_>>();
        let mut pools = BTreeMap::new();
        pools.insert("principal", principals.to_vec());
        pools.insert(
            "alias",
            strings(&["alias/lab", "alias/other", "alias/off", "alias/new", "alias/b", "alias/aws/dynamodb"]),
        );
        pools.insert("key", strings(&["alias/lab", "alias/other", "alias/aws/dynamodb"]));
        pools.insert(
            "table",
            strings(&["CustomerData", "Orders", "Notes", "Fresh", "Restored", "T-6", "T-7"]),
        );
        pools.insert(
            "table arn",
            ["CustomerData", "Orders", "Notes", "Fresh"]
                .map(|name| format!("arn:aws:dynamodb:us-east-1:{HOME}:table/{name}"))
                .to_vec(),
        );
        pools.insert("user", strings(&["kim", "tess", "dana", "leaver", "nina", "omar", "ghost"]));
        pools.insert("role", strings(&["App", "Idle", "Fresh", "Night"]));
        pools.insert(
            "role arn",
            ["App", "Idle", "Fresh"].map(|name| format!("arn:aws:iam::{HOME}:role/{name}")).to_vec(),
        );
        pools.insert("group", strings(&["Readers", "Empty", "Writers"]));
        pools.insert("account", strings(&[HOME, PARTNER, BOSS, "999999999999", "1"]));
        pools.insert(
            "policy arn",
            [
                "arn:aws:iam::aws:policy/AdministratorAccess".to_owned(),
                "arn:aws:iam::aws:policy/AmazonDynamoDBReadOnlyAccess".to_owned(),
                "arn:aws:iam::aws:policy/AWSKeyManagementServicePowerUser".to_owned(),
                format!("arn:aws:iam::{HOME}:policy/edge"),
                format!("arn:aws:iam::{HOME}:policy/none"),
            ]
            .to_vec(),
        );
        Self { rng: Rng(seed), pools, strange: strange() }
    }

    /// Remembers the names that a request or an answer holds.
    pub fn learn(&mut self, value: &Value) {
        match value {
            Value::Object(fields) => {
                for (name, value) in fields {
                    if let Value::String(text) = value {
                        self.learn_text(name, text);
                    } else {
                        self.learn(value);
                    }
                }
            }
            Value::Array(values) => values.iter().for_each(|value| self.learn(value)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }

    fn learn_text(&mut self, name: &str, text: &str) {
        let pool = match name {
            "KeyId" | "KeyArn" | "CiphertextBlob" | "GrantId" | "GrantToken" | "ImportToken"
            | "Signature" | "Mac" | "PublicKey" | "BackupArn" | "Marker" | "NextToken" | "NextMarker"
            | "KeyMaterialId" | "ParentId" => pool_of(name),
            "PrivateKeyCiphertextBlob" => Some("ciphertext"),
            "RevisionId" => Some("revision"),
            // Whoever detaches the policies that AWS manages locks all members out.
            "Id" if text.starts_with("p-") && !text.ends_with("FullAWSAccess") => Some("scp"),
            "Id" if text.starts_with("r-") || text.starts_with("ou-") => Some("place"),
            "Arn" if text.starts_with("arn:aws:kms:") => Some("key"),
            "Arn" if text.contains(":user/") || text.contains(":assumed-role/") => Some("principal"),
            "Arn" if text.contains(":policy/") => Some("policy arn"),
            _ => None,
        };
        let Some(pool) = pool else { return };
        let known = self.pools.entry(pool).or_default();
        if known.iter().any(|one| one == text) {
            return;
        }
        if known.len() < POOL {
            known.push(text.to_owned());
        } else {
            let at = self.rng.below(POOL);
            text.clone_into(&mut self.pools.get_mut(pool).expect("it is there")[at]);
        }
    }

    /// A value that a member may be given, by its name; otherwise by its type.
    pub fn value(&mut self, service: &str, member: &str, kind: &str, depth: usize) -> Value {
        if self.rng.percent(3) {
            let at = self.rng.below(self.strange.len());
            return self.strange[at].clone();
        }
        if let Some(value) = self.known(member) {
            return value;
        }
        let shape = MODEL.shape(service, kind);
        if let Some(element) = shape["list"].as_str() {
            let count = if depth > 4 { 0 } else { self.rng.below(3) };
            return (0..count).map(|_| self.value(service, member, element, depth + 1)).collect();
        }
        if let Some(element) = shape["map"].as_str() {
            let count = if depth > 4 { 0 } else { self.rng.below(3) };
            let names = ["app", "Id", "a", ":v", "#t", ""];
            let fields = (0..count).map(|_| {
                let name = (*self.rng.one(&names)).to_owned();
                (name, self.value(service, "", element, depth + 1))
            });
            return Value::Object(fields.collect());
        }
        if shape.is_object() {
            if depth > 4 {
                return json!({});
            }
            let one_of = shape["union"] == true;
            let mut fields = Map::new();
            for (name, kind, required) in MODEL.structure(service, kind) {
                if self.rng.percent(if required { 95 } else { 25 }) {
                    let value = self.value(service, &name, &kind, depth + 1);
                    fields.insert(name, value);
                    if one_of {
                        break;
                    }
                }
            }
            return Value::Object(fields);
        }
        match kind {
            "boolean" => json!(self.rng.percent(50)),
            "integer" => {
                json!(*self.rng.one(&[
                    -1,
                    0,
                    1,
                    2,
                    7,
                    8,
                    30,
                    31,
                    50,
                    90,
                    365,
                    900,
                    1024,
                    1025,
                    2560,
                    3600,
                    4097,
                    i64::MAX
                ]))
            }
            "float" => json!(*self.rng.one(&[0.0, 1.0, -1.5, 1e9])),
            "timestamp" => {
                json!(*self.rng.one(&[0.0, 1_767_603_600.0, 1_800_000_000.5, 4_102_444_800.0, -1.0]))
            }
            "blob" => {
                let length = *self.rng.one(&[0, 1, 16, 28, 32, 48, 64, 100, 4096, 4097]);
                json!(base64(&vec![7; length]))
            }
            _ => json!(*self.rng.one(&["a", "lab", "words", "", "1", "x y", "-"])),
        }
    }

    fn known(&mut self, member: &str) -> Option<Value> {
        if let Some(pool) = pool_of(member).filter(|_| member != "GrantTokens") {
            let known = self.pools.get(pool)?;
            return Some(json!(*self.rng.one(known)));
        }
        if let Some(value) = self.document(member) {
            return Some(json!(value));
        }
        let words = words_of(member);
        if !words.is_empty() && !["Operations", "TagKeys", "Key"].contains(&member) {
            return Some(json!(*self.rng.one(words)));
        }
        let (a, b) = (self.rng.percent(50), self.rng.percent(50));
        Some(match member {
            "Operations" => (0..=self.rng.below(3)).map(|_| json!(*self.rng.one(words))).collect(),
            "TagKeys" => json!([*self.rng.one(words)]),
            "GrantTokens" => {
                self.pools.get("grant token").map_or(json!([]), |known| json!([*self.rng.one(known)]))
            }
            "Key" | "ExclusiveStartKey" => {
                json!({"Id": {"S": *self.rng.one(&["7", "8", "9", ""])}})
            }
            "Item" => {
                let text = *self.rng.one(&["7", "8", "9", "10"]);
                json!({"Id": {"S": text}, "Text": {"S": "hello"}, "Seen": {"N": "5"}, "all": {"SS": ["a", "b"]}})
            }
            "KeySchema" if a => json!([{"AttributeName": "Id", "KeyType": "HASH"}]),
            "KeySchema" => {
                json!([{"AttributeName": "Id", "KeyType": "HASH"}, {"AttributeName": "Seen", "KeyType": "RANGE"}])
            }
            "AttributeDefinitions" if a => json!([{"AttributeName": "Id", "AttributeType": "S"}]),
            "AttributeDefinitions" => json!([{"AttributeName": "Id", "AttributeType": "S"},
                {"AttributeName": "Seen", "AttributeType": "N"}]),
            "EncryptionContext" | "SourceEncryptionContext" | "DestinationEncryptionContext" if a => {
                json!({})
            }
            "EncryptionContext" | "SourceEncryptionContext" | "DestinationEncryptionContext" => {
                json!({"app": "lab"})
            }
            "ExpressionAttributeNames" => json!({"#t": if a { "Text" } else { "of" }}),
            "ExpressionAttributeValues" if b => json!({":v": {"N": "1"}}),
            "ExpressionAttributeValues" => json!({":v": {"N": "1"}, ":s": {"S": "7"}}),
            _ => return None,
        })
    }

    /// Policy documents: mostly such as people write, so that the walk neither locks nor opens everything at once.
    fn document(&mut self, member: &str) -> Option<String> {
        let mut statements = Vec::new();
        let is_trust = member == "AssumeRolePolicyDocument";
        let names_principals = is_trust || member == "Policy";
        if !["Policy", "PolicyDocument", "AssumeRolePolicyDocument", "Content"].contains(&member) {
            return None;
        }
        if self.rng.percent(5) {
            return Some((*self.rng.one(&["", "{", "[]", "{}", "{\"Statement\": []}", "null"])).to_owned());
        }
        if member == "Policy" && self.rng.percent(85) {
            statements.push(json!({"Effect": "Allow", "Action": "kms:*", "Resource": "*",
                "Principal": {"AWS": format!("arn:aws:iam::{HOME}:root")}}));
        }
        for _ in 0..self.rng.below(3) {
            let action = *self.rng.one(&[
                "kms:*",
                "kms:Decrypt",
                "kms:Describe*",
                "dynamodb:*",
                "dynamodb:Scan",
                "*",
                "sts:AssumeRole",
                "iam:Get*",
                "kms:CreateGrant",
                "Decrypt",
            ]);
            let effect = if self.rng.percent(85) { "Allow" } else { "Deny" };
            let mut statement = json!({"Effect": effect, "Action": action});
            if !is_trust {
                statement["Resource"] = json!("*");
            }
            if names_principals {
                statement["Principal"] = if self.rng.percent(10) {
                    json!("*")
                } else {
                    json!({"AWS": *self.rng.one(&self.pools["principal"])})
                };
            }
            let condition = match self.rng.below(8) {
                0 => Some(json!({"StringEquals": {"kms:ViaService": "dynamodb.us-east-1.amazonaws.com"}})),
                1 => Some(json!({"StringLike": {"kms:EncryptionContext:app": "l*"}})),
                2 => Some(json!({"Bool": {"kms:GrantIsForAWSResource": "true"}})),
                _ => None,
            };
            if let Some(condition) = condition {
                statement["Condition"] = condition;
            }
            statements.push(statement);
        }
        Some(super::lab::policy(&json!(statements)))
    }

    /// A random input, by the model.
    pub fn input(&mut self, service: &str, operation: &str) -> Value {
        let mut fields = Map::new();
        for (name, kind, required) in MODEL.members(service, operation) {
            if self.rng.percent(if required { 96 } else { 20 }) {
                let value = self.value(service, &name, &kind, 0);
                fields.insert(name, value);
            }
        }
        Value::Object(fields)
    }

    /// An input that works, with some of it changed.
    pub fn variation(&mut self, service: &str, operation: &str, input: &Value) -> Value {
        let mut input = input.clone();
        for (name, kind, _) in MODEL.members(service, operation) {
            let is_there = input.get(&name).is_some();
            if is_there && pool_of(&name).is_some() && self.rng.percent(40) || self.rng.percent(5) {
                input[&name] = self.value(service, &name, &kind, 0);
            } else if is_there && self.rng.percent(2) {
                input.as_object_mut().expect("an object").remove(&name);
            }
        }
        input
    }
}
