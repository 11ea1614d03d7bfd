//! What `kmslab decide` answers, held against what AWS answers: kinds of questions that it once got wrong, a row a question.
//!
//! A row of `rows.jsonl` is an object on a line of its own: the `kind`, `what` it is about, the `line` that is asked, the
//! `answer` of AWS (`error: text` where the line is refused, in words that hold the text) and its `source`. Where the program
//! answered otherwise before the kind was mended, `before` says what. `pad` makes a document of the line so many bytes long.
//!
//! | kind | about |
//! |---|---|
//! | K1 | roles with a path, and their sessions |
//! | K2 | incomplete ARNs |
//! | K3 | `NotPrincipal` and permissions boundaries |
//! | K4 | the size of documents |
//! | K5 | condition keys that follow from the rest of the request |
//! | K6 | service-linked roles and the policies of organizations |
//! | K7 | what resource control policies bind |
//! | K8 | condition keys that key policies do not see |
//! | K9 | actions that need no permission |
//! | K10 | `kms:RetireGrant` |
//! | K11 | empty texts as values |
//! | K12 | values of the wrong sort |
//! | K13 | `Null` with a quantifier |
//! | K14 | what is odd and saved all the same: equal Sids, actions with commas and blanks |
//! | K15 | the form of a line: empty lists, sorts of values, sessions |
//! | K16 | the case of names in the constraints of grants |
//! | K17 | whom an identity provider vouches for |
//! | K18 | federated sessions, and the user behind one |
//! | K19 | requests that nobody signed |
//! | K20 | grants to services, for one resource |
//! | K21 | values under `Bool` that are neither true nor false |

mod calls;
mod sentences;
mod world;

use std::collections::BTreeMap;
use std::io::Write as _;
use std::process::{Command, Stdio};

use serde::Deserialize;
use serde_json::{Value, json};

/// The kinds that the program never answered otherwise: their rows turn red with the faults of `tests/plant.py`.
const PLANTED: [&str; 1] = ["K19"];

/// A row of the table.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    kind: String,
    what: String,
    pad: Option<Pad>,
    line: Value,
    answer: String,
    before: Option<String>,
    source: String,
}

/// How long a document of a row is made.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Pad {
    /// The JSON pointer to the document.
    #[serde(rename = "where")]
    place: String,
    bytes: usize,
}

impl Row {
    /// Returns the line, its document padded with actions that nobody asks for.
    fn line(&self, id: usize) -> String {
        let mut line = self.line.clone();
        line["id"] = json!(id);
        if let Some(Pad { place, bytes }) = &self.pad {
            let document = line.pointer_mut(place).expect("the document is there");
            let missing = bytes.saturating_sub(document.to_string().len()) / r#","filler:A00000""#.len() + 1;
            let actions = document["Statement"][0]["Action"].as_array_mut().expect("a list of actions");
            actions.extend((0..missing).map(|number| json!(format!("filler:A{number:05}"))));
        }
        line.to_string()
    }
}

/// The answers to all rows: each a decision, or `error: ` and the message.
fn answers(rows: &[Row]) -> Vec<String> {
    let lines: Vec<String> = rows.iter().enumerate().map(|(id, row)| row.line(id)).collect();
    let answer = |answer: Value| {
        let decision = answer["decision"].as_str().map(str::to_owned);
        decision.unwrap_or_else(|| format!("error: {}", answer["error"].as_str().unwrap_or_default()))
    };
    ask(&["decide", "-"], &lines).into_iter().map(answer).collect()
}

/// What the program prints with these arguments when it gets the lines.
fn ask(arguments: &[&str], lines: &[String]) -> Vec<Value> {
    let mut child = Command::new(env!("CARGO_BIN_EXE_kmslab"))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut input = child.stdin.take().expect("it was piped");
    let text = lines.join("\n") + "\n";
    let writer = std::thread::spawn(move || input.write_all(text.as_bytes()));
    let output = child.wait_with_output().expect("it ends");
    writer.join().expect("it does not panic").expect("the program reads everything");
    let text = String::from_utf8(output.stdout).expect("it is UTF-8");
    text.lines().map(|line| serde_json::from_str(line).expect("it is JSON")).collect()
}

fn rows() -> Vec<Row> {
    let read = |line: &str| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
    include_str!("rows.jsonl").lines().map(read).collect()
}

#[test]
fn every_row_is_answered_as_aws_answers_it() {
    let rows = rows();
    let answers = answers(&rows);
    assert_eq!(answers.len(), rows.len());
    let is_right = |row: &Row, answer: &str| match row.answer.strip_prefix("error: ") {
        Some(text) => answer.strip_prefix("error: ").is_some_and(|message| message.contains(text)),
        None => answer == row.answer,
    };
    let wrong = rows.iter().zip(&answers).filter(|(row, answer)| !is_right(row, answer));
    let wrong: Vec<String> = wrong
        .map(|(row, answer)| {
            let Row { kind, what, answer: expected, source, .. } = row;
            format!("{kind} {what}: {expected} by {source}; kmslab: {answer}")
        })
        .collect();
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), rows.len(), wrong.join("\n"));
}

#[test]
fn every_kind_has_rows_and_one_that_was_answered_otherwise() {
    let mut kinds: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for row in rows() {
        let (all, red) = kinds.entry(row.kind).or_default();
        *all += 1;
        *red += usize::from(row.before.is_some_and(|before| before != row.answer));
        assert!(!row.source.is_empty(), "{} has no source", row.what);
    }
    let expected: Vec<String> = (1..=21).map(|number| format!("K{number}")).collect();
    assert!(expected.iter().all(|kind| kinds.contains_key(kind)), "{:?}", kinds.keys());
    for (kind, (all, red)) in kinds {
        let is_seen_red = red >= 1 || PLANTED.contains(&&*kind);
        assert!(all >= 5 && is_seen_red, "{kind} has {all} rows, of which {red} were red");
    }
}
