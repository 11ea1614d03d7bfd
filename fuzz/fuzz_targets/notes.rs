//! Any bytes that a presenting kmslab sends: each page is shown once, bounded, and the end is an end.
#![no_main]

use std::io::Write as _;
use std::os::unix::net::UnixListener;

use kmslab::tui::notes::follow;
use kmslab_fuzz::folder;
use libfuzzer_sys::fuzz_target;

thread_local! {
    static PLACE: (tempfile::TempDir, UnixListener) = {
        let place = folder();
        let listener = UnixListener::bind(place.path().join("notes.sock")).expect("it listens");
        (place, listener)
    };
}

fuzz_target!(|bytes: &[u8]| {
    PLACE.with(|(place, listener)| {
        let sent = bytes.to_vec();
        let theirs = listener.try_clone().expect("one more handle");
        let sender = std::thread::spawn(move || {
            let (mut stream, _) = theirs.accept().expect("somebody reads");
            let _closed = stream.write_all(&sent);
        });
        let mut shown = Vec::new();
        let ended = follow(place.path(), |page| {
            shown.push(page.to_owned());
            Ok(())
        });
        sender.join().expect("it sends");
        let mut pages: Vec<&[u8]> = bytes.split(|byte| *byte == 0x0c).collect();
        // What no form feed ends is no page.
        pages.pop();
        let pages: Vec<_> = pages.into_iter().map(String::from_utf8_lossy).collect();
        match ended {
            Ok(()) => assert_eq!(shown, pages),
            Err(error) => assert!(error.to_string().contains("limit"), "{error}"),
        }
    });
});
