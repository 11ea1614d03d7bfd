//! The learner's own editor: the program that VISUAL or EDITOR names changes a text in a file of its own.

use std::io::Write as _;
use std::process::Command;

use super::EditorError;
use crate::limits;

/// Whether the environment names an editor.
pub fn has_editor() -> bool {
    editor().is_some()
}

fn editor() -> Option<String> {
    let named = |name: &str| std::env::var_os(name).filter(|e| !e.is_empty());
    named("VISUAL").or_else(|| named("EDITOR")).map(|editor| editor.to_string_lossy().into_owned())
}

/// Lets the person's own editor change a text. The terminal must be the editor's to use.
pub fn edit(text: &str) -> Result<String, EditorError> {
    let editor = editor().ok_or(EditorError::NoEditor)?;
    let mut words = editor.split_whitespace();
    let program = words.next().ok_or(EditorError::NoProgram)?.to_owned();
    let arguments: Vec<&str> = words.collect();
    let file = TempFile::create(text)?;
    match Command::new(&program).args(arguments).arg(&file.path).status() {
        Ok(status) if status.success() => file.read(),
        Ok(status) => Err(EditorError::Failed { program, status }),
        Err(source) => Err(EditorError::NotStarted { program, source }),
    }
}

/// A file for the external editor that only its owner can read, removed when dropped.
struct TempFile {
    path: std::path::PathBuf,
}

impl TempFile {
    fn create(text: &str) -> Result<Self, EditorError> {
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let folder = std::env::temp_dir();
        for n in 0..100 {
            let path = folder.join(format!("kmslab-{}-{n}.json", std::process::id()));
            match options.open(&path) {
                Ok(mut file) => {
                    let this = Self { path };
                    return file
                        .write_all(text.as_bytes())
                        .and_then(|()| file.write_all(b"\n"))
                        .map(|()| this)
                        .map_err(EditorError::NotWritten);
                }
                Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => {}
                Err(source) => return Err(EditorError::NoFile { folder, source }),
            }
        }
        Err(EditorError::NoName(folder))
    }

    fn read(&self) -> Result<String, EditorError> {
        limits::file::read_text(&self.path, &limits::lab::EDITED).map_err(EditorError::NotRead)
    }
}

impl Drop for TempFile {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.path);
    }
}
