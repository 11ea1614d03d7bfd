//! What stands in the folder of labs: journals that are played again, notes beside them, exports.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use kmslab::lab::export::{self, ExportError};
use kmslab::lab::learning::{Learning, LearningError};
use kmslab::lab::recover::{RecoverError, recover};
use kmslab::lab::share::Sharing;
use kmslab::lab::{CallEntry, Entry, Journal, JournalError, Lab, LearnerSession, saves};
use kmslab::limits::file::Given;
use kmslab::limits::{Limit, lab as limits};
use kmslab::scenario;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::frame::{Reader, Shape::Lacks, Shape::Made, filled, listed, nested};

const ID: &str = "a3-key-policy-door";

fn journal(state: &Path) -> PathBuf {
    state.join("labs").join(format!("{ID}.journal"))
}

/// Writes the journal of the lab, or a file beside it.
fn put(state: &Path, ending: &str, bytes: &[u8]) {
    let path = journal(state).with_extension(ending);
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
    std::fs::write(path, bytes).expect("written");
}

/// The checksum of a line of a journal behind one with another.
fn sum(last: [u8; 8], json: &str) -> [u8; 8] {
    let digest = Sha256::new().chain_update(last).chain_update(json).finalize();
    digest[..8].try_into().expect("8 bytes")
}

fn hex(bytes: [u8; 8]) -> String {
    base16ct::lower::encode_string(&bytes)
}

/// A line of a journal has so many bytes beside its JSON: the checksum, a blank and the end.
const LINE_BYTES: usize = 18;

/// How long the entries are that take long to be done again.
const SLOW_BYTES: usize = 16 << 10;

/// A journal with the head of the lab and behind it the texts of entries, each filled up with blanks to a length: playing one
/// again takes as long however short it is. It has about so many bytes.
fn written(size: usize, length: usize, mut entry: impl FnMut(usize) -> String) -> Vec<u8> {
    let folder = tempfile::tempdir().expect("a folder");
    let (mut session, _) = LearnerSession::open(ID, None, Some(folder.path())).expect("it opens");
    session.lab_mut().hint();
    session.keep(true);
    drop(session);
    let begun = std::fs::read_to_string(journal(folder.path())).expect("a journal");
    let head = begun.lines().next().expect("a head");
    let (_, json) = head.split_at(17);
    let mut last = sum([0; 8], json);
    let mut lines = format!("{head}\n");
    let mut add = |lines: &mut String, json: &str| {
        last = sum(last, json);
        writeln!(lines, "{} {json}", hex(last)).expect("text");
    };
    for number in 0.. {
        let json = format!("{:<length$}", entry(number));
        if lines.len() + json.len() + LINE_BYTES > size {
            break;
        }
        add(&mut lines, &json);
    }
    // What is left takes nothing to be done again.
    if let Some(left) = size.checked_sub(lines.len() + LINE_BYTES).filter(|left| *left >= "\"hint\"".len()) {
        add(&mut lines, &format!("{:<left$}", "\"hint\""));
    }
    lines.into_bytes()
}

thread_local! {
    /// What one scan leaves in a journal.
    static SCAN: CallEntry = {
        let mut lab = Lab::open(scenario::find(ID).expect("embedded"), Some("root")).expect("it opens");
        lab.take_unsaved();
        lab.ask();
        match lab.take_unsaved().pop() {
            Some(Entry::Call(call)) => *call,
            other => panic!("a call was made, and not {other:?}"),
        }
    };
}

/// The entry of a call that ended otherwise than it will.
fn call(operation: &str, service: &str, input: Value) -> String {
    let scan = SCAN.with(Clone::clone);
    let made = CallEntry { service: service.to_owned(), operation: operation.to_owned(), input, ..scan };
    serde_json::to_string(&Entry::Call(Box::new(made))).expect("JSON")
}

/// Opens the lab where the journal leaves it. What it says about the journal is a refusal, if it names a limit.
fn open(input: &[u8]) -> Result<(), String> {
    let state = tempfile::tempdir().expect("a folder");
    put(state.path(), "journal", input);
    let (_, notice) = LearnerSession::open(ID, None, Some(state.path())).expect("it opens");
    let Some(notice) = notice else { return Ok(()) };
    if notice.words.contains("the limit `") {
        return Err(notice.words);
    }
    assert!(notice.good || notice.words.contains("although kmslab"), "{}", notice.words);
    Ok(())
}

fn recovered(input: &[u8]) -> Result<(), String> {
    let state = tempfile::tempdir().expect("a folder");
    put(state.path(), "journal", input);
    match recover(state.path(), ID) {
        Ok(found) => {
            assert!(found.entries > 0);
            Ok(())
        }
        Err(RecoverError::Nothing(_) | RecoverError::Sound(_)) => Ok(()),
        Err(why) => Err(why.to_string()),
    }
}

