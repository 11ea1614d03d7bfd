//! Files that somebody edits elsewhere: one that a document follows, and what an external editor leaves.

use kmslab::lab::external_editor::{ToEdit, edit_with};
use kmslab::lab::{EditorError, LearnerSession};

use crate::frame::{Reader, Shape::Lacks, Shape::Made, filled, listed, nested};

const OPEN: &str = r#"{"Version":"2012-10-17","Statement":["#;
const SAME: &str = r#"{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":"kms:*","Resource":"*"}"#;

/// Lets the key policy of a lab follow a file with the input.
fn follow(input: &[u8]) -> Result<(), String> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("policy.json");
    std::fs::write(&path, input).expect("written");
    let (mut session, _) = LearnerSession::open("a3", None, None).expect("it opens");
    session.lab_mut().open_first_document();
    session.follow(path.to_str().expect("a text")).expect("a document is open");
    let (words, changed) = session.look().expect("it says something");
    if changed { Ok(()) } else { Err(words) }
}

/// Lets an editor that leaves the input edit a text.
fn edited(input: &[u8]) -> Result<(), String> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("left");
    std::fs::write(&path, input).expect("written");
    match edit_with(&format!("cp {}", path.display()), &ToEdit::new("{}".to_owned())) {
        Ok(text) => {
            assert_eq!(text.as_bytes(), input);
            Ok(())
        }
        Err(EditorError::NotRead(why)) => Err(why.to_string()),
        Err(why) => panic!("{why}"),
    }
}

fn statement(number: usize) -> String {
    SAME.replace("kms:*", &format!("kms:Nope{number}"))
}

pub const READERS: &[Reader] = &[
    Reader {
        name: "followed file",
        read: follow,
        repeat: Made(|size| listed(size, OPEN, "]}", |_| SAME.to_owned())),
        nest: Made(|size| nested(size, r#"{"Statement":["#, SAME, "]}")),
        widen: Made(|size| listed(size, OPEN, "]}", statement)),
        long_token: Made(|size| filled(size, r#"{"Version":"2012-10-17","Statement":[{"Sid":""#, "a", "\"}]}")),
    },
    Reader {
        name: "edited file",
        read: edited,
        repeat: Made(|size| filled(size, "", "a\n", "")),
        nest: Lacks("the file is one text here; as a policy it is the draft of `followed file`"),
        widen: Made(|size| filled(size, "", "\u{e4}\u{f6}\u{fc}\n", "")),
        long_token: Made(|size| filled(size, "", "a", "")),
    },
];
