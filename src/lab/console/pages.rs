//! Answers that come in pages: how the CLI adds them up, and stops early when `--max-items` says so.
//!
//! Source: AWS CLI User Guide, "Using the pagination options in the AWS CLI".

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::model::Pages;
use super::params::{Global, UsageError};

/// How the CLI calls the part of a page that was shown already.
const SHOWN: &str = "boto_truncate_amount";

/// The pages so far.
pub struct Collected<'a> {
    pages: &'a Pages,
    most: Option<usize>,
    taken: usize,
    /// So much of the first page was shown before.
    skip: usize,
    /// What asked for the page that is added next.
    from: Value,
    whole: Option<Map<String, Value>>,
}

impl<'a> Collected<'a> {
    /// Nothing yet. A `--starting-token` is put into the input.
    pub fn new(pages: &'a Pages, global: &Global, input: &mut Value) -> Result<Self, UsageError> {
        let mut all =
            Self { pages, most: global.max_items, taken: 0, skip: 0, from: Value::Null, whole: None };
        if let Some(token) = &global.starting_token {
            let bad = || UsageError::Other(format!("Bad starting token: {token}"));
            let text = STANDARD.decode(token).map_err(|_| bad())?;
            let token: Map<String, Value> = serde_json::from_slice(&text).map_err(|_| bad())?;
            all.skip = token.get(SHOWN).and_then(Value::as_u64).and_then(|n| n.try_into().ok()).unwrap_or(0);
            if let Some(from) = token.get(&pages.from).filter(|from| !from.is_null()) {
                all.from = from.clone();
                input[&pages.from] = from.clone();
            }
        }
        Ok(all)
    }

    /// Adds a page; answers what asks for the next one, if it is wanted.
    pub fn add(&mut self, mut page: Map<String, Value>) -> Option<Value> {
        let pages = self.pages;
        let more = pages.more.as_ref().is_none_or(|name| page.get(name) == Some(&Value::Bool(true)));
        let next = page.get(&pages.next).filter(|next| more && !next.is_null()).cloned();
        for name in [Some(&pages.next), pages.more.as_ref()].into_iter().flatten() {
            page.shift_remove(name);
        }
        let is_first = self.whole.is_none();
        let skipped = if is_first { self.skip } else { 0 };
        if skipped > 0 {
            self.leave_out(&mut page, skipped);
        }
        let room = self.most.map(|most| most - self.taken);
        let mut resume = None;
        let count = match pages.results.first().and_then(|name| page.get_mut(name)) {
            Some(Value::Array(items)) => {
                if let Some(room) = room.filter(|room| *room < items.len()) {
                    items.truncate(room);
                    let token = json!({(pages.from.as_str()): self.from, SHOWN: room + skipped});
                    resume = Some(token);
                }
                items.len()
            }
            _ => 0,
        };
        self.taken += count;
        self.merge(page);
        if resume.is_none() && self.most == Some(self.taken) {
            resume = next.as_ref().map(|next| json!({(pages.from.as_str()): next}));
        }
        if let Some(token) = resume {
            let token = json!(STANDARD.encode(token.to_string()));
            self.whole.get_or_insert_default().insert("NextToken".to_owned(), token);
            return None;
        }
        self.from = next.clone().unwrap_or_default();
        next
    }

    /// The part of the first page that was shown before, and with it all its other results.
    fn leave_out(&self, page: &mut Map<String, Value>, skipped: usize) {
        for (at, name) in self.pages.results.iter().enumerate() {
            match page.get_mut(name) {
                Some(Value::Array(items)) if at == 0 => drop(items.drain(..skipped.min(items.len()))),
                Some(Value::Array(items)) => items.clear(),
                Some(number @ Value::Number(_)) => *number = json!(0),
                _ => {}
            }
        }
    }

    fn merge(&mut self, page: Map<String, Value>) {
        let Some(whole) = &mut self.whole else {
            self.whole = Some(page);
            return;
        };
        for name in &self.pages.results {
            match (whole.get_mut(name), page.get(name)) {
                (Some(Value::Array(all)), Some(Value::Array(more))) => all.extend(more.iter().cloned()),
                (Some(Value::Number(all)), Some(Value::Number(more))) => {
                    let sum = all.as_u64().unwrap_or_default() + more.as_u64().unwrap_or_default();
                    whole.insert(name.clone(), json!(sum));
                }
                _ => {}
            }
        }
    }

    /// Everything that was added.
    pub fn into_whole(self) -> Map<String, Value> {
        self.whole.unwrap_or_default()
    }
}
