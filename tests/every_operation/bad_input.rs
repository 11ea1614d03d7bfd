//! Bad input, for every operation and every field of it: the error that the API model names, and nothing changed.

use std::collections::BTreeMap;

use kmslab::cloud::{ApiError, Call, Fidelity, World};
use serde_json::{Value, json};

use super::codes::may_answer;
use super::lab::{HOME, Lab, PARTNER, Request, base64, call, root, user};
use super::model::{MODEL, Members};
use super::random::strange;

/// The error that a request gives, or what it answers. Takes back whatever succeeded.
pub fn attempt(world: &mut World, request: &Request, input: Value) -> Result<Value, ApiError> {
    let before = world.clone();
    let outcome = call(world, &Request { input, ..request.clone() })?;
    match outcome.result {
        Ok(output) => {
            *world = before;
            Ok(output.to_json())
        }
        Err(error) => Err(error),
    }
}

/// The key that the next CreateKey would make.
fn next_key(world: &World) -> Value {
    let call = Call::decode("kms", "CreateKey", json!({})).expect("a call");
    world.clone().call(&root(HOME), call).result.expect("root may").to_json()
}

/// Values at and beyond the limits of the models.
fn boundaries() -> Vec<Value> {
    let mut values =
        vec![json!(-1), json!(1), json!(6), json!(7), json!(30), json!(31), json!(89), json!(2561)];
    values.extend([1, 4096, 4097, 6144, 6145, 65_536].map(|length| json!(base64(&vec![0x61; length]))));
    values.extend([64, 65, 128, 129, 256, 257, 2049, 33_000].map(|length| json!("x".repeat(length))));
    values
}

/// A field of an input, however deep: where it stands, its type, whether it must be there.
struct Place {
    pointer: String,
    name: String,
    kind: String,
    required: bool,
}

/// Every field that the model knows, in the structures that the input holds, and one in each that it does not know.
fn places(service: &str, members: Members, value: &Value, pointer: &str, into: &mut Vec<Place>) {
    let unknown = ("NoSuchField".to_owned(), "unknown".to_owned(), false);
    for (name, kind, required) in members.into_iter().chain([unknown]) {
        if let Some(inner) = value.get(&name) {
            inside(service, &kind, inner, &format!("{pointer}/{name}"), into);
        }
        into.push(Place { pointer: pointer.to_owned(), name, kind, required });
    }
}

fn inside(service: &str, kind: &str, value: &Value, pointer: &str, into: &mut Vec<Place>) {
    let shape = MODEL.shape(service, kind);
    if let (Some(element), Some(first)) = (shape["list"].as_str(), value.get(0)) {
        inside(service, element, first, &format!("{pointer}/0"), into);
    } else if let (Some(element), Some(fields)) = (shape["map"].as_str(), value.as_object()) {
        for (name, value) in fields {
            inside(service, element, value, &format!("{pointer}/{name}"), into);
        }
    } else if shape["members"].is_object() {
        places(service, MODEL.structure(service, kind), value, pointer, into);
    }
}

/// Whether a value has the JSON type that the model asks for.
fn has_type(service: &str, kind: &str, value: &Value) -> bool {
    let shape = MODEL.shape(service, kind);
    match kind {
        _ if shape["list"].is_string() => value.is_array(),
        _ if shape.is_object() => value.is_object(),
        "boolean" => value.is_boolean(),
        "integer" | "long" => value.is_i64() || value.is_u64(),
        "float" | "double" | "timestamp" => value.is_number(),
        _ => value.is_string(),
    }
}

