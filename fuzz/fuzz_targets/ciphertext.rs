//! Any bytes as a ciphertext: nothing but what KMS made is decrypted, whatever is changed in it.
#![no_main]

use kmslab::cloud::kms::crypto::read_header;
use kmslab::cloud::{Call, Caller, World};
use kmslab_fuzz::stage;
use libfuzzer_sys::fuzz_target;
use serde_json::{Value, json};

/// A world with a key, and a ciphertext of it.
struct Sealed {
    world: World,
    caller: Caller,
    blob: Vec<u8>,
    text: String,
}

fn call(world: &mut World, caller: &Caller, operation: &str, input: Value) -> Result<Value, String> {
    let call = Call::decode("kms", operation, input).map_err(|error| error.to_string())?;
    world.call(caller, call).result.map(|output| output.to_json()).map_err(|error| error.to_string())
}

fn sealed() -> Sealed {
    let stage = stage();
    let mut world = stage.world;
    let caller = stage.names.caller("root").expect("there is one");
    let key = call(&mut world, &caller, "CreateKey", json!({})).expect("a key");
    let key = &key["KeyMetadata"]["KeyId"];
    let input = json!({"KeyId": key, "Plaintext": "cGxhaW50ZXh0", "EncryptionContext": {"for": "fuzzing"}});
    let made = call(&mut world, &caller, "Encrypt", input).expect("a ciphertext");
    let text = made["CiphertextBlob"].as_str().expect("base64").to_owned();
    let blob = decoded(&text);
    Sealed { world, caller, blob, text }
}

const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

fn decoded(text: &str) -> Vec<u8> {
    let (mut bits, mut held, mut bytes) = (0_u32, 0, Vec::new());
    for letter in text.bytes().filter(|letter| *letter != b'=') {
        let value = LETTERS.iter().position(|known| *known == letter).expect("base64");
        bits = bits << 6 | u32::try_from(value).expect("six bits");
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push(u8::try_from(bits >> held & 0xff).expect("a byte"));
        }
    }
    bytes
}

fn encoded(bytes: &[u8]) -> String {
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let bits =
            three.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - three.len()));
        for at in 0..4 {
            let letter = LETTERS[(bits >> (18 - 6 * at) & 0x3f) as usize];
            text.push(if at > three.len() { '=' } else { char::from(letter) });
        }
    }
    text
}

thread_local! {
    static SEALED: Sealed = sealed();
}

fuzz_target!(|bytes: &[u8]| {
    SEALED.with(|Sealed { world, caller, blob, text }| {
        assert_eq!(encoded(blob), *text);
        // Each three bytes turn some bits of the sound ciphertext; what is left over says where it ends.
        let mut changed = blob.clone();
        for change in bytes.chunks_exact(3) {
            let at = usize::from(change[0]) << 8 | usize::from(change[1]);
            let length = changed.len();
            changed[at % length] ^= change[2];
        }
        if bytes.len() % 3 == 1 {
            changed.truncate(usize::from(bytes[bytes.len() - 1]));
        }
        for blob_given in [bytes, &changed] {
            let header = read_header(blob_given);
            let mut world = world.clone();
            let input =
                json!({"CiphertextBlob": encoded(blob_given), "EncryptionContext": {"for": "fuzzing"}});
            match call(&mut world, caller, "Decrypt", input) {
                Ok(found) => {
                    assert_eq!(blob_given, blob, "what was changed is decrypted");
                    assert_eq!(found["Plaintext"], "cGxhaW50ZXh0");
                    assert!(header.is_ok());
                }
                Err(error) => assert!(blob_given != blob && !error.is_empty(), "{error}"),
            }
        }
    });
});
