//! Under which conditions a request would be allowed that is refused as it stands.
//!
//! Some condition keys are open: the request may carry them with one value or another, or not at all. The search goes
//! where the engine points: it meets the conditions of a statement whose Allow is missing, or breaks one of a statement
//! that denies, and has every step decided anew. So what is found is proved, with an example.

use super::condition::{Comparison, Condition, Test};
use super::decide::{How, judge};
use super::document::Statement;
use super::facts::{Facts, is_bounded, levels_of};
use super::policies::{Grant, Layer, Policies, Source};
use super::terms::Effect;
use super::{Because, Context, Decision, Request};
use std::sync::Arc;

/// Which conditions a search may count on.
#[derive(Clone, Copy)]
pub struct Openness<'a> {
    /// Whether the request may carry any value of a condition key, given in lower case.
    pub is_open: &'a dyn Fn(&str) -> bool,
    /// The only statement of the resource's policy whose Allow counts; all count unless given.
    pub only: Option<usize>,
}

/// Conditions of one statement, or of one grant, that an answer depends on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proviso {
    pub layer: Layer,
    /// The name of the policy, or the id of the grant.
    pub policy: Arc<str>,
    /// The statement of the policy, counted from 0; none of a grant.
    pub statement: Option<usize>,
    pub sid: Option<Arc<str>>,
    /// Conditions of an Allow have to hold; that of a Deny must not.
    pub effect: Effect,
    pub conditions: Vec<LeftCondition>,
}

/// A condition as its policy writes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftCondition {
    /// The operator by the name in the policy.
    pub operator: Arc<str>,
    /// The condition key by the name in the policy.
    pub key: Arc<str>,
    /// The values of the policy.
    pub values: Vec<Arc<str>>,
}

/// A decision with what has to be so for it.
#[derive(Debug, Clone)]
pub struct Conditional {
    pub decision: Decision,
    /// What has to be so, in the order found; nothing if the request is allowed as it stands.
    pub provisos: Vec<Proviso>,
    /// A request for which all of that is so.
    pub example: Request,
    /// The condition keys of the example that were open; none of its values means that the key must be absent.
    pub given: Vec<(Arc<str>, Vec<Arc<str>>)>,
}

/// How many statements an answer may depend on.
const MOST_PROVISOS: usize = 4;

/// How many ways of meeting the conditions of one statement are tried.
const MOST_WAYS: usize = 6;

/// Finds the least that has to be so for a request to be allowed; `None` if nothing helps that the search knows.
pub fn provisos(request: &Request, policies: &Policies, openness: Openness<'_>) -> Option<Conditional> {
    (0..=MOST_PROVISOS).find_map(|most| {
        let mut search = Search { policies, openness, steps: Vec::new(), given: Vec::new() };
        search.go(request, most)
    })
}

/// Whether an answer about a request could depend on open keys: a policy or a grant has such a condition, in a
/// statement that speaks of the request.
pub fn is_conditional(request: &Request, sources: &[&Source], is_open: &dyn Fn(&str) -> bool) -> bool {
    let asks =
        |statement: &Statement| statement.conditions.iter().any(|condition| is_left_to(condition, is_open));
    let speaks = |source: &Source, statement: &Statement| {
        [false, true].iter().any(|bounded| statement.speaks_of(request, *bounded, source).is_some())
    };
    sources.iter().any(|source| {
        source.document.statements.iter().any(|statement| asks(statement) && speaks(source, statement))
    })
}

/// Whether a statement has a condition about an open key, whatever request it speaks of.
pub fn has_conditions(sources: &[&Source], is_open: &dyn Fn(&str) -> bool) -> bool {
    let mut statements = sources.iter().flat_map(|source| source.document.statements.iter());
    statements.any(|statement| statement.conditions.iter().any(|condition| is_left_to(condition, is_open)))
}

fn is_left_to(condition: &Condition, is_open: &dyn Fn(&str) -> bool) -> bool {
    is_open(&condition.folded_key)
}

struct Search<'a> {
    policies: &'a Policies,
    openness: Openness<'a>,
    steps: Vec<Proviso>,
    given: Vec<(Arc<str>, Vec<Arc<str>>)>,
}

