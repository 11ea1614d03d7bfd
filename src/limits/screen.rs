//! Limits of what is typed, pasted or set on the screen.

use super::limits;

limits! {
    SETTINGS_FILE "settings-file" "a file of settings, keys or a theme": 1 << 20, Bytes,
        "such a file is written by hand";
}
