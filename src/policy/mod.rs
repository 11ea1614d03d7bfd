//! The IAM policy language and nothing else: read documents, decide requests, explain decisions, find faults.
//!
//! It knows no AWS service by name. Which resource policy is required for what, which actions exist and how a
//! service words its errors enters as data. It holds no state and asks nobody: every answer depends on the
//! arguments alone.
//!
//! | module | what lives there |
//! |---|---|
//! | [`json`] | a JSON reader that keeps the place of everything |
//! | `read` | from JSON to a [`Document`], with diagnostics |
//! | `document`, `pattern`, `shift`, `condition`, `principal` | what a document says, compiled for matching |
//! | `key`, `request`, `policies` | one question, and everything that bears on its answer |
//! | `facts`, `decide` | what the layers come to, and the answer that follows |
//! | `explain` | the answer with its whole reasoning |
//! | `reference`, `lint` | what is known about services, and what to say about a document |
//! | `difference` | what an edit of a document can turn |
//! | `grid` | many answers at once |
//! | `proviso` | what has to be so for a refused request to be allowed |
//! | `edit` | the smallest edit that flips the answer |

pub mod json;

mod condition;
mod decide;
mod diagnostic;
mod difference;
mod document;
mod edit;
mod explain;
mod facts;
mod grid;
pub(crate) mod key;
mod lint;
mod pattern;
mod policies;
mod principal;
mod proviso;
mod read;
mod reference;
mod request;
mod shift;
mod span;
mod terms;
mod unknown;

#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;

pub(crate) use condition::Cidr;
pub use condition::{Condition, Operator, Quantifier, condition_operators};
pub use decide::{Because, Decision, How, Verdict, decide};
pub use diagnostic::{Diagnostic, Severity};
pub use difference::Difference;
pub use document::{ActionPattern, Actions, Document, Matcher, ResourcePattern, Resources, Statement};
pub use edit::{Beyond, Change, Edit, edits, smallest_edit};
pub use explain::{
    Accounts, ConditionReason, ConditionTrace, ElementReason, ElementTrace, Explanation, Fault, FoundValue,
    GrantTrace, LayerEffect, LayerTrace, MatchedBy, NearMiss, PolicyTrace, StatementTrace, WantedValue,
    explain,
};
pub use grid::{Grid, Subject, Target};
pub(crate) use key::key;
pub use key::{ConditionKey, Values};
pub use lint::{
    CATALOGUE, Canary, Finding, Group, Known, Linted, Lockout, Part, Profile, Refusal, Review, Rulebook,
    RulebookError, known, lint, review,
};
pub(crate) use pattern::{Glob, Part as GlobPart};
pub use policies::{
    Grant, KeyConstraint, Layer, MapConstraint, Policies, ResourceMode, ResourcePolicy, Source,
};
pub use principal::{Admission, BoundIds, Named, Principal, PrincipalEntry, Principals};
pub use proviso::{Conditional, LeftCondition, Openness, Proviso, has_conditions, is_conditional, provisos};
pub use read::{Parsed, parse};
pub use reference::{
    Action, GrantRule, KeyType, KnownAction, Reference, ReferenceError, ResourcePolicyKind, ResourceRule,
    Service, Services, UnknownService,
};
pub use request::{Context, Request, Resource};
pub use span::{Span, line_col};
pub use terms::{Effect, PolicyKind, Spanned, Version};
pub use unknown::UnknownAction;
pub(crate) use unknown::nearest;
