//! The learner's own editor: the program that VISUAL or EDITOR names changes a text in a file of its own.
//!
//! For a lab that is kept the file lies beside the journal, which one process holds at a time, under one name, and a note
//! beside it says what it is a text of. Whoever opens the journal next finds what a killed kmslab has left there: a text
//! that was changed is the draft again, nothing is left lying about. For other labs it is a temporary file.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::disk::{Disk, beside};
use super::journal::Lines;
use super::typing::{self, Unfinished};
use super::{DocumentId, EditorError};
use crate::limits;
use crate::limits::file::{self, FileError, Links};

/// Whether the environment names an editor.
pub fn has_editor() -> bool {
    editor().is_some()
}

fn editor() -> Option<String> {
    let named = |name: &str| std::env::var_os(name).filter(|e| !e.is_empty());
    named("VISUAL").or_else(|| named("EDITOR")).map(|editor| editor.to_string_lossy().into_owned())
}

/// A text that the learner's own editor is to change.
#[derive(Clone, Debug)]
pub struct ToEdit {
    text: String,
    kept: Option<Kept>,
}

/// Where a text lies beside a journal while it is edited.
#[derive(Clone, Debug)]
struct Kept {
    disk: Disk,
    paths: Paths,
    /// The line of the note: the document and the text before, behind the last line of the journal.
    line: Vec<u8>,
}

/// The two files beside a journal.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Paths {
    /// What the editor opens.
    text: PathBuf,
    /// The note that says what the text is of.
    note: PathBuf,
}

impl Paths {
    fn of(journal: &Path) -> Self {
        // Editors colour a text by the ending of its name.
        Self { text: beside(journal, "editing.json"), note: beside(journal, "editing") }
    }
}

impl PartialEq for ToEdit {
    fn eq(&self, other: &Self) -> bool {
        let place = |wanted: &Self| wanted.kept.as_ref().map(|kept| (kept.paths.clone(), kept.line.clone()));
        self.text == other.text && place(self) == place(other)
    }
}

impl Eq for ToEdit {}

impl ToEdit {
    /// Returns a text of a lab that is kept nowhere.
    pub fn new(text: String) -> Self {
        Self { text, kept: None }
    }

    /// Returns a text of that document, to lie beside the journal that ends with these lines.
    pub(super) fn beside(
        disk: &Disk,
        journal: &Path,
        lines: &Lines,
        document: DocumentId,
        text: String,
    ) -> Self {
        let draft = Some((document, text.clone()));
        let unfinished = Unfinished { draft, ..Unfinished::default() };
        let (disk, paths) = (disk.clone(), Paths::of(journal));
        // A text that could not be read back is edited all the same.
        let kept = typing::line(lines.last(), &unfinished).map(|line| Kept { disk, paths, line });
        Self { text, kept }
    }

    /// Returns the text as it is before.
    pub fn text(&self) -> &str {
        &self.text
    }
}

/// Lets the person's own editor change a text. The terminal must be the editor's to use.
pub fn edit(wanted: &ToEdit) -> Result<String, EditorError> {
    edit_with(&editor().ok_or(EditorError::NoEditor)?, wanted)
}

/// Lets an editor change a text: a program with its first arguments, behind which stands the file.
pub fn edit_with(editor: &str, wanted: &ToEdit) -> Result<String, EditorError> {
    let mut words = editor.split_whitespace();
    let program = words.next().ok_or(EditorError::NoProgram)?.to_owned();
    let arguments: Vec<&str> = words.collect();
    let file = FileToEdit::create(wanted)?;
    match Command::new(&program).args(arguments).arg(&file.path).status() {
        Ok(status) if status.success() => file.read(),
        Ok(status) => Err(EditorError::Failed { program, status }),
        Err(source) => Err(EditorError::NotStarted { program, source }),
    }
}

/// A file for the external editor that only its owner can read, removed when dropped.
struct FileToEdit {
    path: PathBuf,
    /// The note beside it, which goes last.
    note: Option<PathBuf>,
}

impl FileToEdit {
    fn create(wanted: &ToEdit) -> Result<Self, EditorError> {
        let text = [wanted.text.as_bytes(), b"\n"].concat();
        // Where the state directory has no room, the folder of temporary files may have some.
        let kept = wanted.kept.as_ref().and_then(|kept| Self::beside_journal(kept, &text));
        kept.map_or_else(|| Self::temporary(&text), Ok)
    }

    fn beside_journal(kept: &Kept, text: &[u8]) -> Option<Self> {
        let Kept { disk, paths, line } = kept;
        let this = Self { path: paths.text.clone(), note: Some(paths.note.clone()) };
        disk.replace(&paths.note, line).ok()?;
        disk.replace(&paths.text, text).ok()?;
        Some(this)
    }

    fn temporary(text: &[u8]) -> Result<Self, EditorError> {
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let folder = std::env::temp_dir();
        for n in 0..100 {
            let path = folder.join(format!("kmslab-{}-{n}.json", std::process::id()));
            match options.open(&path) {
                Ok(mut file) => {
                    let this = Self { path, note: None };
                    return file.write_all(text).map(|()| this).map_err(EditorError::NotWritten);
                }
                Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => {}
                Err(source) => return Err(EditorError::NoFile { folder, source }),
            }
        }
        Err(EditorError::NoName(folder))
    }

    fn read(&self) -> Result<String, EditorError> {
        file::read_text(&self.path, &limits::lab::EDITED).map_err(EditorError::NotRead)
    }
}

impl Drop for FileToEdit {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.path);
        if let Some(note) = &self.note {
            let _ = std::fs::remove_file(note);
        }
    }
}

/// What a killed kmslab has left of a text that its editor had open.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum LeftOver {
    /// The text was changed; the document that it is one of.
    Text(DocumentId, String),
    /// The text cannot be taken back and was moved aside; what to say of that.
    Aside(String),
}

/// Takes away what a killed kmslab has left beside a journal, which the caller holds. Returns what of it anybody would
/// miss.
pub(super) fn left_over(disk: &Disk, journal: &Path, lines: &Lines) -> Option<LeftOver> {
    let paths = Paths::of(journal);
    let left = paths.text.symlink_metadata().ok().and_then(|_| {
        let before = typing::note(&paths.note, lines).and_then(|note| note.draft);
        let now = file::open(&paths.text, Links::Refuse)
            .and_then(|opened| file::read_from(opened, &limits::lab::EDITED))
            .and_then(file::text);
        match (before, now) {
            (Some((_, before)), Ok(now)) if before.trim_end() == now.trim_end() => None,
            (Some((document, _)), Ok(now)) => Some(LeftOver::Text(document, now.trim_end().to_owned())),
            (None, Ok(_)) => aside(disk, &paths.text, "fits no step of this lab"),
            (_, Err(FileError::NotRegular)) => None,
            (_, Err(why)) => aside(disk, &paths.text, &format!("cannot be read ({why})")),
        }
    });
    for path in [&paths.text, &paths.note] {
        if path.symlink_metadata().is_ok() {
            // What cannot be removed now is tried again at the next opening.
            let _gone = disk.remove(path);
        }
    }
    left
}

/// Moves a text out of the way that nobody can take back but its owner.
fn aside(disk: &Disk, text: &Path, why: &str) -> Option<LeftOver> {
    let moved = disk.move_aside(text, (1..1000).map(|n| beside(text, &n.to_string()))).ok()?;
    let words =
        format!("what your editor had open when kmslab was killed {why}; it is in {}", moved.display());
    Some(LeftOver::Aside(words))
}
