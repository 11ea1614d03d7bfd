//! The tasks, and the steps of the solution and of every other path.

use std::collections::BTreeSet;

use super::{At, Validator};
use crate::scenario::{Action, BuilderSpec, Expect, HelpFrom, Prediction, Step, key_names};

/// The elements of a statement.
/// Source: IAM User Guide, "IAM JSON policy elements reference".
const ELEMENTS: [&str; 9] = [
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
];

impl Validator<'_> {
    /// A statement to put together: each element once, with something to choose.
    fn builder(&mut self, builder: &BuilderSpec, at: At<'_>) {
        let parts = at.then("parts");
        self.require((2..=8).contains(&builder.parts.len()), parts, "a statement has two to eight parts");
        let mut seen = BTreeSet::new();
        for (index, part) in builder.parts.iter().enumerate() {
            let index = index.to_string();
            let here = parts.then(&index);
            let element = &*part.element;
            if !ELEMENTS.contains(&element) {
                let message = format!("a statement has no `{element}`; name one of {}", ELEMENTS.join(", "));
                self.problem(here.then("element"), message);
            }
            self.require(seen.insert(element), here.then("element"), "this element stands twice");
            let least = if element == "Sid" { 1 } else { 2 };
            let is_sound = (least..=6).contains(&part.choices.len());
            self.require(is_sound, here.then("choices"), "give two to six values to choose from");
            for (number, choice) in part.choices.iter().enumerate() {
                let is_new = !part.choices[..number].iter().any(|other| other.value == choice.value);
                let number = number.to_string();
                let here = here.then("choices");
                let here = here.then(&number);
                self.require(is_new, here, "this value stands twice");
                self.placeholders(&choice.value, here.then("value"));
            }
        }
    }

    pub(super) fn tasks(&mut self) {
        let scenario = self.scenario;
        let tasks = At::root("tasks");
        self.require(self.is_free() || !scenario.tasks.is_empty(), tasks, "a scenario needs a task");
        let (mut ids, mut checks) = (BTreeSet::new(), BTreeSet::new());
        let (mut predictions, mut feedback) = (BTreeSet::new(), BTreeSet::new());
        for (index, task) in scenario.tasks.iter().enumerate() {
            let index = index.to_string();
            let at = tasks.then(&index);
            self.unique(&mut ids, &task.id, at.then("id"));
            self.lab_text(&task.say, at.then("say"));
            self.require(
                !task.checks.is_empty(),
                at.then("checks"),
                "a task needs a check, or nobody knows when it is done",
            );
            self.require(
                (1..=4).contains(&task.hints.len()),
                at.then("hints"),
                "a task has one to four hints: where to look, what is wrong, what kind of change, the statement with a blank",
            );
            for (number, hint) in task.hints.iter().enumerate() {
                let place = number.to_string();
                let here = at.then("hints");
                let here = here.then(&place);
                self.lab_text(&hint.say, here);
                self.require(
                    number + 1 == task.hints.len() || !key_names::without_keys(&hint.say).contains('{'),
                    here,
                    "only the last hint may show JSON; the first ones say where to look",
                );
                let waits = match self.scenario.help {
                    HelpFrom::Free => false,
                    HelpFrom::LastHint => number + 1 < task.hints.len(),
                    HelpFrom::Done | HelpFrom::Alone => true,
                };
                let names = ["{{key:fix}}", "{{key:snippet}}"].iter().any(|key| hint.say.contains(key));
                self.require(
                    !(waits && names),
                    here,
                    "the hint names a key that still waits, as `help` of the scenario says; name `{{key:edit}}`",
                );
                self.check_of(task, hint.check.as_deref(), here.then("for"));
            }
            for (number, check) in task.checks.iter().enumerate() {
                let number = number.to_string();
                let here = at.then("checks");
                let here = here.then(&number);
                self.unique(&mut checks, &check.id, here.then("id"));
                self.lab_text(&check.say, here.then("say"));
                self.check(&check.check, here.then("check"));
            }
            let mut written = 0;
            for (number_of, prediction) in task.predictions.iter().enumerate() {
                let is_reason = prediction.reason_of.is_some();
                written += usize::from(!is_reason);
                let number = written.saturating_sub(1).to_string();
                let here = at.then("predict");
                let asked = here.then(&number);
                let here = if is_reason { asked.then("why") } else { asked };
                self.unique(&mut predictions, &prediction.id, here.then("id"));
                self.lab_text(&prediction.ask, here.then("ask"));
                self.require(
                    (2..=6).contains(&prediction.choices.len()),
                    here.then("choices"),
                    "a question has two to six choices",
                );
                self.cell(&task.predictions, number_of, here.then("cell"));
                self.check_of(task, prediction.once.as_deref(), here.then("once"));
                if is_reason {
                    self.reason(&task.predictions, number_of, here);
                } else {
                    self.steps(&prediction.after, here.then("after"));
                }
                for (choice, answer) in prediction.choices.iter().enumerate() {
                    let choice = choice.to_string();
                    let here = here.then("choices");
                    let here = here.then(&choice);
                    self.lab_text(&answer.text, here.then("text"));
                    if let Some(say) = &answer.say {
                        self.lab_text(say, here.then("say"));
                    }
                    self.check(&answer.claim, here.then("claim"));
                    self.myth(answer.myth.as_deref(), here.then("myth"));
                }
            }
            for (number, rule) in task.feedback.iter().enumerate() {
                let number = number.to_string();
                let here = at.then("feedback");
                let here = here.then(&number);
                self.unique(&mut feedback, &rule.id, here.then("id"));
                self.lab_text(&rule.say, here.then("say"));
                self.check(&rule.when, here.then("when"));
                self.myth(rule.myth.as_deref(), here.then("myth"));
            }
            if let Some(builder) = &task.builder {
                self.builder(builder, at.then("builder"));
            }
        }
        let invariants = At::root("invariants");
        for (index, check) in scenario.invariants.iter().enumerate() {
            let index = index.to_string();
            let at = invariants.then(&index);
            self.unique(&mut checks, &check.id, at.then("id"));
            self.lab_text(&check.say, at.then("say"));
            self.require(
                !check.latch,
                at.then("latch"),
                "an invariant must hold at the end, so it cannot be latched",
            );
            self.check(&check.check, at.then("check"));
        }
    }

    /// The cell of a question: its words, that no other question before it has the same, and that one answers there as in
    /// the other cells of the task.
    fn cell(&mut self, predictions: &[Prediction], number: usize, at: At<'_>) {
        let Some((prediction, cell)) = predictions.get(number).and_then(|p| Some((p, p.cell.as_ref()?)))
        else {
            return;
        };
        self.lab_text(&cell.row, at.then("row"));
        self.lab_text(&cell.column, at.then("column"));
        let before = || predictions.iter().take(number).filter(|other| other.cell.is_some());
        self.require(
            before().all(|other| other.cell.as_ref() != Some(cell)),
            at,
            "another question of this task has the same row and column; each cell is asked once",
        );
        let texts = |p: &Prediction| p.choices.iter().map(|choice| choice.text.clone()).collect::<Vec<_>>();
        self.require(
            before().next().is_none_or(|first| texts(first) == texts(prediction)),
            at,
            "the cells of a task have the same choices, in the same words and order",
        );
    }

    /// The question for a reason: not of a cell, whose grid is filled in one go, and each of its choices answers for itself.
    fn reason(&mut self, predictions: &[Prediction], number: usize, at: At<'_>) {
        let before = number.checked_sub(1).and_then(|before| predictions.get(before));
        self.require(
            before.is_none_or(|asked| asked.cell.is_none()),
            at,
            "a question with a `cell` has no `why`: its grid is filled in one go; ask for the reason with another question",
        );
        let Some(reason) = predictions.get(number) else { return };
        for (choice, answer) in reason.choices.iter().enumerate() {
            let choice = choice.to_string();
            self.require(
                answer.say.is_some(),
                at.then("choices").then(&choice),
                "a reason has a `say`: what is so about it, for whoever chose it",
            );
        }
    }

    pub(super) fn paths(&mut self) {
        let scenario = self.scenario;
        let free = self.is_free();
        self.require(
            free || !scenario.solution.is_empty(),
            At::root("solution"),
            "a scenario needs a solution",
        );
        self.require(
            free || !scenario.wrong.is_empty(),
            At::root("wrong"),
            "name at least one mistake that people make",
        );
        self.steps(&scenario.solution, At::root("solution"));
        let also = At::root("also");
        for (index, path) in scenario.also.iter().enumerate() {
            let number = index.to_string();
            let at = also.then(&number);
            self.begins((path.like.as_deref(), path.until), index, at);
            self.steps(&path.steps, at.then("steps"));
        }
        let wrong = At::root("wrong");
        for (index, path) in scenario.wrong.iter().enumerate() {
            let index = index.to_string();
            let at = wrong.then(&index);
            self.begins((path.like.as_deref(), path.until), scenario.also.len(), at);
            self.steps(&path.steps, at.then("steps"));
            if !self.known.feedback.contains(&path.feedback) {
                let message = format!("no feedback has the id `{}`", path.feedback);
                self.problem(at.then("feedback"), message);
            }
        }
    }

    /// The path that another one begins like, which stands at a number in `also`.
    fn begins(&mut self, (like, until): (Option<&str>, Option<usize>), number: usize, at: At<'_>) {
        match (like, until) {
            (None, Some(_)) => {
                self.problem(at.then("until"), "`until` is said of the path that `like` names");
            }
            (Some(name), _) if !self.scenario.is_before(name, number) => {
                let message =
                    format!("no path before this one is called `{name}`; name `solution`, or one of `also`");
                self.problem(at.then("like"), message);
            }
            (Some(name), Some(until)) => {
                let all = self.scenario.first_steps(Some(name), None).len();
                let message = format!(
                    "`{name}` has {all} steps; say how many of them come first, or leave `like` and `until` out"
                );
                self.require((1..=all).contains(&until), at.then("until"), &message);
            }
            (None | Some(_), None) => {}
        }
    }

    pub(super) fn steps(&mut self, steps: &[Step], at: At<'_>) {
        for (index, step) in steps.iter().enumerate() {
            let index = index.to_string();
            let at = at.then(&index);
            if let Some(task) = &step.task
                && !self.known.tasks.contains(task)
            {
                self.problem(at.then("task"), format!("no task has the id `{task}`"));
            }
            match &step.action {
                Action::Call(call) => {
                    self.caller(&call.caller, at.then("as"));
                    self.operation(&call.operation, at.then("do"));
                    self.meant(&call.with, at.then("with"));
                    // A call that has to fail may name what is not there.
                    if !matches!(call.expect, Expect::Error(_)) {
                        self.input(&call.operation, &call.with, at.then("with"));
                    }
                }
                Action::Predict { prediction, choose } => {
                    match self.known.predictions.get(prediction).copied() {
                        None => self.prediction(prediction, at.then("answer")),
                        Some(choices) if *choose >= choices => {
                            let message =
                                format!("the question `{prediction}` has {choices} choices, counted from 0");
                            self.problem(at.then("choose"), message);
                        }
                        Some(_) => {}
                    }
                }
                Action::Wait(_) => {}
            }
        }
    }

    /// What an input names however its call ends: what stands in `{{..}}`, and the key that is to encrypt a table.
    pub(super) fn meant(&mut self, input: &serde_json::Map<String, serde_json::Value>, at: At<'_>) {
        for (field, value) in input {
            self.placeholders(value, at.then(field));
        }
        for encrypted in ["SSESpecification", "SSESpecificationOverride"] {
            if let Some(name) = input.get(encrypted).and_then(|of| of.get("KMSMasterKeyId")?.as_str()) {
                self.thing(name, at.then(encrypted).then("KMSMasterKeyId"));
            }
        }
    }

    /// Short names in the usual fields of an input.
    pub(super) fn input(
        &mut self,
        operation: &str,
        input: &serde_json::Map<String, serde_json::Value>,
        at: At<'_>,
    ) {
        for field in ["KeyId", "TargetKeyId", "SourceKeyId", "DestinationKeyId"] {
            if let Some(name) = input.get(field).and_then(|v| v.as_str()) {
                self.thing(name, at.then(field));
            }
        }
        if let Some(name) = input.get("UserName").and_then(|v| v.as_str()) {
            self.caller(name, at.then("UserName"));
        }
        // The table that is made is new.
        if let Some(name) = input.get("TableName").and_then(|v| v.as_str())
            && operation != "dynamodb:CreateTable"
        {
            self.thing(name, at.then("TableName"));
        }
        if let Some(name) = input.get("GranteePrincipal").and_then(|v| v.as_str())
            && !name.contains(':')
            && !name.starts_with("{{")
            && !self.known.roles.contains(name)
        {
            self.caller(name, at.then("GranteePrincipal"));
        }
    }
}
