//! How the work of each reader grows with its input: never faster than the input, or a limit answers.
//!
//! Every reader of bytes from outside is a row: a file of this folder with a [`frame::Reader`] and a test that calls
//! [`frame::check`]. The frame gives it inputs of four shapes, each at three sizes, and counts steps of work
//! (`kmslab::limits::steps`) and allocated bytes. For a fourfold input both may be 4.5 times as many. Nothing here looks at a
//! clock.
//!
//! `cargo test --test growth -- --nocapture` prints the table.

mod beyond;
mod console;
mod decide;
mod exceptions;
mod frame;
mod journal;
mod json;
mod lint;
mod pattern;
mod replay;
mod scenario;
mod settings;
mod terminal;
