//! The calls there are to watch: what can be asked of the tables, keys and roles of a world, and what was called before.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Value, json};

use super::watched::{call_in, is_same, key_of_ciphertext};
use super::{Lab, Watched};
use crate::cloud::dynamodb::table::KeyAttribute;
use crate::cloud::dynamodb::{Encryption, Table};
use crate::cloud::iam::Kind;
use crate::cloud::kms::crypto::KeyUsage;
use crate::cloud::kms::key_name;
use crate::cloud::kms::{Key, Manager};
use crate::cloud::{AccountId, Call};
use crate::scenario::Persona;

/// How many items of a table, and how many calls made before, are offered.
const MAX_ITEMS: usize = 3;
const MAX_CALLS_MADE: usize = 8;

/// The heading over calls that were made before.
pub const MADE_BEFORE: &str = "Made before";

/// A call that can be watched.
#[derive(Clone, Debug)]
pub struct Watchable {
    /// The heading over calls of the kind, in a word or two: `Tables`.
    pub group: &'static str,
    pub watched: Watched,
    /// What is asked, in a few words.
    pub detail: String,
    /// True for the call that is watched now.
    pub now: bool,
}

impl Lab {
    /// The calls there are to watch: the scenario's own, then what can be asked of the tables, keys and roles that are
    /// there, then what was called before.
    pub fn watchable(&self) -> Vec<Watchable> {
        let world = self.world();
        let mut out: Vec<Watchable> = Vec::new();
        let mut add = |group, call: Call, detail: String| {
            if !out.iter().any(|known| known.watched.is(&call)) {
                let now = self.watched.as_ref().is_some_and(|watched| watched.is(&call));
                out.push(Watchable { group, watched: Watched::of(call, world), detail, now });
            }
        };
        let own = Watched::of_scenario(&self.stage, world);
        let tables: Vec<_> = world.dynamodb().tables().flat_map(|table| self.of_table(table)).collect();
        if let Some(own) = own {
            let known = tables.iter().find(|(call, _)| own.is(call)).map(|(_, detail)| detail.clone());
            add("The scenario's own", own.call(), known.unwrap_or_default());
        }
        for (call, detail) in tables {
            add("Tables", call, detail);
        }
        for key in world.kms().keys() {
            for (call, detail) in self.of_key(key) {
                add("Keys", call, detail);
            }
        }
        for role in world.iam().identities().filter(|identity| identity.kind == Kind::Role) {
            let input = json!({"RoleArn": role.arn(), "RoleSessionName": "lab"});
            let detail = "take the role on; its trust policy decides, too".to_owned();
            if let Ok(call) = Call::decode("sts", "AssumeRole", input) {
                add("Roles", call, detail);
            }
        }
        let made = self.history().done().iter().rev().filter_map(|step| step.call());
        let mut before: Vec<&Call> = Vec::new();
        for made in made {
            if before.len() < MAX_CALLS_MADE && !before.iter().any(|known| is_same(known, &made.call)) {
                before.push(&made.call);
                add(MADE_BEFORE, made.call.clone(), format!("as {} did", made.who));
            }
        }
        // What is watched is in the list, even if nothing above makes it any more.
        if let Some(chosen) = &self.chosen {
            add("Watched now", chosen.clone(), String::new());
        }
        out
    }

    /// Reading a table, and some of its items, as far as anybody here can see them: whoever acts, the calls are the same.
    fn of_table(&self, table: &Table) -> Vec<(Call, String)> {
        let under = match &table.encryption {
            Encryption::Kms(kms) => format!("under {}", key_name(self.world(), &kms.key_arn)),
            Encryption::AwsOwned => "under an AWS owned key".to_owned(),
        };
        let Some(scan) = scan(table, &self.stage.names.home) else { return Vec::new() };
        let mut seen = self.personas.iter().map(|persona| self.items_of(&scan, persona));
        let items = seen.find(|items| !items.is_empty()).unwrap_or_default();
        let keys = items.into_iter().take(MAX_ITEMS).map(|item| {
            let key = |key: &KeyAttribute| Some((key.name.clone(), item.get(&key.name)?.clone()));
            Value::Object(table.key_attributes().filter_map(key).collect())
        });
        let name = name_of(table, &self.stage.names.home);
        let gets = keys.filter_map(|key| {
            let input = json!({"TableName": name, "Key": key});
            Some((call_in(&table.handle.region, "dynamodb", "GetItem", input)?, under.clone()))
        });
        std::iter::once((scan, under.clone())).chain(gets).collect()
    }

