//! A file that somebody edits elsewhere: what it says, each time it says something else.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::WatchError;
use crate::limits;

/// How often a file is read again after its time or length changed: the clock of a file system may stand still for
/// longer than it takes to save twice.
const REREADS: u8 = 4;

/// A file being followed.
#[derive(Debug)]
pub struct Watch {
    path: PathBuf,
    stamp: Option<(SystemTime, u64)>,
    again: u8,
    said: Option<Result<String, WatchError>>,
}

impl Watch {
    /// Follows a file, which need not be there yet.
    pub fn new(path: &Path) -> Self {
        Self { path: path.to_owned(), stamp: None, again: 0, said: None }
    }

    /// Returns the file that is being watched.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What the file says, or why it cannot be read, if that is news. Costs one look at the file's time and length
    /// while nothing happens.
    pub fn look(&mut self) -> Option<Result<String, WatchError>> {
        let stamp = std::fs::metadata(&self.path)
            .and_then(|about| Ok((about.modified()?, about.len())))
            .map_err(|e| WatchError(e.to_string()));
        let stamp = match stamp {
            Ok(stamp) => stamp,
            Err(why) => {
                self.stamp = None;
                return self.news(Err(why));
            }
        };
        if self.stamp == Some(stamp) && self.again == 0 {
            return None;
        }
        self.again = if self.stamp == Some(stamp) { self.again - 1 } else { REREADS };
        self.stamp = Some(stamp);
        let text = self.read();
        self.news(text)
    }

    fn read(&self) -> Result<String, WatchError> {
        let mut text = limits::file::read_text(&self.path, &limits::lab::FOLLOWED)
            .map_err(|e| WatchError(e.to_string()))?;
        text.truncate(text.trim_end().len());
        Ok(text)
    }

    fn news(&mut self, now: Result<String, WatchError>) -> Option<Result<String, WatchError>> {
        if self.said.as_ref() == Some(&now) {
            return None;
        }
        self.said = Some(now.clone());
        Some(now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_news_is_told() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("policy.json");
        let mut watch = Watch::new(&path);
        assert!(matches!(watch.look(), Some(Err(why)) if why.to_string().contains("No such file")));
        assert_eq!(watch.look(), None);
        std::fs::write(&path, "{}\n").expect("written");
        assert_eq!(watch.look(), Some(Ok("{}".to_owned())));
        assert_eq!(watch.look(), None);
        // As long as before and perhaps in the same tick of the file's clock.
        std::fs::write(&path, "[]\n").expect("written");
        assert_eq!(watch.look(), Some(Ok("[]".to_owned())));
        // An editor that replaces the file.
        std::fs::write(folder.path().join("new"), "{ }").expect("written");
        std::fs::rename(folder.path().join("new"), &path).expect("moved");
        assert_eq!(watch.look(), Some(Ok("{ }".to_owned())));
        std::fs::write(&path, b"\xff\xfe").expect("written");
        assert!(matches!(watch.look(), Some(Err(_))));
        std::fs::remove_file(&path).expect("removed");
        assert!(matches!(watch.look(), Some(Err(_))));
        assert_eq!(watch.look(), None);
    }
}
