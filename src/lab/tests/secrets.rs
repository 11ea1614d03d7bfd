//! No key shows in what a lab keeps, prints or writes.

use crate::cloud::secrets::{Secret, hidden_in, hidden_in_bytes, together};
use crate::lab::export::export;
use crate::lab::share::Sharing;
use crate::lab::{Lab, saves};

/// What is typed: most of what names a key, and refusals and failures of each kind. A data key that KMS answers is its
/// caller's, and no key of the world.
const TYPED: &str = "aws kms list-keys
aws kms create-key --description more
aws kms create-key --origin EXTERNAL
aws kms generate-random --number-of-bytes 32
aws kms describe-key --key-id alias/none
aws kms decrypt --ciphertext-blob AQICAHg=
aws kms encrypt --key-id alias/aws/dynamodb --plaintext YQ==
aws dynamodb list-tables --debug
aws dynamodb scan --table-name CustomerData
aws dynamodb scan --table-name Nowhere
aws dynamodb describe-table --table-name CustomerData --output yaml
aws cloudtrail lookup-events --output json
aws kms get-key-policy --key-id 1 --policy-name default";

/// Everything that a world shows or writes down.
fn search_world(secrets: &[Secret], lab: &Lab, place: &str) {
    hidden_in(secrets, &format!("{place}: debug output"), &format!("{:?}", lab.world()));
    for event in lab.world().events() {
        hidden_in(secrets, &format!("{place}: a record"), &format!("{event:?} {}", event.to_json()));
    }
    for stored in lab.world().dynamodb().stored() {
        let disk = stored.disk();
        hidden_in(secrets, &format!("{place}: the debug output of a disk"), &format!("{disk:?}"));
        let mut bytes = [&*disk.table_key().blob, &disk.lookup_key().to_bytes()].concat();
        for page in disk.pages() {
            bytes.extend([page.nonce(), page.tag(), page.ciphertext(), &page.data_key().to_bytes()].concat());
        }
        hidden_in_bytes(secrets, &format!("{place}: the disk of {}", stored.arn()), &bytes);
    }
    for step in lab.history().done() {
        if let Some(made) = step.call() {
            let outcome = &made.outcome;
            hidden_in(secrets, &format!("{place}: an outcome"), &format!("{:?} {outcome:?}", made.call));
            match &outcome.result {
                Ok(output) => {
                    hidden_in(secrets, &format!("{place}: an answer"), &output.to_json().to_string());
                }
                Err(error) => {
                    hidden_in(secrets, &format!("{place}: an error"), &format!("{error} {error:?}"));
                }
            }
        }
    }
}

#[test]
fn keys_show_in_nothing_that_a_lab_keeps() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut found = 0;
    for id in ["a1", "a3", "a4"] {
        let saves::Resumed { mut lab, mut ledger, .. } =
            saves::resume(id, None, Some(folder.path())).expect("it opens");
        lab.ask();
        lab.type_text(TYPED);
        let key = lab.world().kms().keys().next().map(|key| key.arn());
        if let Some(key) = key {
            lab.type_text(&format!(
                "aws kms describe-key --key-id {key}; aws kms rotate-key-on-demand --key-id {key}"
            ));
        }
        let secrets = together(lab.world().secrets(), lab.history().start().secrets());
        found += secrets.len();
        search_world(&secrets, &lab, id);
        for typed in lab.transcript().shown() {
            hidden_in(&secrets, &format!("{id}: the transcript"), &format!("{} {typed:?}", typed.printed));
        }
        hidden_in(
            &secrets,
            &format!("{id}: debug output of the transcript"),
            &format!("{:?}", lab.transcript()),
        );
        ledger.keep(&mut lab, true);
        assert_eq!(ledger.unkept(), None);
        let file = folder.path().join(format!("{id}.lab"));
        let entries = export(folder.path(), id, &file, Sharing::default()).expect("exported").entries;
        assert!(entries > 10, "{id}: only {entries} entries");
        let exported = std::fs::read(&file).expect("a file");
        let text = String::from_utf8(exported.clone()).expect("a text");
        hidden_in(&secrets, &format!("{id}: the exported file"), &text);
        hidden_in_bytes(&secrets, &format!("{id}: the exported file"), &exported);
        assert!(saves::find(folder.path(), id).is_err(), "one at a time");
        drop(ledger);
        let kept = saves::find(folder.path(), id).expect("readable");
        hidden_in(&secrets, &format!("{id}: debug output of the journal"), &format!("{kept:?}"));
    }
    assert!(found > 10, "only {found} keys to search for");
}
