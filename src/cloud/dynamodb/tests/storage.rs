//! What somebody with the disks in his hands sees: of tables and of backups, and what changed between two moments.

use super::super::State;
use super::super::disk::DiskChanges;
use super::*;

/// What changed on the disk of an ARN.
fn changes(lab: &Lab, arn: &str, since: &State) -> DiskChanges {
    lab.world.dynamodb().stored_at(arn).expect("a disk").changes_since(since)
}

fn backup(lab: &mut Lab, name: &str) -> String {
    let input = json!({"TableName": "CustomerData", "BackupName": name});
    let made = lab.ok(&root(), "dynamodb", "CreateBackup", input);
    made["BackupDetails"]["BackupArn"].as_str().expect("an ARN").to_owned()
}

#[test]
fn tables_and_backups_are_seen_with_their_keys_and_without_their_items() {
    let mut lab = Lab::with_table(Fidelity::instant());
    let (first, second) = (lab.key.clone(), lab.another_key());
    lab.create_table("Plain", json!({}));
    lab.put("Plain", alice());
    let old = backup(&mut lab, "before");
    lab.minutes(1);
    lab.ok(&root(), "kms", "RotateKeyOnDemand", json!({"KeyId": first}));
    lab.ok(&root(), "dynamodb", "UpdateTable", update(sse(&second)));
    let new = backup(&mut lab, "after");
    let mut material = |key: &str| {
        let described = lab.ok(&root(), "kms", "DescribeKey", json!({"KeyId": key}));
        described["KeyMetadata"]["CurrentKeyMaterialId"].as_str().map(str::to_owned)
    };
    let (rotated, of_second) = (material(&first), material(&second));
    let state = lab.world.dynamodb();
    let seen: Vec<(String, bool, Option<&str>)> = state
        .stored()
        .map(|stored| (stored.arn(), stored.is_backup(), stored.disk().table_key().kms_key.as_deref()))
        .collect();
    let table = handle("CustomerData").arn();
    let expected = [
        (table.clone(), false, Some(second.as_str())),
        (handle("Plain").arn(), false, None),
        (old.clone(), true, Some(first.as_str())),
        (new.clone(), true, Some(second.as_str())),
    ];
    assert_eq!(seen, expected);
    let material_of =
        |arn: &str| state.stored_at(arn).expect("a disk").disk().table_key().key_material.clone();
    assert_eq!(material_of(&table), of_second);
    assert_eq!(material_of(&new), of_second);
    let before = material_of(&old).expect("KMS has said so");
    assert!(
        before.len() == 64 && Some(&before) != rotated.as_ref(),
        "{before}: the material before the rotation"
    );
    assert_eq!(material_of(&handle("Plain").arn()), None);
    for stored in state.stored() {
        let disk = stored.disk();
        assert_eq!((disk.items(), disk.page_count()), (1, 1), "{}", stored.arn());
        let mut bytes = [&*disk.table_key().blob, &disk.lookup_key().to_bytes()].concat();
        for page in disk.pages() {
            assert_eq!((page.nonce().len(), page.tag().len(), page.items()), (12, 16, 1));
            bytes.extend([page.nonce(), page.tag(), page.ciphertext(), &page.data_key().to_bytes()].concat());
        }
        assert!(bytes.len() > 150, "{}", stored.arn());
        for needle in ["Alice", "12345", "alice@", "CustomerId", "Email"] {
            let is_there = bytes.windows(needle.len()).any(|window| window == needle.as_bytes());
            assert!(!is_there, "{needle} on {}", stored.arn());
        }
    }
}

/// Each thing that can be done, and what of it is seen on the disks of the table and of its backup.
#[test]
fn what_changed_since_a_marked_moment_is_seen_byte_for_byte() {
    let mut lab = Lab::with_table(Fidelity::instant());
    let kept = backup(&mut lab, "kept");
    let second = lab.another_key();
    let key = lab.key.clone();
    let table = handle("CustomerData").arn();
    let item = json!({"TableName": "CustomerData", "Key": {"CustomerId": {"S": "12345"}}});
    // Service, operation, input; whether pages are sealed again, whether the keys are wrapped again.
    for (service, operation, input, sealed, wrapped) in [
        ("dynamodb", "Scan", json!({"TableName": "CustomerData"}), false, false),
        ("dynamodb", "GetItem", item.clone(), false, false),
        ("kms", "RotateKeyOnDemand", json!({"KeyId": key}), false, false),
        ("kms", "DisableKey", json!({"KeyId": key}), false, false),
        ("kms", "EnableKey", json!({"KeyId": key}), false, false),
        ("dynamodb", "UpdateTable", update(sse(&second)), false, true),
        ("dynamodb", "PutItem", json!({"TableName": "CustomerData", "Item": alice()}), true, false),
        ("dynamodb", "UpdateItem", item.clone(), true, false),
        ("dynamodb", "UpdateTable", update(json!({"Enabled": false})), false, true),
        ("dynamodb", "DeleteItem", item, true, false),
    ] {
        let mark = lab.world.dynamodb().clone();
        lab.ok(&root(), service, operation, input);
        let found = changes(&lab, &table, &mark);
        assert_eq!((found.table_key, found.lookup_key, found.removed), (wrapped, wrapped, 0), "{operation}");
        let pages: Vec<(usize, bool, bool, bool)> = found
            .pages
            .iter()
            .map(|(at, page)| (*at, page.nonce && page.tag, !page.ciphertext.is_empty(), page.data_key))
            .collect();
        let expected = match (sealed, wrapped) {
            (false, false) => vec![],
            // The data key is wrapped anew with each sealing.
            (true, _) => vec![(0, true, true, true)],
            (false, true) => vec![(0, false, false, true)],
        };
        assert_eq!(pages, expected, "{operation}");
        assert!(!changes(&lab, &kept, &mark).any(), "{operation}: a backup never changes");
    }
}

/// A disk that was not there at the mark is new as a whole, whatever had its name.
#[test]
fn a_new_disk_has_changed_altogether() {
    let mut lab = Lab::with_table(Fidelity::instant());
    let table = handle("CustomerData").arn();
    let mark = lab.world.dynamodb().clone();
    lab.ok(&root(), "dynamodb", "DeleteTable", json!({"TableName": "CustomerData"}));
    lab.create_table("CustomerData", sse(&lab.key.clone()));
    lab.put("CustomerData", alice());
    let new = backup(&mut lab, "new");
    for arn in [&table, &new] {
        let found = changes(&lab, arn, &mark);
        let stored = lab.world.dynamodb().stored_at(arn).expect("a disk");
        let length = stored.disk().pages().next().expect("a page").ciphertext().len();
        assert!(found.table_key && found.lookup_key);
        assert_eq!(found.pages.len(), 1);
        let page = &found.pages[0].1;
        assert!(page.nonce && page.tag && page.data_key);
        assert_eq!(page.ciphertext, std::iter::once(0..length).collect::<Vec<_>>());
    }
    assert!(lab.world.dynamodb().stored().all(|stored| !stored.changes_since(lab.world.dynamodb()).any()));
}