/// The export of a journal.
fn exported(journal_of_it: &[u8]) -> Vec<u8> {
    let sum = base16ct::lower::encode_string(&Sha256::digest(journal_of_it));
    [format!("kmslab-lab 1 {ID} {} {sum}\n", journal_of_it.len()).as_bytes(), journal_of_it].concat()
}

fn import(input: &[u8]) -> Result<(), String> {
    let state = tempfile::tempdir().expect("a folder");
    let file = state.path().join("x.lab");
    std::fs::write(&file, input).expect("written");
    match export::import(&state.path().join("to"), &file, Given::Found, None) {
        Ok(_) | Err(ExportError::Damaged { .. } | ExportError::NotALab(_) | ExportError::Version { .. }) => {
            Ok(())
        }
        Err(why) => Err(why.to_string()),
    }
}

/// Writes an export of a journal without its secrets.
fn share(input: &[u8]) -> Result<(), String> {
    let state = tempfile::tempdir().expect("a folder");
    put(state.path(), "journal", input);
    let sharing = Sharing { without_secrets: true, ..Sharing::default() };
    export::export(state.path(), ID, &state.path().join("x.lab"), sharing)
        .map(drop)
        .map_err(|why| why.to_string())
}

/// A note that is longer than its limit is as good as none, and nobody is told: the limit answers without words.
fn silent(limit: &'static Limit, input: &[u8]) -> Result<(), String> {
    limit.check(input.len()).map_err(|exceeded| exceeded.to_string())
}

/// A text that is no file of what was believed is no failure; one beyond its limit says so.
fn refused(why: &LearningError, input: &[u8]) -> Result<(), String> {
    assert!(why.to_string().contains("learning.json"), "{why}");
    silent(&limits::LEARNING, input)
}

/// Asks how far a lab is that has this note of it.
fn progress(input: &[u8]) -> Result<(), String> {
    let state = tempfile::tempdir().expect("a folder");
    put(state.path(), "journal", &written(1 << 10, 0, |_| "\"hint\"".to_owned()));
    put(state.path(), "journal.progress", input);
    let tasks = kmslab::scenario::find(ID).expect("it is embedded").tasks.len();
    assert_eq!(saves::progress(state.path(), ID), Some((0, tasks)), "it is reckoned anew");
    silent(&limits::PROGRESS, input)
}

/// Opens a journal that is open already, with this note of who has it.
fn holder(input: &[u8]) -> Result<(), String> {
    let state = tempfile::tempdir().expect("a folder");
    let _held = Journal::open(&journal(state.path())).expect("new");
    put(state.path(), "journal.held", input);
    match Journal::open(&journal(state.path())) {
        Err(JournalError::InUse { holder: None, .. }) => silent(&limits::HOLDER, input),
        other => panic!("the note is none: {other:?}"),
    }
}

/// Opens a lab with this note of what was being typed in it.
fn typing(input: &[u8]) {
    let state = tempfile::tempdir().expect("a folder");
    put(state.path(), "journal", b"");
    put(state.path(), "journal.typing", input);
    let (session, _) = LearnerSession::open(ID, None, Some(state.path())).expect("it opens");
    let taken_up = !session.ledger().line().is_empty()
        || session.lab().draft().is_some_and(kmslab::lab::Draft::is_edited);
    assert!(taken_up, "what was typed is there again");
}

/// A note of what was being typed: its JSON has a beginning, a part again and again, and an end.
fn unfinished(size: usize, before: &str, part: &str, after: &str) -> Vec<u8> {
    let json = String::from_utf8(filled(size - 18, before, part, after)).expect("text");
    format!("{} {json}\n", hex(sum([0; 8], &json))).into_bytes()
}

fn typed(number: usize, printed: &str) -> String {
    json!({"typed": {"prompt": "root> ", "text": format!("echo {number}"), "printed": printed, "code": 0, "acting": "root",
        "changed": {}}})
    .to_string()
}

/// The document that the lab opens first.
fn document() -> String {
    let (mut session, _) = LearnerSession::open(ID, None, None).expect("it opens");
    session.lab_mut().open_first_document();
    serde_json::to_string(session.lab().draft().expect("one is open").document()).expect("JSON")
}

