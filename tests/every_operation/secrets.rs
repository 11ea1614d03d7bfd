//! Key material stays inside: it is in no debug output, no answer it does not belong to, no error and no record.

use kmslab::cloud::{Call, CallContext, Fidelity, Region};
use serde_json::{Value, json};

use super::lab::{HOME, IMPORTED, Lab, base64, root, text, user};

/// Every way in which bytes could stand in a text.
fn spellings(bytes: &[u8]) -> Vec<String> {
    let list = bytes.iter().map(u8::to_string).collect::<Vec<_>>().join(", ");
    let hex = bytes.iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"));
    let spaced = bytes.iter().map(u8::to_string).collect::<Vec<_>>().join(",");
    let mut all = vec![base64(bytes), hex.to_uppercase(), hex, list, spaced];
    all.extend(String::from_utf8(bytes.to_vec()));
    all
}

fn search(secrets: &[Vec<u8>], place: &str, text: &str) {
    for secret in secrets {
        // A third of it would be bad enough.
        for part in [&secret[..], &secret[..secret.len() / 3 * 3 / 2], &secret[secret.len() / 2..]] {
            for spelling in spellings(part) {
                assert!(!text.contains(&spelling), "{place} shows key material: {text:.200}");
            }
        }
    }
}

#[test]
fn key_material_is_shown_nowhere() {
    use ::base64::Engine as _;
    let mut lab = Lab::new(7, Fidelity::aws());
    let kim = user("kim");
    // Imported material, which is known; and a data key, which is answered once and to be forgotten.
    let import = lab.requests.iter().find(|r| r.operation == "ImportKeyMaterial").expect("a request").clone();
    lab.ok(&kim, "kms", "ImportKeyMaterial", import.input.clone());
    let made =
        lab.ok(&kim, "kms", "GenerateDataKey", json!({"KeyId": import.input["KeyId"], "KeySpec": "AES_256"}));
    let pair = lab.ok(
        &kim,
        "kms",
        "GenerateDataKeyPair",
        json!({"KeyId": import.input["KeyId"],
        "KeyPairSpec": "ECC_NIST_P256"}),
    );
    let unbase64 = |value: &Value| ::base64::prelude::BASE64_STANDARD.decode(text(value)).expect("base64");
    // The last bytes of a private key in PKCS #8 are its public part; the key itself stands before them.
    let private = unbase64(&pair["PrivateKeyPlaintext"]);
    let secrets = [IMPORTED.to_vec(), unbase64(&made["Plaintext"]), private[36..68].to_vec()];
    search(&secrets, "the world", &format!("{:?}", lab.world));
    let requests = lab.requests.clone();
    for request in &requests {
        for caller in [request.caller.clone(), user("tess"), user("dana"), root(HOME)] {
            let mut world = lab.world.clone();
            let Ok(call) = Call::decode(request.service, request.operation, request.input.clone()) else {
                continue;
            };
            let call = call.with_context(CallContext::in_region(Region::new(request.region)));
            search(&secrets, "a request", &format!("{call:?}"));
            let outcome = world.call(&caller, call);
            search(&secrets, request.operation, &format!("{outcome:?}"));
            match &outcome.result {
                Ok(output) => search(&secrets, request.operation, &output.to_json().to_string()),
                Err(error) => search(&secrets, request.operation, &format!("{error} {error:?}")),
            }
            for event in &outcome.events {
                search(&secrets, "a record", &event.to_json().to_string());
            }
        }
    }
    for event in lab.world.events() {
        search(&secrets, "a record", &event.to_json().to_string());
    }
    search(&secrets, "the world", &format!("{:?}", lab.world));
    // What is searched for would be found: the answer to its own request shows it.
    let found = std::panic::catch_unwind(|| search(&secrets, "the answer", &made.to_string()));
    assert!(found.is_err(), "the search finds nothing");
    // Whoever asks for it gets the plaintext, and debug output of the answer does not show it.
    let decrypt = json!({"CiphertextBlob": made["CiphertextBlob"]});
    let outcome = lab.world.call(&kim, Call::decode("kms", "Decrypt", decrypt).expect("a call"));
    search(&secrets, "the debug output of an answer", &format!("{outcome:?}"));
    assert_eq!(outcome.result.expect("kim may").to_json()["Plaintext"], made["Plaintext"]);
}
