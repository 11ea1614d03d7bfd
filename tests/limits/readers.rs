//! Everything that reads bytes from outside.

use kmslab::limits::{Limit, console, lab, policy, report, scenario, screen, template, wire};

/// One kind of bytes from outside.
pub struct Reader {
    pub name: &'static str,
    /// The source files in which the bytes come in or are taken apart, and how the work of each grows.
    pub files: &'static [(&'static str, Growth)],
    /// What the bytes may be at most.
    pub limits: &'static [&'static Limit],
    /// The fuzz targets that try any bytes on it.
    pub fuzz: &'static [&'static str],
}

/// What shows that the work of a source file grows no faster than what it reads.
pub enum Growth {
    /// The rows of `tests/growth` that go through it.
    Rows(&'static [&'static str]),
    /// It reads no more than a limit that is below the smallest size of those rows, and for a reason no row can reach it.
    Bounded(&'static Limit, &'static str),
}
use Growth::{Bounded, Rows};

pub const READERS: &[Reader] = &[
    Reader {
        name: "policies for lint, and what is accepted in them",
        files: &[
            (
                "src/cli/lint/mod.rs",
                Rows(&[
                    "lint, statements",
                    "lint, resource policy",
                    "lint, actions",
                    "lint, conditions",
                    "lint, broken JSON",
                    "lint, templates",
                ]),
            ),
            ("src/cli/lint/exceptions.rs", Rows(&["kmslab-lint.toml"])),
            ("src/policy/json/reader.rs", Rows(&["JSON", "JSON, errors"])),
        ],
        limits: &[&policy::LINT_FILE, &policy::LINT_EXCEPTIONS, &policy::JSON_DEPTH, &policy::JSON_ERRORS],
        fuzz: &["lint", "policy"],
    },
    Reader {
        name: "lines for decide",
        files: &[
            (
                "src/cli/decide/mod.rs",
                Rows(&[
                    "decide, policies",
                    "decide --explain",
                    "decide, statements",
                    "decide, context",
                    "decide, conditions",
                ]),
            ),
            ("src/policy/pattern.rs", Rows(&["pattern", "policy variable"])),
            ("src/policy/principal.rs", Rows(&["principal"])),
        ],
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
        files: &[
            ("src/scenario/reader.rs", Rows(&["scenario", "scenario, problems"])),
            ("src/scenario/variants.rs", Rows(&["scenario, variants"])),
            ("src/scenario/translation.rs", Rows(&["scenario, translation"])),
            ("src/scenario/duration.rs", Rows(&["duration"])),
            ("src/cli/new.rs", Rows(&["scenario"])),
        ],
        limits: &[
            &scenario::FILE,
            &scenario::VARIANTS,
            &scenario::VARIANT_TEXT,
            &scenario::TEXT_SIZE,
            &scenario::EXPANDED,
            &scenario::FILLED,
            &scenario::SAVED,
        ],
        fuzz: &["scenario", "duration"],
    },
    Reader {
        name: "templates of CloudFormation",
        files: &[
            ("src/cli/drift.rs", Rows(&["template, JSON", "template, YAML"])),
            ("src/scenario/template.rs", Rows(&["scenario, template"])),
            ("src/template/read/yaml.rs", Rows(&["template, YAML"])),
            (
                "src/template/read/values.rs",
                Rows(&["template, references", "template, a long value again and again"]),
            ),
        ],
        limits: &[&template::FILE, &template::RESOURCES, &template::FILLED, &policy::JSON_DEPTH],
        fuzz: &["template", "scenario"],
    },
    Reader {
        name: "lines at the console, and the files that they name",
        files: &[
            ("src/cli/console.rs", Rows(&["console, line by line"])),
            ("src/aws_cli/files.rs", Rows(&["file://", "fileb://", "--cli-input-json", "file in shorthand"])),
            ("src/aws_cli/shell.rs", Rows(&["console line"])),
            ("src/aws_cli/params.rs", Rows(&["item", "policy in a parameter"])),
        ],
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
        files: &[
            ("src/aws_cli/shorthand.rs", Rows(&["shorthand"])),
            ("src/aws_cli/query.rs", Rows(&["--query"])),
        ],
        limits: &[&console::LINE, &console::QUERY_DEPTH],
        fuzz: &["shorthand", "query"],
    },
    Reader {
        name: "inputs of operations: items, numbers, expressions, ciphertexts, ARNs",
        files: &[
            ("src/cloud/dynamodb/wire.rs", Rows(&["item, as sent", "sets, as sent"])),
            ("src/cloud/dynamodb/number.rs", Rows(&["number"])),
            (
                "src/cloud/dynamodb/expression/lexer.rs",
                Rows(&[
                    "filter expression",
                    "condition expression",
                    "projection expression",
                    "update expression",
                    "key condition expression",
                ]),
            ),
            ("src/cloud/dynamodb/expression/mod.rs", Rows(&["names and values of expressions"])),
            (
                "src/cloud/dynamodb/expression/condition.rs",
                Rows(&["filter of an item", "comparison with an item"]),
            ),
            (
                "src/cloud/dynamodb/expression/update.rs",
                Rows(&["update of an item", "sets added to an item"]),
            ),
            ("src/cloud/dynamodb/expression/path.rs", Rows(&["projection of an item"])),
            ("src/cloud/kms/crypto/blob.rs", Rows(&["ciphertext"])),
            ("src/cloud/arn.rs", Rows(&["ARN"])),
        ],
        limits: &[&console::LINE],
        fuzz: &["item", "expression", "ciphertext"],
    },
    Reader {
        name: "event patterns, and events for them",
        files: &[
            (
                "src/cloud/eventbridge/pattern/read.rs",
                Bounded(
                    &policy::EVENT_PATTERN,
                    "AWS takes no longer pattern, and each value of it is looked at once",
                ),
            ),
            ("src/cloud/eventbridge/testing.rs", Rows(&["event"])),
        ],
        limits: &[&policy::EVENT_PATTERN, &policy::EVENT],
        fuzz: &["event_pattern"],
    },
    Reader {
        name: "lines in plain mode",
        files: &[
            ("src/plain/mod.rs", Rows(&["plain mode"])),
            ("src/cli/play.rs", Rows(&["plain mode"])),
            ("src/cli/dev.rs", Rows(&["plain mode"])),
            ("src/plain/review.rs", Rows(&["answers"])),
            ("src/cli/review.rs", Rows(&["answers"])),
            ("src/cli/quiz.rs", Rows(&["answers"])),
        ],
        limits: &[&console::LINE],
        fuzz: &["plain"],
    },
    Reader {
        name: "journals",
        files: &[
            ("src/lab/disk.rs", Rows(&["a journal"])),
            ("src/lab/journal/read.rs", Rows(&["a journal"])),
            ("src/lab/journal/write.rs", Rows(&["journal, played again"])),
            ("src/lab/replay.rs", Rows(&["journal, played again", "journal, drafts"])),
            ("src/lab/transcript.rs", Rows(&["journal, what was printed"])),
            ("src/lab/recover.rs", Rows(&["recover"])),
            ("src/lab/share.rs", Rows(&["journal, exported without secrets"])),
            ("src/lab/journal/holder.rs", Rows(&["holder note"])),
            ("src/lab/progress.rs", Rows(&["progress note"])),
            ("src/lab/typing.rs", Rows(&["typing note"])),
        ],
        limits: &[&lab::JOURNAL, &lab::HOLDER, &lab::PROGRESS, &lab::TYPING],
        fuzz: &["journal"],
    },
    Reader {
        name: "the file of what was believed",
        files: &[("src/lab/learning/file.rs", Rows(&["what was believed"]))],
        limits: &[&lab::LEARNING],
        fuzz: &["learning"],
    },
    Reader {
        name: "exports",
        files: &[("src/lab/export.rs", Rows(&["export"]))],
        limits: &[&lab::EXPORT],
        fuzz: &["export"],
    },
    Reader {
        name: "reports, and what a class hands in",
        files: &[
            ("src/report/verify.rs", Rows(&["report"])),
            ("src/report/record.rs", Rows(&["report", "report, played again"])),
            ("src/lab/hand_in.rs", Rows(&["report, played again"])),
            ("src/report/grade.rs", Rows(&["hand-in"])),
        ],
        limits: &[
            &report::FILE,
            &report::RECORD,
            &report::LABS,
            &report::ENTRIES,
            &report::WORK,
            &report::PATIENCE,
            &report::NAME,
            &report::HAND_INS,
            &report::CELL,
            &lab::WORDS,
        ],
        fuzz: &["report"],
    },
    Reader {
        name: "files that somebody edits elsewhere",
        files: &[
            ("src/lab/watch.rs", Rows(&["followed file"])),
            ("src/lab/external_editor.rs", Rows(&["edited file"])),
        ],
        limits: &[&lab::FOLLOWED, &lab::EDITED],
        fuzz: &["followed"],
    },
    Reader {
        name: "settings, keys and themes",
        files: &[
            ("src/tui/settings/mod.rs", Rows(&["settings.json"])),
            ("src/tui/settings/file.rs", Rows(&["settings.json"])),
            ("src/tui/settings/key_rows.rs", Rows(&["keys.json"])),
            ("src/tui/settings/theme.rs", Rows(&["themes/mine.json"])),
        ],
        limits: &[&screen::SETTINGS_FILE],
        fuzz: &["settings"],
    },
    Reader {
        name: "what the terminal sends",
        files: &[
            ("src/tui/host.rs", Rows(&["paste into the editor", "paste at the console"])),
            ("src/tui/input.rs", Rows(&["terminal"])),
            (
                "src/tui/background.rs",
                Bounded(
                    &screen::TERMINAL_ANSWER,
                    "a terminal has to answer, and its answer is waited for once",
                ),
            ),
        ],
        limits: &[
            &console::LINE,
            &screen::EDITOR_TEXT,
            &screen::CONSOLE_TEXT,
            &screen::PASTE,
            &screen::SEQUENCE,
            &screen::TERMINAL_ANSWER,
        ],
        fuzz: &["screen", "terminal"],
    },
    Reader {
        name: "what terminals have told",
        files: &[(
            "src/tui/terminals.rs",
            Bounded(
                &screen::TERMINALS_FILE,
                "a longer file is not read, and each line of it is looked at once",
            ),
        )],
        limits: &[&screen::TERMINALS_FILE, &screen::TERMINALS, &screen::TERMINAL_NAME],
        fuzz: &["terminals"],
    },
    Reader {
        name: "notes of a presenting kmslab",
        files: &[("src/tui/notes.rs", Rows(&["notes"]))],
        limits: &[&screen::NOTES_PAGE],
        fuzz: &["notes"],
    },
    Reader {
        name: "requests to `kmslab serve`, and its state file",
        files: &[
            ("src/serve/http.rs", Rows(&["wire, JSON", "wire, form"])),
            ("src/wire/json.rs", Rows(&["wire, JSON"])),
            ("src/wire/query.rs", Rows(&["wire, form"])),
            ("src/wire/percent.rs", Rows(&["wire, form", "wire, signed query"])),
            (
                "src/wire/sigv4/presented.rs",
                Bounded(
                    &wire::HEAD,
                    "a signature stands in the head of a request, each part of which is looked at once",
                ),
            ),
            ("src/wire/sigv4/canonical.rs", Rows(&["wire, signed query"])),
            ("src/serve/journal.rs", Rows(&["serve, state file"])),
            (
                "src/serve/control.rs",
                Bounded(&wire::CONTROL, "one name or one duration is read from a body that is no longer"),
            ),
            (
                "src/cloud/sts/provider.rs",
                Bounded(
                    &wire::WEB_IDENTITY,
                    "a token is decoded, hashed and read once, and STS takes no longer one",
                ),
            ),
        ],
        limits: &[
            &wire::BODY,
            &wire::BODIES,
            &wire::HEAD,
            &wire::USER_AGENT,
            &wire::CONTROL,
            &wire::WEB_IDENTITY,
            &wire::STATE_FILE,
            &wire::STATE_LINE,
        ],
        fuzz: &["serve_state", "web_identity", "wire_json", "wire_query", "wire_signature"],
    },
];

/// Source files that only look as if they took bytes from outside, each with the reason.
pub const NO_READERS: &[(&str, &str)] = &[
    ("src/scenario/format/reference.rs", "a test of the format, which reads the papers of the repository"),
    ("src/tui/mod.rs", "it only asks whether standard input is a terminal"),
];