#[test]
fn each_field_made_wrong_gives_an_error_of_the_model_and_changes_nothing() {
    let lab = Lab::new(7, Fidelity::instant());
    let mut values = strange();
    values.extend(boundaries());
    let mut faults = BTreeMap::new();
    let (mut tried, mut nested) = (0, 0);
    for request in &lab.requests {
        let Request { service, operation, .. } = *request;
        let mut world = lab.world.clone();
        let before = format!("{world:?}");
        // `must_fail` says why the answer cannot be another one than an error.
        let mut note =
            |place: &str, value: &Value, must_fail: Option<&str>, result: Result<Value, ApiError>| {
                tried += 1;
                let (code, text) = match (result, must_fail) {
                    (Ok(_), None) => return,
                    (Ok(answer), Some(why)) => (why.to_owned(), answer.to_string()),
                    (Err(error), _) if error.status < 500 && may_answer(service, operation, &error.code) => {
                        return;
                    }
                    (Err(error), _) => (error.code.to_string(), error.message),
                };
                let place = format!("{service} {operation} {place} {code}");
                faults.insert(place, format!("{text:.100} for {:.80}", value.to_string()));
            };
        for whole in [json!(null), json!([]), json!("x"), json!(7), json!(true)] {
            let must_fail = (whole != json!([])).then_some("no input at all");
            let decoded = Call::decode(service, operation, whole.clone()).map(|_| Value::Null);
            // An operation without parameters takes an empty list for an empty structure; clients send neither.
            note("", &whole, must_fail.filter(|_| request.input != json!({})), decoded);
        }
        let mut all = Vec::new();
        places(service, MODEL.members(service, operation), &request.input, "", &mut all);
        nested += all.iter().filter(|place| !place.pointer.is_empty()).count();
        for Place { pointer, name, kind, required } in all {
            let shown = format!("{pointer}/{name}");
            let mut without = request.input.clone();
            let holder = without.pointer_mut(&pointer).and_then(Value::as_object_mut).expect("an object");
            if holder.remove(&name).is_some() {
                let must_fail = required.then_some("left out");
                note(&shown, &json!("left out"), must_fail, attempt(&mut world, request, without));
            }
            for value in &values {
                let mut input = request.input.clone();
                input.pointer_mut(&pointer).expect("an object")[&name] = value.clone();
                let must_fail = match kind.as_str() {
                    "unknown" => Some("an unknown field"),
                    // Null stands for a field that is left out.
                    _ if value.is_null() => required.then_some("null"),
                    _ => (!has_type(service, &kind, value)).then_some("another type"),
                };
                note(&shown, value, must_fail, attempt(&mut world, request, input));
            }
        }
        assert!(format!("{world:?}") == before, "{service} {operation} has left something behind");
        // Nor was a random number used up: whatever comes next comes as it would have.
        assert_eq!(
            next_key(&world),
            next_key(&lab.world),
            "{service} {operation} has used up random numbers"
        );
    }
    assert!(faults.is_empty(), "{} answers are not in the API model: {faults:#?}", faults.len());
    assert!(nested > 120, "only {nested} fields inside of others");
    assert!(tried > 30_000, "only {tried} requests");
}

#[test]
fn a_field_that_does_not_exist_is_named() {
    let lab = Lab::new(7, Fidelity::instant());
    for request in &lab.requests {
        let mut input = request.input.clone();
        input["NoSuchField"] = json!("x");
        let error = Call::decode(request.service, request.operation, input).expect_err(request.operation);
        assert_eq!(error.code, "SerializationException", "{}", request.operation);
        assert!(error.message.contains("NoSuchField"), "{error}");
    }
}

/// A key that is not there, not ours, not here, or no key.
///
/// Source of codes: KMS API model, errors of each operation. Source of texts: recorded NotFoundException answers.
#[test]
fn a_key_that_cannot_be_had_is_refused_as_the_model_says() {
    let mut lab = Lab::new(7, Fidelity::instant());
    let foreign = lab.ok(&root(PARTNER), "kms", "CreateKey", json!({}));
    let foreign = foreign["KeyMetadata"]["Arn"].as_str().expect("an ARN").to_owned();
    let absent = "1234abcd-12ab-34cd-56ef-1234567890ab";
    let here = format!("arn:aws:kms:us-east-1:{HOME}:key/{absent}");
    let not_found = "NotFoundException";
    let hidden = "on this resource because the resource does not exist in this Region, no resource-based policies \
                  allow access, or a resource-based policy explicitly denies access";
    let no_key = format!("Key '{here}' does not exist");
    let elsewhere = here.replace("us-east-1", "eu-west-1");
    let no_alias = format!("Alias arn:aws:kms:us-east-1:{HOME}:alias/none is not found.");
    let rows: [(&str, &str, &str); 6] = [
        (absent, not_found, &no_key),
        (&here, not_found, &no_key),
        ("nonsense", not_found, "Invalid keyId 'nonsense'"),
        (&elsewhere, not_found, "Invalid arn eu-west-1"),
        (&foreign, "AccessDeniedException", hidden),
        ("alias/none", not_found, &no_alias),
    ];
    let mut tried = 0;
    for request in lab.requests.iter().filter(|request| request.service == "kms") {
        for member in ["KeyId", "TargetKeyId", "SourceKeyId", "DestinationKeyId"] {
            if request.input.get(member).is_none() {
                continue;
            }
            for (name, code, text) in rows {
                let mut input = request.input.clone();
                input[member] = json!(name);
                let error = attempt(&mut lab.world, request, input).expect_err(request.operation);
                // Management takes no alias, and says so. Source: KMS API Reference, `KeyId` of each operation.
                let not_taken =
                    ["Invalid keyId 'alias/none'", "Key Aliases are not supported for this operation."];
                let is_alias = name.starts_with("alias/") && not_taken.contains(&error.message.as_ref());
                // Doubtful: whoever names the wrong key for a ciphertext of another learns which it is.
                let is_right = is_alias || (error.code == code && error.message.contains(text));
                // Who may retire a grant is the grant's to say, so a key that has no such grant is not found.
                let is_grant = request.operation == "RetireGrant" && error.message.starts_with("Grant ID ");
                let is_right = is_right || is_grant && error.code == not_found;
                assert!(is_right, "{} {member} {name}: {error}", request.operation);
                tried += 1;
            }
        }
    }
    assert!(tried > 200, "only {tried} requests name a key");
}