impl Search<'_> {
    fn go(&mut self, request: &Request, most: usize) -> Option<Conditional> {
        let decision = self.decide(request);
        if decision.is_allowed() {
            let (provisos, given) = (self.steps.clone(), self.given.clone());
            return Some(Conditional { decision, provisos, example: request.clone(), given });
        }
        let most = most.checked_sub(1)?;
        match decision.because.how {
            How::ExplicitDeny => self.escape(request, &decision.because, most),
            How::NoAllow => self.meet(request, &decision.because, most),
            How::ExplicitAllow | How::Delegated | How::RootUser | How::Free => None,
        }
    }

    fn decide(&self, request: &Request) -> Decision {
        let bounded = is_bounded(request.principal(), self.policies);
        let facts = Facts::gather(request, self.policies, false, |layer, place, source, statement, seen| {
            let counts = self.counts(layer, place.statement as usize, statement);
            if counts { statement.applies_under(seen, request, bounded, source) } else { None }
        });
        judge(request, self.policies, &facts)
    }

    fn counts(&self, layer: Layer, index: usize, statement: &Statement) -> bool {
        let other = self.openness.only.is_some_and(|only| only != index);
        !(other && layer == Layer::Resource && statement.effect == Effect::Allow)
    }

    /// Breaks a condition of the statement that denies.
    fn escape(&mut self, request: &Request, because: &Because, most: usize) -> Option<Conditional> {
        let policies = self.policies;
        let levels = levels_of(because.layer, request.principal(), policies)?;
        let source = levels.get(because.level.unwrap_or(0))?.get(because.policy_index?)?;
        let index = because.statement?;
        let statement = source.document.statements.get(index)?;
        for condition in &statement.conditions {
            if !self.may_choose(condition) {
                continue;
            }
            for values in values_for(condition, &[], request.context(), false) {
                let found = self.step(
                    request,
                    (because.layer, source, index, statement),
                    &[(condition, values)],
                    most,
                );
                if found.is_some() {
                    return found;
                }
            }
        }
        None
    }

    /// Meets the conditions of a statement, or of a grant, that could allow.
    fn meet(&mut self, request: &Request, because: &Because, most: usize) -> Option<Conditional> {
        let policies = self.policies;
        // Where the caller's own policies do not allow, the resource's may admit the caller without them.
        let own = matches!(because.layer, Layer::Identity | Layer::Boundary | Layer::Session);
        let layers = [Some(because.layer), own.then_some(Layer::Resource)];
        for layer in layers.into_iter().flatten() {
            let levels = levels_of(layer, request.principal(), policies).unwrap_or_default();
            for (level, sources) in levels.into_iter().enumerate() {
                if because.layer == layer && because.level.is_some_and(|missing| missing != level) {
                    continue;
                }
                for source in sources {
                    for (index, statement) in source.document.statements.iter().enumerate() {
                        let found = self.meet_statement(request, (layer, source, index, statement), most);
                        if found.is_some() {
                            return found;
                        }
                    }
                }
            }
        }
        let by_grant = matches!(because.layer, Layer::Resource | Layer::Grant) || own;
        let grants = policies.grants.iter().filter(|_| by_grant);
        grants.into_iter().find_map(|grant| self.meet_grant(request, grant, most))
    }

    fn meet_statement(&mut self, request: &Request, at: At<'_>, most: usize) -> Option<Conditional> {
        let (layer, source, index, statement) = at;
        if statement.effect == Effect::Deny
            || !self.counts(layer, index, statement)
            // A boundary bears on a Deny alone.
            || statement.speaks_of(request, false, source).is_none()
        {
            return None;
        }
        let unmet = |condition: &&Condition| !condition.holds(request.context());
        let unmet: Vec<&Condition> = statement.conditions.iter().filter(unmet).collect();
        if unmet.is_empty() || !unmet.iter().all(|condition| self.may_choose(condition)) {
            return None;
        }
        let mut ways = Vec::new();
        meet_all(&unmet, statement, request.context(), &mut Vec::new(), &mut ways);
        ways.into_iter().find_map(|way| self.step(request, at, &way, most))
    }

    fn meet_grant(&mut self, request: &Request, grant: &Grant, most: usize) -> Option<Conditional> {
        let fits =
            grant.usable && grant.covers(request.action()) && grant.names(request.principal()).is_some();
        let pairs = grant.constraint.iter().filter(|_| !grant.carries(request)).flat_map(|constraint| {
            let key = |name: &Arc<str>| Arc::from(format!("{}{name}", constraint.prefix));
            constraint.pairs.iter().map(move |(name, value)| (key(name), value.clone()))
        });
        let source = grant.source.iter().filter(|_| !grant.has_source(request));
        let unmet: Vec<(Arc<str>, Arc<str>)> =
            pairs.chain(source.map(|source| (source.key.clone(), source.value.clone()))).collect();
        let is_free = |(key, _): &(Arc<str>, Arc<str>)| {
            let is_chosen = self.given.iter().any(|(given, _)| given.eq_ignore_ascii_case(key));
            !is_chosen && (self.openness.is_open)(&key.to_lowercase())
        };
        if !fits || unmet.is_empty() || !unmet.iter().all(is_free) {
            return None;
        }
        let mut context = request.context().clone();
        let mut conditions = Vec::new();
        let before = self.given.len();
        for (key, value) in unmet {
            context.set(key.clone(), value.clone());
            self.given.push((key.clone(), vec![value.clone()]));
            let (operator, values) = ("StringEquals".into(), vec![value]);
            conditions.push(LeftCondition { operator, key, values });
        }
        self.steps.push(Proviso {
            layer: Layer::Grant,
            policy: grant.id.clone(),
            statement: None,
            sid: None,
            effect: Effect::Allow,
            conditions,
        });
        let found = self.go(&request.under(context), most);
        self.steps.pop();
        self.given.truncate(before);
        found
    }

    /// Whether a condition is about an open key that has not been given a value on the way.
    fn may_choose(&self, condition: &Condition) -> bool {
        let chosen = self.given.iter().any(|(key, _)| key.eq_ignore_ascii_case(&condition.key.text));
        is_left_to(condition, self.openness.is_open) && !chosen
    }

    /// Goes on with the keys of some conditions given values.
    fn step(
        &mut self,
        request: &Request,
        (layer, source, index, statement): At<'_>,
        way: &[(&Condition, Values)],
        most: usize,
    ) -> Option<Conditional> {
        let before = self.given.len();
        let mut context = request.context().clone();
        for (condition, values) in way {
            give(&mut context, condition, values);
            self.given.push((condition.key.text.clone(), values.clone()));
        }
        // Of an Allow, whatever looks at a key that was given has to hold; of a Deny, what was broken.
        let is_left = |condition: &&Condition| match statement.effect {
            Effect::Allow => way.iter().any(|(given, _)| given.folded_key == condition.folded_key),
            Effect::Deny => way.iter().any(|(given, _)| std::ptr::eq(*given, *condition)),
        };
        let left = statement.conditions.iter().filter(is_left);
        self.steps.push(Proviso {
            layer,
            policy: source.name.clone(),
            statement: Some(index),
            sid: statement.sid.as_ref().map(|sid| sid.text.clone()),
            effect: statement.effect,
            conditions: left.map(LeftCondition::of).collect(),
        });
        let found = self.go(&request.under(context), most);
        self.steps.pop();
        self.given.truncate(before);
        found
    }
}

