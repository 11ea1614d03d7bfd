//! What a learner hands in: reports, verifying them, and grading a class.

mod changes;
mod class;
mod hostile;
mod page;
mod play;
