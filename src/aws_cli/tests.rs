//! Completion in a small world. What commands print is tested through the program, in `tests/console.rs`.

use std::sync::Arc;

use super::*;
use crate::cloud::Fidelity;

fn world() -> (World, Console) {
    let clock = "2026-01-05T09:00:00Z".parse().expect("a time");
    let (mut world, names) = empty_world(0, clock, Fidelity::instant());
    let mut console = Console::new(names, "root", Arc::new(RealFiles));
    let reply = console.run(
        &mut world,
        "KEY=$(aws kms create-key --query KeyMetadata.KeyId --output text)\n\
         aws kms create-alias --alias-name alias/lab --target-key-id $KEY\n\
         aws iam create-user --user-name tess\n\
         aws dynamodb create-table --table-name CustomerData --billing-mode PAY_PER_REQUEST \
         --attribute-definitions AttributeName=Id,AttributeType=S --key-schema AttributeName=Id,KeyType=HASH\n",
    );
    assert_eq!(reply.code, 0, "{}", reply.text);
    (world, console)
}

#[test]
fn the_word_before_the_cursor_is_completed_by_what_fits_its_place() {
    let (world, console) = world();
    // The line, then the first candidates.
    let cases: [(&str, &[&str]); 18] = [
        ("", &["aws", "as"]),
        ("aw", &["aws"]),
        ("aws k", &["kms"]),
        ("aws kms schedule", &["schedule-key-deletion"]),
        ("aws kms describe-key --k", &["--key-id"]),
        ("aws kms describe-key ", &["--key-id"]),
        ("aws kms describe-key --key-id ", &["alias/lab"]),
        ("aws kms describe-key --key-id alias/lab --pro", &["--profile"]),
        ("aws kms describe-key --key-id alias/lab --profile t", &["tess"]),
        ("aws --profile tess dynamodb sc", &["scan"]),
        ("aws dynamodb scan --table-name Cu", &["CustomerData"]),
        ("aws dynamodb scan --table-name 'Cu", &["CustomerData"]),
        (
            "aws iam attach-user-policy --user-name tess --policy-arn arn:aws:iam::aws:policy/AmazonDynamoDBF",
            &["arn:aws:iam::aws:policy/AmazonDynamoDBFullAccess"],
        ),
        ("X=$(aws kms create-k", &["create-key"]),
        ("echo a; as t", &["tess"]),
        ("AWS_PROFILE=tess aws sts get-c", &["get-caller-identity"]),
        ("echo $K", &["$KEY"]),
        ("aws kms create-grant --operations Dec", &["Decrypt"]),
    ];
    for (line, expected) in cases {
        let found = console.complete(&world, line, line.len());
        let texts: Vec<&str> = found.candidates.iter().map(|c| c.text.as_str()).collect();
        assert!(texts.starts_with(expected), "{line:?}: {texts:?}");
        let typed = &line[found.start..];
        assert!(texts.iter().all(|t| t.to_lowercase().starts_with(&typed.to_lowercase())), "{line:?}");
    }
    let found = console.complete(&world, "aws kms disable-key --key-id ", 29);
    assert!(
        found.candidates.iter().all(|c| !c.text.starts_with("alias/")),
        "DisableKey takes no alias: {found:?}"
    );
    let found = console.complete(&world, "aws kms decrypt --ciphertext-blob ", 34);
    let texts: Vec<&str> = found.candidates.iter().map(|c| c.text.as_str()).collect();
    assert!(texts.contains(&"$KEY") && texts.contains(&"$(aws"), "{texts:?}");
    for line in ["why ", "aws kms nonsense --k", "aws nonsense ", "echo hello"] {
        let found = console.complete(&world, line, line.len());
        let own = found.candidates.iter().filter(|c| c.about != "any command").count();
        assert_eq!(own, 0, "{line:?}: {found:?}");
    }
}

#[test]
fn options_that_are_given_are_not_offered_again_and_required_ones_come_first() {
    let (world, console) = world();
    let line = "aws dynamodb scan --table-name CustomerData --";
    let found = console.complete(&world, line, line.len());
    assert!(!found.candidates.iter().any(|c| c.text == "--table-name"), "{found:?}");
    let found = console.complete(&world, "aws kms create-grant --", 23);
    let required: Vec<_> = found.candidates.iter().take_while(|c| c.about == "required").collect();
    assert_eq!(required.len(), 2, "{found:?}");
}

#[test]
fn a_profile_or_keys_that_were_exported_show_in_the_prompt() {
    let (mut world, mut console) = world();
    assert_eq!(console.prompt(&world), "root> ");
    console.run(&mut world, "export AWS_PROFILE=tess");
    assert_eq!(console.prompt(&world), "tess> ");
    console.run(&mut world, "as root");
    assert_eq!(console.prompt(&world), "root> ");
}
