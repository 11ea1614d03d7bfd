//! A cloud with one key of every sort, and a working request for every operation.

use super::super::crypto::{KeyPair, KeySpec};
use super::import::wrapped;
use super::*;

pub(super) struct Fixture {
    pub lab: Lab,
    /// A symmetric key with the alias `alias/lab` and a grant.
    pub key: String,
    pub other: String,
    pub signing: String,
    pub agreeing: String,
    pub mac: String,
    /// A key without material yet.
    pub external: String,
    /// The primary of a multi-Region key with a replica in eu-west-1.
    pub primary: String,
    pub ciphertext: String,
    pub signature: String,
    pub code: String,
    pub public_key: String,
    pub grant: String,
    pub import: (String, String),
}

/// One operation and a request for it that works.
pub(super) struct Row {
    pub operation: &'static str,
    pub input: Value,
}

impl Row {
    /// The field that names the key, for operations that take its name in every way that AWS documents.
    pub fn key_field(&self) -> &'static str {
        if self.operation == "ReEncrypt" { "DestinationKeyId" } else { "KeyId" }
    }
}

pub(super) fn alias_arn(name: &str) -> String {
    format!("arn:aws:kms:us-east-1:{ACCOUNT}:{name}")
}

/// A new key of kim's with `more` about it, and with material where KMS makes none; its ARN.
fn key(lab: &mut Lab, kind: &Value, more: &Value) -> String {
    use rand::SeedableRng as _;
    let mut input = kind.clone();
    input.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
    let arn = lab.key(input);
    if more["Origin"] == "EXTERNAL" {
        let material = if kind["KeySpec"] == "ECC_NIST_P256" {
            let mut rng = rand::rngs::ChaCha20Rng::seed_from_u64(5);
            KeyPair::generate(KeySpec::EccNistP256, &mut rng)
                .and_then(|pair| pair.to_pkcs8())
                .expect("DER")
                .to_vec()
        } else {
            vec![5; 32]
        };
        import(lab, &arn, &material);
    }
    arn
}

fn import(lab: &mut Lab, key: &str, material: &[u8]) {
    let (token, wrapped) = wrapped(lab, key, material);
    let input = json!({"KeyId": key, "ImportToken": token, "EncryptedKeyMaterial": wrapped,
        "ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE"});
    lab.ok(&kim(), "ImportKeyMaterial", input);
}

impl Fixture {
    pub fn new() -> Self {
        Self::of(&json!({}))
    }

    /// The same, with `more` about every key: that it lives in several Regions, or where its material comes from.
    pub fn of(more: &Value) -> Self {
        let mut lab = Lab::new();
        let kim = kim();
        let symmetric = json!({});
        let first = key(&mut lab, &symmetric, more);
        let other = key(&mut lab, &symmetric, more);
        let signing = key(&mut lab, &json!({"KeySpec": "ECC_NIST_P256", "KeyUsage": "SIGN_VERIFY"}), more);
        let agreeing = key(&mut lab, &json!({"KeySpec": "ECC_NIST_P256", "KeyUsage": "KEY_AGREEMENT"}), more);
        let mac = key(&mut lab, &json!({"KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC"}), more);
        let primary = key(&mut lab, &json!({"MultiRegion": true}), more);
        let mut waiting = more.clone();
        waiting["Origin"] = json!("EXTERNAL");
        let external = lab.key(waiting);
        let key = first;
        lab.ok(&kim, "ReplicateKey", json!({"KeyId": primary, "ReplicaRegion": "eu-west-1"}));
        lab.ok(&kim, "CreateAlias", json!({"AliasName": "alias/lab", "TargetKeyId": key}));
        let ciphertext =
            text(&lab.ok(&kim, "Encrypt", json!({"KeyId": key, "Plaintext": "YQ=="}))["CiphertextBlob"]);
        let sign = json!({"KeyId": signing, "Message": "YQ==", "SigningAlgorithm": "ECDSA_SHA_256"});
        let signature = text(&lab.ok(&kim, "Sign", sign)["Signature"]);
        let code = json!({"KeyId": mac, "Message": "YQ==", "MacAlgorithm": "HMAC_SHA_256"});
        let code = text(&lab.ok(&kim, "GenerateMac", code)["Mac"]);
        let public_key = text(&lab.ok(&kim, "GetPublicKey", json!({"KeyId": agreeing}))["PublicKey"]);
        let grant = json!({"KeyId": key, "GranteePrincipal": user_arn("kim"), "Operations": ["Decrypt"],
            "RetiringPrincipal": format!("arn:aws:iam::{OTHER}:root")});
        let grant = text(&lab.ok(&kim, "CreateGrant", grant)["GrantId"]);
        let import = wrapped(&mut lab, &external, &[7; 32]);
        Self {
            lab,
            key,
            other,
            signing,
            agreeing,
            mac,
            external,
            primary,
            ciphertext,
            signature,
            code,
            public_key,
            grant,
            import,
        }
    }

    /// The resource that stands behind the place of a permission.
    pub fn resource(&self, row: &Row, place: &str) -> String {
        let field =
            |names: &[&str]| names.iter().find_map(|name| row.input.get(*name)?.as_str()).map(str::to_owned);
        match place {
            "any" => "*".to_owned(),
            "alias" => alias_arn(row.input["AliasName"].as_str().expect("a name")),
            "principal" => text(&row.input["RetiringPrincipal"]),
            "replica" => self.primary.replace("us-east-1", "eu-west-1"),
            "new-key" => self.other.clone(),
            "key" | "grant" if row.operation == "CreateAlias" => field(&["TargetKeyId"]).expect("a key"),
            "key" | "grant" => field(&["KeyId", "SourceKeyId"]).unwrap_or_else(|| self.key.clone()),
            other => panic!("no place {other}"),
        }
    }

