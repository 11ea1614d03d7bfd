//! Limits of scenario files.

use super::limits;

limits! {
    FILE "scenario-file" "a scenario file": 8 << 20, Bytes,
        "the longest built-in scenario has 40 KB; this leaves room for generated worlds";
}
