//! What a learner should know after a scenario was opened.

/// Something a learner should know after a scenario was opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// True for good news, which is shown as such.
    pub good: bool,
    pub words: String,
}
