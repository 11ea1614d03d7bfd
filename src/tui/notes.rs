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
    use std::fs::{DirBuilder, Permissions};
    use std::io::{self, BufRead as _, BufReader, Read as _, Write};
    use std::os::unix::fs::{DirBuilderExt as _, FileTypeExt as _, MetadataExt as _, PermissionsExt as _};
    use std::os::unix::net::{UnixListener, UnixStream};
    use std::path::{Path, PathBuf};
    use std::sync::{Arc, Mutex};
    use std::time::Duration;

    use super::PAGE_END;
    use crate::limits::screen::{NOTES_PAGE, NOTES_READERS};
    use crate::limits::steps;

    /// How long the thread that accepts readers rests where the system has no room for another one.
    const REST: Duration = Duration::from_secs(1);

    /// Where the socket is.
    fn path_in(state: &Path) -> PathBuf {
        state.join("notes.sock")
    }

    /// Makes the folder of the socket, or refuses one in which others could put something else in its place.
    fn own_folder(folder: &Path) -> io::Result<()> {
        DirBuilder::new().mode(0o700).recursive(true).create(folder)?;
        let about = std::fs::metadata(folder)?;
        let own = rustix::process::getuid().as_raw() == about.uid();
        if own && about.mode() & 0o022 == 0 {
            return Ok(());
        }
        let why = format!(
            "{}: others may write in this folder, so it is no place for the socket of the notes; `chmod 700` it, or name \
             another one with --state",
            folder.display()
        );
        Err(io::Error::new(io::ErrorKind::PermissionDenied, why))
    }

    /// Makes the socket, which nobody else can use at any moment: until it has its rights, it lies in a folder that only
    /// its owner may enter.
    fn bind(state: &Path, path: &Path) -> io::Result<UnixListener> {
        let private = state.join(format!("notes-{}", std::process::id()));
        DirBuilder::new().mode(0o700).create(&private)?;
        let made = private.join("new");
        let bound = UnixListener::bind(&made).and_then(|listener| {
            std::fs::set_permissions(&made, Permissions::from_mode(0o600))?;
            std::fs::rename(&made, path)?;
            Ok(listener)
        });
        if bound.is_err() {
            let _gone = std::fs::remove_file(&made);
        }
        let _gone = std::fs::remove_dir(&private);
        bound
    }

    /// Removes the socket that a killed program left. Whatever else has its name is left alone.
    fn remove_socket(path: &Path) -> io::Result<()> {
        match std::fs::symlink_metadata(path) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(()),
            Ok(about) if about.file_type().is_socket() => std::fs::remove_file(path),
            Ok(_) => {
                let why = format!("{}: this is no socket; move it away", path.display());
                Err(io::Error::new(io::ErrorKind::AlreadyExists, why))
            }
            Err(e) => Err(e),
        }
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
            own_folder(state)?;
            let path = path_in(state);
            if UnixStream::connect(&path).is_ok() {
                let why = format!("{}: another kmslab is presenting", path.display());
                return Err(io::Error::new(io::ErrorKind::AddrInUse, why));
            }
            remove_socket(&path)?;
            let listener = bind(state, &path)?;
            let readers = Arc::new(Mutex::new(Readers::default()));
            let theirs = Arc::clone(&readers);
            // Sleeps until somebody connects; ends with the program.
            std::thread::Builder::new().name("notes".to_owned()).spawn(move || {
                for stream in listener.incoming() {
                    let Ok(mut stream) = stream else {
                        std::thread::sleep(REST);
                        continue;
                    };
                    let Ok(mut readers) = theirs.lock() else { return };
                    let room = NOTES_READERS.check(readers.streams.len() + 1).is_ok();
                    // Whoever does not take a page at once is let go: a lesson waits for no reader.
                    let ready = room && stream.set_nonblocking(true).is_ok();
                    if ready && send(&mut stream, &readers.page).is_ok() {
                        readers.streams.push(stream);
                    }
                }
            })?;
            Ok(Self { path, readers })
        }

        /// Shows a page to everybody who reads along, now and later.
        pub fn show(&self, page: &str) {
            let page = page.get(..floor(page, NOTES_PAGE.size())).unwrap_or_default();
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

    /// The last boundary of a character that is not behind that byte.
    fn floor(page: &str, byte: usize) -> usize {
        (0..=byte.min(page.len())).rev().find(|at| page.is_char_boundary(*at)).unwrap_or(0)
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
            let most = NOTES_PAGE.most + 1;
            if reader.by_ref().take(most).read_until(PAGE_END, &mut page)? == 0 {
                return Ok(());
            }
            steps::add(page.len());
            if !page.ends_with(&[PAGE_END]) {
                NOTES_PAGE.check(page.len()).map_err(io::Error::other)?;
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
            let mode = |path: &Path| std::fs::symlink_metadata(path).expect("there").mode() & 0o777;
            assert_eq!(mode(&path_in(state.path())), 0o600);
            let beside = std::fs::read_dir(state.path()).expect("a folder").count();
            assert_eq!(beside, 1, "the folder in which it was made is gone");
            let new = state.path().join("new");
            drop(Notes::listen(&new).expect("it listens in a folder that it makes"));
            assert_eq!(mode(&new), 0o700);
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

        #[test]
        fn a_folder_that_others_may_write_in_and_what_is_no_socket_are_refused_and_left_alone() {
            let state = tempfile::tempdir().expect("a folder");
            let refused = |what: &str| {
                let why = Notes::listen(state.path()).expect_err(what).to_string();
                assert!(why.contains(what), "{why}");
            };
            for mode in [0o770, 0o777, 0o1777, 0o702] {
                std::fs::set_permissions(state.path(), Permissions::from_mode(mode)).expect("set");
                refused("others may write in this folder");
            }
            std::fs::set_permissions(state.path(), Permissions::from_mode(0o755)).expect("set");
            let path = path_in(state.path());
            std::fs::write(&path, "mine").expect("written");
            refused("this is no socket");
            assert_eq!(std::fs::read(&path).expect("there"), b"mine");
            std::fs::remove_file(&path).expect("removed");
            std::os::unix::fs::symlink("/dev/null", &path).expect("linked");
            refused("this is no socket");
            std::fs::remove_file(&path).expect("removed");
            Notes::listen(state.path()).expect("it listens");
        }

        #[test]
        fn a_page_has_a_limit_on_both_sides() {
            let state = tempfile::tempdir().expect("a folder");
            let notes = Notes::listen(state.path()).expect("it listens");
            notes.show(&"\u{e4}".repeat(NOTES_PAGE.size()));
            let (told, pages) = std::sync::mpsc::channel();
            let folder = state.path().to_owned();
            std::thread::spawn(move || {
                follow(&folder, |page| told.send(page.len()).map_err(io::Error::other))
            });
            assert_eq!(pages.recv(), Ok(NOTES_PAGE.size()));
            drop(notes);
            // Somebody else's socket, with a page that does not end.
            let listener = UnixListener::bind(path_in(state.path())).expect("bound");
            std::thread::spawn(move || {
                let (mut stream, _) = listener.accept().expect("a reader");
                while stream.write_all(&[b'x'; 4096]).is_ok() {}
            });
            let why = follow(state.path(), |_| Ok(())).expect_err("too long").to_string();
            assert!(why.contains("the limit `notes-page`"), "{why}");
        }

        #[test]
        fn readers_beyond_the_limit_are_let_go_and_silent_ones_hold_up_nobody() {
            let state = tempfile::tempdir().expect("a folder");
            let notes = Notes::listen(state.path()).expect("it listens");
            let connect = || UnixStream::connect(path_in(state.path())).expect("it listens");
            let mut readers: Vec<_> = (0..NOTES_READERS.size() + 5).map(|_| connect()).collect();
            // They are taken in order: once the last one is let go, the first ones are in.
            let mut last = readers.pop().expect("some");
            assert_eq!(last.read_to_end(&mut Vec::new()).expect("it is closed"), 0);
            assert_eq!(notes.readers.lock().expect("nobody panics").streams.len(), NOTES_READERS.size());
            // None of them reads: a socket is full at some time, and its reader gone then.
            let page = "x".repeat(NOTES_PAGE.size());
            for _ in 0..100 {
                notes.show(&page);
            }
            assert!(notes.readers.lock().expect("nobody panics").streams.is_empty());
        }
    }
}
