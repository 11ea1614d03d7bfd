//! Limits of policies and of questions about them.

use super::limits;

limits! {
    JSON_DEPTH "json-depth" "a JSON document": 128, Levels,
        "reading is recursive; no policy nests more than ten levels";
    JSON_ERRORS "json-errors" "the list of errors in one document": 50, Count,
        "more errors than a screen holds help nobody; what is wrong is mended from the first on";
    LINT_FILE "lint-file" "a file for `lint`": 8 << 20, Bytes,
        "the longest policy that AWS takes has 32,768 characters; templates around it are longer";
    LINT_EXCEPTIONS "lint-exceptions" "`kmslab-lint.toml`": 1 << 20, Bytes,
        "an exception is three lines written by hand";
}
