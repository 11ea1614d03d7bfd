//! Text from outside, without what a terminal would obey or a reader could not see.

/// The same text without anything a terminal obeys: control characters and marks that turn the writing direction show
/// as U+FFFD. Line ends stay.
pub fn clean(text: &str) -> String {
    replaced(text, &['\n'])
}

/// The same text as it may stand in one line: line ends show as U+FFFD, too.
///
/// A name that holds a line end would otherwise write lines of its own, which nobody could tell from those of kmslab.
pub fn clean_line(text: &str) -> String {
    replaced(text, &[])
}

/// The text with U+FFFD for everything that is unsafe and is not to stay.
pub fn replaced(text: &str, stays: &[char]) -> String {
    text.chars().map(|c| if is_unsafe(c) && !stays.contains(&c) { '\u{fffd}' } else { c }).collect()
}

/// Tells whether a terminal would obey a character, or a text would run backwards behind it.
pub fn is_unsafe(c: char) -> bool {
    // Marks that turn the writing direction, and separators that terminals take for line ends.
    c.is_control()
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{061c}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}
