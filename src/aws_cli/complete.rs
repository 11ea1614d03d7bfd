//! What a half-typed command could become: commands, services, operations, parameters, and the names of this world.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::aws_line::kebab;
use super::help::is_simulated;
use super::model::{Operation, SERVICES, Service, Type};
use super::{Console, global};
use crate::cloud::iam::{self, Kind};
use crate::cloud::kms::GrantOperation;
use crate::cloud::kms::crypto::{KeySpec, KeyUsage};
use crate::cloud::kms::key_label;
use crate::cloud::{World, dynamodb};

/// What the word before the cursor could become.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Completion {
    /// Where the word starts, in bytes from the start of the line.
    pub start: usize,
    /// What could stand in its place, best first.
    pub candidates: Vec<Candidate>,
}

/// One way to go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    pub text: String,
    /// A few words about it; may be empty.
    pub about: String,
}

/// The most candidates worth listing.
const MAX_CANDIDATES: usize = 200;

/// The commands with what they are for.
const COMMANDS: [(&str, &str); 13] = [
    ("aws", "call a service, as the AWS CLI does"),
    ("as", "act as somebody else from now on"),
    ("why", "the decisions of the last call"),
    ("clock", "the simulated time, or let some pass"),
    ("seal", "encrypt with a data key, here and not in KMS"),
    ("unseal", "decrypt what seal encrypted"),
    ("template", "the template that this world was made from"),
    ("drift", "what has drifted from it"),
    ("help", "what there is to type"),
    ("echo", "print words"),
    ("export", "set a variable"),
    ("unset", "forget a variable"),
    ("exit", "leave the console"),
];

/// Parameters that take one of a few words.
const CHOICES: [(&str, &[&str]); 6] = [
    ("output", &["json", "text", "table"]),
    ("region", &["us-east-1", "us-west-2", "eu-central-1", "eu-west-1"]),
    ("cli-binary-format", &["base64", "raw-in-base64-out"]),
    ("billing-mode", &["PAY_PER_REQUEST", "PROVISIONED"]),
    ("key-type", &["HASH", "RANGE"]),
    ("message-type", &["RAW", "DIGEST"]),
];

/// Operations whose key may be named by an alias. Source: KMS API Reference, `KeyId` of each.
const TAKE_ALIASES: [&str; 14] = [
    "decrypt",
    "derive-shared-secret",
    "describe-key",
    "encrypt",
    "generate-data-key",
    "generate-data-key-pair",
    "generate-data-key-pair-without-plaintext",
    "generate-data-key-without-plaintext",
    "generate-mac",
    "get-public-key",
    "re-encrypt",
    "sign",
    "verify",
    "verify-mac",
];

impl Console {
    /// What could stand in the place of the word that ends at byte `cursor` of `line`.
    pub fn complete(&self, world: &World, line: &str, cursor: usize) -> Completion {
        let before = line.get(..cursor).unwrap_or(line);
        let (words, start) = words_before(before);
        let typed = before.get(start..).unwrap_or_default();
        let mut found = match typed.strip_prefix('$').filter(|rest| !rest.starts_with('(')) {
            Some(_) => self.variables.names().map(|name| bare(format!("${name}"))).collect(),
            None => self.candidates(world, &words, typed),
        };
        let wanted = typed.to_lowercase();
        found.retain(|c| c.text.to_lowercase().starts_with(&wanted) && c.text != typed);
        found.truncate(MAX_CANDIDATES);
        Completion { start, candidates: found }
    }

    fn candidates(&self, world: &World, words: &[String], typed: &str) -> Vec<Candidate> {
        let Some((first, rest)) = words.split_first() else {
            return COMMANDS.iter().map(|(name, about)| candidate(*name, *about)).collect();
        };
        match first.as_str() {
            "aws" => self.of_aws(world, rest, typed),
            "as" if rest.is_empty() => self.profiles(world),
            "clock" | "sleep" if rest.is_empty() => ["+5m", "+1h", "+8d", "+31d", "+365d"].map(bare).into(),
            _ => Vec::new(),
        }
    }

