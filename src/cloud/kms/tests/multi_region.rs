//! Multi-Region keys. Source: KMS Developer Guide, "Multi-Region keys in AWS KMS".

use super::*;

const THERE: &str = "eu-west-1";

fn there(lab: &mut Lab, operation: &str, input: Value) -> Result<Value, (String, String)> {
    let result = lab.call_in(THERE, &kim(), operation, input).result;
    result.map(|output| output.to_json()).map_err(|error| (error.code.to_string(), error.message))
}

fn pair(lab: &mut Lab) -> (String, String) {
    let primary = lab.key(json!({"MultiRegion": true, "Description": "here",
        "Tags": [{"TagKey": "a", "TagValue": "b"}]}));
    assert!(primary.contains(":key/mrk-"));
    let made = lab.ok(&kim(), "ReplicateKey", json!({"KeyId": primary, "ReplicaRegion": THERE}));
    let replica = text(&made["ReplicaKeyMetadata"]["Arn"]);
    assert_eq!(replica, primary.replace("us-east-1", THERE));
    (primary, replica)
}

#[test]
fn a_replica_has_the_material_and_nothing_else_of_its_primary() {
    let mut lab = Lab::new();
    let (primary, replica) = pair(&mut lab);
    let sealed = lab.ok(&kim(), "Encrypt", json!({"KeyId": primary, "Plaintext": "YQ=="}));
    let decrypt = json!({"CiphertextBlob": sealed["CiphertextBlob"]});
    assert_eq!(there(&mut lab, "Decrypt", decrypt.clone()).expect("decrypted")["KeyId"], json!(replica));
    let metadata =
        there(&mut lab, "DescribeKey", json!({"KeyId": replica})).expect("described")["KeyMetadata"].clone();
    assert_eq!(metadata["Description"], "");
    let configuration = json!({"MultiRegionKeyType": "REPLICA",
        "PrimaryKey": {"Arn": primary, "Region": "us-east-1"}, "ReplicaKeys": [{"Arn": replica, "Region": THERE}]});
    assert_eq!(metadata["MultiRegionConfiguration"], configuration);
    assert_eq!(
        there(&mut lab, "ListResourceTags", json!({"KeyId": replica})).expect("listed")["Tags"],
        json!([])
    );
    // Policy, grants and aliases are its own, too.
    let narrow = policy(&[allowing(&user_arn("kim"), &json!("kms:*"))]);
    lab.put_policy(&primary, &narrow);
    lab.ok(&kim(), "CreateAlias", json!({"AliasName": "alias/a", "TargetKeyId": primary}));
    let grant = json!({"KeyId": primary, "GranteePrincipal": user_arn("tess"), "Operations": ["Decrypt"]});
    lab.ok(&kim(), "CreateGrant", grant);
    let of_replica =
        |lab: &mut Lab, operation| there(lab, operation, json!({"KeyId": replica})).expect(operation);
    assert!(text(&of_replica(&mut lab, "GetKeyPolicy")["Policy"]).contains("key-default-1"));
    assert_eq!(of_replica(&mut lab, "ListGrants")["Grants"], json!([]));
    assert_eq!(of_replica(&mut lab, "ListAliases")["Aliases"], json!([]));
    assert_eq!(
        lab.call_in(THERE, &tess(), "Decrypt", decrypt.clone()).result.expect_err("no grant").code,
        "AccessDeniedException"
    );
    lab.ok(&tess(), "Decrypt", decrypt.clone());
    // The state as well.
    lab.ok(&kim(), "DisableKey", json!({"KeyId": primary}));
    there(&mut lab, "Decrypt", decrypt).expect("the replica is enabled");
    // A key of one Region does not open elsewhere.
    let single = lab.key(json!({}));
    let sealed = lab.ok(&kim(), "Encrypt", json!({"KeyId": single, "Plaintext": "YQ=="}));
    let (code, message) =
        there(&mut lab, "Decrypt", json!({"CiphertextBlob": sealed["CiphertextBlob"]})).expect_err("no");
    assert_eq!(code, "AccessDeniedException");
    assert!(
        message
            .contains("associated with this ciphertext because the resource does not exist in this Region")
    );
}

#[test]
fn what_can_be_replicated_and_where() {
    let mut lab = Lab::new();
    let (primary, replica) = pair(&mut lab);
    let single = lab.key(json!({}));
    let not_primary = |arn: &str| {
        ("UnsupportedOperationException".to_owned(), format!("{arn} is not a multi-region primary key."))
    };
    let to = |key: &str, region: &str| json!({"KeyId": key, "ReplicaRegion": region});
    assert_eq!(lab.err(&kim(), "ReplicateKey", to(&single, THERE)), not_primary(&single));
    assert_eq!(there(&mut lab, "ReplicateKey", to(&replica, "ap-south-1")), Err(not_primary(&replica)));
    assert_eq!(lab.err(&kim(), "ReplicateKey", to(&primary, THERE)).0, "AlreadyExistsException");
    assert_eq!(lab.err(&kim(), "ReplicateKey", to(&primary, "us-east-1")).0, "AlreadyExistsException");
    for region in ["", "Europe", "eu", "eu-west", "-1", "eu--1", "a-b-c-d-1"] {
        assert_eq!(
            lab.err(&kim(), "ReplicateKey", to(&primary, region)).0,
            "ValidationException",
            "{region}"
        );
    }
    assert_eq!(there(&mut lab, "EnableKeyRotation", json!({"KeyId": replica})), Err(not_primary(&replica)));
}

