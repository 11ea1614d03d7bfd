//! What a lab tells its reader beyond the simulated world, and handing it on without that.
//!
//! Lines at the console can print plaintext keys and tokens, which are the simulated world's, and can read files of the
//! real machine by `file://`. Such entries are marked when they are written. A file that is handed on never holds the
//! person's own paths unless asked to, and neither keys nor files if asked not to.

use std::collections::{BTreeSet, HashSet};

use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::{Entry, Typed};
use crate::limits::steps;

/// Fields of responses that hold a secret in the clear, wherever they stand.
///
/// Source: the response syntax of GenerateDataKey, GenerateDataKeyPair, GenerateRandom, Decrypt and DeriveSharedSecret (KMS
/// API Reference), of AssumeRole (STS) and of CreateAccessKey (IAM).
const SECRET_FIELDS: [&str; 5] =
    ["Plaintext", "PrivateKeyPlaintext", "SharedSecret", "SecretAccessKey", "SessionToken"];

/// The shortest text that is looked for as a secret elsewhere: shorter ones stand in many places by chance.
const MIN_SECRET_BYTES: usize = 12;

/// A line at the console that names more files than so many is left out of an export instead of being shortened path by path.
const MAX_PATHS: usize = 100;

/// Stands where something was left out.
const LEFT_OUT: &str = "(left out of this export)\n";

/// How a lab is handed on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sharing {
    /// Leaves out what was printed of plaintext keys and tokens, and what real files held.
    pub without_secrets: bool,
    /// Leaves the person's own paths as they were typed.
    pub with_paths: bool,
}

/// What a lab holds that its owner may not want to hand on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Holds {
    /// How many entries hold plaintext keys or tokens that were printed.
    pub secrets: usize,
    /// How many entries hold what real files held.
    pub files: usize,
}

/// Returns a mark for each secret of a response: the beginning of the SHA-256, in hex.
pub(super) fn marks(response: &Value) -> Vec<String> {
    let mut found = Vec::new();
    collect(response, &mut found);
    found
}

