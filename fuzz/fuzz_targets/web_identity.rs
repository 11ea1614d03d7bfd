//! Any text as the token of an identity provider: none is believed that the provider has not signed, and one that it has is, whoever
//! it is for.
#![no_main]

use std::sync::LazyLock;

use kmslab::cloud::{AccountId, Call, Caller, Fidelity, Outcome, World};
use kmslab_fuzz::within;
use libfuzzer_sys::fuzz_target;
use serde_json::json;

const ROLE: &str = "arn:aws:iam::111122223333:role/Web";

/// An account with a role that trusts the provider.
static WORLD: LazyLock<World> = LazyLock::new(|| {
    let mut world = World::new(7, "2026-11-21T21:52:47Z".parse().expect("a time"), Fidelity::instant());
    let account: AccountId = "111122223333".parse().expect("twelve digits");
    world.add_account(account.clone(), "lab");
    let provider = "arn:aws:iam::111122223333:oidc-provider/oidc.kmslab.example";
    let trust = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Federated": provider},
        "Action": "sts:AssumeRoleWithWebIdentity"}]});
    let role = json!({"RoleName": "Web", "AssumeRolePolicyDocument": trust.to_string()});
    let made = world.call(&Caller::Root(account), Call::decode("iam", "CreateRole", role).expect("a call"));
    assert!(made.result.is_ok());
    world
});

fn assume(token: &str) -> Outcome {
    let input = json!({"RoleArn": ROLE, "RoleSessionName": "s1", "WebIdentityToken": token});
    let call = Call::decode("sts", "AssumeRoleWithWebIdentity", input).expect("a call");
    WORLD.clone().call(&Caller::Anonymous, call)
}

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    let outcome = within(64, bytes.len(), || assume(&text));
    assert!(outcome.result.is_err(), "{text} is believed");
    let signed = WORLD.identity_provider().token(&text, "sts.amazonaws.com", WORLD.now());
    assert!(signed.len() > 20_000 || assume(&signed).result.is_ok(), "{text} is not believed");
});
