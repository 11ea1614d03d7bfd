//! What a presenting kmslab sends over its socket to whoever reads along.

use std::io::Write as _;
use std::os::unix::net::UnixListener;

use kmslab::tui::notes::follow;

use crate::frame::{Reader, Shape::Lacks, Shape::Made, filled};

/// Reads along with somebody who sends the input.
fn read(input: &[u8]) -> Result<(), String> {
    let state = tempfile::tempdir().expect("a folder");
    let listener = UnixListener::bind(state.path().join("notes.sock")).expect("bound");
    std::thread::scope(|scope| {
        scope.spawn(move || {
            let (mut stream, _) = listener.accept().expect("a reader");
            // A reader who has had enough goes.
            let _sent = stream.write_all(input);
        });
        let mut pages = 0;
        follow(state.path(), |page| {
            pages += page.len();
            Ok(())
        })
        .map_err(|why| why.to_string())
    })
}

/// Stands between two pages.
const PAGE_END: &str = "\x0c";

pub const READERS: &[Reader] = &[Reader {
    name: "notes",
    read,
    repeat: Made(|size| filled(size, "", &format!("a page of some words\n{PAGE_END}"), "")),
    nest: Lacks("a page is text, in which nothing stands in another"),
    widen: Made(|size| {
        let mut pages = String::new();
        for number in 0.. {
            let page = format!("page {number}\n{PAGE_END}");
            if pages.len() + page.len() >= size {
                break;
            }
            pages.push_str(&page);
        }
        pages.into_bytes()
    }),
    long_token: Made(|size| filled(size, "", "a", PAGE_END)),
}];
