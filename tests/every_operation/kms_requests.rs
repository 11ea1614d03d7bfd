//! One key of every sort, and a request of every KMS operation that works on them. The tests beside KMS's code read this
//! file, too.

use serde_json::{Value, json};

pub const HOME: &str = "111122223333";
pub const PARTNER: &str = "444455556666";

/// Somebody who may do everything in `HOME`, which has a user tess.
pub trait Administrator {
    /// The answer of a KMS operation, which must succeed.
    fn kms(&mut self, operation: &'static str, input: Value) -> Value;

    /// The ARN of a new key.
    fn create(&mut self, kind: Value) -> String;

    /// An import token for a key, and `material` wrapped for it.
    fn wrapped(&mut self, key: &str, material: &[u8]) -> (String, String);
}

/// Keys of all sorts, and what was made with them.
#[derive(Clone, Debug)]
pub struct Keys {
    /// A symmetric key with the alias `alias/lab`, the tag `team` and a grant.
    pub key: String,
    pub other: String,
    pub signing: String,
    pub agreeing: String,
    pub mac: String,
    /// A key without material yet.
    pub external: String,
    /// The primary of a multi-Region key with a replica in eu-west-1.
    pub primary: String,
    /// The key to enable: the first one, unless whoever made the keys has another.
    pub disabled: String,
    /// The key whose deletion is to be taken back: the first one, unless whoever made the keys has another.
    pub dying: String,
    pub ciphertext: String,
    pub signature: String,
    pub code: String,
    pub public_key: String,
    pub encapsulating: String,
    /// A shared secret, encapsulated for that key.
    pub encapsulated: String,
    /// A grant that the root user of `PARTNER` may retire.
    pub grant: String,
    /// An import token for `external`, and material wrapped for it.
    pub import: (String, String),
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("not a string: {value}")).to_owned()
}

fn user_arn(name: &str) -> String {
    format!("arn:aws:iam::{HOME}:user/{name}")
}

impl Keys {
    /// Makes the keys; `plaintext` (base64) is what is encrypted, `material` what is to be imported.
    pub fn make(by: &mut impl Administrator, plaintext: &str, material: &[u8]) -> Self {
        let key = by.create(json!({"Tags": [{"TagKey": "team", "TagValue": "clinic"}]}));
        let other = by.create(json!({}));
        let signing = by.create(json!({"KeySpec": "ECC_NIST_P256", "KeyUsage": "SIGN_VERIFY"}));
        let agreeing = by.create(json!({"KeySpec": "ECC_NIST_P256", "KeyUsage": "KEY_AGREEMENT"}));
        let mac = by.create(json!({"KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC"}));
        let primary = by.create(json!({"MultiRegion": true}));
        let external = by.create(json!({"Origin": "EXTERNAL"}));
        by.kms("ReplicateKey", json!({"KeyId": primary, "ReplicaRegion": "eu-west-1"}));
        by.kms("CreateAlias", json!({"AliasName": "alias/lab", "TargetKeyId": key}));
        let sealed = by.kms("Encrypt", json!({"KeyId": key, "Plaintext": plaintext}));
        let sign = json!({"KeyId": signing, "Message": "YQ==", "SigningAlgorithm": "ECDSA_SHA_256"});
        let signature = text(&by.kms("Sign", sign)["Signature"]);
        let code = json!({"KeyId": mac, "Message": "YQ==", "MacAlgorithm": "HMAC_SHA_256"});
        let code = text(&by.kms("GenerateMac", code)["Mac"]);
        let public_key = text(&by.kms("GetPublicKey", json!({"KeyId": agreeing}))["PublicKey"]);
        let grant = json!({"KeyId": key, "GranteePrincipal": user_arn("kim"), "Operations": ["Decrypt"],
            "RetiringPrincipal": format!("arn:aws:iam::{PARTNER}:root")});
        let grant = text(&by.kms("CreateGrant", grant)["GrantId"]);
        let import = by.wrapped(&external, material);
        let kind = json!({"KeySpec": "ML_KEM_768", "KeyUsage": "ENCAPSULATE_DECAPSULATE"});
        let encapsulating = by.create(kind);
        let made = by.kms("Encapsulate", json!({"KeyId": encapsulating, "EncapsulationAlgorithm": "ML_KEM"}));
        Self {
            other,
            signing,
            agreeing,
            mac,
            external,
            primary,
            disabled: key.clone(),
            dying: key.clone(),
            ciphertext: text(&sealed["CiphertextBlob"]),
            signature,
            code,
            public_key,
            encapsulating,
            encapsulated: text(&made["SharedSecretCiphertextBlob"]),
            grant,
            import,
            key,
        }
    }