/// A key of the wrong kind. Source: KMS API Reference, errors of each operation; KMS Developer Guide, "Key type
/// reference".
#[test]
fn a_key_of_the_wrong_kind_is_refused_as_the_model_says() {
    let mut lab = Lab::new(7, Fidelity::instant());
    let key = |operation: &str| {
        let request = lab.requests.iter().find(|r| r.operation == operation).expect("a request");
        request.input["KeyId"].clone()
    };
    let kinds = [
        ("symmetric", key("Encrypt")),
        ("signing", key("Sign")),
        ("agreeing", key("DeriveSharedSecret")),
        ("mac", key("GenerateMac")),
        ("encapsulating", key("Encapsulate")),
    ];
    let unusable = "InvalidKeyUsageException";
    let unsupported = "UnsupportedOperationException";
    // Operation, the kind it is for, and what the other kinds answer.
    let rows = [
        ("Encrypt", "symmetric", unusable),
        ("GenerateDataKey", "symmetric", unusable),
        ("GenerateDataKeyPair", "symmetric", unusable),
        ("GenerateDataKeyPairWithoutPlaintext", "symmetric", unusable),
        ("GenerateDataKeyWithoutPlaintext", "symmetric", unusable),
        ("Sign", "signing", unusable),
        ("Verify", "signing", unusable),
        ("DeriveSharedSecret", "agreeing", unusable),
        ("Encapsulate", "encapsulating", unusable),
        ("Decapsulate", "encapsulating", unusable),
        ("GenerateMac", "mac", unusable),
        ("VerifyMac", "mac", unusable),
        ("EnableKeyRotation", "symmetric", unsupported),
        ("DisableKeyRotation", "symmetric", unsupported),
        ("RotateKeyOnDemand", "symmetric", unsupported),
        ("GetKeyRotationStatus", "symmetric", unsupported),
        ("ListKeyRotations", "symmetric", unsupported),
        ("ReplicateKey", "-", unsupported),
        ("UpdatePrimaryRegion", "-", unsupported),
        ("GetParametersForImport", "-", unsupported),
        ("DeleteImportedKeyMaterial", "-", unsupported),
    ];
    let requests = lab.requests.clone();
    for (operation, good, code) in rows {
        let request = requests.iter().find(|r| r.operation == operation).expect("a request");
        for (kind, key) in &kinds {
            let mut input = request.input.clone();
            input["KeyId"] = key.clone();
            let result = attempt(&mut lab.world, request, input);
            match result {
                Ok(_) => assert_eq!(*kind, good, "{operation} with a {kind} key works"),
                Err(error) => assert_eq!(
                    (error.code.as_ref(), *kind != good),
                    (code, true),
                    "{operation} {kind}: {error}"
                ),
            }
        }
    }
}

