//! Every operation of every service, taken from the registry itself: a new operation is tried here without a word.
//!
//! | file | what |
//! |---|---|
//! | `lab` | a populated cloud, and a request of every operation that works in it |
//! | `kms_requests` | the keys and requests of KMS, which the tests beside its code share |
//! | `model` | the shapes of all inputs |
//! | `codes` | the error codes of all operations |
//! | `random` | seeded numbers and random inputs |
//! | `walk` | a long random walk: no panic, no leak, no trace of failed calls, the same bytes for the same seed |
//! | `bad_input` | each field of each request made wrong: the error that the API model names, nothing changed |
//! | `limits` | lengths and numbers at their limits |
//! | `names` | what people call things: the subject of a call, completion, short names in steps |
//! | `support` | what is simulated of each operation, as the documentation has it |
//! | `secrets` | no key material in debug output, answers, errors and records |

mod bad_input;
mod codes;
mod kms_requests;
mod lab;
mod limits;
mod model;
mod names;
mod random;
mod secrets;
mod support;
mod walk;
