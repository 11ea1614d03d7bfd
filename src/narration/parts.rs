//! A statement that is put together from parts: what there is to choose, and the sentence that it means.

use serde_json::Value;

use super::snippets::{Snippet, inline, ordered};
use crate::lab::{DocumentId, Draft, Lab};
use crate::scenario::{BuilderSpec, PartSpec, PolicySort};

/// What stands for an element that the statement does not have.
const LEFT_OUT: &str = "(left out)";

/// A statement while it is put together.
#[derive(Clone, Debug, PartialEq)]
pub struct Parts {
    spec: BuilderSpec,
    /// The choices of each part as JSON.
    shown: Vec<Vec<String>>,
    chosen: Vec<Option<usize>>,
}

/// One part, as it is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartRow {
    /// The element of the statement.
    pub element: String,
    /// What there is to choose, as JSON.
    pub choices: Vec<String>,
    /// The place of the chosen one.
    pub chosen: Option<usize>,
}

impl Parts {
    /// Returns the parts that the task offers for the open document, nothing chosen yet; `None` where it offers none.
    pub fn of(lab: &Lab) -> Option<Self> {
        let spec = offered(lab)?;
        let shown = |part: &PartSpec| {
            let values = part.choices.iter().map(|choice| choice.filled(&lab.stage().names, lab.world()));
            values.map(|value| if value.is_null() { LEFT_OUT.to_owned() } else { inline(&value) }).collect()
        };
        Some(Self {
            spec: spec.clone(),
            shown: spec.parts.iter().map(shown).collect(),
            // Where there is nothing to choose, nothing is asked.
            chosen: spec.parts.iter().map(|part| (part.choices.len() == 1).then_some(0)).collect(),
        })
    }

    /// Tells whether the task offers parts for the open document.
    pub fn are_offered(lab: &Lab) -> bool {
        offered(lab).is_some()
    }

    /// Returns the same parts with what was chosen before, if it was for these.
    #[must_use]
    pub fn or_before(self, before: Option<Self>) -> Self {
        before.filter(|before| before.spec == self.spec).unwrap_or(self)
    }

    /// Returns the parts in their order.
    pub fn rows(&self) -> Vec<PartRow> {
        let rows = self.spec.parts.iter().zip(&self.shown).zip(&self.chosen);
        let row = |((part, shown), chosen): ((&PartSpec, &Vec<String>), &Option<usize>)| PartRow {
            element: part.element.clone(),
            choices: shown.clone(),
            chosen: *chosen,
        };
        rows.map(row).collect()
    }

    /// Chooses for a part; a place that is not there changes nothing.
    pub fn choose(&mut self, part: usize, choice: usize) {
        let is_there = self.spec.parts.get(part).is_some_and(|part| choice < part.choices.len());
        if let Some(chosen) = self.chosen.get_mut(part).filter(|_| is_there) {
            *chosen = Some(choice);
        }
    }

    /// Goes on to another choice of a part, round and round.
    pub fn turn(&mut self, part: usize, by: isize) {
        let Some(count) = self.spec.parts.get(part).map(|part| part.choices.len()) else { return };
        if let (Some(chosen), Ok(count)) = (self.chosen.get_mut(part), isize::try_from(count)) {
            let now = chosen.and_then(|at| isize::try_from(at).ok());
            let next = now.map_or(if by > 0 { 0 } else { -1 }, |at| at + by);
            *chosen = next.checked_rem_euclid(count).and_then(|next| usize::try_from(next).ok());
        }
    }

    /// Returns the sentence that the statement means so far.
    pub fn sentence(&self) -> String {
        self.spec.sentence(&self.chosen)
    }

    /// Returns the statement as what can be inserted.
    ///
    /// # Errors
    ///
    /// If a part is still to be chosen, or names something that is not there any more.
    pub fn snippet(&self, lab: &Lab) -> Result<Snippet, String> {
        let missing = self.rows().into_iter().find(|row| row.chosen.is_none());
        let made = self.spec.statement(&self.chosen, &lab.stage().names, lab.world());
        let statement: Value = match (made, missing) {
            (Some(made), _) => made.map_err(|error| error.to_string())?,
            (None, Some(row)) => return Err(format!("choose the {} first", row.element)),
            (None, None) => return Err("there is nothing to choose".to_owned()),
        };
        Ok(Snippet {
            name: "From parts".to_owned(),
            about: self.sentence(),
            json: ordered(&statement),
            whole: false,
            asks_for_whom: false,
        })
    }
}

/// The parts that the task offers for the open document, as the scenario has them.
fn offered(lab: &Lab) -> Option<&BuilderSpec> {
    let task = lab.scenario().tasks.get(lab.current_task()?)?;
    let spec = task.builder.as_ref()?;
    let document = lab.draft().map(Draft::document).filter(|document| document.is_editable())?;
    let fits = match (document, spec.into) {
        (DocumentId::KeyPolicy(_), PolicySort::KeyPolicy)
        | (DocumentId::Inline(..) | DocumentId::Managed(_), PolicySort::IdentityPolicy) => true,
        (
            DocumentId::KeyPolicy(_)
            | DocumentId::Inline(..)
            | DocumentId::Managed(_)
            | DocumentId::Trust(..)
            | DocumentId::TablePolicy(_)
            | DocumentId::Control(..)
            | DocumentId::Item(..)
            | DocumentId::EventPattern(_),
            PolicySort::KeyPolicy | PolicySort::IdentityPolicy,
        ) => false,
    };
    fits.then_some(spec)
}
