//! The one way to the disk for everything that the lab writes.
//!
//! Each step that can fail (making, writing, syncing, cutting, moving) is counted. A test lets any one of them fail, or
//! kills the program in its middle, and sees what is lost. A link is never followed and only a regular file is ever
//! written or cut: what else stands at a path belongs to somebody.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use crate::limits::file::{self, FileError, Links};

/// Said of what is no file of its own.
const NOT_REGULAR: &str = "not a regular file, and links are not followed here; nothing was changed";

/// The disk as the lab writes to it.
#[derive(Clone, Debug, Default)]
pub struct Disk {
    /// What is to go wrong; nothing outside tests.
    plan: Option<Arc<Plan>>,
    /// Who is told of the step that goes wrong, by its number, before it does.
    tell: Option<fn(u64, Step)>,
}

/// What is done to the disk in one step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    MakeFolder,
    /// Opening a file, or making it.
    Open,
    /// Writing bytes into a file.
    Write,
    /// Waiting until the bytes of a file are on the disk.
    Sync,
    /// Waiting until the name of a file is on the disk.
    SyncFolder,
    Cut,
    /// Giving a file a name.
    Name,
    Remove,
}

/// How a step goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// There is no room left, and nothing is written.
    Full,
    /// There is room for a part of what is written.
    Short,
    /// The device itself fails, and nothing is written.
    Broken,
    /// The program is killed, and of what was to be written so many bytes are.
    Killed(u64),
}

/// Which step goes wrong.
#[derive(Debug)]
struct Plan {
    /// The step, counted from 1.
    at: u64,
    fault: Fault,
    /// Whether all steps behind it go wrong, too.
    lasting: bool,
    taken: AtomicU64,
    mended: AtomicBool,
}

impl Disk {
    /// Returns a disk whose n-th step fails, counted from 1.
    pub fn failing(at: u64, fault: Fault) -> Self {
        Self::planned(at, fault, false)
    }

    /// Returns a disk that fails from its n-th step on, until [`Disk::mend`].
    pub fn failing_from(at: u64, fault: Fault) -> Self {
        Self::planned(at, fault, true)
    }

    fn planned(at: u64, fault: Fault, lasting: bool) -> Self {
        let (taken, mended) = (AtomicU64::new(0), AtomicBool::new(false));
        Self { plan: Some(Arc::new(Plan { at, fault, lasting, taken, mended })), tell: None }
    }

    /// Has somebody told of the step that goes wrong, before it does.
    #[must_use]
    pub fn telling(self, tell: fn(u64, Step)) -> Self {
        Self { tell: Some(tell), ..self }
    }

    /// Lets no further step fail.
    pub fn mend(&self) {
        if let Some(plan) = &self.plan {
            plan.mended.store(true, Ordering::SeqCst);
        }
    }

    /// Returns how many steps were taken on a disk that is to fail, and so whether it has failed.
    pub fn steps(&self) -> u64 {
        self.plan.as_ref().map_or(0, |plan| plan.taken.load(Ordering::SeqCst))
    }

    /// Counts a step, and returns how it goes wrong; `None` if it does not.
    fn count(&self, step: Step) -> Option<Fault> {
        let plan = self.plan.as_ref()?;
        let number = plan.taken.fetch_add(1, Ordering::SeqCst) + 1;
        let hit = number == plan.at || (plan.lasting && number > plan.at);
        let fault = (hit && !plan.mended.load(Ordering::SeqCst)).then_some(plan.fault);
        if let (Some(_), Some(tell)) = (fault, self.tell) {
            tell(number, step);
        }
        fault
    }

    /// Takes a step that is done whole or not at all.
    fn take<T>(&self, step: Step, done: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
        match self.count(step) {
            None => done(),
            Some(Fault::Full | Fault::Short) => Err(io::ErrorKind::StorageFull.into()),
            Some(Fault::Broken) => Err(io::Error::other("input/output error")),
            Some(Fault::Killed(_)) => end(),
        }
    }

    /// Writes all bytes, or some of them where the plan says so.
    fn write(&self, file: &mut File, bytes: &[u8]) -> io::Result<()> {
        let part = |length: usize| bytes.get(..length).unwrap_or(bytes);
        match self.count(Step::Write) {
            None => file.write_all(bytes),
            Some(Fault::Full) => Err(io::ErrorKind::StorageFull.into()),
            Some(Fault::Short) => {
                file.write_all(part(bytes.len() / 2))?;
                Err(io::ErrorKind::StorageFull.into())
            }
            Some(Fault::Broken) => Err(io::Error::other("input/output error")),
            Some(Fault::Killed(after)) => {
                // What the kernel has taken stays when the program is gone.
                file.write_all(part(usize::try_from(after).unwrap_or(usize::MAX)))?;
                end()
            }
        }
    }

    /// Makes a folder and those above it, for its owner only.
    ///
    /// Source: XDG Base Directory Specification, "Referencing this specification": missing directories are made with 0700.
    /// Folders of the lab that are there already and let others in, as older versions made them, are closed to others.
    pub fn make_folder(&self, path: &Path) -> io::Result<()> {
        if path.is_dir() {
            path.ancestors().take_while(|folder| is_ours(folder)).for_each(close_to_others);
            return Ok(());
        }
        let mut builder = DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        self.take(Step::MakeFolder, || builder.create(path))
    }