fn collect(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                match value {
                    Value::String(text) if SECRET_FIELDS.contains(&name.as_str()) => found.push(mark(text)),
                    Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_) => {}
                    Value::Array(_) | Value::Object(_) => collect(value, found),
                }
            }
        }
        Value::Array(elements) => elements.iter().for_each(|element| collect(element, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Returns the mark of one secret.
fn mark(secret: &str) -> String {
    let digest = Sha256::digest(secret);
    base16ct::lower::encode_string(digest.first_chunk::<8>().map_or(&[][..], |few| few))
}

/// Every secret that was printed anywhere in a lab.
struct Secrets(HashSet<String>);

impl Secrets {
    fn of(entries: &[Entry]) -> Self {
        let typed = entries
            .iter()
            .filter_map(|entry| if let Entry::Typed(typed) = entry { Some(typed) } else { None });
        Self(typed.flat_map(|typed| &typed.secrets).cloned().collect())
    }

    /// Tells whether a text holds one of them.
    fn are_in(&self, text: &str) -> bool {
        let part_of_one = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=' | '-' | '_');
        !self.0.is_empty()
            && text.split(|c| !part_of_one(c)).any(|word| {
                // A variable is set by its name, `=` and the secret.
                let value = word.split_once('=').map_or("", |(_, value)| value);
                [word, value].iter().any(|w| w.len() >= MIN_SECRET_BYTES && self.0.contains(&mark(w)))
            })
    }

    /// Tells whether an entry holds one of them.
    fn stand_in(&self, entry: &Entry) -> bool {
        match entry {
            Entry::Typed(typed) => {
                !typed.secrets.is_empty()
                    || self.are_in(&typed.text)
                    || self.are_in(&typed.printed)
                    || typed.values().any(|value| self.are_in(value))
            }
            Entry::Call(call) => self.are_in(&call.input.to_string()),
            Entry::Draft { text, .. } | Entry::Words(text) => self.are_in(text),
            Entry::Watch(Some(watch)) => self.are_in(&watch.input().to_string()),
            Entry::Watch(None)
            | Entry::Head(_)
            | Entry::Act(_)
            | Entry::Wait(_)
            | Entry::GoTo(_)
            | Entry::GoToBranch(_)
            | Entry::Predict { .. }
            | Entry::Sure { .. }
            | Entry::Hint
            | Entry::Help(_)
            | Entry::Clear
            | Entry::RestartTask
            | Entry::Reset => false,
        }
    }
}

/// Tells whether an entry holds what a file of the real machine held.
fn holds_file(entry: &Entry) -> bool {
    match entry {
        Entry::Typed(typed) => typed.files,
        Entry::Call(call) => call.from_file,
        Entry::Head(_)
        | Entry::Act(_)
        | Entry::Wait(_)
        | Entry::GoTo(_)
        | Entry::GoToBranch(_)
        | Entry::Predict { .. }
        | Entry::Sure { .. }
        | Entry::Hint
        | Entry::Help(_)
        | Entry::Words(_)
        | Entry::Watch(_)
        | Entry::Draft { .. }
        | Entry::Clear
        | Entry::RestartTask
        | Entry::Reset => false,
    }
}

/// Counts what a lab holds that its owner may not want to hand on.
pub fn holds(entries: &[Entry]) -> Holds {
    let secrets = Secrets::of(entries);
    Holds {
        secrets: entries.iter().filter(|entry| secrets.stand_in(entry)).count(),
        files: entries.iter().filter(|entry| holds_file(entry)).count(),
    }
}

/// Returns the entries as they are handed on, and how many were left out as a whole.
pub(super) fn shared(entries: Vec<Entry>, sharing: Sharing) -> (Vec<Entry>, usize) {
    let secrets = Secrets::of(&entries);
    let mut left_out = 0;
    let mut kept = Vec::new();
    for mut entry in entries {
        let secret = sharing.without_secrets && (holds_file(&entry) || secrets.stand_in(&entry));
        if let Entry::Typed(typed) = &mut entry {
            if secret {
                leave_out(typed, &secrets);
            }
            if !sharing.with_paths {
                without_paths(typed);
            }
        } else if let Entry::Words(words) = &mut entry {
            if secret {
                LEFT_OUT.trim_end().clone_into(words);
            }
            if let Some(home) = home().filter(|_| !sharing.with_paths) {
                *words = words.replace(&home, "~");
            }
        } else if secret {
            // What a call was made with is all there is of it.
            left_out += 1;
            continue;
        }
        kept.push(entry);
    }
    (kept, left_out)
}

/// Takes from a line at the console what it printed and set.
fn leave_out(typed: &mut Typed, secrets: &Secrets) {
    typed.printed = LEFT_OUT.into();
    if secrets.are_in(&typed.text) {
        LEFT_OUT.trim_end().clone_into(&mut typed.text);
    }
    typed.forget_values();
    typed.again = None;
    typed.secrets.clear();
}

/// The home folder, where the environment names one.
fn home() -> Option<String> {
    std::env::home_dir().map(|home| home.display().to_string()).filter(|home| home.len() > 1)
}

/// Shortens the person's own paths in a line at the console and in what it printed: a file to its name, the home folder
/// to `~`.
fn without_paths(typed: &mut Typed) {
    // Each of them is looked for in all of the line, so that one path many times is one.
    let mut paths: BTreeSet<(String, String)> = BTreeSet::new();
    for (at, sign) in typed.text.match_indices("file://").chain(typed.text.match_indices("fileb://")) {
        let rest = typed.text.get(at + sign.len()..).unwrap_or_default();
        let path = rest.split([' ', '\t', '\n', '\'', '"', ';', '|', ')', ',']).next().unwrap_or_default();
        if let Some((folder, name)) = path.rsplit_once('/')
            && !folder.is_empty()
        {
            paths.insert((path.to_owned(), name.to_owned()));
        }
    }
    let home = home();
    if paths.len() > MAX_PATHS {
        LEFT_OUT.trim_end().clone_into(&mut typed.text);
        typed.printed = LEFT_OUT.into();
        return typed.forget_values();
    }
    // The longest first: a path may begin with another. The home folder is what is left.
    let mut paths: Vec<_> = paths.into_iter().collect();
    paths.sort_by_key(|(path, _)| std::cmp::Reverse(path.len()));
    paths.extend(home.map(|home| (home, "~".to_owned())));
    for (path, name) in paths {
        steps::add(typed.text.len() + typed.printed.len());
        typed.text = typed.text.replace(&path, &name);
        typed.printed = typed.printed.replace(&path, &name).into();
        typed.each_value(|value| *value = value.replace(&path, &name));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_shortened_each_once_and_too_many_are_left_out() {
        let line = |text: String, printed: &str| Typed { text, printed: printed.into(), ..Typed::default() };
        let mut typed = line("a file:///x/y file:///x/y/z fileb:///x/y".to_owned(), "'/x/y/z', '/x/y'");
        without_paths(&mut typed);
        assert_eq!((&*typed.text, &*typed.printed), ("a file://y file://z fileb://y", "'z', 'y'"));
        let all = |count: usize| (0..count).map(|n| format!("file:///x/{n} ")).collect::<Vec<_>>().concat();
        let mut typed = line(all(MAX_PATHS), "/x/1");
        without_paths(&mut typed);
        assert_eq!(&*typed.printed, "1");
        let mut typed = line(all(MAX_PATHS + 1), "/x/1");
        without_paths(&mut typed);
        assert_eq!((&*typed.text, &*typed.printed), (LEFT_OUT.trim_end(), LEFT_OUT));
    }
}
