//! What a lab holds that is not for everybody: said when it is handed on, and left out if asked.

use std::path::Path;

use kmslab::lab::{Entry, Journal};

use super::{journal, kmslab};

const ID: &str = "free-sample";

/// Commands that print or set a plaintext key or token, each with what marks it.
const SECRETS: [&str; 5] = [
    "aws kms generate-data-key --key-id alias/lab --key-spec AES_256",
    "aws kms generate-data-key --key-id alias/lab --key-spec AES_256 --query Plaintext --output text",
    "aws kms generate-random --number-of-bytes 32",
    "aws kms generate-data-key-pair --key-id alias/lab --key-pair-spec ECC_NIST_P256",
    "DATA=$(aws kms generate-data-key --key-id alias/lab --key-spec AES_128 --query Plaintext --output text)",
];

const MAKE_KEY: &str = "KEY=$(aws kms create-key --query KeyMetadata.KeyId --output text)\n\
    aws kms create-alias --alias-name alias/lab --target-key-id $KEY\n";

fn export(state: &Path, options: &[&str]) -> (String, String) {
    let file = tempfile::tempdir().expect("a folder");
    let path = file.path().join("out.lab");
    let (code, said) = kmslab(state, &[&["export", ID, path.to_str().expect("text")], options].concat(), "");
    assert_eq!(code, 0, "{said}");
    (said, std::fs::read_to_string(path).expect("text"))
}

#[test]
fn plaintext_keys_and_tokens_are_marked_and_left_out_wherever_they_stand() {
    let state = tempfile::tempdir().expect("a folder");
    let script = format!(
        "{MAKE_KEY}{}\necho $DATA\naws kms encrypt --key-id alias/lab --plaintext $DATA\naws kms list-keys\n",
        SECRETS.join("\n")
    );
    let (code, said) = kmslab(state.path(), &["play", ID, "--plain"], &script);
    assert_eq!(code, 0, "{said}");
    let entries = Journal::peek(&journal(state.path(), ID)).expect("sound");
    for line in SECRETS {
        let marked =
            entries.iter().any(|e| matches!(e, Entry::Typed(t) if t.text == line && !t.secrets.is_empty()));
        assert!(marked, "{line}: {said}");
    }
    let plain = entries
        .iter()
        .any(|e| matches!(e, Entry::Typed(t) if t.text == "aws kms list-keys" && t.secrets.is_empty()));
    assert!(plain, "what prints none is not marked");
    let value = |name: &str| {
        let (_, rest) =
            said.split_once(&format!("\"{name}\": \"")).unwrap_or_else(|| panic!("{name}: {said}"));
        rest.split('"').next().expect("a value").to_owned()
    };
    let secrets = [value("Plaintext"), value("PrivateKeyPlaintext")];
    let (told, whole) = export(state.path(), &[]);
    assert!(told.contains("with plaintext keys or tokens that were printed"), "{told}");
    assert!(told.contains("--without-secrets leaves that out"), "{told}");
    let (told, without) = export(state.path(), &["--without-secrets"]);
    assert!(!told.contains("--without-secrets"), "{told}");
    for secret in secrets {
        assert!(whole.contains(&secret), "{secret} is there unless it is left out");
        assert!(!without.contains(&secret), "{secret}");
    }
    let echoed =
        said.lines().skip_while(|line| !line.contains("echo $DATA")).nth(1).expect("what was echoed").trim();
    assert!(echoed.len() >= 20 && whole.contains(echoed) && !without.contains(echoed), "{echoed}");
    // It can be played all the same.
    let file = state.path().join("without.lab");
    std::fs::write(&file, without).expect("written");
    let there = tempfile::tempdir().expect("a folder");
    let (code, said) = kmslab(there.path(), &["import", file.to_str().expect("text")], "");
    assert_eq!(code, 0, "{said}");
}

#[test]
fn real_files_are_marked_and_left_out_and_their_paths_shortened() {
    let state = tempfile::tempdir().expect("a folder");
    let folder = tempfile::tempdir().expect("another");
    let secret = folder.path().join("diary.txt");
    std::fs::write(&secret, "{\"Id\": {\"S\": \"dear diary\"}}").expect("written");
    let name = secret.to_str().expect("text");
    let missing = folder.path().join("nobody.txt");
    let script = format!(
        "{MAKE_KEY}aws kms encrypt --key-id alias/lab --plaintext fileb://{name} --query KeyId --output text\n\
         aws kms encrypt --key-id alias/lab --plaintext fileb://{} --output text\naws kms list-keys\n",
        missing.display()
    );
    let (_, said) = kmslab(state.path(), &["play", ID, "--plain"], &script);
    let entries = Journal::peek(&journal(state.path(), ID)).expect("sound");
    let marked =
        |e: &&Entry| matches!(e, Entry::Call(c) if c.from_file) || matches!(e, Entry::Typed(t) if t.files);
    assert_eq!(entries.iter().filter(marked).count(), 3, "a call and two lines: {said}");
    let (told, whole) = export(state.path(), &[]);
    assert!(told.contains("3 with what files of yours held"), "{told}");
    let folder = folder.path().to_str().expect("text");
    assert!(whole.contains("fileb://diary.txt") && !whole.contains(folder), "paths are shortened: {told}");
    assert!(export(state.path(), &["--with-paths"]).1.contains(folder), "unless asked for");
    let (told, without) = export(state.path(), &["--without-secrets"]);
    assert!(told.contains("1 calls left out"), "{told}");
    // The file's bytes in base64 are what the call was made with.
    assert!(whole.contains("eyJJZCI6") && !without.contains("eyJJZCI6"));
}

#[test]
fn a_long_output_is_stored_once() {
    let state = tempfile::tempdir().expect("a folder");
    let line = "aws iam list-policies --no-paginate\n";
    let (_, said) = kmslab(state.path(), &["play", ID, "--plain"], &line.repeat(2));
    let once = std::fs::metadata(journal(state.path(), ID)).expect("there").len();
    let (_, again) = kmslab(state.path(), &["play", ID, "--plain"], &line.repeat(8));
    let more = std::fs::metadata(journal(state.path(), ID)).expect("there").len() - once;
    assert!(said.len() > 2_000, "the output is long: {}", said.len());
    assert!(more < 8 * 6_000, "{more} bytes for what was printed before");
    assert!(again.len() > 3 * said.len(), "it is shown each time");
    let (session, _) = kmslab::lab::LearnerSession::open(ID, None, Some(state.path())).expect("it opens");
    let printed: Vec<usize> =
        session.lab().transcript().shown().iter().map(|typed| typed.printed.len()).collect();
    assert_eq!(printed.len(), 10);
    assert!(printed.iter().all(|length| *length == printed[0] && *length > 1_000), "{printed:?}");
}
