//! Lines at the console beyond each limit, and what still works right below.

use std::sync::Arc;

use kmslab::aws_cli::{Console, RealFiles, empty_world};
use kmslab::cloud::Fidelity;
use kmslab::limits::Limit;
use kmslab::limits::console::*;

/// What lines at an empty account print, and the exit code of the last.
fn transcript(lines: &[String]) -> (String, u8) {
    let clock = "2026-01-05T09:00:00Z".parse().expect("a time");
    let (mut world, names) = empty_world(0, clock, Fidelity::instant());
    let mut console = Console::new(names, "root", Arc::new(RealFiles));
    let mut last = (String::new(), 0);
    for line in lines {
        let reply = console.run(&mut world, line);
        last = (reply.text, reply.code);
    }
    last
}

fn query(expression: &str) -> Vec<String> {
    vec!["aws kms create-key".to_owned(), format!("aws kms list-keys --query '{expression}'")]
}

/// An expression again and again, with something between.
fn joined(part: &str, between: &str, count: usize) -> String {
    vec![part; count].join(between)
}

#[test]
fn what_is_beyond_a_limit_is_refused_in_words_that_name_it() {
    let ten = joined("@", ",", 10);
    let doubling = || vec!["A=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx".to_owned(); 1].into_iter();
    let rows: Vec<(&Limit, Vec<String>)> = vec![
        (&VARIABLE, doubling().chain(vec!["A=\"$A$A$A$A$A$A$A$A$A$A\"".to_owned(); 6]).collect()),
        (&VARIABLE, doubling().chain(vec!["A=$A$A".to_owned(); 16]).collect()),
        (&VARIABLE, doubling().chain(vec!["export A=\"$A$A\"".to_owned(); 16]).collect()),
        (&VARIABLE, vec![format!("A={}", "x".repeat(VARIABLE.size() / 2)), "A=$(echo $A$A$A)".to_owned()]),
        (&VARIABLES_SIZE, (0..9).map(|n| format!("A{n}={}", "x".repeat(999_999))).collect()),
        (&VARIABLES, (0..=VARIABLES.size()).map(|n| format!("A{n}=1")).collect()),
        (&EXPANDED, vec![format!("A={}", "x".repeat(500_000)), joined("true $A", "; ", 100)]),
        (&EXPANDED, vec![format!("A={}", "x".repeat(500_000)), format!("echo {}", joined("$A", "", 100))]),
        (
            &EXPANDED,
            vec![format!("A={}", "x".repeat(500_000)), format!("echo {}", joined("$(true $A)", "", 100))],
        ),
        (&COMMANDS, vec![joined("true", "; ", COMMANDS.size() + 1)]),
        (&COMMANDS, vec![format!("echo {}", joined("$(true)", "", COMMANDS.size() + 1))]),
        (&COMMANDS, vec![joined("true", " && ", COMMANDS.size() + 1)]),
        (&QUERY_DEPTH, query(&joined("[", "", 7_518))),
        (&QUERY_DEPTH, query(&joined("a", ".", 1_000))),
        (&QUERY_DEPTH, query(&joined("f(", "", 2_000))),
        (&QUERY_DEPTH, query(&joined("[?a", "", 300))),
        (&QUERY_DEPTH, query(&joined("!", "", 300))),
        (&QUERY_DEPTH, query(&format!("Keys{}", joined("[*]", "", 300)))),
        (&QUERY_TOKENS, query(&format!("[{}]", joined("a", ",", 5_000)))),
        (&QUERY_STEPS, query(&joined(&format!("[{ten}]"), " | ", 9))),
        (&QUERY_STEPS, query(&format!("length({})", joined(&format!("[{ten}]"), " | ", 9)))),
        (&QUERY_STEPS, query(&joined("{a: @, b: @, c: @, d: @}", " | ", 15))),
        (&QUERY_STEPS, query(&format!("to_string({})", joined(&format!("[{ten}]"), " | ", 7)))),
        (&QUERY_STEPS, query(&format!("{} | @ == @", joined(&format!("[{ten}]"), " | ", 7)))),
        (&QUERY_STEPS, query(&joined("map(&[@,@,@,@,@,@,@,@,@,@], [@,@,@,@,@,@,@,@,@,@])", " | ", 6))),
        (
            &QUERY_STEPS,
            query(&format!("{} | sort_by(@, &to_string(@))", joined(&format!("[{ten}]"), " | ", 7))),
        ),
        (&QUERY_STEPS, query(&joined(&format!("[{ten}][]"), " | ", 9))),
        (&PRINTED, query(&format!("`{}{}{}`", "[".repeat(100), joined("0", ",", 50_000), "]".repeat(100)))),
        (&PRINTED, {
            let objects: Vec<String> = (0..4_000).map(|n| format!("{{\"f{n}\": 1}}")).collect();
            let expression = format!("`[{}]`", objects.join(","));
            vec![format!("aws kms list-keys --output table --query '{expression}'")]
        }),
    ];
    for (number, (limit, lines)) in rows.iter().enumerate() {
        let (said, code) = transcript(lines);
        let start: String = said.chars().take(300).collect();
        assert!(
            said.contains(&format!(", the limit `{}`\n", limit.name)),
            "{number}: {}: {start}",
            limit.name
        );
        assert!(said.len() < 1_000 && said.starts_with("kmslab: "), "{number}: {start}");
        assert_eq!(code, 2, "{number}: {start}");
    }
}

#[test]
fn what_people_write_is_far_from_the_limits() {
    let alternatives: Vec<String> = (0..100).map(|n| format!("KeyId==\"x{n}\"")).collect();
    let fields: Vec<String> = (0..100).map(|n| format!("F{n}: KeyId")).collect();
    for (line, printed) in [
        (format!("length(Keys[?{}])", alternatives.join(" || ")), "0\n"),
        (format!("length(Keys[].{{{}}})", fields.join(", ")), "1\n"),
        ("[[[[[[[[[[length(Keys)]]]]]]]]]] | [0][0][0][0][0][0][0][0][0][0]".to_owned(), "1\n"),
        ("sort_by(Keys, &KeyId)[].KeyId | length(@)".to_owned(), "1\n"),
        ("map(&KeyId, Keys) | length(@)".to_owned(), "1\n"),
        ("max_by(Keys, &KeyId) | type(@)".to_owned(), "\"object\"\n"),
        ("join(`,`, Keys[].KeyId) | length(@)".to_owned(), "36\n"),
        ("Keys[0] == Keys[-1]".to_owned(), "true\n"),
        ("*[] | [0].[KeyId, KeyArn] | length(@)".to_owned(), "2\n"),
        ("Keys[::2] | not_null(@)[0] | keys(@)".to_owned(), "[\n    \"KeyArn\",\n    \"KeyId\"\n]\n"),
    ] {
        assert_eq!(transcript(&query(&line)), (printed.to_owned(), 0), "{line}");
    }
    let long = vec![format!("A={}", "x".repeat(VARIABLE.size() - 2)), "echo $A".to_owned()];
    assert_eq!(transcript(&long).0.len(), VARIABLE.size() - 1);
}