    fn of_aws(&self, world: &World, words: &[String], typed: &str) -> Vec<Candidate> {
        let mut places = Vec::new();
        let mut given = Vec::new();
        let mut waiting: Option<&str> = None;
        for word in words {
            if let Some(option) = word.strip_prefix("--") {
                let name = option.split_once('=').map_or(option, |(name, _)| name);
                given.push(name);
                waiting = (!option.contains('=') && !global::takes_nothing(name)).then_some(name);
            } else if waiting.is_some_and(global::is_global) {
                waiting = None;
            } else if waiting.is_none() {
                places.push(word.as_str());
            }
        }
        let service = places.first().and_then(|name| SERVICES.get(*name));
        let operation =
            service.zip(places.get(1)).and_then(|(s, name)| s.operation(name).map(|(_, o)| (s, o)));
        let is_switch = |name: &str| operation.is_some_and(|(s, o)| takes_nothing(s, o, name));
        if let Some(name) = waiting.filter(|name| !typed.starts_with("--") && !is_switch(name)) {
            let wanted = places.get(1).copied().unwrap_or_default();
            return self.values(world, wanted, name, typed);
        }
        match (places.as_slice(), operation) {
            _ if typed.starts_with('-') => options(operation, &given),
            ([], _) => SERVICES.keys().map(|name| bare(name.as_str())).chain([bare("help")]).collect(),
            ([_], _) if service.is_none() => Vec::new(),
            ([service_name], _) => {
                let known = service.into_iter().flat_map(|service| service.operations.keys());
                let known = known.filter(|name| is_simulated(service_name, name));
                known.map(|name| bare(kebab(name))).chain([bare("help")]).collect()
            }
            _ => options(operation, &given),
        }
    }

    fn profiles(&self, world: &World) -> Vec<Candidate> {
        let home = &self.names.home;
        let users = world.iam().identities().filter(|i| i.kind == Kind::User && i.account == *home);
        let users = users.map(|i| i.name.clone());
        let all =
            std::iter::once("root".to_owned()).chain(users).chain(self.names.sessions().map(str::to_owned));
        all.map(bare).collect()
    }

    /// What a parameter could be, by its name.
    fn values(&self, world: &World, operation: &str, parameter: &str, typed: &str) -> Vec<Candidate> {
        if let Some((_, words)) = CHOICES.iter().find(|(name, _)| *name == parameter) {
            return words.iter().map(|word| bare(*word)).collect();
        }
        let identities = |kind: Kind| world.iam().identities().filter(move |i| i.kind == kind);
        let names = |kind: Kind| identities(kind).map(|i| bare(i.name.clone())).collect::<Vec<_>>();
        let arns = || {
            let roots =
                world.iam().accounts().map(|(account, _)| bare(format!("arn:aws:iam::{account}:root")));
            let others = world.iam().identities().map(|i| bare(i.arn()));
            others.chain(roots).collect::<Vec<_>>()
        };
        let tables = || world.dynamodb().tables();
        match parameter {
            "profile" => self.profiles(world),
            "key-id" | "target-key-id" | "source-key-id" | "destination-key-id" => {
                self.keys(world, typed, TAKE_ALIASES.contains(&operation))
            }
            "alias-name" => self.aliases(world),
            "sse-specification" | "sse-specification-override" => {
                let head = "Enabled=true,SSEType=KMS,KMSMasterKeyId=";
                let keys = self.aliases(world).into_iter();
                keys.map(|c| candidate(format!("{head}{}", c.text), c.about)).chain([bare(head)]).collect()
            }
            "table-name" | "target-table-name" => tables().map(|t| bare(t.handle.name.to_string())).collect(),
            "resource-arn" => tables().map(|t| bare(t.handle.arn())).collect(),
            "backup-arn" => world.dynamodb().backups().map(|b| bare(b.arn.clone())).collect(),
            "user-name" => names(Kind::User),
            "access-key-id" => world.iam().access_keys().map(|key| bare(key.id.clone())).collect(),
            "role-name" => names(Kind::Role),
            "group-name" => names(Kind::Group),
            "role-arn" => identities(Kind::Role).map(|i| bare(i.arn())).collect(),
            "grantee-principal" | "retiring-principal" | "policy-source-arn" | "caller-arn" => arns(),
            "policy-arn" | "permissions-boundary" => {
                iam::managed_policies().iter().map(|policy| candidate(policy.arn(), policy.name)).collect()
            }
            "grant-id" => self.grants(world),
            "operations" => GrantOperation::ALL.iter().map(|o| bare(o.as_str())).collect(),
            "key-spec" => KeySpec::ALL.iter().map(|s| bare(s.as_str())).collect(),
            "key-usage" => KeyUsage::ALL.iter().map(|u| bare(u.as_str())).collect(),
            "policy-name" => std::iter::once(candidate("default", "a key's only policy"))
                .chain(world.iam().identities().flat_map(|i| i.inline.keys().map(|name| bare(name.clone()))))
                .collect(),
            "encryption-context" => tables()
                .filter_map(|t| {
                    let pairs = t.encryption_context();
                    let pairs: Vec<String> =
                        pairs.iter().map(|(key, value)| format!("{key}={value}")).collect();
                    (!pairs.is_empty()).then(|| candidate(pairs.join(","), "of this table"))
                })
                .collect(),
            "ciphertext-blob" => {
                let wrapped =
                    tables().filter(|t| matches!(t.encryption, dynamodb::Encryption::Kms(_))).map(|t| {
                        let about = format!("the wrapped key of {}", t.handle.name);
                        candidate(STANDARD.encode(&t.disk.view().table_key().blob), about)
                    });
                // Most ciphertexts are what a call has printed: they are put in by name, or by the call.
                let kept = self.variables.names().map(|name| candidate(format!("${name}"), "a variable"));
                let printed = candidate("$(aws", "what another command prints; a ) ends it");
                wrapped.chain(kept).chain([printed]).collect()
            }
            _ => Vec::new(),
        }
    }

