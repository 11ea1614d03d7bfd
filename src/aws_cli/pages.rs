//! Answers that come in pages: how the CLI adds them up, and stops early when `--max-items` says so.
//!
//! Source: AWS CLI User Guide, "Using the pagination options in the AWS CLI".

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::model::Pages;
use super::params::Request;
use super::python;
use super::usage_error::UsageError;

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
    /// The results of each page; with those of the first the fields that stay.
    each: Vec<Map<String, Value>>,
    /// The fields that stay as in the first page.
    kept: Map<String, Value>,
    whole: Map<String, Value>,
    /// What asks for the rest, if there is one that was not wanted.
    token: Option<String>,
}

impl<'a> Collected<'a> {
    /// Nothing yet. A `--starting-token` is put into the input.
    pub fn new(pages: &'a Pages, request: &Request, input: &mut Value) -> Result<Self, UsageError> {
        let mut all = Self {
            pages,
            most: request.max_items,
            taken: 0,
            skip: 0,
            from: Value::Null,
            each: Vec::new(),
            kept: Map::new(),
            whole: Map::new(),
            token: None,
        };
        if let Some(token) = &request.starting_token {
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
        let is_first = self.each.is_empty();
        let skipped = if is_first { self.skip } else { 0 };
        if skipped > 0 {
            self.leave_out(&mut page, skipped);
        }
        let room = self.most.map(|most| most - self.taken);
        let mut resume = None;
        if let Some(Value::Array(items)) = pages.results.first().and_then(|name| page.get_mut(name)) {
            if let Some(room) = room.filter(|room| *room < items.len()) {
                items.truncate(room);
                resume = Some(json!({(pages.from.as_str()): self.from, SHOWN: room + skipped}));
            }
            self.taken += items.len();
        }
        if is_first {
            let kept = |name: &String| (name.clone(), page.get(name).cloned().unwrap_or_default());
            self.kept = pages.keeps.iter().map(kept).collect();
        }
        self.merge(&page);
        if resume.is_none() && self.most == Some(self.taken) {
            resume = next.as_ref().map(|next| json!({(pages.from.as_str()): next}));
        }
        self.token = resume.map(|token| STANDARD.encode(python::json_line(&token)));
        if self.token.is_some() {
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

    fn merge(&mut self, page: &Map<String, Value>) {
        let mut shown = if self.each.is_empty() { self.kept.clone() } else { Map::new() };
        for name in &self.pages.results {
            let found = page.get(name).filter(|found| !found.is_null());
            shown.insert(name.clone(), found.cloned().unwrap_or_default());
            match (self.whole.get_mut(name), found) {
                (None, Some(found)) => drop(self.whole.insert(name.clone(), found.clone())),
                (Some(Value::Array(all)), Some(Value::Array(more))) => all.extend(more.iter().cloned()),
                (Some(Value::Number(all)), Some(Value::Number(more))) => {
                    let sum = all.as_u64().unwrap_or_default() + more.as_u64().unwrap_or_default();
                    self.whole.insert(name.clone(), json!(sum));
                }
                _ => {}
            }
        }
        self.each.push(shown);
    }

    /// Everything that was added, as one answer.
    pub fn into_whole(self) -> Value {
        let mut whole = self.whole;
        whole.extend(self.kept);
        whole.extend(self.token.map(|token| ("NextToken".to_owned(), json!(token))));
        Value::Object(whole)
    }

    /// The pages one by one, and behind them what asks for the rest. So the CLI prints text, which it begins before it
    /// has everything.
    pub fn into_each(self) -> Vec<Value> {
        let token = self.token.map(|token| json!({"NextToken": {"NextToken": token}}));
        self.each.into_iter().map(Value::Object).chain(token).collect()
    }
}
