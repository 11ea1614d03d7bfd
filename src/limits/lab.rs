//! Limits of what is kept: journals, exports, followed files.

use super::limits;

limits! {
    JOURNAL "journal-file" "a journal": 256 << 20, Bytes,
        "a lab of 10,000 calls has some 10 MB";
    HOLDER "holder-file" "the note of who has a journal open": 64, Bytes,
        "it holds the number of a process";
    EXPORT "export-file" "an export": 256 << 20, Bytes,
        "a lab of 10,000 calls has some 10 MB";
    FOLLOWED "followed-file" "a file that a document follows": 1 << 20, Bytes,
        "the longest policy that AWS takes has 32,768 characters";
    EDITED "edited-file" "what an external editor leaves": 1 << 20, Bytes,
        "the longest policy that AWS takes has 32,768 characters";
}
