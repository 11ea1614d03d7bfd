//! Any text as what terminals have told: what is read is written and read again as the same, within its limits.
#![no_main]

use kmslab::limits::screen::{TERMINALS, TERMINALS_FILE};
use kmslab::tui::terminals::{Name, Terminals};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let mut known = Terminals::read(text);
    let written = known.written();
    assert!(written.lines().count() <= TERMINALS.size());
    assert_eq!(Terminals::read(&written), known);
    let name = Name::of(|_| Some(text.to_owned()));
    known.note(name.clone(), true);
    assert_eq!(known.is_light(&name), Some(true));
    let written = known.written();
    assert!(TERMINALS_FILE.check(written.len()).is_ok(), "{} bytes", written.len());
    assert_eq!(Terminals::read(&written), known);
});