    /// A copy of the lab to try something in.
    pub fn copy(&self) -> Lab {
        Lab { world: self.lab.world.clone() }
    }

    /// A request of every operation.
    pub fn rows(&self) -> Vec<Row> {
        let Self { key, other, signing, agreeing, mac, external, primary, .. } = self;
        let row = |operation, input| Row { operation, input };
        let on = |operation, key: &str, mut input: Value| {
            input["KeyId"] = json!(key);
            Row { operation, input }
        };
        let signing_input = json!({"Message": "YQ==", "SigningAlgorithm": "ECDSA_SHA_256"});
        let mac_input = json!({"Message": "YQ==", "MacAlgorithm": "HMAC_SHA_256"});
        let mut verify = signing_input.clone();
        verify["Signature"] = json!(self.signature);
        let mut verify_mac = mac_input.clone();
        verify_mac["Mac"] = json!(self.code);
        let tags = json!([{"TagKey": "a", "TagValue": "b"}]);
        let wrapping = json!({"WrappingAlgorithm": "RSAES_OAEP_SHA_256", "WrappingKeySpec": "RSA_2048"});
        let import = json!({"ImportToken": self.import.0, "EncryptedKeyMaterial": self.import.1,
            "ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE"});
        let derive = json!({"KeyAgreementAlgorithm": "ECDH", "PublicKey": self.public_key});
        // Whoever saves it keeps the right to do so again.
        let new_policy = policy(&[
            allowing(&root_arn(), &json!("kms:*")),
            allowing(&user_arn("tess"), &json!("kms:PutKeyPolicy")),
        ]);
        vec![
            on("CancelKeyDeletion", key, json!({})),
            row("CreateAlias", json!({"AliasName": "alias/new", "TargetKeyId": key})),
            on("CreateGrant", key, json!({"GranteePrincipal": user_arn("kim"), "Operations": ["Decrypt"]})),
            row("CreateKey", json!({"Tags": tags})),
            on("Decrypt", key, json!({"CiphertextBlob": self.ciphertext})),
            row("DeleteAlias", json!({"AliasName": "alias/lab"})),
            on("DeleteImportedKeyMaterial", external, json!({})),
            on("DeriveSharedSecret", agreeing, derive),
            on("DescribeKey", key, json!({})),
            on("DisableKey", key, json!({})),
            on("DisableKeyRotation", key, json!({})),
            on("EnableKey", key, json!({})),
            on("EnableKeyRotation", key, json!({})),
            on("Encrypt", key, json!({"Plaintext": "YQ=="})),
            on("GenerateDataKey", key, json!({"KeySpec": "AES_256"})),
            on("GenerateDataKeyPair", key, json!({"KeyPairSpec": "ECC_NIST_P256"})),
            on("GenerateDataKeyPairWithoutPlaintext", key, json!({"KeyPairSpec": "ECC_NIST_P256"})),
            on("GenerateDataKeyWithoutPlaintext", key, json!({"KeySpec": "AES_256"})),
            on("GenerateMac", mac, mac_input),
            row("GenerateRandom", json!({"NumberOfBytes": 8})),
            on("GetKeyLastUsage", key, json!({})),
            on("GetKeyPolicy", key, json!({})),
            on("GetKeyRotationStatus", key, json!({})),
            on("GetParametersForImport", external, wrapping),
            on("GetPublicKey", signing, json!({})),
            on("ImportKeyMaterial", external, import),
            row("ListAliases", json!({})),
            on("ListGrants", key, json!({})),
            on("ListKeyPolicies", key, json!({})),
            on("ListKeyRotations", key, json!({})),
            row("ListKeys", json!({})),
            on("ListResourceTags", key, json!({})),
            row("ListRetirableGrants", json!({"RetiringPrincipal": user_arn("tess")})),
            on("PutKeyPolicy", key, json!({"Policy": new_policy.to_string(), "PolicyName": "default"})),
            row(
                "ReEncrypt",
                json!({"CiphertextBlob": self.ciphertext, "SourceKeyId": key, "DestinationKeyId": other}),
            ),
            on("ReplicateKey", primary, json!({"ReplicaRegion": "ap-south-1", "Tags": tags})),
            on("RetireGrant", key, json!({"GrantId": self.grant})),
            on("RevokeGrant", key, json!({"GrantId": self.grant})),
            on("RotateKeyOnDemand", key, json!({})),
            on("ScheduleKeyDeletion", key, json!({"PendingWindowInDays": 7})),
            on("Sign", signing, signing_input),
            on("TagResource", key, json!({"Tags": tags})),
            on("UntagResource", key, json!({"TagKeys": ["a"]})),
            row("UpdateAlias", json!({"AliasName": "alias/lab", "TargetKeyId": other})),
            on("UpdateKeyDescription", key, json!({"Description": "new"})),
            on("UpdatePrimaryRegion", primary, json!({"PrimaryRegion": "eu-west-1"})),
            on("Verify", signing, verify),
            on("VerifyMac", mac, verify_mac),
        ]
    }
}