    /// Opens a file of the lab to read and write, or makes it.
    pub fn open(&self, path: &Path) -> io::Result<File> {
        check_regular(path)?;
        let mut options = private();
        let file =
            self.take(Step::Open, || options.read(true).write(true).create(true).truncate(false).open(path))?;
        regular(file)
    }

    /// Writes a file that must not be there yet, down to the disk. What cannot be written whole is taken away again.
    pub fn create_new(&self, path: &Path, parts: &[&[u8]]) -> io::Result<()> {
        let mut options = private();
        let mut file = self.take(Step::Open, || options.write(true).create_new(true).open(path))?;
        let written = parts.iter().try_for_each(|part| self.write(&mut file, part));
        let written = written
            .and_then(|()| self.take(Step::Sync, || file.sync_all()))
            .and_then(|()| self.sync_folder(path));
        if written.is_err() {
            // Best effort: the error that is told is the first one.
            let _gone = std::fs::remove_file(path);
        }
        written
    }

    /// Puts a file in the place of another, so that there is always one of the two.
    pub fn replace(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        check_regular(path)?;
        let fresh = beside(path, &format!("new{}", std::process::id()));
        if fresh.symlink_metadata().is_ok() {
            // A killed process of this number left it.
            self.take(Step::Remove, || std::fs::remove_file(&fresh))?;
        }
        self.create_new(&fresh, &[bytes])?;
        let placed = self.take(Step::Name, || std::fs::rename(&fresh, path));
        if placed.is_err() {
            let _gone = std::fs::remove_file(&fresh);
        }
        placed
    }

    /// Adds bytes to the end of a file, down to the disk.
    pub fn add_to(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        check_regular(path)?;
        let mut options = private();
        let mut file = regular(self.take(Step::Open, || options.append(true).create(true).open(path))?)?;
        self.write(&mut file, bytes)?;
        self.take(Step::Sync, || file.sync_all())?;
        self.sync_folder(path)
    }

    /// Writes a small file that a power cut may take: nothing is lost with it.
    pub fn note(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let mut file = self.open(path)?;
        self.take(Step::Cut, || file.set_len(0))?;
        self.write(&mut file, bytes)
    }

    /// Cuts a file to a length, down to the disk.
    pub fn cut(&self, file: &File, length: u64) -> io::Result<()> {
        self.take(Step::Cut, || file.set_len(length))?;
        self.take(Step::Sync, || file.sync_all())
    }

    /// Moves a file to the first of the names that is free. Returns the name. No other process can take it in between.
    pub fn move_aside(&self, path: &Path, names: impl Iterator<Item = PathBuf>) -> io::Result<PathBuf> {
        for name in names {
            match self.take(Step::Name, || rename_new(path, &name)) {
                Ok(()) => return self.sync_folder(path).map(|()| name),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
        Err(io::ErrorKind::AlreadyExists.into())
    }

    /// Removes a file. One that is not there is no error.
    pub fn remove(&self, path: &Path) -> io::Result<()> {
        match self.take(Step::Remove, || std::fs::remove_file(path)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            Ok(()) | Err(_) => Ok(()),
        }
    }

    /// Puts a new file's name on the disk: syncing the file alone does not.
    pub fn sync_folder(&self, path: &Path) -> io::Result<()> {
        match path.parent() {
            Some(folder) if cfg!(unix) => {
                // A bare name lies in the folder that one works in.
                let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
                self.take(Step::SyncFolder, || File::open(folder)?.sync_all())
            }
            Some(_) | None => Ok(()),
        }
    }
}

/// The names of the folders that are made under a state directory, each in the one before or in the first.
const LABS: &str = "labs";
const IN_LABS: [&str; 2] = ["own", "copies"];

/// Tells whether a folder is one that the lab makes under a state directory. The state directory itself may be anybody's:
/// a person names it.
fn is_ours(folder: &Path) -> bool {
    let is_labs = |folder: &Path| folder.file_name().is_some_and(|name| name == LABS);
    let inside = || IN_LABS.iter().any(|name| folder.file_name().is_some_and(|found| found == *name));
    is_labs(folder) || (inside() && folder.parent().is_some_and(is_labs))
}

/// Takes from others all rights to a folder that belongs to this person. What it is not given to change stays as it is: the
/// files in it are for their owner only in any case.
#[cfg(unix)]
pub fn close_to_others(folder: &Path) {
    use rustix::fs::{Mode, OFlags};
    // The open folder is asked and changed, never its path, and a link is not followed.
    let flags = OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::RDONLY;
    let Ok(open) = rustix::fs::open(folder, flags, Mode::empty()) else { return };
    let Ok(found) = rustix::fs::fstat(&open) else { return };
    let mode = Mode::from_raw_mode(found.st_mode);
    let others = Mode::RWXG | Mode::RWXO;
    if found.st_uid == rustix::process::getuid().as_raw() && mode.intersects(others) {
        let _closed = rustix::fs::fchmod(&open, mode.difference(others));
    }
}

/// Leaves a folder as it is: rights are Unix's.
#[cfg(not(unix))]
pub fn close_to_others(_: &Path) {}

/// Ends the program as `kill -9` does.
fn end() -> ! {
    #[cfg(unix)]
    let _sent = rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL);
    // Where there is no such signal, this is as sudden: nothing is dropped or flushed.
    std::process::abort()
}

/// Returns a path with another ending behind its own.
pub fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(ending);
    name.into()
}

