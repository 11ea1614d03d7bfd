//! A cloud with one key of every sort, and a working request for every operation.

use super::*;

pub(super) struct Fixture {
    pub lab: Lab,
    /// A symmetric key with the alias `alias/lab` and a grant.
    pub key: String,
    /// Another symmetric key.
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

/// One operation: its request, the permissions it needs, and whether other accounts can be allowed it.
pub(super) struct Row {
    pub operation: &'static str,
    pub input: Value,
    pub needs: Vec<(String, String)>,
    pub cross_account: bool,
}

pub(super) fn alias_arn(name: &str) -> String {
    format!("arn:aws:kms:us-east-1:{ACCOUNT}:{name}")
}

impl Fixture {
    pub fn new() -> Self {
        let mut lab = Lab::new();
        let kim = kim();
        let key = lab.key(json!({}));
        let other = lab.key(json!({}));
        let signing = lab.key(json!({"KeySpec": "ECC_NIST_P256", "KeyUsage": "SIGN_VERIFY"}));
        let agreeing = lab.key(json!({"KeySpec": "ECC_NIST_P256", "KeyUsage": "KEY_AGREEMENT"}));
        let mac = lab.key(json!({"KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC"}));
        let external = lab.key(json!({"Origin": "EXTERNAL"}));
        let primary = lab.key(json!({"MultiRegion": true}));
        lab.ok(&kim, "ReplicateKey", json!({"KeyId": primary, "ReplicaRegion": "eu-west-1"}));
        lab.ok(&kim, "CreateAlias", json!({"AliasName": "alias/lab", "TargetKeyId": key}));
        let ciphertext =
            text(&lab.ok(&kim, "Encrypt", json!({"KeyId": key, "Plaintext": "YQ=="}))["CiphertextBlob"]);
        let sign = json!({"KeyId": signing, "Message": "YQ==", "SigningAlgorithm": "ECDSA_SHA_256"});
        let signature = text(&lab.ok(&kim, "Sign", sign)["Signature"]);
        let code = json!({"KeyId": mac, "Message": "YQ==", "MacAlgorithm": "HMAC_SHA_256"});
        let code = text(&lab.ok(&kim, "GenerateMac", code)["Mac"]);
        let public_key = text(&lab.ok(&kim, "GetPublicKey", json!({"KeyId": agreeing}))["PublicKey"]);
        let grant = json!({"KeyId": key, "GranteePrincipal": user_arn("kim"), "Operations": ["Decrypt"]});
        let grant = text(&lab.ok(&kim, "CreateGrant", grant)["GrantId"]);
        let import = super::import::wrapped(&mut lab, &external, &[7; 32]);
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

    /// Every operation. Sources: KMS API Reference, "Required permissions" and "Cross-account use" of each.
    pub fn rows(&self) -> Vec<Row> {
        let Self { key, other, signing, agreeing, mac, external, primary, .. } = self;
        let replica = primary.replace("us-east-1", "eu-west-1");
        let row = |operation, key: &str, mut input: Value, cross_account| {
            input["KeyId"] = json!(key);
            Row { operation, input, needs: vec![(format!("kms:{operation}"), key.to_owned())], cross_account }
        };
        let with = |operation, input, needs: &[(&str, &str)]| Row {
            operation,
            input,
            needs: needs.iter().map(|(a, r)| ((*a).to_owned(), (*r).to_owned())).collect(),
            cross_account: false,
        };
        let own = |operation, input| with(operation, input, &[(&format!("kms:{operation}"), "*")]);
        let crypto = |operation, key: &str, input| row(operation, key, input, true);
        let manage = |operation, input| row(operation, key, input, false);
        let (lab_alias, new_alias) = (alias_arn("alias/lab"), alias_arn("alias/new"));
        let retire = json!({"KeyId": key, "GrantId": self.grant});
        let signing_input = json!({"Message": "YQ==", "SigningAlgorithm": "ECDSA_SHA_256"});
        let mac_input = json!({"Message": "YQ==", "MacAlgorithm": "HMAC_SHA_256"});
        let mut verify = signing_input.clone();
        verify["Signature"] = json!(self.signature);
        let mut verify_mac = mac_input.clone();
        verify_mac["Mac"] = json!(self.code);
        let wrapping = json!({"WrappingAlgorithm": "RSAES_OAEP_SHA_256", "WrappingKeySpec": "RSA_2048"});
        let import = json!({"ImportToken": self.import.0, "EncryptedKeyMaterial": self.import.1,
            "ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE"});
        let derive = json!({"KeyAgreementAlgorithm": "ECDH", "PublicKey": self.public_key});
        vec![
            manage("CancelKeyDeletion", json!({})),
            with(
                "CreateAlias",
                json!({"AliasName": "alias/new", "TargetKeyId": key}),
                &[("kms:CreateAlias", &new_alias), ("kms:CreateAlias", key)],
            ),
            crypto(
                "CreateGrant",
                key,
                json!({"GranteePrincipal": user_arn("kim"), "Operations": ["Decrypt"]}),
            ),
            with(
                "CreateKey",
                json!({"Tags": [{"TagKey": "a", "TagValue": "b"}]}),
                &[("kms:CreateKey", "*"), ("kms:TagResource", "*")],
            ),
            crypto("Decrypt", key, json!({"CiphertextBlob": self.ciphertext})),
            with(
                "DeleteAlias",
                json!({"AliasName": "alias/lab"}),
                &[("kms:DeleteAlias", &lab_alias), ("kms:DeleteAlias", key)],
            ),
            row("DeleteImportedKeyMaterial", external, json!({}), false),
            crypto("DeriveSharedSecret", agreeing, derive),
            crypto("DescribeKey", key, json!({})),
            manage("DisableKey", json!({})),
            manage("DisableKeyRotation", json!({})),
            manage("EnableKey", json!({})),
            manage("EnableKeyRotation", json!({})),
            crypto("Encrypt", key, json!({"Plaintext": "YQ=="})),
            crypto("GenerateDataKey", key, json!({"KeySpec": "AES_256"})),
            crypto("GenerateDataKeyPair", key, json!({"KeyPairSpec": "ECC_NIST_P256"})),
            crypto("GenerateDataKeyPairWithoutPlaintext", key, json!({"KeyPairSpec": "ECC_NIST_P256"})),
            crypto("GenerateDataKeyWithoutPlaintext", key, json!({"KeySpec": "AES_256"})),
            crypto("GenerateMac", mac, mac_input),
            own("GenerateRandom", json!({"NumberOfBytes": 8})),
            manage("GetKeyLastUsage", json!({})),
            manage("GetKeyPolicy", json!({})),
            crypto("GetKeyRotationStatus", key, json!({})),
            row("GetParametersForImport", external, wrapping, false),
            crypto("GetPublicKey", signing, json!({})),
            row("ImportKeyMaterial", external, import, false),
            own("ListAliases", json!({})),
            crypto("ListGrants", key, json!({})),
            manage("ListKeyPolicies", json!({})),
            manage("ListKeyRotations", json!({})),
            own("ListKeys", json!({})),
            manage("ListResourceTags", json!({})),
            with(
                "ListRetirableGrants",
                json!({"RetiringPrincipal": user_arn("tess")}),
                &[("kms:ListRetirableGrants", &user_arn("tess"))],
            ),
            manage(
                "PutKeyPolicy",
                json!({"Policy": super::super::default_policy(&account(ACCOUNT)), "PolicyName": "default"}),
            ),
            Row {
                cross_account: true,
                ..with(
                    "ReEncrypt",
                    json!({"CiphertextBlob": self.ciphertext, "SourceKeyId": key, "DestinationKeyId": other}),
                    &[("kms:ReEncryptFrom", key), ("kms:ReEncryptTo", other)],
                )
            },
            with(
                "ReplicateKey",
                json!({"KeyId": primary, "ReplicaRegion": "ap-south-1"}),
                &[("kms:ReplicateKey", primary), ("kms:CreateKey", "*")],
            ),
            with("RetireGrant", retire.clone(), &[("kms:RetireGrant", key)]),
            crypto("RevokeGrant", key, json!({"GrantId": self.grant})),
            manage("RotateKeyOnDemand", json!({})),
            manage("ScheduleKeyDeletion", json!({"PendingWindowInDays": 7})),
            crypto("Sign", signing, signing_input),
            manage("TagResource", json!({"Tags": [{"TagKey": "a", "TagValue": "b"}]})),
            manage("UntagResource", json!({"TagKeys": ["a"]})),
            with(
                "UpdateAlias",
                json!({"AliasName": "alias/lab", "TargetKeyId": other}),
                &[("kms:UpdateAlias", &lab_alias), ("kms:UpdateAlias", key), ("kms:UpdateAlias", other)],
            ),
            manage("UpdateKeyDescription", json!({"Description": "new"})),
            with(
                "UpdatePrimaryRegion",
                json!({"KeyId": primary, "PrimaryRegion": "eu-west-1"}),
                &[("kms:UpdatePrimaryRegion", primary), ("kms:UpdatePrimaryRegion", &replica)],
            ),
            crypto("Verify", signing, verify),
            crypto("VerifyMac", mac, verify_mac),
        ]
    }
}
