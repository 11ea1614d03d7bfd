//! Limits of what is kept: journals, exports, followed files.

use super::limits;

limits! {
    JOURNAL "journal-file" "a journal": 256 << 20, Bytes,
        "a lab of 10,000 calls has some 10 MB";
    TYPING "typing-file" "the note of what is being typed": 4 << 20, Bytes,
        "a text in the editor has at most 64 KiB and a line at the console 1 MiB; JSON writes most bytes as one";
    PROGRESS "progress-file" "the note of how far a scenario is": 1_024, Bytes,
        "it holds six numbers and checksums, and the ids of at most some tens of beliefs";
    HOLDER "holder-file" "the note of who has a journal open": 64, Bytes,
        "it holds the number of a process";
    LEARNING "learning-file" "the file of what was believed": 256 << 10, Bytes,
        "it holds some tens of bytes for each of about a hundred beliefs, and two quizzes a chapter of eight answers each";
    WORDS "own-words" "what a learner says in their own words": 2_000, Bytes,
        "it is a sentence or a few; a page has so many";
    STEPS "branch-steps" "the list of steps of all branches of a lab, shared ones counted with each,": 1_000_000, Count,
        "each branch holds its way from the start; 100 branches of a lab of 10,000 calls have so many";
    VISITS "visit-steps" "the list of steps of a lab that clients on the wire add to": 10_000, Count,
        "each step keeps its world, and so many calls make a journal of some 10 MB; a learner makes some hundred";
    EXPORT "export-file" "an export": 256 << 20, Bytes,
        "a lab of 10,000 calls has some 10 MB";
    FOLLOWED "followed-file" "a file that a document follows": 64 << 10, Bytes,
        "its text goes into the editor, see `editor-text`";
    EDITED "edited-file" "what an external editor leaves": 64 << 10, Bytes,
        "its text goes into the editor, see `editor-text`";
}