    fn aliases(&self, world: &World) -> Vec<Candidate> {
        let all = world.kms().aliases_in(&self.names.home, &self.names.region);
        all.map(|(handle, alias)| candidate(handle.name.to_string(), short(&alias.target))).collect()
    }

    /// Aliases where they are taken, then ids; ARNs when one is being typed, and for keys of other accounts.
    fn keys(&self, world: &World, typed: &str, aliases: bool) -> Vec<Candidate> {
        let mut found = if aliases { self.aliases(world) } else { Vec::new() };
        for key in world.kms().keys() {
            let label = key_label(world, &key.arn());
            let here = key.handle.account == self.names.home && key.handle.region == self.names.region;
            if here && !typed.starts_with("arn") {
                found.push(candidate(key.handle.id.to_string(), label));
            } else {
                found.push(candidate(key.arn(), label));
            }
        }
        found
    }

    fn grants(&self, world: &World) -> Vec<Candidate> {
        let mut found = Vec::new();
        for key in world.kms().keys() {
            for grant in world.kms().grants().of_key(&key.handle) {
                let operations: Vec<&str> = grant.operations.iter().map(|o| o.as_str()).collect();
                let about = format!("{}: {}", self.names.short(&grant.grantee), operations.join(" "));
                found.push(candidate(grant.id.to_string(), about));
            }
        }
        found
    }
}

/// The options of an operation that are not given yet, required ones first, then those every command takes.
fn options(operation: Option<(&Service, &Operation)>, given: &[&str]) -> Vec<Candidate> {
    let mut found = Vec::new();
    if let Some((service, operation)) = operation {
        let required = service.required(operation.input.as_deref());
        let members = service.members(operation.input.as_deref());
        let is_required = |member: &str| required.iter().any(|name| name == member);
        for wanted in [true, false] {
            let of_kind = members.iter().filter(|(member, _)| is_required(member) == wanted);
            let about = if wanted { "required" } else { "" };
            found.extend(of_kind.map(|(member, _)| candidate(format!("--{}", kebab(member)), about)));
        }
    }
    found.extend(global::GLOBALS.map(|name| candidate(format!("--{name}"), "any command")));
    found.retain(|c| !given.contains(&c.text.trim_start_matches('-')));
    found
}

fn takes_nothing(service: &Service, operation: &Operation, option: &str) -> bool {
    let members = service.members(operation.input.as_deref());
    let name = option.strip_prefix("no-").unwrap_or(option);
    members.iter().any(|(member, kind)| matches!(kind, Type::Boolean) && kebab(member) == name)
}

/// The words of the command being typed that stand before the last one, and where that one starts.
fn words_before(text: &str) -> (Vec<String>, usize) {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut start = text.len();
    let mut in_word = false;
    let mut quote = None;
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let next = chars.peek().map(|(_, c)| *c);
        match (quote, c) {
            (Some(q), c) if q == c => quote = None,
            (None | Some('"'), '$') if next == Some('(') => {
                chars.next();
                (words, word, in_word, quote) = (Vec::new(), String::new(), false, None);
            }
            (None, '\'' | '"') => {
                if !in_word {
                    (in_word, start) = (true, at + 1);
                }
                quote = Some(c);
            }
            (None, '\\') => drop(chars.next()),
            (None, ';' | '&' | '\n' | ')') => (words, word, in_word) = (Vec::new(), String::new(), false),
            (None, c) if c.is_whitespace() => {
                if in_word {
                    words.push(std::mem::take(&mut word));
                }
                in_word = false;
            }
            (_, c) => {
                if !in_word {
                    (in_word, start) = (true, at);
                }
                word.push(c);
            }
        }
    }
    // NAME=value before a command belongs to no command.
    let is_assignment = |w: &String| {
        w.split_once('=').is_some_and(|(name, _)| {
            !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        })
    };
    let skipped = words.iter().take_while(|w| is_assignment(w)).count();
    (words.split_off(skipped), if in_word { start } else { text.len() })
}

fn candidate(text: impl Into<String>, about: impl Into<String>) -> Candidate {
    Candidate { text: text.into(), about: about.into() }
}

fn bare(text: impl Into<String>) -> Candidate {
    candidate(text, "")
}

/// The start of a key's id.
fn short(id: &str) -> String {
    id.chars().take(8).collect()
}
