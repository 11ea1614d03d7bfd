//! A report that was changed anywhere is not genuine, whether or not its checksum was mended.

use std::ops::Range;

use kmslab::report::{ENGINE, Kind, Record, Verdict, verify, write};
use rand::rngs::ChaCha8Rng;
use rand::{RngExt as _, SeedableRng as _};
use sha2::{Digest as _, Sha256};

use kmslab::lab::hand_in::HandIn;
use kmslab::lab::share::Sharing;
use kmslab::lab::{CallStatus, Entry};

use super::play::{Place, RIGHT, Way, a3};

/// The places of changes come from this seed; others find others.
const SEED: u64 = 20_261_129;

/// So many changes are made in each kind of report.
const CHANGES: usize = 50;

fn record(kind: Kind) -> Record {
    let place = Place::new();
    let way = Way { hints: 1, words: "The account's line lets IAM decide.", ..RIGHT };
    place.play("a3", |session| a3(session, way));
    let sharing = Sharing { without_secrets: true, with_paths: false };
    let lab = HandIn::kept(&place.state(), "a3", sharing).expect("it was played");
    Record { kind, name: Some("Ada".to_owned()), labs: vec![lab] }
}

fn report(kind: Kind) -> String {
    write(&record(kind), None).expect("it is played again").text
}

fn is_genuine(text: &str) -> bool {
    matches!(verify(text.as_bytes().to_vec(), None), Verdict::Genuine(_))
}

/// Where the parts of a report stand: the visible text, the drawings, the record.
fn parts(text: &str) -> [Vec<Range<usize>>; 3] {
    let comment = text.find("<!-- kmslab-report ").expect("a record");
    let begin = text.find("<main>").unwrap_or(0);
    let mut drawings = Vec::new();
    let mut from = begin;
    while let Some(at) = text[from..comment].find("<svg ") {
        let end = text[from + at..].find("</svg>").expect("its end") + from + at;
        drawings.push(from + at..end);
        from = end;
    }
    if drawings.is_empty() {
        // In Markdown the way stands between fences.
        let at = text.find("tess ==> ").expect("a way");
        drawings.push(at..at + text[at..].find('\n').expect("its end"));
    }
    let end = comment + text[comment..].find("-->").expect("its end");
    [std::iter::once(begin..comment).collect(), drawings, std::iter::once(comment..end).collect()]
}

/// The report with the checksum in its head mended, as somebody would who knows how it is made.
fn mended(text: &str) -> String {
    let at = text.rfind("<!-- kmslab-report ").expect("a record");
    let end = at + text[at..].find('\n').expect("its first line");
    let Some(place) = text[at..end].rfind(' ').map(|blank| at + blank + 1) else { return text.to_owned() };
    let zeroed = [&text[..place], &"0".repeat(64), &text[end..]].concat();
    let sum = base16ct::lower::encode_string(&Sha256::digest(zeroed));
    [&text[..place], &sum, &text[end..]].concat()
}

#[test]
fn each_change_of_a_single_byte_is_found() {
    let mut rng = ChaCha8Rng::seed_from_u64(SEED);
    for kind in [Kind::Html, Kind::Markdown] {
        let whole = report(kind);
        assert!(is_genuine(&whole), "as it was written");
        let parts = parts(&whole);
        for change in 0..CHANGES {
            let part = &parts[change % parts.len()];
            let range = &part[rng.random_range(0..part.len())];
            let mut bytes = whole.clone().into_bytes();
            let at = loop {
                let at = rng.random_range(range.clone());
                // A byte of a longer character, or a line's end, which mail may turn.
                if bytes[at].is_ascii_graphic() {
                    break at;
                }
            };
            // Another letter for a letter, another digit for a digit, another sign for a sign: still a text.
            let was = bytes[at];
            bytes[at] = match was {
                b'0'..=b'8' | b'a'..=b'y' | b'A'..=b'Y' => was + 1,
                b'9' => b'0',
                b'z' => b'a',
                b'Z' => b'A',
                _ => b'x',
            };
            let text = String::from_utf8(bytes).expect("still a text");
            let what =
                || format!("{kind:?}, byte {at}: {}", &text[at.saturating_sub(20)..text.len().min(at + 20)]);
            assert!(!is_genuine(&text), "{}", what());
            // Of a change of the checksum itself nothing is left.
            let again = mended(&text);
            assert!(again == whole || !is_genuine(&again), "its checksum mended: {}", what());
        }
    }
}

#[test]
fn a_line_that_was_added_or_taken_away_is_found() {
    for kind in [Kind::Html, Kind::Markdown] {
        let whole = report(kind);
        let lines: Vec<&str> = whole.lines().collect();
        for at in (0..lines.len()).step_by(9) {
            let mut fewer = lines.clone();
            fewer.remove(at);
            let mut more = lines.clone();
            more.insert(at, "- Result: solved with honours");
            for changed in [fewer.join("\n"), more.join("\n")] {
                if changed.contains("<!-- kmslab-report ") {
                    assert!(!is_genuine(&mended(&changed)), "{kind:?}, line {at}");
                }
                assert!(!is_genuine(&changed), "{kind:?}, line {at}");
            }
        }
    }
}

#[test]
fn what_mail_and_editors_do_to_lines_is_no_change() {
    for kind in [Kind::Html, Kind::Markdown] {
        let whole = report(kind);
        assert!(is_genuine(&whole.replace('\n', "\r\n")));
        assert!(is_genuine(&format!("\u{feff}{whole}\n\n")));
        assert!(is_genuine(whole.trim_end()));
    }
}

/// A forger who makes a whole new report from a record that says otherwise.
#[test]
fn a_record_that_says_that_calls_ended_otherwise_is_found() {
    let mut record = record(Kind::Html);
    let calls = record.labs[0].entries.iter_mut();
    let mut calls = calls.filter_map(|entry| if let Entry::Call(call) = entry { Some(call) } else { None });
    let refused = calls.find(|call| call.outcome.status == CallStatus::Denied);
    refused.expect("tess was refused").outcome.status = CallStatus::Allowed;
    let text = write(&record, None).expect("it is played again").text;
    let found = verify(text.into_bytes(), None);
    let Verdict::Forged(why) = &found else { panic!("{found:?}") };
    assert!(why.contains("was allowed and is denied now"), "{why}");
}

#[test]
fn what_another_version_made_is_not_called_forged() {
    let whole = report(Kind::Html);
    let other = mended(&whole.replace(&format!("1 html {ENGINE} "), "1 html 0.1.9 "));
    let found = verify(other.into_bytes(), None);
    assert!(matches!(&found, Verdict::OtherVersion { engine, .. } if engine == "0.1.9"), "{found:?}");
    // But whoever changes it and leaves the checksum has changed it, whatever version it names.
    let changed = whole.replace(&format!("1 html {ENGINE} "), "1 html 0.1.9 ").replace("solved", "Solved");
    assert!(matches!(verify(changed.into_bytes(), None), Verdict::Forged(_)));
    let newer = whole.replace("<!-- kmslab-report 1 ", "<!-- kmslab-report 2 ");
    let found = verify(newer.into_bytes(), None);
    assert!(matches!(&found, Verdict::Unknown(why) if why.contains("format 2")), "{found:?}");
}
