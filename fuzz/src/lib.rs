//! What the targets share: places for files, a lab to work in, and the budget of steps.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use kmslab::aws_cli::{Files, Target};
use kmslab::cloud::world::ClockError;
use kmslab::cloud::{Call, Caller, Outcome, World};
use kmslab::lab::Lab;
use kmslab::limits::steps;
use kmslab::scenario::{self, Stage};

/// The scenario whose world the targets use.
pub const SCENARIO: &str = "a3-key-policy-door";

/// Work of so many steps is done whatever the input is.
const STEPS_AT_LEAST: u64 = 1 << 20;

/// Does some work, and requires that it takes no more steps than a number for each byte of its input.
pub fn within<T>(steps_a_byte: u64, bytes: usize, work: impl FnOnce() -> T) -> T {
    let (done, taken) = steps::counted(work);
    let budget = STEPS_AT_LEAST + steps_a_byte * bytes as u64;
    assert!(taken <= budget, "{taken} steps for {bytes} bytes, where {budget} are enough");
    done
}

/// A folder that goes when it is dropped. `TMPDIR` says where.
pub fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder")
}

/// Writes a file into a folder.
pub fn write(folder: &Path, name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
    std::fs::write(&path, bytes).expect("written");
    path
}

/// The scenario with its world.
pub fn stage() -> Stage {
    scenario::find(SCENARIO).expect("it is embedded").build().expect("it is sound")
}

/// A lab of the scenario in which nothing was done.
pub fn lab() -> Lab {
    let mut lab = Lab::open(scenario::find(SCENARIO).expect("it is embedded"), None).expect("it opens");
    lab.open_first_document();
    lab.take_unsaved();
    lab
}

/// Every file that a parameter names is not there.
#[derive(Debug)]
pub struct NoFiles;

impl Files for NoFiles {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        Err(format!("[Errno 2] No such file or directory: '{path}'"))
    }
}

/// A world that notes each call with whoever makes it.
pub struct Noting {
    pub world: World,
    pub calls: Vec<Call>,
}

impl Target for Noting {
    fn world(&self) -> &World {
        &self.world
    }

    fn template(&self) -> Option<&kmslab::scenario::TemplateSpec> {
        None
    }

    fn call(&mut self, _who: &str, caller: &Caller, call: Call) -> Arc<Outcome> {
        self.calls.push(call.clone());
        Arc::new(World::call(&mut self.world, caller, call))
    }

    fn advance(&mut self, by: jiff::SignedDuration) -> Result<(), ClockError> {
        World::advance(&mut self.world, by)
    }
}

/// A text as one word of a shell.
pub fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}
