//! Limits of lines typed at the console, and of what they read and print.

use super::limits;

limits! {
    LINE "console-line" "a line at the console": 1 << 20, Bytes,
        "no parameter of an AWS call is longer than 1 MB";
}
