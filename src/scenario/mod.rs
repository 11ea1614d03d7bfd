//! Scenarios: the format, the files inside the program, what can be asked of a world, and the proofs an author needs.
//!
//! | file | what |
//! |---|---|
//! | `format`, `duration` | the format as types |
//! | `key_names` | keys that texts name |
//! | `reader`, `variants`, `missing`, `validate`, `error` | from a text to a scenario, or to one clear error |
//! | `library`, `translation`, `opening` | the scenarios inside the program; the words of a translation; from a name to a scenario |
//! | `decides` | a scenario without its words |
//! | `stage`, `builder`, `names` | the world of a scenario, making it, and what short names stand for in it |
//! | `template` | the template that a world is made from, and what has drifted from it |
//! | `resolve`, `named_call`, `play` | from a step to a call; playing steps |
//! | `check`, `allows_only`, `records`, `rule`, `reached`, `state`, `evaluate` | what can be asked of a world, and asking it |
//! | `recall` | following a lab step by step without asking the same again |
//! | `progress`, `report` | how far the learner is, and how the tasks stand |
//! | `recast`, `question` | a scenario in other clothes; a question of it by itself |
//! | `parts` | statements that are put together from parts |
//! | `watched` | the call that is asked again after each change |
//! | `who_can` | one question, asked for everybody |
//! | `prove`, `excess`, `craft` | what an author must be able to prove; that nothing goes too far; how it is made |
//! | `views`, `words`, `reason`, `cause` | looking things up; saying them; why a decision went as it did, in a clause and in a sentence |
//!
//! Everything a scenario does to the simulated cloud goes through [`crate::cloud::World::call`]. Nothing here draws.

mod allows_only;
mod budget;
mod builder;
mod cause;
mod check;
mod craft;
mod decides;
mod duration;
mod error;
mod evaluate;
mod excess;
mod finding;
mod format;
mod key_names;
mod library;
mod missing;
mod named_call;
mod names;
mod opening;
mod parts;
mod play;
mod prediction;
mod progress;
mod prove;
mod question;
mod reached;
mod reader;
mod reason;
mod recall;
mod recast;
mod records;
mod report;
mod resolve;
mod rule;
mod stage;
mod state;
mod template;
mod together;
mod translation;
mod validate;
mod variants;
mod views;
mod watched;
mod who_can;
mod words;

pub use cause::sentence as sentence_of;
pub use craft::{LINTS, Lint, Severity, craft, severity};
pub use duration::{BadDuration, Duration};
pub use error::ScenarioError;
pub use excess::{Excesses, excesses};
pub use finding::{CheckStatus, Finding};
pub use format::*;
pub use key_names::{KEYS, in_words, name_keys, words_of};
pub use library::{Embedded, Outline, accounts, embedded, find_embedded, is_file_name};
#[cfg(test)]
pub use library::{embedded_in_turn, in_turn};
pub use named_call::{in_the_name_of, table_called, table_of_key};
pub use names::{Names, RoleSession, UnknownName};
pub use opening::{Opened, find, open, read_file_all, read_file_with_problems};
pub use play::{Play, StepReport};
pub use prediction::Seen;
pub use progress::{Progress, Sureness};
pub use prove::{Flaw, prove};
pub use question::{Posed, Question};
pub use reader::{Readable, read, read_all, read_with_problems};
pub use reason::{clause, decision as describe_decision, layer_name, sentence};
pub use recall::Recall;
pub use recast::CLOTHES;
pub use report::{CheckReport, TaskReport, feedback};
pub use resolve::{StepError, asked_by};
pub use stage::{Persona, Stage};
pub use template::written_down;
pub use together::prove_together;
pub use translation::{Untranslated, translate, untranslated};
pub use who_can::reason_of;

#[cfg(test)]
mod tests;
