//! A learner's session as a whole: the console, drafts, predictions, secrets, visits, the watched call.

mod console;
mod drafts;
mod predictions;
mod secrets;
mod visits;
mod watched;