/// A statement with its place: layer, policy and number.
type At<'a> = (Layer, &'a Source, usize, &'a Statement);

/// The values of a condition key; none if it is absent.
type Values = Vec<Arc<str>>;

impl LeftCondition {
    fn of(condition: &Condition) -> Self {
        Self {
            operator: condition.operator_source.text.clone(),
            key: condition.key.text.clone(),
            values: condition.values.iter().map(|value| value.text.clone()).collect(),
        }
    }
}

fn give(context: &mut Context, condition: &Condition, values: &Values) {
    if values.is_empty() {
        context.remove(&condition.key.text);
    } else {
        context.set_many(condition.key.text.clone(), values.iter().cloned());
    }
}

/// Collects ways to meet some conditions of a statement such that all of its conditions hold.
fn meet_all<'a>(
    unmet: &[&'a Condition],
    statement: &Statement,
    context: &Context,
    way: &mut Vec<(&'a Condition, Values)>,
    ways: &mut Vec<Vec<(&'a Condition, Values)>>,
) {
    if ways.len() >= MOST_WAYS {
        return;
    }
    let Some((first, rest)) = unmet.split_first() else {
        if statement.conditions.iter().all(|condition| condition.holds(context)) {
            ways.push(way.clone());
        }
        return;
    };
    if first.holds(context) {
        // A value chosen for another condition on the same key meets this one, too.
        way.push((first, context.get(&first.key.text).unwrap_or_default().to_vec()));
        meet_all(rest, statement, context, way, ways);
        way.pop();
        return;
    }
    for values in values_for(first, &statement.conditions, context, true) {
        let mut context = context.clone();
        give(&mut context, first, &values);
        way.push((first, values));
        meet_all(rest, statement, &context, way, ways);
        way.pop();
    }
}

/// Values of a condition's key with which the condition holds, or does not. Conditions beside it that look at the same key
/// have a say in which are tried.
fn values_for(condition: &Condition, beside: &[Condition], context: &Context, holds: bool) -> Vec<Values> {
    let of_key = |other: &&Condition| other.folded_key == condition.folded_key;
    let texts = beside.iter().filter(of_key).chain([condition]).flat_map(|asking| {
        asking.values.iter().zip(&asking.operands).flat_map(|(value, operand)| {
            let text = operand.resolved(context).unwrap_or_else(|| value.text.to_string());
            instances(asking.operator.test, &text)
        })
    });
    let others = others(condition.operator.test).iter().map(|text| (*text).to_owned());
    let present: Vec<String> = texts.chain(others).collect();
    let one = |text: String| vec![Arc::from(text)];
    let is_so = |values: &Values| {
        let mut context = context.clone();
        give(&mut context, condition, values);
        condition.holds(&context) == holds
    };
    present.into_iter().map(one).chain([Vec::new()]).filter(is_so).collect()
}

/// Values like one of a policy.
fn instances(test: Test, sample: &str) -> Vec<String> {
    match test {
        Test::StringEquals | Test::StringEqualsIgnoreCase | Test::Bool | Test::Binary | Test::Null => {
            vec![sample.to_owned()]
        }
        Test::StringLike | Test::Arn => {
            let literal = sample.replace("${*}", "*").replace("${?}", "?").replace("${$}", "$");
            vec![sample.replace(['*', '?'], "x"), sample.replace('*', ""), literal]
        }
        Test::Numeric(comparison) => {
            let number = sample.parse::<f64>().ok();
            let beside = |number: f64| match comparison {
                Comparison::LessThan | Comparison::LessThanEquals => number - 1.0,
                Comparison::Equals | Comparison::GreaterThan | Comparison::GreaterThanEquals => number + 1.0,
            };
            std::iter::once(sample.to_owned())
                .chain(number.map(|number| beside(number).to_string()))
                .collect()
        }
        Test::Date(_) => vec![sample.to_owned()],
        Test::IpAddress => sample.split('/').next().map(str::to_owned).into_iter().collect(),
    }
}

/// Values that few policies name.
fn others(test: Test) -> &'static [&'static str] {
    match test {
        Test::StringEquals | Test::StringEqualsIgnoreCase | Test::StringLike => &["another"],
        Test::Numeric(_) => &["0", "1000000"],
        Test::Date(_) => &["1971-01-01T00:00:00Z", "2999-01-01T00:00:00Z"],
        Test::Bool => &["true", "false"],
        Test::Binary => &["AA=="],
        Test::IpAddress => &["192.0.2.1", "203.0.113.1", "2001:db8::1"],
        Test::Arn => &["arn:aws:iam::999988887777:role/another"],
        Test::Null => &["present"],
    }
}
