//! What the quizzes of a chapter came to, in words.

use crate::lab::learning::{Quiz, Sitting};
use crate::narration::course::chapter_title;

/// Returns a score in words, such as `3 of 8`.
pub(super) fn score(sitting: &Sitting) -> String {
    let (right, all) = sitting.score();
    format!("{right} of {all}")
}

/// Returns the letter of a chapter with its title, such as `Chapter A, The walk-through`.
pub fn chapter_name(chapter: char) -> String {
    let title = chapter_title(&chapter.to_string()).map_or_else(String::new, |title| format!(", {title}"));
    format!("Chapter {chapter}{title}")
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
        lines.push(format!("{}: {}.", chapter_name(chapter), scores.join(", ")));
        if done().any(|(_, sitting)| sitting.tells_how_sure()) {
            lines.push(format!("Certain, and yet wrong: {}.", certain.join(", ")));
        }
    }
    if let Some((_, sitting)) = quiz.under_way() {
        let answered = sitting.count() - sitting.left();
        lines.push(format!(
            "{}: a quiz has begun, {answered} of {} answered.",
            chapter_name(chapter),
            sitting.count()
        ));
    }
    lines
}
