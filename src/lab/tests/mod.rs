//! A learner's session as a whole: the console, predictions, secrets, the watched call.

mod console;
mod predictions;
mod secrets;
mod watched;
