//! The task pane: what is asked for, how far it is, and the questions.

/// The state of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tick {
    Done,
    /// The check does not hold yet.
    Todo,
    /// The subject is missing, so nothing can be said.
    Unknown,
}

/// One thing a task asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckRow {
    pub say: String,
    /// The tick under the applied policies.
    pub applied: Tick,
    /// The tick under the draft, while there is one.
    pub draft: Option<Tick>,
    /// True if the check must hold all along.
    pub invariant: bool,
}

/// A question asked before a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PredictionRow {
    pub ask: String,
    /// The answers to choose from.
    pub options: Vec<String>,
    pub chosen: Option<usize>,
    /// Once something has shown it: whether it was right, and why.
    pub outcome: Option<(bool, String)>,
    /// The right answer, once that is shown.
    pub truth: Option<String>,
    /// The moment at which the guess was compared with what happened, counted in such moments.
    pub place: usize,
}

impl PredictionRow {
    /// The answer given, in words.
    pub fn said(&self) -> Option<&str> {
        self.options.get(self.chosen?).map(String::as_str)
    }
}

/// The current task, as the task pane shows it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TaskView {
    /// The story, a paragraph an entry.
    pub story: Vec<String>,
    pub say: String,
    pub checks: Vec<CheckRow>,
    /// The questions of the task, in their order.
    pub predictions: Vec<PredictionRow>,
    /// Which of them can be answered now: one without an answer, or one whose wrong answer stands in the way.
    pub open: Option<usize>,
    /// The questions of the tasks that were done a moment ago.
    pub before: Vec<PredictionRow>,
    /// The predictions of the tasks before the current one.
    pub earlier: Vec<PredictionRow>,
    /// The hints shown so far and how many there are.
    pub hints: Vec<String>,
    /// How many hints there are.
    pub hint_count: usize,
    /// What the last wrong attempt is told.
    pub feedback: Option<String>,
    /// After the last task: what was learned.
    pub debrief: Vec<String>,
    /// What this scenario leaves out of the real AWS.
    pub simplified: Vec<String>,
}

impl TaskView {
    /// The question to answer now.
    pub fn question(&self) -> Option<&PredictionRow> {
        self.predictions.get(self.open?)
    }

    /// The questions whose answers have been compared with what happened since it stood as in `earlier`.
    pub fn newly_judged(&self, earlier: &Self) -> Vec<&PredictionRow> {
        let judged = |p: &&PredictionRow| {
            let before = earlier.predictions.iter().find(|before| before.ask == p.ask);
            p.outcome.is_some() && before.is_some_and(|before| before.outcome != p.outcome)
        };
        self.earlier.iter().chain(&self.before).chain(&self.predictions).filter(judged).collect()
    }
}
