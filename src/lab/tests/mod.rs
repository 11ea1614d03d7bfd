//! A learner's session as a whole: the console, drafts, predictions, secrets, the watched call.

mod console;
mod drafts;
mod predictions;
mod secrets;
mod watched;
