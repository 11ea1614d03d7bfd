//! A cloud with one key of every sort, and a working request for every operation.

use super::super::crypto::{KeyPair, KeySpec};
use super::import::wrapped;
use super::kms_requests::{Administrator, Keys};
use super::*;

pub(super) struct Fixture {
    pub lab: Lab,
    pub keys: Keys,
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

/// Kim, who makes keys with `more` about each, and gives them material where KMS makes none.
struct Kim<'a> {
    lab: &'a mut Lab,
    more: &'a Value,
}

impl Administrator for Kim<'_> {
    fn kms(&mut self, operation: &'static str, input: Value) -> Value {
        self.lab.ok(&kim(), operation, input)
    }

    fn create(&mut self, kind: Value) -> String {
        use rand::SeedableRng as _;
        let mut input = self.more.clone();
        input.as_object_mut().expect("an object").extend(kind.as_object().expect("an object").clone());
        let arn = self.lab.key(input);
        if self.more["Origin"] != "EXTERNAL" || kind["Origin"] == "EXTERNAL" {
            return arn;
        }
        let spec = KeySpec::ALL.iter().find(|spec| kind["KeySpec"] == spec.as_str());
        let material = match spec.filter(|spec| spec.is_asymmetric()) {
            Some(spec) => {
                let mut rng = rand::rngs::ChaCha20Rng::seed_from_u64(5);
                let pair = KeyPair::generate(*spec, &mut rng);
                pair.and_then(|pair| pair.to_pkcs8()).expect("DER").to_vec()
            }
            None => vec![5; 32],
        };
        let (token, wrapped) = self.wrapped(&arn, &material);
        let input = json!({"KeyId": arn, "ImportToken": token, "EncryptedKeyMaterial": wrapped,
            "ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE"});
        self.kms("ImportKeyMaterial", input);
        arn
    }

    fn wrapped(&mut self, key: &str, material: &[u8]) -> (String, String) {
        wrapped(self.lab, key, material)
    }
}

impl Fixture {
    pub fn new() -> Self {
        Self::of(&json!({}))
    }

    /// The same, with `more` about every key: that it lives in several Regions, or where its material comes from.
    pub fn of(more: &Value) -> Self {
        let mut lab = Lab::new();
        let keys = Keys::make(&mut Kim { lab: &mut lab, more }, "YQ==", &[7; 32]);
        Self { lab, keys }
    }

    /// The resource that stands behind the place of a permission.
    pub fn resource(&self, row: &Row, place: &str) -> String {
        let field =
            |names: &[&str]| names.iter().find_map(|name| row.input.get(*name)?.as_str()).map(str::to_owned);
        match place {
            "any" => "*".to_owned(),
            "alias" => alias_arn(row.input["AliasName"].as_str().expect("a name")),
            "principal" => text(&row.input["RetiringPrincipal"]),
            "replica" => self.keys.primary.replace("us-east-1", "eu-west-1"),
            "new-key" => self.keys.other.clone(),
            "key" | "grant" if row.operation == "CreateAlias" => field(&["TargetKeyId"]).expect("a key"),
            "key" | "grant" => field(&["KeyId", "SourceKeyId"]).unwrap_or_else(|| self.keys.key.clone()),
            other => panic!("no place {other}"),
        }
    }

    /// A copy of the lab to try something in.
    pub fn copy(&self) -> Lab {
        Lab { world: self.lab.world.clone() }
    }

    /// A request of every operation.
    pub fn rows(&self) -> Vec<Row> {
        self.keys.requests().into_iter().map(|(operation, input)| Row { operation, input }).collect()
    }
}
