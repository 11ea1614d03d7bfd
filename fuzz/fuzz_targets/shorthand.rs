//! Any text as a parameter in the CLI's short form: what is understood makes the same call when it is written as JSON.
#![no_main]

use std::sync::Arc;

use kmslab::aws_cli::Console;
use kmslab::scenario::Stage;
use kmslab_fuzz::{NoFiles, Noting, quoted, stage, within};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

thread_local! {
    static STAGE: Stage = stage();
}

/// Commands with a parameter of a structure, and the parameter's name in the input. The text stands last.
const COMMANDS: [(&str, &str); 6] = [
    ("aws kms create-key --tags", "Tags"),
    (
        "aws kms create-grant --key-id k --grantee-principal p --operations Decrypt --constraints",
        "Constraints",
    ),
    ("aws dynamodb put-item --table-name ledger --item", "Item"),
    (
        "aws dynamodb create-table --table-name t --key-schema AttributeName=a,KeyType=HASH --attribute-definitions",
        "AttributeDefinitions",
    ),
    ("aws dynamodb transact-write-items --transact-items", "TransactItems"),
    ("aws kms encrypt --key-id k --plaintext cGxhaW4= --encryption-context", "EncryptionContext"),
];

/// The input of the call that a command makes, if it makes one.
fn input(stage: &Stage, command: &str) -> Option<Value> {
    let mut target = Noting { world: stage.world.clone(), calls: Vec::new() };
    let mut console = Console::new(stage.names.clone(), &stage.scenario.start_as, Arc::new(NoFiles));
    let reply = console.run(&mut target, command);
    let call = target.calls.first()?;
    assert!(!reply.text.is_empty() || reply.code == 0, "a call that fails says so");
    Some(call.input.to_json())
}

fuzz_target!(|text: &str| {
    STAGE.with(|stage| {
        let mut letters = text.chars();
        let Some(which) = letters.next() else { return };
        let (command, parameter) = COMMANDS[which as usize % COMMANDS.len()];
        let short = quoted(letters.as_str());
        let Some(read) = within(256, text.len(), || input(stage, &format!("{command} {short}"))) else {
            return;
        };
        let Some(value) = read.get(parameter).filter(|value| !value.is_null()) else { return };
        let as_json = quoted(&value.to_string());
        assert_eq!(input(stage, &format!("{command} {as_json}")), Some(read.clone()), "{as_json}");
    });
});