    /// A request of every operation, in the order of their names.
    pub fn requests(&self) -> Vec<(&'static str, Value)> {
        let Self { key, other, signing, agreeing, encapsulating, mac, external, primary, .. } = self;
        let on = |key: &str, mut input: Value| {
            input["KeyId"] = json!(key);
            input
        };
        let tess = user_arn("tess");
        let tags = json!([{"TagKey": "a", "TagValue": "b"}]);
        let grant = json!({"GranteePrincipal": tess, "Operations": ["Decrypt"], "Name": "g", "RetiringPrincipal": tess,
            "Constraints": {"EncryptionContextSubset": {"app": "lab"}}});
        let create = json!({"Description": "d", "KeySpec": "SYMMETRIC_DEFAULT", "KeyUsage": "ENCRYPT_DECRYPT",
            "Origin": "AWS_KMS", "Tags": tags});
        let derive = json!({"KeyAgreementAlgorithm": "ECDH", "PublicKey": self.public_key});
        let encapsulate = json!({"EncapsulationAlgorithm": "ML_KEM"});
        let mut decapsulate = encapsulate.clone();
        decapsulate["SharedSecretCiphertextBlob"] = json!(self.encapsulated);
        let wrapping = json!({"WrappingAlgorithm": "RSAES_OAEP_SHA_256", "WrappingKeySpec": "RSA_2048"});
        let import = json!({"ImportToken": self.import.0, "EncryptedKeyMaterial": self.import.1,
            "ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE"});
        // Whoever saves it keeps the right to do so again.
        let allow = |name: String, action: &str| json!({"Effect": "Allow", "Principal": {"AWS": name}, "Action": action, "Resource": "*"});
        let policy = json!({"Version": "2012-10-17", "Statement": [
            allow(format!("arn:aws:iam::{HOME}:root"), "kms:*"), allow(tess.clone(), "kms:PutKeyPolicy")]});
        let reencrypt =
            json!({"CiphertextBlob": self.ciphertext, "SourceKeyId": key, "DestinationKeyId": other});
        let sign = json!({"Message": "YQ==", "MessageType": "RAW", "SigningAlgorithm": "ECDSA_SHA_256"});
        let mut verify = sign.clone();
        verify["Signature"] = json!(self.signature);
        let mac_of = json!({"Message": "YQ==", "MacAlgorithm": "HMAC_SHA_256"});
        let mut verify_mac = mac_of.clone();
        verify_mac["Mac"] = json!(self.code);
        vec![
            ("CancelKeyDeletion", on(&self.dying, json!({}))),
            ("CreateAlias", json!({"AliasName": "alias/new", "TargetKeyId": key})),
            ("CreateGrant", on(key, grant)),
            ("CreateKey", create),
            ("Decapsulate", on(encapsulating, decapsulate)),
            ("Decrypt", on(key, json!({"CiphertextBlob": self.ciphertext}))),
            ("DeleteAlias", json!({"AliasName": "alias/lab"})),
            ("DeleteImportedKeyMaterial", on(external, json!({}))),
            ("DeriveSharedSecret", on(agreeing, derive)),
            ("DescribeKey", on(key, json!({}))),
            ("DisableKey", on(key, json!({}))),
            ("DisableKeyRotation", on(key, json!({}))),
            ("EnableKey", on(&self.disabled, json!({}))),
            ("EnableKeyRotation", on(key, json!({"RotationPeriodInDays": 90}))),
            ("Encapsulate", on(encapsulating, encapsulate)),
            ("Encrypt", on(key, json!({"Plaintext": "YQ==", "EncryptionContext": {"app": "lab"}}))),
            ("GenerateDataKey", on(key, json!({"KeySpec": "AES_256"}))),
            ("GenerateDataKeyPair", on(key, json!({"KeyPairSpec": "ECC_NIST_P256"}))),
            ("GenerateDataKeyPairWithoutPlaintext", on(key, json!({"KeyPairSpec": "ECC_NIST_P256"}))),
            ("GenerateDataKeyWithoutPlaintext", on(key, json!({"NumberOfBytes": 32}))),
            ("GenerateMac", on(mac, mac_of)),
            ("GenerateRandom", json!({"NumberOfBytes": 8})),
            ("GetKeyLastUsage", on(key, json!({}))),
            ("GetKeyPolicy", on(key, json!({"PolicyName": "default"}))),
            ("GetKeyRotationStatus", on(key, json!({}))),
            ("GetParametersForImport", on(external, wrapping)),
            ("GetPublicKey", on(signing, json!({}))),
            ("ImportKeyMaterial", on(external, import)),
            ("ListAliases", json!({"Limit": 10})),
            ("ListGrants", on(key, json!({"Limit": 10}))),
            ("ListKeyPolicies", on(key, json!({"Limit": 10}))),
            ("ListKeyRotations", on(key, json!({"Limit": 10}))),
            ("ListKeys", json!({"Limit": 10})),
            ("ListResourceTags", on(key, json!({"Limit": 10}))),
            ("ListRetirableGrants", json!({"RetiringPrincipal": tess, "Limit": 10})),
            ("PutKeyPolicy", on(key, json!({"PolicyName": "default", "Policy": policy.to_string()}))),
            ("ReEncrypt", reencrypt),
            ("ReplicateKey", on(primary, json!({"ReplicaRegion": "ap-south-1", "Tags": tags}))),
            ("RetireGrant", on(key, json!({"GrantId": self.grant}))),
            ("RevokeGrant", on(key, json!({"GrantId": self.grant}))),
            ("RotateKeyOnDemand", on(key, json!({}))),
            ("ScheduleKeyDeletion", on(key, json!({"PendingWindowInDays": 7}))),
            ("Sign", on(signing, sign)),
            ("TagResource", on(key, json!({"Tags": tags}))),
            ("UntagResource", on(key, json!({"TagKeys": ["team"]}))),
            ("UpdateAlias", json!({"AliasName": "alias/lab", "TargetKeyId": other})),
            ("UpdateKeyDescription", on(key, json!({"Description": "new"}))),
            ("UpdatePrimaryRegion", on(primary, json!({"PrimaryRegion": "eu-west-1"}))),
            ("Verify", on(signing, verify)),
            ("VerifyMac", on(mac, verify_mac)),
        ]
    }
}
