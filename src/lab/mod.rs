//! One learner's session: world, history, draft, progress.
