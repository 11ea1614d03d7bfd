//! Everything that reads bytes from outside.

use kmslab::limits::{Limit, console, lab, policy, scenario, screen};

/// One kind of bytes from outside.
pub struct Reader {
    pub name: &'static str,
    /// The source files in which the bytes come in or are taken apart.
    pub files: &'static [&'static str],
    /// What the bytes may be at most.
    pub limits: &'static [&'static Limit],
    /// The fuzz targets that try any bytes on it.
    pub fuzz: &'static [&'static str],
}

pub const READERS: &[Reader] = &[
    Reader {
        name: "policies for lint, and what is accepted in them",
        files: &["src/cli/lint/mod.rs", "src/cli/lint/exceptions.rs", "src/policy/json/reader.rs"],
        limits: &[&policy::LINT_FILE, &policy::LINT_EXCEPTIONS, &policy::JSON_DEPTH, &policy::JSON_ERRORS],
        fuzz: &["lint", "policy"],
    },
    Reader {
        name: "lines for decide",
        files: &["src/cli/decide/mod.rs"],
        limits: &[
            &policy::DECIDE_LINE,
            &policy::DECIDE_SKIPPED,
            &policy::DECIDE_ANSWER,
            &policy::DECIDE_KEPT,
            &policy::IDENTITY_POLICY,
            &policy::RESOURCE_POLICY,
            &policy::OTHER_POLICY,
            &policy::CONDITION_VALUE,
            &policy::EXPANDED_TEXT,
            &policy::JSON_DEPTH,
        ],
        fuzz: &["decide", "condition", "pattern"],
    },
    Reader {
        name: "scenarios",
        files: &["src/scenario/reader.rs", "src/scenario/duration.rs"],
        limits: &[
            &scenario::FILE,
            &scenario::TEXT_SIZE,
            &scenario::EXPANDED,
            &scenario::FILLED,
            &scenario::SAVED,
        ],
        fuzz: &["scenario", "duration"],
    },
    Reader {
        name: "lines at the console, and the files that they name",
        files: &["src/cli/console.rs", "src/aws_cli/files.rs", "src/aws_cli/shell.rs"],
        limits: &[
            &console::LINE,
            &console::EXPANDED,
            &console::VARIABLE,
            &console::VARIABLES_SIZE,
            &console::PRINTED,
            &console::PARAMETER_FILE,
        ],
        fuzz: &["console"],
    },
    Reader {
        name: "parameters of console lines in a language of their own",
        files: &["src/aws_cli/shorthand.rs", "src/aws_cli/query.rs"],
        limits: &[&console::LINE, &console::QUERY_DEPTH],
        fuzz: &["shorthand", "query"],
    },
    Reader {
        name: "inputs of operations: items, numbers, expressions, ciphertexts",
        files: &[
            "src/cloud/dynamodb/wire.rs",
            "src/cloud/dynamodb/number.rs",
            "src/cloud/dynamodb/expression/lexer.rs",
            "src/cloud/kms/crypto/blob.rs",
        ],
        limits: &[&console::LINE],
        fuzz: &["item", "expression", "ciphertext"],
    },
    Reader {
        name: "lines in plain mode",
        files: &["src/plain/mod.rs", "src/cli/play.rs"],
        limits: &[&console::LINE],
        fuzz: &["plain"],
    },
    Reader {
        name: "journals",
        files: &[
            "src/lab/disk.rs",
            "src/lab/journal/read.rs",
            "src/lab/journal/write.rs",
            "src/lab/journal/holder.rs",
            "src/lab/progress.rs",
            "src/lab/typing.rs",
        ],
        limits: &[&lab::JOURNAL, &lab::HOLDER, &lab::PROGRESS, &lab::TYPING],
        fuzz: &["journal"],
    },
    Reader { name: "exports", files: &["src/lab/export.rs"], limits: &[&lab::EXPORT], fuzz: &["export"] },
    Reader {
        name: "files that somebody edits elsewhere",
        files: &["src/lab/watch.rs", "src/lab/external_editor.rs"],
        limits: &[&lab::FOLLOWED, &lab::EDITED],
        fuzz: &["followed"],
    },
    Reader {
        name: "settings, keys and themes",
        files: &["src/tui/settings/mod.rs", "src/tui/settings/file.rs"],
        limits: &[&screen::SETTINGS_FILE],
        fuzz: &["settings"],
    },
    Reader {
        name: "what the terminal sends",
        files: &["src/tui/host.rs", "src/tui/input.rs", "src/tui/background.rs"],
        limits: &[&console::LINE, &screen::EDITOR_TEXT, &screen::PASTE, &screen::SEQUENCE],
        fuzz: &["screen", "terminal"],
    },
    Reader {
        name: "notes of a presenting kmslab",
        files: &["src/tui/notes.rs"],
        limits: &[&screen::NOTES_PAGE],
        fuzz: &["notes"],
    },
];

/// Source files that only look as if they took bytes from outside, each with the reason.
pub const NO_READERS: &[(&str, &str)] = &[
    ("src/scenario/format/reference.rs", "a test of the format, which reads the papers of the repository"),
    ("src/tui/mod.rs", "it only asks whether standard input is a terminal"),
];
