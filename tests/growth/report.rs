//! Reports and hand-ins, sound or made to cost much.

use std::sync::LazyLock;

use base64::Engine as _;
use kmslab::lab::hand_in::HandIn;
use kmslab::lab::share::Sharing;
use kmslab::lab::{Entry, LearnerSession};
use kmslab::report::{Finding, Kind, Record, Verdict, grade, verify};
use rand::rngs::ChaCha8Rng;
use rand::{RngExt as _, SeedableRng as _};
use sha2::{Digest as _, Sha256};

use crate::frame::{Reader, Shape::Lacks, Shape::Made, filled, nested};

/// What stands in for a refusal: only a limit is one, everything else is a finding.
fn refused(why: String) -> Result<(), String> {
    if why.contains("the limit `") { Err(why) } else { Ok(()) }
}

fn read(input: &[u8]) -> Result<(), String> {
    match verify(input.to_vec(), None) {
        Verdict::Genuine(_) => Ok(()),
        Verdict::Forged(why) | Verdict::Unknown(why) | Verdict::OtherVersion { what: why, .. } => refused(why),
    }
}

/// Grades a folder with one file in it.
fn handed_in(input: &[u8]) -> Result<(), String> {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("a3"), input).expect("written");
    let rows = grade(folder.path(), None).expect("a folder");
    rows.into_iter().filter(|row| row.finding != Finding::Genuine).try_for_each(|row| refused(row.note))
}

/// A lab in which one hint was asked for.
static HAND_IN: LazyLock<HandIn> = LazyLock::new(|| {
    let folder = tempfile::tempdir().expect("a folder");
    let (mut session, _) = LearnerSession::open("a3", None, Some(folder.path())).expect("it opens");
    session.lab_mut().hint();
    session.keep(true);
    HandIn::kept(folder.path(), "a3", Sharing::default()).expect("it was played")
});

/// A report of a lab, with a text before its record.
fn with_record(lab: HandIn, before: &str) -> Vec<u8> {
    let record = Record { kind: Kind::Html, name: None, labs: vec![lab] };
    record.put_into(&format!("{before}MARK\n"), "MARK").into_bytes()
}

/// A sound record behind so many bytes.
fn behind(size: usize, text: &str) -> Vec<u8> {
    with_record(HAND_IN.clone(), &text.repeat(size / text.len()))
}

/// The lab with so many bytes of words that do not get smaller when they are packed.
fn wordy(size: usize) -> HandIn {
    let mut rng = ChaCha8Rng::seed_from_u64(7);
    let mut words = || {
        let bytes: Vec<u8> = (0..720).map(|_| rng.random()).collect();
        Entry::Words(base64::engine::general_purpose::STANDARD.encode(bytes))
    };
    let mut lab = HAND_IN.clone();
    lab.entries.extend((0..size / 1_000).map(|_| words()));
    lab
}

/// An export of a lab.
fn export(lab: &HandIn) -> Vec<u8> {
    let lines = lab.lines().expect("lines");
    let sum = base16ct::lower::encode_string(&Sha256::digest(&lines));
    [format!("kmslab-lab 1 {} {} {sum}\n", lab.scenario, lines.len()).into_bytes(), lines].concat()
}

/// A record of blanks, packed as small as can be.
fn bomb(size: usize) -> Vec<u8> {
    // Blanks are packed a thousand to one.
    let packed = miniz_oxide::deflate::compress_to_vec_zlib(&vec![b' '; size * 700], 9);
    let packed = base64::engine::general_purpose::STANDARD.encode(packed);
    format!("<!-- kmslab-report 1 html 0.2.0 {}\n{packed}\n-->\n", "0".repeat(64)).into_bytes()
}

pub const READERS: &[Reader] = &[
    Reader {
        name: "report",
        read,
        repeat: Made(|size| behind(size, "<p>text</p>\n")),
        nest: Made(|size| nested(size, "<div>", "", "</div>")),
        widen: Made(|size| behind(size, "<!-- kmslab-report 1 html 0.2.0 00\n")),
        long_token: Made(|size| filled(size, "<!-- kmslab-report 1 html 0.2.0 00\n", "A", "\n-->")),
    },
    Reader {
        name: "report, played again",
        read,
        repeat: Made(|size| with_record(wordy(size), "")),
        nest: Lacks("an entry holds no other; texts in it have rows of their own"),
        widen: Lacks("an entry has the fields that it has"),
        long_token: Made(bomb),
    },
    Reader {
        name: "hand-in",
        read: handed_in,
        repeat: Made(|size| export(&wordy(size))),
        nest: Made(|size| nested(size, "(", "", ")")),
        widen: Made(|size| filled(size, "kmslab-lab 1 a3-key-policy-door ", "0 ", "\n")),
        long_token: Made(|size| filled(size, "kmslab-lab ", "1", "\n")),
    },
];