    /// The items that an identity gets to see by a scan.
    pub(super) fn items_of(&self, scan: &Call, persona: &Persona) -> Vec<Value> {
        let outcome = self.world().clone().call(&persona.caller, scan.clone());
        let items = outcome.result.ok().map(|output| output.to_json()["Items"].take());
        match items {
            Some(Value::Array(items)) => items,
            _ => Vec::new(),
        }
    }

    /// What a symmetric key is there for.
    fn of_key(&self, key: &Key) -> Vec<(Call, String)> {
        if key.usage != KeyUsage::EncryptDecrypt || !key.spec.is_symmetric() {
            return Vec::new();
        }
        let arn = key.arn();
        let kms = |operation: &str, input: Value| call_in(&key.handle.region, "kms", operation, input);
        let under = self.world().dynamodb().tables().filter(|table| table.key_arn() == Some(arn.as_str()));
        let mut out: Vec<(Call, String)> = under
            .filter_map(|table| {
                let blob = BASE64.encode(&table.disk.view().table_key().blob);
                let input = json!({"CiphertextBlob": blob, "EncryptionContext": table.encryption_context()});
                Some((kms("Decrypt", input)?, "without DynamoDB".to_owned()))
            })
            .collect();
        if out.is_empty()
            && let Some(call) = self.ciphertext(key).and_then(|input| kms("Decrypt", input))
        {
            out.push((call, "something encrypted under it".to_owned()));
        }
        // Everybody may see an AWS managed key, and nobody may use it otherwise than through its service.
        if key.manager == Manager::Customer {
            let encrypt = kms("Encrypt", json!({"KeyId": arn, "Plaintext": BASE64.encode("kmslab")}));
            out.extend(encrypt.map(|call| (call, "a few bytes".to_owned())));
            let data_key = kms("GenerateDataKey", json!({"KeyId": arn, "KeySpec": "AES_256"}));
            out.extend(data_key.map(|call| (call, "a data key, plain and wrapped".to_owned())));
        }
        out
    }

    /// The input of a Decrypt of something under the key: what was made in this lab last, else what somebody here could
    /// make.
    fn ciphertext(&self, key: &Key) -> Option<Value> {
        let world = self.world();
        let is_under =
            |blob: &str| key_of_ciphertext(world, blob).is_some_and(|found| found.arn() == key.arn());
        let input = |blob: &str, context: Option<&Value>| {
            let mut input = json!({"CiphertextBlob": blob});
            if let Some(context) = context.filter(|context| !context.is_null()) {
                input["EncryptionContext"] = context.clone();
            }
            input
        };
        let made = self.history().done().iter().rev().filter_map(|step| step.call()).find_map(|made| {
            let response = made.outcome.result.as_ref().ok()?.to_json();
            let blob = response.get("CiphertextBlob")?.as_str().filter(|blob| is_under(blob))?;
            Some(input(blob, made.call.input.to_json().get("EncryptionContext")))
        });
        made.or_else(|| {
            let plain = json!({"KeyId": key.arn(), "Plaintext": BASE64.encode("kmslab")});
            let encrypt = call_in(&key.handle.region, "kms", "Encrypt", plain)?;
            self.personas.iter().find_map(|persona| {
                let outcome = world.clone().call(&persona.caller, encrypt.clone());
                let response = outcome.result.ok()?.to_json();
                Some(input(response.get("CiphertextBlob")?.as_str()?, None))
            })
        })
    }
}

/// The scan of a table.
pub(super) fn scan(table: &Table, home: &AccountId) -> Option<Call> {
    call_in(&table.handle.region, "dynamodb", "Scan", json!({"TableName": name_of(table, home)}))
}

/// How a call names a table: by its name at home, else by its ARN.
fn name_of(table: &Table, home: &AccountId) -> String {
    if table.handle.account == *home { table.handle.name.to_string() } else { table.handle.arn() }
}
