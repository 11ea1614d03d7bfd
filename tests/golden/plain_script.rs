//! What is typed into a plain session to go through a scenario's solution: made from the solution itself.

use kmslab::scenario::{self, Action, Expect, Play};
use serde_json::Value;

/// What is looked at before anything is done.
const BEFORE: &[&str] = &[
    "help",
    "story",
    "documents",
    "watch",
    "who",
    "matrix",
    "hint",
    "hint",
    "snippet",
    "fix",
    "show",
    "storage",
    "who-can kms:Decrypt",
    "who-can dynamodb:Scan",
];
/// What is looked at when everything is done.
const AFTER: &[&str] = &[
    "task",
    "who",
    "matrix",
    "documents",
    "steps",
    "audit",
    "audit 1",
    "storage",
    "undo",
    "undo",
    "task",
    "redo",
    "redo",
    "fix",
    "who-can kms:Decrypt",
    "clock",
    "next",
    "task",
    "quit",
];

/// The lines for a scenario.
pub fn of(id: &str) -> String {
    let stage = scenario::find(id).expect("it is listed").build().expect("it is sound");
    let mut play = Play::new(&stage);
    let mut lines: Vec<String> = BEFORE.iter().map(|line| (*line).to_owned()).collect();
    for step in &stage.scenario.solution {
        let report = play.step(step);
        assert_eq!(report.unmet, None, "{id}");
        match &step.action {
            Action::Predict { prediction, choose } => {
                let asked = stage.scenario.prediction(prediction).expect("it is asked");
                let shown = stage.order_of(asked).iter().position(|choice| choice == choose);
                lines.push("predict".to_owned());
                lines.push(format!("predict {}", shown.expect("it is shown") + 1));
            }
            Action::Wait(lapse) => lines.push(format!("clock {lapse}")),
            Action::Call(call) => {
                lines.push(format!("as {}", call.caller));
                let (_, made) = report.made.expect("a call was made");
                let succeeds = matches!(call.expect, Expect::Success);
                lines.extend(typed(
                    made.input.service(),
                    made.input.operation(),
                    &made.input.to_json(),
                    succeeds,
                ));
                lines.push("why".to_owned());
            }
        }
    }
    lines.extend(AFTER.iter().map(|line| (*line).to_owned()));
    lines.join("\n") + "\n"
}

/// The lines that make one call: a key policy goes through a draft, a scan is watched, everything else is typed as the
/// AWS CLI takes it.
fn typed(service: &str, operation: &str, input: &Value, succeeds: bool) -> Vec<String> {
    let given: Vec<&String> = input.as_object().expect("an object").keys().collect();
    match (operation, input["KeyId"].as_str(), input["Policy"].as_str(), input["TableName"].as_str()) {
        // The editor has no switch for the bypass.
        ("PutKeyPolicy", Some(key), Some(policy), _)
            if succeeds && input.get("BypassPolicyLockoutSafetyCheck").is_none() =>
        {
            let start = format!("open {key}\nedit -\n{policy}\n.\ndiff\napply\ndiscard");
            start.lines().map(str::to_owned).collect()
        }
        ("Scan", _, _, Some(table)) if given == ["TableName"] => {
            vec![format!("watch Scan {table}"), "scan".to_owned()]
        }
        _ => vec![format!("aws {service} {} --cli-input-json '{}'", kebab(operation), single_quoted(input))],
    }
}

/// The name of an operation on the command line: `PutUserPolicy` is `put-user-policy`.
fn kebab(operation: &str) -> String {
    operation.chars().enumerate().fold(String::new(), |mut name, (at, letter)| {
        if at > 0 && letter.is_ascii_uppercase() {
            name.push('-');
        }
        name.push(letter.to_ascii_lowercase());
        name
    })
}

fn single_quoted(input: &Value) -> String {
    input.to_string().replace('\'', r"'\''")
}
