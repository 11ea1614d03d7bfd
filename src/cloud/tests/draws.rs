//! No number is drawn twice for different things, whatever is undone, branched or previewed.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::cloud::nonces;

/// Something that is done in a history.
#[derive(Clone, Debug)]
enum Move {
    /// A call, by its number among [`call_of`]'s.
    Call(usize, u8),
    /// A call on a copy, which is thrown away.
    Preview(usize, u8),
    /// Going back to a world that was there before.
    Undo(usize),
    Wait(u16),
}

fn moves() -> impl Strategy<Value = Vec<Move>> {
    let one = prop_oneof![
        6 => (0..KINDS, 0_u8..3).prop_map(|(kind, which)| Move::Call(kind, which)),
        3 => (0..KINDS, 0_u8..3).prop_map(|(kind, which)| Move::Preview(kind, which)),
        3 => (0_usize..8).prop_map(Move::Undo),
        1 => (1_u16..3).prop_map(Move::Wait),
    ];
    proptest::collection::vec(one, 1..40)
}

const KINDS: usize = 11;

fn call_of(kind: usize, which: u8, key: &str) -> (&'static str, &'static str, Value) {
    let text = Blob::new(vec![which; 5]).to_base64();
    let item = json!({"Id": {"S": "7"}, "Note": {"S": format!("note {which}")}});
    match kind {
        0 => ("kms", "Encrypt", json!({"KeyId": key, "Plaintext": text})),
        1 => ("kms", "GenerateRandom", json!({"NumberOfBytes": 32 + u32::from(which) * 16})),
        2 => (
            "kms",
            "GenerateDataKey",
            json!({"KeyId": key, "KeySpec": "AES_256", "EncryptionContext": {"n": which.to_string()}}),
        ),
        3 => ("kms", "GenerateDataKeyWithoutPlaintext", json!({"KeyId": key, "KeySpec": "AES_256"})),
        4 => ("dynamodb", "PutItem", json!({"TableName": "Notes", "Item": item})),
        5 => ("dynamodb", "DeleteItem", json!({"TableName": "Notes", "Key": {"Id": {"S": "7"}}})),
        6 => ("kms", "CreateKey", json!({"Description": which.to_string()})),
        7 => ("kms", "RotateKeyOnDemand", json!({"KeyId": key})),
        8 => ("kms", "PutKeyPolicy", json!({"KeyId": key, "Policy": "{}"})),
        9 => ("dynamodb", "Scan", json!({"TableName": "Notes"})),
        _ => (
            "dynamodb",
            "UpdateItem",
            json!({"TableName": "Notes", "Key": {"Id": {"S": "8"}}, "UpdateExpression": "SET n = if_not_exists(n, :0) + :1",
                "ExpressionAttributeValues": {":0": {"N": "0"}, ":1": {"N": which.to_string()}}}),
        ),
    }
}

/// What was answered as random, and what keys there were, each with the call that it is from.
#[derive(Default)]
struct Answers {
    random: BTreeMap<Vec<u8>, String>,
    keys: BTreeMap<Vec<u8>, String>,
}

impl Answers {
    fn make(&mut self, world: &mut World, kind: usize, which: u8, key: &str) {
        let (service, operation, input) = call_of(kind, which, key);
        let at = format!("{operation} {input} {}", world.now());
        let Ok(answer) =
            call(world, &root(), service, operation, input).result.map(|answer| answer.to_json())
        else {
            return;
        };
        let Some(text) = answer["Plaintext"].as_str() else { return };
        let bytes = Blob::from_base64(text).expect("base64").as_bytes()[..32].to_vec();
        let answers = if operation == "GenerateRandom" { &mut self.random } else { &mut self.keys };
        let before = answers.insert(bytes, at.clone());
        assert!(before.is_none_or(|before| before == at), "{at} was answered what another call was");
    }

    fn look(&mut self, world: &World) {
        for secret in world.secrets() {
            self.keys.entry(secret.bytes).or_insert(secret.what);
        }
    }
}

proptest! {
    #[test]
    fn no_nonce_meets_two_plaintexts_and_no_random_answer_is_a_key(moves in moves()) {
        nonces::watch();
        let mut world = world();
        let made = ok(&mut world, &root(), "kms", "CreateKey", json!({}));
        let key = made["KeyMetadata"]["Arn"].as_str().expect("an ARN").to_owned();
        let table = json!({"TableName": "Notes", "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": [{"AttributeName": "Id", "AttributeType": "S"}],
            "KeySchema": [{"AttributeName": "Id", "KeyType": "HASH"}],
            "SSESpecification": {"Enabled": true, "SSEType": "KMS", "KMSMasterKeyId": key}});
        ok(&mut world, &root(), "dynamodb", "CreateTable", table);
        let mut answers = Answers::default();
        let mut past = vec![world];
        for step in moves {
            let mut world = past.last().expect("one at least").clone();
            match step {
                Move::Call(kind, which) => {
                    answers.make(&mut world, kind, which, &key);
                    past.push(world);
                }
                Move::Preview(kind, which) => answers.make(&mut world, kind, which, &key),
                Move::Undo(back) => {
                    let before = past[past.len().saturating_sub(back + 1)].clone();
                    past.push(before);
                }
                Move::Wait(days) => {
                    world.advance(jiff::SignedDuration::from_hours(24 * i64::from(days))).expect("forward");
                    past.push(world);
                }
            }
        }
        for world in &past {
            answers.look(world);
        }
        for (bytes, at) in &answers.random {
            prop_assert!(!answers.keys.contains_key(bytes), "{} foretells {}", at, answers.keys[bytes]);
        }
        prop_assert!(nonces::seen() > 0);
    }
}

