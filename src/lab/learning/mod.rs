//! What a learner believed, over all labs and days: which beliefs guesses have shown, when each comes back, and what the
//! quizzes before and after a chapter came to.
//!
//! | file | what |
//! |---|---|
//! | `kept` | all that is kept: the misses and the quizzes |
//! | `miss` | one belief that was missed, and when it comes back |
//! | `quiz` | the quiz of a chapter: choosing its questions, going on with it, what was gained |
//! | `file` | the file in the state folder |
//! | `review` | what journals have shown; what is due, and which question asks about it |
//!
//! Knows no clock: days come from whoever calls.

mod file;
mod kept;
mod miss;
mod quiz;
mod review;

pub use file::{LearningError, LearningFile};
pub use kept::{BeliefState, Learning};
pub use miss::{DAYS, Miss};
pub use quiz::{Given, Quiz, Sitting, When, questions_for};
pub use review::{Due, Played, due, played};
