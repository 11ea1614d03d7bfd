//! Labs to report, played in a folder of their own, and the commands about them.

use std::path::{Path, PathBuf};

use kmslab::cli::{self, Exit};
use kmslab::lab::{DocumentId, Help, LearnerSession};
use kmslab::scenario::Sureness;

/// What tess is allowed in the key policy.
const DECRYPT: &str = r#"{"Sid": "Tess", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:user/tess"},
    "Action": "kms:Decrypt", "Resource": "*"}"#;

/// A folder for labs and files.
pub struct Place(tempfile::TempDir);

impl Place {
    pub fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    pub fn state(&self) -> PathBuf {
        self.0.path().join("state")
    }

    pub fn file(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Works in a scenario, whose lab is kept.
    pub fn play(&self, id: &str, work: impl FnOnce(&mut LearnerSession)) {
        let (mut session, _) = LearnerSession::open(id, None, Some(&self.state())).expect("it opens");
        work(&mut session);
        session.keep(true);
        assert!(session.is_kept());
    }

    /// Runs a command with this folder's labs. Returns how it ended and what it printed.
    pub fn run(&self, arguments: &[&str]) -> (Exit, String) {
        let state = self.state();
        let mut all = vec!["--state", state.to_str().expect("UTF-8")];
        all.extend(arguments);
        let mut printed = Vec::new();
        match cli::run(all, &mut printed) {
            Ok(exit) => (exit, String::from_utf8(printed).expect("UTF-8")),
            Err(error) => (Exit::Usage, error.to_string()),
        }
    }

    /// Writes the report of a scenario, and returns where it is.
    pub fn report(&self, id: &str, name: &str, options: &[&str]) -> PathBuf {
        let file = self.file(name);
        let (exit, said) =
            self.run(&[&["report", id, "--out", file.to_str().expect("UTF-8")], options].concat());
        assert_eq!(exit, Exit::Done, "{said}");
        file
    }

    /// Verifies a file.
    pub fn verify(&self, file: &Path) -> (Exit, String) {
        self.run(&["verify", file.to_str().expect("UTF-8")])
    }
}

/// How somebody goes about A3.
#[derive(Clone, Copy, Debug, Default)]
pub struct Way {
    /// The answer to the question, as it stands in the scenario.
    pub answer: Option<usize>,
    pub sure: Option<Sureness>,
    pub hints: usize,
    pub helped: bool,
    /// Whether tess was seen refused first.
    pub looks_first: bool,
    pub solves: bool,
    pub words: &'static str,
}

/// Everything right, without help.
pub const RIGHT: Way = Way {
    answer: Some(1),
    sure: Some(Sureness::Certain),
    hints: 0,
    helped: false,
    looks_first: true,
    solves: true,
    words: "",
};

/// Plays A3 in some way.
pub fn a3(session: &mut LearnerSession, way: Way) {
    let lab = session.lab_mut();
    if way.looks_first {
        lab.switch(1);
        lab.ask().expect("a scan");
        lab.switch(0);
    }
    if let Some(choice) = way.answer {
        let question = lab.scenario().predictions().next().expect("a question").id.clone();
        lab.predict(&question, choice);
        if let Some(sure) = way.sure {
            lab.be_sure(&question, sure);
        }
    }
    for _ in 0..way.hints {
        assert!(lab.hint());
    }
    if way.helped {
        lab.note_help(Help::Snippet);
    }
    if way.solves {
        let key = lab.documents().into_iter().find(|d| matches!(d, DocumentId::KeyPolicy(_))).expect("a key");
        lab.open_document(key);
        let text = lab.draft().expect("a document").text().to_owned();
        let mut policy: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        let statement = serde_json::from_str(DECRYPT).expect("JSON");
        policy["Statement"].as_array_mut().expect("statements").push(statement);
        lab.set_draft(&format!("{policy:#}"));
        assert!(lab.apply_draft().expect("it is sent").outcome.result.is_ok());
        lab.switch(1);
        assert!(lab.ask().expect("a scan").outcome.result.is_ok());
        assert_eq!(lab.current_task(), None, "A3 is solved");
    }
    if !way.words.is_empty() {
        lab.say(way.words);
    }
}