/// Opens a regular file to read; a link is not followed.
pub fn open_to_read(path: &Path) -> io::Result<File> {
    file::open(path, Links::Refuse).map_err(refused)
}

/// Returns options that follow no link, wait for nobody, and make files for their owner only.
fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        let flags = rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK;
        options.mode(0o600).custom_flags(flags.bits().cast_signed());
    }
    options
}

/// Refuses what is there and is no regular file, before it is opened: opening a device can do something.
fn check_regular(path: &Path) -> io::Result<()> {
    match path.symlink_metadata() {
        Ok(found) if !found.is_file() => Err(io::Error::other(NOT_REGULAR)),
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        Ok(_) | Err(_) => Ok(()),
    }
}

/// Refuses an open file that is no regular one: between looking and opening another may have come.
fn regular(opened: File) -> io::Result<File> {
    file::regular(opened).map_err(refused)
}

/// Says what a file that is not opened means for the lab.
fn refused(error: FileError) -> io::Error {
    match error {
        FileError::NotRegular => io::Error::other(NOT_REGULAR),
        other @ (FileError::Io(_) | FileError::TooLong(_) | FileError::NotText(_)) => other.into(),
    }
}

/// Gives a file a name that must be free.
fn rename_new(from: &Path, to: &Path) -> io::Result<()> {
    #[cfg(any(target_os = "linux", target_os = "macos"))]
    {
        use rustix::io::Errno;
        let cwd = rustix::fs::CWD;
        match rustix::fs::renameat_with(cwd, from, cwd, to, rustix::fs::RenameFlags::NOREPLACE) {
            // Some file systems do not know how.
            Err(Errno::NOSYS | Errno::INVAL | Errno::NOTSUP) => {}
            Ok(()) => return Ok(()),
            Err(error) => return Err(error.into()),
        }
    }
    std::fs::hard_link(from, to)?;
    std::fs::remove_file(from)
}

/// A file that only grows, down to the disk with each piece.
#[derive(Debug)]
pub struct GrowingFile {
    disk: Disk,
    path: PathBuf,
    file: File,
    /// How many of its bytes are whole and on the disk.
    length: u64,
    /// Whether a piece was begun and not ended: what is behind `length` is to be cut before anything is added.
    torn: bool,
    /// Whether nothing was written yet, so that the folder does not have the file for sure.
    fresh: bool,
}

impl GrowingFile {
    /// Goes on with a file of which so many bytes are sound.
    pub fn new(disk: Disk, path: PathBuf, file: File, length: u64) -> Self {
        Self { disk, path, file, length, torn: false, fresh: length == 0 }
    }

    /// Returns where the file is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the open file.
    pub fn file(&self) -> &File {
        &self.file
    }

    /// Adds a piece; when this returns, it is on the disk. After an error nothing of it is there, or will be cut before the
    /// next piece.
    pub fn append(&mut self, piece: &[u8]) -> io::Result<()> {
        self.mend()?;
        self.torn = true;
        let written = self.write(piece);
        if written.is_err() {
            // If this fails, too, it is tried again before the next piece.
            let _cut = self.mend();
        }
        written
    }

    fn write(&mut self, piece: &[u8]) -> io::Result<()> {
        self.file.seek(SeekFrom::Start(self.length))?;
        self.disk.write(&mut self.file, piece)?;
        self.disk.take(Step::Sync, || self.file.sync_data())?;
        if self.fresh {
            self.disk.sync_folder(&self.path)?;
        }
        if !self.is_at_its_place()? {
            return Err(io::Error::new(
                io::ErrorKind::NotFound,
                "the file was removed, or another is in its place",
            ));
        }
        self.length += piece.len() as u64;
        (self.fresh, self.torn) = (false, false);
        Ok(())
    }

    /// Cuts what a failed piece has left.
    fn mend(&mut self) -> io::Result<()> {
        if self.torn {
            self.disk.cut(&self.file, self.length)?;
            self.torn = false;
        }
        Ok(())
    }

    /// Tells whether the path still leads to this file.
    #[cfg(unix)]
    fn is_at_its_place(&self) -> io::Result<bool> {
        use std::os::unix::fs::MetadataExt as _;
        let open = self.file.metadata()?;
        Ok(self
            .path
            .symlink_metadata()
            .is_ok_and(|found| (found.dev(), found.ino()) == (open.dev(), open.ino())))
    }

    #[cfg(not(unix))]
    #[expect(clippy::unnecessary_wraps, clippy::unused_self, reason = "the same signature everywhere")]
    fn is_at_its_place(&self) -> io::Result<bool> {
        Ok(true)
    }
}
