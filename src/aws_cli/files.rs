//! Where the files that parameters name come from.

use super::Files;

/// Files as the operating system has them, from the working directory.
#[derive(Clone, Copy, Debug)]
pub struct RealFiles;

impl Files for RealFiles {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        /// A parameter is never longer.
        const MAX_FILE_BYTES: u64 = 8 * 1024 * 1024;
        let home = path.strip_prefix("~/").and_then(|rest| Some(std::env::home_dir()?.join(rest)));
        let path = home.unwrap_or_else(|| path.into());
        // The words are Python's, which the CLI passes on.
        let words = |error: &std::io::Error| {
            let number = error.raw_os_error().unwrap_or_default();
            let text = error.to_string();
            let text = text.split(" (os error").next().unwrap_or_default().to_owned();
            format!("[Errno {number}] {text}: '{}'", path.display())
        };
        let length = std::fs::metadata(&path).map_err(|e| words(&e))?.len();
        if length > MAX_FILE_BYTES {
            return Err(format!("'{}' is larger than 8 MiB", path.display()));
        }
        std::fs::read(&path).map_err(|e| words(&e))
    }
}
