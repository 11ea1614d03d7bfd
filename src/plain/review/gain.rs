//! What the quizzes of a chapter came to, in words.

use crate::lab::learning::{Quiz, Sitting};

/// Returns a score in words, such as `3 of 8`.
pub(super) fn score(sitting: &Sitting) -> String {
    let (right, all) = sitting.score();
    format!("{right} of {all}")
}

/// Says what the quizzes of a chapter came to: the gain, and where somebody was certain and wrong.
pub fn gain(chapter: char, quiz: &Quiz) -> Vec<String> {
    let sittings = [("before", quiz.before()), ("after", quiz.after())];
    let done = || sittings.iter().filter_map(|(word, sitting)| Some((word, (*sitting)?)));
    let scores: Vec<String> = done().map(|(word, sitting)| format!("{word} {}", score(sitting))).collect();
    let certain = |(word, sitting): (&&str, &Sitting)| {
        let told = sitting.tells_how_sure().then(|| sitting.certain_and_wrong().to_string());
        format!("{word} {}", told.as_deref().unwrap_or("not told"))
    };
    let certain: Vec<String> = done().map(certain).collect();
    let mut lines = Vec::new();
    if !scores.is_empty() {
        lines.push(format!("Chapter {chapter}: {}.", scores.join(", ")));
        lines.push(format!("Certain, and yet wrong: {}.", certain.join(", ")));
    }
    if let Some((_, sitting)) = quiz.under_way() {
        let answered = sitting.count() - sitting.left();
        lines.push(format!(
            "Chapter {chapter}: a quiz has begun, {answered} of {} answered.",
            sitting.count()
        ));
    }
    lines
}
