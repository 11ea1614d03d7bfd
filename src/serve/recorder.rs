//! The thread that writes the journal: whatever waits is written and brought to the disk at once, so that many calls share
//! the time of one.

use std::fs::File;
use std::io::Write as _;
use std::sync::mpsc;
use std::thread;

use tokio::sync::watch;
use zeroize::Zeroizing;

use crate::limits::wire::STATE_FILE;

/// What is on the disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kept {
    /// So many lines behind the first.
    Lines(u64),
    /// No more: the reason.
    Failed(String),
}

/// Why what was done is not acknowledged: it is not on the disk.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NotKept(pub String);

/// What is on the disk, for whoever waits for it; nobody waits for a world that is not recorded.
#[derive(Clone, Default)]
pub(super) struct Acknowledged(Option<watch::Receiver<Kept>>);

impl From<watch::Receiver<Kept>> for Acknowledged {
    fn from(kept: watch::Receiver<Kept>) -> Self {
        Self(Some(kept))
    }
}

impl Acknowledged {
    /// Waits until so many lines are on the disk.
    ///
    /// # Errors
    ///
    /// If they cannot be brought there.
    pub async fn up_to(&self, position: u64) -> Result<(), NotKept> {
        let Some(mut kept) = self.0.clone() else { return Ok(()) };
        let is_over = |kept: &Kept| match kept {
            Kept::Lines(lines) => *lines >= position,
            Kept::Failed(_) => true,
        };
        match kept.wait_for(is_over).await.as_deref() {
            Ok(Kept::Lines(_)) => Ok(()),
            Ok(Kept::Failed(why)) => Err(NotKept(why.clone())),
            Err(_) => Err(NotKept("the state file is no longer written".to_owned())),
        }
    }
}

/// Where lines are handed in.
pub struct Recorder {
    lines: mpsc::Sender<Zeroizing<Vec<u8>>>,
    /// How many lines behind the first were handed in, those of earlier starts included.
    position: u64,
}

impl Recorder {
    /// Starts the thread, with a file that is at its end and how many lines stand behind its first.
    ///
    /// # Errors
    ///
    /// If the system gives no thread.
    pub fn start(file: File, position: u64) -> std::io::Result<(Self, watch::Receiver<Kept>)> {
        let (lines, handed_in) = mpsc::channel();
        let (tell, kept) = watch::channel(Kept::Lines(position));
        thread::Builder::new()
            .name("journal".to_owned())
            .spawn(move || write(file, position, &handed_in, &tell))?;
        Ok((Self { lines, position }, kept))
    }

    /// Hands a line in.
    pub fn add(&mut self, line: Zeroizing<Vec<u8>>) {
        self.position += 1;
        // Where the thread has ended, nothing more is acknowledged.
        let _ended = self.lines.send(line);
    }

    /// How many lines behind the first were handed in.
    pub fn position(&self) -> u64 {
        self.position
    }
}

/// Writes what is handed in until nobody hands in any more, or until it cannot be written.
fn write(
    mut file: File,
    mut position: u64,
    lines: &mpsc::Receiver<Zeroizing<Vec<u8>>>,
    tell: &watch::Sender<Kept>,
) {
    let mut length = file.metadata().map_or(0, |found| found.len());
    while let Ok(line) = lines.recv() {
        let (mut together, mut count) = (line, 1);
        while let Ok(line) = lines.try_recv() {
            together.extend_from_slice(&line);
            count += 1;
        }
        length = length.saturating_add(together.len() as u64);
        let room = STATE_FILE.check(usize::try_from(length).unwrap_or(usize::MAX));
        let written = room.map_err(|error| error.to_string()).and_then(|()| {
            file.write_all(&together).and_then(|()| file.sync_data()).map_err(|error| error.to_string())
        });
        if let Err(why) = written {
            tell.send_replace(Kept::Failed(format!("the state file cannot be written: {why}")));
            return;
        }
        position += count;
        tell.send_replace(Kept::Lines(position));
    }
}
