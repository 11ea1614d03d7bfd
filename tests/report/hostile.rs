//! Reports that were made to cost too much, or to be something else.

use base64::Engine as _;
use kmslab::lab::hand_in::HandIn;
use kmslab::lab::share::Sharing;
use kmslab::lab::{Entry, Head};
use kmslab::limits::report as limits;
use kmslab::report::{ENGINE, Kind, Record, Verdict, verify, write};

use super::play::{Place, RIGHT, a3};

fn unknown(bytes: &[u8]) -> String {
    let found = verify(bytes.to_vec(), None);
    let (Verdict::Unknown(why) | Verdict::Forged(why)) = found else { panic!("{found:?}") };
    why
}

/// A report whose record is these bytes, packed.
fn around(json: &[u8]) -> String {
    let packed = miniz_oxide::deflate::compress_to_vec_zlib(json, 9);
    let packed = base64::engine::general_purpose::STANDARD.encode(packed);
    format!("<!-- kmslab-report 1 html {ENGINE} {}\n{packed}\n-->\n", "0".repeat(64))
}

#[test]
fn what_is_no_report_is_said_with_its_reason() {
    for (bytes, says) in [
        (&b""[..], "no report of kmslab"),
        (b"<html></html>", "no report of kmslab"),
        (b"<!-- kmslab-report ", "no report of kmslab"),
        (b"<!-- kmslab-report 1 html\n-->", "no report of kmslab"),
        (b"<!-- kmslab-report 9 html 7.0.0 00\n-->", "format 9"),
        (b"\xff\xfe", "not UTF-8 text"),
        (b"<!-- kmslab-report 1 html 0.2.0 00\nAAAA", "has no end"),
        (b"<!-- kmslab-report 1 html 0.2.0 00\n!!!!\n-->", "damaged"),
    ] {
        let why = unknown(bytes);
        assert!(why.contains(says), "{why}");
    }
    for (json, says) in [
        (&b"{}"[..], "missing field"),
        (br#"{"engine":"0.2.0","kind":"markdown","labs":[]}"#, "its first line tells of another"),
        (br#"{"engine":"0.2.0","kind":"html","labs":[],"more":1}"#, "unknown field"),
        (br#"{"engine":"0.2.0","kind":"html","labs":[{"scenario":"a3","words":"","left_out":0,"journal":"x"}]}"#, "damaged"),
    ] {
        let why = unknown(around(json).as_bytes());
        assert!(why.contains(says), "{why}");
    }
}

#[test]
fn a_record_that_unpacks_without_end_is_refused_by_name() {
    let bomb = vec![b' '; limits::RECORD.size() + 1];
    let text = around(&bomb);
    assert!(text.len() < 100_000, "a small file");
    assert!(unknown(text.as_bytes()).contains("the limit `report-record`"));
}

/// A record of A3 with other entries behind its head.
fn record(of: impl FnOnce(Head) -> Vec<Entry>) -> Record {
    let place = Place::new();
    place.play("a3", |session| a3(session, RIGHT));
    let mut lab = HandIn::kept(&place.state(), "a3", Sharing::default()).expect("it was played");
    let head = lab.entries[0].head().expect("a head").clone();
    lab.entries = of(head);
    Record { kind: Kind::Markdown, name: None, labs: vec![lab] }
}

#[test]
fn more_entries_than_may_be_are_refused_by_name() {
    let many = record(|head| {
        std::iter::once(Entry::Head(head))
            .chain((0..limits::ENTRIES.size()).map(|_| Entry::Wait(1)))
            .collect()
    });
    let error = write(&many, None).expect_err("too many").to_string();
    assert!(error.contains("the limit `report-entries`"), "{error}");
    let packed = many.put_into("x MARK", "MARK");
    assert!(unknown(packed.as_bytes()).contains("the limit `report-entries`"));
    let labs = Record { labs: vec![many.labs[0].clone(); 101], ..many };
    let labs = Record {
        labs: labs.labs.into_iter().map(|lab| HandIn { entries: lab.entries[..1].to_vec(), ..lab }).collect(),
        ..labs
    };
    assert!(unknown(labs.put_into("x MARK", "MARK").as_bytes()).contains("the limit `report-labs`"));
}

#[test]
fn what_cannot_be_done_again_is_no_report() {
    for entries in [
        vec![Entry::Act("nobody".to_owned())],
        vec![Entry::Wait(i64::MAX)],
        vec![
            Entry::Predict { prediction: "no such".to_owned(), choose: 99 },
            Entry::Act("mallory/x".to_owned()),
        ],
    ] {
        let record = record(|head| std::iter::once(Entry::Head(head)).chain(entries.clone()).collect());
        let packed = record.put_into("x MARK", "MARK");
        let found = verify(packed.into_bytes(), None);
        assert!(matches!(found, Verdict::Forged(_)), "{entries:?}: {found:?}");
    }
}

#[test]
fn words_that_are_too_long_are_cut_where_they_are_said_and_where_they_are_read() {
    let long = "\u{e4}".repeat(5_000);
    let record = record(|head| vec![Entry::Head(head), Entry::Words(long.clone())]);
    let written = write(&record, None).expect("it is played again");
    assert!(written.labs[0].words().expect("they are there").len() <= 2_000);
    assert!(!written.text.contains(&long));
}
