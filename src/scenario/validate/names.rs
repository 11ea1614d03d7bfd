//! Names that must stand for something.

use serde_json::Value;

use super::{At, Validator};
use crate::cloud::{AccountId, reference};
use crate::scenario::format::Task;
use crate::scenario::names::{SESSION_OF, is_service};

impl Validator<'_> {
    pub(super) fn caller(&mut self, name: &str, at: At<'_>) {
        if let Some(role) = name.strip_prefix(SESSION_OF) {
            let role = role.split('@').next().unwrap_or(role);
            let message =
                format!("no role is called `{role}` here; `{SESSION_OF}` stands before a role's name");
            return self.require(self.known.roles.contains(role), at, &message);
        }
        let (who, account) = name.split_once('@').map_or((name, None), |(who, account)| (who, Some(account)));
        let known = match (who, account) {
            ("anonymous" | "root", None) => true,
            ("anyone", Some(account)) => account.parse::<AccountId>().is_ok(),
            ("root", Some(account)) => self.known.accounts.contains(account),
            (service, None) if is_service(service) => true,
            _ if self.known.ambiguous.contains(name) => {
                let message =
                    format!("`{name}` is a user of several accounts; write `{name}@` and the account");
                return self.problem(at, message);
            }
            _ => self.known.callers.contains(name),
        };
        if !known {
            let message = format!(
                "nobody is called `{name}` here; name a user or session of `world`, `root`, `anonymous`, `anyone@` and an \
                 account, or a service as policies do, such as `dynamodb.amazonaws.com`"
            );
            self.problem(at, message);
        }
    }

    pub(super) fn thing(&mut self, name: &str, at: At<'_>) {
        let other = name == "*"
            || name.starts_with("arn:")
            || name.starts_with("{{")
            || name.starts_with("alias/aws/");
        if !other && !self.known.things.contains(name) {
            let message = format!(
                "nothing is called `{name}` here; name a key, an alias or a table of `world`, an ARN, or `*`"
            );
            self.problem(at, message);
        }
    }

    pub(super) fn prediction(&mut self, id: &str, at: At<'_>) {
        if !self.known.predictions.contains_key(id) {
            self.problem(at, format!("no question has the id `{id}`"));
        }
    }

    /// The id of a check of a task, if one is named.
    pub(super) fn check_of(&mut self, task: &Task, id: Option<&str>, at: At<'_>) {
        if let Some(id) = id
            && task.checks.iter().all(|named| named.id != id)
        {
            self.problem(at, format!("no check of this task has the id `{id}`"));
        }
    }

    pub(super) fn myth(&mut self, id: Option<&str>, at: At<'_>) {
        if let Some(id) = id
            && !self.known.myths.contains(id)
        {
            self.problem(at, format!("`{id}` is not among the scenario's `myths`"));
        }
    }

    /// An action as policies name it. Its service must exist here; AWS has more actions than any list.
    pub(super) fn action(&mut self, name: &str, at: At<'_>) {
        let known = name.split_once(':').is_some_and(|(service, operation)| {
            let plain = !operation.is_empty() && operation.bytes().all(|b| b.is_ascii_alphanumeric());
            plain && crate::cloud::SERVICES.iter().any(|known| known.prefix == service)
        });
        self.require(
            known,
            at,
            "an action is a service of this lab, `:` and an operation, such as `kms:Decrypt`",
        );
        // A word that is nearly an action is a slip of the pen; AWS has newer actions than any list.
        if known
            && reference().action(name).is_none()
            && let Some(meant) = nearly(name)
        {
            self.problem(at, format!("AWS has no action `{name}`; did you mean `{meant}`?"));
        }
        // Of a service that no list knows, what this lab has is all that can be named.
        if known && reference().actions_like(name).is_none() {
            self.operation(name, at);
        }
    }

    /// An action, or a pattern with `*`, which has to stand for one at least.
    pub(super) fn actions(&mut self, pattern: &str, at: At<'_>) {
        if !pattern.contains('*') {
            return self.action(pattern, at);
        }
        let (service, _) = pattern.split_once(':').unwrap_or_default();
        let is_served = crate::cloud::SERVICES.iter().any(|known| known.prefix == service);
        let fits = || reference().actions_like(pattern).is_none_or(|actions| !actions.is_empty());
        let stands = pattern == "*" || (is_served && fits());
        self.require(stands, at, "no action fits this pattern; an example is `kms:Describe*`");
    }

    /// The names in `{{..}}` of a value, at any depth.
    pub(super) fn placeholders(&mut self, value: &Value, at: At<'_>) {
        match value {
            Value::String(text) => {
                let mut rest = text.as_str();
                while let Some((name, after)) = rest.split_once("{{").and_then(|(_, at)| at.split_once("}}"))
                {
                    rest = after;
                    self.placeholder(name, at);
                }
            }
            Value::Array(values) => {
                for (index, value) in values.iter().enumerate() {
                    self.placeholders(value, at.then(&index.to_string()));
                }
            }
            Value::Object(fields) => {
                for (name, value) in fields {
                    self.placeholders(value, at.then(name));
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    fn placeholder(&mut self, name: &str, at: At<'_>) {
        let known = &self.known;
        let is_known = match name.split_once('.') {
            Some((table, "TableKey")) if known.things.contains(table) => true,
            Some((saved, _)) => known.saved.contains(saved),
            None => known.roles.contains(name) || known.things.contains(name),
        };
        if is_known {
            return;
        }
        if name.contains('.') {
            self.problem(at, format!("no step saves what `{{{{{name}}}}}` is a field of"));
        } else if !name.starts_with("alias/aws/") {
            self.caller(name, at);
        }
    }

    /// The service that calls another one in somebody's name, if one does.
    pub(super) fn asking(&mut self, name: Option<&str>, at: At<'_>) {
        if let Some(name) = name
            && !is_service(name)
            && crate::cloud::SERVICES.iter().all(|known| known.prefix != name)
        {
            let message = format!("there is no service `{name}` here; an example is `dynamodb`");
            self.problem(at, message);
        }
    }

    pub(super) fn operation(&mut self, name: &str, at: At<'_>) {
        let known = name.split_once(':').is_some_and(|(service, operation)| {
            crate::cloud::SERVICES.iter().any(|known| known.prefix == service && known.has(operation))
        });
        if !known {
            self.problem(
                at,
                format!("there is no operation `{name}` here; an example is `kms:PutKeyPolicy`"),
            );
        }
    }
}

/// The letters of the longest action, some more or less.
const LONGEST_ACTION: usize = 80;

/// The action of the same service that a word is a letter or two away from.
pub(in crate::scenario) fn nearly(name: &str) -> Option<String> {
    let (service, action) = name.split_once(':')?;
    // No action of AWS is longer, and whatever is longer is no slip of the pen.
    if action.len() > LONGEST_ACTION {
        return None;
    }
    let all = reference().actions_like(&format!("{service}:*"))?;
    let all = all.iter().map(|action| format!("{}:{}", action.vendor, action.name));
    let near = all.map(|action| (strsim::levenshtein(&action.to_lowercase(), &name.to_lowercase()), action));
    near.filter(|(distance, _)| *distance <= 2).min().map(|(_, action)| action)
}
