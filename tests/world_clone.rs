//! Copying a world costs the same whatever it holds: drafts, undo and time travel rest on that.

use kmslab::cloud::{AccountId, Call, Caller, Fidelity, World};
use serde_json::json;

fn account() -> AccountId {
    "111122223333".parse().expect("twelve digits")
}

/// A world with a key, a table under it, and so many users and items.
fn world(size: usize) -> World {
    let mut world = World::new(7, "2026-01-05T09:00:00Z".parse().expect("a time"), Fidelity::instant());
    world.add_account(account(), "clinic");
    let root = Caller::Root(account());
    let mut call = |service: &str, operation: &str, input| {
        let call = Call::decode(service, operation, input).expect("a call");
        world.call(&root, call).result.expect(operation).to_json()
    };
    let key = call("kms", "CreateKey", json!({}));
    call(
        "dynamodb",
        "CreateTable",
        json!({
            "TableName": "CustomerData",
            "KeySchema": [{"AttributeName": "CustomerID", "KeyType": "HASH"}],
            "AttributeDefinitions": [{"AttributeName": "CustomerID", "AttributeType": "S"}],
            "BillingMode": "PAY_PER_REQUEST",
            "SSESpecification": {"Enabled": true, "SSEType": "KMS", "KMSMasterKeyId": key["KeyMetadata"]["Arn"]},
        }),
    );
    for number in 0..size {
        call("iam", "CreateUser", json!({"UserName": format!("user-{number}")}));
        let item = json!({"CustomerID": {"S": number.to_string()}, "Name": {"S": "Alice Johnson"}});
        call("dynamodb", "PutItem", json!({"TableName": "CustomerData", "Item": item}));
    }
    world
}

/// How many bytes a copy takes.
fn cost_of_a_copy(world: &World) -> u64 {
    allocation_counter::measure(|| drop(std::hint::black_box(world.clone()))).bytes_total
}

/// How many bytes it takes to copy the world and change one thing in the copy.
fn cost_of_a_change(world: &World) -> u64 {
    let root = Caller::Root(account());
    let call = Call::decode("iam", "CreateUser", json!({"UserName": "another"})).expect("a call");
    allocation_counter::measure(|| {
        let mut copy = world.clone();
        assert!(copy.call(&root, call.clone()).result.is_ok());
    })
    .bytes_total
}

#[test]
fn a_copy_costs_the_same_whatever_the_world_holds() {
    let (small, large) = (world(1), world(400));
    assert_eq!(cost_of_a_copy(&small), cost_of_a_copy(&large));
    assert!(cost_of_a_copy(&large) < 4096, "a copy takes {} bytes", cost_of_a_copy(&large));
}

#[test]
fn a_change_in_a_copy_does_not_copy_the_rest() {
    let (small, large) = (cost_of_a_change(&world(1)), cost_of_a_change(&world(400)));
    // The trees are deeper, so more nodes on the way to the change are copied: a few, not all.
    assert!(large < small + 32 * 1024, "{small} bytes in a small world, {large} in a large one");
}

#[test]
fn a_copy_and_its_original_go_separate_ways() {
    let original = world(1);
    let mut copy = original.clone();
    let root = Caller::Root(account());
    let delete = Call::decode("iam", "DeleteUser", json!({"UserName": "user-0"})).expect("a call");
    assert!(copy.call(&root, delete).result.is_ok());
    assert!(original.principal(&Caller::user(&account(), "user-0")).is_ok());
    assert!(copy.principal(&Caller::user(&account(), "user-0")).is_err());
}
