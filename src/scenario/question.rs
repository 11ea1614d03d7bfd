//! A question of a scenario by itself: a world, what would have to happen in it, and answers that the world judges.
//!
//! There is no other format of questions than that of scenarios. Posed again, a question stands in other clothes.

use super::budget::{Budget, Round};
use super::check::Evaluator;
use super::format::{Answer, Check, HelpFrom, Myth, Prediction, Source};
use super::library::{Embedded, find_embedded};
use super::play::Play;
use super::progress::Progress;
use super::recast::holds;
use super::{ScenarioError, Stage};
use crate::cloud::iam::{Identity, Kind};
use crate::limits::scenario::DECISIONS;

/// A question of a scenario of the program, which can be posed by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// The id of its scenario.
    pub scenario: &'static str,
    /// The id of its prediction.
    pub id: String,
    /// The beliefs that its answers, and those to the question for the reason, stand for.
    pub beliefs: Vec<String>,
    /// Whether the question belongs to the task at the end of a chapter that is done alone.
    pub is_of_transfer: bool,
}

impl Question {
    /// Returns the letter of its chapter, in upper case.
    pub fn chapter(&self) -> Option<char> {
        self.scenario.chars().next().map(|letter| letter.to_ascii_uppercase())
    }
}

impl Embedded {
    /// Returns the questions of the scenario, in order. One for a reason belongs to the question that it is the reason of.
    ///
    /// # Errors
    ///
    /// As [`Embedded::read`].
    pub fn questions(&self) -> Result<Vec<Question>, ScenarioError> {
        let scenario = self.read()?;
        let is_of_transfer = scenario.help == HelpFrom::Alone;
        let asked = scenario.predictions().filter(|prediction| prediction.reason_of.is_none());
        let question = |asked: &Prediction| {
            let parts = scenario.predictions().filter(|part| is_part(part, asked));
            let choices = parts.flat_map(|part| &part.choices);
            let mut beliefs: Vec<String> = choices.filter_map(|choice| choice.myth.clone()).collect();
            beliefs.sort();
            beliefs.dedup();
            Question { scenario: self.id, id: asked.id.clone(), beliefs, is_of_transfer }
        };
        Ok(asked.map(question).collect())
    }
}

/// Whether a prediction is a question or asks for its reason.
fn is_part(part: &Prediction, asked: &Prediction) -> bool {
    part.id == asked.id || part.reason_of.as_ref() == Some(&asked.id)
}

/// A question that stands ready in other clothes, with the world that judges it.
pub struct Posed {
    stage: Stage,
    /// The prediction, and the reasons asked with it.
    parts: Vec<Prediction>,
}

impl Posed {
    /// Poses a question in clothes of that number.
    ///
    /// # Errors
    ///
    /// If the scenario cannot be read or set up, or has no such question: another version of the program may have had one.
    pub fn new(question: &Question, clothes: u64) -> Result<Self, ScenarioError> {
        let embedded = find_embedded(question.scenario)?;
        // Names of the cast stand in ids, too: the place of a question stays.
        let own = embedded.read()?;
        let unknown = || ScenarioError::Unknown { wanted: format!("{} {}", question.scenario, question.id) };
        let asked = own.prediction(&question.id).ok_or_else(unknown)?;
        let recast = embedded.recast(clothes)?;
        let both = own.predictions().zip(recast.predictions());
        let parts = both.filter(|(part, _)| is_part(part, asked)).map(|(_, recast)| recast.clone()).collect();
        Ok(Self { stage: recast.build()?, parts })
    }

    /// What happened before, a paragraph each.
    pub fn story(&self) -> &[String] {
        &self.stage.scenario.story
    }

    /// Which IAM policies those have of whom the question and its answers speak, a sentence each: in the lab they lie open. They
    /// are told as they are once all has happened that the question supposes; of somebody who is gone by then, as they were.
    pub fn ground(&self) -> Vec<String> {
        let of = |part: &Prediction, name: &str| {
            holds(&part.ask, name) || part.choices.iter().any(|choice| holds(&choice.text, name))
        };
        let supposed = self.supposed();
        let (start, then) = (self.stage.world.iam(), supposed.world.iam());
        let is_left = |one: &&Identity| then.identities().any(|other| other.arn() == one.arn());
        let gone = start.identities().filter(|one| !is_left(one));
        let people = then.identities().chain(gone).filter(|one| one.kind != Kind::Group);
        people.filter(|one| self.parts.iter().any(|part| of(part, &one.name))).map(policies_of).collect()
    }

    /// The question, then those for its reason.
    pub fn parts(&self) -> &[Prediction] {
        &self.parts
    }

    /// Returns the answers in the order in which they are shown, each by its place in the file.
    pub fn order(&self, part: &Prediction) -> Vec<usize> {
        self.stage.order_of(part)
    }

    /// Returns the choice that the world says is right, if it says so of exactly one.
    pub fn right(&self, part: &Prediction) -> Option<usize> {
        let mut right = (0..part.choices.len()).filter(|at| self.stage.is_right(&part.id, *at) == Some(true));
        right.next().filter(|_| right.next().is_none())
    }

    /// The belief with that id, as the scenario words it.
    pub fn myth(&self, id: &str) -> Option<&Myth> {
        self.stage.scenario.myths.iter().find(|myth| myth.id == id)
    }

    /// Where AWS says so.
    pub fn sources(&self) -> &[Source] {
        &self.stage.scenario.sources
    }

