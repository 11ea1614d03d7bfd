//! `kmslab run`: a scenario's solution without a screen.

use std::io::Write;

use clap::Args;
use serde_json::{Value, json};

use super::Exit;
use crate::plain::output;
use crate::scenario::{self, CheckReport, CheckStatus, Play, StepReport, TaskReport, in_words};

/// Arguments of `kmslab run`.
#[derive(Debug, Args)]
pub struct Run {
    /// The id of a scenario, which may be shortened (a3), or a file
    #[arg(value_name = "ID|FILE")]
    scenario: String,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Run {
    /// Plays it. Done only if every check turned green and every step ended as it must.
    pub fn run(&self, out: &mut dyn Write) -> anyhow::Result<Exit> {
        let stage = scenario::find(&self.scenario)?.build()?;
        let mut play = Play::new(&stage);
        play.evaluate();
        let mut steps = Vec::new();
        let mut tasks = Vec::new();
        for step in &stage.scenario.solution {
            let at = play.world.now();
            steps.push((at, play.step(step)));
            tasks = play.evaluate();
            play.check()?;
        }
        play.check()?;
        let solved =
            tasks.iter().all(|task| task.is_done) && steps.iter().all(|(_, step)| step.unmet.is_none());
        if self.json {
            let steps: Value = steps.iter().map(|(at, step)| step_json(*at, step)).collect();
            let scenario = &stage.scenario;
            let value = json!({
                "id": scenario.id,
                "title": scenario.title,
                "seed": scenario.seed,
                "clock": scenario.clock.to_string(),
                "steps": steps,
                "tasks": tasks.iter().map(task_json).collect::<Value>(),
                "invariants": tasks.first().map(|task| task.invariants.iter().map(check_json).collect::<Value>()),
                "solved": solved,
            });
            output::json(out, &value)?;
        } else {
            text(out, &stage.scenario, &steps, &tasks, solved)?;
        }
        Ok(if solved { Exit::Done } else { Exit::Failed })
    }
}

fn text(
    out: &mut dyn Write,
    scenario: &scenario::Scenario,
    steps: &[(jiff::Timestamp, StepReport)],
    tasks: &[TaskReport],
    solved: bool,
) -> anyhow::Result<()> {
    output::line(out, format!("{}  {}", scenario.id, scenario.title))?;
    output::line(out, format!("seed {}, clock {}", scenario.seed, scenario.clock))?;
    output::line(out, "")?;
    for (number, (at, step)) in steps.iter().enumerate() {
        let who = if step.who.is_empty() { String::new() } else { format!("{}> ", step.who) };
        output::line(out, format!("{:2}  {}  {who}{}", number + 1, at.strftime("%H:%M:%S"), step.what))?;
        output::line(out, format!("    {}", step.result))?;
        for reason in &step.reasons {
            output::line(out, format!("    - {reason}"))?;
        }
        if let Some(unmet) = &step.unmet {
            output::line(out, format!("    !! {unmet}"))?;
        }
    }
    for (task, report) in scenario.tasks.iter().zip(tasks) {
        output::line(out, "")?;
        output::line(out, format!("{}: {}", task.id, in_words(&task.say)))?;
        checks(out, &report.checks)?;
    }
    if let Some(report) = tasks.first().filter(|report| !report.invariants.is_empty()) {
        output::line(out, "")?;
        output::line(out, "all along:")?;
        checks(out, &report.invariants)?;
    }
    output::line(out, "")?;
    output::line(out, if solved { "solved" } else { "NOT solved" })?;
    Ok(())
}

fn checks(out: &mut dyn Write, checks: &[CheckReport]) -> anyhow::Result<()> {
    for check in checks {
        output::line(out, format!("  {:4}  {} ({})", word(check.verdict), in_words(&check.say), check.note))?;
    }
    Ok(())
}

fn word(verdict: CheckStatus) -> &'static str {
    match verdict {
        CheckStatus::Pass => "pass",
        CheckStatus::Fail => "FAIL",
        CheckStatus::CannotTell => "????",
    }
}

fn step_json(at: jiff::Timestamp, step: &StepReport) -> Value {
    let error = step.outcome.as_ref().and_then(|outcome| outcome.result.as_ref().err());
    json!({
        "at": at.to_string(),
        "as": step.who,
        "do": step.what,
        "result": step.result,
        "error": error,
        "reasons": step.reasons,
        "decisions": step.outcome.as_ref().map(|outcome| {
            outcome.decisions.iter().map(|record| json!({
                "principal": record.request.principal().name(),
                "action": record.request.action(),
                "resource": record.request.resource().arn,
                "via": record.invoked_by,
                "verdict": record.decision.verdict,
                "because": record.decision.because,
            })).collect::<Value>()
        }),
        "unmet": step.unmet,
    })
}

fn task_json(task: &TaskReport) -> Value {
    json!({
        "id": task.id,
        "done": task.is_done,
        "checks": task.checks.iter().map(check_json).collect::<Value>(),
        "feedback": task.feedback.as_ref().map(|rule| json!({"id": rule.id, "say": in_words(&rule.say)})),
    })
}

fn check_json(check: &CheckReport) -> Value {
    let verdict = match check.verdict {
        CheckStatus::Pass => "pass",
        CheckStatus::Fail => "fail",
        CheckStatus::CannotTell => "cannot tell",
    };
    json!({"id": check.id, "say": in_words(&check.say), "verdict": verdict, "note": check.note, "latched": check.latched})
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::*;
    use crate::cloud::secrets::{hidden_in, together};

    #[test]
    fn no_key_shows_in_what_a_run_prints() {
        let mut found = 0;
        for scenario in crate::scenario::embedded_in_turn() {
            let stage = scenario::find(scenario.id).expect("it is embedded").build().expect("it builds");
            let mut play = Play::new(&stage);
            let before = play.world.secrets();
            let mut debugged = String::new();
            for step in &stage.scenario.solution {
                writeln!(debugged, "{:?}", play.step(step)).expect("a text");
            }
            let secrets = together(before, play.world.secrets());
            found += secrets.len();
            hidden_in(&secrets, &format!("{}: debug output of a step", scenario.id), &debugged);
            for json in [true, false] {
                let mut printed = Vec::new();
                let run = Run { scenario: scenario.id.to_owned(), json };
                run.run(&mut printed).expect("it runs");
                let printed = String::from_utf8(printed).expect("a text");
                assert!(printed.len() > 500, "{}", scenario.id);
                hidden_in(&secrets, &format!("kmslab run {}", scenario.id), &printed);
            }
        }
        assert!(found > 20, "only {found} keys to search for");
    }
}