/// Lengths and numbers at their limits. Source: KMS API model, constraints of each member.
#[test]
fn limits_hold_to_the_byte() {
    let mut lab = Lab::new(7, Fidelity::instant());
    let requests = lab.requests.clone();
    let request =
        |operation: &str| requests.iter().find(|r| r.operation == operation).expect("a request").clone();
    let bytes = |length: usize| json!(base64(&vec![7; length]));
    let too_long = |member: &str, most: usize| {
        format!(
            "1 validation error detected: Value at '{member}' failed to satisfy constraint: Member must have length less than or equal to {most}"
        )
    };
    let too_short = |member: &str| {
        format!(
            "1 validation error detected: Value at '{member}' failed to satisfy constraint: Member must have length greater than or equal to 1"
        )
    };
    let out = |member: &str, value: i64, words: &str, limit: i64| {
        format!(
            "1 validation error detected: Value '{value}' at '{member}' failed to satisfy constraint: Member must have value {words} than or equal to {limit}"
        )
    };
    let long_text = |member: &str, text: &str, most: usize| {
        format!(
            "1 validation error detected: Value '{text}' at '{member}' failed to satisfy constraint: Member must have length less than or equal to {most}"
        )
    };
    let (d8192, d8193) = ("d".repeat(8192), "d".repeat(8193));
    let rows = [
        ("Encrypt", "Plaintext", bytes(4096), None),
        ("Encrypt", "Plaintext", bytes(4097), Some(too_long("plaintext", 4096))),
        ("Encrypt", "Plaintext", bytes(0), Some(too_short("plaintext"))),
        ("Sign", "Message", bytes(4096), None),
        ("Sign", "Message", bytes(4097), Some(too_long("message", 4096))),
        ("Verify", "Message", bytes(4097), Some(too_long("message", 4096))),
        ("GenerateMac", "Message", bytes(4096), None),
        ("GenerateMac", "Message", bytes(4097), Some(too_long("message", 4096))),
        ("GenerateMac", "Message", bytes(0), Some(too_short("message"))),
        ("VerifyMac", "Message", bytes(4097), Some(too_long("message", 4096))),
        ("Decrypt", "CiphertextBlob", bytes(6145), Some(too_long("ciphertextBlob", 6144))),
        ("Decrypt", "CiphertextBlob", bytes(0), Some(too_short("ciphertextBlob"))),
        ("GenerateRandom", "NumberOfBytes", json!(1024), None),
        ("GenerateRandom", "NumberOfBytes", json!(1025), Some(out("numberOfBytes", 1025, "less", 1024))),
        ("GenerateRandom", "NumberOfBytes", json!(0), Some(out("numberOfBytes", 0, "greater", 1))),
        ("GenerateDataKeyWithoutPlaintext", "NumberOfBytes", json!(1024), None),
        (
            "GenerateDataKeyWithoutPlaintext",
            "NumberOfBytes",
            json!(1025),
            Some(out("numberOfBytes", 1025, "less", 1024)),
        ),
        ("EnableKeyRotation", "RotationPeriodInDays", json!(90), None),
        ("EnableKeyRotation", "RotationPeriodInDays", json!(2560), None),
        (
            "EnableKeyRotation",
            "RotationPeriodInDays",
            json!(89),
            Some(out("rotationPeriodInDays", 89, "greater", 90)),
        ),
        (
            "EnableKeyRotation",
            "RotationPeriodInDays",
            json!(2561),
            Some(out("rotationPeriodInDays", 2561, "less", 2560)),
        ),
        ("ListKeys", "Limit", json!(1000), None),
        ("ListKeys", "Limit", json!(0), Some(out("limit", 0, "greater", 1))),
        ("ListKeys", "Limit", json!(1001), Some(out("limit", 1001, "less", 1000))),
        ("UpdateKeyDescription", "Description", json!(d8192), None),
        ("UpdateKeyDescription", "Description", json!(d8193), Some(long_text("description", &d8193, 8192))),
    ];
    for (operation, member, value, expected) in rows {
        let request = request(operation);
        let mut input = request.input.clone();
        input[member] = value;
        let error = attempt(&mut lab.world, &request, input).err();
        if let Some(error) = &error {
            assert_eq!(error.code, "ValidationException", "{operation} {member}: {error}");
        }
        assert_eq!(error.map(|error| error.message), expected, "{operation} {member}");
    }
}

/// Contexts of every shape. Source: KMS Developer Guide, "Encryption context": names and values are strings, matched
/// exactly; an empty context is none.
#[test]
fn contexts_of_every_shape_are_taken_or_refused() {
    let mut lab = Lab::new(7, Fidelity::instant());
    let encrypt = lab.requests.iter().find(|r| r.operation == "Encrypt").expect("a request").clone();
    let long = "c".repeat(9000);
    for (context, code) in [
        (json!({}), None),
        (json!({"a": ""}), None),
        (json!({"": "a"}), None),
        (json!({"ключ": "значение"}), None),
        (json!({"a": "b", "A": "b"}), None),
        (json!({"a": 1}), Some("SerializationException")),
        (json!({"a": null}), Some("SerializationException")),
        (json!({"a": {"b": "c"}}), Some("SerializationException")),
        (json!({"a": ["b"]}), Some("SerializationException")),
        (json!([]), Some("SerializationException")),
        (json!("a=b"), Some("SerializationException")),
        (json!({"a": long}), Some("ValidationException")),
    ] {
        let mut input = encrypt.input.clone();
        input["EncryptionContext"] = context.clone();
        let result = attempt(&mut lab.world, &encrypt, input);
        let failed = result.as_ref().err().map(|error| error.code.as_ref());
        assert_eq!(failed, code, "{context}: {result:?}");
        let Ok(sealed) = result else { continue };
        let open = |lab: &mut Lab, context: Value| {
            let input = json!({"CiphertextBlob": sealed["CiphertextBlob"], "EncryptionContext": context});
            let call = Call::decode("kms", "Decrypt", input).expect("a call");
            lab.world.call(&user("kim"), call).result.err().map(|error| error.code)
        };
        assert_eq!(open(&mut lab, context.clone()), None, "{context}");
        let mut other = context.clone();
        other["more"] = json!("x");
        assert_eq!(open(&mut lab, other).as_deref(), Some("InvalidCiphertextException"), "{context}");
    }
}
