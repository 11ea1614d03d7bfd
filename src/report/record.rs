//! What a report carries: who made it, and all that was done, packed into a comment at its end.
//!
//! The comment is the last thing in the file but for a few closing words, in HTML and in Markdown alike. Its first line says
//! the version of the format, the kind of the file, the program's version and the SHA-256 of the whole file, in which zeros
//! stand for itself; the lines behind are JSON, compressed (zlib) and in Base64.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use miniz_oxide::inflate::{TINFLStatus, decompress_to_vec_zlib_with_limit};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::lab::JournalError;
use crate::lab::hand_in::{self, HandIn};
use crate::limits::{Exceeded, report, steps};

/// The word that the comment begins with.
const BEGIN: &str = "<!-- kmslab-report ";

/// The word that it ends with.
const END: &str = "-->";

/// The version of the comment and of what is in it.
const FORMAT: &str = "1";

/// The version of this kmslab.
pub const ENGINE: &str = env!("CARGO_PKG_VERSION");

/// So many characters stand in a line of the comment.
const WIDTH: usize = 120;

/// How hard is tried to make the record small.
const LEVEL: u8 = 9;

/// How a report is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    Html,
    Markdown,
}

impl Kind {
    /// The kind that a file's name asks for: HTML by its ending, else Markdown.
    pub fn of_file(path: &Path) -> Self {
        let html = path
            .extension()
            .is_some_and(|end| ["html", "htm"].iter().any(|html| end.eq_ignore_ascii_case(html)));
        if html { Self::Html } else { Self::Markdown }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Html => "html",
            Self::Markdown => "markdown",
        }
    }
}

/// All that a report is made from.
#[derive(Clone, Debug)]
pub struct Record {
    pub kind: Kind,
    /// The name that the learner gave; none unless asked to.
    pub name: Option<String>,
    pub labs: Vec<HandIn>,
}

/// The record as it is packed.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Packed {
    engine: String,
    kind: Kind,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    labs: Vec<PackedLab>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PackedLab {
    scenario: String,
    words: String,
    left_out: usize,
    journal: String,
}

/// A record as it was found in a file.
#[derive(Debug)]
pub struct Found {
    /// The version that wrote the file.
    pub engine: String,
    /// Whether the checksum of the file fits the rest of it.
    pub sum_fits: bool,
    /// What is carried, or why that cannot be read.
    pub record: Result<Record, RecordError>,
}