    /// What has happened once all has that the question supposes.
    fn supposed(&self) -> Play<'_> {
        let mut play = Play::new(&self.stage);
        for step in self.parts.first().into_iter().flat_map(|asked| &asked.after) {
            play.step(step);
        }
        play
    }

    /// Says what the world gives: each call and each decision that the right answer speaks of, with its end and why.
    pub fn shown(&self) -> Vec<String> {
        let Some(asked) = self.parts.first() else { return Vec::new() };
        let right = self.right(asked).and_then(|right| asked.choices.get(right));
        let play = self.supposed();
        let (budget, progress) = (Budget::new(&DECISIONS), Progress::default());
        let round = &Round::new(&budget);
        let evaluator = Evaluator {
            stage: &self.stage,
            names: &play.names,
            world: &play.world,
            progress: &progress,
            round,
        };
        let claims = right.into_iter().flat_map(|choice| leaves(&choice.claim));
        let lines =
            claims.filter_map(|claim| Some(format!("{}{}", subject(claim)?, evaluator.ask(claim).note)));
        // Two claims about one call come to the same words.
        let mut told = Vec::new();
        for line in lines {
            if !told.contains(&line) {
                told.push(line);
            }
        }
        told
    }
}

/// Says which IAM policies a user or a role has.
fn policies_of(one: &Identity) -> String {
    let short = |arn: &String| arn.rsplit('/').next().unwrap_or(arn).to_owned();
    let attached = one.attached.iter().map(short);
    let inline = one.inline.keys().map(|name| format!("{name} (inline)"));
    let groups = one.groups.iter().map(|group| format!("those of the group {group}"));
    let policies: Vec<String> = attached.chain(inline).chain(groups).collect();
    let policies = if policies.is_empty() { "none".to_owned() } else { policies.join(", ") };
    let boundary = one.boundary.as_ref().map(|arn| format!("; the boundary is {}", short(arn)));
    format!(
        "IAM policies of the {} {}: {policies}{}.",
        one.kind.word(),
        one.name,
        boundary.unwrap_or_default()
    )
}

/// The claims that all have to hold.
fn leaves(claim: &Check) -> Vec<&Check> {
    if let Check::All(all) = claim { all.iter().flat_map(leaves).collect() } else { vec![claim] }
}

/// What a claim is about, as the beginning of a sentence; `None` of a claim that its answer says better.
fn subject(claim: &Check) -> Option<String> {
    if let Some(claim) = claim.outcome() {
        let later = claim.at.map_or_else(String::new, |at| format!(" {at}"));
        return Some(format!("{} calls {}{later}: ", claim.caller, claim.operation));
    }
    let claim = claim.decision()?;
    let is = match claim.is {
        Answer::Allow => "allowed",
        Answer::Deny => "denied",
    };
    Some(format!("{} of {}: {is}, ", claim.probe.action, claim.probe.caller))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::embedded_in_turn;

    #[test]
    fn every_question_can_be_posed_by_itself_and_its_right_answer_is_no_belief() {
        for embedded in embedded_in_turn() {
            for question in embedded.questions().expect("it is sound") {
                let posed = Posed::new(&question, 1).unwrap_or_else(|why| panic!("{question:?}: {why}"));
                assert!(!posed.story().is_empty(), "{question:?}: nobody knows where it is set");
                let of_the_lab = |text: &&String| {
                    ["{{key:", "On the screen", "In the console"].iter().any(|words| text.contains(words))
                };
                assert_eq!(posed.story().iter().find(of_the_lab), None, "{question:?}: there is no lab here");
                for part in posed.parts() {
                    let right =
                        posed.right(part).unwrap_or_else(|| panic!("{question:?}: no answer is right"));
                    assert_eq!(part.choices[right].myth, None, "{question:?}");
                    let mut order = posed.order(part);
                    order.sort_unstable();
                    assert_eq!(order, (0..part.choices.len()).collect::<Vec<_>>());
                }
                let known = |belief: &String| posed.myth(belief).is_some();
                assert!(question.beliefs.iter().all(known), "{question:?}");
            }
        }
    }

    #[test]
    fn the_world_says_what_it_gives_under_the_other_names() {
        let embedded = find_embedded("a2").expect("there");
        let question = &embedded.questions().expect("it is sound")[0];
        let posed = Posed::new(question, 0).expect("it stands");
        let shown = posed.shown();
        assert_eq!(shown.len(), 1, "{shown:?}");
        assert!(shown[0].ends_with(" calls dynamodb:Scan: it answers AccessDeniedException"), "{shown:?}");
        assert!(!shown[0].contains("tess"), "{shown:?}");
        let [ground] = posed.ground().try_into().expect("one person is spoken of");
        assert!(ground.starts_with("IAM policies of the user ") && !ground.contains("tess"), "{ground}");
        assert!(ground.ends_with(": AmazonDynamoDBFullAccess."), "{ground}");
        let gone = Question { id: "gone".to_owned(), ..question.clone() };
        assert!(Posed::new(&gone, 0).is_err());
    }

    #[test]
    fn a_reason_is_asked_with_the_question_that_it_is_the_reason_of() {
        let embedded = find_embedded("a4").expect("there");
        let questions = embedded.questions().expect("it is sound");
        let [question] = questions.as_slice() else { panic!("{questions:?}") };
        assert_eq!(question.beliefs, ["M03", "M05"]);
        let posed = Posed::new(question, 2).expect("it stands");
        assert_eq!(posed.parts().len(), 2);
        // The question supposes that she has an IAM policy of her own, which the scenario begins without.
        let ground = posed.ground();
        assert!(ground.iter().any(|line| line.ends_with(" (inline).")), "{ground:?}");
    }
}