#[test]
fn undoing_reuses_no_nonce_and_foretells_no_key() {
    // What `GenerateRandom` answered was once the next data key, and two ciphertexts after an undo shared their nonce.
    let mut start = world();
    let key = ok(&mut start, &root(), "kms", "CreateKey", json!({}))["KeyMetadata"]["Arn"].clone();
    let encrypted = |text: u8| {
        let input = json!({"KeyId": key, "Plaintext": Blob::new(vec![text; 32]).to_base64()});
        ok(&mut start.clone(), &root(), "kms", "Encrypt", input)["CiphertextBlob"].clone()
    };
    let bytes =
        |text: &Value| Blob::from_base64(text.as_str().expect("text")).expect("base64").as_bytes().to_vec();
    let (one, two) = (bytes(&encrypted(1)), bytes(&encrypted(2)));
    // What each ciphertext's key is derived with, and its nonce: see `kms::crypto::blob`.
    let drawn = |blob: &[u8]| [&blob[38..54], &blob[blob.len() - (11 + 32 + 16) - 5 - 12..][..12]].concat();
    assert_eq!((one.len(), two.len()), (184, 184));
    for (at, (first, second)) in drawn(&one).chunks(4).zip(drawn(&two).chunks(4)).enumerate() {
        assert_ne!(first, second, "bytes {at} x 4 of salt and nonce");
    }
    assert_eq!(encrypted(1), encrypted(1), "the same call in the same state has the same answer");
    let random = ok(&mut start.clone(), &root(), "kms", "GenerateRandom", json!({"NumberOfBytes": 32}));
    let data_key = ok(
        &mut start.clone(),
        &root(),
        "kms",
        "GenerateDataKey",
        json!({"KeyId": key, "KeySpec": "AES_256"}),
    );
    assert_ne!(random["Plaintext"], data_key["Plaintext"]);
}

#[test]
fn what_was_taken_back_inside_a_call_is_not_drawn_again() {
    let mut world = world();
    let before = world.clone();
    let drawn: [u8; 16] = world.random();
    world.restore(before);
    assert_ne!(world.random::<16>(), drawn);
}

#[test]
fn calls_take_the_time_they_are_said_to() {
    let mut world = world();
    let start = world.now();
    call(&mut world, &root(), "kms", "ListKeys", json!({}));
    assert_eq!(world.now(), start, "none unless it is said");
    world.set_call_time(jiff::SignedDuration::from_secs(1));
    let tess = Caller::user(&account(), "tess");
    let first = call(&mut world, &root(), "kms", "ListKeys", json!({}));
    let refused = call(&mut world, &tess, "kms", "ListKeys", json!({}));
    assert!(refused.result.is_err());
    assert_eq!(world.now(), start + jiff::SignedDuration::from_secs(2), "a refusal takes its time, too");
    assert_eq!(first.events[0].time, start);
}

#[test]
fn ids_and_secrets_have_the_lengths_of_awss() {
    let mut world = world();
    let trust = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole"}]});
    let role = json!({"RoleName": "Auditor", "AssumeRolePolicyDocument": trust.to_string()});
    let role = ok(&mut world, &root(), "iam", "CreateRole", role)["Role"].clone();
    let user = ok(&mut world, &root(), "iam", "CreateUser", json!({"UserName": "kim"}))["User"].clone();
    let grant = json!({"UserName": "kim", "PolicyArn": "arn:aws:iam::aws:policy/AdministratorAccess"});
    ok(&mut world, &root(), "iam", "AttachUserPolicy", grant);
    let kim = Caller::user(&account(), "kim");
    let session = json!({"RoleArn": role["Arn"], "RoleSessionName": "night"});
    let session = ok(&mut world, &kim, "sts", "AssumeRole", session);
    let key = ok(&mut world, &root(), "kms", "CreateKey", json!({}))["KeyMetadata"]["KeyId"].clone();
    let grant = json!({"KeyId": key, "GranteePrincipal": role["Arn"], "Operations": ["Decrypt"]});
    let grant = ok(&mut world, &root(), "kms", "CreateGrant", grant);
    let credentials = &session["Credentials"];
    // Sources: IAM User Guide, "IAM identifiers" (AROAEXAMPLE.., 21 characters) and "Manage access keys"; botocore's
    // examples of CreateGrant (64 and 491); moto for the token.
    for (what, value, prefix, length) in [
        ("role id", &role["RoleId"], "AROA", 21),
        ("user id", &user["UserId"], "AIDA", 21),
        ("access key id", &credentials["AccessKeyId"], "ASIA", 20),
        ("secret", &credentials["SecretAccessKey"], "", 40),
        ("token", &credentials["SessionToken"], "FwoGZXIvYXdz", 356),
        ("grant", &grant["GrantId"], "", 64),
        ("grant token", &grant["GrantToken"], "AQpA", 491),
    ] {
        let text = value.as_str().expect(what);
        assert!(text.starts_with(prefix) && text.len() == length, "{what}: {} of {text}", text.len());
    }
}