/// Why a file is no report, or its record cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// There is no record in it.
    #[error("it is no report of kmslab: there is no record in it")]
    NoReport,
    /// The record has another format.
    #[error("its record has format {found}, and format {FORMAT} is read here; use kmslab {engine}")]
    Format { found: String, engine: String },
    /// The record is not what was written.
    #[error("its record is damaged ({0})")]
    Damaged(String),
    /// What was done cannot be read.
    #[error("its record is damaged: {0}")]
    Journal(#[from] JournalError),
    /// There is more of it than may be.
    #[error(transparent)]
    TooMuch(#[from] Exceeded),
}

impl Record {
    /// Returns the fingerprint: the SHA-256 of all that is carried, in hex.
    pub fn fingerprint(&self) -> String {
        hash(&self.json())
    }

    /// Returns what is packed.
    fn json(&self) -> Vec<u8> {
        let lab = |lab: &HandIn| PackedLab {
            scenario: lab.scenario.clone(),
            words: lab.words.clone(),
            left_out: lab.left_out,
            // Entries that were read are written, too.
            journal: String::from_utf8(lab.lines().unwrap_or_default()).unwrap_or_default(),
        };
        let labs = self.labs.iter().map(lab).collect();
        let packed = Packed { engine: ENGINE.to_owned(), kind: self.kind, name: self.name.clone(), labs };
        serde_json::to_vec(&packed).unwrap_or_default()
    }

    /// Puts the record at the place of `mark` in a text, and the checksum of the whole into it.
    pub fn put_into(&self, text: &str, mark: &str) -> String {
        let packed = BASE64.encode(miniz_oxide::deflate::compress_to_vec_zlib(&self.json(), LEVEL));
        let head = |sum: &str| format!("{BEGIN}{FORMAT} {} {ENGINE} {sum}", self.kind.word());
        let zeros = "0".repeat(64);
        let mut comment = head(&zeros);
        let mut rest = packed.as_str();
        while !rest.is_empty() {
            let (line, behind) = rest.split_at(rest.len().min(WIDTH));
            comment.extend(["\n", line]);
            rest = behind;
        }
        comment.extend(["\n", END]);
        let whole = text.replacen(mark, &comment, 1);
        let sum = hash(whole.as_bytes());
        whole.replacen(&head(&zeros), &head(&sum), 1)
    }
}

/// Returns the SHA-256 of some bytes in hex.
fn hash(bytes: &[u8]) -> String {
    steps::add(bytes.len());
    base16ct::lower::encode_string(&Sha256::digest(bytes))
}

/// Finds the record in the text of a file. The last comment counts: what stands before is text.
pub fn find(text: &str) -> Result<Found, RecordError> {
    steps::add(text.len());
    let at = text.rfind(BEGIN).ok_or(RecordError::NoReport)?;
    let comment = text.get(at + BEGIN.len()..).unwrap_or_default();
    let (head, rest) = comment.split_once('\n').ok_or(RecordError::NoReport)?;
    let words: Vec<&str> = head.split(' ').collect();
    let (format, kind, engine, sum) = match words.as_slice() {
        [format, kind, engine, sum] => (*format, *kind, *engine, *sum),
        [format, _, engine, ..] if *format != FORMAT => {
            return Err(RecordError::Format { found: (*format).to_owned(), engine: (*engine).to_owned() });
        }
        _ => return Err(RecordError::NoReport),
    };
    if format != FORMAT {
        return Err(RecordError::Format { found: format.to_owned(), engine: engine.to_owned() });
    }
    let place = at + BEGIN.len() + head.len() - sum.len();
    let zeroed = [
        text.get(..place).unwrap_or_default(),
        &"0".repeat(64),
        text.get(place + sum.len()..).unwrap_or_default(),
    ];
    let sum_fits = hash(zeroed.concat().as_bytes()) == sum;
    let packed = rest.split_once(END).map(|(packed, _)| packed);
    let record =
        packed.ok_or_else(|| damaged("it has no end")).and_then(|packed| unpack(packed, kind, engine));
    Ok(Found { engine: engine.to_owned(), sum_fits, record })
}

fn damaged(what: impl Into<String>) -> RecordError {
    RecordError::Damaged(what.into())
}

/// Reads what stands between the first line of the comment and its end.
fn unpack(packed: &str, kind: &str, engine: &str) -> Result<Record, RecordError> {
    let letters: String = packed.chars().filter(|c| *c != '\n').collect();
    let bytes = BASE64.decode(letters).map_err(|e| damaged(e.to_string()))?;
    let json = decompress_to_vec_zlib_with_limit(&bytes, report::RECORD.size()).map_err(|e| {
        let more = e.status == TINFLStatus::HasMoreOutput;
        if more { RecordError::TooMuch(Exceeded(&report::RECORD)) } else { damaged("it cannot be unpacked") }
    })?;
    steps::add(json.len());
    let packed: Packed = serde_json::from_slice(&json).map_err(|e| damaged(e.to_string()))?;
    if packed.kind.word() != kind || packed.engine != engine {
        return Err(damaged("its first line tells of another"));
    }
    report::LABS.check(packed.labs.len())?;
    let name = packed.name;
    report::NAME.check(name.as_deref().unwrap_or_default().len())?;
    let lab = |lab: PackedLab| {
        report::ENTRIES.check(lab.journal.lines().count())?;
        let entries = hand_in::entries("the record".as_ref(), lab.journal.as_bytes())?;
        Ok(HandIn { scenario: lab.scenario, words: lab.words, left_out: lab.left_out, entries })
    };
    let labs = packed.labs.into_iter().map(lab).collect::<Result<_, RecordError>>()?;
    Ok(Record { kind: packed.kind, name, labs })
}
