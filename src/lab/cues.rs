//! The moments of a lesson: a scenario's solution step by step, each moment a whole lab to show.

use std::sync::Arc;

use super::{CallMade, Lab, Watched};
use crate::cloud::World;
use crate::cloud::kms::key_name;
use crate::limits::work;
use crate::scenario::{Action, Play, in_words};

/// One moment of a lesson.
#[derive(Clone)]
pub struct Cue {
    /// What has just happened: `kim: kms:PutKeyPolicy k1`.
    pub title: String,
    /// The call that has just been made, if it was one.
    pub made: Option<Arc<CallMade>>,
    /// What the teacher may want to say.
    pub notes: Vec<String>,
    /// The lab at that moment.
    pub lab: Lab,
}

impl Lab {
    /// The scenario's solution as moments, its beginning first. Questions are answered on the way, but are no moment.
    /// Each time the same, whatever was done in this lab.
    pub fn cues(&self) -> Vec<Cue> {
        let mut lab = self.clone();
        lab.reset();
        lab.open_first_document();
        lab.take_unsaved();
        let stage = lab.stage().clone();
        let mut play = Play::new(&stage);
        let story = stage.scenario.story.iter().map(|text| in_words(text)).collect();
        let mut cues =
            vec![Cue { title: "as it begins".to_owned(), made: None, notes: story, lab: lab.clone() }];
        let all = stage.scenario.solution.len();
        for (done, step) in stage.scenario.solution.iter().enumerate() {
            // Whoever gave up looks at no cue.
            if !work::go_on(done, all) {
                break;
            }
            let report = play.step(step);
            let mut made = None;
            match &step.action {
                Action::Predict { prediction, choose } => {
                    lab.predict(prediction, *choose);
                    lab.take_unsaved();
                    continue;
                }
                Action::Wait(duration) => {
                    // The scenario's own proof has waited as long.
                    let _moved = lab.advance(duration.signed());
                }
                Action::Call(call) => {
                    let Some((caller, input)) = report.made else { continue };
                    if let Some(index) = lab.personas().iter().position(|p| p.name == call.caller) {
                        lab.switch(index);
                    }
                    made = Some(lab.call_as(caller, call.caller.clone(), input));
                }
            }
            lab.take_unsaved();
            let who = if report.who.is_empty() { String::new() } else { format!("{}: ", report.who) };
            let mut notes = vec![report.result];
            notes.extend(report.reasons);
            let notes = notes.iter().map(|note| aliased(note, &play, lab.world())).collect();
            let what = match &step.action {
                Action::Wait(duration) => format!("{} later", duration.to_string().trim_start_matches('+')),
                Action::Call(_) | Action::Predict { .. } => made
                    .as_ref()
                    .map_or(report.what, |made| Watched::of(made.call.clone(), lab.world()).title()),
            };
            cues.push(Cue { title: format!("{who}{what}"), made, notes, lab: lab.clone() });
        }
        // Answers that come after the last call belong to its moment.
        if let Some(last) = cues.last_mut() {
            last.lab = lab;
        }
        cues
    }
}

/// A sentence in which keys go by their aliases.
fn aliased(sentence: &str, play: &Play<'_>, world: &World) -> String {
    let alias = |word: &str| {
        let short = word.trim_end_matches([':', ',', '.', ';']);
        // An alias or an ARN is what people call it already.
        let known = !short.contains(['/', ':']);
        let arn = play.names.key(world, short).ok().filter(|_| known)?;
        Some(format!("{}{}", key_name(world, &arn), word.get(short.len()..).unwrap_or_default()))
    };
    sentence.split(' ').map(|w| alias(w).unwrap_or_else(|| w.to_owned())).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario;

    #[test]
    fn every_solution_is_a_lesson_that_ends_well() {
        for embedded in scenario::embedded_in_turn() {
            let scenario = embedded.read().expect("it is sound");
            let calls =
                scenario.solution.iter().filter(|s| !matches!(s.action, Action::Predict { .. })).count();
            let mut lab = Lab::open(scenario, None).expect("it opens");
            lab.ask();
            let cues = lab.cues();
            assert_eq!(cues.len(), calls + 1, "{}", embedded.id);
            assert!(cues[0].lab.history().done().is_empty(), "{}", embedded.id);
            for cue in &cues {
                for said in cue.notes.iter().skip(1).chain([&cue.title]) {
                    let inner = said.split([' ', ':', ',']).any(|word| word == "k1" || word.contains("{{"));
                    assert!(!inner || cue.made.is_none(), "{}: {said}", embedded.id);
                }
            }
            let last = cues.last().expect("the beginning");
            assert_eq!(last.lab.current_task(), None, "{}: {:?}", embedded.id, last.lab.reports());
        }
    }
}
