//! The teacher's notes in a second terminal: the presenting kmslab listens on a socket in the state directory that only
//! its owner may open, and sends each page of notes to whoever is connected.
//!
//! A page is plain text that ends with a form feed. Nothing is ever read from the socket.

#[cfg(unix)]
pub use unix::{Notes, follow};

/// The end of a page.
#[cfg(unix)]
const PAGE_END: u8 = 0x0c;

#[cfg(unix)]
mod unix {
    use std::io::{self, BufRead as _, BufReader, Write};
    use std::os::unix::fs::PermissionsExt as _;
    use std::os::unix::net::{UnixListener, UnixStream};
    use std::path::{Path, PathBuf};
    use std::sync::{Arc, Mutex};
    use std::time::Duration;

    use super::PAGE_END;

    /// A reader that takes nothing for this long is let go.
    const WRITE_TIMEOUT: Duration = Duration::from_millis(200);

    /// Where the socket is.
    fn path_in(state: &Path) -> PathBuf {
        state.join("notes.sock")
    }

    /// Everybody who reads along, and the page they read.
    #[derive(Debug, Default)]
    struct Readers {
        page: String,
        streams: Vec<UnixStream>,
    }

    /// The socket of a running presentation. It goes when this is dropped.
    #[derive(Debug)]
    pub struct Notes {
        path: PathBuf,
        readers: Arc<Mutex<Readers>>,
    }

    impl Notes {
        /// Listens in `state`. A socket that a killed program left is taken over; a running one is not.
        pub fn listen(state: &Path) -> io::Result<Self> {
            std::fs::create_dir_all(state)?;
            let path = path_in(state);
            if UnixStream::connect(&path).is_ok() {
                let why = format!("{}: another kmslab is presenting", path.display());
                return Err(io::Error::new(io::ErrorKind::AddrInUse, why));
            }
            if path.exists() {
                std::fs::remove_file(&path)?;
            }
            let listener = UnixListener::bind(&path)?;
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600))?;
            let readers = Arc::new(Mutex::new(Readers::default()));
            let theirs = Arc::clone(&readers);
            // Sleeps until somebody connects; ends with the program.
            std::thread::Builder::new().name("notes".to_owned()).spawn(move || {
                for stream in listener.incoming() {
                    let Ok(mut stream) = stream else { return };
                    let Ok(mut readers) = theirs.lock() else { return };
                    let ready = stream.set_write_timeout(Some(WRITE_TIMEOUT)).is_ok();
                    if ready && send(&mut stream, &readers.page).is_ok() {
                        readers.streams.push(stream);
                    }
                }
            })?;
            Ok(Self { path, readers })
        }

        /// Shows a page to everybody who reads along, now and later.
        pub fn show(&self, page: &str) {
            if let Ok(mut readers) = self.readers.lock() {
                page.clone_into(&mut readers.page);
                readers.streams.retain_mut(|stream| send(stream, page).is_ok());
            }
        }
    }

    impl Drop for Notes {
        fn drop(&mut self) {
            let _gone = std::fs::remove_file(&self.path);
        }
    }

    fn send(stream: &mut UnixStream, page: &str) -> io::Result<()> {
        stream.write_all(page.as_bytes())?;
        stream.write_all(&[PAGE_END])
    }

    /// Reads along: calls `show` with each page until the presentation ends.
    pub fn follow(state: &Path, mut show: impl FnMut(&str) -> io::Result<()>) -> io::Result<()> {
        let path = path_in(state);
        let stream = UnixStream::connect(&path).map_err(|e| {
            let why =
                format!("nobody presents ({}: {e}); start with `kmslab play ID --present`", path.display());
            io::Error::new(e.kind(), why)
        })?;
        let mut reader = BufReader::new(stream);
        loop {
            let mut page = Vec::new();
            if reader.read_until(PAGE_END, &mut page)? == 0 {
                return Ok(());
            }
            if page.pop() == Some(PAGE_END) {
                show(&String::from_utf8_lossy(&page))?;
            }
        }
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn pages_reach_whoever_reads_along_and_nobody_else() {
            let state = tempfile::tempdir().expect("a folder");
            let error = follow(state.path(), |_| Ok(())).expect_err("nobody presents");
            assert!(error.to_string().contains("nobody presents"), "{error}");
            let notes = Notes::listen(state.path()).expect("it listens");
            let mode = std::fs::metadata(path_in(state.path())).expect("there").permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
            assert!(Notes::listen(state.path()).is_err(), "one presentation at a time");
            notes.show("one");
            let folder = state.path().to_owned();
            let (told, pages) = std::sync::mpsc::channel();
            let reader = std::thread::spawn(move || {
                follow(&folder, |page| told.send(page.to_owned()).map_err(io::Error::other))
            });
            assert_eq!(pages.recv().as_deref(), Ok("one"));
            notes.show("two\nlines");
            assert_eq!(pages.recv().as_deref(), Ok("two\nlines"));
            notes.readers.lock().expect("nobody panics").streams.clear();
            drop(notes);
            reader.join().expect("no panic").expect("it ends well");
            assert!(!path_in(state.path()).exists());
            // What a killed program left is taken over.
            drop(UnixListener::bind(path_in(state.path())).expect("bound"));
            Notes::listen(state.path()).expect("it listens again");
        }
    }
}