#[test]
fn the_lockout_check_guards_replicas() {
    // Source: KMS API Reference, ReplicateKey, BypassPolicyLockoutSafetyCheck.
    let mut lab = Lab::new();
    let primary = lab.key(json!({"MultiRegion": true}));
    let only_tess = policy(&[allowing(&user_arn("tess"), &json!("kms:*"))]).to_string();
    let mut input = json!({"KeyId": primary, "ReplicaRegion": THERE, "Policy": only_tess});
    let text = "The new key policy will not allow you to update the key policy in the future.";
    let lockout = ("MalformedPolicyDocumentException".to_owned(), text.to_owned());
    assert_eq!(lab.err(&kim(), "ReplicateKey", input.clone()), lockout);
    input["BypassPolicyLockoutSafetyCheck"] = json!(true);
    let made = lab.ok(&kim(), "ReplicateKey", input);
    assert_eq!(made["ReplicaPolicy"], json!(only_tess));
}

#[test]
fn rotation_reaches_every_region() {
    let mut lab = Lab::new();
    let (primary, replica) = pair(&mut lab);
    lab.ok(&kim(), "EnableKeyRotation", json!({"KeyId": primary, "RotationPeriodInDays": 90}));
    let status = there(&mut lab, "GetKeyRotationStatus", json!({"KeyId": replica})).expect("a status");
    assert_eq!(status["RotationPeriodInDays"], 90);
    lab.advance_days(90);
    let material = |value: &Value| value["KeyMetadata"]["CurrentKeyMaterialId"].clone();
    let here = lab.ok(&kim(), "DescribeKey", json!({"KeyId": primary}));
    let elsewhere = there(&mut lab, "DescribeKey", json!({"KeyId": replica})).expect("described");
    assert_eq!(material(&here), material(&elsewhere));
    let sealed = lab.ok(&kim(), "Encrypt", json!({"KeyId": primary, "Plaintext": "YQ=="}));
    there(&mut lab, "Decrypt", json!({"CiphertextBlob": sealed["CiphertextBlob"]})).expect("decrypted");
}

#[test]
fn the_primary_can_move() {
    let mut lab = Lab::new();
    let (primary, replica) = pair(&mut lab);
    let to = |region: &str| json!({"KeyId": primary, "PrimaryRegion": region});
    assert_eq!(lab.err(&kim(), "UpdatePrimaryRegion", to("ap-south-1")).0, "NotFoundException");
    assert_eq!(lab.err(&kim(), "UpdatePrimaryRegion", to("us-east-1")).0, "UnsupportedOperationException");
    lab.ok(&kim(), "EnableKeyRotation", json!({"KeyId": primary, "RotationPeriodInDays": 90}));
    lab.ok(&kim(), "UpdatePrimaryRegion", to(THERE));
    let metadata =
        there(&mut lab, "DescribeKey", json!({"KeyId": replica})).expect("described")["KeyMetadata"].clone();
    assert_eq!(metadata["MultiRegionConfiguration"]["MultiRegionKeyType"], "PRIMARY");
    assert_eq!(
        lab.err(&kim(), "DisableKeyRotation", json!({"KeyId": primary})).0,
        "UnsupportedOperationException"
    );
    let status = there(&mut lab, "GetKeyRotationStatus", json!({"KeyId": replica})).expect("a status");
    assert_eq!(status["KeyRotationEnabled"], true);
    lab.advance_days(90);
    assert!(lab.world.kms().keys().all(|key| key.materials.len() == 2));
}

#[test]
fn a_primary_is_deleted_after_its_replicas() {
    let mut lab = Lab::new();
    let (primary, replica) = pair(&mut lab);
    let waiting = lab.ok(&kim(), "ScheduleKeyDeletion", json!({"KeyId": primary, "PendingWindowInDays": 8}));
    assert_eq!(waiting["KeyState"], "PendingReplicaDeletion");
    assert!(waiting.get("DeletionDate").is_none());
    let metadata = lab.ok(&kim(), "DescribeKey", json!({"KeyId": primary}))["KeyMetadata"].clone();
    assert_eq!(metadata["PendingDeletionWindowInDays"], 8);
    assert!(metadata.get("DeletionDate").is_none());
    lab.advance_days(100);
    there(&mut lab, "ScheduleKeyDeletion", json!({"KeyId": replica, "PendingWindowInDays": 7}))
        .expect("scheduled");
    lab.advance_days(7);
    let metadata = lab.ok(&kim(), "DescribeKey", json!({"KeyId": primary}))["KeyMetadata"].clone();
    assert_eq!(metadata["KeyState"], "PendingDeletion");
    lab.advance_days(7);
    lab.ok(&kim(), "DescribeKey", json!({"KeyId": primary}));
    lab.advance_days(1);
    assert_eq!(lab.err(&kim(), "DescribeKey", json!({"KeyId": primary})).0, "NotFoundException");
}
