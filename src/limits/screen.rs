//! Limits of what is typed, pasted or set on the screen.

use super::limits;

limits! {
    SETTINGS_FILE "settings-file" "a file of settings, keys or a theme": 1 << 20, Bytes,
        "such a file is written by hand";
    PROBLEMS "settings-problems" "the list of mistakes in one file of settings, keys or a theme": 20, Count,
        "what is wrong is mended from the first on; how many more there are is said";
    KEY_ROWS "key-rows" "the list of rows of a key map": 500, Count,
        "there are some hundred actions, each with a row or two; each row is compared with each";
    KEYS "keys" "the list of keys in all rows of a key map": 1_000, Count,
        "each key of a row is compared with each of the others";
    THEMES "own-themes" "the list of themes in the folder": 100, Count,
        "each is read before the first frame";
    NOTES_PAGE "notes-page" "a page of notes": 64 << 10, Bytes,
        "a page is a screen of text; the socket takes so much at once";
    NOTES_READERS "notes-readers" "the list of readers of one presentation's notes": 16, Count,
        "each is sent every page while the lesson waits; a teacher has one or two";
    // Source: KMS Developer Guide, "resource-limits" (key policy document size, 32 KB); KMS API Reference, "PutKeyPolicy": its
    // characters are the tab, the line ends and those from U+0020 to U+00FF, which UTF-8 writes as one byte or two.
    EDITOR_TEXT "editor-text" "the text in the editor": 64 << 10, Bytes,
        "the longest policy that AWS takes has 32,768 characters, each of at most two bytes";
    PASTE "paste" "a text that is pasted": 1 << 20, Bytes,
        "no place takes more than a line at the console may have; what is longer is refused there";
    SEQUENCE "terminal-sequence" "a sequence of bytes that the terminal sends for one key or click": 64, Bytes,
        "the longest, a click or a key with all its modifiers, has some 20";
    CONSOLE_TEXT "console-text" "a text typed at the console of the screen": 256 << 10, Bytes,
        "it is wrapped anew at each key; what is longer is read from a file, with file://";
    TERMINAL_ANSWER "terminal-answer" "what the terminal answers when its background is asked for": 4 << 10, Bytes,
        "an answer has some 40 bytes; keys that are typed meanwhile come with it";
    TERMINALS_FILE "terminals-file" "the file of what terminals have told of their backgrounds": 8 << 10, Bytes,
        "as many lines as there may be, each as long as it may be, take less";
    TERMINALS "terminals" "the list of terminals whose backgrounds are kept": 40, Count,
        "somebody has a handful; the one that told longest ago goes";
    TERMINAL_NAME "terminal-name" "what the environment calls a terminal": 150, Bytes,
        "three variables, of which each has some 20 bytes";
    HELD_KEYS "held-keys" "the list of keys typed while something is opened": 1_000, Count,
        "keys and pastes wait for the lab that they are meant for; nobody types more ahead";
    COLUMNS "screen-columns" "the part of a terminal that is drawn": 500, Columns,
        "a frame costs memory and time by its cells; a 4K display in a small font has 480";
    ROWS "screen-rows" "the part of a terminal that is drawn": 200, Rows,
        "a frame costs memory and time by its cells; a 4K display in a small font has 150";
}