pub const READERS: &[Reader] = &[
    Reader {
        name: "journal, played again",
        read: open,
        repeat: Made(|size| written(size, SLOW_BYTES, |_| r#"{"wait":1}"#.to_owned())),
        // Taken back and done otherwise again and again: each time another branch.
        nest: Made(|size| {
            written(size, SLOW_BYTES, |number| match number % 2 {
                0 => r#"{"wait":1}"#.to_owned(),
                _ => format!(r#"{{"go_to":{}}}"#, number / 4),
            })
        }),
        widen: Made(|size| {
            let name = |number| json!({"UserName": format!("user-{number}")});
            written(size, SLOW_BYTES, |number| call("CreateUser", "iam", name(number)))
        }),
        long_token: Made(|size| {
            let fill = "x".repeat(size - size / 16);
            written(size, 0, |number| if number == 0 { typed(0, &fill) } else { "\"hint\"".to_owned() })
        }),
    },
    Reader {
        name: "journal, what was printed",
        read: open,
        // A long text that is printed again and again stands in the journal once.
        repeat: Made(|size| {
            let long = "x".repeat(size / 2);
            let again = typed(0, "").replace("\"changed\"", "\"again\":0,\"changed\"");
            written(size, 0, |number| if number == 0 { typed(0, &long) } else { again.clone() })
        }),
        nest: Lacks("a line of the console is text here"),
        widen: Made(|size| written(size, 0, |number| typed(number, &format!("{number:>300}")))),
        long_token: Made(|size| {
            let set = |number: usize| {
                typed(number, "").replace(
                    "\"changed\":{}",
                    &format!("\"changed\":{{\"A{number}\":\"{}\"}}", "x".repeat(900)),
                )
            };
            written(size, 0, set)
        }),
    },
    Reader {
        name: "journal, drafts",
        read: open,
        repeat: Made(|size| {
            let text = "{\"Version\": \"2012-10-17\", \"Statement\": []}";
            let draft = json!({"draft": {"document": serde_json::from_str::<Value>(&document()).expect("JSON"), "text": text}});
            written(size, 2 << 10, |_| draft.to_string())
        }),
        nest: Made(|size| {
            let text = format!("{}{}", "[".repeat(60), "]".repeat(60));
            let draft = json!({"draft": {"document": serde_json::from_str::<Value>(&document()).expect("JSON"), "text": text}});
            written(size, 2 << 10, |_| draft.to_string())
        }),
        // A long draft, and steps under it.
        widen: Made(|size| {
            let statement = r#"{"Effect":"Allow","Principal":"*","Action":"kms:*","Resource":"*"}"#;
            let text = filled(size / 2, "[", &format!("{statement},"), "1]");
            let text = String::from_utf8(text).expect("text");
            let draft = json!({"draft": {"document": serde_json::from_str::<Value>(&document()).expect("JSON"), "text": text}});
            written(size, SLOW_BYTES, |number| {
                if number == 0 { draft.to_string() } else { r#"{"wait":1}"#.to_owned() }
            })
        }),
        long_token: Made(|size| {
            let text = format!("{:?}", "x".repeat(size - size / 16));
            let draft = json!({"draft": {"document": serde_json::from_str::<Value>(&document()).expect("JSON"), "text": text}});
            written(size, 0, |number| if number == 0 { draft.to_string() } else { "\"hint\"".to_owned() })
        }),
    },
    Reader {
        name: "recover",
        read: recovered,
        // The last of the entries cannot be done again.
        repeat: Made(|size| {
            let mut lines = written(size, SLOW_BYTES, |_| r#"{"wait":1}"#.to_owned());
            let text = String::from_utf8(lines.clone()).expect("text");
            let (last, json) =
                (text.lines().last().expect("a line").get(..16).expect("a sum"), r#"{"act":"nobody"}"#);
            let bytes: Vec<u8> =
                (0..8).map(|at| u8::from_str_radix(&last[2 * at..2 * at + 2], 16).expect("hex")).collect();
            let sum = sum(bytes.try_into().expect("8 bytes"), json);
            lines.extend(format!("{} {json}\n", hex(sum)).into_bytes());
            lines
        }),
        nest: Made(|size| {
            [
                written(size / 2, 1 << 10, |_| "\"hint\"".to_owned()),
                "0123456789abcdef {".repeat(size / 36).into_bytes(),
            ]
            .concat()
        }),
        widen: Made(|size| {
            let mut lines = written(size / 2, 1 << 10, |number| typed(number, "x"));
            for number in 0..size / 2 / 32 {
                lines.extend(format!("{number:016x} {{\"act\": {number:>4}}}\n").into_bytes());
            }
            lines
        }),
        long_token: Made(|size| {
            [written(size / 4, 1 << 10, |_| "\"hint\"".to_owned()), vec![b'a'; size - size / 4]].concat()
        }),
    },
    Reader {
        name: "export",
        read: import,
        repeat: Made(|size| exported(&written(size, SLOW_BYTES, |_| r#"{"wait":1}"#.to_owned()))),
        nest: Made(|size| {
            // As deep as AWS takes an attribute.
            let (open, close) = ("{\"L\":[".repeat(28), "]}".repeat(28));
            let deep = serde_json::from_str::<Value>(&format!("{open}{{\"S\":\"x\"}}{close}")).expect("JSON");
            let item = json!({"TableName": "CustomerData", "Item": {"CustomerID": {"S": "1"}, "Deep": deep}});
            let made = call("PutItem", "dynamodb", item);
            exported(&written(size, SLOW_BYTES, |_| made.clone()))
        }),
        widen: Made(|size| exported(&written(size, 0, |number| typed(number, "x")))),
        long_token: Made(|size| filled(size, "kmslab-lab 1 ", "a", " 3 0\n")),
    },
    Reader {
        name: "journal, exported without secrets",
        read: share,
        repeat: Made(|size| {
            written(size, 0, |number| {
                let mark = format!("\"secrets\":[\"{number:016x}\"],\"changed\"");
                typed(number, "aws --a file:///home/x/y file:///z").replace("\"changed\"", &mark)
            })
        }),
        nest: Lacks("a line of the console is text here"),
        // One line names ever more files.
        widen: Made(|size| {
            let paths = listed(size - size / 8, "", "", |number| format!("file:///home/x/{number}/y "));
            let text = String::from_utf8(paths).expect("text");
            let line = typed(0, "/home/x/1/y ").replace("echo 0", &text);
            written(size, 0, |number| if number > 0 { "\"hint\"".to_owned() } else { line.clone() })
        }),
        long_token: Made(|size| {
            let text = "file:///a/b ".repeat((size - size / 8) / 12);
            let line = typed(0, "/a/b ").replace("echo 0", &text);
            written(size, 0, |number| if number > 0 { "\"hint\"".to_owned() } else { line.clone() })
        }),
    },
    Reader {
        name: "progress note",
        read: progress,
        repeat: Made(|size| filled(size, "kmslab-progress 1", " 1", "\n")),
        nest: Lacks("a note is six words in a row"),
        widen: Made(|size| filled(size, "kmslab-progress 1", " 1 2 3 4 5 6 7 8 9", "\n")),
        long_token: Made(|size| filled(size, "kmslab-progress 1 ", "1", "\n")),
    },
    Reader {
        name: "what was believed",
        read: |input| Learning::read(Path::new("learning.json"), input).map(drop).or_else(|why| refused(&why, input)),
        repeat: Made(|size| {
            let record = |number| format!("\"M{number}\":{{\"since\":\"2026-12-01\",\"passed\":1}}");
            listed(size, "{\"kmslab-learning\":1,\"beliefs\":{", "}}", record)
        }),
        nest: Made(|size| nested(size, "{\"kmslab-learning\":1,\"quizzes\":{\"A\":", "1", "}}")),
        widen: Made(|size| {
            let asked = |number| format!("[\"a2-full-access-denied\",\"p{number}\"]");
            let begun = "{\"kmslab-learning\":1,\"quizzes\":{\"A\":{\"under_way\":[\"before\",{\"day\":\"2026-12-01\",\"clothes\":0,\"answers\":[],\"questions\":[";
            listed(size, begun, "]}]}}}", asked)
        }),
        long_token: Made(|size| {
            filled(size, "{\"kmslab-learning\":1,\"beliefs\":{\"", "M", "\":{\"since\":\"2026-12-01\"}}}")
        }),
    },
    Reader {
        name: "holder note",
        read: holder,
        repeat: Made(|size| filled(size, "", "1\n", "")),
        nest: Lacks("a note is one number"),
        widen: Made(|size| filled(size, "", "0 1 2 3 4 5 6 7 8 9 ", "")),
        long_token: Made(|size| filled(size, "", "1", "\n")),
    },
    Reader {
        name: "typing note",
        read: |input| {
            typing(input);
            Ok(())
        },
        repeat: Made(|size| unfinished(size, "{\"line\":\"echo", " a b", "\"}")),
        nest: Made(|size| unfinished(size, &format!("{{\"draft\":[{},\"", document()), "{[", "\"]}")),
        widen: Made(|size| {
            let statement =
                r#"{\"Effect\":\"Allow\",\"Principal\":\"*\",\"Action\":\"kms:*\",\"Resource\":\"*\"},"#;
            unfinished(size, &format!("{{\"draft\":[{},\"[", document()), statement, "1]\"]}")
        }),
        long_token: Made(|size| unfinished(size, "{\"line\":\"", "a", "\"}")),
    },
];
